/* The table of one group of days: its switch-overs, where each is proven to lie, and what is not known. */
#include <string.h>

#include "tariff/learn_parts.h"

#define SEEN_MOST_MS (2 * 3600000) /* a switch-over across a longer pause was not seen */
#define SECOND_MS    1000
#define SHORT_SPAN   45 /* minutes around a period that is short against clock and lag */

void learn_table_minutes(const struct tariff_table *table, enum tariff_wrap wrap, uint8_t out[LEARN_DAY])
{
    uint8_t rate = wrap == WRAP_PREVIOUS_DAY || table->n == 0 ? LEARN_ANY : table->period[table->n - 1].rate;
    for (unsigned m = 0, i = 0; m < LEARN_DAY; m++) {
        for (; i < table->n && table->period[i].minute <= m; i++)
            rate = table->period[i].rate;
        out[m] = rate;
    }
}

/* A switch-over around midnight: after the last window that only the evening's rate explains, before the
 * first that only the morning's does. */
static void midnight(const struct learn_group *g, struct learned_table *out)
{
    const struct learn_run *evening = &g->runs.run[g->runs.n - 1], *morning = &g->runs.run[0];
    int earliest = -LEARN_DAY, latest = LEARN_DAY;
    if (evening->rate == morning->rate)
        return;
    for (int m = 0; m < LEARN_DAY; m++) {
        if (g->windows.end[evening->rate][m] < LEARN_DAY && m >= evening->earliest)
            earliest = m + 1 - LEARN_DAY;
        if (g->windows.end[morning->rate][m] < latest)
            latest = g->windows.end[morning->rate][m];
    }
    out->change[out->n++] = (struct learned_switch){
        .from = evening->rate, .to = morning->rate, .earliest = (int16_t)earliest, .latest = (int16_t)latest};
}

static void paint(uint8_t minutes[LEARN_DAY], const struct learn_runs *r, const uint16_t begin[LEARN_RUNS])
{
    for (unsigned i = 0; i < r->n; i++)
        memset(minutes + begin[i], r->run[i].rate,
               (size_t)(i + 1 < r->n ? begin[i + 1] : LEARN_DAY) - begin[i]);
}

/* How good a minute is as the start of a period, smaller is better: the configured start, else a round one,
 * else near the middle. */
static unsigned worth(unsigned minute, const struct learn_run *run, const uint8_t configured[LEARN_DAY])
{
    static const unsigned steps[] = {60, 30, 15, 10, 5, 1};
    unsigned middle = (run->earliest + run->latest) / 2u, i = 0;
    if (configured[minute] == run->rate && configured[minute - 1] != run->rate)
        return 0;
    while (minute % steps[i] != 0)
        i++;
    return (i + 1) * LEARN_DAY + (minute > middle ? minute - middle : middle - minute);
}

static bool holds(const struct learn_group *g, const uint16_t begin[LEARN_RUNS])
{
    uint8_t minutes[LEARN_DAY];
    for (unsigned i = 1; i < g->runs.n; i++)
        if (begin[i] <= begin[i - 1])
            return false;
    paint(minutes, &g->runs, begin);
    return learn_windows_hold(&g->narrow, minutes);
}

static void choose_one(const struct learn_group *g, const uint8_t configured[LEARN_DAY], unsigned i,
                       uint16_t begin[LEARN_RUNS])
{
    const struct learn_run *run = &g->runs.run[i];
    uint16_t best = begin[i];
    unsigned least = worth(best, run, configured);
    for (unsigned m = run->earliest; m <= run->latest; m++) {
        begin[i] = (uint16_t)m;
        if (worth(m, run, configured) >= least || !holds(g, begin))
            continue;
        best = begin[i];
        least = worth(m, run, configured);
    }
    begin[i] = best;
}

/* A short period can lie at a round minute only if its end moves along. */
static void choose_both(const struct learn_group *g, const uint8_t configured[LEARN_DAY], unsigned i,
                        uint16_t begin[LEARN_RUNS])
{
    const struct learn_run *run = &g->runs.run[i], *next = run + 1;
    uint16_t best[2] = {begin[i], begin[i + 1]};
    unsigned least = worth(best[0], run, configured) + worth(best[1], next, configured);
    for (unsigned m = run->earliest; m <= run->latest; m++) {
        for (unsigned k = next->earliest; k <= next->latest; k++) {
            unsigned sum = worth(m, run, configured) + worth(k, next, configured);
            begin[i] = (uint16_t)m;
            begin[i + 1] = (uint16_t)k;
            if (sum >= least || !holds(g, begin))
                continue;
            best[0] = begin[i];
            best[1] = begin[i + 1];
            least = sum;
        }
    }
    begin[i] = best[0];
    begin[i + 1] = best[1];
}

/* One switch-over after another to the best minute with which the whole still explains every window; at first
 * all stand at their latest, which does. */
static void choose(const struct learn_group *g, const uint8_t configured[LEARN_DAY],
                   uint16_t begin[LEARN_RUNS])
{
    for (unsigned i = 0; i < g->runs.n; i++)
        begin[i] = g->runs.run[i].latest;
    for (unsigned i = 1; i < g->runs.n; i++) {
        if (i + 1 < g->runs.n && g->runs.run[i + 1].latest - g->runs.run[i].earliest < SHORT_SPAN)
            choose_both(g, configured, i, begin);
        choose_one(g, configured, i, begin);
    }
}

static struct learned_switch *switch_of(struct learned_table *table, uint8_t from, uint8_t to, int64_t lo_ms,
                                        int64_t hi_ms)
{
    for (unsigned i = 0; i < table->n; i++) {
        struct learned_switch *c = &table->change[i];
        if (c->from == from && c->to == to && lo_ms <= (c->latest + 1) * 60000LL &&
            hi_ms >= c->earliest * 60000LL)
            return c;
    }
    return NULL;
}

/* A day showed it between these times of the day by our clock; G and the drift since are counted in. */
static void saw(struct learned_switch *c, bool *today, int64_t lo_ms, int64_t hi_ms)
{
    if (*today)
        return;
    *today = true;
    int32_t lo = (int32_t)(lo_ms / SECOND_MS), hi = (int32_t)((hi_ms + SECOND_MS - 1) / SECOND_MS);
    if (c->days++ == 0) {
        c->has_seen = true;
        c->seen_lo_s = lo;
        c->seen_hi_s = hi;
        return;
    }
    c->seen_lo_s = lo > c->seen_lo_s ? lo : c->seen_lo_s;
    c->seen_hi_s = hi < c->seen_hi_s ? hi : c->seen_hi_s;
    if (c->seen_lo_s > c->seen_hi_s)
        c->has_seen = false;
}

static void see_switches(const struct tariff *t, const struct evidence_list *l, const struct learn_day *day,
                         struct learned_table *table)
{
    const int64_t midnight_ms = day->day * CALENDAR_DAY_MS, end_utc = l->piece[l->n - 1].lo_utc_ms;
    bool today[LEARN_SWITCHES] = {false};
    int last = -1;
    int64_t last_lo = 0;
    if (day->first > 0) { /* the evening before */
        const struct evidence *e = &l->piece[day->first - 1];
        last = (e->rates & (e->rates - 1)) == 0 ? __builtin_ctz(e->rates) : -1;
        last_lo = calendar_local_ms(t, e->lo_utc_ms) - midnight_ms;
    }
    for (size_t i = day->first; i < day->first + day->n; i++) {
        const struct evidence *e = &l->piece[i];
        int64_t lo = calendar_local_ms(t, e->lo_utc_ms) - midnight_ms, hi = lo + e->length_ms;
        unsigned others = last < 0 ? e->rates : e->rates & ~(1u << last);
        bool after =
            last >= 0 && (e->rates >> last & 1u) == 0; /* else both moved: it was within this window */
        int64_t from = after ? last_lo : lo;
        int to = others != 0 ? __builtin_ctz(others) : last;
        if ((others & (others - 1)) != 0) { /* two new ones: which came first? */
            last = -1;
            continue;
        }
        if (last >= 0 && to != last && hi - from <= SEEN_MOST_MS) {
            int64_t age = (end_utc - e->lo_utc_ms) / 1000 * t->clock_drift_ms_day / (CALENDAR_DAY_MS / 1000);
            struct learned_switch *c = switch_of(table, (uint8_t)last, (uint8_t)to, from, hi);
            if (c == NULL && hi > CALENDAR_DAY_MS) { /* at midnight, and the window goes over it */
                c = switch_of(table, (uint8_t)last, (uint8_t)to, from - CALENDAR_DAY_MS,
                              hi - CALENDAR_DAY_MS);
                from -= CALENDAR_DAY_MS;
                hi -= CALENDAR_DAY_MS;
            }
            if (c != NULL)
                saw(c, &today[c - table->change], from - t->switching_lag_ms - age, hi + age);
        }
        last = to;
        last_lo = lo;
    }
}

static void cover(const struct tariff *t, const struct evidence_list *l, const struct learn_day *day,
                  int covered[LEARN_DAY + 1], uint8_t *rates)
{
    for (size_t i = day->first; i < day->first + day->n; i++) {
        const struct evidence *e = &l->piece[i];
        int64_t lo = (calendar_local_ms(t, e->lo_utc_ms) - day->day * CALENDAR_DAY_MS) / 60000;
        int64_t hi = lo + e->length_ms / 60000 + 1;
        *rates |= e->rates;
        if (hi - lo > LEARN_WIDEST + 1)
            continue;
        covered[lo]++;
        covered[hi < LEARN_DAY ? hi : LEARN_DAY]--;
        if (hi > LEARN_DAY) { /* it goes on after midnight */
            covered[0]++;
            covered[hi - LEARN_DAY]--;
        }
    }
}

static void find_gaps(const int covered[LEARN_DAY + 1], struct learned_table *out)
{
    int now = 0;
    unsigned from = 0;
    for (unsigned m = 0; m <= LEARN_DAY; m++) {
        now += covered[m];
        if (m < LEARN_DAY && now == 0)
            continue;
        if (m - from >= LEARN_GAP && out->n_unknown < LEARN_UNKNOWN)
            out->unknown[out->n_unknown++] = (struct learned_span){(uint16_t)from, (uint16_t)m};
        from = m + 1;
    }
}

static void learn_group(const struct tariff *t, const struct evidence_list *l, const struct learned *all,
                        size_t g, struct learned_table *out)
{
    const struct learn_group *group = &all->days.group[g];
    const struct learn_runs *runs = &group->runs;
    uint8_t configured[LEARN_DAY];
    uint16_t begin[LEARN_RUNS];
    int covered[LEARN_DAY + 1] = {0};
    learn_table_minutes(&t->tables[group->set][group->table - 1], t->wrap, configured);
    memset(out->minutes, LEARN_ANY, sizeof out->minutes);
    /* beside learned tables, which begin at 00:00, one can stay only if it does not depend on the day before
     */
    bool stays = all->as_configured || (configured[0] != LEARN_ANY && !group->forbidden);
    out->kind = all->configured && stays       ? LEARNED_CONFIGURED
                : runs->n > 0 && !group->mixed ? LEARNED_OWN
                                               : LEARNED_NOTHING;
    if (runs->n > 0 && !group->mixed) {
        midnight(group, out);
        choose(group, configured, begin);
        paint(out->minutes, runs, begin);
        for (unsigned i = 1; i < runs->n; i++)
            out->change[out->n++] = (struct learned_switch){.from = runs->run[i - 1].rate,
                                                            .to = runs->run[i].rate,
                                                            .earliest = (int16_t)runs->run[i].earliest,
                                                            .latest = (int16_t)runs->run[i].latest,
                                                            .minute = begin[i]};
    }
    for (size_t i = 0; i < all->days.n; i++) {
        if (all->days.day[i].group != g)
            continue;
        see_switches(t, l, &all->days.day[i], out);
        cover(t, l, &all->days.day[i], covered, &out->rates);
    }
    find_gaps(covered, out);
    if (out->kind == LEARNED_CONFIGURED)
        memcpy(out->minutes, configured, sizeof configured);
}

void learn_tables(const struct tariff *t, const struct evidence_list *l, struct learned *out)
{
    for (size_t g = 0; g < out->days.n_groups; g++)
        learn_group(t, l, out, g, &out->table[g]);
}
