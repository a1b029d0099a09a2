/* verify_bench.c - the figures of the verdict: false alarms, detection, skew, speed. For `make bench`.
 *
 * Use:  verify_bench months [N [FIRST]]: correct meter-months, everything drawn from the seed; none may err
 *       verify_bench faults [N]: each fault class with N seeds: found, named, delay over the earliest instant
 *       verify_bench skew [N]: width of the skew interval after 31 days, beside its floor
 *       verify_bench speed: readings a second in the engine, on one core
 *       verify_bench csv: the same from text, cut, parsed and judged
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "core/text.h"
#include "fake/faulty_meters.h"
#include "fake/plain_tariff.h"
#include "verify_speed.h"

#define DAY 86400000LL

static int by_size(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

static int64_t median(int64_t *v, size_t n)
{
    qsort(v, n, sizeof *v, by_size);
    return n == 0 ? -1 : v[n / 2];
}

static void months(uint64_t n, uint64_t first)
{
    uint64_t rows = 0, accused = 0, outside = 0, verdicts[3] = {0};
    struct life *l = malloc(sizeof *l);
    for (uint64_t seed = first; l != NULL && seed < first + n; seed++) {
        struct tariff t;
        struct watch w;
        struct watched out;
        bool deep;
        plain_tariff_read(plain_tariff_names[seed % (uint64_t)plain_tariff_count], RATE_VALLEY, &t, &deep);
        life_draw(l, seed, &t, text_days_from_civil(2026, 1 + (unsigned)(seed % 12), 10) * DAY);
        watch_draw(&w, seed);
        struct verify_options o = {.tariff = &t, .max_power_w = 19008};
        watch_run(l, &w, &o, false, &out);
        rows += out.rows;
        verdicts[out.result.verdict]++;
        if (out.result.errors > 0) {
            accused++;
            printf("  seed %llu accused: %s on %s, excess %lld\n", (unsigned long long)seed,
                   verify_rule_name(out.first.rule),
                   out.first.quantity < 0 ? "-" : quantity_at((enum quantity_id)out.first.quantity)->name,
                   (long long)out.first.excess);
            fflush(stdout);
        }
        int64_t skew = l->clock_ms + (int64_t)((double)(l->now_ms - l->last_set_ms) *
                                               (double)l->drift_ms_day / (double)DAY);
        if (l->set_every_ms == 0 && out.result.has_skew &&
            (skew < out.result.skew_lo_ms || skew > out.result.skew_hi_ms)) {
            outside++;
            printf("  seed %llu: true skew outside\n", (unsigned long long)seed);
        }
        if ((seed - first) % 100 == 99 && seed + 1 < first + n) {
            printf("  seeds to %llu: %llu accused, %.0f s\n", (unsigned long long)seed,
                   (unsigned long long)accused, (double)clock() / CLOCKS_PER_SEC);
            fflush(stdout); /* hours, in full: what is known so far should be seen */
        }
    }
    free(l);
    printf("%llu meter-months from seed %llu, %llu readings: %llu accused, %llu skews outside; verdicts ok "
           "%llu, undecided %llu\n",
           (unsigned long long)n, (unsigned long long)first, (unsigned long long)rows,
           (unsigned long long)accused, (unsigned long long)outside, (unsigned long long)verdicts[VERDICT_OK],
           (unsigned long long)verdicts[VERDICT_UNDECIDED]);
}

static void faults(uint64_t n)
{
    uint64_t found_all = 0, named_all = 0;
    printf("%-36s %5s %5s  median from fault to finding, to earliest provable\n", "fault", "found", "named");
    int64_t *delay = malloc(2 * n * sizeof *delay);
    for (int i = 0; delay != NULL && i < faulty_meters_count; i++) {
        const struct faulty *f = &faulty_meters[i];
        uint64_t found = 0, named = 0;
        for (uint64_t seed = 1; seed <= n; seed++) {
            struct watched w;
            faulty_run(f, seed, &w);
            if (w.result.verdict != VERDICT_VIOLATED)
                continue;
            delay[found] = w.first_error_ms - w.begins_ms;
            delay[n + found] = w.earliest_ms == INT64_MAX ? 0 : w.first_error_ms - w.earliest_ms;
            found++;
            named += faulty_named(f, &w);
            if (!faulty_named(f, &w))
                printf("    seed %llu: %s\n", (unsigned long long)seed,
                       w.diagnoses.n > 0 ? diagnosis_code_name(w.diagnoses.item[0].code) : "nothing");
        }
        printf("%-36s %5llu %5llu  %8.2f h  %+.2f min\n", f->name, (unsigned long long)found,
               (unsigned long long)named, (double)median(delay, found) / 3600000,
               (double)median(delay + n, found) / 60000);
        found_all += found;
        named_all += named;
    }
    free(delay);
    printf("%llu of %llu found, %.1f %% of them named among the first two\n", (unsigned long long)found_all,
           (unsigned long long)(n * (uint64_t)faulty_meters_count),
           found_all > 0 ? 100.0 * (double)named_all / (double)found_all : 0);
}

/* The real household of tests/data, as shares of its mean, so that load_w is the mean. */
static double house[20160];
static void read_house(void)
{
    FILE *f = fopen(TEST_DATA "/house_load.csv", "r");
    char line[100];
    double sum = 0;
    int n = 0;
    while (f != NULL && n < 20160 && fgets(line, sizeof line, f) != NULL)
        if (line[0] >= '0' && line[0] <= '9')
            sum += house[n++] = atof(line);
    if (f != NULL)
        fclose(f);
    for (int i = 0; i < n; i++)
        house[i] *= n / sum;
}

/* Median width in seconds; *outside counts what must never be. */
static double skew_width(const struct life *like, int64_t dense_ms, int64_t drift_ms_day, uint64_t n,
                         uint64_t *outside)
{
    int64_t *width = malloc(n * sizeof *width);
    struct life *l = malloc(sizeof *l);
    uint64_t known = 0;
    for (uint64_t seed = 1; width != NULL && l != NULL && seed <= n; seed++) {
        struct tariff t;
        bool deep;
        struct watched out;
        plain_tariff_read("zhejiang-2026", RATE_VALLEY, &t, &deep);
        t.clock_drift_ms_day = drift_ms_day;
        uint64_t r = seed * 31;
        *l = *like;
        l->seed = seed;
        l->tariff = &t;
        l->skew_ms = life_between(&r, -290000, 290000);
        l->rnd = r;
        struct watch w = {
            .poll_ms = 61000, .jitter_ms = 2000, .register_lag_ms = 2000, .dense_ms = dense_ms, .days = 31};
        struct verify_options o = {.tariff = &t, .max_power_w = 19008};
        watch_run(l, &w, &o, false, &out);
        if (out.result.has_skew) {
            width[known++] = out.result.skew_hi_ms - out.result.skew_lo_ms;
            *outside += l->skew_ms < out.result.skew_lo_ms || l->skew_ms > out.result.skew_hi_ms;
        }
    }
    double m = (double)median(width, known) / 1000;
    free(l);
    free(width);
    return m;
}

static void skew_row(const char *name, int64_t step, enum life_lag lag, int64_t lag_ms, int64_t dense_ms,
                     const char *floor, uint64_t n)
{
    static const int64_t drifts[] = {0, 500, 2000}; /* ms a day; the last is the default */
    static struct life like;
    like = (struct life){.start_utc_ms = text_days_from_civil(2026, 12, 1) * DAY,
                         .lag = lag,
                         .lag_ms = lag_ms,
                         .step = step,
                         .base_kwh = 500,
                         .load_w = 340,
                         .reactive = 0.2,
                         .load = house,
                         .n_load = 20160};
    uint64_t outside = 0;
    printf("%-40s", name);
    for (size_t i = 0; i < sizeof drifts / sizeof drifts[0]; i++) {
        printf(" %6.0f s", skew_width(&like, dense_ms, drifts[i], n, &outside));
        fflush(stdout);
    }
    printf("   floor %s, outside %llu\n", floor, (unsigned long long)outside);
}

static void skews(uint64_t n)
{
    read_house();
    printf(
        "median width after 31 days of a real household at 0.34 kW, energy = 61 s, dense reads 11 to 13 s\n"
        "%-40s %8s %8s %8s\n",
        "clock_drift", "0 s", "0.5 s", "2 s");
    skew_row("uniform lag, r 0.01", 10000, LAG_UNIFORM, 59999, 0, "0 s", n);
    skew_row("uniform lag, r 0.01, dense", 10000, LAG_UNIFORM, 59999, 11000, "0 s", n);
    skew_row("uniform lag, r 0.1", 100000, LAG_UNIFORM, 59999, 0, "0 s", n);
    skew_row("uniform lag, r 0.1, dense", 100000, LAG_UNIFORM, 59999, 11000, "0 s", n);
    for (int64_t lag = 0; lag <= 59000; lag += 29500) {
        char name[60];
        snprintf(name, sizeof name, "constant lag %lld s, r 0.01, dense", (long long)lag / 1000);
        skew_row(name, 10000, LAG_CONSTANT, lag, 11000, "60 s", n);
        snprintf(name, sizeof name, "constant lag %lld s, r 0.1, dense", (long long)lag / 1000);
        skew_row(name, 100000, LAG_CONSTANT, lag, 11000, "60 s", n);
    }
}

int main(int argc, char **argv)
{
    uint64_t n = argc > 2 ? strtoull(argv[2], NULL, 10) : 0;
    if (argc > 1 && strcmp(argv[1], "months") == 0)
        months(n > 0 ? n : 10000, argc > 3 ? strtoull(argv[3], NULL, 10) : 1);
    else if (argc > 1 && strcmp(argv[1], "faults") == 0)
        faults(n > 0 ? n : 10);
    else if (argc > 1 && strcmp(argv[1], "skew") == 0)
        skews(n > 0 ? n : 15);
    else if (argc > 1 && strcmp(argv[1], "speed") == 0)
        bench_speed();
    else if (argc > 1 && strcmp(argv[1], "csv") == 0)
        bench_csv();
    else if (argc == 1) { /* all of them, in the size that `make bench` has time for */
        months(10000, 1);
        faults(10);
        skews(15);
        bench_speed();
        bench_csv();
    } else {
        fprintf(stderr, "verify_bench: months|faults|skew [N], speed or csv\n");
        return 64;
    }
    return 0;
}
