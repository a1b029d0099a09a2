#include "sim_oracle.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int leap(int year)
{
    return year % 400 == 0 || (year % 4 == 0 && year % 100 != 0);
}

static int days_in(int year, int month)
{
    static const int days[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month == 2 && leap(year) ? 29 : days[month - 1];
}

struct oracle_date oracle_date(int64_t local_s)
{
    ck_assert(local_s >= 0);
    int64_t days = local_s / 86400;
    struct oracle_date d = {1970, 1, 1, (int)((days + 4) % 7), (int)(local_s % 86400 / 60)};
    while (days >= 365 + leap(d.year)) {
        days -= 365 + leap(d.year);
        d.year++;
    }
    while (days >= days_in(d.year, d.month)) {
        days -= days_in(d.year, d.month);
        d.month++;
    }
    d.day += (int)days;
    return d;
}

static int table_of_day(const struct sim_tariff *t, const struct oracle_date *d, int zone_set, int table_set)
{
    const struct sim_day *tables = t->table[table_set];
    for (int pass = 0; pass < 2; pass++) { /* a date of this year beats one of every year */
        for (int i = 0; i < t->n_holidays; i++) {
            const struct sim_holiday *h = &t->holiday[i];
            if (h->year == (pass == 0 ? d->year : 0) && h->month == d->month && h->day == d->day &&
                tables[h->table - 1].n > 0)
                return h->table;
        }
    }
    if ((t->rest_mask & 1 << d->weekday) != 0 && t->rest_table != 0 && tables[t->rest_table - 1].n > 0)
        return t->rest_table;
    const struct sim_zone_set *zones = &t->zones[zone_set];
    int table = zones->n == 0 ? 1 : zones->zone[zones->n - 1].table;
    for (int i = 0; i < zones->n; i++)
        if (zones->zone[i].month * 100 + zones->zone[i].day <= d->month * 100 + d->day)
            table = zones->zone[i].table;
    return tables[table - 1].n > 0 ? table : 1;
}

static int set_in_force(int given, int64_t local_s, int64_t switch_s)
{
    return given && local_s >= switch_s;
}

static const struct sim_day *day_of(const struct sim_tariff *t, int64_t local_s)
{
    struct oracle_date d = oracle_date(local_s);
    int second = 0;
    for (int i = 0; i < SIM_TABLES; i++)
        second |= t->table[1][i].n > 0;
    int zone_set = set_in_force(t->zones[1].n > 0, local_s, t->switch_zones_s);
    int table_set = set_in_force(second, local_s, t->switch_days_s);
    return &t->table[table_set][table_of_day(t, &d, zone_set, table_set) - 1];
}

struct oracle_today oracle_today(const struct sim_tariff *t, int64_t local_s)
{
    const struct sim_day *today = day_of(t, local_s), *last = today;
    if (t->wrap_previous) /* the rate at the last second of yesterday */
        last = day_of(t, local_s - local_s % 86400 - 1);
    return (struct oracle_today){today, last->period[last->n - 1].rate};
}

unsigned oracle_rate(const struct oracle_today *today, int64_t local_s)
{
    int minute = (int)(local_s % 86400 / 60);
    for (int i = today->table->n - 1; i >= 0; i--)
        if (today->table->period[i].minute <= minute)
            return today->table->period[i].rate;
    return today->before_first;
}

void oracle_load(const char *name, struct sim_tariff *out)
{
    char line[200], tariff[60], record[20];
    int no, start, value;
    sim_tariff_default(out);
    memset(out->table, 0, sizeof out->table);
    out->zones[0].n = 0;
    FILE *file = fopen(TEST_DATA "/tariffs.tsv", "r");
    ck_assert_ptr_nonnull(file);
    while (fgets(line, sizeof line, file) != NULL) {
        if (sscanf(line, "%59s %19s %d %d %d", tariff, record, &no, &start, &value) != 5 ||
            strcmp(tariff, name) != 0)
            continue;
        if (strcmp(record, "zone") == 0) {
            struct sim_zone_set *z = &out->zones[0];
            z->zone[z->n++] =
                (struct sim_zone){(uint8_t)(start / 100), (uint8_t)(start % 100), (uint8_t)value};
        } else {
            struct sim_day *d = &out->table[0][no - 1];
            uint8_t rate = (uint8_t)(value > 4 ? 3 : value - 1);
            d->period[d->n++] = (struct sim_period){(uint16_t)(start / 100 * 60 + start % 100), rate};
        }
    }
    fclose(file);
    ck_assert_msg(out->zones[0].n > 0, "no tariff %s", name);
}
