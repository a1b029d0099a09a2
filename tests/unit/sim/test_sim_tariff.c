/* The simulator's calendar against one written as plainly as it can be. */
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "sim/sim_rng.h"
#include "sim_oracle.h"
#include "unit_main.h"

#define MINUTE    60
#define DAY       86400
#define HALF_HOUR 1800

static int64_t at(int year, unsigned month, unsigned day, int hour, int minute)
{
    return text_days_from_civil(year, month, day) * DAY + hour * 3600 + minute * MINUTE;
}

static void compare(const struct sim_tariff *t, int64_t from, int64_t to)
{
    struct sim_tariff_memo memo = {0};
    struct oracle_today today = {0};
    for (int64_t s = from; s < to; s += MINUTE) {
        if (s % HALF_HOUR == 0) /* every instant at which a table may change */
            today = oracle_today(t, s);
        unsigned wanted = oracle_rate(&today, s), got = sim_tariff_rate_memo(t, s, &memo);
        if (got != wanted) {
            struct oracle_date d = oracle_date(s);
            ck_abort_msg("%s %04d-%02d-%02d minute %d: rate %u, wanted %u", t->name, d.year, d.month, d.day,
                         d.minute, got, wanted);
        }
    }
}

static const char *const published[] = {"manual-example", "zhejiang-2026", "jiangsu-2025", "anhui-2025",
                                        "guangdong-2021", "shandong-2026", "beijing-old"};

START_TEST(every_published_tariff_minute_by_minute_over_a_leap_year)
{
    struct sim_tariff t;
    oracle_load(published[_i], &t);
    compare(&t, at(2027, 12, 30, 0, 0), at(2029, 1, 2, 0, 0));
    t.wrap_previous = true;
    compare(&t, at(2028, 1, 1, 0, 0), at(2029, 1, 2, 0, 0));
}
END_TEST

START_TEST(rest_days_and_holidays_come_before_the_zones)
{
    struct sim_tariff t;
    oracle_load("jiangsu-2025", &t);
    t.rest_mask = 1 << 0 | 1 << 6;
    t.rest_table = 2;
    t.n_holidays = 4;
    t.holiday[0] = (struct sim_holiday){0, 10, 1, 3};
    t.holiday[1] = (struct sim_holiday){2027, 10, 1, 4};
    t.holiday[2] = (struct sim_holiday){2028, 2, 29, 1};
    t.holiday[3] = (struct sim_holiday){2028, 3, 1, 8}; /* not given: as if it were no holiday */
    compare(&t, at(2027, 1, 1, 0, 0), at(2029, 1, 1, 0, 0));
    ck_assert_ptr_eq(sim_tariff_day(&t, at(2027, 10, 1, 12, 0)), &t.table[0][3]);
    ck_assert_ptr_eq(sim_tariff_day(&t, at(2028, 10, 1, 12, 0)), &t.table[0][2]);
}
END_TEST

START_TEST(the_second_sets_take_over_at_their_own_instants)
{
    struct sim_tariff t, other;
    oracle_load("zhejiang-2026", &t);
    oracle_load("anhui-2025", &other);
    t.zones[1] = (struct sim_zone_set){1, {{1, 1, 2}}};
    memcpy(t.table[1], other.table[0], sizeof t.table[1]);
    t.switch_zones_s = at(2027, 3, 14, 9, 30);
    t.switch_days_s = at(2027, 5, 2, 0, 0);
    compare(&t, at(2027, 1, 1, 0, 0), at(2027, 12, 31, 0, 0));
    ck_assert_ptr_eq(sim_tariff_day(&t, t.switch_days_s - 1), &t.table[0][1]);
    ck_assert_ptr_eq(sim_tariff_day(&t, t.switch_days_s), &t.table[1][1]);
}
END_TEST

START_TEST(random_tariffs_agree_with_the_oracle)
{
    struct sim_rng rng = {sim_hash((uint64_t)_i + 1)};
    struct sim_tariff t;
    sim_tariff_default(&t);
    memset(t.table, 0, sizeof t.table);
    for (int set = 0; set < 2; set++) {
        for (int k = 0; k < 3; k++) {
            int minute = (int)sim_rng_between(&rng, 0, 200);
            struct sim_day *d = &t.table[set][k];
            for (; d->n < SIM_PERIODS && minute < 1440; minute += (int)sim_rng_between(&rng, 1, 300))
                d->period[d->n++] =
                    (struct sim_period){(uint16_t)minute, (uint8_t)sim_rng_between(&rng, 0, 3)};
        }
        int day = (int)sim_rng_between(&rng, 1, 28);
        t.zones[set].n = 0;
        for (uint8_t month = 1; month <= 12; month = (uint8_t)(month + sim_rng_between(&rng, 1, 5)))
            t.zones[set].zone[t.zones[set].n++] =
                (struct sim_zone){month, (uint8_t)day, (uint8_t)sim_rng_between(&rng, 1, 4)};
    }
    t.rest_mask = (uint8_t)sim_rng_between(&rng, 0, 127);
    t.rest_table = (uint8_t)sim_rng_between(&rng, 0, 4);
    t.wrap_previous = sim_rng_hits(&rng, 500000);
    t.switch_zones_s = at(2026, 4, 1, 0, 0) + sim_rng_between(&rng, 0, 200) * 3600;
    t.switch_days_s = at(2026, 8, 1, 0, 0) + sim_rng_between(&rng, 0, 200) * 3600;
    compare(&t, at(2026, 1, 1, 0, 0), at(2027, 1, 3, 0, 0));
}
END_TEST

static const struct {
    const char *sentence;
    int64_t now[5], next[5], last[5];
} settlement[] = {
    {"a second before the first of the month",
     {2026, 10, 31, 23, 59},
     {2026, 11, 1, 0, 0},
     {2026, 10, 15, 8, 0}},
    {"at the instant itself the next one is the other",
     {2026, 11, 1, 0, 0},
     {2026, 11, 15, 8, 0},
     {2026, 11, 1, 0, 0}},
    {"just before the hour", {2026, 11, 15, 7, 59}, {2026, 11, 15, 8, 0}, {2026, 11, 1, 0, 0}},
    {"over the year's end", {2026, 12, 20, 0, 0}, {2027, 1, 1, 0, 0}, {2026, 12, 15, 8, 0}},
};

START_TEST(settlements_follow_each_other)
{
    struct sim_tariff t;
    sim_tariff_default(&t);
    t.n_settlements = 2;
    t.settlement[0] = (struct sim_settlement){1, 0};
    t.settlement[1] = (struct sim_settlement){15, 8};
    const int64_t *n = settlement[_i].now, *x = settlement[_i].next, *l = settlement[_i].last;
    int64_t now = at((int)n[0], (unsigned)n[1], (unsigned)n[2], (int)n[3], (int)n[4]);
    int64_t next = at((int)x[0], (unsigned)x[1], (unsigned)x[2], (int)x[3], (int)x[4]);
    int64_t last = at((int)l[0], (unsigned)l[1], (unsigned)l[2], (int)l[3], (int)l[4]);
    ck_assert_msg(sim_tariff_next_settlement(&t, now) == next, "%s: next", settlement[_i].sentence);
    ck_assert_msg(sim_tariff_last_settlement(&t, now) == last, "%s: last", settlement[_i].sentence);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *suite = suite_create("sim_tariff");
    TCase *c = tcase_create("calendar");
    tcase_set_timeout(c, 120);
    tcase_add_loop_test(c, every_published_tariff_minute_by_minute_over_a_leap_year, 0,
                        (int)(sizeof published / sizeof published[0]));
    tcase_add_test(c, rest_days_and_holidays_come_before_the_zones);
    tcase_add_test(c, the_second_sets_take_over_at_their_own_instants);
    tcase_add_loop_test(c, random_tariffs_agree_with_the_oracle, 0, 12);
    tcase_add_loop_test(c, settlements_follow_each_other, 0, (int)(sizeof settlement / sizeof settlement[0]));
    suite_add_tcase(suite, c);
    return suite;
}
