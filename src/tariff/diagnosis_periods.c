/* Explanations that change one period of one day table: left out, begun at another time, with another rate,
 * interrupted by one too many. */
#include <limits.h>
#include <string.h>

#include "tariff/calendar.h"
#include "tariff/diagnosis_search.h"

struct place {
    size_t set, table, period;
};

static const struct tariff_table *table_of(const struct diagnosis_search *s, const struct place *p)
{
    return &s->tariff->tables[p->set][p->table];
}

static const struct tariff_period *period_of(const struct diagnosis_search *s, const struct place *p)
{
    return &table_of(s, p)->period[p->period];
}

static bool without(const struct diagnosis_search *s, const struct place *p)
{
    struct tariff t = *s->tariff;
    struct tariff_table *table = &t.tables[p->set][p->table];
    if (table->n < 2)
        return false;
    memmove(&table->period[p->period], &table->period[p->period + 1],
            (size_t)(table->n - p->period - 1) * sizeof table->period[0]);
    table->n--;
    return diagnosis_try(s, &t);
}

static bool begun_at(const struct diagnosis_search *s, const struct place *p, unsigned minute)
{
    struct tariff t = *s->tariff;
    t.tables[p->set][p->table].period[p->period].minute = (uint16_t)minute;
    return diagnosis_try(s, &t);
}

static bool with_rate(const struct diagnosis_search *s, const struct place *p, uint8_t rate)
{
    struct tariff t = *s->tariff;
    t.tables[p->set][p->table].period[p->period].rate = rate;
    return diagnosis_try(s, &t);
}

static bool try_missing(struct diagnosis_search *s, const struct place *p)
{
    if (!without(s, p))
        return false;
    diagnosis_add(s->out, DIAG_PERIOD_MISSING, s->rules, s->from_utc_ms, s->to_utc_ms,
                  "Day %zu: the period %s %s is missing in the meter.", p->table + 1,
                  diagnosis_minute(period_of(s, p)->minute).text,
                  rate_name((enum rate)period_of(s, p)->rate));
    return true;
}

/* Between its neighbours' starts; all minutes that fit are one answer. */
static bool try_edge(struct diagnosis_search *s, const struct place *p)
{
    const struct tariff_table *table = table_of(s, p);
    unsigned from = p->period > 0 ? table->period[p->period - 1].minute + 1u : 0;
    unsigned to = p->period + 1u < table->n ? table->period[p->period + 1].minute : 1440;
    unsigned first = 0, last = 0, best = 0;
    bool any = false;
    for (unsigned minute = from; minute < to; minute++) {
        if (minute == table->period[p->period].minute || !begun_at(s, p, minute))
            continue;
        first = any ? first : minute;
        last = minute;
        any = true;
    }
    if (!any)
        return false;
    for (unsigned minute = first; minute <= last; minute++) /* people program round times */
        if (best == 0 || minute % 30 < best % 30)
            best = minute % 5 == 0 ? minute : best;
    best = best == 0 ? (first + last) / 2 : best;
    diagnosis_add(s->out, DIAG_PERIOD_EDGE, s->rules, s->from_utc_ms, s->to_utc_ms,
                  "Day %zu: %s %s begins at about %s in the meter (between %s and %s).", p->table + 1,
                  diagnosis_minute(table->period[p->period].minute).text,
                  rate_name((enum rate)table->period[p->period].rate), diagnosis_minute(best).text,
                  diagnosis_minute(first).text, diagnosis_minute(last).text);
    return true;
}

static bool try_rate(struct diagnosis_search *s, const struct place *p)
{
    for (unsigned rate = 0; rate < RATE_COUNT; rate++) {
        if (rate == period_of(s, p)->rate || !with_rate(s, p, (uint8_t)rate))
            continue;
        diagnosis_add(s->out, DIAG_PERIOD_RATE, s->rules, s->from_utc_ms, s->to_utc_ms,
                      "Day %zu: %s %s is programmed as %s.", p->table + 1,
                      diagnosis_minute(period_of(s, p)->minute).text,
                      rate_name((enum rate)period_of(s, p)->rate), rate_name((enum rate)rate));
        return true;
    }
    return false;
}

/* The first period of all for which it fits: one answer a kind. */
static void first_that_fits(struct diagnosis_search *s,
                            bool (*try_at)(struct diagnosis_search *, const struct place *))
{
    for (struct place p = {0, 0, 0}; p.set < 2; p.set++)
        for (p.table = 0; p.table < TARIFF_TABLES; p.table++)
            for (p.period = 0; p.period < table_of(s, &p)->n; p.period++)
                if (try_at(s, &p))
                    return;
}

/* Where and when one rate moved that should not: minutes of the day of one table. */
struct intrusion {
    struct place place; /* of the period that it interrupts */
    uint8_t rate;
    unsigned from, to;
};

/* False when the forbidden movements are not all of one rate, on days of one table, within one period. */
static bool find_intrusion(const struct diagnosis_search *s, struct intrusion *out)
{
    const struct evidence_list *l = s->test.evidence;
    const struct tariff *t = s->tariff;
    unsigned rates = 0;
    *out = (struct intrusion){.from = 1440};
    for (size_t i = 0; i < l->n; i++) {
        if (l->piece[i].forbidden == 0)
            continue;
        int64_t lo = calendar_local_ms(t, l->piece[i].lo_utc_ms), hi = lo + l->piece[i].length_ms;
        int64_t day = calendar_day_of(lo);
        struct calendar_day_type type;
        calendar_day_type_at(t, lo, &type);
        if (calendar_day_of(hi) != day ||
            (rates != 0 && (type.table != out->place.table + 1u || type.table_set != out->place.set)))
            return false;
        unsigned from = (unsigned)((lo - day * CALENDAR_DAY_MS) / 60000);
        unsigned to = (unsigned)((hi - day * CALENDAR_DAY_MS) / 60000);
        rates |= l->piece[i].forbidden;
        out->place.set = type.table_set;
        out->place.table = (size_t)(type.table - 1);
        out->from = from < out->from ? from : out->from;
        out->to = to > out->to ? to : out->to;
    }
    const struct tariff_table *table = table_of(s, &out->place);
    if (rates == 0 || (rates & (rates - 1)) != 0 || table->n == 0 || table->n + 2 > TARIFF_PERIODS)
        return false;
    out->rate = (uint8_t)__builtin_ctz(rates);
    while (out->place.period + 1 < table->n && table->period[out->place.period + 1].minute <= out->from)
        out->place.period++;
    return table->period[out->place.period].minute <= out->from &&
           (out->place.period + 1 == table->n || out->to < table->period[out->place.period + 1].minute);
}

static bool interrupted(const struct diagnosis_search *s, const struct intrusion *k, unsigned from,
                        unsigned to)
{
    struct tariff t = *s->tariff;
    struct tariff_table *table = &t.tables[k->place.set][k->place.table];
    size_t at = k->place.period + 1;
    if (from <= table->period[at - 1].minute || to <= from || to > 1439 ||
        (at < table->n && to >= table->period[at].minute))
        return false;
    memmove(&table->period[at + 2], &table->period[at], (size_t)(table->n - at) * sizeof table->period[0]);
    table->period[at] = (struct tariff_period){(uint16_t)from, k->rate};
    table->period[at + 1] = (struct tariff_period){(uint16_t)to, table->period[at - 1].rate};
    table->n = (uint8_t)(table->n + 2);
    return diagnosis_try(s, &t);
}

static unsigned apart(unsigned a, unsigned b)
{
    return a < b ? b - a : a - b;
}

/* Of the starts and ends on multiples of `step` the nearest to what was seen; false: none fits. */
static bool nearest(const struct diagnosis_search *s, const struct intrusion *k, unsigned step,
                    unsigned *from, unsigned *to)
{
    unsigned reach = (unsigned)((s->tariff->clock_tolerance_ms + s->tariff->switching_lag_ms) / 60000) + 1;
    unsigned least = UINT_MAX;
    for (unsigned a = k->from > reach ? (k->from - reach + step - 1) / step * step : 0; a <= k->from + reach;
         a += step) {
        for (unsigned b = k->to > reach ? (k->to - reach + step - 1) / step * step : 0; b <= k->to + reach;
             b += step) {
            unsigned off = apart(a, k->from) + apart(b, k->to);
            if (off >= least || !interrupted(s, k, a, b))
                continue;
            least = off;
            *from = a;
            *to = b;
        }
    }
    return least != UINT_MAX;
}

/* A period too many, on the roundest times that fit. */
static void try_interrupted(struct diagnosis_search *s)
{
    static const unsigned steps[] = {60, 30, 15, 5, 1};
    struct intrusion k;
    unsigned from, to;
    if (!find_intrusion(s, &k))
        return;
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        if (!nearest(s, &k, steps[i], &from, &to))
            continue;
        diagnosis_add(s->out, DIAG_PERIOD_RATE, s->rules, s->from_utc_ms, s->to_utc_ms,
                      "Day %zu: from %s to %s (about) the meter runs %s, not %s.", k.place.table + 1,
                      diagnosis_minute(from).text, diagnosis_minute(to).text, rate_name((enum rate)k.rate),
                      rate_name((enum rate)period_of(s, &k.place)->rate));
        return;
    }
}

void diagnosis_periods(struct diagnosis_search *s)
{
    size_t others = s->out->n;
    first_that_fits(s, try_missing);
    first_that_fits(s, try_rate);
    first_that_fits(s, try_edge);
    if (s->out->n == others)
        try_interrupted(s);
}
