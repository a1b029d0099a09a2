/* Rows with holes, and samples that no other rule gives away: what the next row does not confirm is no
 * baseline. */
#include <string.h>
#include "judge_fixture.h"
#include "unit_main.h"

static void begin(void)
{
    fixture_init();
    warm_up("2026-03-10 03:00:00");
}

/* The same with a meter that can carry 20 kW. */
static void begin_with_a_maximum(void)
{
    begin();
    verify_free(fx.v);
    fx.v = NULL;
    fx.options.max_power_w = 20000;
}

/* A register that the next row does not give is confirmed by nobody. */
START_TEST(a_wrong_register_that_the_next_row_lacks)
{
    begin();
    fx.row.v[verify_rate(0, RATE_FLAT)] += 64000000;
    read_after(10000);
    fx.row.v[verify_rate(0, RATE_FLAT)] -= 64000000;
    fx.row.has &= (uint16_t) ~(1u << verify_rate(0, RATE_FLAT));
    flow(RATE_VALLEY, 10000);
    read_after(10000);
    fx.row.has |= 1u << verify_rate(0, RATE_FLAT);
    for (int i = 0; i < 3; i++) {
        flow(RATE_VALLEY, 10000);
        read_after(10000);
    }
    ck_assert_str_eq(told(), "");
    fixture_done();
}
END_TEST

START_TEST(registers_that_come_seldom_are_judged_all_the_same)
{
    const uint16_t all = (1u << VERIFY_REGISTERS) - 1, rates = 15u << verify_rate(0, 0);
    begin();
    for (int i = 0; i < 60; i++) { /* the rates once in five rows: no next row ever has them */
        fx.row.has = i % 5 == 0 ? all : (uint16_t)(all & ~rates);
        flow(i < 40 ? RATE_VALLEY : RATE_FLAT, 10000);
        read_after(10000);
    }
    fx.row.has = all;
    told();
    ck_assert_int_eq(event_of(RULE_T1)->quantity, Q_ACTIVE_ENERGY_FLAT);
    fixture_done();
}
END_TEST

/* Total and rates never come in one row: each waits for the next that gives it. */
static void read_in_turns(int n, enum rate rate)
{
    const uint16_t all = (1u << VERIFY_REGISTERS) - 1, rates = 255u << VR_RATES;
    for (int i = 0; i < n; i++) {
        fx.row.has = i % 2 == 0 ? rates : (uint16_t)(all & ~rates);
        flow(rate, 10000);
        read_after(10000);
    }
}

static const struct {
    const char *what;
    enum rate rate;
    int64_t amount;
    bool stays;
    const char *want;
} in_turns[] = {
    {"a rate too high, once", RATE_VALLEY, 64000000, false, ""},
    {"a rate too low, once", RATE_VALLEY, -300000, false, ""},
    {"a forbidden rate too high, once", RATE_FLAT, 64000000, false, ""},
    {"a rate far too high, and it stays", RATE_VALLEY, 64000000, true, "P1 active_energy_valley"},
    {"a forbidden rate moved, and it stays", RATE_FLAT, 10000, true, "T1 active_energy_flat"},
};

START_TEST(registers_that_no_next_row_gives)
{
    begin_with_a_maximum();
    flow(RATE_VALLEY, 900000);
    read_in_turns(20, RATE_VALLEY);
    fx.row.v[verify_rate(0, in_turns[_i].rate)] += in_turns[_i].amount;
    read_in_turns(2, RATE_VALLEY);
    if (!in_turns[_i].stays)
        fx.row.v[verify_rate(0, in_turns[_i].rate)] -= in_turns[_i].amount;
    read_in_turns(8, RATE_VALLEY);
    const char *got = told_so_far();
    ck_assert_msg(strcmp(got, in_turns[_i].want) == 0, "%s: %s", in_turns[_i].what, got);
    fixture_done();
}
END_TEST

/* Export has moved and import - export is possible, so registers may fall: what is beyond both neighbours is
 * no baseline, even where a hole keeps T2 from saying so. */
static const struct {
    const char *what;
    int hole; /* in this row, counted from the bad one on; -1: none */
    bool stays;
    const char *want;
} net_samples[] = {
    {"the next row lacks another rate", 1, false, ""},
    {"the bad row itself lacks it", 0, false, ""},
    {"no hole, and T2 says it", -1, false, ""},
    {"it stays, and breaks all there is", -1, true, "T2 -, T3 active_energy_valley, P1 active_energy_valley"},
};

START_TEST(a_bad_sample_of_a_net_register)
{
    begin_with_a_maximum();
    for (int i = 0; i < 20; i++) {
        fx.row.v[VR_EXPORT] += i < 3 ? 10000 : 0;
        flow(RATE_VALLEY, 10000);
        read_after(10000);
    }
    ck_assert_str_eq(told_so_far(), "");
    fx.row.v[verify_rate(0, RATE_VALLEY)] += 23000000;
    for (int i = 0; i < 6; i++) {
        if (i == 1 && !net_samples[_i].stays)
            fx.row.v[verify_rate(0, RATE_VALLEY)] -= 23000000;
        fx.row.has = (1u << VERIFY_REGISTERS) - 1;
        if (i == net_samples[_i].hole)
            fx.row.has &= (uint16_t) ~(1u << verify_rate(0, RATE_FLAT));
        flow(RATE_VALLEY, 10000);
        read_after(10000);
    }
    const char *got = told_so_far();
    ck_assert_msg(strcmp(got, net_samples[_i].want) == 0, "%s: %s", net_samples[_i].what, got);
    fixture_done();
}
END_TEST

/* A step that was one of a coarse register's may be export that does not show: no fall, and no evidence. */
START_TEST(a_fall_within_steps_is_no_sample)
{
    begin();
    for (int i = 0; i < 60; i++) {
        flow(RATE_VALLEY, 100000);
        read_after(60000);
    }
    flow(RATE_VALLEY, 2000000 - fx.row.v[verify_rate(0, RATE_VALLEY)] % 1000000);
    read_after(600000);
    read_after(600000);
    fx.row.v[verify_rate(0, RATE_VALLEY)] -= 1000000;
    read_after(1000);
    fx.row.v[verify_rate(0, RATE_VALLEY)] += 1000000;
    flow(RATE_VALLEY, 100000);
    read_after(60000);
    ck_assert_str_eq(told(), "");
    fixture_done();
}
END_TEST

START_TEST(a_jump_that_the_next_row_could_have_counted_is_none)
{
    begin_with_a_maximum();
    fx.options.columns = 1u << VR_TOTAL;
    fx.row.has = 1u << VR_TOTAL;
    read_after(10000);
    read_after(10000);
    fx.row.v[VR_TOTAL] += 30000000;
    read_after(10000);
    fx.row.v[VR_TOTAL] += 10000;
    read_after(7200000); /* in which 40 kWh can flow */
    fx.row.v[VR_TOTAL] += 30000000;
    read_after(10000);
    int64_t jumped_ms = fx.row.time_utc_ms;
    ck_assert_str_eq(told(), "P1 active_energy_total");
    ck_assert_int_eq(event_of(RULE_P1)->ts_utc_ms, jumped_ms);
    fixture_done();
}
END_TEST

Suite *unit_suite(void)
{
    Suite *s = suite_create("holes");
    TCase *c = tcase_create("holes");
    tcase_add_test(c, a_wrong_register_that_the_next_row_lacks);
    tcase_add_test(c, registers_that_come_seldom_are_judged_all_the_same);
    tcase_add_loop_test(c, registers_that_no_next_row_gives, 0, (int)(sizeof in_turns / sizeof in_turns[0]));
    tcase_add_loop_test(c, a_bad_sample_of_a_net_register, 0,
                        (int)(sizeof net_samples / sizeof net_samples[0]));
    tcase_add_test(c, a_fall_within_steps_is_no_sample);
    tcase_add_test(c, a_jump_that_the_next_row_could_have_counted_is_none);
    suite_add_tcase(s, c);
    return s;
}
