/* test_coverage.c - days are counted as a plain look over all their readings would. */
#include <stdlib.h>
#include <string.h>
#include "core/coverage.h"
#include "unit_main.h"

#define DAY      INT64_C(86400000)
#define MIDNIGHT (INT64_C(20758) * DAY - 28800000) /* 2026-11-01T00:00 of a meter at +08:00 */

static const struct coverage_clock beijing = {28800, 60000};

START_TEST(a_day_of_readings_is_whole)
{
    struct coverage c = {0};
    struct coverage_day d;
    for (int64_t t = MIDNIGHT; t < MIDNIGHT + DAY; t += 60000)
        coverage_count(&c, t, &beijing);
    coverage_so_far(&c, MIDNIGHT + DAY - 1, &beijing, &d);
    ck_assert_int_eq(d.longest_gap_ms, 60000);
    ck_assert(!coverage_close(&c, MIDNIGHT + DAY - 1, &beijing, &d));
    ck_assert(coverage_close(&c, MIDNIGHT + DAY, &beijing, &d));
    ck_assert(d.day == 20758 && d.expected == 1440 && d.got == 1440 && d.longest_gap_ms == 60000);
    ck_assert(!coverage_close(&c, MIDNIGHT + DAY, &beijing, &d));
}
END_TEST

START_TEST(days_without_a_reading_are_days_too)
{
    struct coverage c = {0};
    struct coverage_day d;
    coverage_count(&c, MIDNIGHT + 6 * 3600000, &beijing); /* the first one ever: the day begins with it */
    coverage_count(&c, MIDNIGHT + 7 * 3600000, &beijing);
    ck_assert(coverage_close(&c, MIDNIGHT + 3 * DAY + 5, &beijing, &d));
    ck_assert(d.day == 20758 && d.expected == 18 * 60 && d.got == 2 && d.longest_gap_ms == 17 * 3600000);
    for (int i = 1; i <= 2; i++) {
        ck_assert(coverage_close(&c, MIDNIGHT + 3 * DAY + 5, &beijing, &d));
        ck_assert(d.day == 20758 + i && d.expected == 1440 && d.got == 0 && d.longest_gap_ms == DAY);
    }
    ck_assert(!coverage_close(&c, MIDNIGHT + 3 * DAY + 5, &beijing, &d));
    coverage_count(&c, MIDNIGHT + 3 * DAY + 3600000, &beijing);
    coverage_count(&c, MIDNIGHT + 2 * DAY, &beijing); /* of a day that was told: changes nothing */
    coverage_so_far(&c, MIDNIGHT + 3 * DAY + 3660000, &beijing, &d);
    ck_assert(d.got == 1 && d.longest_gap_ms == 3600000 && d.expected == 61);
}
END_TEST

START_TEST(a_class_that_is_off_expects_nothing)
{
    static const struct coverage_clock off = {-3600, 0};
    struct coverage c = {0};
    struct coverage_day d;
    coverage_count(&c, -1, &off); /* before 1970 too: 1969-12-31T22:59:59.999 of the meter */
    coverage_so_far(&c, 999, &off, &d);
    ck_assert(d.day == -1 && d.expected == 0 && d.got == 1 && d.longest_gap_ms == 1000);
}
END_TEST

/* Drawn readings over some days; each day as a plain look over all of them tells it. */
static void compare(const int64_t *t, size_t n, const struct coverage_day *d, const struct coverage_clock *k)
{
    int64_t begin = d->day * DAY - k->utc_offset_s * 1000LL, end = begin + DAY,
            from = t[0] > begin ? t[0] : begin;
    int64_t last = from, longest = 0;
    uint32_t got = 0;
    for (size_t i = 0; i < n; i++) {
        if (t[i] < begin || t[i] >= end)
            continue;
        got++;
        longest = t[i] - last > longest ? t[i] - last : longest;
        last = t[i];
    }
    longest = end - last > longest ? end - last : longest;
    ck_assert_uint_eq(d->got, got);
    ck_assert_int_eq(d->longest_gap_ms, longest);
    ck_assert_int_eq(d->expected, (end - from) / k->period_ms);
}

START_TEST(drawn_days_agree_with_a_plain_look)
{
    for (unsigned seed = 1; seed <= 300; seed++) {
        srand(seed);
        struct coverage_clock k = {(rand() % 57 - 24) * 1800, 1000u * (unsigned)(1 + rand() % 900)};
        struct coverage c = {0};
        struct coverage_day d;
        int64_t t[400];
        size_t n = 1 + (size_t)rand() % 399;
        t[0] = MIDNIGHT + rand() % 100000000;
        for (size_t i = 1; i < n; i++)
            t[i] = t[i - 1] + 1 + (rand() % 20 == 0 ? rand() % 200000000 : rand() % 2000000);
        for (size_t i = 0; i < n; i++) {
            while (coverage_close(&c, t[i], &k, &d))
                compare(t, n, &d, &k);
            coverage_count(&c, t[i], &k);
        }
        while (coverage_close(&c, t[n - 1] + 3 * DAY, &k, &d))
            compare(t, n, &d, &k);
    }
}
END_TEST

Suite *unit_suite(void)
{
    Suite *s = suite_create("coverage");
    TCase *t = tcase_create("coverage");
    tcase_add_test(t, a_day_of_readings_is_whole);
    tcase_add_test(t, days_without_a_reading_are_days_too);
    tcase_add_test(t, a_class_that_is_off_expects_nothing);
    tcase_add_test(t, drawn_days_agree_with_a_plain_look);
    suite_add_tcase(s, t);
    return s;
}
