/* Without a configured calendar: which days run which table, told as a calendar would. */
#include <limits.h>

#include "core/text.h"
#include "tariff/learn_parts.h"

/* Weekends as they are programmed; they are tried before any other set of days. */
#define SAT (1u << 6)
#define SUN 1u
#define FRI (1u << 5)

struct search {
    const struct learn_days *d;
    const uint8_t *runs; /* for each day, bit n - 1: it can run table n */
};

static bool rests(uint8_t mask, int64_t day)
{
    return (mask >> learn_weekday(day) & 1u) != 0;
}

static unsigned explained(const struct search *s, const struct tariff *p)
{
    unsigned n = 0;
    for (size_t i = 0; i < s->d->n; i++) {
        struct calendar_day_type type;
        calendar_day_type_at(p, s->d->day[i].day * CALENDAR_DAY_MS, &type);
        n += s->runs[i] >> (type.table - 1) & 1u;
    }
    return n;
}

/* The table that explains the most of the days that rest, or of those that do not; 1 to 8. */
static uint8_t table_of(const struct search *s, uint8_t mask, bool rest)
{
    unsigned most = 0;
    uint8_t found = 1;
    for (uint8_t n = 0; n < TARIFF_TABLES; n++) {
        unsigned count = 0;
        for (size_t i = 0; i < s->d->n; i++)
            count += rests(mask, s->d->day[i].day) == rest && (s->runs[i] >> n & 1u) != 0;
        if (count <= most)
            continue;
        most = count;
        found = (uint8_t)(n + 1);
    }
    return found;
}

/* From day i on, up to where one table explains the working days; *end stays i when none explains the first.
 */
static uint8_t longest_from(const struct search *s, uint8_t mask, size_t i, size_t *end)
{
    uint8_t table = 0;
    *end = i;
    for (uint8_t n = 0; n < TARIFF_TABLES; n++) {
        size_t to = i;
        while (to < s->d->n && (rests(mask, s->d->day[to].day) || (s->runs[to] >> n & 1u) != 0))
            to++;
        if (to > *end) {
            *end = to;
            table = (uint8_t)(n + 1);
        }
    }
    return table;
}

/* A zone with the table of the one before it, also of last year's last one, is none. */
static void merge_zones(struct tariff_zones *z)
{
    struct tariff_zones kept = {0};
    for (uint8_t i = 0; i < z->n; i++)
        if (z->zone[i].table != z->zone[i > 0 ? i - 1 : z->n - 1].table)
            kept.zone[kept.n++] = z->zone[i];
    *z = kept;
}

/* A table for each stretch of working days, as long as it explains them; false: not as zones of one year. */
static bool find_zones(const struct search *s, uint8_t mask, struct tariff_zones *out)
{
    const struct learn_days *d = s->d;
    struct tariff_zones zones = {0};
    if (d->n == 0 || d->day[d->n - 1].day - d->day[0].day >= 365)
        return false;
    for (size_t i = 0, end; i < d->n; i = end) {
        int64_t year;
        unsigned month, day;
        uint8_t table = longest_from(s, mask, i, &end), at = zones.n;
        if (table == 0) { /* a day that no table explains */
            end = i + 1;
            continue;
        }
        text_civil_from_days(d->day[i].day, &year, &month, &day);
        if (zones.n == TARIFF_ZONES || (month == 2 && day == 29))
            return false;
        zones.n++;
        for (; at > 0 && zones.zone[at - 1].month * 100u + zones.zone[at - 1].day > month * 100u + day; at--)
            zones.zone[at] = zones.zone[at - 1];
        zones.zone[at] = (struct tariff_zone){(uint8_t)month, (uint8_t)day, table};
    }
    merge_zones(&zones);
    *out = zones;
    return zones.n > 1;
}

/* How much a calendar asks to be believed: zones, and rest days, most of all those that are no weekend. */
static unsigned cost(const struct tariff *t, bool weekend)
{
    return t->zones[0].n + (t->rest_mask == 0 ? 0u : weekend ? 2u : 4u);
}

/* Of the calendars that explain the most days the simplest. */
void learn_calendar(const struct learn_days *d, const uint8_t *runs, struct tariff *p)
{
    static const uint8_t weekends[] = {0, SAT | SUN, SUN, SAT, FRI | SAT};
    const unsigned common = sizeof weekends;
    const struct search s = {d, runs};
    unsigned most = 0, least = UINT_MAX;
    struct tariff best = *p;
    for (unsigned i = 0; i < common + 127 && (most < d->n || least > (i < common ? 1 : 4)); i++) {
        uint8_t mask = i < common ? weekends[i] : (uint8_t)(i - common);
        struct tariff t = *p;
        struct tariff_zones zones;
        t.zones[0].zone[0].table = table_of(&s, mask, false);
        t.rest_mask = mask;
        t.rest_table = mask != 0 ? table_of(&s, mask, true) : 0;
        for (int with_zones = 0; with_zones < 2; with_zones++) {
            if (with_zones == 1 && !find_zones(&s, mask, &zones))
                continue;
            if (with_zones == 1)
                t.zones[0] = zones;
            unsigned n = explained(&s, &t), c = cost(&t, i < common);
            if (n < most || (n == most && c >= least))
                continue;
            best = t;
            most = n;
            least = c;
        }
    }
    *p = best;
}
