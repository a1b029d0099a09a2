#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "core/text.h"
#include "fake/plain_tariff.h"
#include "tariff/calendar.h"
#include "unit_main.h"

static int64_t local_ms(int year, unsigned month, unsigned day, int hour, int minute)
{
    return (text_days_from_civil(year, month, day) * 1440 + hour * 60 + minute) * 60000;
}

static struct tariff read_tariff(const char *name)
{
    struct tariff t;
    bool deep;
    ck_assert_msg(plain_tariff_read(name, RATE_VALLEY, &t, &deep), "%s", name);
    return t;
}

/* Every minute of four years, one of them a leap year, against the plain oracle. */
static void compare(const struct tariff *t, int64_t from_ms, int64_t to_ms)
{
    struct calendar c;
    calendar_init(&c, t);
    for (int64_t at = from_ms; at < to_ms; at += 60000) {
        enum rate want = plain_tariff_rate(t, at / 1000), got = calendar_rate(&c, at);
        if (want != got) {
            char text[TEXT_TS_SIZE];
            text_from_utc_ms(at, text);
            ck_abort_msg("%s wrap %d at %s: %s, oracle %s", t->name, t->wrap, text, rate_name(got),
                         rate_name(want));
        }
    }
}

START_TEST(published_tariffs_minute_by_minute)
{
    struct tariff t = read_tariff(plain_tariff_names[_i / 2]);
    t.wrap = _i % 2 == 0 ? WRAP_SAME_DAY : WRAP_PREVIOUS_DAY;
    compare(&t, local_ms(2025, 1, 1, 0, 0), local_ms(2029, 1, 1, 0, 0));
}
END_TEST

START_TEST(one_published_tariff_needs_a_fifth_rate)
{
    for (int i = 0; i < plain_tariff_count; i++) {
        struct tariff t;
        bool deep;
        ck_assert(plain_tariff_read(plain_tariff_names[i], RATE_VALLEY, &t, &deep));
        ck_assert_msg(deep == (strcmp(plain_tariff_names[i], "shandong-2026") == 0), "%s",
                      plain_tariff_names[i]);
    }
}
END_TEST

static unsigned rnd(unsigned *seed, unsigned below)
{
    *seed = *seed * 1664525u + 1013904223u;
    return (*seed >> 8) % below;
}

/* Tables, zones, holidays, rest days and switch-overs drawn at random, also within a day. */
static void random_tariff(struct tariff *t, struct tariff_holiday *holidays, unsigned *seed)
{
    memset(t, 0, sizeof *t);
    t->switch_zones_local_s = t->switch_tables_local_s = TARIFF_NO_SWITCH;
    for (unsigned set = 0; set < 2; set++) {
        for (unsigned n = 0; n < 8; n++) {
            struct tariff_table *table = &t->tables[set][n];
            if (n > 0 && rnd(seed, 4) == 0)
                continue; /* not given: falls through */
            unsigned minute = rnd(seed, 3) == 0 ? 0 : rnd(seed, 300);
            for (unsigned i = 0; i < 14 && minute < 1440; i++, minute += 1 + rnd(seed, 240))
                table->period[table->n++] =
                    (struct tariff_period){.minute = (uint16_t)minute, .rate = (uint8_t)rnd(seed, 4)};
        }
        unsigned day = rnd(seed, 60);
        for (unsigned i = 0; i < 14 && day < 365; i++, day += 1 + rnd(seed, 80)) {
            int64_t year;
            unsigned month, mday;
            text_civil_from_days(text_days_from_civil(2025, 1, 1) + day, &year, &month, &mday);
            t->zones[set].zone[t->zones[set].n++] = (struct tariff_zone){
                .month = (uint8_t)month, .day = (uint8_t)mday, .table = (uint8_t)(1 + rnd(seed, 8))};
        }
    }
    t->holidays = holidays;
    for (unsigned i = 0; i < 6; i++)
        holidays[t->n_holidays++] = (struct tariff_holiday){.year = (int16_t)(rnd(seed, 2) == 0 ? 0 : 2026),
                                                            .month = (uint8_t)(1 + rnd(seed, 12)),
                                                            .day = (uint8_t)(1 + rnd(seed, 28)),
                                                            .table = (uint8_t)(1 + rnd(seed, 8))};
    if (rnd(seed, 2) == 0) { /* one day in both lists, in either order, in the quarter that is compared */
        holidays[0].year = (int16_t)(2026 - holidays[1].year);
        holidays[0].month = holidays[1].month = (uint8_t)(1 + rnd(seed, 3));
        holidays[0].day = holidays[1].day;
    }
    t->rest_mask = (uint8_t)rnd(seed, 128);
    t->rest_table = (uint8_t)rnd(seed, 9);
    t->wrap = rnd(seed, 2) == 0 ? WRAP_SAME_DAY : WRAP_PREVIOUS_DAY;
    if (rnd(seed, 4) != 0)
        t->switch_zones_local_s =
            (text_days_from_civil(2026, 1 + rnd(seed, 3), 1 + rnd(seed, 28)) * 1440 + rnd(seed, 1440)) * 60;
    if (rnd(seed, 4) != 0)
        t->switch_tables_local_s =
            (text_days_from_civil(2026, 1 + rnd(seed, 3), 1 + rnd(seed, 28)) * 1440 + rnd(seed, 1440)) * 60;
    if (rnd(seed, 6) == 0)
        t->switch_tables_local_s = t->switch_zones_local_s; /* both at once, also within a day */
}

START_TEST(random_tariffs_minute_by_minute)
{
    unsigned seed = (unsigned)_i + 1;
    struct tariff t;
    struct tariff_holiday holidays[6];
    random_tariff(&t, holidays, &seed);
    snprintf(t.name, sizeof t.name, "seed %d", _i + 1);
    compare(&t, local_ms(2025, 12, 20, 0, 0), local_ms(2026, 4, 10, 0, 0));
}
END_TEST

/* The set of rates of a span is what a walk through its minutes sees. */
START_TEST(rates_of_spans)
{
    unsigned seed = (unsigned)_i + 77;
    struct tariff t;
    struct tariff_holiday holidays[6];
    random_tariff(&t, holidays, &seed);
    struct calendar c;
    calendar_init(&c, &t);
    for (int k = 0; k < 300; k++) {
        int64_t lo = local_ms(2026, 1, 1, 0, 0) + (int64_t)rnd(&seed, 90 * 1440) * 60000 + rnd(&seed, 60000);
        int64_t hi = lo + (int64_t)rnd(&seed, k % 10 == 0 ? 4000 : 200) * 60000 + rnd(&seed, 60000);
        unsigned want = 1u << plain_tariff_rate(&t, lo / 1000);
        for (int64_t at = lo - lo % 60000 + 60000; at <= hi; at += 60000)
            want |= 1u << plain_tariff_rate(&t, at / 1000);
        ck_assert_uint_eq(calendar_rates(&c, lo, hi), want);
    }
    ck_assert_uint_eq(calendar_rates(&c, 5, 4), 0);
}
END_TEST

START_TEST(spans_hold_one_rate_and_end_at_a_change)
{
    struct tariff t = read_tariff("anhui-2025");
    struct calendar c;
    calendar_init(&c, &t);
    for (int64_t at = local_ms(2026, 6, 25, 0, 7); at < local_ms(2026, 7, 20, 0, 0); at += 37 * 60000) {
        struct calendar_span s;
        calendar_span_at(&c, at, 3, &s);
        ck_assert(s.start_local_ms <= at && at < s.end_local_ms);
        ck_assert_uint_eq(calendar_rates(&c, s.start_local_ms, s.end_local_ms - 1), 1u << s.rate);
        ck_assert_int_ne(calendar_rate(&c, s.start_local_ms - 1), s.rate);
        ck_assert_int_ne(calendar_rate(&c, s.end_local_ms), s.rate);
    }
}
END_TEST

static const struct {
    const char *what, *tariff;
    int year;
    unsigned month, day;
    int hour, minute;
    enum tariff_wrap wrap;
    enum rate want;
} instants[] = {
    {"the manual: 23:00 valley wraps past midnight", "manual-example", 2026, 3, 1, 0, 0, WRAP_SAME_DAY,
     RATE_VALLEY},
    {"05:59 is still valley", "manual-example", 2026, 3, 1, 5, 59, WRAP_SAME_DAY, RATE_VALLEY},
    {"06:00 is sharp", "manual-example", 2026, 3, 1, 6, 0, WRAP_SAME_DAY, RATE_SHARP},
    {"22:59 is flat", "manual-example", 2026, 3, 1, 22, 59, WRAP_SAME_DAY, RATE_FLAT},
    {"anhui: 31 January is before the first zone, so in the last", "anhui-2025", 2026, 1, 31, 20, 0,
     WRAP_SAME_DAY, RATE_SHARP},
    {"1 February begins the first zone", "anhui-2025", 2026, 2, 1, 20, 0, WRAP_SAME_DAY, RATE_PEAK},
    {"15 July begins the zone with a sharp evening", "anhui-2025", 2026, 7, 15, 20, 0, WRAP_SAME_DAY,
     RATE_SHARP},
    {"14 July has none yet", "anhui-2025", 2026, 7, 14, 20, 0, WRAP_SAME_DAY, RATE_PEAK},
    {"29 February is in the zone begun before it", "anhui-2025", 2028, 2, 29, 20, 0, WRAP_SAME_DAY,
     RATE_PEAK},
    {"jiangsu table 2 begins at 02:00: before it, its own last rate", "jiangsu-2025", 2026, 3, 1, 1, 59,
     WRAP_SAME_DAY, RATE_FLAT},
    {"or yesterday's", "jiangsu-2025", 2026, 3, 1, 1, 59, WRAP_PREVIOUS_DAY, RATE_FLAT},
    {"19:29 is not yet sharp", "jiangsu-2025", 2026, 7, 1, 19, 29, WRAP_SAME_DAY, RATE_PEAK},
    {"19:30 is", "jiangsu-2025", 2026, 7, 1, 19, 30, WRAP_SAME_DAY, RATE_SHARP},
};

START_TEST(known_instants)
{
    struct tariff t = read_tariff(instants[_i].tariff);
    struct calendar c;
    t.wrap = instants[_i].wrap;
    calendar_init(&c, &t);
    int64_t at = local_ms(instants[_i].year, instants[_i].month, instants[_i].day, instants[_i].hour,
                          instants[_i].minute);
    ck_assert_msg(calendar_rate(&c, at) == instants[_i].want, "%s: %s", instants[_i].what,
                  rate_name(calendar_rate(&c, at)));
}
END_TEST

START_TEST(what_decides_a_day)
{
    struct tariff t = read_tariff("zhejiang-2026");
    struct tariff_holiday holidays[] = {{.year = 0, .month = 10, .day = 1, .table = 2},
                                        {.year = 2026, .month = 1, .day = 3, .table = 1},
                                        {.year = 2028, .month = 10, .day = 1, .table = 1},
                                        {.year = 2030, .month = 10, .day = 1, .table = 8}};
    t.tables[0][2] = t.tables[0][1];
    t.rest_table = 3;
    t.rest_mask = 1u << 0 | 1u << 6;
    t.holidays = holidays;
    t.n_holidays = 4;
    struct calendar_day_type type;
    calendar_day_type_at(&t, local_ms(2026, 1, 3, 12, 0), &type); /* a Saturday, and a holiday */
    ck_assert(type.source == CALENDAR_HOLIDAY && type.table == 1);
    calendar_day_type_at(&t, local_ms(2027, 10, 1, 12, 0), &type); /* every year */
    ck_assert(type.source == CALENDAR_HOLIDAY && type.table == 2);
    calendar_day_type_at(&t, local_ms(2028, 10, 1, 12, 0), &type); /* but this one has its own */
    ck_assert(type.source == CALENDAR_HOLIDAY && type.table == 1);
    calendar_day_type_at(&t, local_ms(2030, 10, 1, 12, 0), &type); /* and this one names no table */
    ck_assert(type.source == CALENDAR_HOLIDAY && type.table == 2);
    calendar_day_type_at(&t, local_ms(2027, 1, 3, 12, 0), &type); /* a Sunday of another year */
    ck_assert(type.source == CALENDAR_REST_DAY && type.table == 3);
    calendar_day_type_at(&t, local_ms(2026, 1, 5, 12, 0), &type);
    ck_assert(type.source == CALENDAR_ZONE && type.table == 1 && type.zone == 0);
    t.tables[0][2].n = 0; /* the rest table is not given: the zone decides */
    calendar_day_type_at(&t, local_ms(2027, 1, 3, 12, 0), &type);
    ck_assert(type.source == CALENDAR_ZONE && type.table == 1);
}
END_TEST

START_TEST(a_tariff_without_tables_has_a_rate)
{
    struct tariff t;
    memset(&t, 0, sizeof t);
    t.switch_zones_local_s = t.switch_tables_local_s = TARIFF_NO_SWITCH;
    struct calendar c;
    calendar_init(&c, &t);
    ck_assert_int_eq(calendar_rate(&c, 0), RATE_SHARP);
    ck_assert_int_eq(calendar_rate(&c, -1), RATE_SHARP);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *s = suite_create("calendar");
    TCase *c = tcase_create("calendar");
    tcase_set_timeout(c, 120);
    tcase_add_loop_test(c, published_tariffs_minute_by_minute, 0, 2 * plain_tariff_count);
    tcase_add_loop_test(c, random_tariffs_minute_by_minute, 0, 40);
    tcase_add_loop_test(c, rates_of_spans, 0, 20);
    tcase_add_loop_test(c, known_instants, 0, (int)(sizeof instants / sizeof instants[0]));
    tcase_add_test(c, one_published_tariff_needs_a_fifth_rate);
    tcase_add_test(c, spans_hold_one_rate_and_end_at_a_change);
    tcase_add_test(c, what_decides_a_day);
    tcase_add_test(c, a_tariff_without_tables_has_a_rate);
    suite_add_tcase(s, c);
    return s;
}
