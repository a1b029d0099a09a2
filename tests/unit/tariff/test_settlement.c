/* Settlement instants walked backwards, the names of periods, and what the frozen registers mean. */
#include <stdio.h>
#include <string.h>
#include "core/text.h"
#include "tariff/freeze_model.h"
#include "tariff/settlement_calendar.h"
#include "unit_main.h"

static struct tariff tariff;

static int64_t local(const char *text)
{
    int64_t ms = 0;
    char z[40];
    snprintf(z, sizeof z, "%sZ", text); /* the meter's civil time, read as if it were UTC */
    ck_assert_int_eq(text_to_utc_ms(z, &ms), 0);
    return ms;
}

static void days(unsigned n, unsigned d1, unsigned h1, unsigned d2, unsigned h2)
{
    tariff.n_settlements = (uint8_t)n;
    tariff.settlement[0] = (struct tariff_settlement){(uint8_t)d1, (uint8_t)h1};
    tariff.settlement[1] = (struct tariff_settlement){(uint8_t)d2, (uint8_t)h2};
}

static const struct {
    const char *sentence;
    unsigned n, d1, h1, d2, h2;
    const char *at;
    const char *names[4]; /* newest first */
} walks[] = {
    {"the first of the month by default", 0, 0, 0, 0, 0, "2026-11-25T12:00:00", {"2026-11-01", "2026-10-01"}},
    {"at the instant itself it counts", 1, 1, 0, 0, 0, "2026-11-01T00:00:00", {"2026-11-01", "2026-10-01"}},
    {"a millisecond before it does not",
     1,
     1,
     0,
     0,
     0,
     "2026-10-31T23:59:59.999",
     {"2026-10-01", "2026-09-01"}},
    {"over the year's end", 1, 1, 0, 0, 0, "2027-01-15T00:00:00", {"2027-01-01", "2026-12-01", "2026-11-01"}},
    {"day 28 has a February", 1, 28, 0, 0, 0, "2027-03-01T00:00:00", {"2027-02-28", "2027-01-28"}},
    {"an hour other than 00 is named",
     1,
     1,
     8,
     0,
     0,
     "2026-11-01T08:00:00",
     {"2026-11-01T08", "2026-10-01T08"}},
    {"and is not there an hour before",
     1,
     1,
     8,
     0,
     0,
     "2026-11-01T07:59:59",
     {"2026-10-01T08", "2026-09-01T08"}},
    {"two a month come in turn",
     2,
     1,
     0,
     15,
     0,
     "2026-11-20T00:00:00",
     {"2026-11-15", "2026-11-01", "2026-10-15", "2026-10-01"}},
    {"whatever their order in the tariff",
     2,
     15,
     6,
     1,
     0,
     "2026-11-14T00:00:00",
     {"2026-11-01", "2026-10-15T06", "2026-10-01", "2026-09-15T06"}},
    {"before 1970 too", 1, 1, 0, 0, 0, "1970-01-01T00:00:00", {"1970-01-01", "1969-12-01"}},
};

START_TEST(instants_are_walked_backwards)
{
    days(walks[_i].n, walks[_i].d1, walks[_i].h1, walks[_i].d2, walks[_i].h2);
    int64_t at = settlement_at_or_before(&tariff, local(walks[_i].at));
    for (int k = 0; k < 4 && walks[_i].names[k] != NULL; k++) {
        char name[SETTLEMENT_NAME];
        settlement_name(at, name);
        ck_assert_msg(strcmp(name, walks[_i].names[k]) == 0, "%s: %s", walks[_i].sentence, name);
        int64_t before = settlement_before(&tariff, at);
        ck_assert_int_eq(settlement_after(&tariff, before), at);
        at = before;
    }
}
END_TEST

static const struct {
    const char *sentence, *lo, *hi;
    bool near;
} spans[] = {
    {"far away", "2026-11-20T00:00:00", "2026-11-20T00:00:01", false},
    {"S + G after the instant it is over", "2026-11-01T00:06:00.001", "2026-11-01T00:06:01", false},
    {"a moment earlier it is not", "2026-11-01T00:06:00", "2026-11-01T00:06:01", true},
    {"S + G before it begins", "2026-10-31T23:53:00", "2026-10-31T23:54:00", true},
    {"before that it is clear", "2026-10-31T23:53:00", "2026-10-31T23:53:59.999", false},
    {"the span holds the instant", "2026-10-31T22:00:00", "2026-11-01T02:00:00", true},
};

START_TEST(near_an_instant_nobody_knows_what_a_slot_means)
{
    days(1, 1, 0, 0, 0);
    ck_assert_msg(settlement_near(&tariff, local(spans[_i].lo), local(spans[_i].hi)) == spans[_i].near, "%s",
                  spans[_i].sentence);
}
END_TEST

#define KWH 1000000LL
static const struct {
    const char *sentence;
    int64_t month, previous, live, between_ms;
    enum freeze_meaning after_one, after_two;
} sweeps[] = {
    {"a month below the live register is a period", 50 * KWH, 200 * KWH, 5000 * KWH, 1000,
     FREEZE_MEANS_PERIOD, FREEZE_MEANS_PERIOD},
    {"equal to it, with history, twice: cumulative", 5000 * KWH, 4800 * KWH, 5000 * KWH, 1000,
     FREEZE_UNDETERMINED, FREEZE_MEANS_CUMULATIVE},
    {"the first month tells nothing", 50 * KWH, 0, 50 * KWH, 1000, FREEZE_UNDETERMINED, FREEZE_UNDETERMINED},
    {"so little history tells nothing", 5000 * KWH, KWH / 2, 5000 * KWH, 1000, FREEZE_UNDETERMINED,
     FREEZE_UNDETERMINED},
    {"a month below by what may have flowed between the replies tells nothing", 5000 * KWH - KWH, KWH,
     5000 * KWH, 3600000, FREEZE_UNDETERMINED, FREEZE_UNDETERMINED},
    {"below by more than that is a period", 4900 * KWH, 100 * KWH, 5000 * KWH, 3600000, FREEZE_MEANS_PERIOD,
     FREEZE_MEANS_PERIOD},
};

START_TEST(meaning_is_decided_only_where_the_models_differ)
{
    struct freeze_state s = {0};
    struct freeze_look l = {.step = KWH / 10, .max_w = 19008, .between_ms = sweeps[_i].between_ms};
    l.has[RATE_FLAT] = true;
    l.month[RATE_FLAT] = sweeps[_i].month;
    l.previous[RATE_FLAT] = sweeps[_i].previous;
    l.cumulative[RATE_FLAT] = sweeps[_i].live;
    ck_assert_msg(freeze_model_look(&s, &l) == sweeps[_i].after_one, "%s", sweeps[_i].sentence);
    ck_assert_msg(freeze_model_look(&s, &l) == sweeps[_i].after_two, "%s", sweeps[_i].sentence);
    ck_assert_int_eq(freeze_model_meaning(FREEZE_AUTO, &s), sweeps[_i].after_two);
    ck_assert_int_eq(freeze_model_meaning(FREEZE_PERIOD, &s), FREEZE_MEANS_PERIOD);
    ck_assert_int_eq(freeze_model_meaning(FREEZE_CUMULATIVE, &s), FREEZE_MEANS_CUMULATIVE);
}
END_TEST

START_TEST(families_that_disagree_say_nothing)
{
    struct freeze_state s = {FREEZE_MEANS_CUMULATIVE, 2};
    struct freeze_look l = {.step = KWH / 10,
                            .max_w = 19008,
                            .between_ms = 1000,
                            .has = {true, true},
                            .month = {50 * KWH, 5000 * KWH},
                            .previous = {200 * KWH, 4800 * KWH},
                            .cumulative = {5000 * KWH, 5000 * KWH}};
    ck_assert_int_eq(freeze_model_look(&s, &l), FREEZE_UNDETERMINED);
}
END_TEST

static void setup(void)
{
    tariff_init(&tariff, "t");
}

Suite *unit_suite(void)
{
    Suite *s = suite_create("settlement");
    TCase *t = tcase_create("calendar");
    tcase_add_checked_fixture(t, setup, NULL);
    tcase_add_loop_test(t, instants_are_walked_backwards, 0, (int)(sizeof walks / sizeof walks[0]));
    tcase_add_loop_test(t, near_an_instant_nobody_knows_what_a_slot_means, 0,
                        (int)(sizeof spans / sizeof spans[0]));
    tcase_add_loop_test(t, meaning_is_decided_only_where_the_models_differ, 0,
                        (int)(sizeof sweeps / sizeof sweeps[0]));
    tcase_add_test(t, families_that_disagree_say_nothing);
    suite_add_tcase(s, t);
    return s;
}
