#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "publish/history_request.h"
#include "unit_main.h"

#define S_NS INT64_C(1000000000)

static const struct {
    const char *sentence, *text;
    enum history_verdict verdict;
    int64_t from, to;
    const char *ledger;
} rows[] = {
    {"a range", "{\"from\":1,\"to\":900}", HISTORY_TAKEN, 1, 900, ""},
    {"one number", "{\"from\":7,\"to\":7}", HISTORY_TAKEN, 7, 7, ""},
    {"the order of members is free", " { \"to\" : 9 , \"from\" : 8 } ", HISTORY_TAKEN, 8, 9, ""},
    {"a ledger is named", "{\"from\":1,\"to\":2,\"ledger\":\"0badcafe\"}", HISTORY_TAKEN, 1, 2, "0badcafe"},
    {"members of a later version do no harm", "{\"from\":1,\"to\":2,\"id\":\"x\"}", HISTORY_TAKEN, 1, 2, ""},
    {"100000 numbers are the most", "{\"from\":1,\"to\":100000}", HISTORY_TAKEN, 1, 100000, ""},
    {"100001 are too many", "{\"from\":1,\"to\":100001}", HISTORY_RANGE, 1, 100001, ""},
    {"the largest numbers do not overflow", "{\"from\":1,\"to\":9223372036854775807}", HISTORY_RANGE, 1,
     INT64_MAX, ""},
    {"the last numbers there can be", "{\"from\":9223372036854775806,\"to\":9223372036854775807}",
     HISTORY_TAKEN, INT64_MAX - 1, INT64_MAX, ""},
    {"from 0", "{\"from\":0,\"to\":9}", HISTORY_RANGE, 0, 9, ""},
    {"from below 0", "{\"from\":-9223372036854775808,\"to\":9}", HISTORY_RANGE, INT64_MIN, 9, ""},
    {"from behind to", "{\"from\":10,\"to\":9}", HISTORY_RANGE, 10, 9, ""},
    {"no from", "{\"to\":9}", HISTORY_MALFORMED, 0, 0, ""},
    {"no to", "{\"from\":9}", HISTORY_MALFORMED, 0, 0, ""},
    {"a number as text", "{\"from\":\"1\",\"to\":9}", HISTORY_MALFORMED, 0, 0, ""},
    {"a number with a point", "{\"from\":1.0,\"to\":9}", HISTORY_MALFORMED, 0, 0, ""},
    {"a number above 64 bits", "{\"from\":1,\"to\":9223372036854775808}", HISTORY_MALFORMED, 0, 0, ""},
    {"null", "{\"from\":null,\"to\":9}", HISTORY_MALFORMED, 0, 0, ""},
    {"one key twice", "{\"from\":1,\"from\":2,\"to\":9}", HISTORY_MALFORMED, 0, 0, ""},
    {"a ledger that is no text", "{\"from\":1,\"to\":2,\"ledger\":7}", HISTORY_MALFORMED, 0, 0, ""},
    {"an empty ledger", "{\"from\":1,\"to\":2,\"ledger\":\"\"}", HISTORY_MALFORMED, 0, 0, ""},
    {"a ledger with a NUL", "{\"from\":1,\"to\":2,\"ledger\":\"a\\u0000b\"}", HISTORY_MALFORMED, 0, 0, ""},
    {"no object", "[1,2]", HISTORY_MALFORMED, 0, 0, ""},
    {"a bare number", "7", HISTORY_MALFORMED, 0, 0, ""},
    {"no JSON", "from 1 to 9", HISTORY_MALFORMED, 0, 0, ""},
    {"text behind the object", "{\"from\":1,\"to\":2} x", HISTORY_MALFORMED, 0, 0, ""},
    {"bad UTF-8", "{\"from\":1,\"to\":2,\"x\":\"\xff\"}", HISTORY_MALFORMED, 0, 0, ""},
    {"nothing", "", HISTORY_MALFORMED, 0, 0, ""},
};

START_TEST(a_request_is_read_strictly)
{
    struct history_request r;
    ck_assert_msg(history_request_parse(rows[_i].text, strlen(rows[_i].text), &r) == rows[_i].verdict, "%s",
                  rows[_i].sentence);
    ck_assert_msg(r.has_range == (rows[_i].verdict != HISTORY_MALFORMED), "%s", rows[_i].sentence);
    ck_assert_msg(r.from == rows[_i].from && r.to == rows[_i].to, "%s", rows[_i].sentence);
    ck_assert_msg(strcmp(r.ledger, rows[_i].ledger) == 0, "%s", rows[_i].sentence);
}
END_TEST

START_TEST(what_is_huge_or_deep_is_malformed)
{
    struct history_request r;
    char text[HISTORY_MOST_BYTES + 2];
    memset(text, ' ', sizeof text);
    memcpy(text, "{\"from\":1,\"to\":2}", 17);
    ck_assert_int_eq(history_request_parse(text, HISTORY_MOST_BYTES, &r), HISTORY_TAKEN);
    ck_assert_int_eq(history_request_parse(text, HISTORY_MOST_BYTES + 1, &r), HISTORY_MALFORMED);
    memset(text, '[', sizeof text);
    ck_assert_int_eq(history_request_parse(text, HISTORY_MOST_BYTES, &r), HISTORY_MALFORMED);
    char nul[] = "{\"from\":1,\0\"to\":2}";
    ck_assert_int_eq(history_request_parse(nul, sizeof nul - 1, &r), HISTORY_MALFORMED);
    char name[HISTORY_LEDGER + 40];
    snprintf(name, sizeof name, "{\"from\":1,\"to\":2,\"ledger\":\"%0*d\"}", HISTORY_LEDGER - 1, 0);
    ck_assert_int_eq(history_request_parse(name, strlen(name), &r), HISTORY_TAKEN);
    snprintf(name, sizeof name, "{\"from\":1,\"to\":2,\"ledger\":\"%0*d\"}", HISTORY_LEDGER, 0);
    ck_assert_int_eq(history_request_parse(name, strlen(name), &r), HISTORY_MALFORMED);
}
END_TEST

static void put(struct history_line *line, const char *text, int64_t now_ns)
{
    history_line_put(line, text, strlen(text), now_ns);
}

START_TEST(one_is_answered_four_wait_the_next_is_busy)
{
    struct history_line line = {0};
    struct history_refusal no;
    char text[40];
    history_line_reset(&line, 0);
    for (int i = 1; i <= 6; i++) {
        snprintf(text, sizeof text, "{\"from\":%d,\"to\":%d}", i, i);
        put(&line, text, 0);
    }
    ck_assert(line.active);
    ck_assert_uint_eq(line.waiting, 4);
    ck_assert(history_line_refusal(&line, &no));
    ck_assert_int_eq(no.verdict, HISTORY_BUSY);
    ck_assert_int_eq(no.request.from, 6);
    ck_assert(!history_line_refusal(&line, &no));
    for (int i = 1; i <= 5; i++) {
        ck_assert(line.active);
        ck_assert_int_eq(line.request.from, i);
        history_line_answered(&line);
    }
    ck_assert(!line.active);
}
END_TEST

START_TEST(a_bad_request_takes_no_place_in_the_line)
{
    struct history_line line = {0};
    struct history_refusal no;
    history_line_reset(&line, 0);
    put(&line, "rubbish", 0);
    put(&line, "{\"from\":2,\"to\":1}", 0);
    ck_assert(!line.active);
    ck_assert(history_line_refusal(&line, &no));
    ck_assert_str_eq(history_verdict_name(no.verdict), "malformed");
    ck_assert(history_line_refusal(&line, &no));
    ck_assert_str_eq(history_verdict_name(no.verdict), "range");
}
END_TEST

START_TEST(a_request_a_second_is_always_taken)
{
    struct history_line line = {0};
    history_line_reset(&line, 0);
    for (int i = 0; i < 1000; i++) {
        put(&line, "{\"from\":1,\"to\":1}", i * S_NS);
        ck_assert(line.active);
        history_line_answered(&line);
    }
    ck_assert_uint_eq(line.dropped, 0);
}
END_TEST

START_TEST(a_flood_is_cut_off_before_it_is_read)
{
    struct history_line line = {0};
    struct history_refusal no;
    unsigned told = 0;
    history_line_reset(&line, 0);
    for (int i = 0; i < 10000; i++) { /* one second of it */
        put(&line, "rubbish", S_NS * i / 10000);
        if (i % 1000 == 999)
            while (history_line_refusal(&line, &no))
                told++;
    }
    ck_assert_uint_le(told, HISTORY_BURST + HISTORY_RATE);
    ck_assert_uint_ge(line.dropped, 10000 - HISTORY_BURST - HISTORY_RATE);
    /* and a second later an honest one gets through */
    put(&line, "{\"from\":1,\"to\":1}", 2 * S_NS);
    ck_assert(line.active);
}
END_TEST

START_TEST(refusals_do_not_pile_up)
{
    struct history_line line = {0};
    struct history_refusal no;
    size_t n = 0;
    history_line_reset(&line, 0);
    for (int i = 0; i < HISTORY_REFUSALS + 3; i++)
        put(&line, "x", 0);
    while (history_line_refusal(&line, &no))
        n++;
    ck_assert_uint_eq(n, HISTORY_REFUSALS);
    ck_assert_uint_eq(line.dropped, 3);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *s = suite_create("history_request");
    TCase *t = tcase_create("requests");
    tcase_add_loop_test(t, a_request_is_read_strictly, 0, sizeof rows / sizeof rows[0]);
    tcase_add_test(t, what_is_huge_or_deep_is_malformed);
    tcase_add_test(t, one_is_answered_four_wait_the_next_is_busy);
    tcase_add_test(t, a_bad_request_takes_no_place_in_the_line);
    tcase_add_test(t, a_request_a_second_is_always_taken);
    tcase_add_test(t, a_flood_is_cut_off_before_it_is_read);
    tcase_add_test(t, refusals_do_not_pile_up);
    suite_add_tcase(s, t);
    return s;
}
