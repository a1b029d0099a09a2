#include "core/interval.h"

#define NET_STEPS 2000000 /* 2 kWh: the coarsest registers count whole ones */

static const enum quantity_id quantities[INTERVAL_REGISTERS] = {
    Q_ACTIVE_ENERGY_IMPORT, Q_ACTIVE_ENERGY_EXPORT, Q_ACTIVE_ENERGY_TOTAL, Q_REACTIVE_ENERGY_TOTAL,
    Q_ACTIVE_ENERGY_SHARP,  Q_ACTIVE_ENERGY_PEAK,   Q_ACTIVE_ENERGY_FLAT,  Q_ACTIVE_ENERGY_VALLEY};

int64_t interval_start(int64_t utc_ms, int32_t utc_offset_s)
{
    int64_t local = utc_ms + (int64_t)utc_offset_s * 1000, into = local % INTERVAL_MS;
    return utc_ms - (into < 0 ? into + INTERVAL_MS : into);
}

static bool has(const struct interval_point *p, int i)
{
    return (p->has & 1u << i) != 0;
}

/* Does n show less than o in this register? */
static bool below(const struct interval_point *n, const struct interval_point *o, int i)
{
    return has(n, i) && has(o, i) && n->value[i] < o->value[i];
}

/* Import and export never fall. Total and rates may where they are net, and then by steps that export shows
 * only later: further only while export moves. */
static bool fell(const struct interval_point *n, const struct interval_point *o)
{
    if (below(n, o, INTERVAL_IMPORT) || below(n, o, INTERVAL_EXPORT))
        return true;
    bool exports = has(n, INTERVAL_EXPORT) && has(o, INTERVAL_EXPORT) &&
                   n->value[INTERVAL_EXPORT] > o->value[INTERVAL_EXPORT];
    for (int i = INTERVAL_TOTAL; i < INTERVAL_REGISTERS; i++)
        if (i != INTERVAL_REACTIVE && !exports && below(n, o, i) && o->value[i] - n->value[i] > NET_STEPS)
            return true;
    return false;
}

static void begin_walk(struct interval *s, int32_t utc_offset_s)
{
    s->walk_ms = 0;
    if (fell(&s->last, &s->from)) {
        s->edge.ts_ms = 0;
        return;
    }
    int64_t start = interval_start(s->from.ts_ms, utc_offset_s), first = start + INTERVAL_MS;
    if (start == s->from.ts_ms && s->edge.ts_ms != start) { /* read at the very edge */
        s->edge = s->from;
        s->edge_estimated = false;
    }
    if (first > s->last.ts_ms)
        return;
    if (s->last.ts_ms - first > (int64_t)INTERVAL_LONGEST * INTERVAL_MS) {
        s->edge.ts_ms = 0;
        first = interval_start(s->last.ts_ms, utc_offset_s);
    }
    s->walk_ms = first;
}

void interval_energy(struct interval *s, const struct reading *r, int32_t utc_offset_s)
{
    struct interval_point n = {.ts_ms = r->taken_utc_ms};
    for (int i = 0; i < INTERVAL_REGISTERS; i++) {
        const int64_t *v = reading_get(r, quantities[i]);
        if (v == NULL)
            continue;
        n.value[i] = *v;
        n.has |= (uint16_t)(1u << i);
    }
    struct interval_point *newest = s->pending.ts_ms != 0 ? &s->pending : &s->last;
    if (n.has == 0 || (newest->ts_ms != 0 && n.ts_ms <= newest->ts_ms))
        return;
    if (s->last.ts_ms == 0) {
        s->last = n;
        return;
    }
    if (s->pending.ts_ms == 0) {
        s->pending = n;
        return;
    }
    bool glitch = !fell(&n, &s->last) && (fell(&s->pending, &s->last) || fell(&n, &s->pending));
    if (!glitch) {
        s->from = s->last;
        s->last = s->pending;
        begin_walk(s, utc_offset_s);
    }
    s->pending = n;
}

/* a + (b - a) * part / whole, to the nearest. */
static int64_t between(int64_t a, int64_t b, int64_t part, int64_t whole)
{
    __int128 x = (__int128)(b - a) * part * 2 + (b >= a ? whole : -whole);
    return a + (int64_t)(x / (2 * (__int128)whole));
}

static struct interval_live live_of(const struct interval *s, int64_t start_ms)
{
    for (int i = 0; i < INTERVAL_LIVE; i++)
        if (s->live[i].start_ms == start_ms)
            return s->live[i];
    return (struct interval_live){0};
}

bool interval_next(struct interval *s, uint32_t period_ms, struct interval_row *out)
{
    while (s->walk_ms != 0) {
        const struct interval_point *a = &s->from, *b = &s->last, before = s->edge;
        bool was_estimated = s->edge_estimated;
        struct interval_point at = {.ts_ms = s->walk_ms, .has = a->has & b->has};
        for (int i = 0; i < INTERVAL_REGISTERS; i++)
            if (has(&at, i))
                at.value[i] = between(a->value[i], b->value[i], at.ts_ms - a->ts_ms, b->ts_ms - a->ts_ms);
        s->edge = at;
        s->edge_estimated = b->ts_ms - a->ts_ms > INTERVAL_FAR * (int64_t)period_ms;
        s->walk_ms = at.ts_ms + INTERVAL_MS <= b->ts_ms ? at.ts_ms + INTERVAL_MS : 0;
        if (before.ts_ms != at.ts_ms - INTERVAL_MS)
            continue; /* the quarter began before we did */
        *out = (struct interval_row){.start_ms = before.ts_ms,
                                     .estimated = was_estimated || s->edge_estimated,
                                     .has = before.has & at.has,
                                     .live = live_of(s, before.ts_ms)};
        for (int i = 0; i < INTERVAL_REGISTERS; i++)
            if ((out->has & 1u << i) != 0)
                out->moved[i] = at.value[i] - before.value[i];
        if (out->has != 0)
            return true;
    }
    return false;
}

void interval_live(struct interval *s, const struct reading *r, int32_t utc_offset_s)
{
    static const enum quantity_id voltages[] = {Q_VOLTAGE, Q_VOLTAGE_L1, Q_VOLTAGE_L2, Q_VOLTAGE_L3};
    int64_t start_ms = interval_start(r->taken_utc_ms, utc_offset_s);
    struct interval_live *l = &s->live[0];
    for (int i = 0; i < INTERVAL_LIVE; i++) {
        if (s->live[i].start_ms == start_ms) {
            l = &s->live[i];
            break;
        }
        if (s->live[i].start_ms < l->start_ms)
            l = &s->live[i]; /* the oldest makes way */
    }
    if (l->start_ms > start_ms)
        return;
    if (l->start_ms != start_ms)
        *l = (struct interval_live){.start_ms = start_ms};
    const int64_t *power = reading_get(r, Q_ACTIVE_POWER);
    if (power != NULL) {
        l->power_max = l->n == 0 || *power > l->power_max ? *power : l->power_max;
        l->power_sum += *power;
        l->n++;
    }
    for (size_t i = 0; i < sizeof voltages / sizeof voltages[0]; i++) {
        const int64_t *v = reading_get(r, voltages[i]);
        if (v == NULL)
            continue;
        l->voltage_min = l->voltage_max == 0 || *v < l->voltage_min ? *v : l->voltage_min;
        l->voltage_max = *v > l->voltage_max ? *v : l->voltage_max;
    }
}
