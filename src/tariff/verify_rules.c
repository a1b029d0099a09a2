/* The rules from one accepted row to the next. Proofs: DOMAIN 4.3. */
#include <string.h>

#include "tariff/verify_state.h"

unsigned verify_possible_asked(struct verify *v, int64_t lo, int64_t hi)
{
    const struct tariff *t = v->opt.tariff;
    if (t == NULL)
        return 15;
    if (lo == v->possible_lo && hi == v->possible_hi)
        return v->possible;
    int64_t early = t->clock_tolerance_ms + t->switching_lag_ms, late = t->clock_tolerance_ms;
    unsigned mask =
        calendar_rates(&v->calendar, calendar_local_ms(t, lo - early), calendar_local_ms(t, hi + late));
    v->possible_lo = lo;
    v->possible_hi = hi;
    v->possible = mask;
    if (verify_is_single(mask)) {
        struct calendar_span span;
        calendar_span_at(&v->calendar, calendar_local_ms(t, hi), 1, &span);
        v->span_from = span.start_local_ms - (int64_t)t->utc_offset_s * 1000 + early;
        v->span_to = span.end_local_ms - (int64_t)t->utc_offset_s * 1000 - late;
        v->span_rate = mask;
    }
    return mask;
}

int64_t verify_max_energy(const struct verify *v, int64_t duration_ms)
{
    if (v->opt.max_power_w <= 0)
        return INT64_MAX;
    return (int64_t)((double)v->opt.max_power_w * (double)duration_ms / 3600.0) +
           1; /* W * ms / 3600 = 10^-6 kWh */
}

static int64_t distance(int64_t a)
{
    return a < 0 ? -a : a;
}

/* The minute of the meter's day at which the nominal period around an instant began: one cause, many days. */
int32_t verify_cause_of(struct verify *v, int64_t utc_ms)
{
    if (v->opt.tariff == NULL)
        return 0;
    struct calendar_span span;
    calendar_span_at(&v->calendar, calendar_local_ms(v->opt.tariff, utc_ms), 1, &span);
    return (int32_t)(span.start_local_ms / 60000 % 1440);
}

struct verify_event verify_event_of(const struct verify_row *o, const struct verify_row *p, int64_t lo,
                                    enum verify_rule rule)
{
    return (struct verify_event){.rule = rule,
                                 .severity = SEVERITY_ERROR,
                                 .quantity = -1,
                                 .ts_utc_ms = p->time_utc_ms,
                                 .window_utc_ms = {lo, p->time_utc_ms},
                                 .before = o,
                                 .after = p};
}

/* T1, the skew, and how much was judged in windows of one possible rate. */
static void check_movements(struct verify *v, const struct verify_row *p)
{
    struct verify_memory *m = &v->m;
    const struct tariff *t = v->opt.tariff;
    unsigned moved = 0, forbidden = 0;
    int64_t from = m->base_lo_utc_ms; /* the evidence's window: it holds that of every register that moved */
    int64_t late_ms =
        m->base.time_utc_ms - p->time_utc_ms; /* of what was held: the clock has drifted since */
    int64_t drifted = t != NULL && late_ms > 0 ? late_ms * t->clock_drift_ms_day / CALENDAR_DAY_MS + 1 : 0;
    for (unsigned left = v->changed >> VR_RATES << VR_RATES; left != 0; left &= left - 1) {
        unsigned e = (unsigned)__builtin_ctz(left);
        unsigned rate = (e - VR_RATES) % RATE_COUNT;
        int64_t lo = m->reg_lo_utc_ms[e];
        unsigned possible = verify_possible(v, lo, p->time_utc_ms);
        m->moved = true;
        moved |= 1u << rate;
        from = lo < from ? lo : from;
        if ((possible >> rate & 1u) == 0) {
            struct verify_event event = verify_event_of(&m->base, p, lo, RULE_T1);
            event.quantity = Q_ENERGY_FIRST + (int)e;
            event.has_excess = true;
            event.excess = distance(p->v[e] - m->base.v[e]);
            event.possible = possible;
            event.cause = verify_cause_of(v, p->time_utc_ms);
            verify_emit(v, &event);
            v->told[(e - VR_RATES) / RATE_COUNT] |= (uint8_t)(1u << rate);
            forbidden |= 1u << rate;
        } else if (verify_is_single(possible)) {
            m->moved_single = true;
        }
        if (t != NULL)
            skew_moved(&m->skew, &v->calendar, (enum rate)rate, lo - drifted, p->time_utc_ms + drifted,
                       t->switching_lag_ms, t->clock_drift_ms_day);
    }
    if (v->evidence != NULL && moved != 0)
        v->evidence(v->evidence_arg, from, p->time_utc_ms, moved, forbidden);
}

static void take_registers(struct verify *v, const struct verify_row *p)
{
    struct verify_memory *m = &v->m;
    int64_t lo = verify_row_lo(v, p);
    for (unsigned left = p->has; left != 0; left &= left - 1) {
        unsigned e = (unsigned)__builtin_ctz(left);
        m->base.v[e] = p->v[e];
        m->reg_lo_utc_ms[e] = lo;
        if (p->v[e] != m->res[e].last)
            resolution_add(&m->res[e], p->v[e]);
    }
    m->base.has |= p->has;
}

static void take_over(struct verify *v, const struct verify_row *p)
{
    struct verify_memory *m = &v->m;
    take_registers(v, p);
    m->base_lo_utc_ms = verify_row_lo(v, p);
    m->base.time_utc_ms = p->time_utc_ms;
    m->base.window_ms = p->window_ms;
    m->base.has_power = p->has_power;
    m->base.power_cw = p->power_cw;
}

void verify_rebase(struct verify *v, const struct verify_row *r, bool new_meter)
{
    struct verify_memory *m = &v->m;
    m->base.has = 0;
    m->held.which = 0;
    take_over(v, r);
    for (unsigned k = 0; k < VR_KINDS; k++) {
        struct verify_kind *kind = &m->kind[k];
        kind->last.given = kind->run.given = false;
        kind->suspected = 0;
        kind->doubt = DOUBT_NONE;
        verify_bounds_reset(kind);
        kind->combined_from[0] = VERIFY_ABSENT;
        struct verify_sums now;
        if (verify_sums_after(v, k, &kind->last, r, &now))
            kind->last = kind->first = kind->day = now;
    }
    if (new_meter) {
        skew_init(&m->skew);
        for (unsigned e = 0; e < VERIFY_REGISTERS; e++) {
            resolution_init(&m->res[e]);
            if (verify_has(r, e))
                resolution_add(&m->res[e], r->v[e]);
        }
        m->exact = false;
    }
    freeze_reset(&m->freeze, new_meter);
}

void verify_apply(struct verify *v, const struct verify_row *p, const struct verify_row *n)
{
    memset(v->told, 0, sizeof v->told);
    v->changed = verify_changed(&v->m.base, p);
    if (!verify_check_fall(v, p)) {
        check_movements(v, p);
        if (!v->opt.dual_source) { /* the rest compares registers */
            for (unsigned k = 0; k < VR_KINDS; k++)
                verify_learn_combined(v, k, p);
            verify_compare(v, p, n);
        }
        verify_power_rules(v, p, n);
        freeze_live(v, p);
        if (p->settlement != NULL)
            freeze_sweep(v, p, n);
        freeze_follow(v, p);
        take_over(v, p);
    }
}

void verify_apply_late(struct verify *v, const struct verify_row *h, const struct verify_row *n)
{
    memset(v->told, 0, sizeof v->told);
    v->changed = verify_changed(&v->m.base, h);
    if (verify_check_fall(v, h))
        return;
    check_movements(v, h);
    verify_check_maximum(v, h, n);
    take_registers(v, h);
}
