/* What falls, what may fall, and what flows: T6, net registers, P1 and P2. */
#include <string.h>
#include "judge_fixture.h"
#include "unit_main.h"

static void begin(void)
{
    fixture_init();
    warm_up("2026-03-10 03:00:00");
}

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

/* The first export, of a record or of a meter's life, and the rule is not known: it may be import - export.
 */
START_TEST(the_first_export_is_no_fall)
{
    fixture_init();
    if (_i < 2)
        warm_up("2026-03-10 03:00:00");
    else
        fx.row.time_utc_ms = instant("2026-03-10 03:00:00");
    int64_t by = _i % 2 == 0 ? 10000 : 30000;
    for (int i = 0; i < 20; i++) {
        fx.row.v[verify_rate(0, RATE_VALLEY)] -= by;
        fx.row.v[VR_TOTAL] -= by;
        fx.row.v[VR_IMPORT] += 10000;
        fx.row.v[VR_EXPORT] += 10000 + by;
        read_after(10000);
    }
    ck_assert_str_eq(told(), "");
    ck_assert_uint_eq(result_now()->rejected_glitch, 0);
    ck_assert_str_eq(fx.result.combined_rule, "import-export");
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
    Suite *s = suite_create("falls");
    TCase *c = tcase_create("falls");
    tcase_add_loop_test(c, what_a_fall_is, 0, (int)(sizeof falls / sizeof falls[0]));
    tcase_add_test(c, net_registers_may_fall_and_forbidden_ones_may_not_move);
    tcase_add_loop_test(c, the_first_export_is_no_fall, 0, 4);
    tcase_add_loop_test(c, more_than_the_meter_can_carry, 0, (int)(sizeof maximum / sizeof maximum[0]));
    tcase_add_loop_test(c, a_total_that_stands_still, 0, (int)(sizeof still / sizeof still[0]));
    suite_add_tcase(s, c);
    return s;
}
