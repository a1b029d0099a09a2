#include "fake/faulty_meters.h"

#include <stdlib.h>
#include <string.h>
#include "core/text.h"
#include "fake/plain_tariff.h"

#define DAY 86400000LL

static struct tariff_holiday holidays[] = {{.year = 2026, .month = 11, .day = 18, .table = 3},
                                           {.year = 0, .month = 12, .day = 2, .table = 3}};

static struct tariff_holiday holidays_and_one[] = {{.year = 2026, .month = 11, .day = 24, .table = 3},
                                                   {.year = 2026, .month = 11, .day = 18, .table = 3},
                                                   {.year = 0, .month = 12, .day = 2, .table = 3}};
static struct tariff_holiday holidays_otherwise[] = {{.year = 2026, .month = 11, .day = 18, .table = 1},
                                                     {.year = 0, .month = 12, .day = 2, .table = 3}};

static void edge_0730(struct tariff *t)
{
    t->tables[0][0].period[1].minute = t->tables[0][1].period[1].minute = 450;
}
static void edge_1900(struct tariff *t)
{
    t->tables[0][1].period[5].minute = 19 * 60;
}
static void rate_wrong(struct tariff *t)
{
    t->tables[0][1].period[3].rate = RATE_SHARP;
}
static void night_confused(struct tariff *t) /* 23:00 flat programmed as valley */
{
    t->tables[0][1].period[t->tables[0][1].n - 1].rate = RATE_VALLEY;
}
static void quarter_too_many(struct tariff *t) /* 15 minutes of sharp within flat */
{
    struct tariff_table *table = &t->tables[0][1];
    memmove(&table->period[4], &table->period[2], (size_t)(table->n - 2) * sizeof table->period[0]);
    table->period[2] = (struct tariff_period){9 * 60, RATE_SHARP};
    table->period[3] = (struct tariff_period){9 * 60 + 15, table->period[1].rate};
    table->n += 2;
}
static void noon_missing(struct tariff *t)
{
    struct tariff_table *table = &t->tables[0][1];
    memmove(&table->period[2], &table->period[3], (size_t)(table->n - 3) * sizeof table->period[0]);
    table->n--;
}
static void swapped(struct tariff *t)
{
    for (int n = 0; n < TARIFF_TABLES; n++)
        for (int i = 0; i < t->tables[0][n].n; i++)
            if (t->tables[0][n].period[i].rate >= RATE_FLAT)
                t->tables[0][n].period[i].rate =
                    (uint8_t)(RATE_FLAT + RATE_VALLEY - t->tables[0][n].period[i].rate);
}
static void one_rate(struct tariff *t)
{
    for (int n = 0; n < TARIFF_TABLES; n++)
        for (int i = 0; i < t->tables[0][n].n; i++)
            t->tables[0][n].period[i].rate = RATE_SHARP;
}
static void weekend_inverted(struct tariff *t)
{
    t->rest_mask = (uint8_t)(~t->rest_mask & 0x7f);
}
static void weekend_ignored(struct tariff *t)
{
    t->rest_mask = 0;
}
static void holiday_unknown(struct tariff *t)
{
    t->holidays = &holidays[1];
    t->n_holidays = 1;
}
static void extra_holiday(struct tariff *t)
{
    t->holidays = holidays_and_one;
    t->n_holidays = 3;
}
static void holiday_other_table(struct tariff *t)
{
    t->holidays = holidays_otherwise;
}
static void rest_other_table(struct tariff *t)
{
    t->rest_table = 1;
}
static void set_2_days_late(struct tariff *t)
{
    t->switch_tables_local_s += 3 * 86400;
}
static void set_2_hours_late(struct tariff *t)
{
    t->switch_tables_local_s += 12 * 3600;
}
static void zone_late(struct tariff *t)
{
    t->zones[0].zone[t->zones[0].n - 1].day = 6;
}
static void set_2_active(struct tariff *t)
{
    t->switch_tables_local_s = 0;
}
static void other_wrap(struct tariff *t)
{
    t->wrap = WRAP_PREVIOUS_DAY;
}

#define NONE DIAG_COUNT
#define ONE(a)                                                                                               \
    {                                                                                                        \
        a, NONE, NONE                                                                                        \
    }
const struct faulty faulty_meters[] = {
    {.name = "clock 12 min late", .tariff = "zhejiang-2026", .skew_s = -720, .right = ONE(DIAG_CLOCK_OFFSET)},
    {.name = "clock 15 min fast", .tariff = "zhejiang-2026", .skew_s = 900, .right = ONE(DIAG_CLOCK_OFFSET)},
    {.name = "clock 1 h fast (daylight saving)",
     .tariff = "jiangsu-2025",
     .skew_s = 3600,
     .right = ONE(DIAG_CLOCK_OFFSET)},
    {.name = "date one day behind",
     .tariff = "zhejiang-2026",
     .skew_s = -86400,
     .right = {DIAG_CLOCK_DATE, DIAG_REST_DAYS, NONE}},
    {.name = "clock 12 h late (noon and midnight)",
     .tariff = "zhejiang-2026",
     .skew_s = -43200,
     .right = ONE(DIAG_CLOCK_OFFSET)},
    {.name = "clock 12 h fast, and 3 min",
     .tariff = "zhejiang-2026",
     .skew_s = 43380,
     .right = ONE(DIAG_CLOCK_OFFSET)},
    {.name = "clock stepped by 20 min",
     .tariff = "zhejiang-2026",
     .step_s = 1200,
     .right = ONE(DIAG_CLOCK_STEPPED)},
    {.name = "clock set back by 40 min",
     .tariff = "zhejiang-2026",
     .step_s = -2400,
     .right = ONE(DIAG_CLOCK_STEPPED)},
    {.name = "clock loses 60 s a day",
     .tariff = "zhejiang-2026",
     .drift_s_day = -60,
     .right = ONE(DIAG_CLOCK_DRIFT)},
    {.name = "07:00 set to 07:30",
     .tariff = "beijing-old",
     .change = edge_0730,
     .right = ONE(DIAG_PERIOD_EDGE)},
    {.name = "evening edge moved by an hour",
     .tariff = "zhejiang-2026",
     .change = edge_1900,
     .right = ONE(DIAG_PERIOD_EDGE)},
    {.name = "14:00 flat programmed as sharp",
     .tariff = "zhejiang-2026",
     .change = rate_wrong,
     .right = ONE(DIAG_PERIOD_RATE)},
    {.name = "23:00 programmed as valley",
     .tariff = "zhejiang-2026",
     .change = night_confused,
     .right = {DIAG_PERIOD_RATE, DIAG_PERIOD_MISSING, NONE}},
    {.name = "15 min of sharp too many",
     .tariff = "zhejiang-2026",
     .change = quarter_too_many,
     .right = ONE(DIAG_PERIOD_RATE)},
    {.name = "midday valley omitted",
     .tariff = "zhejiang-2026",
     .change = noon_missing,
     .right = {DIAG_PERIOD_MISSING, DIAG_PERIOD_RATE, NONE}},
    {.name = "rates 3 and 4 swapped",
     .tariff = "zhejiang-2026",
     .change = swapped,
     .right = ONE(DIAG_RATES_SWAPPED)},
    {.name = "all energy to rate 1",
     .tariff = "zhejiang-2026",
     .change = one_rate,
     .right = ONE(DIAG_ONE_RATE_ONLY)},
    {.name = "weekend mask inverted",
     .tariff = "zhejiang-2026",
     .change = weekend_inverted,
     .right = ONE(DIAG_REST_DAYS)},
    {.name = "weekend ignored",
     .tariff = "zhejiang-2026",
     .change = weekend_ignored,
     .right = ONE(DIAG_REST_DAYS)},
    {.name = "one holiday unknown",
     .tariff = "zhejiang-2026",
     .change = holiday_unknown,
     .right = ONE(DIAG_HOLIDAY)},
    {.name = "an extra holiday",
     .tariff = "zhejiang-2026",
     .change = extra_holiday,
     .right = ONE(DIAG_HOLIDAY)},
    {.name = "a holiday on another table",
     .tariff = "zhejiang-2026",
     .change = holiday_other_table,
     .right = ONE(DIAG_HOLIDAY)},
    {.name = "rest days on another table",
     .tariff = "zhejiang-2026",
     .change = rest_other_table,
     .right = ONE(DIAG_REST_DAYS)},
    {.name = "zone begins on 12-06",
     .tariff = "zhejiang-2026",
     .change = zone_late,
     .right = ONE(DIAG_ZONE_EDGE)},
    {.name = "tables of set 2 already active",
     .tariff = "zhejiang-2026",
     .change = set_2_active,
     .right = ONE(DIAG_OTHER_SET)},
    {.name = "set 2 taken over 3 days late",
     .tariff = "zhejiang-2026",
     .change = set_2_days_late,
     .right = ONE(DIAG_OTHER_SET)},
    {.name = "set 2 taken over 12 h late",
     .tariff = "zhejiang-2026",
     .change = set_2_hours_late,
     .right = ONE(DIAG_OTHER_SET)},
    {.name = "the other wrap rule",
     .tariff = "zhejiang-2026",
     .change = other_wrap,
     .right = ONE(DIAG_WRAP_RULE)},
    {.name = "a rate register stopped",
     .tariff = "zhejiang-2026",
     .fault = FAULT_REGISTER_STOPPED,
     .right = ONE(DIAG_REGISTER_STOPPED)},
    {.name = "the total stopped",
     .tariff = "zhejiang-2026",
     .fault = FAULT_TOTAL_STOPPED,
     .right = ONE(DIAG_REGISTER_STOPPED)},
    {.name = "a rate register jumped",
     .tariff = "zhejiang-2026",
     .fault = FAULT_REGISTER_JUMP,
     .amount = 25,
     .right = ONE(DIAG_REGISTER_JUMP)},
    {.name = "a rate register loses a tenth",
     .tariff = "zhejiang-2026",
     .fault = FAULT_SUM_BROKEN,
     .amount = 0.1,
     .right = ONE(DIAG_SUM_BROKEN)},
    {.name = "a register counted back",
     .tariff = "zhejiang-2026",
     .fault = FAULT_DECREASE,
     .amount = 40,
     .right = ONE(DIAG_DECREASE)},
    {.name = "energy cleared", .tariff = "zhejiang-2026", .fault = FAULT_CLEARED, .right = ONE(DIAG_CLEARED)},
    {.name = "meter replaced",
     .tariff = "zhejiang-2026",
     .fault = FAULT_REPLACED,
     .amount = 0.4,
     .right = ONE(DIAG_REPLACED)},
    {.name = "replaced by one that counted more",
     .tariff = "zhejiang-2026",
     .fault = FAULT_REPLACED,
     .amount = 2.5,
     .right = ONE(DIAG_REPLACED)},
    {.name = "the same, most power unknown",
     .tariff = "zhejiang-2026",
     .fault = FAULT_REPLACED,
     .amount = 2.5,
     .power_unknown = true,
     .right = ONE(DIAG_REPLACED)},
    {.name = "settlement six hours late",
     .tariff = "zhejiang-2026",
     .fault = FAULT_FREEZE_LATE,
     .sweeps = true,
     .right = ONE(DIAG_FREEZE_SHIFT)},
    {.name = "settlement left out",
     .tariff = "zhejiang-2026",
     .fault = FAULT_FREEZE_NEVER,
     .sweeps = true,
     .right = ONE(DIAG_FREEZE_SHIFT)},
    {.name = "settlement twice",
     .tariff = "zhejiang-2026",
     .fault = FAULT_FREEZE_TWICE,
     .sweeps = true,
     .right = ONE(DIAG_FREEZE_SHIFT)},
    {.name = "frozen months reversed",
     .tariff = "zhejiang-2026",
     .fault = FAULT_FREEZE_REVERSED,
     .sweeps = true,
     .right = {DIAG_FREEZE_SHIFT, DIAG_FREEZE_VALUE, NONE}},
    {.name = "a frozen value changed",
     .tariff = "zhejiang-2026",
     .fault = FAULT_FREEZE_CHANGED,
     .sweeps = true,
     .right = ONE(DIAG_FREEZE_VALUE)},
};
const int faulty_meters_count = sizeof faulty_meters / sizeof faulty_meters[0];

void faulty_tariff(const struct faulty *f, struct tariff *t)
{
    static const struct tariff_table rest = {
        .n = 3, .period = {{0, RATE_VALLEY}, {9 * 60, RATE_FLAT}, {22 * 60, RATE_VALLEY}}};
    static const struct tariff_table late_rest = {.n = 2,
                                                  .period = {{9 * 60, RATE_FLAT}, {22 * 60, RATE_VALLEY}}};
    static const struct tariff_table second = {
        .n = 4,
        .period = {{0, RATE_VALLEY}, {6 * 60, RATE_PEAK}, {12 * 60, RATE_SHARP}, {20 * 60, RATE_FLAT}}};
    bool deep;
    if (!plain_tariff_read(f->tariff, RATE_VALLEY, t, &deep))
        abort();
    if (strcmp(f->tariff, "zhejiang-2026") != 0)
        return;
    t->tables[0][2] = rest;
    if (f->change == other_wrap) /* only where a table does not begin at 00:00 does the rule show */
        t->tables[0][2] = late_rest;
    t->rest_mask = 1u << 0 | 1u << 6;
    t->rest_table = 3;
    t->holidays = holidays;
    t->n_holidays = 2;
    for (int i = 0; i < 3; i++)
        t->tables[1][i] = second;
    t->switch_tables_local_s = text_days_from_civil(2027, 6, 1) * 86400;
    if (f->change == set_2_days_late || f->change == set_2_hours_late)
        t->switch_tables_local_s = text_days_from_civil(2026, 11, 25) * 86400;
}

static void run(const struct faulty *f, uint64_t seed, bool keep_evidence, struct watched *out)
{
    struct tariff configured, own;
    faulty_tariff(f, &configured);
    own = configured;
    if (f->change != NULL)
        f->change(&own);
    struct life *l = calloc(1, sizeof *l);
    if (l == NULL)
        abort();
    uint64_t r = seed * 104729;
    l->seed = seed;
    l->tariff = &own;
    l->start_utc_ms = text_days_from_civil(2026, 11, 10) * DAY + life_between(&r, 0, DAY);
    l->skew_ms = f->skew_s * 1000 + life_between(&r, -20000, 20000);
    l->drift_ms_day = f->drift_s_day * 1000;
    l->step_by_ms = f->step_s * 1000;
    l->step_at_ms = f->step_s == 0 ? 0 : l->start_utc_ms + 12 * DAY + life_between(&r, 0, DAY);
    l->lag = LAG_UNIFORM;
    l->lag_ms = 59999;
    l->step = 10000;
    l->base_kwh = 2000 + (double)life_between(&r, 0, 1000);
    l->load_w = 400 + (double)life_between(&r, 0, 1300);
    l->load_peak = 3;
    l->reactive = 0.2;
    l->fault = f->fault;
    l->fault_at_ms = l->start_utc_ms + 5 * DAY + life_between(&r, 0, 5 * DAY);
    l->fault_register = (int)life_between(&r, 1, 3);
    l->fault_amount = f->amount;
    l->rnd = r;
    struct watch w = {.poll_ms = 61000,
                      .jitter_ms = 1000,
                      .register_lag_ms = 2000,
                      .days = 31,
                      .sweeps = f->sweeps,
                      .keep_evidence = keep_evidence};
    struct verify_options o = {
        .tariff = &configured, .max_power_w = f->power_unknown ? 0 : 19008, .freeze = FREEZE_PERIOD};
    watch_run(l, &w, &o, true, out);
    free(l);
}

void faulty_run(const struct faulty *f, uint64_t seed, struct watched *out)
{
    run(f, seed, false, out);
}

void faulty_record(const struct faulty *f, uint64_t seed, struct watched *out)
{
    run(f, seed, true, out);
}

bool faulty_named(const struct faulty *f, const struct watched *w)
{
    for (size_t i = 0; i < w->diagnoses.n && i < 2; i++)
        for (size_t k = 0; k < 3; k++)
            if (w->diagnoses.item[i].code == f->right[k])
                return true;
    return false;
}
