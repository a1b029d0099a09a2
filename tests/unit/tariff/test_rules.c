/* Each rule at the very edge of what it allows: the last value or instant that passes, the first that does
 * not. */
#include <string.h>
#include "judge_fixture.h"
#include "unit_main.h"

#define ROWS(table) ((int)(sizeof(table) / sizeof(table)[0]))
#define S           300000
#define G           60000
#define R           2000

/* T1: one movement in one window around a switch-over. */
static const struct {
    const char *what;
    const char *before, *after; /* when the reads before and after the movement were complete */
    uint32_t window_ms;         /* of the read before */
    enum rate rate;
    const char *said;
} movements[] = {
    {"a fast clock within S may begin sharp early", "2026-03-10 05:50:00", "2026-03-10 05:55:00", 0,
     RATE_SHARP, ""},
    {"a millisecond earlier is beyond S", "2026-03-10 05:50:00", "2026-03-10 05:54:59.999", 0, RATE_SHARP,
     "T1 active_energy_sharp"},
    {"valley may last until S and G have passed, as the image was R old", "2026-03-10 06:06:01.999",
     "2026-03-10 06:20:00", 0, RATE_VALLEY, ""},
    {"a millisecond later it may not", "2026-03-10 06:06:02", "2026-03-10 06:20:00", 0, RATE_VALLEY,
     "T1 active_energy_valley"},
    {"a long request begins the window earlier", "2026-03-10 06:06:02.500", "2026-03-10 06:20:00", 501,
     RATE_VALLEY, ""},
    {"but not by more than it took", "2026-03-10 06:06:02.500", "2026-03-10 06:20:00", 500, RATE_VALLEY,
     "T1 active_energy_valley"},
    {"flat at night is forbidden, whatever moved", "2026-03-10 02:00:00", "2026-03-10 02:10:00", 0, RATE_FLAT,
     "T1 active_energy_flat"},
    {"in a long gap every period inside may have been", "2026-03-10 05:00:00", "2026-03-10 11:00:00", 0,
     RATE_PEAK, ""},
    {"and what is not inside may not", "2026-03-10 06:30:00", "2026-03-10 09:00:00", 0, RATE_PEAK,
     "T1 active_energy_peak"},
};

START_TEST(forbidden_movement)
{
    fixture_init();
    fx.tariff.utc_offset_s = _i % 2 == 0 ? 0 : 3600; /* the meter's time, not ours */
    int64_t shift = fx.tariff.utc_offset_s * 1000LL;
    int64_t before = instant(movements[_i].before) - shift;
    fx.row.v[VR_TOTAL] -= 10000;
    read_at(before - 20000, 0);
    flow(RATE_SHARP, 0);
    read_at(before - 10000, 0);
    read_at(before, movements[_i].window_ms);
    flow(movements[_i].rate, 10000);
    read_at(instant(movements[_i].after) - shift, 0);
    ck_assert_msg(strcmp(told(), movements[_i].said) == 0, "%s", movements[_i].what);
    if (movements[_i].said[0] != '\0') {
        const struct verify_event *e = event_of(RULE_T1);
        ck_assert_int_eq(e->excess, 10000);
        ck_assert_int_eq(e->window_utc_ms[0], before - movements[_i].window_ms - R);
        ck_assert_int_eq(e->ts_utc_ms, instant(movements[_i].after) - shift);
        ck_assert_int_eq(e->severity, SEVERITY_ERROR);
        ck_assert_uint_eq(e->possible >> movements[_i].rate & 1u, 0);
    }
    ck_assert_int_eq(result_now()->verdict == VERDICT_VIOLATED, movements[_i].said[0] != '\0');
    fixture_done();
}
END_TEST

/* A register that was absent for some rows moved somewhere since it was last read. */
START_TEST(an_absent_register_has_a_longer_window)
{
    fixture_init();
    warm_up("2026-03-10 05:40:00");
    fx.row.has = (uint16_t) ~(1u << verify_rate(0, RATE_VALLEY)) & 0x3FFF;
    flow(RATE_SHARP, 10000); /* wrong in nothing: the next row gives it */
    fx.row.v[verify_rate(0, RATE_SHARP)] -= 10000;
    fx.row.v[verify_rate(0, RATE_VALLEY)] += 10000;
    read_at(instant("2026-03-10 06:10:00"), 0);
    read_at(instant("2026-03-10 06:20:00"), 0);
    fx.row.has = 0x3FFF;
    read_at(instant("2026-03-10 06:30:00"), 0);
    ck_assert_str_eq(told(), "");
    fixture_done();
}
END_TEST

/* T2: both ends' Q of the total and of each rate that could be in force. */
static const struct {
    const char *what;
    int64_t off; /* the total moves by this without any rate */
    const char *said;
} sums[] = {
    {"the total ahead by both Q's of total and valley", 4 * Q, ""},
    {"by one more", 4 * Q + 1, "T2 -, T4 active_energy_valley"},
    {"the total behind by as much", -4 * Q, ""},
    {"by one more, too", -4 * Q - 1, "T2 -, T4 active_energy_valley"},
};

START_TEST(sum_of_the_rates)
{
    fixture_init();
    warm_up("2026-03-10 03:00:00");
    flow(RATE_VALLEY, 100000);
    fx.row.v[VR_TOTAL] += sums[_i].off;
    fx.row.v[VR_IMPORT] += sums[_i].off;
    read_after(10000);
    ck_assert_msg(strcmp(told(), sums[_i].said) == 0, "%s", sums[_i].what);
    if (sums[_i].said[0] != '\0') {
        ck_assert_int_eq(event_of(RULE_T2)->excess, 1);
        flow(RATE_VALLEY, 10000); /* it is told once, and counted on from there */
        read_after(10000);
        ck_assert_str_eq(told(), "");
    }
    fixture_done();
}
END_TEST

START_TEST(a_slow_leak_is_seen_over_the_whole_record)
{
    fixture_init();
    warm_up("2026-03-10 03:00:00");
    for (int i = 0; i < 4; i++) { /* within Q each time */
        flow(RATE_VALLEY, 10000);
        fx.row.v[VR_TOTAL] += 10000;
        read_after(10000);
    }
    ck_assert_str_eq(told(), "");
    flow(RATE_VALLEY, 10000);
    fx.row.v[VR_TOTAL] += 10000;
    read_after(10000);
    ck_assert_str_eq(told(), "T2 -, T4 active_energy_valley");
    fixture_done();
}
END_TEST

START_TEST(reactive_energy_has_its_own_sum)
{
    fixture_init();
    warm_up("2026-03-10 03:00:00");
    for (int i = 0; i < 20; i++) {
        fx.row.v[verify_rate(1, RATE_VALLEY)] += 10000;
        fx.row.v[verify_total(1)] += 10000;
        read_after(10000);
    }
    fx.row.v[verify_total(1)] += 4 * Q + 1;
    read_after(10000);
    ck_assert_str_eq(told(), "T2 reactive_energy_total, T4 reactive_energy_valley");
    fx.row.v[verify_rate(1, RATE_FLAT)] += 10000;
    read_after(10000);
    ck_assert_str_eq(told(), "T1 reactive_energy_flat");
    fixture_done();
}
END_TEST

/* Without T2: one rate is not given. */
static void without_sharp(void)
{
    fixture_init();
    fx.options.columns &= (uint16_t) ~(1u << verify_rate(0, RATE_SHARP));
    fx.row.has = fx.options.columns;
}

/* T3: Q of the rate and twice that of the total, at both ends of the run. */
static const struct {
    const char *what;
    int64_t total, rate;
    const char *said;
} runs[] = {
    {"the total may lead by six Q", 6 * Q, 0, ""},
    {"not by one more", 6 * Q + 1, 0, "T3 active_energy_valley"},
    {"nor may the rate", 0, 6 * Q + 1, "T3 active_energy_valley"},
};

START_TEST(single_rate_run)
{
    without_sharp();
    warm_up("2026-03-10 03:00:00");
    fx.row.v[VR_TOTAL] += runs[_i].total;
    fx.row.v[VR_IMPORT] += runs[_i].total;
    fx.row.v[verify_rate(0, RATE_VALLEY)] += runs[_i].rate;
    read_after(10000);
    const char *said = told();
    if (runs[_i].rate == 0) /* the bounds of T4 are tighter for a rate that runs ahead */
        ck_assert_msg(strncmp(said, runs[_i].said, 2) == 0 || runs[_i].said[0] == '\0', "%s: %s",
                      runs[_i].what, said);
    if (runs[_i].said[0] != '\0') {
        ck_assert_msg(strcmp(said, runs[_i].said) == 0, "%s: %s", runs[_i].what, said);
        ck_assert_int_eq(event_of(RULE_T3)->excess, 1);
    } else {
        ck_assert_msg(strstr(said, "T3") == NULL, "%s: %s", runs[_i].what, said);
    }
    fixture_done();
}
END_TEST

/* T3 telescopes: little by little is as much as at once. Of net registers only T3 can tell. */
START_TEST(a_slow_leak_in_a_run)
{
    without_sharp();
    fx.options.combined = COMBINED_IMPORT_MINUS_EXPORT;
    warm_up("2026-03-10 03:00:00");
    for (int i = 0; i < 3; i++) {
        fx.row.v[VR_TOTAL] += 20000;
        read_after(10000);
    }
    ck_assert_str_eq(told(), "");
    fx.row.v[VR_TOTAL] += 20000;
    read_after(10000);
    ck_assert_str_eq(told(), "T3 active_energy_valley");
    ck_assert_int_eq(event_of(RULE_T3)->excess, 80000 - 6 * Q);
    fixture_done();
}
END_TEST

/* T4: four Q above what flowed, in a window where T3 is silent. */
static const struct {
    const char *what;
    int64_t more;
    const char *said;
} bounds[] = {
    {"a rate gets four Q more than flowed", 4 * Q, ""},
    {"and one more", 4 * Q + 1, "T4 active_energy_valley"},
};

START_TEST(more_than_flowed)
{
    without_sharp();
    warm_up("2026-03-10 05:55:30");
    fx.row.v[verify_rate(0, RATE_VALLEY)] += bounds[_i].more;
    read_after(10000);
    ck_assert_msg(strcmp(told(), bounds[_i].said) == 0, "%s", bounds[_i].what);
    if (bounds[_i].said[0] != '\0')
        ck_assert_int_eq(event_of(RULE_T4)->excess, 1);
    fixture_done();
}
END_TEST

/* Every night 0.03 kWh are lost, less than T3 can see; two Q of each are taken off when its run is closed. */
START_TEST(a_little_less_every_night)
{
    without_sharp();
    warm_up("2026-03-10 03:00:00");
    const char *said = "";
    int night = 0;
    for (; night < 4 && said[0] == '\0'; night++) {
        flow(RATE_VALLEY, 100000);
        fx.row.v[VR_TOTAL] += 30000;
        fx.row.v[VR_IMPORT] += 30000;
        read_after(600000);
        read_after(3600000 * 2 + 1800000); /* 05:40 */
        read_after(3600000 * 3);           /* into the day: the run is closed */
        read_at(instant("2026-03-11 03:00:00") + night * 86400000LL, 0);
        said = told();
    }
    ck_assert_str_eq(said, "T4 active_energy_valley");
    ck_assert_int_eq(night, 3);
    fixture_done();
}
END_TEST

/* T5: 100 W for the longest that sharp can have been in force between 05:00 and 08:00, 2 h 5 min, and six Q.
 */
static const struct {
    const char *what;
    int64_t sharp, valley;
    const char *said;
} gaps[] = {
    {"sharp at full load from S before 06:00 on", 208334 + 6 * Q, 0, ""},
    {"one more than the meter can carry there", 208334 + 6 * Q + 1, 0, "T5 active_energy_sharp"},
    /* valley until S + G after 06:00, from R before the first read: 66 min 2 s */
    {"valley at full load until S and G after 06:00", 0, 110056 + 6 * Q, ""},
    {"one more", 0, 110056 + 6 * Q + 1, "T5 active_energy_valley"},
};

START_TEST(full_load_in_a_gap)
{
    fixture_init();
    fx.options.max_power_w = 100;
    for (int i = 0; i < 20; i++) { /* steps of both rates become known */
        fx.row.v[verify_rate(0, RATE_SHARP)] += 0;
        flow(RATE_SHARP, 10000);
        read_at(instant("2026-03-09 07:00:00") + i * 600000LL, 0);
    }
    for (int i = 0; i < 20; i++) {
        flow(RATE_VALLEY, 10000);
        read_at(instant("2026-03-10 01:00:00") + i * 600000LL, 0);
    }
    read_at(instant("2026-03-10 05:00:00"), 0);
    ck_assert_str_eq(told_so_far(), "");
    flow(RATE_SHARP, gaps[_i].sharp);
    flow(RATE_VALLEY, gaps[_i].valley);
    read_at(instant("2026-03-10 08:00:00"), 0);
    const char *said = told();
    bool found = strstr(said, gaps[_i].said) != NULL;
    ck_assert_msg(gaps[_i].said[0] == '\0' ? strstr(said, "T5") == NULL : found, "%s: %s", gaps[_i].what,
                  said);
    if (gaps[_i].said[0] != '\0')
        ck_assert_int_eq(event_of(RULE_T5)->excess, 1);
    fixture_done();
}
END_TEST

/* A settlement on the 1st at 08:00: at 06:30 the frozen values stand, at 08:30 they have moved on by one. */
static void move_on(void)
{
    memmove(&fx.settlement[2], &fx.settlement[1], (SETTLEMENT_SLOTS - 2) * sizeof fx.settlement[0]);
    fx.settlement[1] = fx.settlement[0];
}

static const struct {
    const char *what;
    const char *moves; /* the block, before the sweep of this time */
    const char *said;
} hours[] = {
    {"at its hour", "2026-04-01 08:30:00", ""},
    {"at midnight", "2026-04-01 06:30:00", "F1 -, F1 -"},
    {"an hour late", "2026-04-01 10:30:00", "F1 -, F1 -"},
};

START_TEST(a_settlement_has_its_hour)
{
    static const char *const sweeps[] = {"2026-03-31 20:00:00", "2026-04-01 06:30:00", "2026-04-01 08:30:00",
                                         "2026-04-01 10:30:00"};
    fixture_init();
    fx.tariff.n_settlements = 1;
    fx.tariff.settlement[0] = (struct tariff_settlement){.day = 1, .hour = 8};
    for (unsigned i = 0; i < VERIFY_SETTLEMENTS; i++)
        fx.settlement[i] = i < SETTLEMENT_SLOTS ? 1000000 * (20 - (int64_t)i) : VERIFY_ABSENT;
    for (unsigned i = 0; i < sizeof sweeps / sizeof sweeps[0]; i++) {
        if (strcmp(sweeps[i], hours[_i].moves) == 0)
            move_on();
        read_at(instant(sweeps[i]) - 10000, 0);
        fx.sweep = true;
        read_at(instant(sweeps[i]), 0);
    }
    const char *said = told();
    ck_assert_msg(strcmp(said, hours[_i].said) == 0, "%s: %s", hours[_i].what, said);
    fixture_done();
}
END_TEST

Suite *unit_suite(void)
{
    Suite *s = suite_create("rules");
    TCase *c = tcase_create("rules");
    tcase_add_loop_test(c, forbidden_movement, 0, ROWS(movements));
    tcase_add_test(c, an_absent_register_has_a_longer_window);
    tcase_add_loop_test(c, sum_of_the_rates, 0, ROWS(sums));
    tcase_add_test(c, a_slow_leak_is_seen_over_the_whole_record);
    tcase_add_test(c, reactive_energy_has_its_own_sum);
    tcase_add_loop_test(c, single_rate_run, 0, ROWS(runs));
    tcase_add_test(c, a_slow_leak_in_a_run);
    tcase_add_loop_test(c, more_than_flowed, 0, ROWS(bounds));
    tcase_add_test(c, a_little_less_every_night);
    tcase_add_loop_test(c, full_load_in_a_gap, 0, ROWS(gaps));
    tcase_add_loop_test(c, a_settlement_has_its_hour, 0, (int)(sizeof hours / sizeof hours[0]));
    suite_add_tcase(s, c);
    return s;
}
