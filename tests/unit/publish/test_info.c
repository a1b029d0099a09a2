#include <stdlib.h>
#include <string.h>
#include "publish/info.h"
#include "unit_main.h"

static struct info_bus buses[] = {{"north", "open"}, {"south", "lost"}};

static struct info info(uint64_t last, uint64_t acked)
{
    return (struct info){.ts_utc_ms = 0,
                         .version = "0.1.0",
                         .config_sha256 = "ab12",
                         .buses = buses,
                         .n_buses = 2,
                         .meters = 32,
                         .clock = "right",
                         .ledger = "0badcafe",
                         .last_seq = last,
                         .acked_seq = acked,
                         .database_bytes = 4096};
}

START_TEST(the_text_is_that_of_the_contract)
{
    struct text_buf text = {0};
    struct info i = info(9, 7);
    info_payload(&text, &i);
    ck_assert_str_eq(text.data,
                     "{\"ts\":\"1970-01-01T00:00:00.000Z\",\"version\":\"0.1.0\",\"config\":\"ab12\","
                     "\"buses\":{\"north\":\"open\",\"south\":\"lost\"},\"meters\":32,"
                     "\"clock\":\"right\",\"ledger\":\"0badcafe\",\"last_seq\":9,\"acked_seq\":7,"
                     "\"database_bytes\":4096}");
    text_buf_clear(&text);
    i.ledger = NULL;
    i.n_buses = 0;
    info_payload(&text, &i);
    ck_assert_str_eq(text.data,
                     "{\"ts\":\"1970-01-01T00:00:00.000Z\",\"version\":\"0.1.0\",\"config\":\"ab12\","
                     "\"buses\":{},\"meters\":32,\"clock\":\"right\",\"database_bytes\":4096}");
    text_buf_done(&text);
}
END_TEST

/* Says it when due; true when it was. */
static bool tick(struct info_pace *p, uint64_t last, uint64_t acked, int64_t now_ms)
{
    const struct info i = info(last, acked);
    const bool due = info_due(p, &i, now_ms);
    if (due)
        info_said(p, &i, now_ms);
    return due;
}

START_TEST(at_connect_then_every_60_s)
{
    struct info_pace p;
    info_pace_reset(&p);
    ck_assert(tick(&p, 5, 5, 1000));
    for (int64_t t = 1000; t < 61000; t += 100)
        ck_assert(!tick(&p, 5, 5, t));
    ck_assert(tick(&p, 5, 5, 61000));
    ck_assert(!tick(&p, 5, 5, 61100));
    ck_assert(tick(&p, 5, 5, 121000));
}
END_TEST

START_TEST(every_10_s_while_the_numbers_move_and_once_at_rest)
{
    struct info_pace p;
    info_pace_reset(&p);
    ck_assert(tick(&p, 0, 0, 0));
    unsigned said = 0;
    uint64_t n = 0;
    for (int64_t t = 100; t <= 35000; t += 100, n++) /* moves all the time, then rests from 35 s on */
        said += tick(&p, n + 1, n, t);
    ck_assert_uint_eq(said, 3); /* at 10, 20, 30 s */
    said = 0;
    for (int64_t t = 35100; t <= 99000; t += 100)
        said += tick(&p, n, n, t);
    ck_assert_uint_eq(said, 1); /* at 40 s, with the last numbers */
    ck_assert_uint_eq(p.acked_seq, n);
    ck_assert(tick(&p, n, n, 100000));
}
END_TEST

START_TEST(after_a_quiet_time_a_flush_and_its_acknowledgement_are_one_message)
{
    struct info_pace p;
    info_pace_reset(&p);
    ck_assert(tick(&p, 10, 10, 0));
    ck_assert(!tick(&p, 20, 10, 30000));
    ck_assert(!tick(&p, 20, 20, 30900));
    ck_assert(tick(&p, 20, 20, 31000));
    ck_assert(!tick(&p, 20, 20, 41000));
    ck_assert(tick(&p, 20, 20, 91000));
}
END_TEST

START_TEST(a_change_is_said_at_once)
{
    struct info_pace p;
    struct info i = info(1, 1);
    info_pace_reset(&p);
    info_said(&p, &i, 0);
    ck_assert(!info_due(&p, &i, 1));
    i.database_bytes = 8192;
    i.ts_utc_ms = 77;
    ck_assert_msg(!info_due(&p, &i, 1), "neither time nor size are a change");
    i.clock = "stepped";
    ck_assert(info_due(&p, &i, 1));
    i = info(1, 1);
    i.ledger = "12345678";
    ck_assert(info_due(&p, &i, 1));
    i = info(1, 1);
    buses[1].status = "open";
    ck_assert(info_due(&p, &i, 1));
    buses[1].status = "lost";
    ck_assert(!info_due(&p, &i, 1));
    i.meters++;
    ck_assert(info_due(&p, &i, 1));
}
END_TEST

static const struct {
    const char *sentence, *text;
    uint64_t acked;
} rows[] = {
    {"ours", "{\"ledger\":\"0badcafe\",\"last_seq\":9,\"acked_seq\":7}", 7},
    {"another ledger", "{\"ledger\":\"0badcaff\",\"acked_seq\":7}", 0},
    {"no ledger", "{\"acked_seq\":7}", 0},
    {"a ledger that is a number", "{\"ledger\":7,\"acked_seq\":7}", 0},
    {"below 0", "{\"ledger\":\"0badcafe\",\"acked_seq\":-7}", 0},
    {"as text", "{\"ledger\":\"0badcafe\",\"acked_seq\":\"7\"}", 0},
    {"the same key twice", "{\"ledger\":\"0badcafe\",\"acked_seq\":7,\"acked_seq\":8}", 0},
    {"no object", "[]", 0},
    {"no JSON", "offline", 0},
    {"nothing", "", 0},
};

START_TEST(our_own_info_is_read_with_suspicion)
{
    ck_assert_msg(info_read_acked(rows[_i].text, strlen(rows[_i].text), "0badcafe") == rows[_i].acked, "%s",
                  rows[_i].sentence);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *s = suite_create("info");
    TCase *t = tcase_create("info");
    tcase_add_test(t, the_text_is_that_of_the_contract);
    tcase_add_test(t, at_connect_then_every_60_s);
    tcase_add_test(t, every_10_s_while_the_numbers_move_and_once_at_rest);
    tcase_add_test(t, after_a_quiet_time_a_flush_and_its_acknowledgement_are_one_message);
    tcase_add_test(t, a_change_is_said_at_once);
    tcase_add_loop_test(t, our_own_info_is_read_with_suspicion, 0, sizeof rows / sizeof rows[0]);
    suite_add_tcase(s, t);
    return s;
}
