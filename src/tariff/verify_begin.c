/* The first row of a record is held against the second (verify_pair.c) before any register's step is known,
 * so that a register that was misread by less than the widest step passes. It is asked again whenever a step
 * has become known; what breaks then between the first two rows is the first row's fault and nobody's
 * finding. */
#include "tariff/verify_state.h"

static int64_t distance(int64_t a)
{
    return a < 0 ? -a : a;
}

void verify_doubt_first(struct verify_kind *k)
{
    k->doubt = DOUBT_FIRST;
    k->second.given = 0;
}

/* T2 from the first to the second row. */
static bool sum_breaks(const struct verify *v, unsigned kind, const struct verify_sums *a,
                       const struct verify_sums *b)
{
    if (verify_rate_columns(v, kind) != ALL_RATES)
        return false;
    int64_t gap = b->total - a->total;
    for (unsigned i = 0; i < RATE_COUNT; i++)
        gap -= b->rate[i] - a->rate[i];
    return distance(gap) > 2 * verify_sums_steps(v, kind, b->possible) &&
           distance(gap) > verify_sums_q(v, kind, a, b->possible) + verify_sums_q(v, kind, b, b->possible) +
                               verify_slack(a, b);
}

/* A rate gained more than the total, or was alone and gained less. */
static bool rate_breaks(const struct verify *v, unsigned kind, const struct verify_sums *a,
                        const struct verify_sums *b)
{
    unsigned t = verify_total_register(v, kind);
    for (unsigned i = 0; i < RATE_COUNT; i++) {
        int64_t gap = b->rate[i] - a->rate[i] - (b->total - a->total);
        if (gap < 0)
            gap = b->possible == 1u << i ? -gap : 0;
        unsigned e = verify_rate(kind, i);
        if (gap <= 2 * resolution_step(&v->m.res[e]))
            continue;
        if (gap > verify_q(v, e, a->rate[i]) + verify_q(v, e, b->rate[i]) + 2 * verify_q(v, t, a->total) +
                      2 * verify_q(v, t, b->total) + verify_rate_slack(a, b, i))
            return true;
    }
    return false;
}

/* Nothing more will be learned of the steps. */
static bool all_known(const struct verify *v, unsigned kind)
{
    for (unsigned i = 0; i < RATE_COUNT; i++)
        if (!resolution_known(&v->m.res[verify_rate(kind, i)]))
            return false;
    return resolution_known(&v->m.res[verify_total_register(v, kind)]);
}

static void drop(struct verify *v, unsigned kind)
{
    struct verify_kind *k = &v->m.kind[kind];
    const struct verify_kind *other = &v->m.kind[VR_KINDS - 1 - kind];
    int64_t bad = k->first.time_utc_ms;
    k->second.possible = k->first.possible;
    if (k->day.time_utc_ms == bad)
        k->day = k->second;
    k->first = k->second;
    if (k->run.given && k->run.time_utc_ms == bad)
        k->run.given = false;
    verify_bounds_reset(k);
    if (bad != v->m.first_utc_ms)
        return; /* first of its kind only: the row has been judged by its neighbours */
    if (!other->last.given || other->first.time_utc_ms <= bad) { /* else it is counted already */
        v->m.accepted--;
        v->m.rejected[REJECTED_GLITCH]++;
    }
}

void verify_drop_first(struct verify *v, unsigned kind, const struct verify_sums *now)
{
    struct verify_kind *k = &v->m.kind[kind];
    if (k->doubt == DOUBT_FIRST && v->m.base.time_utc_ms != k->first.time_utc_ms) {
        k->doubt = DOUBT_NONE; /* the second lacked a register: a later row is no judge of the first */
        return;
    }
    if (k->doubt == DOUBT_FIRST) {
        k->second = *now;
        k->second.possible = verify_possible(v, k->first.lo_utc_ms, now->time_utc_ms);
        k->doubt = DOUBT_SECOND;
    }
    bool net = verify_net_possible(v, kind);
    if (sum_breaks(v, kind, &k->first, &k->second) || (!net && rate_breaks(v, kind, &k->first, &k->second))) {
        drop(v, kind);
        k->doubt = DOUBT_NONE;
    } else if (all_known(v, kind)) {
        k->doubt = DOUBT_NONE;
    }
}
