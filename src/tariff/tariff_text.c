#include "tariff/tariff_text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static void duration(struct text_buf *b, const char *key, int64_t ms)
{
    if (ms % 1000 != 0)
        text_buf_addf(b, "%s = %" PRId64 "ms\n", key, ms);
    else
        text_buf_addf(b, "%s = %" PRId64 "s\n", key, ms / 1000);
}

static void tables(const struct tariff *t, unsigned set, struct text_buf *b)
{
    for (unsigned i = 0; i < TARIFF_TABLES; i++) {
        const struct tariff_table *table = &t->tables[set][i];
        if (table->n == 0)
            continue;
        text_buf_addf(b, set == 0 ? "day %u = " : "day.2 %u = ", i + 1);
        for (unsigned k = 0; k < table->n; k++)
            text_buf_addf(b, "%s%02u:%02u %s", k > 0 ? ", " : "", table->period[k].minute / 60u,
                          table->period[k].minute % 60u, rate_name((enum rate)table->period[k].rate));
        text_buf_add(b, "\n");
    }
}

static void zones(const struct tariff *t, unsigned set, struct text_buf *b)
{
    const struct tariff_zones *z = &t->zones[set];

    if (z->n == 0)
        return;
    text_buf_add(b, set == 0 ? "zones = " : "zones.2 = ");
    for (unsigned k = 0; k < z->n; k++)
        text_buf_addf(b, "%s%02u-%02u day %u", k > 0 ? ", " : "", z->zone[k].month, z->zone[k].day,
                      z->zone[k].table);
    text_buf_add(b, "\n");
}

static int by_date(const void *a, const void *b)
{
    const struct tariff_holiday *x = a, *y = b;

    if (x->year != y->year)
        return x->year < y->year ? -1 : 1;
    return x->month != y->month ? x->month - y->month : x->day - y->day;
}

static void add_holiday(const struct tariff_holiday *h, struct text_buf *b)
{
    if (h->year == 0)
        text_buf_addf(b, "*-%02u-%02u day %u", h->month, h->day, h->table);
    else
        text_buf_addf(b, "%04d-%02u-%02u day %u", h->year, h->month, h->day, h->table);
}

/* 100 a line, so that the lines stay within what an INI file may hold; in the order of their dates. */
static void holidays(const struct tariff *t, struct text_buf *b)
{
    struct tariff_holiday *sorted = t->n_holidays > 0 ? calloc(t->n_holidays, sizeof *sorted) : NULL;

    if (sorted == NULL) {
        b->failed = b->failed || t->n_holidays > 0;
        return;
    }
    for (unsigned i = 0; i < t->n_holidays; i++)
        sorted[i] = t->holidays[i];
    qsort(sorted, t->n_holidays, sizeof *sorted, by_date);
    for (unsigned i = 0; i < t->n_holidays; i++) {
        if (i % 100 == 0 && i > 0)
            text_buf_addf(b, "\nholidays.%u = ", i / 100);
        else
            text_buf_add(b, i == 0 ? "holidays = " : ", ");
        add_holiday(&sorted[i], b);
    }
    text_buf_add(b, "\n");
    free(sorted);
}

static void rest(const struct tariff *t, struct text_buf *b)
{
    static const char *const days[] = {"sun", "mon", "tue", "wed", "thu", "fri", "sat"};
    const char *between = "rest_days = ";

    if (t->rest_mask == 0)
        return;
    for (unsigned i = 0; i < 7; i++)
        if (t->rest_mask >> i & 1) {
            text_buf_addf(b, "%s%s", between, days[i]);
            between = ", ";
        }
    text_buf_addf(b, "\nrest_table = %u\n", t->rest_table);
}

static void instant(struct text_buf *b, const char *key, int64_t local_s)
{
    int64_t year = 0, days = local_s >= 0 ? local_s / 86400 : -((86399 - local_s) / 86400);
    unsigned month = 0, day = 0;

    if (local_s == TARIFF_NO_SWITCH)
        return;
    text_civil_from_days(days, &year, &month, &day);
    int64_t minute = (local_s - days * 86400) / 60;
    text_buf_addf(b, "%s = %04" PRId64 "-%02u-%02u %02" PRId64 ":%02" PRId64 "\n", key, year, month, day,
                  minute / 60, minute % 60);
}

static void rates(const struct tariff *t, struct text_buf *b)
{
    text_buf_add(b, "rates = ");
    for (unsigned i = 0; i < RATE_COUNT; i++)
        text_buf_addf(b, "%s%s", i > 0 ? ", " : "", rate_name((enum rate)t->number_of_rate[i]));
    text_buf_add(b, "\n");
}

static int by_day(const void *a, const void *b)
{
    const struct tariff_settlement *x = a, *y = b;

    return x->day != y->day ? x->day - y->day : x->hour - y->hour;
}

static void settlement(const struct tariff *t, struct text_buf *b)
{
    struct tariff_settlement sorted[TARIFF_SETTLEMENTS] = {{0}};

    for (unsigned i = 0; i < t->n_settlements; i++)
        sorted[i] = t->settlement[i];
    qsort(sorted, t->n_settlements, sizeof sorted[0], by_day);
    text_buf_add(b, "settlement = ");
    for (unsigned i = 0; i < t->n_settlements; i++)
        text_buf_addf(b, "%s%u %02u:00", i > 0 ? ", " : "", sorted[i].day, sorted[i].hour);
    text_buf_add(b, "\n");
}

/* The order of the calls is the order of the keys' bytes. */
void tariff_text(const struct tariff *t, struct text_buf *b)
{
    int32_t offset = t->utc_offset_s < 0 ? -t->utc_offset_s : t->utc_offset_s;

    duration(b, "clock_drift", t->clock_drift_ms_day);
    duration(b, "clock_tolerance", t->clock_tolerance_ms);
    tables(t, 0, b);
    tables(t, 1, b);
    holidays(t, b);
    rates(t, b);
    duration(b, "register_lag", t->register_lag_ms);
    rest(t, b);
    settlement(t, b);
    instant(b, "switch_days", t->switch_tables_local_s);
    instant(b, "switch_zones", t->switch_zones_local_s);
    duration(b, "switching_lag", t->switching_lag_ms);
    text_buf_addf(b, "utc_offset = %c%02d:%02d\n", t->utc_offset_s < 0 ? '-' : '+', offset / 3600,
                  offset / 60 % 60);
    text_buf_addf(b, "wrap = %s\n", t->wrap == WRAP_SAME_DAY ? "same_day" : "previous_day");
    zones(t, 0, b);
    zones(t, 1, b);
}
