/* One bad read of a settlement block accuses nobody: the next row's block takes it back. */
#include <string.h>
#include "freeze_fixture.h"
#include "unit_main.h"

static void frozen_fell(void)
{
    fx.settlement[at(4, 7)] = 0;
}

/* A block in each of two rows, one behind the other: the second takes the change back, or says it again. */
static const struct {
    const char *what;
    void (*change)(void);
    bool again;
    const char *said;
} twice[] = {
    {"nothing changed", nothing, true, ""},
    {"a frozen value, taken back at once", frozen_changed, false, ""},
    {"a frozen value, said again", frozen_changed, true, "F5 active_energy_peak_prev07"},
    {"a frozen value of zero, taken back at once", frozen_fell, false, ""},
    {"a frozen value of zero, said again", frozen_fell, true, "F5 active_energy_peak_prev07"},
    {"the month fell, taken back", month_fell, false, ""},
    {"the month fell, said again", month_fell, true, "F7 active_energy_valley_month"},
    {"moved on too early, taken back", rolled_early, false, ""},
    {"moved on too early, said again", rolled_early, true, "F1 -"},
};

START_TEST(a_block_that_is_taken_back_accuses_nobody)
{
    int64_t before[VERIFY_SETTLEMENTS];
    begin(FREEZE_CUMULATIVE);
    memcpy(before, fx.settlement, sizeof before);
    twice[_i].change();
    read_at(instant("2026-03-31 20:59:50"), 0);
    fx.sweep = true;
    read_at(instant("2026-03-31 21:00:00"), 100);
    if (!twice[_i].again)
        memcpy(fx.settlement, before, sizeof before);
    fx.sweep = true;
    read_at(instant("2026-03-31 21:01:00"), 100);
    fx.sweep = true;
    read_at(instant("2026-03-31 21:02:00"), 100);
    read_at(instant("2026-03-31 21:02:10"), 0);
    const char *said = told();
    ck_assert_msg(strncmp(said, twice[_i].said, strlen(twice[_i].said)) == 0 &&
                      (twice[_i].said[0] != '\0' || said[0] == '\0'),
                  "%s: %s", twice[_i].what, said);
    fixture_done();
}
END_TEST

Suite *unit_suite(void)
{
    Suite *s = suite_create("freeze_reads");
    TCase *c = tcase_create("freeze_reads");
    tcase_add_loop_test(c, a_block_that_is_taken_back_accuses_nobody, 0,
                        (int)(sizeof twice / sizeof twice[0]));
    suite_add_tcase(s, c);
    return s;
}
