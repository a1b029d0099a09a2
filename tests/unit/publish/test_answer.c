#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "core/rc.h"
#include "fake/fake_ledger.h"
#include "publish/answer.h"
#include "unit_main.h"

#define LEDGER "0badcafe"

static struct ledger_reader *reader;
static struct answer answer;

static void fill(unsigned rows)
{
    for (unsigned i = 1; i <= rows; i++) {
        char payload[32];
        snprintf(payload, sizeof payload, "{\"seq\":%u}", i);
        (void)fake_ledger_add(LEDGER_ENERGY, "meter/m1/energy", payload);
    }
}

static void begin(void)
{
    ck_assert_int_eq(ledger_reader_open("none", &reader), RC_OK);
    answer_init(&answer);
}

static void end(void)
{
    answer_done(&answer);
    ledger_reader_close(reader);
    fake_ledger_fail(false);
    fake_ledger_clear();
}

/* The answer in short: "5 6 [7-9 damage] 10 =3 5-10": rows, gaps, rows told and the range told back. */
static void ask(int64_t from, int64_t to, const char *ledger, char out[2048])
{
    struct history_request request = {.has_range = true, .from = from, .to = to};
    struct text_buf text = {0};
    enum answer_step step = ANSWER_MORE;
    snprintf(request.ledger, sizeof request.ledger, "%s", ledger);
    out[0] = '\0';
    while (step == ANSWER_MORE) {
        unsigned a = 0, b = 0, n = 0;
        char reason[20] = "", more[96] = "";
        text_buf_clear(&text);
        step = answer_next(&answer, &request, reader, LEDGER, fake_ledger_last(), "P/", 0, &text);
        const char *gap = strstr(text.data, "\"gap\":"), *get = strstr(text.data, "\"get\":");
        if (gap != NULL &&
            sscanf(gap, "\"gap\":{\"from\":%u,\"to\":%u,\"reason\":\"%19[a-z]", &a, &b, reason) == 3)
            snprintf(more, sizeof more, "[%u-%u %s]", a, b, reason);
        else if (get != NULL && sscanf(get, "\"get\":{\"from\":%u,\"to\":%u},\"rows\":%u", &a, &b, &n) == 3)
            snprintf(more, sizeof more, "=%u %u-%u", n, a, b);
        else if (sscanf(text.data, "{\"topic\":\"P/meter/m1/energy\",\"payload\":{\"seq\":%u}}", &n) == 1)
            snprintf(more, sizeof more, "%u", n);
        else
            ck_abort_msg("not understood: %s", text.data);
        strcat(strcat(out, out[0] == '\0' ? "" : " "), more);
    }
    ck_assert_int_eq(step, ANSWER_LAST);
    text_buf_done(&text);
}

START_TEST(rows_and_their_number)
{
    char out[2048];
    fill(9);
    ask(2, 4, "", out);
    ck_assert_str_eq(out, "2 3 4 =3 2-4");
    ask(9, 9, LEDGER, out);
    ck_assert_str_eq(out, "9 =1 9-9");
}
END_TEST

START_TEST(a_number_not_yet_given_is_no_gap)
{
    char out[2048];
    ask(1, 5, "", out);
    ck_assert_str_eq(out, "=0 1-0");
    fill(3);
    ask(2, 100, "", out);
    ck_assert_str_eq(out, "2 3 =2 2-3");
    ask(4, 9, "", out);
    ck_assert_str_eq(out, "=0 4-3");
}
END_TEST

START_TEST(runs_of_missing_numbers_are_gaps)
{
    char out[2048];
    fill(20);
    fake_ledger_forget(1, 3, NULL);
    fake_ledger_forget(7, 9, "damage");
    fake_ledger_forget(10, 11, "size");
    fake_ledger_forget(20, 20, NULL);
    ask(1, 20, "", out);
    ck_assert_str_eq(
        out,
        "[1-3 retention] 4 5 6 [7-9 damage] [10-11 size] 12 13 14 15 16 17 18 19 [20-20 retention] =11 1-20");
    ask(2, 8, "", out);
    ck_assert_str_eq(out, "[2-3 retention] 4 5 6 [7-8 damage] =3 2-8");
}
END_TEST

START_TEST(gaps_over_the_ends_of_batches)
{
    char out[2048];
    fill(3 * FEED_ROWS);
    fake_ledger_forget(FEED_ROWS, FEED_ROWS + 1, NULL);
    fake_ledger_forget(FEED_ROWS + 3, 3 * FEED_ROWS - 1, NULL);
    ask(FEED_ROWS - 1, 3 * FEED_ROWS, "", out);
    ck_assert_str_eq(out, "31 [32-33 retention] 34 [35-95 retention] 96 =3 31-96");
}
END_TEST

START_TEST(another_ledger_is_one_gap)
{
    char out[2048];
    fill(5);
    ask(2, 400, "12345678", out);
    ck_assert_str_eq(out, "[2-400 ledger] =0 2-400");
}
END_TEST

START_TEST(a_ledger_that_cannot_be_read_is_asked_again)
{
    const struct history_request request = {.has_range = true, .from = 1, .to = 2};
    struct text_buf text = {0};
    fill(2);
    fake_ledger_fail(true);
    ck_assert_int_eq(answer_next(&answer, &request, reader, LEDGER, 2, "P/", 0, &text), ANSWER_LATER);
    ck_assert_int_eq(answer.feed.rc, RC_IO);
    ck_assert_uint_eq(text.len, 0);
    fake_ledger_fail(false);
    ck_assert_int_eq(answer_next(&answer, &request, reader, LEDGER, 2, "P/", 0, &text), ANSWER_MORE);
    ck_assert_str_eq(text.data, "{\"topic\":\"P/meter/m1/energy\",\"payload\":{\"seq\":1}}");
    text_buf_done(&text);
}
END_TEST

START_TEST(a_gap_row_comes_as_it_is)
{
    const struct history_request request = {.has_range = true, .from = 1, .to = 1};
    struct text_buf text = {0};
    (void)fake_ledger_add(LEDGER_GAP, "", "{\"seq\":1,\"gap\":{}}");
    ck_assert_int_eq(answer_next(&answer, &request, reader, LEDGER, 1, "P/", 0, &text), ANSWER_MORE);
    ck_assert_str_eq(text.data, "{\"seq\":1,\"gap\":{}}");
    text_buf_done(&text);
}
END_TEST

START_TEST(a_retained_feed_leaves_out_what_was_overtaken)
{
    struct retained_feed feed;
    const struct ledger_row *row;
    (void)fake_ledger_add(LEDGER_ENERGY, "meter/m1/energy", "{}");
    (void)fake_ledger_add(LEDGER_ENERGY, "meter/m2/energy", "{}");
    (void)fake_ledger_add(LEDGER_ENERGY, "meter/m3/energy", "{}");
    (void)fake_ledger_add(LEDGER_ENERGY, "meter/m4/energy", "{}");
    retained_feed_begin(&feed, 0);
    row = retained_feed_look(&feed, reader, 3);
    ck_assert_uint_eq(row->seq, 1);
    retained_feed_overtake(&feed, "meter/m2/energy");
    retained_feed_next(&feed);
    row = retained_feed_look(&feed, reader, 3);
    ck_assert_msg(row != NULL && row->seq == 3, "m2 was overtaken");
    retained_feed_next(&feed);
    ck_assert_msg(retained_feed_look(&feed, reader, 3) == NULL, "m4 was stored after the connection came up");
    ck_assert(feed.ended);
    retained_feed_done(&feed);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *s = suite_create("answer");
    TCase *t = tcase_create("answers");
    tcase_add_checked_fixture(t, begin, end);
    tcase_add_test(t, rows_and_their_number);
    tcase_add_test(t, a_number_not_yet_given_is_no_gap);
    tcase_add_test(t, runs_of_missing_numbers_are_gaps);
    tcase_add_test(t, gaps_over_the_ends_of_batches);
    tcase_add_test(t, another_ledger_is_one_gap);
    tcase_add_test(t, a_ledger_that_cannot_be_read_is_asked_again);
    tcase_add_test(t, a_gap_row_comes_as_it_is);
    tcase_add_test(t, a_retained_feed_leaves_out_what_was_overtaken);
    suite_add_tcase(s, t);
    return s;
}
