/* T4 and T5: no rate may get more energy than could flow while it was possible, nor less than must have. */
#include "tariff/verify_state.h"

static const struct verify_bound none = {
    .high_from = VERIFY_ABSENT, .low_from = VERIFY_ABSENT, .least = VERIFY_ABSENT, .most = VERIFY_ABSENT};

void verify_bounds_reset(struct verify_kind *k)
{
    for (unsigned i = 0; i < RATE_COUNT; i++)
        k->bound[i] = none;
}

static int64_t total_q(const struct verify *v, unsigned kind, const struct verify_sums *s)
{
    return 2 * verify_q(v, verify_total_register(v, kind), s->total);
}

static void tell(struct verify *v, unsigned kind, unsigned rate, enum verify_rule rule, int64_t excess,
                 const struct verify_row *p, unsigned possible)
{
    struct verify_event e = verify_event_of(&v->m.base, p, v->m.kind[kind].last.lo_utc_ms, rule);
    e.quantity = Q_ENERGY_FIRST + (int)verify_rate(kind, rate);
    e.has_excess = true;
    e.excess = excess;
    e.possible = possible;
    e.cause = verify_cause_of(v, e.ts_utc_ms);
    verify_emit(v, &e);
}

/* An open run counts the bare movement of the total; Q's are added (high) or taken off (low) once, when it is
 * closed, with the step known then: a step that is learned to be finer must not move what was compared
 * before. */
static void follow_runs(const struct verify *v, unsigned kind, struct verify_bound *b,
                        const struct verify_sums *now, bool member, bool single)
{
    const struct verify_sums *last = &v->m.kind[kind].last;
    bool closes = (!member && b->high_from != VERIFY_ABSENT) || (!single && b->low_from != VERIFY_ABSENT);
    int64_t q = closes ? total_q(v, kind, now) : 0;
    if (member && b->high_from == VERIFY_ABSENT)
        b->high_from = last->total;
    if (!member && b->high_from != VERIFY_ABSENT) {
        b->high += last->total - b->high_from + q;
        b->high_from = VERIFY_ABSENT;
    }
    if (single && b->low_from == VERIFY_ABSENT)
        b->low_from = last->total;
    if (!single && b->low_from != VERIFY_ABSENT) {
        int64_t must = last->total - b->low_from - q;
        b->low += must > 0 ? must : 0;
        b->low_from = VERIFY_ABSENT;
    }
}

void verify_bounds_update(struct verify *v, unsigned kind, const struct verify_row *p,
                          const struct verify_sums *now, unsigned possible)
{
    struct verify_kind *k = &v->m.kind[kind];
    const struct verify_sums *last = &k->last;
    int64_t total_step = resolution_step(&v->m.res[verify_total_register(v, kind)]);
    for (unsigned i = 0; i < RATE_COUNT; i++) {
        struct verify_bound *b = &k->bound[i];
        if ((verify_rate_columns(v, kind) >> i & 1u) == 0)
            continue;
        if ((v->told[kind] >> i & 1u) != 0) { /* T1 or T3 has named it: begin anew behind it */
            *b = none;
            continue;
        }
        if (b->least == VERIFY_ABSENT) {
            b->least = last->rate[i] - last->rate_slack[i];
            b->most = last->rate[i] + last->rate_slack[i];
            b->noise_from = last->rate_noise[i];
        }
        follow_runs(v, kind, b, now, (possible >> i & 1u) != 0, possible == 1u << i);
        int64_t high = b->high, low = b->low;
        if (b->high_from != VERIFY_ABSENT)
            high += now->total - b->high_from;
        if (b->low_from != VERIFY_ABSENT)
            low += now->total - b->low_from;
        int64_t above = now->rate[i] - now->rate_slack[i] - high,
                below = now->rate[i] + now->rate_slack[i] - low;
        int64_t excess = above - b->least > b->most - below ? above - b->least : b->most - below;
        int64_t steps = resolution_step(&v->m.res[verify_rate(kind, i)]) + total_step;
        int64_t tolerance = 2 * steps; /* the cheapest bound of it */
        if (excess > tolerance)
            tolerance = 2 * verify_q(v, verify_rate(kind, i), now->rate[i]) + total_q(v, kind, now) +
                        verify_noise(now->rate_noise[i] - b->noise_from);
        if (excess > tolerance) {
            tell(v, kind, i, RULE_T4, excess - tolerance, p, possible);
            *b = none;
            continue;
        }
        b->least = above < b->least ? above : b->least;
        b->most = below > b->most ? below : b->most;
    }
}

/* The longest each rate can have been in force within [lo, hi]: a period lasts at most its length + 2 S + G
 * there. */
static void longest(struct verify *v, int64_t lo_utc_ms, int64_t hi_utc_ms, int64_t out_ms[RATE_COUNT])
{
    const struct tariff *t = v->opt.tariff;
    int64_t s = t->clock_tolerance_ms, g = t->switching_lag_ms;
    int64_t lo = calendar_local_ms(t, lo_utc_ms), hi = calendar_local_ms(t, hi_utc_ms);
    int64_t until[RATE_COUNT] = {lo, lo, lo, lo};
    for (unsigned i = 0; i < RATE_COUNT; i++)
        out_ms[i] = 0;
    for (int64_t day = calendar_day_of(lo - s - g); day <= calendar_day_of(hi + s); day++) {
        const struct calendar_day *d = calendar_day_get(&v->calendar, day);
        int64_t base = day * CALENDAR_DAY_MS;
        for (size_t i = 0; i < d->n; i++) {
            int64_t from = base + (int64_t)d->minute[i] * 60000 - s;
            int64_t to =
                (i + 1 < d->n ? base + (int64_t)d->minute[i + 1] * 60000 : base + CALENDAR_DAY_MS) + s + g;
            int64_t *reached = &until[d->rate[i]];
            from = from < *reached ? *reached : from;
            to = to > hi ? hi : to;
            if (to > from) {
                out_ms[d->rate[i]] += to - from;
                *reached = to;
            }
        }
    }
}

void verify_window_rules(struct verify *v, unsigned kind, const struct verify_row *p,
                         const struct verify_sums *now, unsigned possible)
{
    const struct verify_sums *last = &v->m.kind[kind].last;
    const struct tariff *t = v->opt.tariff;
    int64_t duration = now->time_utc_ms - last->lo_utc_ms;
    if (v->opt.max_power_w <= 0 || verify_is_single(possible) ||
        duration <= 2 * t->clock_tolerance_ms + t->switching_lag_ms)
        return;
    int64_t length[RATE_COUNT], sum = 0;
    longest(v, last->lo_utc_ms, now->time_utc_ms, length);
    for (unsigned i = 0; i < RATE_COUNT; i++)
        sum += length[i];
    for (unsigned i = 0; i < RATE_COUNT; i++) {
        if (((possible & verify_rate_columns(v, kind) & ~(unsigned)v->told[kind]) >> i & 1u) == 0)
            continue;
        unsigned reg = verify_rate(kind, i);
        int64_t moved = now->rate[i] - last->rate[i];
        int64_t tolerance = verify_q(v, reg, last->rate[i]) + verify_q(v, reg, now->rate[i]) +
                            total_q(v, kind, last) + total_q(v, kind, now) + verify_rate_slack(last, now, i);
        int64_t most = verify_max_energy(v, length[i]);
        int64_t least = now->total - last->total - verify_max_energy(v, sum - length[i]);
        int64_t excess = moved - most > least - moved ? moved - most : least - moved;
        if (excess > tolerance)
            tell(v, kind, i, RULE_T5, excess - tolerance, p, possible);
    }
}
