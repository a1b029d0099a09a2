/* The order of things: range, zeros, equal times, glitches; nothing is accused on one read. */
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

START_TEST(of_two_answers_neither_counts)
{
    begin();
    flow(RATE_FLAT, 10000); /* would be T1, and the first of the two */
    read_after(10000);
    flow(RATE_FLAT, -10000);
    ck_assert_int_eq(read_after(0), VERIFY_CONFLICT);
    flow(RATE_FLAT, 10000); /* the movement is seen when it comes alone */
    read_after(10000);
    ck_assert_str_eq(told(), "T1 active_energy_flat");
    ck_assert_int_eq(event_of(RULE_T1)->ts_utc_ms, instant("2026-03-10 03:00:20"));
    fixture_done();
}
END_TEST

START_TEST(a_total_too_high_once_that_the_next_row_passes)
{
    begin();
    flow(RATE_VALLEY, 10000);
    fx.row.v[VR_TOTAL] += 100000;
    read_after(10000);
    fx.row.v[VR_TOTAL] -= 100000;
    flow(RATE_VALLEY, 110000);
    read_after(10000);
    ck_assert_str_eq(told(), "");
    ck_assert_uint_eq(result_now()->rejected_glitch, 1);
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

/* A meter that has not counted yet: one row with energy is a bad sample as long as zeros go on behind it. */
START_TEST(a_bad_sample_among_zeros)
{
    fixture_init();
    memset(fx.row.v, 0, sizeof fx.row.v);
    for (int i = 0; i < 12; i++) {
        unsigned e = i < 6 ? verify_rate(0, RATE_VALLEY) : VR_EXPORT;
        fx.row.v[e] = i % 6 == 3 ? 64000000 : 0;
        read_at(instant("2026-03-10 02:00:00") + i * 60000, 0);
    }
    for (int i = 0; i < 6; i++) {
        flow(RATE_VALLEY, 10000);
        read_after(60000);
    }
    ck_assert_str_eq(told(), "");
    ck_assert_uint_eq(result_now()->rejected_glitch, 2);
    ck_assert_uint_eq(fx.result.rejected_zero, 0);
    read_after(60000);
    memset(fx.row.v, 0, sizeof fx.row.v);
    ck_assert_int_eq(read_after(60000), VERIFY_REJECT_ZERO);
    fixture_done();
}
END_TEST

START_TEST(a_settlement_block_alone_confirms_nothing)
{
    static const uint16_t all = (1u << VERIFY_REGISTERS) - 1;
    begin();
    fx.row.v[VR_TOTAL] += 12000000;
    read_after(10000);
    for (int i = 0; i < 2; i++) {
        fx.row.has = 0;
        fx.sweep = true;
        fx.settlement[3] = 5;
        read_after(1000);
    }
    fx.row.has = all;
    fx.row.v[VR_TOTAL] -= 12000000;
    flow(RATE_VALLEY, 10000);
    read_after(10000);
    ck_assert_str_eq(told(), "");
    ck_assert_uint_eq(result_now()->rejected_glitch, 1);
    fixture_done();
}
END_TEST

/* import - export, counted in whole kWh: 0.3 kWh of export takes total and rate over a step of theirs, and
 * the export register shows none of it. */
START_TEST(net_registers_fall_before_export_shows)
{
    fixture_init();
    for (unsigned e = 0; e < VERIFY_REGISTERS; e++)
        fx.row.v[e] = 64000000 * (1 + (int64_t)e);
    read_at(instant("2026-03-10 02:00:00"), 0);
    fx.row.v[verify_rate(0, RATE_VALLEY)] -= 1000000;
    fx.row.v[VR_TOTAL] -= 1000000;
    read_after(60000);
    read_after(60000);
    ck_assert_str_eq(told(), "");
    fx.row.v[verify_rate(0, RATE_VALLEY)] -= 3000000; /* so much it would show */
    fx.row.v[VR_TOTAL] -= 3000000;
    read_after(60000);
    ck_assert_str_eq(told(), "T6 active_energy_total, T6 active_energy_valley");
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

Suite *unit_suite(void)
{
    Suite *s = suite_create("pipeline");
    TCase *c = tcase_create("pipeline");
    tcase_add_test(c, range);
    tcase_add_loop_test(c, negative_totals, 0, (int)(sizeof negative / sizeof negative[0]));
    tcase_add_test(c, zeros_after_energy_are_nobodys);
    tcase_add_test(c, a_record_that_begins_with_zeros);
    tcase_add_test(c, equal_times);
    tcase_add_test(c, of_two_answers_neither_counts);
    tcase_add_test(c, a_total_too_high_once_that_the_next_row_passes);
    tcase_add_test(c, settlement_blocks_of_one_time_are_compared_too);
    tcase_add_loop_test(c, one_wrong_row, 0, (int)(sizeof wrong_rows / sizeof wrong_rows[0]));
    tcase_add_test(c, a_bad_sample_among_zeros);
    tcase_add_test(c, a_settlement_block_alone_confirms_nothing);
    tcase_add_test(c, net_registers_fall_before_export_shows);
    tcase_add_test(c, a_bad_first_row_is_dropped);
    tcase_add_test(c, the_last_row_is_never_judged);
    suite_add_tcase(s, c);
    return s;
}
