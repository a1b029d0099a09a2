#include "tariff/learn.h"

#include <stdlib.h>
#include <string.h>

#include "tariff/calendar.h"

#define MINUTE_MS 60000
/* A switch seen only across a longer gap proves too little to be one of its own. */
#define WIDE_MS   (120 * MINUTE_MS)

struct teacher {
    const struct tariff *tariff;
    int64_t early_ms, late_ms; /* from a true instant to the meter's own clock: [t + early, t + late] */
    struct learned *out;
};

static struct learned_table *table_for(struct teacher *k, int64_t local_ms)
{
    struct calendar_day_type type;
    calendar_day_type_at(k->tariff, local_ms, &type);
    for (size_t i = 0; i < k->out->n; i++)
        if (k->out->table[i].table == type.table && k->out->table[i].table_set == type.table_set)
            return &k->out->table[i];
    if (k->out->n == 2 * TARIFF_TABLES)
        return NULL;
    struct learned_table *t = &k->out->table[k->out->n++];
    *t = (struct learned_table){.table = type.table, .table_set = type.table_set};
    return t;
}

/* A switch from -> to while the meter's clock was within [lo, hi] of its day: the same as an earlier one, or
 * new. */
static void saw_switch(struct learned_table *t, uint8_t from, uint8_t to, int64_t lo, int64_t hi)
{
    for (size_t i = 0; i < t->n; i++) {
        struct learned_switch *c = &t->change[i];
        if (c->from != from || c->to != to || lo > c->hi_ms || hi < c->lo_ms)
            continue;
        c->lo_ms = lo > c->lo_ms ? lo : c->lo_ms;
        c->hi_ms = hi < c->hi_ms ? hi : c->hi_ms;
        c->days++;
        return;
    }
    if (hi - lo > WIDE_MS || t->n == LEARN_SWITCHES)
        return;
    t->change[t->n++] = (struct learned_switch){.from = from, .to = to, .days = 1, .lo_ms = lo, .hi_ms = hi};
}

static void walk_days(struct teacher *k, const struct evidence_list *l)
{
    int last_rate = -1;
    int64_t last_lo = 0, last_day = INT64_MIN;
    for (size_t i = 0; i < l->n; i++) {
        const struct evidence *e = &l->piece[i];
        int64_t lo = calendar_local_ms(k->tariff, e->lo_utc_ms) + k->early_ms;
        int64_t hi = calendar_local_ms(k->tariff, e->lo_utc_ms) + e->length_ms + k->late_ms;
        int64_t day = calendar_day_of(hi);
        struct learned_table *t = table_for(k, hi);
        if (t == NULL)
            return;
        t->rates |= e->rates;
        if (day != last_day)
            t->days++;
        last_day = day;
        bool single = (e->rates & (e->rates - 1)) == 0;
        if (!single) { /* two rates in one window: which came first says the one before, if it is among them
                        */
            unsigned rest = last_rate >= 0 && (e->rates >> last_rate & 1u) != 0
                                ? (unsigned)e->rates & ~(1u << last_rate)
                                : 0;
            if (rest != 0 && (rest & (rest - 1)) == 0) {
                uint8_t to = (uint8_t)__builtin_ctz(rest);
                saw_switch(t, (uint8_t)last_rate, to, lo - day * CALENDAR_DAY_MS, hi - day * CALENDAR_DAY_MS);
                last_rate = to;
                last_lo = lo;
            } else {
                last_rate = -1;
            }
            continue;
        }
        uint8_t rate = (uint8_t)__builtin_ctz(e->rates);
        if (last_rate >= 0 && rate != last_rate)
            saw_switch(t, (uint8_t)last_rate, rate, last_lo - day * CALENDAR_DAY_MS,
                       hi - day * CALENDAR_DAY_MS);
        last_rate = rate;
        last_lo = lo;
    }
}

static unsigned roundness(unsigned minute)
{
    static const unsigned steps[] = {60, 30, 15, 10, 5, 1};
    unsigned i = 0;
    while (minute % steps[i] != 0)
        i++;
    return i;
}

/* The roundest minute a period can begin at, given that the switch was at [lo, hi] of the meter's clock. */
static uint16_t propose(int64_t lo_ms, int64_t hi_ms)
{
    int64_t first = lo_ms <= 0 ? -(-lo_ms / MINUTE_MS) : (lo_ms + MINUTE_MS - 1) / MINUTE_MS;
    int64_t last = hi_ms < 0 ? -((-hi_ms + MINUTE_MS - 1) / MINUTE_MS) : hi_ms / MINUTE_MS;
    if (last < first)
        last = first = (lo_ms + hi_ms) / 2 / MINUTE_MS;
    unsigned best = (unsigned)((first % 1440 + 1440) % 1440);
    for (int64_t minute = first; minute <= last; minute++) {
        unsigned m = (unsigned)((minute % 1440 + 1440) % 1440);
        if (roundness(m) < roundness(best))
            best = m;
    }
    return (uint16_t)best;
}

static int by_minute(const void *a, const void *b)
{
    const struct learned_switch *x = a, *y = b;
    return x->minute < y->minute ? -1 : x->minute > y->minute;
}

static void finish(struct learned_table *t)
{
    for (size_t i = 0; i < t->n; i++)
        t->change[i].minute = propose(t->change[i].lo_ms, t->change[i].hi_ms);
    qsort(t->change, t->n, sizeof t->change[0], by_minute);
    t->closed = t->n > 0;
    for (size_t i = 0; i < t->n; i++)
        if (t->change[i].to != t->change[(i + 1) % t->n].from)
            t->closed = false;
}

void learn_tables(const struct tariff *t, const struct evidence_list *evidence, int64_t skew_lo_ms,
                  int64_t skew_hi_ms, struct learned *out)
{
    memset(out, 0, sizeof *out);
    struct teacher k = {
        .tariff = t, .early_ms = skew_lo_ms - t->switching_lag_ms, .late_ms = skew_hi_ms, .out = out};
    walk_days(&k, evidence);
    for (size_t i = 0; i < out->n; i++)
        finish(&out->table[i]);
}
