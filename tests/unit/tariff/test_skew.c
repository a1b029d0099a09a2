/* What movements say of the meter's clock, by hand: one boundary, G, drift, several clocks, none. */
#include "core/rc.h"
#include "judge_fixture.h"
#include "tariff/skew.h"
#include "unit_main.h"

#define S_MS(seconds) ((seconds)*1000LL)

static struct skew skew;
static struct calendar calendar;

static void begin(int64_t drift_ms_day)
{
    fixture_init();
    fx.tariff.clock_drift_ms_day = drift_ms_day;
    calendar_init(&calendar, &fx.tariff);
    skew_init(&skew);
}

static void moved(enum rate rate, const char *lo, const char *hi)
{
    skew_moved(&skew, &calendar, rate, instant(lo), instant(hi), fx.tariff.switching_lag_ms,
               fx.tariff.clock_drift_ms_day);
}

static void interval(const char *now, int64_t lo, int64_t hi)
{
    int64_t a = 0, b = 0;
    ck_assert(skew_interval(&skew, instant(now), fx.tariff.clock_drift_ms_day, fx.tariff.clock_tolerance_ms,
                            &a, &b));
    ck_assert_int_eq(a, lo - 1); /* the drift not yet counted */
    ck_assert_int_eq(b, hi + 1);
}

/* Sharp moved before 06:00:40, so it began then at the latest; valley moved after 05:59:10, so it lasted
 * until then. */
START_TEST(one_boundary)
{
    begin(0);
    moved(RATE_VALLEY, "2026-03-10 05:59:10", "2026-03-10 05:59:50");
    moved(RATE_SHARP, "2026-03-10 06:00:10", "2026-03-10 06:00:40");
    /* s >= 06:00 - 06:00:40; s < 06:00 - 05:59:10 + G */
    interval("2026-03-10 07:00:00", -S_MS(40), S_MS(50 + 60) - 1);
    ck_assert_int_eq(skew.emptied, 0);
    fixture_done();
}
END_TEST

START_TEST(another_day_narrows_it)
{
    begin(0);
    moved(RATE_VALLEY, "2026-03-10 05:59:10", "2026-03-10 05:59:50");
    moved(RATE_SHARP, "2026-03-10 06:00:10", "2026-03-10 06:00:40");
    moved(RATE_VALLEY, "2026-03-11 05:59:50", "2026-03-11 06:00:20");
    moved(RATE_SHARP, "2026-03-11 06:00:00", "2026-03-11 06:00:15");
    interval("2026-03-11 07:00:00", -S_MS(15), S_MS(10 + 60) - 1);
    fixture_done();
}
END_TEST

START_TEST(evidence_fades_by_the_drift)
{
    begin(2000);
    moved(RATE_VALLEY, "2026-03-10 05:59:10", "2026-03-10 05:59:50");
    moved(RATE_SHARP, "2026-03-10 06:00:10", "2026-03-10 06:00:40");
    int64_t a = 0, b = 0;
    ck_assert(skew_interval(&skew, instant("2026-03-20 06:00:40"), 2000, 300000, &a, &b));
    ck_assert_int_eq(a, -S_MS(40 + 20) - 1);
    ck_assert_int_eq(b, S_MS(110 + 20) + 1 +
                            1); /* 40 s of window and the rest of a millisecond are rounded up */
    fixture_done();
}
END_TEST

START_TEST(no_evidence_no_interval)
{
    int64_t a, b;
    begin(0);
    ck_assert(!skew_interval(&skew, instant("2026-03-10 07:00:00"), 0, 300000, &a, &b));
    moved(RATE_FLAT, "2026-03-10 00:00:00", "2026-03-11 00:00:01"); /* longer than half a day each way */
    ck_assert(!skew_interval(&skew, instant("2026-03-10 07:00:00"), 0, 300000, &a, &b));
    fixture_done();
}
END_TEST

START_TEST(no_single_clock)
{
    int64_t a, b;
    begin(0);
    moved(RATE_VALLEY, "2026-03-10 05:59:10", "2026-03-10 05:59:50");
    moved(RATE_SHARP, "2026-03-10 06:00:10", "2026-03-10 06:00:40");
    moved(RATE_VALLEY, "2026-03-11 06:03:00", "2026-03-11 06:03:10"); /* s < -120 s */
    ck_assert_uint_eq(skew.emptied, 1);
    ck_assert_int_eq(skew.emptied_utc_ms, instant("2026-03-11 06:03:10"));
    ck_assert(!skew_interval(&skew, instant("2026-03-11 07:00:00"), 0, 300000, &a, &b));
    fixture_done();
}
END_TEST

/* Sharp runs twice a day: a movement at 11:00 fits a clock an hour late or an hour early. */
START_TEST(several_clocks)
{
    begin(0);
    moved(RATE_SHARP, "2026-03-10 11:00:00", "2026-03-10 11:00:10");
    ck_assert_uint_eq(skew.n, 2);
    ck_assert_int_eq(skew.span[0].hi, -S_MS(3600) + S_MS(60) - 1); /* before 10:00 and G */
    ck_assert_int_eq(skew.span[1].lo, S_MS(3600 - 10));            /* from 12:00 on */
    ck_assert(skew_valid(&skew));
    /* neither touches S: the hull of both */
    interval("2026-03-10 12:00:00", skew.span[0].lo, skew.span[1].hi);
    moved(RATE_PEAK, "2026-03-10 13:55:00", "2026-03-10 13:55:10"); /* only the late one */
    ck_assert_uint_eq(skew.n, 1);
    fixture_done();
}
END_TEST

START_TEST(the_engine_tells_the_interval)
{
    fixture_init();
    fx.tariff.clock_drift_ms_day = 0;
    warm_up("2026-03-10 05:40:00");
    read_at(instant("2026-03-10 05:59:20"), 0);
    flow(RATE_VALLEY, 10000);
    read_at(instant("2026-03-10 05:59:50"), 1000);
    flow(RATE_SHARP, 10000);
    read_at(instant("2026-03-10 06:00:40"), 1000);
    ck_assert_str_eq(told(), "");
    ck_assert(result_now()->has_skew);
    ck_assert_int_eq(fx.result.skew_lo_ms, -40001);
    ck_assert_int_eq(fx.result.skew_hi_ms, S_MS(40 + 2 + 60)); /* valley moved after 05:59:20 - R */
    ck_assert_int_eq(fx.result.verdict, VERDICT_OK);
    fixture_done();
}
END_TEST

static void spoil(struct skew *s, int how)
{
    switch (how) {
    case 0:
        s->n = 0;
        break;
    case 1:
        s->n = SKEW_SPANS + 1;
        break;
    case 2:
        s->span[0].lo = s->span[0].hi + 1;
        break;
    case 3:
        s->span[0].lo = -SKEW_RANGE_MS - 1;
        break;
    case 4:
        s->span[1].hi = SKEW_RANGE_MS + 1;
        break;
    case 5:
        s->span[1].lo = s->span[0].hi;
        break;
    default:
        s->at_utc_ms = INT64_MAX;
        break;
    }
}

START_TEST(states_out_of_range)
{
    begin(0);
    moved(RATE_SHARP, "2026-03-10 11:00:00", "2026-03-10 11:00:10");
    ck_assert(skew_valid(&skew));
    spoil(&skew, _i);
    ck_assert(!skew_valid(&skew));
    fixture_done();
}
END_TEST

Suite *unit_suite(void)
{
    Suite *s = suite_create("skew");
    TCase *c = tcase_create("skew");
    tcase_add_test(c, one_boundary);
    tcase_add_test(c, another_day_narrows_it);
    tcase_add_test(c, evidence_fades_by_the_drift);
    tcase_add_test(c, no_evidence_no_interval);
    tcase_add_test(c, no_single_clock);
    tcase_add_test(c, several_clocks);
    tcase_add_test(c, the_engine_tells_the_interval);
    tcase_add_loop_test(c, states_out_of_range, 0, 7);
    suite_add_tcase(s, c);
    return s;
}
