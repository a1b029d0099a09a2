#include "tariff/calendar.h"

#include <string.h>

#include "core/text.h"

#define MINUTE_MS 60000

void calendar_init(struct calendar *c, const struct tariff *t)
{
    memset(c, 0, sizeof *c);
    c->tariff = t;
    for (size_t i = 0; i < CALENDAR_CACHE; i++)
        c->cache[i].day = INT64_MIN;
}

static unsigned set_in_force(bool second_given, int64_t switch_local_s, int64_t local_ms)
{
    if (!second_given || switch_local_s == TARIFF_NO_SWITCH)
        return 0;
    return local_ms >= switch_local_s * 1000 ? 1 : 0;
}

static bool second_tables_given(const struct tariff *t)
{
    for (size_t i = 0; i < TARIFF_TABLES; i++)
        if (t->tables[1][i].n > 0)
            return true;
    return false;
}

static bool table_given(const struct tariff *t, unsigned set, unsigned number)
{
    return number >= 1 && number <= TARIFF_TABLES && t->tables[set][number - 1].n > 0;
}

/* The last zone whose start is not after the date; before the first start it is the last zone of all. */
static uint8_t zone_of_date(const struct tariff_zones *zones, unsigned month, unsigned day)
{
    uint8_t found = (uint8_t)(zones->n > 0 ? zones->n - 1 : 0);
    for (uint8_t i = 0; i < zones->n; i++) {
        const struct tariff_zone *z = &zones->zone[i];
        if (z->month < month || (z->month == month && z->day <= day))
            found = i;
    }
    return found;
}

/* A date with its year says more than one of every year, wherever it stands in the list; 0: no holiday. */
static unsigned holiday_table(const struct tariff *t, unsigned set, int64_t year, unsigned month,
                              unsigned day)
{
    unsigned every_year = 0;
    for (uint16_t i = 0; i < t->n_holidays; i++) {
        const struct tariff_holiday *h = &t->holidays[i];
        if (h->month != month || h->day != day || !table_given(t, set, h->table))
            continue;
        if (h->year == year)
            return h->table;
        if (h->year == 0 && every_year == 0)
            every_year = h->table;
    }
    return every_year;
}

void calendar_day_type_at(const struct tariff *t, int64_t local_ms, struct calendar_day_type *out)
{
    int64_t day = calendar_day_of(local_ms), year;
    unsigned month, mday;
    text_civil_from_days(day, &year, &month, &mday);
    unsigned weekday = (unsigned)(((day + 4) % 7 + 7) % 7); /* 1970-01-01 was a Thursday; 0 = Sunday */

    struct calendar_day_type type = {.source = CALENDAR_FALLBACK, .table = 1};
    type.zone_set = (uint8_t)set_in_force(t->zones[1].n > 0, t->switch_zones_local_s, local_ms);
    type.table_set = (uint8_t)set_in_force(second_tables_given(t), t->switch_tables_local_s, local_ms);
    const struct tariff_zones *zones = &t->zones[type.zone_set];
    type.zone = zone_of_date(zones, month, mday);

    unsigned holiday = holiday_table(t, type.table_set, year, month, mday);
    bool rest = (t->rest_mask >> weekday & 1u) != 0;
    if (holiday != 0) {
        type.source = CALENDAR_HOLIDAY;
        type.table = (uint8_t)holiday;
    } else if (rest && table_given(t, type.table_set, t->rest_table)) {
        type.source = CALENDAR_REST_DAY;
        type.table = t->rest_table;
    } else if (zones->n > 0 && table_given(t, type.table_set, zones->zone[type.zone].table)) {
        type.source = CALENDAR_ZONE;
        type.table = zones->zone[type.zone].table;
    }
    *out = type;
}

static const struct tariff_table *table_at(const struct tariff *t, int64_t local_ms)
{
    struct calendar_day_type type;
    calendar_day_type_at(t, local_ms, &type);
    return &t->tables[type.table_set][type.table - 1];
}

static uint8_t last_rate(const struct tariff_table *table)
{
    return table->n > 0 ? table->period[table->n - 1].rate : RATE_SHARP;
}

/* Before the first period of a table. */
static uint8_t wrapped_rate(const struct tariff *t, const struct tariff_table *today, int64_t day)
{
    if (t->wrap == WRAP_PREVIOUS_DAY)
        return last_rate(table_at(t, day * CALENDAR_DAY_MS - 1));
    return last_rate(today);
}

static void append(struct calendar_day *d, unsigned minute, uint8_t rate)
{
    if (d->n > 0 && d->rate[d->n - 1] == rate)
        return;
    if (d->n > 0 && d->minute[d->n - 1] == minute)
        d->n--; /* a period that begins where a switch-over does replaces it */
    if (d->n > 0 && d->rate[d->n - 1] == rate)
        return;
    d->minute[d->n] = (uint16_t)minute;
    d->rate[d->n++] = rate;
}

/* The part [from, to) of a day, in minutes, during which one table is in force. */
static void append_part(const struct tariff *t, struct calendar_day *d, unsigned from, unsigned to)
{
    const struct tariff_table *table = table_at(t, d->day * CALENDAR_DAY_MS + (int64_t)from * MINUTE_MS);
    uint8_t rate = wrapped_rate(t, table, d->day);
    size_t i = 0;
    for (; i < table->n && table->period[i].minute <= from; i++)
        rate = table->period[i].rate;
    append(d, from, rate);
    for (; i < table->n && table->period[i].minute < to; i++)
        append(d, table->period[i].minute, table->period[i].rate);
}

/* The minute of this day at which a set switches over, or 1440 when it is not on this day (or at 00:00). */
static unsigned switch_minute(int64_t switch_local_s, int64_t day)
{
    if (switch_local_s == TARIFF_NO_SWITCH || calendar_day_of(switch_local_s * 1000) != day)
        return 1440;
    unsigned minute = (unsigned)((switch_local_s - day * 86400) / 60);
    return minute == 0 ? 1440 : minute;
}

static void build_day(const struct tariff *t, int64_t day, struct calendar_day *d)
{
    d->day = day;
    d->n = 0;
    unsigned a = switch_minute(t->switch_zones_local_s, day),
             b = switch_minute(t->switch_tables_local_s, day);
    unsigned first = a < b ? a : b, second = a < b ? b : a;
    append_part(t, d, 0, first);
    if (first < 1440)
        append_part(t, d, first, second > first ? second : 1440);
    if (second < 1440 && second > first)
        append_part(t, d, second, 1440);
}

const struct calendar_day *calendar_day_get(struct calendar *c, int64_t day)
{
    struct calendar_day *d = &c->cache[(uint64_t)day % CALENDAR_CACHE];
    if (d->day != day)
        build_day(c->tariff, day, d);
    return d;
}

static size_t segment_at(const struct calendar_day *d, int64_t ms_of_day)
{
    size_t i = 0;
    while (i + 1 < d->n && (int64_t)d->minute[i + 1] * MINUTE_MS <= ms_of_day)
        i++;
    return i;
}

enum rate calendar_rate(struct calendar *c, int64_t local_ms)
{
    int64_t day = calendar_day_of(local_ms);
    const struct calendar_day *d = calendar_day_get(c, day);
    return (enum rate)d->rate[segment_at(d, local_ms - day * CALENDAR_DAY_MS)];
}

unsigned calendar_rates(struct calendar *c, int64_t lo_local_ms, int64_t hi_local_ms)
{
    unsigned mask = 0;
    if (lo_local_ms > hi_local_ms)
        return 0;
    int64_t first = calendar_day_of(lo_local_ms), last = calendar_day_of(hi_local_ms);
    for (int64_t day = first; day <= last && mask != (1u << RATE_COUNT) - 1; day++) {
        const struct calendar_day *d = calendar_day_get(c, day);
        int64_t base = day * CALENDAR_DAY_MS;
        size_t i = day == first ? segment_at(d, lo_local_ms - base) : 0;
        for (; i < d->n && base + (int64_t)d->minute[i] * MINUTE_MS <= hi_local_ms; i++)
            mask |= 1u << d->rate[i];
    }
    return mask;
}

void calendar_span_at(struct calendar *c, int64_t local_ms, unsigned horizon_days, struct calendar_span *out)
{
    int64_t today = calendar_day_of(local_ms);
    const struct calendar_day *d = calendar_day_get(c, today);
    size_t i = segment_at(d, local_ms - today * CALENDAR_DAY_MS);
    uint8_t rate = d->rate[i];

    int64_t day = today;
    size_t j = i;
    while (j == 0 && day > today - (int64_t)horizon_days) {
        const struct calendar_day *before = calendar_day_get(c, day - 1);
        if (before->rate[before->n - 1] != rate)
            break;
        day--;
        j = (size_t)before->n - 1;
    }
    out->start_local_ms = day * CALENDAR_DAY_MS + (int64_t)calendar_day_get(c, day)->minute[j] * MINUTE_MS;

    day = today;
    j = i;
    d = calendar_day_get(c, day);
    while (j + 1 == d->n && day < today + (int64_t)horizon_days) {
        const struct calendar_day *after = calendar_day_get(c, day + 1);
        if (after->rate[0] != rate)
            break;
        day++;
        j = 0;
        d = after;
    }
    out->end_local_ms = j + 1 < d->n ? day * CALENDAR_DAY_MS + (int64_t)d->minute[j + 1] * MINUTE_MS
                                     : (day + 1) * CALENDAR_DAY_MS;
    out->rate = (enum rate)rate;
}
