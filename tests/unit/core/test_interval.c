/* test_interval.c - quarters of an hour: they add up, outages are marked, glitches and clears make no energy.
 */
#include <stdlib.h>
#include <string.h>
#include "core/interval.h"
#include "core/rc.h"
#include "unit_main.h"

#define T0     INT64_C(1793491200000) /* a whole hour of the meter's clock */
#define OFFSET 28800
#define PERIOD 61000

static struct interval s;
static struct interval_row rows[2000];
static size_t n_rows;

static void setup(void)
{
    s = (struct interval){0};
    n_rows = 0;
}

static void feed(int64_t ts_ms, const int64_t v[INTERVAL_REGISTERS])
{
    static const enum quantity_id ids[INTERVAL_REGISTERS] = {
        Q_ACTIVE_ENERGY_IMPORT, Q_ACTIVE_ENERGY_EXPORT, Q_ACTIVE_ENERGY_TOTAL, Q_REACTIVE_ENERGY_TOTAL,
        Q_ACTIVE_ENERGY_SHARP,  Q_ACTIVE_ENERGY_PEAK,   Q_ACTIVE_ENERGY_FLAT,  Q_ACTIVE_ENERGY_VALLEY};
    struct reading *r = reading_new(INTERVAL_REGISTERS);
    r->taken_utc_ms = ts_ms;
    for (int i = 0; i < INTERVAL_REGISTERS; i++)
        if (v[i] != INT64_MIN)
            ck_assert_int_eq(reading_add(r, ids[i], v[i]), RC_OK);
    interval_energy(&s, r, OFFSET);
    reading_free(r);
    while (n_rows < sizeof rows / sizeof rows[0] && interval_next(&s, PERIOD, &rows[n_rows]))
        n_rows++;
}

/* Import and sharp move together, nothing else. */
static void import(int64_t ts_ms, int64_t value)
{
    const int64_t v[INTERVAL_REGISTERS] = {
        [INTERVAL_IMPORT] = value, [INTERVAL_TOTAL] = value, [INTERVAL_SHARP] = value};
    feed(ts_ms, v);
}

START_TEST(a_steady_load_is_the_same_in_every_quarter)
{
    for (int64_t t = T0 + 30000; t < T0 + 3 * 3600000; t += PERIOD)
        import(t, (t - T0) * 2);
    ck_assert_uint_eq(n_rows, 10); /* the first one is not whole, the last reading but one ends it */
    for (size_t i = 0; i < n_rows; i++) {
        ck_assert_int_eq(rows[i].start_ms, T0 + (int64_t)(i + 1) * INTERVAL_MS);
        ck_assert(!rows[i].estimated);
        ck_assert_int_eq(rows[i].moved[INTERVAL_IMPORT], 2 * INTERVAL_MS);
        ck_assert_int_eq(rows[i].moved[INTERVAL_SHARP], 2 * INTERVAL_MS);
        ck_assert_int_eq(rows[i].moved[INTERVAL_PEAK], 0);
    }
}
END_TEST

START_TEST(the_meters_clock_sets_the_edges)
{
    ck_assert_int_eq(interval_start(T0, 0), T0);
    ck_assert_int_eq(interval_start(T0 + 899999, OFFSET), T0);
    ck_assert_int_eq(interval_start(T0, 20700), T0);        /* +05:45 */
    ck_assert_int_eq(interval_start(T0, 300), T0 - 300000); /* a meter five minutes before UTC */
    ck_assert_int_eq(interval_start(-1, OFFSET), -INTERVAL_MS);
}
END_TEST

START_TEST(an_outage_is_drawn_and_marked)
{
    import(T0 - 1000, 0);
    import(T0 + 1000, 2000);
    import(T0 + 3600000 + 1000, 4000000 + 2000);
    import(T0 + 3600000 + 62000, 4000000 + 3000);
    import(T0 + 3600000 + 123000, 4000000 + 3000);
    ck_assert_uint_eq(n_rows, 4);
    int64_t sum = 0;
    for (size_t i = 0; i < n_rows; i++) {
        ck_assert(rows[i].estimated);
        sum += rows[i].moved[INTERVAL_TOTAL];
    }
    ck_assert_int_ge(sum, 3999000);
    ck_assert_int_le(sum, 4001000);
}
END_TEST

START_TEST(of_a_long_outage_nothing_is_said)
{
    import(T0, 0);
    import(T0 + PERIOD, 10);
    import(T0 + 8 * INT64_C(86400000), 90000000);
    import(T0 + 8 * INT64_C(86400000) + PERIOD, 90000010);
    import(T0 + 8 * INT64_C(86400000) + 2 * PERIOD, 90000020);
    ck_assert_uint_eq(n_rows, 0);
}
END_TEST

START_TEST(a_glitch_makes_no_energy)
{
    int64_t k = 0;
    for (int64_t t = T0; t < T0 + 7200000; t += PERIOD, k++)
        import(t, k == 30 ? 900000000 : k == 60 ? 0 : 5000000 + (t - T0));
    ck_assert_uint_eq(n_rows, 7);
    for (size_t i = 0; i < n_rows; i++)
        ck_assert_int_eq(rows[i].moved[INTERVAL_IMPORT], INTERVAL_MS);
}
END_TEST

START_TEST(across_a_clear_there_is_no_row)
{
    for (int64_t t = T0; t < T0 + 7200000; t += PERIOD) /* cleared in the fourth quarter */
        import(t, t < T0 + 3000000 ? 5000000 + (t - T0) : t - T0 - 3000000);
    ck_assert_uint_eq(n_rows, 6);
    for (size_t i = 0; i < n_rows; i++) {
        ck_assert_int_ne(rows[i].start_ms, T0 + 3 * INTERVAL_MS);
        ck_assert_int_eq(rows[i].moved[INTERVAL_IMPORT], INTERVAL_MS);
    }
}
END_TEST

START_TEST(a_net_total_may_fall_while_export_moves)
{
    for (int64_t t = T0; t < T0 + 3600000; t += PERIOD) {
        const int64_t v[INTERVAL_REGISTERS] = {[INTERVAL_IMPORT] = 7000000,
                                               [INTERVAL_EXPORT] = 3 * (t - T0),
                                               [INTERVAL_TOTAL] = 7000000 - 3 * (t - T0),
                                               [INTERVAL_FLAT] = 7000000 - 3 * (t - T0),
                                               [INTERVAL_REACTIVE] = INT64_MIN};
        feed(t, v);
    }
    ck_assert_uint_eq(n_rows, 3);
    for (size_t i = 0; i < n_rows; i++) {
        ck_assert_int_eq(rows[i].moved[INTERVAL_TOTAL], -3 * INTERVAL_MS);
        ck_assert_int_eq(rows[i].moved[INTERVAL_EXPORT], 3 * INTERVAL_MS);
        ck_assert((rows[i].has & 1u << INTERVAL_REACTIVE) == 0);
    }
}
END_TEST

static void live(int64_t ts_ms, int64_t power, int64_t voltage)
{
    struct reading *r = reading_new(2);
    r->taken_utc_ms = ts_ms;
    ck_assert_int_eq(reading_add(r, Q_VOLTAGE, voltage), RC_OK);
    ck_assert_int_eq(reading_add(r, Q_ACTIVE_POWER, power), RC_OK);
    interval_live(&s, r, OFFSET);
    reading_free(r);
}

START_TEST(power_and_voltage_are_those_of_the_quarter)
{
    for (int64_t t = T0; t < T0 + 3600000; t += PERIOD) {
        import(t, t - T0);
        if (t < T0 + 2700000) /* in the last quarter none is read */
            live(t + 7, (t - T0) / INTERVAL_MS * 1000 + (t % 2 == 0 ? 10 : -10),
                 230000 + (t - T0) / INTERVAL_MS);
    }
    live(T0 - 3600000, 99999, 1); /* late, and long past: changes nothing */
    ck_assert_uint_eq(n_rows, 3);
    ck_assert(rows[1].live.n > 10 && rows[1].live.power_max == 1010);
    ck_assert(rows[1].live.voltage_min == 230001 && rows[1].live.voltage_max == 230001);
    ck_assert_uint_eq(rows[2].live.n, 15);
}
END_TEST

/* What the register showed at an instant, by a plain look over all readings. */
static int64_t shown(const int64_t *ts, const int64_t *v, int n, int64_t at)
{
    int i = 1;
    while (i < n - 1 && ts[i] < at)
        i++;
    long double x =
        (long double)(v[i] - v[i - 1]) * (long double)(at - ts[i - 1]) / (long double)(ts[i] - ts[i - 1]);
    return v[i - 1] + (int64_t)(x + 0.5L);
}

/* Drawn meters: every row is what the register moved between its edges, no quarter is missing, none is there
 * twice. */
START_TEST(drawn_rows_agree_with_a_plain_look)
{
    enum { N = 300 };
    for (unsigned seed = 1; seed <= 300; seed++) {
        int64_t ts[N], v[N];
        setup();
        srand(seed);
        ts[0] = T0 + rand() % 2000000;
        v[0] = rand();
        for (int k = 1; k < N; k++) {
            ts[k] = ts[k - 1] + 1000 + rand() % 300000 + (rand() % 40 == 0 ? rand() % 7000000 : 0);
            v[k] = v[k - 1] + rand() % 5000;
        }
        for (int k = 0; k < N; k++)
            import(ts[k], v[k]);
        int64_t end = interval_start(ts[N - 2], OFFSET),
                start = interval_start(ts[0] - 1, OFFSET) + INTERVAL_MS;
        ck_assert_int_eq((int64_t)n_rows, (end - start) / INTERVAL_MS);
        for (size_t i = 0; i < n_rows; i++, start += INTERVAL_MS) {
            ck_assert_int_eq(rows[i].start_ms, start);
            ck_assert_int_eq(rows[i].moved[INTERVAL_IMPORT],
                             shown(ts, v, N, start + INTERVAL_MS) - shown(ts, v, N, start));
        }
    }
}
END_TEST

Suite *unit_suite(void)
{
    Suite *suite = suite_create("interval");
    TCase *t = tcase_create("interval");
    tcase_add_checked_fixture(t, setup, NULL);
    tcase_add_test(t, a_steady_load_is_the_same_in_every_quarter);
    tcase_add_test(t, the_meters_clock_sets_the_edges);
    tcase_add_test(t, an_outage_is_drawn_and_marked);
    tcase_add_test(t, of_a_long_outage_nothing_is_said);
    tcase_add_test(t, a_glitch_makes_no_energy);
    tcase_add_test(t, across_a_clear_there_is_no_row);
    tcase_add_test(t, a_net_total_may_fall_while_export_moves);
    tcase_add_test(t, power_and_voltage_are_those_of_the_quarter);
    tcase_add_test(t, drawn_rows_agree_with_a_plain_look);
    suite_add_tcase(suite, t);
    return suite;
}
