#include "tariff/hypothesis.h"

#include "tariff/calendar.h"

/* The evidence's window as the meter's clock would have it under the hypothesis. */
static void window(const struct hypothesis *h, const struct evidence *e, int64_t begin_utc_ms, int64_t *lo,
                   int64_t *hi)
{
    int64_t shift = h->shift_ms;
    if (h->drift_ms_day != 0)
        shift += (int64_t)((double)(e->lo_utc_ms - begin_utc_ms) * (double)h->drift_ms_day /
                           (double)CALENDAR_DAY_MS);
    *lo = e->lo_utc_ms + shift;
    *hi = *lo + e->length_ms;
}

static bool possible(const struct hypothesis *h, struct calendar *c, const struct evidence *e,
                     int64_t begin_utc_ms)
{
    const struct tariff *t = h->tariff;
    int64_t lo, hi;
    window(h, e, begin_utc_ms, &lo, &hi);
    unsigned rates = calendar_rates(c, calendar_local_ms(t, lo - t->clock_tolerance_ms - t->switching_lag_ms),
                                    calendar_local_ms(t, hi + t->clock_tolerance_ms));
    return (e->rates & ~rates) == 0;
}

bool hypothesis_fits(const struct hypothesis *h, const struct hypothesis_test *t)
{
    const struct evidence_list *l = t->evidence;
    if (l->n == 0)
        return true;
    struct calendar c;
    calendar_init(&c, h->tariff);
    int64_t begin = l->piece[0].lo_utc_ms;
    for (size_t i = 0; i < t->n_suspects; i++)
        if (!possible(h, &c, &l->piece[t->suspects[i]], begin))
            return false;
    for (size_t i = 0; i < l->n; i++)
        if (!possible(h, &c, &l->piece[i], begin))
            return false;
    return true;
}

static void take(const struct hypothesis *h, struct calendar *c, const struct evidence_list *l, size_t i,
                 struct skew *s)
{
    const struct evidence *e = &l->piece[i];
    int64_t lo, hi;
    window(h, e, l->piece[0].lo_utc_ms, &lo, &hi);
    for (unsigned rate = 0; rate < RATE_COUNT; rate++)
        if ((e->rates >> rate & 1u) != 0)
            skew_moved(s, c, (enum rate)rate, lo, hi, h->tariff->switching_lag_ms,
                       h->tariff->clock_drift_ms_day);
}

void hypothesis_skew(const struct hypothesis *h, const struct evidence_list *evidence, struct skew *s)
{
    struct calendar c;
    calendar_init(&c, h->tariff);
    skew_init(s);
    for (size_t i = 0; i < evidence->n; i++)
        take(h, &c, evidence, i, s);
}

size_t hypothesis_skew_while(const struct hypothesis *h, const struct evidence_list *evidence, size_t first,
                             struct skew *s)
{
    struct calendar c;
    calendar_init(&c, h->tariff);
    skew_init(s);
    for (size_t i = first; i < evidence->n; i++) {
        struct skew next = *s;
        take(h, &c, evidence, i, &next);
        if (next.emptied > 0)
            return i;
        *s = next;
    }
    return evidence->n;
}
