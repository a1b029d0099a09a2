/* The rules from one accepted row to the next. Proofs: DOMAIN 4.3. */
#include <string.h>

#include "tariff/verify_state.h"

#define DAY_MS 86400000

int64_t verify_row_lo(const struct verify *v, const struct verify_row *r)
{
    int64_t lag = v->opt.tariff != NULL ? v->opt.tariff->register_lag_ms : 2000;
    return r->time_utc_ms - (int64_t)r->window_ms - lag;
}

unsigned verify_possible(struct verify *v, int64_t lo, int64_t hi)
{
    const struct tariff *t = v->opt.tariff;
    if (t == NULL)
        return 15;
    if (lo >= v->span_from && hi < v->span_to)
        return v->span_rate;
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

static int64_t sums_gap(const struct verify_sums *a, const struct verify_sums *b)
{
    int64_t gap = b->total - a->total;
    for (unsigned i = 0; i < RATE_COUNT; i++)
        gap -= b->rate[i] - a->rate[i];
    return gap;
}

/* How far T2 fails from a to b; 0 or less: it holds. */
static int64_t sum_excess(const struct verify *v, unsigned kind, const struct verify_sums *a,
                          const struct verify_sums *b, unsigned rates)
{
    return distance(sums_gap(a, b)) - verify_sums_q(v, kind, a, rates) - verify_sums_q(v, kind, b, rates) -
           verify_slack(a, b);
}

/* The minute of the meter's day at which the nominal period around an instant began: one cause, many days. */
static int32_t cause_of(struct verify *v, int64_t utc_ms)
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
    for (unsigned e = VR_RATES; e < VERIFY_REGISTERS; e++) {
        if (!verify_has(p, e) || !verify_has(&m->base, e) || p->v[e] == m->base.v[e])
            continue;
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
            event.cause = cause_of(v, p->time_utc_ms);
            verify_emit(v, &event);
            v->told[(e - VR_RATES) / RATE_COUNT] |= (uint8_t)(1u << rate);
            forbidden |= 1u << rate;
        } else if (verify_is_single(possible)) {
            m->moved_single = true;
        }
        if (t != NULL)
            skew_moved(&m->skew, &v->calendar, (enum rate)rate, lo, p->time_utc_ms, t->switching_lag_ms,
                       t->clock_drift_ms_day);
    }
    if (v->evidence != NULL && moved != 0)
        v->evidence(v->evidence_arg, from, p->time_utc_ms, moved, forbidden);
}

static void check_sum(struct verify *v, unsigned kind, const struct verify_row *p,
                      const struct verify_sums *now, const struct verify_sums *next, unsigned possible_next)
{
    struct verify_kind *k = &v->m.kind[kind];
    struct verify_sums *reference[2] = {&k->first, &k->day};
    for (int i = 0; i < 2; i++) {
        int64_t excess = sum_excess(v, kind, reference[i], now, reference[i]->possible);
        if (excess > 0 && (next == NULL || sum_excess(v, kind, reference[i], next,
                                                      reference[i]->possible | possible_next) > 0)) {
            struct verify_event event = verify_event_of(&v->m.base, p, k->last.lo_utc_ms, RULE_T2);
            event.quantity = kind == 0 ? -1 : Q_REACTIVE_ENERGY_TOTAL;
            event.has_excess = true;
            event.excess = excess;
            verify_emit(v, &event);
            k->first = k->day = *now;
            return;
        }
    }
    int64_t tolerance =
        verify_sums_q(v, kind, &k->first, k->first.possible) + verify_sums_q(v, kind, now, k->first.possible);
    if (now->total - k->first.total > tolerance + verify_slack(&k->first, now))
        v->m.t2_checked = true;
    /* what pulses in float32 would have moved apart: beyond any tolerance, and by more than the account of it
     * may be off */
    int64_t drift = distance(now->pulse_drift - k->first.pulse_drift);
    if (drift > 10 * tolerance && drift > (now->total - k->first.total) / 50 &&
        distance(sums_gap(&k->first, now)) <= tolerance)
        v->m.exact = true;
    if (now->time_utc_ms - k->day.time_utc_ms >= DAY_MS)
        k->day = *now;
}

static int64_t run_excess(const struct verify *v, unsigned kind, unsigned rate,
                          const struct verify_sums *from, const struct verify_sums *to, int64_t *tolerance)
{
    unsigned e = verify_rate(kind, rate);
    unsigned t = (v->opt.columns >> verify_total(kind) & 1u) != 0 ? verify_total(kind) : verify_import(kind);
    *tolerance = verify_q(v, e, from->rate[rate]) + verify_q(v, e, to->rate[rate]) +
                 2 * verify_q(v, t, from->total) + 2 * verify_q(v, t, to->total) +
                 verify_rate_slack(from, to, rate);
    return distance(to->rate[rate] - from->rate[rate] - (to->total - from->total)) - *tolerance;
}

/* T3: telescopes over a run, so only its ends blur it. */
static void check_run(struct verify *v, unsigned kind, const struct verify_row *p,
                      const struct verify_sums *now, const struct verify_sums *next, unsigned possible,
                      unsigned possible_next)
{
    struct verify_kind *k = &v->m.kind[kind];
    if (!verify_is_single(possible) || (possible & verify_rate_columns(v, kind)) == 0) {
        k->run.given = false;
        return;
    }
    uint8_t rate = (uint8_t)__builtin_ctz(possible);
    if (!k->run.given || k->run_rate != rate) {
        k->run = k->last;
        k->run_rate = rate;
    }
    int64_t tolerance, next_tolerance;
    int64_t excess = run_excess(v, kind, rate, &k->run, now, &tolerance);
    if (now->total - k->run.total > tolerance)
        v->m.t2_checked = true;
    bool kept = next == NULL || possible_next != possible ||
                run_excess(v, kind, rate, &k->run, next, &next_tolerance) > 0;
    if (excess <= 0 || !kept)
        return;
    struct verify_event event = verify_event_of(&v->m.base, p, k->run.lo_utc_ms, RULE_T3);
    event.quantity = Q_ENERGY_FIRST + (int)verify_rate(kind, rate);
    event.has_excess = true;
    event.excess = excess;
    event.possible = possible;
    event.cause = cause_of(v, now->time_utc_ms);
    verify_emit(v, &event);
    v->told[kind] |= (uint8_t)(1u << rate);
    k->run = *now;
}

/* 0x0080 against import and export: which combined rule can it be (DOMAIN 1.4)? */
static void learn_combined(struct verify *v, unsigned kind, const struct verify_row *p)
{
    struct verify_kind *k = &v->m.kind[kind];
    unsigned t = verify_total(kind), i = verify_import(kind), x = verify_export(kind);
    uint16_t all = (uint16_t)(1u << t | 1u << i | 1u << x);
    if (verify_has(p, x) && verify_has(&v->m.base, x) && p->v[x] != v->m.base.v[x])
        k->export_moved = true;
    if ((p->has & all) != all)
        return;
    if (k->combined_from[0] == VERIFY_ABSENT) {
        for (unsigned j = 0; j < 3; j++)
            k->combined_from[j] = p->v[t + j];
        return;
    }
    int64_t dt = p->v[t] - k->combined_from[0], di = p->v[i] - k->combined_from[1],
            dx = p->v[x] - k->combined_from[2];
    int64_t tolerance = 2 * (verify_q(v, t, p->v[t]) + verify_q(v, i, p->v[i]) + verify_q(v, x, p->v[x]));
    tolerance += v->m.kind[kind].last.slack; /* a meter that adds in float32 */
    if (dx <= 4 * tolerance)
        return;
    const int64_t expected[3] = {di + dx, di, di - dx};
    uint8_t left = 0;
    for (unsigned j = 0; j < 3; j++)
        if (distance(dt - expected[j]) <= tolerance)
            left |= (uint8_t)(1u << j);
    if ((k->rules & left) != 0)
        k->rules &= left;
}

static void count_coverage(struct verify *v, const struct verify_row *p, const struct verify_sums *now,
                           unsigned possible)
{
    struct verify_memory *m = &v->m;
    int64_t time = p->time_utc_ms - m->base.time_utc_ms;
    int64_t energy = now != NULL && m->kind[0].last.given ? now->total - m->kind[0].last.total : 0;
    energy = energy > 0 ? energy : 0;
    m->time_total_ms += time;
    m->energy_total += energy;
    if (verify_is_single(possible)) {
        m->time_single_ms += time;
        m->energy_single += energy;
    }
}

static void compare_registers(struct verify *v, const struct verify_row *p, const struct verify_row *n)
{
    for (unsigned kind = 0; kind < VR_KINDS; kind++) {
        struct verify_kind *k = &v->m.kind[kind];
        struct verify_sums now, next_sums, *next = NULL;
        bool complete = verify_sums_of(v, kind, p, &now);
        if (kind == 0)
            count_coverage(v, p, complete ? &now : NULL,
                           verify_possible(v, v->m.base_lo_utc_ms, p->time_utc_ms));
        if (!complete)
            continue;
        if (!k->last.given) {
            k->last = k->first = k->day = now;
            continue;
        }
        struct verify_sums last = k->last;
        unsigned possible = verify_possible(v, last.lo_utc_ms, now.time_utc_ms);
        unsigned possible_next = verify_possible(v, now.lo_utc_ms, n->time_utc_ms);
        k->last = now; /* so that the next row's slack counts from here */
        if (verify_sums_of(v, kind, n, &next_sums))
            next = &next_sums;
        k->last = last;
        k->first.possible |= (uint8_t)possible;
        k->day.possible |= (uint8_t)possible;
        if (verify_rate_columns(v, kind) == ALL_RATES)
            check_sum(v, kind, p, &now, next, possible_next);
        struct verify_event event = verify_event_of(&v->m.base, p, last.lo_utc_ms, RULE_T4);
        event.possible = possible;
        event.cause = v->opt.tariff != NULL ? cause_of(v, p->time_utc_ms) : 0;
        if (v->opt.tariff != NULL) {
            check_run(v, kind, p, &now, next, possible, possible_next);
            if (verify_net_possible(v, kind)) {
                verify_bounds_reset(k); /* bounds that miss a row would miss its energy */
            } else {
                verify_bounds_update(v, kind, &now, possible, &event);
                verify_window_rules(v, kind, &now, possible, &event);
            }
        }
        k->last = now;
    }
}

static void take_over(struct verify *v, const struct verify_row *p)
{
    struct verify_memory *m = &v->m;
    m->base_lo_utc_ms = verify_row_lo(v, p);
    for (unsigned e = 0; e < VERIFY_REGISTERS; e++) {
        if (!verify_has(p, e))
            continue;
        m->base.v[e] = p->v[e];
        m->reg_lo_utc_ms[e] = m->base_lo_utc_ms;
        resolution_add(&m->res[e], p->v[e]);
    }
    m->base.has |= p->has;
    m->base.time_utc_ms = p->time_utc_ms;
    m->base.window_ms = p->window_ms;
    m->base.has_power = p->has_power;
    m->base.power_cw = p->power_cw;
}

void verify_rebase(struct verify *v, const struct verify_row *r, bool new_meter)
{
    struct verify_memory *m = &v->m;
    m->base.has = 0;
    take_over(v, r);
    for (unsigned k = 0; k < VR_KINDS; k++) {
        struct verify_kind *kind = &m->kind[k];
        kind->last.given = kind->run.given = false;
        verify_bounds_reset(kind);
        kind->combined_from[0] = VERIFY_ABSENT;
        struct verify_sums now;
        if (verify_sums_of(v, k, r, &now))
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
    if (!verify_check_fall(v, p)) {
        if (!v->opt.dual_source) {
            check_movements(v, p);
            for (unsigned k = 0; k < VR_KINDS; k++)
                learn_combined(v, k, p);
            compare_registers(v, p, n);
        }
        verify_power_rules(v, p);
        freeze_live(v, p);
        if (p->settlement != NULL)
            freeze_sweep(v, p, n);
        take_over(v, p);
    }
}
