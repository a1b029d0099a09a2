/* Explanations that change one period of one day table: left out, begun at another time, with another rate.
 */
#include <string.h>

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

void diagnosis_periods(struct diagnosis_search *s)
{
    first_that_fits(s, try_missing);
    first_that_fits(s, try_rate);
    first_that_fits(s, try_edge);
}
