#include "sim/sim_tariff.h"

#include <string.h>

#include "core/text.h"

#define DAY_S 86400

static int64_t day_of(int64_t local_s)
{
    return local_s >= 0 ? local_s / DAY_S : -((-local_s + DAY_S - 1) / DAY_S);
}

static unsigned minute_of(int64_t local_s)
{
    return (unsigned)((local_s - day_of(local_s) * DAY_S) / 60);
}

void sim_tariff_default(struct sim_tariff *t)
{
    static const struct sim_period manual[] = {
        {6 * 60, 0}, {10 * 60, 1}, {12 * 60, 0}, {15 * 60, 2}, {23 * 60, 3}};
    memset(t, 0, sizeof *t);
    memcpy(t->name, "manual", sizeof "manual");
    t->utc_offset_s = 8 * 3600;
    t->table[0][0].n = 5;
    memcpy(t->table[0][0].period, manual, sizeof manual);
    t->zones[0].n = 1;
    t->zones[0].zone[0] = (struct sim_zone){1, 1, 1};
    t->switch_zones_s = t->switch_days_s = INT64_MAX;
    t->n_settlements = 1;
    t->settlement[0] = (struct sim_settlement){1, 0};
}

/* Bit 0: the second zone set is in force, bit 1: the second set of day tables. */
static unsigned sets_at(const struct sim_tariff *t, int64_t local_s)
{
    unsigned zones = t->zones[1].n > 0 && local_s >= t->switch_zones_s;
    bool has_second = false;
    for (unsigned i = 0; i < SIM_TABLES; i++)
        has_second = has_second || t->table[1][i].n > 0;
    unsigned days = has_second && local_s >= t->switch_days_s;
    return zones | days << 1;
}

static unsigned holiday_table(const struct sim_tariff *t, int64_t year, unsigned month, unsigned day)
{
    unsigned every_year = 0;
    for (unsigned i = 0; i < t->n_holidays; i++) {
        const struct sim_holiday *h = &t->holiday[i];
        if (h->month != month || h->day != day)
            continue;
        if (h->year == year)
            return h->table;
        if (h->year == 0)
            every_year = h->table;
    }
    return every_year;
}

/* A date before the first start belongs to the last zone: the year is a ring. */
static unsigned zone_table(const struct sim_zone_set *set, unsigned month, unsigned day)
{
    if (set->n == 0)
        return 1;
    unsigned table = set->zone[set->n - 1].table;
    for (unsigned i = 0; i < set->n; i++) {
        const struct sim_zone *z = &set->zone[i];
        if (z->month < month || (z->month == month && z->day <= day))
            table = z->table;
    }
    return table;
}

static const struct sim_day *day_table(const struct sim_tariff *t, int64_t local_s, unsigned sets)
{
    int64_t days = day_of(local_s), year;
    unsigned month, day;
    text_civil_from_days(days, &year, &month, &day);
    unsigned weekday = (unsigned)(((days + 4) % 7 + 7) % 7); /* 1970-01-01 was a Thursday */
    const struct sim_day *tables = t->table[sets >> 1];
    unsigned candidate[3] = {
        holiday_table(t, year, month, day),
        (t->rest_mask >> weekday & 1) != 0 ? t->rest_table : 0,
        zone_table(&t->zones[sets & 1], month, day),
    };
    for (unsigned i = 0; i < 3; i++)
        if (candidate[i] >= 1 && candidate[i] <= SIM_TABLES && tables[candidate[i] - 1].n > 0)
            return &tables[candidate[i] - 1];
    return &tables[0];
}

const struct sim_day *sim_tariff_day(const struct sim_tariff *t, int64_t local_s)
{
    return day_table(t, local_s, sets_at(t, local_s));
}

static uint8_t last_rate(const struct sim_day *d)
{
    return d->n > 0 ? d->period[d->n - 1].rate : 0;
}

unsigned sim_tariff_rate_memo(const struct sim_tariff *t, int64_t local_s, struct sim_tariff_memo *memo)
{
    int64_t day = day_of(local_s);
    unsigned sets = sets_at(t, local_s);
    if (memo->table == NULL || memo->of != t || memo->day != day || memo->sets != sets) {
        memo->of = t;
        memo->day = day;
        memo->sets = sets;
        memo->table = day_table(t, local_s, sets);
        const struct sim_day *ended = t->wrap_previous ? sim_tariff_day(t, day * DAY_S - 1) : memo->table;
        memo->before_first = last_rate(ended);
    }
    unsigned minute = minute_of(local_s), rate = memo->before_first;
    for (unsigned i = 0; i < memo->table->n && memo->table->period[i].minute <= minute; i++)
        rate = memo->table->period[i].rate;
    return rate;
}

unsigned sim_tariff_rate(const struct sim_tariff *t, int64_t local_s)
{
    struct sim_tariff_memo memo = {0};
    return sim_tariff_rate_memo(t, local_s, &memo);
}

/* Settlement days are 1 to 28, so every month has them all. */
static int64_t settlement_in(const struct sim_settlement *s, int64_t month_index)
{
    int64_t year = month_index >= 0 ? month_index / 12 : -((-month_index + 11) / 12);
    unsigned month = (unsigned)(month_index - year * 12) + 1;
    return text_days_from_civil(year, month, s->day) * DAY_S + s->hour * 3600;
}

static int64_t month_index_of(int64_t local_s)
{
    int64_t year;
    unsigned month, day;
    text_civil_from_days(day_of(local_s), &year, &month, &day);
    return year * 12 + (int64_t)month - 1;
}

int64_t sim_tariff_next_settlement(const struct sim_tariff *t, int64_t local_s)
{
    int64_t month = month_index_of(local_s), best = INT64_MAX;
    for (int64_t m = month; m <= month + 1; m++) {
        for (unsigned i = 0; i < t->n_settlements; i++) {
            int64_t at = settlement_in(&t->settlement[i], m);
            if (at > local_s && at < best)
                best = at;
        }
    }
    return best;
}

int64_t sim_tariff_last_settlement(const struct sim_tariff *t, int64_t local_s)
{
    int64_t month = month_index_of(local_s), best = INT64_MIN;
    for (int64_t m = month - 1; m <= month; m++) {
        for (unsigned i = 0; i < t->n_settlements; i++) {
            int64_t at = settlement_in(&t->settlement[i], m);
            if (at <= local_s && at > best)
                best = at;
        }
    }
    return best;
}
