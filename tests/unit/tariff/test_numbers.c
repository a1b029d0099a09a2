/* How finely a register counts, and what float32 may do to a sum. */
#include <string.h>
#include "judge_fixture.h"
#include "tariff/resolution.h"
#include "tariff/sum_check.h"
#include "unit_main.h"

#define ROWS(table) ((int)(sizeof(table) / sizeof(table)[0]))

static const struct {
    const char *what;
    int64_t values[6];
    int64_t step;
} learned[] = {
    {"nothing yet: the coarsest that still fits", {0}, 10000000},
    {"whole kilowatt-hours", {11000000, 12000000, 13000000, 14000000}, 1000000},
    {"tenths", {11100000, 11300000, 11700000, 11900000}, 100000},
    {"halves", {11500000, 12500000, 13500000, 14500000}, 500000},
    {"quarters are no fifths", {11250000, 11750000, 12250000, 12750000}, 250000},
    {"two values off the grid do not make it finer", {11110000, 11120000, 11500000, 12000000}, 500000},
    {"three do", {11110000, 11120000, 11130000, 12000000}, 10000},
    {"an equal value again is no second one", {11110000, 11110000, 11110000, 11110000}, 10000000},
    {"pulses", {10000625, 10001250, 10001875, 10002500}, RESOLUTION_PULSE},
    {"negative tenths", {-11100000, -11300000, -11700000, -11900000}, 100000},
    /* 100000.1 kWh as float32 is 100000.1016: within its ULP of 0.0078 */
    {"tenths as float32 shows them", {100000101562, 100000296875, 100000500000, 100000703125}, 100000},
    {"beyond one ULP of it they are none", {100000108000, 100000309000, 100000509000, 100000708900}, 10000},
};

START_TEST(steps)
{
    struct resolution r;
    resolution_init(&r);
    for (int i = 0; i < 6 && learned[_i].values[i] != 0; i++)
        resolution_add(&r, learned[_i].values[i]);
    ck_assert_msg(resolution_step(&r) == learned[_i].step, "%s: %lld", learned[_i].what,
                  (long long)resolution_step(&r));
}
END_TEST

static const struct {
    int64_t value, ulp;
} ulps[] = {
    {0, 1},
    {7999999, 1},
    {8000000, 1},
    {16000000, 2},
    {1024000000, 123},
    {-1024000000, 123},
    {8192000000, 977},
    {16383999999, 977},
    {16384000000, 1954},
    {131072000000, 15626},
    {8388608000000, 1000000},
    {16777216000000, 2000000},
};

START_TEST(units_in_the_last_place)
{
    ck_assert_int_eq(resolution_ulp(ulps[_i].value), ulps[_i].ulp);
}
END_TEST

START_TEST(a_step_is_known_after_fifty_movements)
{
    struct resolution r;
    resolution_init(&r);
    for (int i = 0; i <= RESOLUTION_INCREMENTS; i++) {
        ck_assert(!resolution_known(&r));
        resolution_add(&r, 1000000 + 10000 * i);
        resolution_add(&r, 1000000 + 10000 * i);
    }
    ck_assert(resolution_known(&r));
}
END_TEST

/* Registers of many kWh that are added up in float32, pulse by pulse, may stray by a share of what flowed. */
static const struct {
    const char *what;
    int64_t each; /* rate registers at the start; the total is four times that */
    int64_t gap;  /* what the total moves more while 1 kWh flows */
    bool said;
} strays[] = {
    {"at 2000 kWh a tenth is float32", 2000000000, 100000, false},
    {"at 1 kWh it is not", 1100000, 100000, true},
    {"at 2000 kWh one and a half kilowatt-hours are not", 2000000000, 1500000, true},
    {"above 16384 kWh pulses would be lost, so nothing strays", 20000000000, 200000, true},
};

START_TEST(float32_sums)
{
    fixture_init();
    for (unsigned r = 0; r < RATE_COUNT; r++)
        fx.row.v[verify_rate(0, r)] = strays[_i].each;
    fx.row.v[VR_TOTAL] = fx.row.v[VR_IMPORT] = 4 * strays[_i].each;
    warm_up("2026-03-10 03:00:00");
    flow(RATE_VALLEY, 1000000);
    fx.row.v[VR_TOTAL] += strays[_i].gap;
    read_after(3600000);
    const char *said = told();
    ck_assert_msg((strstr(said, "T2") != NULL) == strays[_i].said, "%s: %s", strays[_i].what, said);
    fixture_done();
}
END_TEST

/* Without a register of the total it is made of import and export. */
static const struct {
    const char *what;
    enum combined_rule rule;
    bool export_given;
    int64_t valley, import, export; /* per row */
    const char *said, *missing;
} totals[] = {
    {"import alone, where there is no export", COMBINED_AUTO, false, 10000, 10000, 0, "", ""},
    {"import alone, where export stands still", COMBINED_AUTO, true, 10000, 10000, 0, "", ""},
    {"it disagrees", COMBINED_AUTO, false, 10000, 30000, 0, "T2", ""},
    {"import + export", COMBINED_IMPORT_EXPORT, true, 30000, 10000, 20000, "", ""},
    {"it disagrees", COMBINED_IMPORT_EXPORT, true, 10000, 10000, 20000, "T2", ""},
    {"import - export", COMBINED_IMPORT_MINUS_EXPORT, true, 10000, 30000, 20000, "", ""},
    {"it disagrees", COMBINED_IMPORT_MINUS_EXPORT, true, 30000, 30000, 20000, "T2", ""},
    {"import alone, said so", COMBINED_IMPORT, true, 10000, 10000, 20000, "", ""},
    {"export moves and nobody says how: no total, no verdict", COMBINED_AUTO, true, 10000, 90000, 20000, "",
     "x"},
};

START_TEST(totals_of_import_and_export)
{
    fixture_init();
    fx.options.combined = totals[_i].rule;
    fx.options.columns &= (uint16_t) ~(1u << VR_TOTAL | (totals[_i].export_given ? 0u : 1u << VR_EXPORT));
    fx.row.has = fx.options.columns;
    for (int i = 0; i < 24; i++) {
        fx.row.v[verify_rate(0, RATE_VALLEY)] += totals[_i].valley;
        fx.row.v[VR_IMPORT] += totals[_i].import;
        fx.row.v[VR_EXPORT] += totals[_i].export;
        read_at(instant("2026-03-10 03:00:00") + i * 10000, 0);
    }
    const char *said = told();
    ck_assert_msg(strncmp(said, totals[_i].said, 2) == 0, "%s: %s", totals[_i].what, said);
    ck_assert_msg(totals[_i].said[0] != '\0' || said[0] == '\0', "%s: %s", totals[_i].what, said);
    ck_assert_msg((result_now()->verdict == VERDICT_UNDECIDED) == (totals[_i].missing[0] != '\0'), "%s: %u",
                  totals[_i].what, fx.result.missing);
    fixture_done();
}
END_TEST

/* Which rule the total's register follows shows when there is export. */
static const struct {
    int64_t total, import, export; /* per row */
    const char *rule;
} rules_seen[] = {
    {10000, 10000, 0, "undetermined"},
    {30000, 10000, 20000, "import+export"},
    {10000, 10000, 20000, "import"},
    {-10000, 10000, 20000, "import-export"},
};

START_TEST(the_combined_rule_is_learned)
{
    fixture_init();
    for (int i = 0; i < 40; i++) {
        fx.row.v[VR_TOTAL] += rules_seen[_i].total;
        fx.row.v[verify_rate(0, RATE_VALLEY)] += rules_seen[_i].total;
        fx.row.v[VR_IMPORT] += rules_seen[_i].import;
        fx.row.v[VR_EXPORT] += rules_seen[_i].export;
        read_at(instant("2026-03-10 03:00:00") + i * 10000, 0);
    }
    ck_assert_str_eq(told(), "");
    ck_assert_str_eq(result_now()->combined_rule, rules_seen[_i].rule);
    fixture_done();
}
END_TEST

START_TEST(a_rule_that_the_site_says_is_not_learned)
{
    static const char *const names[] = {"undetermined", "import+export", "import", "import-export"};
    fixture_init();
    fx.options.combined = (enum combined_rule)_i;
    read_at(instant("2026-03-10 03:00:00"), 0);
    ck_assert_str_eq(result_now()->combined_rule, names[_i]);
    fixture_done();
}
END_TEST

static struct sum_check sound(void)
{
    struct sum_check c;
    struct sum_evidence why;
    sum_check_init(&c, false);
    for (int i = 0; i < 5; i++) {
        struct sum_row row = {.ts_ms = 1000 * i,
                              .value = {400000 + 10000 * i, 100000, 100000, 100000, 100000 + 10000 * i}};
        sum_check_add(&c, &row, &why);
    }
    return c;
}

static void spoil(struct sum_check *c, int how)
{
    int64_t *numbers[] = {&c->base.value[0], &c->last.value[4], &c->pending.value[2], &c->span,
                          &c->clean_total};
    uint8_t *flags[] = {&c->has_last, &c->has_pending, &c->net, &c->open, &c->clean, &c->stubborn};
    if (how < 10)
        *numbers[how / 2] = how % 2 == 0 ? INT64_MAX : INT64_MIN;
    else if (how < 16)
        *flags[how - 10] = 5;
    else
        c->step[how - 16].step = how % 2 == 0 ? RESOLUTION_PULSE - 1 : 10000001;
}

START_TEST(a_saved_sum_check_out_of_range)
{
    struct sum_check c = sound();
    ck_assert(sum_check_sane(&c));
    spoil(&c, _i);
    ck_assert(!sum_check_sane(&c));
}
END_TEST

Suite *unit_suite(void)
{
    Suite *s = suite_create("numbers");
    TCase *c = tcase_create("numbers");
    tcase_add_loop_test(c, steps, 0, ROWS(learned));
    tcase_add_loop_test(c, units_in_the_last_place, 0, ROWS(ulps));
    tcase_add_test(c, a_step_is_known_after_fifty_movements);
    tcase_add_loop_test(c, float32_sums, 0, ROWS(strays));
    tcase_add_loop_test(c, totals_of_import_and_export, 0, ROWS(totals));
    tcase_add_loop_test(c, the_combined_rule_is_learned, 0, ROWS(rules_seen));
    tcase_add_loop_test(c, a_rule_that_the_site_says_is_not_learned, 0, 4);
    tcase_add_loop_test(c, a_saved_sum_check_out_of_range, 0, 21);
    suite_add_tcase(s, c);
    return s;
}
