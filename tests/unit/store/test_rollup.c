/* What grows out of readings: coverage of days, quarters of an hour. A restart at any moment changes nothing.
 */
#include <stdlib.h>
#include <string.h>
#include "core/rc.h"
#include "place.h"
#include "scratch.h"
#include "unit_main.h"

static struct place place;

static void setup(void)
{
    scratch_make();
    place_init(&place, scratch_path("m.db"));
}

static void teardown(void)
{
    place_done(&place);
    scratch_remove();
}

#define HOUR 3600000

/* Readings every 61 s of both meters from `from` to `to`. */
static void read_on(struct store *s, int64_t from, int64_t to, bool save)
{
    struct reading *r[256];
    size_t n = 0;
    for (int64_t t = from; t <= to; t += 61000) {
        r[n++] = place_energy(0, t, t / 1000, 0, 0, 0);
        if (n == 256 || t + 61000 > to) {
            struct store_batch b = {.readings = r, .n_readings = n, .now_utc_ms = t, .clock_right = true};
            b.save_checks = save && t + 61000 > to;
            ck_assert_int_eq(store_flush(s, &b), RC_OK);
            while (n > 0)
                reading_free(r[--n]);
        }
    }
}

START_TEST(days_are_covered_or_not_and_a_restart_counts_the_same)
{
    static const char all[] =
        "SELECT group_concat(day || ' ' || got || '/' || expected || ' ' || longest_gap_s, ', ')"
        " FROM (SELECT * FROM coverage WHERE meter = 'flat-1' ORDER BY day)";
    place.meter[0].period_ms[CLASS_ENERGY] = 61000;
    struct store *s = place_open(&place, PLACE_T0);
    read_on(s, PLACE_T0, PLACE_T0 + 8 * HOUR, true); /* 08:00 of the meter, its first reading */
    store_close(s);
    s = place_open(&place, PLACE_T0 + 9 * HOUR);
    read_on(s, PLACE_T0 + 9 * HOUR, PLACE_T0 + 15 * HOUR, false); /* to 23:00, and lost its memory */
    store_close(s);
    s = place_open(&place, PLACE_T0 + 16 * HOUR + 700000);
    struct store_batch b = {
        .now_utc_ms = PLACE_T0 + 16 * HOUR + 700000, .clock_right = true, .save_checks = true};
    ck_assert_int_eq(store_flush(s, &b), RC_OK); /* nobody read it, and its day is over */
    read_on(s, PLACE_T0 + 64 * HOUR, PLACE_T0 + 64 * HOUR + 61000, true); /* midnight, after two days */
    store_close(s);
    ck_assert_str_eq(place_text(&place, all), "2026-11-01 828/944 3608.0, 2026-11-02 0/1416 86400.0, "
                                              "2026-11-03 0/1416 86400.0, 2026-11-04 2/1 61.0");
}
END_TEST

START_TEST(quarters_come_out_of_the_view)
{
    place.meter[0].period_ms[CLASS_ENERGY] = 61000;
    struct store *s = place_open(&place, PLACE_T0);
    for (int64_t t = PLACE_T0; t < PLACE_T0 + 1000000; t += 10000) {
        struct reading *r[] = {place_live(0, t + 1, 230000 + (t - PLACE_T0) / 10000),
                               place_energy(0, t, 0, 0, (t - PLACE_T0) * 10, 7)};
        ck_assert_int_eq(place_flush(s, t, r, 2), RC_OK);
    }
    ck_assert_str_eq(
        place_text(&place,
                   "SELECT meter || ' ' || start || ' ' || minutes || ' ' || active_total_kwh || ' ' ||"
                   " flat_kwh || ' ' || valley_kwh || ' ' || voltage_min_v || ' ' || voltage_max_v || ' ' ||"
                   " quality || ' ' || (active_import_kwh IS NULL) || (power_avg_w IS NULL) FROM interval"),
        "flat-1 2026-11-01T00:00:00.000Z 15 9.0 9.0 0.0 230.0 230.089 ok 11");
    ck_assert_int_eq(place_int(&place, "SELECT count(*) FROM interval"), 1);
    store_close(s);
}
END_TEST

/* All there is in both views. */
static const char *everything(const struct place *p)
{
    return place_text(
        p,
        "SELECT (SELECT group_concat(concat, x'0a') FROM (SELECT meter || ' ' || start || ' ' ||"
        " active_total_kwh || ' ' || sharp_kwh || ' ' || ifnull(voltage_min_v, '-') || ' ' ||"
        " ifnull(voltage_max_v, '-') || ' ' || quality AS concat FROM interval ORDER BY meter, start)) ||"
        " (SELECT group_concat(concat, x'0a') FROM (SELECT meter || ' ' || day || ' ' || expected || ' ' ||"
        " got || ' ' || longest_gap_s AS concat FROM coverage ORDER BY meter, day))");
}

START_TEST(a_restart_at_any_moment_changes_nothing)
{
    static struct place other;
    unsigned seed = (unsigned)_i + 1;
    srand(seed);
    place_init(&other, scratch_path("other.db"));
    for (int m = 0; m < PLACE_METERS; m++)
        place.meter[m].period_ms[CLASS_ENERGY] = other.meter[m].period_ms[CLASS_ENERGY] = 61000;
    struct store *a = place_open(&place, PLACE_T0), *b = place_open(&other, PLACE_T0);
    int64_t t = PLACE_T0, v[PLACE_METERS] = {0, 5000000};
    for (int k = 0; k < 900; k++) {
        t += 20000 + rand() % 50000 + (rand() % 60 == 0 ? rand() % 6000000 : 0);
        size_t m = (size_t)rand() % PLACE_METERS;
        v[m] += rand() % 40000;
        int64_t glitch = rand() % 50 == 0 ? 90000000 : 0, voltage = 225000 + rand() % 9000;
        struct reading *ra[] = {place_live(m, t - 5000, voltage), place_energy(m, t, v[m] + glitch, 0, 0, 3)};
        struct reading *rb[] = {place_live(m, t - 5000, voltage), place_energy(m, t, v[m] + glitch, 0, 0, 3)};
        ck_assert_int_eq(place_flush(a, t, ra, 2), RC_OK);
        ck_assert_int_eq(place_flush(b, t, rb, 2), RC_OK);
        if (rand() % 40 == 0 && glitch == 0) {
            store_close(b);
            b = place_open(&other, t + 1);
        }
    }
    struct store_batch save = {.now_utc_ms = t, .clock_right = true, .save_checks = true};
    ck_assert_int_eq(store_flush(a, &save), RC_OK);
    ck_assert_int_eq(store_flush(b, &save), RC_OK);
    store_close(a);
    store_close(b);
    char *first = strdup(everything(&place));
    const char *second = everything(&other);
    size_t same = 0;
    while (first[same] != '\0' && first[same] == second[same])
        same++;
    size_t from = same > 100 ? same - 100 : 0;
    ck_assert_uint_gt(strlen(first), 2000);
    ck_assert_msg(first[same] == second[same], "seed %u:\n%.300s\nor\n%.300s", seed, &first[from],
                  &second[from]);
    free(first);
    place_done(&other);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *s = suite_create("rollup");
    TCase *t = tcase_create("rollup");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, days_are_covered_or_not_and_a_restart_counts_the_same);
    tcase_add_test(t, quarters_come_out_of_the_view);
    tcase_add_loop_test(t, a_restart_at_any_moment_changes_nothing, 0, 8);
    tcase_set_timeout(t, 120);
    suite_add_tcase(s, t);
    return s;
}
