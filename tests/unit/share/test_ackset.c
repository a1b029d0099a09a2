/* test_ackset.c - spans of acknowledged numbers, against a plain bitmap. */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include "core/rc.h"
#include "share/ackset.h"
#include "unit_main.h"

#define ROWS(table) ((int)(sizeof(table) / sizeof(table)[0]))

static const struct {
    const char *sentence;
    uint64_t add[8]; /* ends with 0 */
    const char *spans;
    uint64_t contiguous;
} add_rows[] = {
    {"nothing", {0}, "", 0},
    {"the first number", {1}, "1-1", 1},
    {"in order", {1, 2, 3}, "1-3", 3},
    {"the second alone is not contiguous", {2}, "2-2", 0},
    {"backwards", {3, 2, 1}, "1-3", 3},
    {"a hole", {1, 3}, "1-1,3-3", 1},
    {"the hole filled", {1, 3, 2}, "1-3", 3},
    {"twice is once", {1, 1, 2, 2}, "1-2", 2},
    {"history and new messages side by side", {1, 100, 2, 101, 102}, "1-2,100-102", 2},
    {"grown together", {1, 2, 5, 4, 3}, "1-5", 5},
    {"before the first span", {7, 5}, "5-5,7-7", 0},
    {"the largest number", {9223372036854775807u}, "9223372036854775807-9223372036854775807", 0},
    {"no ledger number", {9223372036854775808u}, "", 0},
};

START_TEST(adding)
{
    struct ackset a = {0};
    for (size_t i = 0; add_rows[_i].add[i] != 0; i++)
        ackset_add(&a, add_rows[_i].add[i]);
    char text[ACKSET_TEXT];
    ackset_to_text(&a, text);
    ck_assert_msg(strcmp(text, add_rows[_i].spans) == 0, "%s: %s", add_rows[_i].sentence, text);
    ck_assert_msg(ackset_contiguous(&a) == add_rows[_i].contiguous, "%s", add_rows[_i].sentence);
}
END_TEST

START_TEST(zero_is_never_in_it)
{
    struct ackset a = {0};
    ackset_add(&a, 0);
    ck_assert_uint_eq(a.n, 0);
    ck_assert(!ackset_has(&a, 0));
    ck_assert_uint_eq(ackset_next_missing(&a, 0), 1);
    ackset_add(&a, 1);
    ck_assert_uint_eq(ackset_next_missing(&a, 0), 2);
}
END_TEST

static void fill_with_every_second(struct ackset *a)
{
    *a = (struct ackset){0};
    for (uint64_t i = 0; i < ACKSET_SPANS; i++)
        ackset_add(a, 1 + 2 * i);
    ck_assert_uint_eq(a->n, ACKSET_SPANS);
}

START_TEST(a_full_set_forgets_the_highest_of_the_shortest)
{
    struct ackset a;
    fill_with_every_second(&a); /* 1, 3 … 63 */
    ackset_add(&a, 101);
    ck_assert(!ackset_has(&a, 101)); /* it would be the highest itself */
    ck_assert_uint_eq(a.n, ACKSET_SPANS);
    ackset_add(&a, 64); /* joins 63 */
    ck_assert(ackset_has(&a, 64));
    ackset_add(&a, 2); /* joins 1 and 3, so there is room */
    ackset_add(&a, 101);
    ck_assert(ackset_has(&a, 101) && a.n == ACKSET_SPANS);
    ackset_add(&a, 99);
    ck_assert(ackset_has(&a, 99) && !ackset_has(&a, 101));
    ck_assert(ackset_has(&a, 63) && ackset_has(&a, 64));
}
END_TEST

START_TEST(a_full_set_keeps_long_spans_and_the_first)
{
    struct ackset a = {0};
    ackset_add(&a, 1);
    for (uint64_t i = 1; i < ACKSET_SPANS; i++)
        for (uint64_t j = 0; j < 2; j++)
            ackset_add(&a, 10 * i + j);
    struct ackset before = a;
    ackset_add(&a, 15); /* one number is less than any two */
    ck_assert_int_eq(memcmp(&a, &before, sizeof a), 0);
    ck_assert_uint_eq(ackset_contiguous(&a), 1);

    struct ackset b = {0};
    for (uint64_t i = 1; i <= ACKSET_SPANS; i++)
        ackset_add(&b, 10 * i);
    ackset_add(&b, 1); /* the first number always finds room */
    ck_assert_uint_eq(ackset_contiguous(&b), 1);
    ck_assert_uint_eq(b.n, ACKSET_SPANS);
}
END_TEST

/* Random acknowledgements in a window, as two streams give them: the set never has a number that the bitmap
 * has not, and exactly the bitmap's while the bitmap has no more spans than fit. */
#define NUMBERS 600
static bool bitmap[NUMBERS + 2];

static size_t bitmap_spans(void)
{
    size_t n = 0;
    for (int i = 1; i <= NUMBERS; i++)
        n += bitmap[i] && !bitmap[i - 1];
    return n;
}

static void compare(const struct ackset *a, bool exact)
{
    uint64_t contiguous = 0;
    for (uint64_t i = 1; i <= NUMBERS; i++) {
        bool has = ackset_has(a, i);
        if (has && contiguous == i - 1)
            contiguous = i;
        if (has != bitmap[i] && (exact || has))
            ck_abort_msg("number %u", (unsigned)i);
    }
    ck_assert_uint_eq(ackset_contiguous(a), contiguous);
    uint64_t missing = NUMBERS + 1;
    for (uint64_t from = NUMBERS + 1; from-- > 1;) {
        if (!ackset_has(a, from))
            missing = from;
        if (ackset_next_missing(a, from) != missing)
            ck_abort_msg("next missing from %u", (unsigned)from);
    }
    for (size_t i = 0; i < a->n; i++)
        if (a->span[i].from > a->span[i].to || (i > 0 && a->span[i].from <= a->span[i - 1].to + 1))
            ck_abort_msg("span %zu", i);
    char text[ACKSET_TEXT];
    ackset_to_text(a, text);
    struct ackset back = {0};
    ck_assert_int_eq(ackset_from_text(text, &back), RC_OK);
    ck_assert(back.n == a->n && memcmp(back.span, a->span, a->n * sizeof a->span[0]) == 0);
}

static uint64_t random_state = 88172645463325252u;

static uint64_t random_below(uint64_t n)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state % n;
}

START_TEST(random_acknowledgements)
{
    for (int round = 0; round < 30; round++) {
        struct ackset a = {0};
        memset(bitmap, 0, sizeof bitmap);
        uint64_t window = 1 + random_below(round % 3 == 0 ? NUMBERS : 40); /* wide ones overflow the spans */
        bool exact = true;
        for (int i = 0; i < 400; i++) {
            uint64_t base = random_below(2) == 0 ? ackset_contiguous(&a) : 300;
            uint64_t seq = 1 + (base + random_below(window)) % NUMBERS;
            ackset_add(&a, seq);
            bitmap[seq] = true;
            exact = exact && bitmap_spans() <= ACKSET_SPANS;
            if (i % 10 == 0)
                compare(&a, exact);
        }
        compare(&a, exact);
    }
}
END_TEST

START_TEST(sent_again_until_all_is_acknowledged)
{
    struct ackset a = {0};
    int sent = 0;
    while (ackset_contiguous(&a) < NUMBERS) { /* whatever it forgets, it ends */
        uint64_t next = ackset_next_missing(&a, 1 + random_below(NUMBERS));
        if (next > NUMBERS)
            next = ackset_next_missing(&a, 1);
        ackset_add(&a, next);
        if (sent % 7 == 0)
            ackset_add(&a, ackset_next_missing(&a, 1));
        ck_assert_int_lt(sent++, 200000);
    }
    ck_assert_uint_eq(a.n, 1);
}
END_TEST

START_TEST(the_longest_text_fits)
{
    struct ackset a = {.n = ACKSET_SPANS};
    for (size_t i = 0; i < ACKSET_SPANS; i++) {
        a.span[i].from = INT64_MAX - 4 * (ACKSET_SPANS - i);
        a.span[i].to = a.span[i].from + 1;
    }
    char text[ACKSET_TEXT];
    ackset_to_text(&a, text);
    struct ackset back = {0};
    ck_assert_int_eq(ackset_from_text(text, &back), RC_OK);
    ck_assert_int_eq(memcmp(&a, &back, sizeof a), 0);
}
END_TEST

static const struct {
    const char *sentence, *text;
    int rc;
} text_rows[] = {
    {"no span", "", RC_OK},
    {"one", "1-500", RC_OK},
    {"two", "1-500,1001-1200", RC_OK},
    {"one number", "7-7", RC_OK},
    {"a comma at the end", "1-5,", RC_PARSE},
    {"a comma at the start", ",1-5", RC_PARSE},
    {"two commas", "1-5,,7-8", RC_PARSE},
    {"half a span", "1-", RC_PARSE},
    {"a number alone", "5", RC_PARSE},
    {"a blank", "1-5, 7-8", RC_PARSE},
    {"a word", "all", RC_PARSE},
    {"a leading zero", "01-5", RC_PARSE},
    {"zero is no number of a ledger", "0-5", RC_PARSE},
    {"backwards", "5-1", RC_RANGE},
    {"not ascending", "10-20,1-5", RC_RANGE},
    {"overlapping", "1-5,5-8", RC_RANGE},
    {"not apart", "1-5,6-8", RC_RANGE},
    {"apart", "1-5,7-8", RC_OK},
    {"the largest number", "1-9223372036854775807", RC_OK},
    {"one more", "1-9223372036854775808", RC_RANGE},
    {"much more", "1-99999999999999999999999", RC_RANGE},
};

START_TEST(reading_back)
{
    struct ackset a = {.n = 77};
    int rc = ackset_from_text(text_rows[_i].text, &a);
    ck_assert_msg(rc == text_rows[_i].rc, "%s: rc %d", text_rows[_i].sentence, rc);
    if (rc != RC_OK) {
        ck_assert_msg(a.n == 77, "%s: the result was touched", text_rows[_i].sentence);
        return;
    }
    char text[ACKSET_TEXT];
    ackset_to_text(&a, text);
    ck_assert_str_eq(text, text_rows[_i].text);
}
END_TEST

START_TEST(one_span_too_many)
{
    char text[ACKSET_TEXT + 64];
    size_t n = 0;
    for (int i = 0; i < ACKSET_SPANS + 1; i++) {
        struct ackset a = {0};
        n += (size_t)snprintf(text + n, sizeof text - n, "%s%d-%d", i > 0 ? "," : "", 2 * i + 1, 2 * i + 1);
        ck_assert_int_eq(ackset_from_text(text, &a), i < ACKSET_SPANS ? RC_OK : RC_RANGE);
    }
}
END_TEST

Suite *unit_suite(void)
{
    Suite *s = suite_create("ackset");
    TCase *c = tcase_create("ackset");
    tcase_set_timeout(c, 120);
    tcase_add_loop_test(c, adding, 0, ROWS(add_rows));
    tcase_add_test(c, zero_is_never_in_it);
    tcase_add_test(c, a_full_set_forgets_the_highest_of_the_shortest);
    tcase_add_test(c, a_full_set_keeps_long_spans_and_the_first);
    tcase_add_test(c, random_acknowledgements);
    tcase_add_test(c, sent_again_until_all_is_acknowledged);
    tcase_add_test(c, the_longest_text_fits);
    tcase_add_loop_test(c, reading_back, 0, ROWS(text_rows));
    tcase_add_test(c, one_span_too_many);
    suite_add_tcase(s, c);
    return s;
}
