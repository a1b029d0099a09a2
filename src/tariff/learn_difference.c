/* What was learned beside what is configured, period by period, in words. */
#include <stdio.h>

#include "tariff/calendar.h"
#include "tariff/learn.h"

static const char *name(uint8_t rate)
{
    return rate_name((enum rate)rate);
}

/* Could a period that begins at this minute have made this switch? */
static bool covers(const struct learned_switch *c, unsigned minute)
{
    int64_t ms = (int64_t)minute * 60000, day = CALENDAR_DAY_MS;
    return (ms >= c->lo_ms && ms <= c->hi_ms) || (ms - day >= c->lo_ms && ms - day <= c->hi_ms) ||
           (ms + day >= c->lo_ms && ms + day <= c->hi_ms);
}

/* The rate the learned table has just after a minute; -1 when it is not proven. */
static int rate_after(const struct learned_table *l, unsigned minute)
{
    if (l->n == 0)
        return -1;
    const struct learned_switch *found = &l->change[l->n - 1];
    for (size_t i = 0; i < l->n; i++)
        if (l->change[i].minute <= minute)
            found = &l->change[i];
    return found->to;
}

static const struct learned_switch *switch_to(const struct learned_table *l, unsigned minute, uint8_t rate)
{
    for (size_t i = 0; i < l->n; i++)
        if (l->change[i].to == rate && covers(&l->change[i], minute))
            return &l->change[i];
    return NULL;
}

/* A configured period against what was learned; false when they agree. */
static bool period_differs(const struct tariff_table *c, size_t i, const struct learned_table *l,
                           char out[LEARN_TEXT])
{
    const struct tariff_period *p = &c->period[i];
    uint8_t before = c->period[(i + c->n - 1) % c->n].rate;
    unsigned h = p->minute / 60u, m = p->minute % 60u;
    if (p->rate == before || switch_to(l, p->minute, p->rate) != NULL)
        return false;
    int runs = rate_after(l, p->minute);
    if (runs < 0)
        return false;
    if (runs != p->rate && runs != before) {
        snprintf(out, LEARN_TEXT, "day %u: %02u:%02u %s is programmed as %s", l->table, h, m, name(p->rate),
                 name((uint8_t)runs));
        return true;
    }
    for (size_t k = 0; k < l->n; k++) {
        if (l->change[k].to != p->rate || l->change[k].from != before)
            continue;
        snprintf(out, LEARN_TEXT, "day %u: %02u:%02u %s begins at %02u:%02u in the meter", l->table, h, m,
                 name(p->rate), l->change[k].minute / 60u, l->change[k].minute % 60u);
        return true;
    }
    if ((l->rates >> p->rate & 1u) == 0 || runs == before) {
        snprintf(out, LEARN_TEXT, "day %u: %02u:%02u %s is missing; %s goes on", l->table, h, m,
                 name(p->rate), name(before));
        return true;
    }
    return false;
}

/* A learned switch that no configured period can have made. */
static bool switch_differs(const struct tariff_table *c, const struct learned_switch *s, uint8_t table,
                           char out[LEARN_TEXT])
{
    for (size_t i = 0; i < c->n; i++)
        if (c->period[i].rate == s->to &&
            (covers(s, c->period[i].minute) || c->period[(i + c->n - 1) % c->n].rate == s->from))
            return false;
    snprintf(out, LEARN_TEXT,
             "day %u: at %02u:%02u the meter switches from %s to %s, which is not configured", table,
             s->minute / 60u, s->minute % 60u, name(s->from), name(s->to));
    return true;
}

bool learn_difference(const struct tariff *t, const struct learned *l, size_t *cursor, char out[LEARN_TEXT])
{
    size_t place = 0;
    for (size_t i = 0; i < l->n; i++) {
        const struct learned_table *table = &l->table[i];
        const struct tariff_table *c = &t->tables[table->table_set][table->table - 1];
        for (size_t k = 0; k < (size_t)c->n + table->n; k++, place++) {
            if (place < *cursor)
                continue;
            *cursor = place + 1;
            if (!table->closed) /* a day with unproven parts proves no difference */
                continue;
            if (k < c->n ? period_differs(c, k, table, out)
                         : switch_differs(c, &table->change[k - c->n], table->table, out))
                return true;
        }
    }
    return false;
}
