/* What is learned of meters whose tables are known: true switch-overs lie within what is said to be proven,
 * days of two tables are not mixed, the proposal judges the same record as right, and faults are named. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "core/rc.h"
#include "core/text.h"
#include "fake/faulty_meters.h"
#include "fake/plain_tariff.h"
#include "tariff/learn.h"
#include "tariff/tariff_check.h"
#include "unit_main.h"

#define DAY 86400000LL
#define FEW 200 /* movements a month: too few to tell the days of two tables apart */

static uint64_t first_seed(void)
{
    const char *first = getenv("METERFLEET_FIRST_MONTH");
    return first != NULL ? (uint64_t)atoll(first) : 1;
}

static void true_day(const struct tariff *t, int64_t day, uint8_t out[LEARN_DAY])
{
    for (int m = 0; m < LEARN_DAY; m++)
        out[m] = (uint8_t)plain_tariff_rate(t, day * 86400 + m * 60);
}

/* The true table of a group, when all of its days have the same. */
static bool true_table(const struct tariff *t, const struct learned *l, size_t group, uint8_t out[LEARN_DAY])
{
    bool any = false;
    for (size_t i = 0; i < l->days.n; i++) {
        uint8_t day[LEARN_DAY];
        if (l->days.day[i].group != group)
            continue;
        true_day(t, l->days.day[i].day, day);
        if (any && memcmp(day, out, sizeof day) != 0)
            return false;
        memcpy(out, day, sizeof day);
        any = true;
    }
    return any;
}

static unsigned runs_of(const uint8_t minutes[LEARN_DAY])
{
    unsigned n = 1;
    for (int m = 1; m < LEARN_DAY; m++)
        n += minutes[m] != minutes[m - 1];
    return n;
}

/* Somewhere in the span the true table leaves the one rate, and somewhere it takes up the other. */
static bool lies_within(const uint8_t minutes[LEARN_DAY], const struct learned_switch *c)
{
    bool left = false, taken = false;
    for (int m = c->earliest; m <= c->latest; m++) {
        uint8_t before = minutes[(m - 1 + LEARN_DAY) % LEARN_DAY],
                after = minutes[(m + LEARN_DAY) % LEARN_DAY];
        left |= before == c->from && after != c->from;
        taken |= before != c->to && after == c->to;
    }
    return left && taken;
}

/* The number of groups whose days have one true table. */
static unsigned check_spans(uint64_t seed, const struct tariff *t, const struct learned *l)
{
    unsigned uniform = 0;
    for (size_t g = 0; g < l->days.n_groups; g++) {
        const struct learned_table *table = &l->table[g];
        const struct learn_runs *runs = &l->days.group[g].runs;
        uint8_t minutes[LEARN_DAY];
        if (!true_table(t, l, g, minutes))
            continue;
        uniform++;
        ck_assert_msg(!l->days.group[g].mixed, "seed %llu: days of one table are thought mixed",
                      (unsigned long long)seed);
        ck_assert_msg(learn_windows_hold(&l->days.group[g].windows, minutes),
                      "seed %llu: the true table is thought impossible", (unsigned long long)seed);
        ck_assert_msg(runs->n <= runs_of(minutes), "seed %llu: %u runs where %u are true",
                      (unsigned long long)seed, runs->n, runs_of(minutes));
        for (unsigned i = 0; i < table->n && runs->sure; i++) {
            const struct learned_switch *c = &table->change[i];
            ck_assert_msg(lies_within(minutes, c), "seed %llu group %zu: %s to %s is not in [%d, %d]",
                          (unsigned long long)seed, g, rate_name((enum rate)c->from),
                          rate_name((enum rate)c->to), c->earliest, c->latest);
        }
    }
    return uniform;
}

/* Days or a month of a correct meter drawn from the seed. */
static void live(uint64_t seed, const struct tariff *own, const struct tariff *judged, struct watched *out)
{
    struct life *l = malloc(sizeof *l);
    struct watch w;
    ck_assert_ptr_nonnull(l);
    life_draw(l, seed, own, text_days_from_civil(2026, 1 + (unsigned)(seed % 12), 10) * DAY);
    watch_draw(&w, seed);
    w.keep_evidence = true;
    w.days = seed % 10 == 0 ? 31 : 9; /* months are slow to live; in most, nine days show as much */
    w.sweeps = false;
    struct verify_options o = {.tariff = judged, .max_power_w = 19008};
    watch_run(l, &w, &o, judged != NULL, out);
    free(l);
}

static void tariff_of(uint64_t seed, struct tariff *t)
{
    bool deep;
    ck_assert(
        plain_tariff_read(plain_tariff_names[seed % (uint64_t)plain_tariff_count], RATE_VALLEY, t, &deep));
}

static void say_fault(void *arg, const struct tariff_fault *f)
{
    struct text_buf *said = arg;
    if (!f->warning)
        text_buf_addf(said, "\n  %s: %s", f->key, f->text);
}

static void assert_sound(struct learned *l)
{
    if (!l->proposes)
        return;

    static const uint8_t rates[RATE_COUNT] = {RATE_SHARP, RATE_PEAK, RATE_FLAT, RATE_VALLEY};
    struct text_buf said = {0};
    memcpy(l->proposal.number_of_rate, rates, sizeof rates); /* the published tables do not say */
    unsigned faults = tariff_check(&l->proposal, say_fault, &said);
    ck_assert_msg(faults == 0, "no tariff that a meter can hold:%s", said.data != NULL ? said.data : "");
    text_buf_done(&said);
}

START_TEST(correct_meters_run_what_is_configured)
{
    uint64_t seed = (uint64_t)_i + first_seed();
    struct tariff t;
    struct watched w;
    struct learned *l;
    tariff_of(seed, &t);
    live(seed, &t, &t, &w);
    ck_assert_int_eq(learn_make(&t, &w.evidence, &w.diagnoses, &l), RC_OK);
    check_spans(seed, &t, l);
    ck_assert_msg(l->as_configured, "seed %llu: differs from the tariff it runs", (unsigned long long)seed);
    for (size_t i = 0; i < l->n_differences; i++)
        ck_assert_int_eq(l->difference[i].code, DIAG_NO_SINGLE_SKEW);
    ck_assert_mem_eq(l->proposal.tables, t.tables, sizeof t.tables);
    learn_free(l);
    evidence_done(&w.evidence);
}
END_TEST

START_TEST(what_is_learned_without_a_tariff_judges_the_record_right)
{
    uint64_t seed = (uint64_t)_i + first_seed();
    struct tariff t, none;
    struct watched w, again;
    struct learned *l;
    tariff_of(seed, &t);
    tariff_init(&none, "none");
    none.utc_offset_s = t.utc_offset_s;
    live(seed, &t, NULL, &w);
    ck_assert_int_eq(learn_make(&none, &w.evidence, &w.diagnoses, &l), RC_OK);
    check_spans(seed, &t, l);
    ck_assert(!l->as_configured);
    ck_assert_msg(l->unfit == 0 || w.evidence.n < FEW, "seed %llu: %zu days cannot run the proposal",
                  (unsigned long long)seed, l->unfit);
    assert_sound(l);
    live(seed, &t, l->proposes ? &l->proposal : NULL, &again);
    ck_assert_msg(again.result.errors == 0 || l->unfit > 0, "seed %llu: the proposal accuses the meter by %s",
                  (unsigned long long)seed, verify_rule_name(again.first.rule));
    evidence_done(&again.evidence);
    learn_free(l);
    evidence_done(&w.evidence);
}
END_TEST

static void list(const struct learned *l, struct text_buf *out)
{
    for (size_t i = 0; i < l->n_differences; i++)
        text_buf_addf(out, "\n  %s: %s", diagnosis_code_name(l->difference[i].code), l->difference[i].text);
}

START_TEST(faults_are_named_first_or_second)
{
    const struct faulty *f = &faulty_meters[_i];
    struct tariff t;
    struct watched w;
    struct learned *l;
    struct text_buf said = {0};
    bool right = false;
    faulty_record(f, first_seed(), &w);
    faulty_tariff(f, &t);
    ck_assert_int_eq(learn_make(&t, &w.evidence, &w.diagnoses, &l), RC_OK);
    for (size_t i = 0; i < l->n_differences && i < 2; i++)
        for (size_t k = 0; k < 3; k++)
            right |= l->difference[i].code == f->right[k];
    list(l, &said);
    ck_assert_msg(right, "%s: not named%s", f->name, said.data != NULL ? said.data : "");
    assert_sound(l);
    text_buf_done(&said);
    learn_free(l);
    evidence_done(&w.evidence);
}
END_TEST

/* A household in November, 61 s between reads; zhejiang-2026 day 2, with or without something in it. */
static void live_plainly(const struct tariff *own, const struct tariff *judged, int days, int64_t step_at_ms,
                         int64_t step_by_ms, struct watched *out)
{
    struct life *l = calloc(1, sizeof *l);
    ck_assert_ptr_nonnull(l);
    *l = (struct life){.seed = first_seed(),
                       .rnd = first_seed(),
                       .tariff = own,
                       .start_utc_ms = text_days_from_civil(2026, 11, 9) * DAY - own->utc_offset_s * 1000LL,
                       .skew_ms = 70000,
                       .lag = LAG_UNIFORM,
                       .lag_ms = 59999,
                       .step = 10000,
                       .base_kwh = 2000,
                       .load_w = 900,
                       .load_peak = 3};
    l->step_at_ms = step_at_ms == 0 ? 0 : l->start_utc_ms + step_at_ms;
    l->step_by_ms = step_by_ms;
    struct watch w = {
        .poll_ms = 61000, .jitter_ms = 1000, .register_lag_ms = 2000, .days = days, .keep_evidence = true};
    struct verify_options o = {.tariff = judged, .max_power_w = 19008};
    watch_run(l, &w, &o, judged != NULL, out);
    free(l);
}

static const struct {
    const char *text;
    unsigned minutes;
    int days;
    bool configured, learned;
} short_rows[] = {
    {"25 minutes are learned", 25, 4, false, true},
    {"15 minutes are learned", 15, 4, false, true},
    {"15 minutes are learned beside a tariff without them", 15, 4, true, true},
    {"15 minutes are learned from two days", 15, 2, false, true},
    {"15 minutes of one day may be a clock that was set", 15, 1, false, false},
    {"10 minutes are learned", 10, 4, false, true},
    {"5 minutes are learned", 5, 4, false, true},
};

START_TEST(short_periods_are_learned)
{
    const unsigned begin = 9 * 60, end = begin + short_rows[_i].minutes;
    struct tariff t, own, none;
    struct watched w;
    struct learned *l;
    bool taken = false, left = false;
    tariff_init(&none, "none");
    ck_assert(plain_tariff_read("zhejiang-2026", RATE_VALLEY, &t, &taken));
    none.utc_offset_s = t.utc_offset_s;
    own = t;
    struct tariff_table *table = &own.tables[0][1];
    memmove(&table->period[4], &table->period[2], (size_t)(table->n - 2) * sizeof table->period[0]);
    table->period[2] = (struct tariff_period){(uint16_t)begin, RATE_SHARP};
    table->period[3] = (struct tariff_period){(uint16_t)end, table->period[1].rate};
    table->n += 2;
    live_plainly(&own, short_rows[_i].configured ? &t : NULL, short_rows[_i].days, 0, 0, &w);
    ck_assert_int_eq(learn_make(short_rows[_i].configured ? &t : &none, &w.evidence, &w.diagnoses, &l),
                     RC_OK);
    taken = false;
    for (size_t g = 0; g < l->days.n_groups; g++) {
        for (unsigned i = 0; i < l->table[g].n; i++) {
            const struct learned_switch *c = &l->table[g].change[i];
            taken |= c->to == RATE_SHARP && c->earliest <= (int)begin && c->latest >= (int)begin;
            left |= c->from == RATE_SHARP && c->earliest <= (int)end && c->latest >= (int)end;
        }
    }
    ck_assert_msg(taken == short_rows[_i].learned && left == short_rows[_i].learned, "%s: %d, %d",
                  short_rows[_i].text, taken, left);
    if (short_rows[_i].learned) {
        check_spans(first_seed(), &own, l);
        ck_assert_msg(l->unfit == 0 && l->days.n_groups == 1, "%s: %zu groups", short_rows[_i].text,
                      l->days.n_groups);
    }
    assert_sound(l);
    learn_free(l);
    evidence_done(&w.evidence);
}
END_TEST

START_TEST(a_clock_set_once_is_no_short_period)
{
    struct tariff t, none;
    struct watched w;
    struct learned *l;
    bool deep;
    tariff_init(&none, "none");
    ck_assert(plain_tariff_read("zhejiang-2026", RATE_VALLEY, &t, &deep));
    none.utc_offset_s = t.utc_offset_s;
    live_plainly(&t, NULL, 5, 2 * DAY + (7 * 60 + 15) * 60000LL, -20 * 60000LL,
                 &w); /* 07:15 is 06:55 again */
    ck_assert_int_eq(learn_make(&none, &w.evidence, &w.diagnoses, &l), RC_OK);
    ck_assert_uint_eq(l->days.shortest, LEARN_SHORT);
    for (size_t g = 0; g < l->days.n_groups; g++)
        for (unsigned i = 2; i < l->days.group[g].runs.n && !l->days.group[g].mixed; i++)
            ck_assert_uint_ge(l->days.group[g].runs.run[i].latest - l->days.group[g].runs.run[i - 1].earliest,
                              LEARN_SHORT);
    learn_free(l);
    evidence_done(&w.evidence);
}
END_TEST

Suite *unit_suite(void)
{
    const char *most = getenv("METERFLEET_MONTHS");
    int months = most != NULL ? atoi(most) : 100;
    Suite *s = suite_create("learn");
    TCase *c = tcase_create("months");
    tcase_set_timeout(c, 120);
    tcase_add_loop_test(c, correct_meters_run_what_is_configured, 0, months);
    tcase_add_loop_test(c, what_is_learned_without_a_tariff_judges_the_record_right, 0, months);
    tcase_add_loop_test(c, faults_are_named_first_or_second, 0, faulty_meters_count);
    tcase_add_loop_test(c, short_periods_are_learned, 0, (int)(sizeof short_rows / sizeof short_rows[0]));
    tcase_add_test(c, a_clock_set_once_is_no_short_period);
    suite_add_tcase(s, c);
    return s;
}
