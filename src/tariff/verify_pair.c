/* Two rows and nothing else: what does not even agree between them? For the first row of a record, and for
 * glitches. */
#include "tariff/verify_state.h"

static int64_t distance(int64_t a)
{
    return a < 0 ? -a : a;
}

/* How far total and rates moved apart from a to b; false when one of the five is absent. */
static bool pair_gap(const struct verify *v, unsigned kind, const struct verify_row *a,
                     const struct verify_row *b, int64_t *gap)
{
    uint16_t rates = (uint16_t)(15u << verify_rate(kind, 0));
    int64_t from, to;
    if ((a->has & b->has & rates) != rates || !verify_total_of(v, kind, a, &from) ||
        !verify_total_of(v, kind, b, &to))
        return false;
    *gap = to - from;
    for (unsigned i = 0; i < RATE_COUNT; i++)
        *gap -= b->v[verify_rate(kind, i)] - a->v[verify_rate(kind, i)];
    return true;
}

enum pair_sum { SUM_HOLDS, SUM_FAILS, SUM_UNKNOWN };

/* T2 of one kind between two rows, without any reference. */
static enum pair_sum pair_sum(struct verify *v, unsigned kind, const struct verify_row *a,
                              const struct verify_row *b)
{
    struct verify_sums x, y;
    int64_t gap;
    if (!pair_gap(v, kind, a, b, &gap))
        return SUM_UNKNOWN;
    if (distance(gap) <= 2 * RESOLUTION_PULSE)
        return SUM_HOLDS; /* within two Q's of the total alone */
    unsigned rates = verify_possible(v, verify_row_lo(v, a), b->time_utc_ms);
    (void)verify_sums_of(v, kind, a, &x);
    (void)verify_sums_of(v, kind, b, &y);
    int64_t noise = verify_noise(y.noise > x.noise ? y.noise - x.noise : x.noise - y.noise);
    int64_t tolerance = verify_sums_q(v, kind, &x, rates) + verify_sums_q(v, kind, &y, rates) +
                        distance(y.slack - x.slack) + noise;
    return distance(gap) > tolerance ? SUM_FAILS : SUM_HOLDS;
}

bool verify_sum_taken_back(struct verify *v, const struct verify_row *o, const struct verify_row *p,
                           const struct verify_row *n)
{
    for (unsigned k = 0; k < VR_KINDS; k++)
        if (pair_sum(v, k, o, p) == SUM_FAILS && pair_sum(v, k, o, n) == SUM_HOLDS)
            return true;
    return false;
}

bool verify_breaks(struct verify *v, const struct verify_row *a, const struct verify_row *b)
{
    uint16_t both = a->has & b->has, monotone = verify_monotone(v);
    int64_t lo = verify_row_lo(v, a), most = verify_max_energy(v, b->time_utc_ms - lo);
    unsigned possible = verify_possible(v, lo, b->time_utc_ms);
    for (unsigned e = 0; e < VERIFY_REGISTERS; e++) {
        if ((both >> e & 1u) == 0)
            continue;
        int64_t moved = b->v[e] - a->v[e];
        if ((monotone >> e & 1u) != 0 && moved < 0)
            return true;
        if (most != INT64_MAX && distance(moved) - most > verify_q(v, e, a->v[e]) + verify_q(v, e, b->v[e]))
            return true;
        if (e >= VR_RATES && moved != 0 && !v->opt.dual_source &&
            (possible >> (e - VR_RATES) % RATE_COUNT & 1u) == 0)
            return true;
    }
    for (unsigned k = 0; k < VR_KINDS && !v->opt.dual_source; k++)
        if (pair_sum(v, k, a, b) == SUM_FAILS)
            return true;
    return false;
}
