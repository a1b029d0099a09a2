/* F1 to F7 on sweeps around one settlement, 2026-04-01 00:00 of the meter's time: the last that passes, the
 * first that does not. */
#include <string.h>
#include "freeze_fixture.h"
#include "unit_main.h"

static void two_changed(void)
{
    frozen_changed();
    fx.settlement[at(6, 2)] += 1;
}
static void few_slots_and_one_changed(void)
{
    for (unsigned f = 0; f < SETTLEMENT_FAMILIES; f++)
        for (unsigned slot = 3; slot < SETTLEMENT_SLOTS; slot++)
            fx.settlement[at(f, slot)] = VERIFY_ABSENT;
    fx.settlement[at(4, 2)] += 1;
}

static const struct {
    const char *what;
    void (*change)(void);
    const char *said;
} between[] = {
    {"nothing changed", nothing, ""},
    {"the month fell by 10^-6 kWh", month_fell, "F7 active_energy_valley_month"},
    {"a frozen value changed by 10^-6 kWh", frozen_changed, "F5 active_energy_peak_prev07"},
    {"two did: the first is told", two_changed, "F5 active_energy_peak_prev07"},
    {"one did, and few were read", few_slots_and_one_changed, "F5 active_energy_peak_prev02"},
    {"the block moved on too early", rolled_early, "F1 -"},
};

START_TEST(between_settlements)
{
    automatic = false;
    begin(FREEZE_CUMULATIVE);
    between[_i].change();
    sweep_at("2026-03-31 21:00:00");
    const char *said = told();
    ck_assert_msg(strcmp(said, between[_i].said) == 0, "%s: %s", between[_i].what, said);
    fixture_done();
}
END_TEST

static void no_roll(void)
{
    for (unsigned f = 0; f < SETTLEMENT_FAMILIES; f++)
        memmove(&fx.settlement[at(f, 1)], &fx.settlement[at(f, 2)],
                (SETTLEMENT_SLOTS - 2) * sizeof fx.settlement[0]);
}
static void rolled_twice(void)
{
    for (unsigned f = 0; f < SETTLEMENT_FAMILIES; f++)
        memmove(&fx.settlement[at(f, 2)], &fx.settlement[at(f, 1)],
                (SETTLEMENT_SLOTS - 2) * sizeof fx.settlement[0]);
}
static void one_family_stayed(void)
{
    fx.settlement[at(4, 5)] += 10000;
}
static const struct {
    const char *what;
    enum freeze_model model;
    void (*change)(void);
    int64_t fresh;    /* and that much more in peak's fresh value */
    const char *rule; /* of the first event; the others follow from it */
} after[] = {
    {"all moved on, cumulative", FREEZE_CUMULATIVE, nothing, 0, ""},
    {"all moved on, period", FREEZE_PERIOD, nothing, 0, ""},
    {"not moved on", FREEZE_CUMULATIVE, no_roll, 0, "F1"},
    {"moved on twice", FREEZE_CUMULATIVE, rolled_twice, 0, "F1"},
    {"one family otherwise", FREEZE_CUMULATIVE, one_family_stayed, 0, "F1"},
    {"the fresh value below the month by two Q", FREEZE_CUMULATIVE, nothing, -2 * Q, ""},
    {"by one more", FREEZE_CUMULATIVE, nothing, -2 * Q - 1, "F2"},
    {"above what is counted now by two Q", FREEZE_CUMULATIVE, nothing, 2 * Q, ""},
    {"by one more", FREEZE_CUMULATIVE, nothing, 2 * Q + 1, "F2"},
    {"period: below the month by two Q", FREEZE_PERIOD, nothing, -2 * Q, ""},
    {"by one more", FREEZE_PERIOD, nothing, -2 * Q - 1, "F2"},
    {"period: above it by half a kilowatt-hour", FREEZE_PERIOD, nothing, 500000, "F2"},
};

#define AFTER (int)(sizeof after / sizeof after[0])

START_TEST(at_a_settlement)
{
    automatic = false;
    apart = _i >= AFTER;
    _i %= AFTER;
    begin(after[_i].model);
    pass_settlement();
    after[_i].change();
    fx.settlement[at(4, 1)] += after[_i].fresh;
    sweep_at("2026-04-01 06:30:00");
    const char *said = told();
    ck_assert_msg(strncmp(said, after[_i].rule, 2) == 0, "%s: %s", after[_i].what, said);
    ck_assert_msg(after[_i].rule[0] != '\0' || said[0] == '\0', "%s: %s", after[_i].what, said);
    fixture_done();
}
END_TEST

/* Within S + G after (S before) an instant the meter may be moving on: such a sweep says nothing. */
static const struct {
    const char *what, *when;
    bool judged;
} near[] = {
    {"S before the instant and a millisecond", "2026-03-31 23:54:59.999", true},
    {"S before it", "2026-03-31 23:55:00", false},
    {"S + G after it", "2026-04-01 00:06:02.099", false},
    {"and the window of the read", "2026-04-01 00:06:02.100", true},
};

START_TEST(near_an_instant)
{
    automatic = false;
    begin(FREEZE_CUMULATIVE);
    fx.settlement[at(4, 7)] += 1;
    sweep_at(near[_i].when);
    const char *said = told();
    ck_assert_msg((said[0] != '\0') == near[_i].judged, "%s: %s", near[_i].what, said);
    fixture_done();
}
END_TEST

/* F3: combined against the rates. F6: the order of readings, the size of a month. */
static void combined_off(void)
{
    fx.settlement[at(0, 3)] += 5 * Q;
}
static void combined_too_far_off(void)
{
    fx.settlement[at(0, 3)] += 5 * Q + 200; /* float32's share of so little is less */
}
static void older_is_larger(void)
{
    fx.settlement[at(4, 3)] = fx.settlement[at(4, 2)] + 1;
}
static void huge_month(void)
{
    fx.settlement[at(6, 2)] += 100 * 24 * 32 * 1000 + 1000000; /* 100 W for 32 days, and 1 kWh */
}

static const struct {
    const char *what;
    enum freeze_model model;
    void (*change)(void);
    const char *rule;
} blocks[] = {
    {"combined within five Q of the sum of the rates", FREEZE_PERIOD, combined_off, ""},
    {"beyond it", FREEZE_PERIOD, combined_too_far_off, "F3"},
    {"an older reading is larger", FREEZE_CUMULATIVE, older_is_larger, "F6"},
    {"consumption may be", FREEZE_PERIOD, older_is_larger, ""},
    {"a month of more than full load", FREEZE_PERIOD, huge_month, "F6"},
};

/* The first sweep of a record is judged by itself. */
START_TEST(within_one_block)
{
    model = blocks[_i].model;
    fixture_init();
    fx.options.freeze = model;
    fx.options.max_power_w = 100;
    for (unsigned r = 0; r < RATE_COUNT; r++)
        fx.row.v[verify_rate(0, r)] = 500000;
    fx.row.v[VR_TOTAL] = fx.row.v[VR_IMPORT] = 2000000;
    for (int i = 0; i < 20; i++) {
        static const int hour[] = {8, 11, 18, 2};
        flow((enum rate)(i % 4), 10000);
        read_at(instant("2026-03-20 00:00:00") + i * DAY + hour[i % 4] * 3600000LL, 0);
    }
    ck_assert_str_eq(told(), "");
    all_families(set_first);
    blocks[_i].change();
    fx.row.time_utc_ms = instant("2026-04-15 11:00:00");
    sweep_at("2026-04-15 12:00:00");
    const char *said = told();
    ck_assert_msg(strncmp(said, blocks[_i].rule, 2) == 0, "%s: %s", blocks[_i].what, said);
    ck_assert_msg(blocks[_i].rule[0] != '\0' || said[0] == '\0', "%s: %s", blocks[_i].what, said);
    fixture_done();
}
END_TEST

static void no_history(void)
{
    for (unsigned f = 0; f < SETTLEMENT_FAMILIES; f++)
        for (unsigned slot = 1; slot < SETTLEMENT_SLOTS; slot++)
            if (fx.settlement[at(f, slot)] != VERIFY_ABSENT)
                fx.settlement[at(f, slot)] = 0;
}
static void other_rate_is_a_period(void)
{
    fx.settlement[at(4, 0)] -= 100000;
}

static const struct {
    const char *what;
    enum freeze_model meter;
    void (*change)(void);
    int sweeps; /* after the first */
    enum freeze_model learned;
    const char *said;
} models[] = {
    {"months below what the registers show", FREEZE_PERIOD, nothing, 1, FREEZE_PERIOD, ""},
    {"months equal to the registers, once", FREEZE_CUMULATIVE, nothing, 0, FREEZE_AUTO, ""},
    {"and again", FREEZE_CUMULATIVE, nothing, 1, FREEZE_CUMULATIVE, ""},
    {"rates that do not agree about it", FREEZE_CUMULATIVE, other_rate_is_a_period, 1, FREEZE_AUTO, "F2"},
};

#define MODELS (int)(sizeof models / sizeof models[0])

START_TEST(the_model_is_learned)
{
    automatic = true;
    apart = _i >= MODELS;
    _i %= MODELS;
    begin(models[_i].meter);
    for (int i = 0; i < models[_i].sweeps; i++) {
        models[_i].change();
        sweep_at("2026-03-31 21:00:00");
    }
    const char *said = told();
    ck_assert_msg(strncmp(said, models[_i].said, 2) == 0, "%s: %s", models[_i].what, said);
    ck_assert_msg(result_now()->freeze == models[_i].learned, "%s: %d", models[_i].what, fx.result.freeze);
    fixture_done();
}
END_TEST

START_TEST(the_first_month_of_a_meter_tells_nothing)
{
    automatic = true;
    begin(FREEZE_CUMULATIVE);
    read_at(instant("2026-04-01 00:10:00"), 0);
    no_history();
    for (int day = 2; day < 8; day++) {
        read_at(instant("2026-04-02 11:00:00") + day * DAY, 0);
        fx.sweep = true;
        read_after(60000);
    }
    told();
    ck_assert_int_eq(result_now()->freeze, FREEZE_AUTO);
    fixture_done();
}
END_TEST

/* F4: a whole month between two settlements that were watched. */
static const struct {
    const char *what;
    enum freeze_model model;
    int64_t off; /* of the frozen energy of peak */
    const char *rule;
} watched_months[] = {
    {"what was counted, cumulative", FREEZE_CUMULATIVE, 0, ""},
    {"half a kilowatt-hour less", FREEZE_CUMULATIVE, -500000, "F4"},
    {"what was counted, period", FREEZE_PERIOD, 0, ""},
    {"four Q less are within the steps", FREEZE_PERIOD, -4 * Q, ""},
};

START_TEST(a_month_that_was_watched)
{
    automatic = false;
    begin(watched_months[_i].model);
    pass_settlement();
    sweep_at("2026-04-01 06:30:00");
    for (int i = 1; i < 29; i++) {
        flow(RATE_PEAK, 50000);
        read_at(instant("2026-04-01 11:00:00") + i * DAY, 0);
    }
    read_at(instant("2026-04-30 23:50:00"), 0);
    all_families(roll);
    fx.settlement[at(4, 1)] += watched_months[_i].off;
    read_at(instant("2026-05-01 00:10:00"), 0);
    sweep_at("2026-05-01 06:30:00");
    const char *said = told();
    ck_assert_msg(strncmp(said, watched_months[_i].rule, 2) == 0, "%s: %s", watched_months[_i].what, said);
    ck_assert_msg(watched_months[_i].rule[0] != '\0' || said[0] == '\0', "%s: %s", watched_months[_i].what,
                  said);
    fixture_done();
}
END_TEST

Suite *unit_suite(void)
{
    Suite *s = suite_create("freeze");
    TCase *c = tcase_create("freeze");
    tcase_add_loop_test(c, between_settlements, 0, (int)(sizeof between / sizeof between[0]));
    tcase_add_loop_test(c, at_a_settlement, 0, 2 * AFTER);
    tcase_add_loop_test(c, near_an_instant, 0, (int)(sizeof near / sizeof near[0]));
    tcase_add_loop_test(c, within_one_block, 0, (int)(sizeof blocks / sizeof blocks[0]));
    tcase_add_loop_test(c, the_model_is_learned, 0, 2 * MODELS);
    tcase_add_test(c, the_first_month_of_a_meter_tells_nothing);
    tcase_add_loop_test(c, a_month_that_was_watched, 0,
                        (int)(sizeof watched_months / sizeof watched_months[0]));
    suite_add_tcase(s, c);
    return s;
}
