#include <pthread.h>
#include <string.h>
#include "bus/bus_desk.h"
#include "bus/bus_stats.h"
#include "bus/dense_time.h"
#include "bus/settle_time.h"
#include "bus/settle_watch.h"
#include "core/rc.h"
#include "core/text.h"
#include "unit_main.h"

/* ---- settle_time ---- */

struct settle_row {
    const char *says, *utc, *next;
    int32_t offset_s;
    struct tariff_settlement days[3];
    uint8_t n;
};

/* S = 300 s and G = 60 s by default: six minutes after the instant. */
static const struct settle_row settle_rows[] = {
    {"the first of next month, 00:00", "2026-10-15T12:00:00Z", "2026-11-01T00:06:00.000Z", 0, {{1, 0}}, 1},
    {"in the meter's own time", "2026-10-15T12:00:00Z", "2026-10-31T16:06:00.000Z", 8 * 3600, {{1, 0}}, 1},
    {"just before it can be read", "2026-11-01T00:05:59.999Z", "2026-11-01T00:06:00.000Z", 0, {{1, 0}}, 1},
    {"once it could be read it is the next one",
     "2026-11-01T00:06:00Z",
     "2026-12-01T00:06:00.000Z",
     0,
     {{1, 0}},
     1},
    {"the second day of three",
     "2026-10-05T00:00:00Z",
     "2026-10-10T08:06:00.000Z",
     0,
     {{1, 0}, {10, 8}, {20, 0}},
     3},
    {"over the end of the year", "2026-12-28T23:00:00Z", "2027-01-01T00:06:00.000Z", 0, {{1, 0}}, 1},
    {"over the end of February", "2027-02-28T12:00:00Z", "2027-03-01T00:06:00.000Z", 0, {{1, 0}}, 1},
    {"far west", "2026-10-01T00:00:00Z", "2026-10-01T05:06:00.000Z", -5 * 3600, {{1, 0}}, 1},
};

START_TEST(settlements_are_read_when_they_can_be_there)
{
    const struct settle_row *row = &settle_rows[_i];
    struct tariff t;
    int64_t utc_ms;
    char next[TEXT_TS_SIZE];
    tariff_init(&t, "t");
    t.utc_offset_s = row->offset_s;
    t.n_settlements = row->n;
    for (unsigned i = 0; i < row->n; i++)
        t.settlement[i] = row->days[i];
    ck_assert_int_eq(text_to_utc_ms(row->utc, &utc_ms), RC_OK);
    text_from_utc_ms(settle_time_next(&t, utc_ms), next);
    ck_assert_msg(strcmp(next, row->next) == 0, "%s: %s", row->says, next);
    tariff_done(&t);
}
END_TEST

/* ---- dense_time ---- */

struct dense_row {
    const char *says, *utc, *begin, *end; /* begin NULL: no span */
    int32_t offset_s;
    const char *day; /* what the periods say */
    struct tariff_period periods[4];
    uint8_t n;
};

#define DAY_NIGHT "06:00 peak, 22:00 valley", {{360, RATE_PEAK}, {1320, RATE_VALLEY}}, 2

/* S = 300 s by default: seven minutes each way. */
static const struct dense_row dense_rows[] = {
    {"long before", "2026-10-15T03:00:00Z", "2026-10-15T05:53:00.000Z", "2026-10-15T06:07:00.000Z", 0,
     DAY_NIGHT},
    {"within it still the same", "2026-10-15T06:06:59.999Z", "2026-10-15T05:53:00.000Z",
     "2026-10-15T06:07:00.000Z", 0, DAY_NIGHT},
    {"over it the next", "2026-10-15T06:07:00Z", "2026-10-15T21:53:00.000Z", "2026-10-15T22:07:00.000Z", 0,
     DAY_NIGHT},
    {"over midnight", "2026-10-15T23:00:00Z", "2026-10-16T05:53:00.000Z", "2026-10-16T06:07:00.000Z", 0,
     DAY_NIGHT},
    {"in the meter's own time", "2026-10-15T12:00:00Z", "2026-10-15T13:53:00.000Z",
     "2026-10-15T14:07:00.000Z", 8 * 3600, DAY_NIGHT},
    {"boundaries near each other are one span",
     "2026-10-15T12:00:00Z",
     "2026-10-15T12:53:00.000Z",
     "2026-10-15T13:27:00.000Z",
     0,
     "13:00 sharp, 13:10 peak, 13:20 valley",
     {{780, RATE_SHARP}, {790, RATE_PEAK}, {800, RATE_VALLEY}},
     3},
    {"one rate has no boundary", "2026-10-15T12:00:00Z", NULL, NULL, 0, "00:00 flat", {{0, RATE_FLAT}}, 1},
    {"no table is one rate", "2026-10-15T12:00:00Z", NULL, NULL, 0, "", {{0, 0}}, 0},
};

START_TEST(energy_is_dense_around_the_boundaries)
{
    const struct dense_row *row = &dense_rows[_i];
    struct tariff t;
    struct dense_span span;
    int64_t utc_ms;
    char begins[TEXT_TS_SIZE], ends[TEXT_TS_SIZE];
    tariff_init(&t, "t");
    t.utc_offset_s = row->offset_s;
    t.tables[0][0].n = row->n;
    for (unsigned i = 0; i < row->n; i++)
        t.tables[0][0].period[i] = row->periods[i];
    ck_assert_int_eq(text_to_utc_ms(row->utc, &utc_ms), RC_OK);
    bool found = dense_time_next(&t, utc_ms, &span);
    ck_assert_msg(found == (row->begin != NULL), "%s", row->says);
    if (found) {
        text_from_utc_ms(span.begin_utc_ms, begins);
        text_from_utc_ms(span.end_utc_ms, ends);
        ck_assert_msg(strcmp(begins, row->begin) == 0 && strcmp(ends, row->end) == 0, "%s: %s %s", row->says,
                      begins, ends);
    }
    tariff_done(&t);
}
END_TEST

/* ---- settle_watch ---- */

#define MINUTE 60000

START_TEST(a_settlement_that_is_late_is_looked_for)
{
    struct settle_watch w;
    settle_watch_init(&w);
    ck_assert_int_eq(settle_watch_next(&w), INT64_MAX);
    settle_watch_instant(&w, 0, 100 * MINUTE);
    settle_watch_read(&w, 50 * MINUTE, true); /* the sweeps of the start */
    settle_watch_read(&w, 51 * MINUTE, false);
    ck_assert_int_eq(settle_watch_next(&w), 100 * MINUTE);
    settle_watch_instant(&w, 101 * MINUTE, 9999 * MINUTE); /* due, and the wire was busy */
    ck_assert_int_eq(settle_watch_next(&w), 100 * MINUTE);
    settle_watch_read(&w, 102 * MINUTE, false);
    settle_watch_read(&w, 103 * MINUTE, false); /* confirms that there is nothing new */
    ck_assert_int_eq(settle_watch_next(&w), 112 * MINUTE);
    settle_watch_instant(&w, 104 * MINUTE, 9999 * MINUTE);
    settle_watch_read(&w, 112 * MINUTE, false);
    ck_assert_int_eq(settle_watch_next(&w), 132 * MINUTE);
    settle_watch_read(&w, 120 * MINUTE, false); /* somebody asked */
    ck_assert_int_eq(settle_watch_next(&w), 132 * MINUTE);
    settle_watch_read(&w, 132 * MINUTE, true);
    settle_watch_read(&w, 133 * MINUTE, false);
    ck_assert_int_eq(settle_watch_next(&w), 9999 * MINUTE);
}
END_TEST

START_TEST(a_settlement_in_time_is_not_looked_for_again)
{
    struct settle_watch w;
    settle_watch_init(&w);
    settle_watch_instant(&w, 0, 100 * MINUTE);
    settle_watch_read(&w, 100 * MINUTE, true);
    ck_assert_int_eq(settle_watch_next(&w), INT64_MAX);
    settle_watch_instant(&w, 0, 200 * MINUTE);
    settle_watch_read(&w, 200 * MINUTE, false);
    settle_watch_read(&w, 201 * MINUTE, true); /* it came between the two looks */
    ck_assert_int_eq(settle_watch_next(&w), INT64_MAX);
}
END_TEST

START_TEST(a_meter_that_counts_nothing_is_not_asked_for_ever)
{
    struct settle_watch w;
    int64_t at;
    unsigned looks = 0;
    settle_watch_init(&w);
    settle_watch_instant(&w, 0, 100 * MINUTE);
    while ((at = settle_watch_next(&w)) != INT64_MAX && looks < 100) {
        settle_watch_read(&w, at, false);
        looks++;
    }
    ck_assert_uint_eq(looks, 7);
    settle_watch_instant(&w, 0, 2000 * MINUTE); /* and the next instant begins anew */
    settle_watch_read(&w, 2000 * MINUTE, false);
    ck_assert_int_eq(settle_watch_next(&w), 2010 * MINUTE);
}
END_TEST

/* ---- bus_stats ---- */

START_TEST(percentiles_of_round_trips)
{
    struct rtt r = {0};
    ck_assert_uint_eq(rtt_percentile_ms(&r, 50), 0);
    for (int i = 0; i < 98; i++)
        rtt_add(&r, 80000000);
    rtt_add(&r, 300000000);
    rtt_add(&r, 300000000);
    ck_assert(rtt_percentile_ms(&r, 50) >= 80 && rtt_percentile_ms(&r, 50) <= 88);
    ck_assert(rtt_percentile_ms(&r, 98) <= 88);
    ck_assert(rtt_percentile_ms(&r, 99) >= 300 && rtt_percentile_ms(&r, 99) <= 328);
    for (int i = 0; i < 100000; i++)
        rtt_add(&r, 500000); /* the past fades */
    ck_assert_uint_eq(rtt_percentile_ms(&r, 99), 1);
    rtt_add(&r, INT64_MAX);
    ck_assert_uint_gt(rtt_percentile_ms(&r, 100), 10000);
}
END_TEST

START_TEST(each_outcome_has_its_counter)
{
    struct wire_counters w = {0};
    struct exchange_reply r = {0};
    stats_count(&w, RC_OK, &r);
    stats_count(&w, RC_NOANSWER, &r);
    r.fault = FAULT_CRC;
    stats_count(&w, RC_BADFRAME, &r);
    r.fault = FAULT_SHORT;
    stats_count(&w, RC_NOANSWER, &r);
    r = (struct exchange_reply){.exception = 6};
    stats_count(&w, RC_REFUSED, &r);
    r.exception = 0x55;
    stats_count(&w, RC_REFUSED, &r);
    r = (struct exchange_reply){.foreign = 2, .stray_bytes = 7};
    stats_count(&w, RC_STOPPED, &r);
    ck_assert(w.ok == 1 && w.timeout == 1 && w.crc == 1 && w.shortened == 1 && w.exception == 2 &&
              w.foreign == 3);
    ck_assert(w.by_exception[6] == 1 && w.by_exception[0] == 1);
}
END_TEST

/* ---- bus_desk ---- */

static struct desk desk;

static void *answer_two(void *arg)
{
    size_t meter;
    unsigned classes;
    (void)arg;
    while (!desk_next(&desk, &meter, &classes))
        sched_yield();
    struct reading *r = reading_new(2);
    r->klass = CLASS_LIVE;
    reading_add(r, Q_VOLTAGE, 230000);
    reading_reject(r, Q_CURRENT, REJECT_RANGE);
    desk_answer(&desk, meter + 1, CLASS_LIVE, r, RC_OK); /* another meter's */
    desk_answer(&desk, meter, CLASS_LIVE, r, RC_OK);
    reading_free(r);
    desk_answer(&desk, meter, CLASS_RELAY, NULL, RC_NOREG);
    return NULL;
}

START_TEST(an_order_gets_what_was_read_and_why_not_the_rest)
{
    pthread_t worker;
    struct reading *out[CLASS_COUNT];
    int rcs[CLASS_COUNT];
    enum reject why;
    ck_assert_int_eq(desk_init(&desk), RC_OK);
    pthread_create(&worker, NULL, answer_two, NULL);
    ck_assert_int_eq(desk_ask(&desk, 7, 1u << CLASS_LIVE | 1u << CLASS_RELAY, 5000, out, rcs), RC_NOREG);
    ck_assert(rcs[CLASS_LIVE] == RC_OK && rcs[CLASS_RELAY] == RC_NOREG);
    ck_assert_int_eq(reading_rejected(out[CLASS_LIVE], 0, &why), Q_CURRENT);
    ck_assert_int_eq(why, REJECT_RANGE);
    ck_assert_int_eq(*reading_get(out[CLASS_LIVE], Q_VOLTAGE), 230000);
    ck_assert_ptr_null(out[CLASS_RELAY]);
    reading_free(out[CLASS_LIVE]);
    pthread_join(worker, NULL);
    desk_done(&desk);
}
END_TEST

START_TEST(an_order_nobody_takes_is_given_up)
{
    struct reading *out[CLASS_COUNT];
    size_t meter;
    unsigned classes;
    ck_assert_int_eq(desk_init(&desk), RC_OK);
    ck_assert_int_eq(desk_ask(&desk, 0, 1u << CLASS_LIVE, 20, out, NULL), RC_NOANSWER);
    ck_assert(!desk_next(&desk, &meter, &classes));
    desk_close(&desk, RC_LINK);
    ck_assert_int_eq(desk_ask(&desk, 0, 1u << CLASS_LIVE, 5000, out, NULL), RC_LINK);
    desk_close(&desk, RC_OK);
    ck_assert_int_eq(desk_ask(&desk, 0, 0, 5000, out, NULL), RC_OK);
    desk_done(&desk);
}
END_TEST

static void *close_it(void *arg)
{
    size_t meter;
    unsigned classes;
    while (!desk_next(&desk, &meter, &classes))
        sched_yield();
    desk_close(&desk, *(int *)arg);
    return NULL;
}

START_TEST(an_order_does_not_outlive_the_line)
{
    pthread_t worker;
    struct reading *out[CLASS_COUNT];
    int rc = RC_STOPPED;
    ck_assert_int_eq(desk_init(&desk), RC_OK);
    pthread_create(&worker, NULL, close_it, &rc);
    ck_assert_int_eq(desk_ask(&desk, 0, 1u << CLASS_LIVE, 5000, out, NULL), RC_STOPPED);
    pthread_join(worker, NULL);
    desk_done(&desk);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *s = suite_create("bus_parts");
    TCase *t = tcase_create("bus_parts");
    tcase_add_test(t, a_settlement_that_is_late_is_looked_for);
    tcase_add_test(t, a_settlement_in_time_is_not_looked_for_again);
    tcase_add_test(t, a_meter_that_counts_nothing_is_not_asked_for_ever);
    tcase_add_loop_test(t, settlements_are_read_when_they_can_be_there, 0,
                        sizeof settle_rows / sizeof settle_rows[0]);
    tcase_add_loop_test(t, energy_is_dense_around_the_boundaries, 0,
                        sizeof dense_rows / sizeof dense_rows[0]);
    tcase_add_test(t, percentiles_of_round_trips);
    tcase_add_test(t, each_outcome_has_its_counter);
    tcase_add_test(t, an_order_gets_what_was_read_and_why_not_the_rest);
    tcase_add_test(t, an_order_nobody_takes_is_given_up);
    tcase_add_test(t, an_order_does_not_outlive_the_line);
    suite_add_tcase(s, t);
    return s;
}
