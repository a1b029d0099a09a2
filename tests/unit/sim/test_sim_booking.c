/* Energy, rates, months and clocks against sums made minute by minute. */
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "sim/sim_meter.h"
#include "sim/sim_rng.h"
#include "sim_oracle.h"
#include "unit_main.h"

#define MINUTE_MS 60000
#define DAY_MS    INT64_C(86400000)
#define HOUR_MS   INT64_C(3600000)
#define OFFSET_MS (8 * HOUR_MS)

static struct sim_load load;
static struct sim_tariff tariff;

/* True ms at a moment of the meters' civil time, which is 8 hours ahead. */
static int64_t local(int year, unsigned month, unsigned day, int hour, int minute)
{
    return text_days_from_civil(year, month, day) * DAY_MS + hour * HOUR_MS + minute * MINUTE_MS - OFFSET_MS;
}

static void set_up(void)
{
    ck_assert_int_eq(sim_load_default(&load), 0);
    oracle_load("zhejiang-2026", &tariff);
}

static void tear_down(void)
{
    sim_load_done(&load);
}

static void make(struct sim_meter *m, enum sim_freeze freeze, int64_t now_ms)
{
    sim_meter_init(m, 1, 4711, &load, &tariff, freeze, now_ms);
}

/* mW × ms that the load gives to each rate between two moments, by a clock that is step_ms ahead. */
static void sum_up(const struct sim_meter *m, int64_t from_ms, int64_t to_ms, int64_t step_ms,
                   int64_t uj[SIM_RATES])
{
    struct oracle_today today = {0};
    memset(uj, 0, sizeof uj[0] * SIM_RATES);
    for (int64_t t = from_ms; t < to_ms; t += 1000) { /* second by second: all edges of the test lie on one */
        struct sim_power p = sim_load_at(&load, &m->tap, (t + OFFSET_MS) / MINUTE_MS);
        int64_t local_s = (t + OFFSET_MS + step_ms) / 1000;
        if (t == from_ms || local_s % 1800 == 0)
            today = oracle_today(&tariff, local_s);
        uj[oracle_rate(&today, local_s)] += p.p_mw * 1000;
    }
}

static void check_rates(const struct sim_meter *before, const struct sim_meter *after,
                        const int64_t uj[SIM_RATES])
{
    int64_t all = 0;
    uint64_t pulses = 0;
    for (int r = 0; r < SIM_RATES; r++) {
        uint64_t moved = after->active.sum[1 + r] - before->active.sum[1 + r];
        /* what is left of a pulse goes with the next one, whichever rate that is: some pulses may change
         * sides */
        ck_assert_msg(llabs((int64_t)moved - uj[r] / 2250000000) <= 70, "rate %d: %llu pulses, wanted %lld",
                      r, (unsigned long long)moved, (long long)(uj[r] / 2250000000));
        all += uj[r];
        pulses += moved;
    }
    ck_assert_uint_eq(after->active.sum[0] - before->active.sum[0], pulses);
    ck_assert_uint_eq(after->active.forward - before->active.forward, pulses);
    ck_assert_int_le(llabs((int64_t)pulses - all / 2250000000), 1);
}

static const struct {
    const char *sentence;
    int64_t step_ms;
} clocks[] = {{"a right clock", 0},
              {"three minutes fast", 180000},
              {"12 minutes 17 seconds slow", -737000},
              {"seven hours fast", 7 * HOUR_MS},
              {"the date is wrong by years, the time right", -DAY_MS * 1500}};

START_TEST(every_pulse_goes_to_the_rate_of_the_meters_own_clock)
{
    struct sim_meter m;
    int64_t from = local(2026, 12, 30, 21, 7), to = from + 3 * DAY_MS + 123000, uj[SIM_RATES];
    make(&m, SIM_FREEZE_PERIOD, from);
    sim_meter_step_clock(&m, clocks[_i].step_ms);
    struct sim_meter before = m;
    struct sim_rng rng = {5};
    for (int64_t t = from; t < to; t += sim_rng_between(&rng, 1, 400000)) /* however often it is asked */
        sim_meter_advance(&m, t);
    sim_meter_advance(&m, to);
    sum_up(&m, from, to, clocks[_i].step_ms, uj);
    check_rates(&before, &m, uj);
}
END_TEST

START_TEST(how_often_it_is_asked_changes_nothing)
{
    struct sim_meter often, once;
    int64_t from = local(2026, 10, 20, 3, 3), to = from + 40 * DAY_MS;
    make(&often, SIM_FREEZE_PERIOD, from);
    once = often;
    struct sim_rng rng = {6};
    for (int64_t t = from; t < to; t += sim_rng_between(&rng, 1, 900000))
        sim_meter_advance(&often, t);
    sim_meter_advance(&often, to);
    sim_meter_advance(&once, to);
    ck_assert_mem_eq(&often.active, &once.active, sizeof often.active);
    ck_assert_mem_eq(&often.reactive, &once.reactive, sizeof often.reactive);
    ck_assert_int_eq(often.demand_mva, once.demand_mva);
    sim_meter_advance(&once, from); /* a moment that has passed */
    ck_assert_mem_eq(&often.active, &once.active, sizeof often.active);
}
END_TEST

START_TEST(the_four_rates_are_the_total_from_the_first_moment_on)
{
    for (uint64_t seed = 1; seed < 200; seed++) {
        struct sim_meter m;
        sim_meter_init(&m, 1, seed, &load, &tariff, SIM_FREEZE_PERIOD, local(2026, 7, 9, 12, 0));
        sim_meter_advance(&m, m.at_ms + 5 * DAY_MS);
        for (int reactive = 0; reactive < 2; reactive++) {
            const struct sim_bank *b = reactive ? &m.reactive : &m.active;
            ck_assert_uint_eq(b->sum[0], b->sum[1] + b->sum[2] + b->sum[3] + b->sum[4]);
            ck_assert_uint_eq(b->sum[0], b->forward + b->backward);
            for (unsigned slot = 0; slot <= SIM_HISTORY; slot++) {
                uint64_t rates = 0;
                for (unsigned family = 1; family < SIM_FAMILIES; family++)
                    rates += sim_meter_month(&m, reactive, family, slot);
                ck_assert_uint_eq(sim_meter_month(&m, reactive, 0, slot), rates);
            }
        }
        ck_assert_uint_gt(m.active.sum[0], 500 * SIM_PULSES_PER_UNIT);
        ck_assert_uint_gt(sim_meter_month(&m, false, 0, 12), 50 * SIM_PULSES_PER_UNIT);
    }
}
END_TEST

/* The months of all families before and after a settlement, in both models. */
START_TEST(a_month_ends_in_both_freeze_models)
{
    struct sim_meter old, m;
    enum sim_freeze freeze = _i == 0 ? SIM_FREEZE_PERIOD : SIM_FREEZE_CUMULATIVE;
    int64_t end = local(2026, 11, 1, 0, 0);
    make(&m, freeze, end - 3 * HOUR_MS);
    sim_meter_advance(&m, end);
    old = m;
    sim_meter_advance(&m, end + 2 * HOUR_MS);
    ck_assert_uint_eq(old.settlements, 0);
    ck_assert_uint_eq(m.settlements, 1);
    for (unsigned family = 0; family < SIM_FAMILIES; family++) {
        uint64_t since = m.active.sum[family] - old.active.sum[family];
        ck_assert_uint_eq(sim_meter_month(&m, false, family, 1), sim_meter_month(&old, false, family, 0));
        for (unsigned slot = 2; slot <= SIM_HISTORY; slot++)
            ck_assert_uint_eq(sim_meter_month(&m, false, family, slot),
                              sim_meter_month(&old, false, family, slot - 1));
        if (freeze == SIM_FREEZE_PERIOD)
            ck_assert_uint_eq(sim_meter_month(&m, false, family, 0), since);
        else
            ck_assert_uint_eq(sim_meter_month(&m, false, family, 0), m.active.sum[family]);
    }
}
END_TEST

START_TEST(settlement_follows_the_meters_clock)
{
    struct sim_meter m;
    int64_t end = local(2026, 11, 1, 0, 0);
    make(&m, SIM_FREEZE_PERIOD, end - HOUR_MS);
    sim_meter_step_clock(&m, -5 * MINUTE_MS);
    sim_meter_advance(&m, end + 5 * MINUTE_MS);
    ck_assert_uint_eq(m.settlements, 0);
    sim_meter_advance(&m, end + 5 * MINUTE_MS + 1);
    ck_assert_uint_eq(m.settlements, 1);
}
END_TEST

START_TEST(a_clock_set_back_over_the_instant_does_not_settle_twice)
{
    struct sim_meter m;
    int64_t end = local(2026, 11, 1, 0, 0);
    make(&m, SIM_FREEZE_PERIOD, end - HOUR_MS);
    sim_meter_advance(&m, end + HOUR_MS);
    sim_meter_step_clock(&m, -2 * HOUR_MS);
    sim_meter_advance(&m, end + 5 * HOUR_MS);
    ck_assert_uint_eq(m.settlements, 1);
    sim_meter_advance(&m, local(2026, 12, 1, 3, 0));
    ck_assert_uint_eq(m.settlements, 2);
}
END_TEST

START_TEST(a_clock_set_ahead_makes_up_the_months_it_jumped_over)
{
    struct sim_meter m;
    make(&m, SIM_FREEZE_PERIOD, local(2026, 10, 10, 0, 0));
    sim_meter_step_clock(&m, 70 * DAY_MS); /* 19 December */
    sim_meter_advance(&m, m.at_ms + HOUR_MS);
    ck_assert_uint_eq(m.settlements, 2);
    sim_meter_step_clock(&m, 40000 * DAY_MS);
    sim_meter_advance(&m, m.at_ms + HOUR_MS);
    ck_assert_uint_eq(m.settlements, 14); /* twelve at most */
    sim_meter_step_clock(&m, 0);
    sim_meter_advance(&m, local(2026, 11, 1, 1, 0));
    ck_assert_uint_eq(m.settlements, 15);
}
END_TEST

START_TEST(a_clock_that_drifts_gains_its_seconds_a_day)
{
    struct sim_meter m;
    int64_t from = local(2026, 10, 10, 0, 0);
    make(&m, SIM_FREEZE_PERIOD, from);
    sim_meter_advance(&m, from + 1);
    sim_meter_drift_clock(&m, _i == 0 ? 231481 : -231481); /* 20 s a day */
    sim_meter_advance(&m, from + 30 * DAY_MS);
    int64_t ahead = sim_meter_local_ms(&m, m.at_ms) - m.at_ms - OFFSET_MS;
    ck_assert_int_le(llabs(llabs(ahead) - 600000), 50);
    ck_assert_int_eq(m.local_minute, (sim_meter_local_ms(&m, m.at_ms - 1)) / MINUTE_MS);
}
END_TEST

START_TEST(an_open_relay_cuts_the_load_and_nothing_else)
{
    struct sim_meter m;
    int64_t from = local(2026, 10, 10, 18, 0);
    make(&m, SIM_FREEZE_PERIOD, from);
    sim_meter_advance(&m, from + HOUR_MS);
    uint64_t sum = m.active.sum[0];
    m.relay_closed = false;
    sim_meter_advance(&m, from + 30 * DAY_MS);
    ck_assert_uint_eq(m.active.sum[0], sum);
    ck_assert_int_eq(sim_meter_power(&m).p_mw, 0);
    ck_assert_uint_eq(m.settlements, 1);
    m.relay_closed = true;
    sim_meter_advance(&m, from + 31 * DAY_MS);
    ck_assert_uint_gt(m.active.sum[0], sum);
}
END_TEST

START_TEST(what_flows_back_is_export_and_part_of_the_total)
{
    struct sim_load_row row = {-1000, -500, 2200};
    struct sim_load back = {&row, 1};
    struct sim_meter m, before;
    sim_meter_init(&m, 1, 3, &back, &tariff, SIM_FREEZE_PERIOD, local(2026, 10, 10, 0, 0));
    m.tap.scale = 1000;
    before = m;
    sim_meter_advance(&m, m.at_ms + HOUR_MS);
    ck_assert_uint_eq(m.active.backward - before.active.backward, SIM_PULSES_PER_UNIT);
    ck_assert_uint_eq(m.active.forward, before.active.forward);
    ck_assert_uint_eq(m.active.sum[0] - before.active.sum[0], SIM_PULSES_PER_UNIT);
    ck_assert_uint_eq(m.reactive.backward - before.reactive.backward, SIM_PULSES_PER_UNIT / 2);
}
END_TEST

START_TEST(clear_and_replace_begin_again)
{
    struct sim_meter m;
    int64_t from = local(2026, 10, 10, 18, 0);
    make(&m, SIM_FREEZE_PERIOD, from);
    sim_meter_advance(&m, from + HOUR_MS);
    sim_meter_clear(&m);
    ck_assert_uint_eq(m.active.sum[0] + m.reactive.sum[0] + sim_meter_month(&m, false, 0, 12), 0);
    sim_meter_replace(&m, 1000);
    ck_assert_uint_eq(m.active.sum[0], 1000);
    ck_assert_uint_eq(m.active.sum[1] + m.active.sum[2] + m.active.sum[3] + m.active.sum[4], 1000);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *suite = suite_create("sim_booking");
    TCase *c = tcase_create("energy");
    tcase_add_checked_fixture(c, set_up, tear_down);
    tcase_set_timeout(c, 120);
    tcase_add_loop_test(c, every_pulse_goes_to_the_rate_of_the_meters_own_clock, 0,
                        (int)(sizeof clocks / sizeof clocks[0]));
    tcase_add_test(c, how_often_it_is_asked_changes_nothing);
    tcase_add_test(c, the_four_rates_are_the_total_from_the_first_moment_on);
    tcase_add_loop_test(c, a_month_ends_in_both_freeze_models, 0, 2);
    tcase_add_test(c, settlement_follows_the_meters_clock);
    tcase_add_test(c, a_clock_set_back_over_the_instant_does_not_settle_twice);
    tcase_add_test(c, a_clock_set_ahead_makes_up_the_months_it_jumped_over);
    tcase_add_loop_test(c, a_clock_that_drifts_gains_its_seconds_a_day, 0, 2);
    tcase_add_test(c, an_open_relay_cuts_the_load_and_nothing_else);
    tcase_add_test(c, what_flows_back_is_export_and_part_of_the_total);
    tcase_add_test(c, clear_and_replace_begin_again);
    suite_add_tcase(suite, c);
    return suite;
}
