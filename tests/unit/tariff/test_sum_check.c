/* Rule T2 one row late: what is a glitch, what is a violation, what closes it; a correct meter is never
 * accused. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "core/decimal.h"
#include "tariff/sum_check.h"
#include "unit_main.h"

#define MINUTE 60000LL
#define DAY    (24 * 60 * MINUTE)

static struct sum_check check;
static struct sum_evidence why;
static int64_t now_ms;

static void setup(void)
{
    sum_check_init(&check, false);
    now_ms = 1790000000000;
}

/* A row of 10^-6 kWh a minute later. */
static enum sum_event row(int64_t total, int64_t a, int64_t b, int64_t c, int64_t d)
{
    struct sum_row r = {.ts_ms = now_ms += MINUTE, .window_ms = 90, .value = {total, a, b, c, d}};
    return sum_check_add(&check, &r, &why);
}

/* 1 kW in the first rate for so many minutes from `start` (10^-6 kWh) on; `lost` is kept back from the rate a
 * minute. */
static int64_t total, sharp;
static enum sum_event run(int minutes, int64_t lost)
{
    enum sum_event last = SUM_QUIET;
    for (int i = 0; i < minutes; i++) {
        total += 17000;
        sharp += 17000 - lost;
        enum sum_event e = row(total, sharp, 3500000, 2200001, 7777123);
        last = e != SUM_QUIET ? e : last;
    }
    return last;
}

static void begin(void)
{
    total = 20001430;
    sharp = 5678901;
    ck_assert_int_eq(run(60, 0), SUM_QUIET);
}

START_TEST(correct_meter_is_quiet_and_its_steps_are_learned)
{
    begin();
    ck_assert_int_eq(run(1000, 0), SUM_QUIET);
    int64_t step[SUM_REGISTERS];
    sum_check_steps(&check, step);
    for (int i = 0; i < SUM_REGISTERS; i++)
        ck_assert_int_eq(step[i], RESOLUTION_PULSE); /* also of the three that never moved */
}
END_TEST

START_TEST(one_wrong_read_accuses_nobody)
{
    begin();
    total += 17000;
    sharp += 17000;
    int64_t values[][5] = {{total + 5000000, sharp, 3500000, 2200001, 7777123}, /* too high in the total */
                           {total, sharp + 900000, 3500000, 2200001, 7777123},
                           {total - 5000000, sharp, 3500000, 2200001, 7777123},
                           {total, sharp, 0, 2200001, 7777123},
                           {0, 0, 0, 0, 0}};
    const int64_t *v = values[_i];
    ck_assert_int_eq(row(v[0], v[1], v[2], v[3], v[4]), SUM_QUIET);
    ck_assert_int_eq(run(200, 0), SUM_QUIET);
    ck_assert_uint_eq(check.glitches, _i < 4 ? 1 : 0);
}
END_TEST

START_TEST(a_jump_that_stays_is_a_violation_with_its_evidence)
{
    begin();
    total += 5000000; /* 5 kWh that no rate got */
    ck_assert_int_eq(run(1, 0), SUM_QUIET);
    int64_t seen = now_ms;
    ck_assert_int_eq(run(1, 0), SUM_OPENED);
    ck_assert_int_eq(why.after.ts_ms, seen);
    ck_assert_int_eq(why.before.ts_ms, seen - MINUTE);
    ck_assert_int_eq(why.deviation, -5000000);
    ck_assert_int_eq(why.excess, 5000000 - why.tolerance);
    ck_assert_int_gt(why.tolerance, 10 * RESOLUTION_PULSE - 1);
    ck_assert_int_lt(why.tolerance, 20000);
    ck_assert_int_eq(run(100, 0), SUM_QUIET);
    ck_assert(check.open);
}
END_TEST

START_TEST(a_leak_too_small_for_two_rows_is_found_over_many)
{
    begin();
    int minutes = 0;
    while (run(1, 100) == SUM_QUIET && minutes < 1000) /* 0.6 % of what flows */
        minutes++;
    ck_assert(check.open);
    ck_assert_int_gt(minutes, 60); /* the tolerance hides it so long */
    ck_assert_int_lt(minutes, 140);
}
END_TEST

START_TEST(a_finding_closes_after_three_clean_checks_and_a_day)
{
    begin();
    total += 5000000;
    run(2, 0);
    ck_assert(check.open);
    int64_t violated = check.violated_ms;
    enum sum_event e = SUM_QUIET;
    int minutes = 0;
    while (e == SUM_QUIET && minutes++ < 3000)
        e = run(1, 0);
    ck_assert_int_eq(e, SUM_CLOSED);
    ck_assert_int_ge(why.after.ts_ms - violated, DAY);
    ck_assert_int_le(why.after.ts_ms - violated, DAY + MINUTE);
    ck_assert(!check.open);
    total += 5000000; /* a recurrence is a new finding */
    run(1, 0);
    ck_assert_int_eq(run(1, 0), SUM_OPENED);
}
END_TEST

START_TEST(a_fault_that_goes_on_does_not_close_and_is_counted)
{
    begin();
    int opened = 0, closed = 0, repeated = 0;
    for (int i = 0; i < 5 * 24 * 60; i++) {
        enum sum_event e = run(1, 1000);
        opened += e == SUM_OPENED;
        repeated += e == SUM_REPEATED;
        closed += e == SUM_CLOSED;
    }
    ck_assert_int_eq(opened, 1);
    ck_assert_int_eq(closed, 0);
    ck_assert_int_gt(repeated, 100);
    ck_assert_uint_eq(check.count, (uint64_t)repeated + 1);
}
END_TEST

START_TEST(without_energy_nothing_is_checked_and_nothing_closes)
{
    begin();
    total += 5000000;
    run(2, 0);
    ck_assert(check.open);
    for (int i = 0; i < 3 * 24 * 60; i++)
        ck_assert_int_eq(row(total, sharp, 3500000, 2200001, 7777123), SUM_QUIET);
    ck_assert(check.open);
}
END_TEST

START_TEST(a_day_alone_does_not_close_three_checks_with_energy_do)
{
    begin();
    total += 5000000;
    run(2, 0);
    ck_assert(check.open);
    now_ms += 2 * DAY;
    int64_t span = check.span; /* what flowed while the fault showed */
    for (int k = 0; k < 3; k++) {
        total += span;
        sharp += span;
        ck_assert_int_eq(row(total, sharp, 3500000, 2200001, 7777123), SUM_QUIET);
    }
    ck_assert(check.open); /* the third is not yet judged */
    ck_assert_int_eq(run(1, 0), SUM_CLOSED);
}
END_TEST

START_TEST(an_offset_from_the_first_day_is_no_fault)
{
    total = 90000000; /* multi-rate was enabled late */
    sharp = 678901;
    ck_assert_int_eq(run(2000, 0), SUM_QUIET);
    ck_assert(!check.open);
}
END_TEST

START_TEST(a_bad_first_row_is_dropped)
{
    ck_assert_int_eq(row(99000000, 99, 98, 97, 96), SUM_QUIET);
    begin();
    ck_assert_int_eq(run(300, 0), SUM_QUIET);
}
END_TEST

START_TEST(sums_broken_from_the_first_row_on_are_found)
{
    total = 20001430;
    sharp = 5678901;
    run(30, 17000); /* the rate stands still */
    ck_assert(check.open);
}
END_TEST

START_TEST(a_cleared_meter_begins_a_new_record)
{
    begin();
    total = 0;
    sharp = 0;
    row(0, 0, 0, 0, 0);
    for (int i = 1; i < 500; i++)
        ck_assert_int_eq(row(17000 * i, 17000 * i, 0, 0, 0), SUM_QUIET);
    ck_assert(!check.open);
}
END_TEST

START_TEST(a_saved_state_goes_on_as_if_nothing_had_been)
{
    begin();
    run(50, 100);
    struct sum_check copy = check;
    ck_assert(sum_check_sane(&copy));
    int64_t t = total, s = sharp, at = now_ms;
    enum sum_event first = run(200, 100);
    struct sum_check after = check;
    check = copy;
    total = t;
    sharp = s;
    now_ms = at;
    ck_assert_int_eq(run(200, 100), first);
    ck_assert_int_eq(memcmp(&after, &check, sizeof check), 0);
    copy.open = 7;
    ck_assert(!sum_check_sane(&copy));
}
END_TEST

/* What a meter shows: truncated or rounded to its step, as a float32, as its shortest decimal (to 10^-6). */
static int64_t shown(double kwh, double step, bool round)
{
    double v = step > 0 ? (round ? floor(kwh / step + 0.5) : floor(kwh / step + 1e-9)) * step : kwh;
    int64_t scaled = 0;
    ck_assert_int_eq(decimal_from_float((float)v, 6, &scaled), 0);
    return scaled;
}

/* Soundness: 96 correct meters of all resolutions and sizes, with switching rates; none is ever accused. */
START_TEST(a_correct_meter_is_never_accused)
{
    static const double steps[] = {0, 0.001, 0.01, 0.1, 0.25, 1};
    unsigned short seed[3] = {(unsigned short)_i, 77, 9};
    double step = steps[_i % 6];
    bool round = _i / 6 % 2;
    double pulse = 1.0 / 1600, energy[4] = {0}, rest = 0, base[4];
    for (int r = 0; r < 4; r++)
        base[r] = r == 3 && _i % 3 == 0 ? 0 : erand48(seed) * (_i % 5 == 0 ? 200000 : 2000);
    double offset = _i % 4 == 0 ? erand48(seed) * 500 : 0, load = 0.05 + erand48(seed) * 4;
    for (int i = 0; i < 3000; i++) {
        int rate = i / 97 % (_i % 3 == 0 ? 3 : 4);
        rest += load * (0.5 + erand48(seed)) * (61 + erand48(seed) * 3) / 3600;
        double whole = floor(rest / pulse) * pulse;
        rest -= whole;
        energy[rate] += whole;
        double sum = offset;
        struct sum_row r = {.ts_ms = now_ms += 61000, .window_ms = 90};
        for (int k = 0; k < 4; k++) {
            sum += base[k] + energy[k];
            r.value[1 + k] = shown(base[k] + energy[k], step, round);
        }
        r.value[0] = shown(sum, step, round);
        if (i % 331 == 17) /* a phantom */
            memset(r.value, 0, sizeof r.value);
        ck_assert_msg(sum_check_add(&check, &r, &why) == SUM_QUIET, "meter %d row %d: off %lld allowed %lld",
                      _i, i, (long long)why.deviation, (long long)why.tolerance);
    }
}
END_TEST

Suite *unit_suite(void)
{
    Suite *s = suite_create("sum_check");
    TCase *t = tcase_create("T2");
    tcase_set_timeout(t, 60);
    tcase_add_checked_fixture(t, setup, NULL);
    tcase_add_test(t, correct_meter_is_quiet_and_its_steps_are_learned);
    tcase_add_loop_test(t, one_wrong_read_accuses_nobody, 0, 5);
    tcase_add_test(t, a_jump_that_stays_is_a_violation_with_its_evidence);
    tcase_add_test(t, a_leak_too_small_for_two_rows_is_found_over_many);
    tcase_add_test(t, a_finding_closes_after_three_clean_checks_and_a_day);
    tcase_add_test(t, a_fault_that_goes_on_does_not_close_and_is_counted);
    tcase_add_test(t, without_energy_nothing_is_checked_and_nothing_closes);
    tcase_add_test(t, a_day_alone_does_not_close_three_checks_with_energy_do);
    tcase_add_test(t, an_offset_from_the_first_day_is_no_fault);
    tcase_add_test(t, a_bad_first_row_is_dropped);
    tcase_add_test(t, sums_broken_from_the_first_row_on_are_found);
    tcase_add_test(t, a_cleared_meter_begins_a_new_record);
    tcase_add_test(t, a_saved_state_goes_on_as_if_nothing_had_been);
    tcase_add_loop_test(t, a_correct_meter_is_never_accused, 0, 96);
    suite_add_tcase(s, t);
    return s;
}
