/* The order of things: range, zeros, equal times, glitches, falls; power; nothing is accused on one read. */
#include <string.h>
#include "judge_fixture.h"
#include "core/rc.h"
#include "unit_main.h"

#define LIMIT 100000000000000

static void begin(void)
{
    fixture_init();
    warm_up("2026-03-10 03:00:00");
}

START_TEST(range)
{
    begin();
    struct verify_row good = fx.row;
    fx.row.v[VR_EXPORT] = LIMIT + 1;
    ck_assert_int_eq(read_after(1000), VERIFY_REJECT_RANGE);
    fx.row.v[VR_EXPORT] = -1;
    ck_assert_int_eq(read_after(1000), VERIFY_REJECT_RANGE); /* export is no net register */
    memcpy(fx.row.v, good.v, sizeof good.v);
    fx.row.v[VR_TOTAL] = -LIMIT - 1;
    ck_assert_int_eq(read_after(1000), VERIFY_REJECT_RANGE);
    memcpy(fx.row.v, good.v, sizeof good.v);
    fx.row.v[verify_rate(1, 0)] = LIMIT;
    ck_assert_int_eq(read_after(1000), VERIFY_TAKEN);
    verify_reject_range(fx.v, fx.row.time_utc_ms + 1);
    ck_assert_uint_eq(result_now()->rejected_range, 4);
    ck_assert_uint_eq(fx.result.readings, 25);
    fixture_done();
}
END_TEST

static const struct {
    const char *what;
    enum combined_rule rule;
    bool export_given;
    enum verify_accept want;
} negative[] = {
    {"the rule is not known and export is there: the total may be negative", COMBINED_AUTO, true,
     VERIFY_TAKEN},
    {"so it may when it is import - export", COMBINED_IMPORT_MINUS_EXPORT, true, VERIFY_TAKEN},
    {"not when it is import + export", COMBINED_IMPORT_EXPORT, true, VERIFY_REJECT_RANGE},
    {"not when it is import", COMBINED_IMPORT, true, VERIFY_REJECT_RANGE},
    {"not without export", COMBINED_AUTO, false, VERIFY_REJECT_RANGE},
};

START_TEST(negative_totals)
{
    fixture_init();
    fx.options.combined = negative[_i].rule;
    if (!negative[_i].export_given)
        fx.options.columns &= (uint16_t) ~(1u << VR_EXPORT);
    fx.row.v[VR_TOTAL] = -1;
    ck_assert_msg(read_at(instant("2026-03-10 03:00:00"), 0) == negative[_i].want, "%s", negative[_i].what);
    fixture_done();
}
END_TEST

START_TEST(zeros_after_energy_are_nobodys)
{
    begin();
    struct verify_row good = fx.row;
    memset(fx.row.v, 0, sizeof fx.row.v);
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(read_after(10000), VERIFY_REJECT_ZERO);
    memcpy(fx.row.v, good.v, sizeof good.v);
    flow(RATE_VALLEY, 10000);
    read_after(10000);
    ck_assert_str_eq(told(), "");
    ck_assert_uint_eq(result_now()->rejected_zero, 3);
    fixture_done();
}
END_TEST

START_TEST(a_record_that_begins_with_zeros)
{
    fixture_init();
    struct verify_row good = fx.row;
    memset(fx.row.v, 0, sizeof fx.row.v);
    for (int i = 0; i < 3; i++)
        read_at(instant("2026-03-10 02:00:00") + i * 10000, 0);
    memcpy(fx.row.v, good.v, sizeof good.v); /* not one jump of everything: the record begins here */
    warm_up("2026-03-10 03:00:00");
    ck_assert_str_eq(told(), "");
    fixture_done();
}
END_TEST

START_TEST(equal_times)
{
    begin();
    ck_assert_int_eq(read_after(10000), VERIFY_TAKEN);
    ck_assert_int_eq(read_after(0), VERIFY_DUPLICATE);
    ck_assert_int_eq(read_after(0), VERIFY_DUPLICATE);
    ck_assert_uint_eq(result_now()->duplicates, 2);
    flow(RATE_FLAT, 10000); /* at night: would be T1 */
    ck_assert_int_eq(read_after(0), VERIFY_CONFLICT);
    ck_assert_int_eq(read_after(0), VERIFY_CONFLICT);
    ck_assert_uint_eq(result_now()->duplicates, 0); /* none of that time counts */
    ck_assert_uint_eq(fx.result.rejected_conflict, 5);
    fx.row.v[verify_rate(0, RATE_FLAT)] -= 10000;
    fx.row.v[VR_TOTAL] -= 10000;
    fx.row.v[VR_IMPORT] -= 10000;
    ck_assert_int_eq(read_after(10000), VERIFY_TAKEN);
    ck_assert_str_eq(told(), "");
    fixture_done();
}
END_TEST

START_TEST(settlement_blocks_of_one_time_are_compared_too)
{
    begin();
    fx.settlement[3] = 5;
    fx.sweep = true;
    read_after(10000);
    fx.sweep = true;
    ck_assert_int_eq(read_after(0), VERIFY_DUPLICATE);
    ck_assert_int_eq(read_after(0), VERIFY_CONFLICT); /* without a block */
    fx.sweep = true;
    read_after(10000);
    fx.sweep = true;
    fx.settlement[3] = 6;
    ck_assert_int_eq(read_after(0), VERIFY_CONFLICT);
    fixture_done();
}
END_TEST

/* One wrong row between two right ones; what stays is told. */
static const struct {
    const char *what;
    enum rate rate;
    int64_t rate_by, total_by;
    bool stays;
    const char *said;
    unsigned glitches;
} wrong_rows[] = {
    {"a rate too high, taken back", RATE_FLAT, 5000000, 5000000, false, "", 1},
    {"a forbidden rate, and it stays", RATE_FLAT, 10000, 10000, true, "T1 active_energy_flat", 0},
    {"everything too low, once", RATE_VALLEY, -50000, -50000, false, "", 1},
    {"the total too high, once", RATE_VALLEY, 0, 900000, false, "", 1},
    {"a rate fell, and it stays (all are near zero)", RATE_PEAK, -5000, 0, true, "T6 -", 0},
};

START_TEST(one_wrong_row)
{
    begin();
    fx.row.v[verify_rate(0, wrong_rows[_i].rate)] += wrong_rows[_i].rate_by;
    fx.row.v[VR_TOTAL] += wrong_rows[_i].total_by;
    read_after(10000);
    ck_assert_str_eq(told_so_far(), ""); /* one row alone accuses nobody */
    if (!wrong_rows[_i].stays) {
        fx.row.v[verify_rate(0, wrong_rows[_i].rate)] -= wrong_rows[_i].rate_by;
        fx.row.v[VR_TOTAL] -= wrong_rows[_i].total_by;
    }
    flow(RATE_VALLEY, 10000);
    read_after(10000);
    ck_assert_msg(strcmp(told(), wrong_rows[_i].said) == 0, "%s", wrong_rows[_i].what);
    ck_assert_msg(result_now()->rejected_glitch == wrong_rows[_i].glitches, "%s", wrong_rows[_i].what);
    for (int i = 0; i < 3; i++) { /* the wrong row was no baseline for anything */
        flow(RATE_VALLEY, 10000);
        read_after(10000);
    }
    ck_assert_msg(strcmp(told(), "") == 0, "%s, later", wrong_rows[_i].what);
    fixture_done();
}
END_TEST

START_TEST(a_bad_first_row_is_dropped)
{
    fixture_init();
    fx.row.v[verify_rate(0, RATE_PEAK)] += 7000000;
    read_at(instant("2026-03-10 02:00:00"), 0);
    fx.row.v[verify_rate(0, RATE_PEAK)] -= 7000000;
    warm_up("2026-03-10 03:00:00");
    ck_assert_str_eq(told(), "");
    ck_assert_uint_eq(result_now()->rejected_glitch, 1);
    fixture_done();
}
END_TEST

START_TEST(the_last_row_is_never_judged)
{
    begin();
    flow(RATE_FLAT, 10000);
    read_after(10000);
    verify_end(fx.v);
    ck_assert_str_eq(told_so_far(), "");
    ck_assert_int_ne(result_now()->verdict, VERDICT_VIOLATED);
    fixture_done();
}
END_TEST

/* T6: what a fall is. Registers of hundreds of kWh. */
static const struct {
    const char *what;
    int64_t to[2]; /* the total and valley; the other rates and import follow the total's kind of change */
    bool all;
    enum verify_fall fall;
    const char *said;
} falls[] = {
    {"all near zero: cleared", {10000, 10000}, true, FALL_CLEARED, "T6 -"},
    {"up to a kilowatt-hour counts as near zero", {1000000, 1000000}, true, FALL_CLEARED, "T6 -"},
    {"all elsewhere: another meter", {1000001, 1000001}, true, FALL_REPLACED, "T6 -"},
    {"all lower: another meter", {90000000, 30000000}, true, FALL_REPLACED, "T6 -"},
    {"one lower, the others count on: a fault",
     {400010000, 90000000},
     false,
     FALL_DECREASE,
     "T6 active_energy_valley"},
};

START_TEST(what_a_fall_is)
{
    fixture_init();
    fx.options.columns = fx.row.has = 1u << VR_TOTAL | 15u << VR_RATES;
    fx.row.v[VR_TOTAL] = 400000000;
    for (unsigned i = 0; i < RATE_COUNT; i++)
        fx.row.v[verify_rate(0, i)] = 100000000;
    warm_up("2026-03-10 03:00:00");
    if (falls[_i].all)
        for (unsigned i = 0; i < RATE_COUNT; i++)
            fx.row.v[verify_rate(0, i)] = falls[_i].to[1];
    fx.row.v[verify_rate(0, RATE_VALLEY)] = falls[_i].to[1];
    fx.row.v[VR_TOTAL] = falls[_i].all ? falls[_i].to[0] : fx.row.v[VR_TOTAL];
    read_after(10000);
    for (int i = 0; i < 3; i++) {
        fx.row.v[verify_rate(0, RATE_VALLEY)] += 10000;
        fx.row.v[VR_TOTAL] += 10000;
        read_after(10000);
    }
    ck_assert_msg(strcmp(told(), falls[_i].said) == 0, "%s", falls[_i].what);
    ck_assert_msg(event_of(RULE_T6)->fall == falls[_i].fall, "%s: %d", falls[_i].what,
                  event_of(RULE_T6)->fall);
    ck_assert_int_eq(event_of(RULE_T6)->has_excess, falls[_i].fall == FALL_DECREASE);
    fixture_done();
}
END_TEST

START_TEST(net_registers_may_fall_and_forbidden_ones_may_not_move)
{
    fixture_init();
    fx.options.combined = COMBINED_IMPORT_MINUS_EXPORT;
    warm_up("2026-03-10 03:00:00");
    flow(RATE_VALLEY, -30000); /* export */
    fx.row.v[VR_IMPORT] += 30000;
    fx.row.v[VR_EXPORT] += 30000;
    read_after(10000);
    ck_assert_str_eq(told(), "");
    fx.row.v[verify_rate(0, RATE_PEAK)] += 10000; /* forbidden, once */
    read_after(10000);
    fx.row.v[verify_rate(0, RATE_PEAK)] -= 10000;
    read_after(10000);
    ck_assert_str_eq(told(), "");
    ck_assert_uint_eq(result_now()->rejected_glitch, 1);
    flow(RATE_PEAK, -10000);
    fx.row.v[VR_IMPORT] += 10000;
    fx.row.v[VR_EXPORT] += 10000;
    read_after(10000);
    ck_assert_str_eq(told(), "T1 active_energy_peak");
    ck_assert_int_eq(event_of(RULE_T1)->excess, 10000);
    fx.row.v[VR_IMPORT] -= 10000; /* import itself never falls */
    read_after(10000);
    ck_assert_str_eq(told(), "T6 -");
    fixture_done();
}
END_TEST

/* P1: what flows in ten seconds at 3600 W is 0.01 kWh; R comes to it, and 9/5 for a meter that may add in
 * float32. */
static const struct {
    const char *what;
    int64_t by;
    const char *said;
} maximum[] = {
    {"full load, float32's share, and two Q", 12001 / 5 * 9 + 2 * Q, ""},
    {"one more", 12001 / 5 * 9 + 2 * Q + 1, "P1 active_energy_export"},
};

START_TEST(more_than_the_meter_can_carry)
{
    fixture_init();
    fx.options.max_power_w = 3600;
    fx.row.v[VR_EXPORT] = 0;
    for (int i = 0; i < 20; i++) {
        fx.row.v[VR_EXPORT] += 10000;
        read_at(instant("2026-03-10 03:00:00") + i * 10000, 0);
    }
    fx.row.v[VR_EXPORT] += maximum[_i].by;
    read_after(10000);
    ck_assert_msg(strcmp(told(), maximum[_i].said) == 0, "%s", maximum[_i].what);
    if (maximum[_i].said[0] != '\0')
        ck_assert_int_eq(event_of(RULE_P1)->excess, 1);
    fixture_done();
}
END_TEST

/* P2: half a kilowatt-hour and two Q by the lesser of two powers, rows at most 310 s apart. */
static const struct {
    const char *what;
    int64_t power_w, step_ms;
    int rows; /* without movement */
    const char *said;
} still[] = {
    {"0.52 kWh", 10400, 10000, 18, ""},
    {"0.5489 kWh", 10400, 10000, 19, "P2 active_energy_total"},
    {"exported", -10400, 10000, 19, "P2 active_energy_total"},
    {"24 W may be below what the meter starts at", 24, 310000, 400, ""},
    {"25 W is not", 25, 310000, 400, "P2 active_energy_total"},
    {"rows too far apart say nothing", 10400, 310001, 19, ""},
};

START_TEST(a_total_that_stands_still)
{
    begin();
    fx.row.has_power = true;
    fx.row.power_cw = still[_i].power_w * 100;
    read_after(1000);
    for (int i = 0; i < still[_i].rows; i++)
        read_after(still[_i].step_ms);
    fx.row.has_power = false;
    const char *said = told();
    ck_assert_msg(strcmp(said, still[_i].said) == 0, "%s: %s", still[_i].what, said);
    ck_assert_int_ne(result_now()->verdict, VERDICT_VIOLATED); /* a warning */
    fixture_done();
}
END_TEST

Suite *unit_suite(void)
{
    Suite *s = suite_create("pipeline");
    TCase *c = tcase_create("pipeline");
    tcase_add_test(c, range);
    tcase_add_loop_test(c, negative_totals, 0, (int)(sizeof negative / sizeof negative[0]));
    tcase_add_test(c, zeros_after_energy_are_nobodys);
    tcase_add_test(c, a_record_that_begins_with_zeros);
    tcase_add_test(c, equal_times);
    tcase_add_test(c, settlement_blocks_of_one_time_are_compared_too);
    tcase_add_loop_test(c, one_wrong_row, 0, (int)(sizeof wrong_rows / sizeof wrong_rows[0]));
    tcase_add_test(c, a_bad_first_row_is_dropped);
    tcase_add_test(c, the_last_row_is_never_judged);
    tcase_add_loop_test(c, what_a_fall_is, 0, (int)(sizeof falls / sizeof falls[0]));
    tcase_add_test(c, net_registers_may_fall_and_forbidden_ones_may_not_move);
    tcase_add_loop_test(c, more_than_the_meter_can_carry, 0, (int)(sizeof maximum / sizeof maximum[0]));
    tcase_add_loop_test(c, a_total_that_stands_still, 0, (int)(sizeof still / sizeof still[0]));
    suite_add_tcase(s, c);
    return s;
}
