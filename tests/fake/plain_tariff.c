#include "fake/plain_tariff.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

const char *const plain_tariff_names[] = {"manual-example", "zhejiang-2026", "jiangsu-2025", "anhui-2025",
                                          "guangdong-2021", "shandong-2026", "beijing-old"};
const int plain_tariff_count = sizeof plain_tariff_names / sizeof plain_tariff_names[0];

bool plain_tariff_read(const char *name, enum rate deep, struct tariff *out, bool *has_deep)
{
    FILE *f = fopen(TEST_DATA "/tariffs.tsv", "r");
    char line[200], who[40], record[20];
    bool found = false;
    int no, start, value;
    if (f == NULL)
        return false;
    memset(out, 0, sizeof *out);
    snprintf(out->name, sizeof out->name, "%s", name);
    out->utc_offset_s = 8 * 3600;
    out->switch_zones_local_s = out->switch_tables_local_s = TARIFF_NO_SWITCH;
    out->clock_tolerance_ms = 300000;
    out->switching_lag_ms = 60000;
    out->register_lag_ms = 2000;
    out->clock_drift_ms_day = 2000;
    out->n_settlements = 1;
    out->settlement[0] = (struct tariff_settlement){.day = 1, .hour = 0};
    *has_deep = false;
    while (fgets(line, sizeof line, f) != NULL) {
        if (sscanf(line, "%39s %19s %d %d %d", who, record, &no, &start, &value) != 5 ||
            strcmp(who, name) != 0)
            continue;
        found = true;
        if (strcmp(record, "zone") == 0) {
            struct tariff_zone *z = &out->zones[0].zone[out->zones[0].n++];
            *z = (struct tariff_zone){
                .month = (uint8_t)(start / 100), .day = (uint8_t)(start % 100), .table = (uint8_t)value};
        } else {
            struct tariff_table *t = &out->tables[0][no - 1];
            uint8_t rate = value == 5 ? (uint8_t)deep : (uint8_t)(value - 1);
            *has_deep |= value == 5;
            t->period[t->n++] =
                (struct tariff_period){.minute = (uint16_t)(start / 100 * 60 + start % 100), .rate = rate};
        }
    }
    fclose(f);
    return found;
}

static int table_in_force(const struct tariff *t, int set, int zone_set, const struct tm *date)
{
    const int years[] = {date->tm_year + 1900, 0}; /* the year's own list, then that of every year */
    for (int list = 0; list < 2; list++)
        for (int i = 0; i < t->n_holidays; i++) {
            const struct tariff_holiday *h = &t->holidays[i];
            if (h->year == years[list] && h->month == date->tm_mon + 1 && h->day == date->tm_mday &&
                t->tables[set][h->table - 1].n > 0)
                return h->table;
        }
    if ((t->rest_mask & (1 << date->tm_wday)) != 0 && t->rest_table > 0 &&
        t->tables[set][t->rest_table - 1].n > 0)
        return t->rest_table;
    const struct tariff_zones *z = &t->zones[zone_set];
    int today = (date->tm_mon + 1) * 100 + date->tm_mday, found = z->n - 1;
    for (int i = 0; i < z->n; i++)
        if (z->zone[i].month * 100 + z->zone[i].day <= today)
            found = i;
    int table = found >= 0 ? z->zone[found].table : 1;
    return t->tables[set][table - 1].n > 0 ? table : 1;
}

static const struct tariff_table *table_at(const struct tariff *t, int64_t local_s)
{
    time_t when = (time_t)local_s;
    struct tm date;
    gmtime_r(&when, &date);
    bool second = false;
    for (int i = 0; i < TARIFF_TABLES; i++)
        second = second || t->tables[1][i].n > 0;
    int set = second && t->switch_tables_local_s != TARIFF_NO_SWITCH && local_s >= t->switch_tables_local_s;
    int zone_set = t->zones[1].n > 0 && t->switch_zones_local_s != TARIFF_NO_SWITCH &&
                   local_s >= t->switch_zones_local_s;
    return &t->tables[set][table_in_force(t, set, zone_set, &date) - 1];
}

enum rate plain_tariff_rate(const struct tariff *t, int64_t local_s)
{
    const struct tariff_table *table = table_at(t, local_s);
    int64_t midnight = local_s - (local_s % 86400 + 86400) % 86400;
    int minute = (int)((local_s - midnight) / 60), found = -1;
    for (int i = 0; i < table->n; i++)
        if (table->period[i].minute <= minute)
            found = i;
    if (found >= 0)
        return (enum rate)table->period[found].rate;
    if (t->wrap == WRAP_PREVIOUS_DAY)
        table = table_at(t, midnight - 1);
    return (enum rate)table->period[table->n - 1].rate;
}
