/* Two rows and nothing else: what does not even agree between them? For the first row of a record, and for
 * glitches. */
#include "tariff/verify_state.h"

static int64_t distance(int64_t a)
{
    return a < 0 ? -a : a;
}

enum pair_sum { SUM_HOLDS, SUM_FAILS, SUM_UNKNOWN };

/* How far total and rates of a row moved apart since `a`; false when one of the five is absent from it. */
static bool gap_since(const struct verify *v, unsigned kind, const struct verify_sums *a,
                      const struct verify_row *b, int64_t *gap)
{
    uint16_t rates = (uint16_t)(ALL_RATES << verify_rate(kind, 0));
    int64_t total;
    if ((b->has & rates) != rates || !verify_total_of(v, kind, b, &total))
        return false;
    *gap = total - a->total;
    for (unsigned i = 0; i < RATE_COUNT; i++)
        *gap -= b->v[verify_rate(kind, i)] - a->rate[i];
    return true;
}

/* T2 of one kind since a row that gave all five, without any reference. */
static enum pair_sum sum_since(struct verify *v, unsigned kind, const struct verify_sums *a,
                               const struct verify_row *b)
{
    struct verify_sums now;
    int64_t gap;
    if (v->opt.dual_source || !a->given || !gap_since(v, kind, a, b, &gap))
        return SUM_UNKNOWN;
    if (distance(gap) <= 2 * RESOLUTION_PULSE)
        return SUM_HOLDS; /* within two Q's of the total alone */
    if (verify_rate_columns(v, kind) != ALL_RATES ||
        !verify_sums_after(v, kind, &v->m.kind[kind].last, b, &now))
        return SUM_UNKNOWN;
    unsigned rates = verify_possible(v, a->lo_utc_ms, b->time_utc_ms);
    int64_t noise = verify_noise(now.noise > a->noise ? now.noise - a->noise : a->noise - now.noise);
    int64_t tolerance = verify_sums_q(v, kind, a, rates) + verify_sums_q(v, kind, &now, rates) +
                        distance(now.slack - a->slack) + noise;
    return distance(gap) > tolerance ? SUM_FAILS : SUM_HOLDS;
}

/* o is the last row that gave total and rates together: registers carried over from several rows have no sum.
 */
bool verify_sum_taken_back(struct verify *v, const struct verify_row *p, const struct verify_row *n)
{
    for (unsigned k = 0; k < VR_KINDS; k++) {
        const struct verify_sums *o = &v->m.kind[k].last;
        if (sum_since(v, k, o, p) == SUM_FAILS && sum_since(v, k, o, n) == SUM_HOLDS)
            return true;
    }
    return false;
}

bool verify_breaks(struct verify *v, const struct verify_row *a, const struct verify_row *b)
{
    uint16_t both = a->has & b->has, monotone = verify_monotone(v, a, b);
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
        if (e >= VR_RATES && moved != 0 && (possible >> (e - VR_RATES) % RATE_COUNT & 1u) == 0)
            return true;
    }
    for (unsigned k = 0; k < VR_KINDS; k++) {
        struct verify_sums first;
        if (verify_sums_after(v, k, &v->m.kind[k].last, a, &first) && sum_since(v, k, &first, b) == SUM_FAILS)
            return true;
    }
    return false;
}
