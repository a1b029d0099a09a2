/* T2 and T3: what the total gained against what the rates gained. Each row asks first whether the cheapest
 * bound of a tolerance already holds what it sees; the whole tolerance is computed only when it does not. */
#include "tariff/verify_state.h"

#define DAY_MS 86400000

static int64_t distance(int64_t a)
{
    return a < 0 ? -a : a;
}

/* The row behind the one judged, looked at only when there is something to bear witness of. */
struct witness {
    const struct verify_row *row;
    const struct verify_sums *before; /* the row judged */
    bool asked, given;
    struct verify_sums sums;
    unsigned possible; /* between the two */
};

static bool ask(struct verify *v, unsigned kind, struct witness *w)
{
    if (!w->asked) {
        w->given = verify_sums_after(v, kind, w->before, w->row, &w->sums);
        w->possible = verify_possible(v, w->before->lo_utc_ms, w->row->time_utc_ms);
        w->asked = true;
    }
    return w->given;
}

/* Two neighbouring rows must break a rule. The next one is asked; where it lacks a register, the next
 * complete row is, and then this one is its witness. */
static bool two_rows_break(struct verify_kind *k, uint8_t which, bool witnessed)
{
    bool before = (k->suspected & which) != 0;
    k->suspected = (uint8_t)(witnessed || before ? k->suspected & ~which : k->suspected | which);
    return witnessed || before;
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
    int64_t gap = distance(sums_gap(a, b));
    if (gap <= 2 * verify_sums_steps(v, kind, rates))
        return 0;
    return gap - verify_sums_q(v, kind, a, rates) - verify_sums_q(v, kind, b, rates) - verify_slack(a, b);
}

/* Has T2 had the energy to fail; and has the meter shown that it does not add pulses in float32? */
static void learn_from_sum(struct verify *v, unsigned kind, const struct verify_sums *now)
{
    const struct verify_sums *first = &v->m.kind[kind].first;
    int64_t moved = now->total - first->total, drift = distance(now->pulse_drift - first->pulse_drift);
    /* what pulses in float32 would have moved apart: beyond any tolerance, and by more than the account of it
     * may be off */
    bool may_be_exact =
        !v->m.exact && drift > 20 * verify_sums_steps(v, kind, first->possible) && drift > moved / 50;
    if (v->m.t2_checked && !may_be_exact)
        return;
    int64_t tolerance =
        verify_sums_q(v, kind, first, first->possible) + verify_sums_q(v, kind, now, first->possible);
    if (moved > tolerance + verify_slack(first, now))
        v->m.t2_checked = true;
    if (may_be_exact && drift > 10 * tolerance && distance(sums_gap(first, now)) <= tolerance)
        v->now_exact = true;
}

/* False: in doubt, the next complete row decides. */
static bool check_sum(struct verify *v, unsigned kind, const struct verify_row *p,
                      const struct verify_sums *now, struct witness *next)
{
    struct verify_kind *k = &v->m.kind[kind];
    struct verify_sums *reference[2] = {&k->first, &k->day};
    for (int i = 0; i < 2; i++) {
        const struct verify_sums *from = reference[i];
        uint8_t which = i == 0 ? SUSPECTED_FIRST : SUSPECTED_DAY;
        int64_t excess = sum_excess(v, kind, from, now, from->possible);
        bool witnessed = excess > 0 && ask(v, kind, next);
        if (excess <= 0 ||
            (witnessed && sum_excess(v, kind, from, &next->sums, from->possible | next->possible) <= 0)) {
            k->suspected &= (uint8_t)~which;
            continue;
        }
        if (!two_rows_break(k, which, witnessed))
            return false;
        struct verify_event event = verify_event_of(&v->m.base, p, k->last.lo_utc_ms, RULE_T2);
        event.quantity = kind == 0 ? -1 : Q_REACTIVE_ENERGY_TOTAL;
        event.has_excess = true;
        event.excess = excess;
        verify_emit(v, &event);
        k->first = k->day = *now;
        k->doubt = DOUBT_NONE;
        k->suspected &= (uint8_t) ~(SUSPECTED_FIRST | SUSPECTED_DAY);
        return true;
    }
    learn_from_sum(v, kind, now);
    if (now->time_utc_ms - k->day.time_utc_ms >= DAY_MS)
        k->day = *now;
    return true;
}

/* A firmware that adds once a minute in float32 is off by up to half an ULP each time, evenly spread. */
static int64_t minute_noise(const struct verify_sums *a, const struct verify_sums *b)
{
    double minutes = (double)(b->time_utc_ms - a->time_utc_ms) / 60000 + 1;
    double ulp = (double)resolution_ulp(b->total), variance = ulp * ulp;
    for (unsigned i = 0; i < RATE_COUNT; i++) {
        ulp = (double)resolution_ulp(b->rate[i]);
        variance += ulp * ulp;
    }
    return verify_noise(variance / 12 * minutes);
}

bool verify_sum_unexplained(const struct verify *v, unsigned kind)
{
    const struct verify_sums *first = &v->m.kind[kind].first, *last = &v->m.kind[kind].last;
    if (v->m.exact || !last->given || verify_rate_columns(v, kind) != ALL_RATES)
        return false;
    int64_t tolerance =
        verify_sums_q(v, kind, first, first->possible) + verify_sums_q(v, kind, last, first->possible);
    int64_t drift = distance(last->pulse_drift - first->pulse_drift);
    return distance(sums_gap(first, last)) > tolerance + minute_noise(first, last) &&
           drift > tolerance + last->pulse_error - first->pulse_error;
}

static int64_t run_gap(unsigned rate, const struct verify_sums *from, const struct verify_sums *to)
{
    return distance(to->rate[rate] - from->rate[rate] - (to->total - from->total));
}

static int64_t run_tolerance(const struct verify *v, unsigned kind, unsigned rate,
                             const struct verify_sums *from, const struct verify_sums *to)
{
    unsigned e = verify_rate(kind, rate), t = verify_total_register(v, kind);
    return verify_q(v, e, from->rate[rate]) + verify_q(v, e, to->rate[rate]) +
           2 * verify_q(v, t, from->total) + 2 * verify_q(v, t, to->total) +
           verify_rate_slack(from, to, rate);
}

/* The same for T3. */
static bool check_run(struct verify *v, unsigned kind, const struct verify_row *p,
                      const struct verify_sums *now, struct witness *next, unsigned possible)
{
    struct verify_kind *k = &v->m.kind[kind];
    if (!verify_is_single(possible) || (possible & verify_rate_columns(v, kind)) == 0) {
        k->run.given = false;
        k->suspected &= (uint8_t)~SUSPECTED_RUN;
        return true;
    }
    uint8_t rate = (uint8_t)__builtin_ctz(possible);
    if (!k->run.given || k->run_rate != rate) {
        k->run = k->last;
        k->run_rate = rate;
        k->suspected &= (uint8_t)~SUSPECTED_RUN;
    }
    int64_t gap = run_gap(rate, &k->run, now);
    if (v->m.t2_checked && gap <= 2 * resolution_step(&v->m.res[verify_rate(kind, rate)]) +
                                      4 * resolution_step(&v->m.res[verify_total_register(v, kind)])) {
        k->suspected &= (uint8_t)~SUSPECTED_RUN;
        return true;
    }
    int64_t tolerance = run_tolerance(v, kind, rate, &k->run, now);
    if (now->total - k->run.total > tolerance)
        v->m.t2_checked = true;
    bool witnessed = gap > tolerance && ask(v, kind, next);
    if (gap <= tolerance ||
        (witnessed && next->possible == possible &&
         run_gap(rate, &k->run, &next->sums) <= run_tolerance(v, kind, rate, &k->run, &next->sums))) {
        k->suspected &= (uint8_t)~SUSPECTED_RUN;
        return true;
    }
    if (!two_rows_break(k, SUSPECTED_RUN, witnessed))
        return false;
    struct verify_event event = verify_event_of(&v->m.base, p, k->run.lo_utc_ms, RULE_T3);
    event.quantity = Q_ENERGY_FIRST + (int)verify_rate(kind, rate);
    event.has_excess = true;
    event.excess = gap - tolerance;
    event.possible = possible;
    event.cause = verify_cause_of(v, now->time_utc_ms);
    verify_emit(v, &event);
    v->told[kind] |= (uint8_t)(1u << rate);
    k->run = *now;
    return true;
}

void verify_learn_combined(struct verify *v, unsigned kind, const struct verify_row *p)
{
    struct verify_kind *k = &v->m.kind[kind];
    unsigned t = verify_total(kind), i = verify_import(kind), x = verify_export(kind);
    uint16_t all = (uint16_t)(1u << t | 1u << i | 1u << x);
    if ((v->changed >> x & 1u) != 0)
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
    if (dx <= 0)
        return; /* the rules differ by what export does */
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

/* T2 to T5 of a row that gives all there is. False: in doubt, as if it had not been complete. */
static bool judge_sums(struct verify *v, unsigned kind, const struct verify_row *p,
                       const struct verify_row *n, const struct verify_sums *now)
{
    struct verify_kind *k = &v->m.kind[kind];
    struct witness next;
    next.row = n;
    next.before = now;
    next.asked = false;
    unsigned possible = verify_possible(v, k->last.lo_utc_ms, now->time_utc_ms);
    k->first.possible |= possible;
    k->day.possible |= possible;
    v->now_exact = false;
    if (k->doubt != DOUBT_NONE)
        verify_drop_first(v, kind, now);
    if (verify_rate_columns(v, kind) == ALL_RATES && !check_sum(v, kind, p, now, &next))
        return false;
    if (v->opt.tariff != NULL) {
        if (!check_run(v, kind, p, now, &next, possible))
            return false;
        bool unguarded = k->unconfirmed > 0 && verify_rate_columns(v, kind) != ALL_RATES;
        if (verify_net_possible(v, kind) || unguarded) {
            verify_bounds_reset(k); /* bounds that miss a row would miss its energy */
        } else {
            verify_bounds_update(v, kind, p, now, possible);
            verify_window_rules(v, kind, p, now, possible);
        }
    }
    v->m.exact |= v->now_exact; /* from the next row on: this one's sums allowed for float32 */
    return true;
}

/* The registers that a kind's sums come from. */
static uint16_t registers_of_sums(const struct verify *v, unsigned kind)
{
    unsigned t = verify_total(kind), rates = verify_rate_columns(v, kind) << verify_rate(kind, 0);
    if ((v->opt.columns >> t & 1u) != 0)
        return (uint16_t)(rates | 1u << t);
    return (uint16_t)(rates | 1u << verify_import(kind) | 1u << verify_export(kind));
}

#define UNCONFIRMED_MOST 3

/* A complete row whose next row is not complete says nothing, unless the source reads some registers seldom:
 * then the next complete row bears witness (two_rows_break). */
static bool sums_count(struct verify *v, unsigned kind)
{
    struct verify_kind *k = &v->m.kind[kind];
    uint16_t all = registers_of_sums(v, kind);
    if ((v->turned & all) != 0)
        return false;
    if ((v->given & all & ~v->witnessed) == 0) {
        k->unconfirmed = 0;
        return true;
    }
    if (k->unconfirmed >= UNCONFIRMED_MOST)
        return true;
    k->unconfirmed++;
    return false;
}

static void compare_kind(struct verify *v, unsigned kind, const struct verify_row *p,
                         const struct verify_row *n)
{
    struct verify_kind *k = &v->m.kind[kind];
    struct verify_sums now;
    bool taken = verify_sums_after(v, kind, &k->last, p, &now) && sums_count(v, kind);
    if (taken && !k->last.given) {
        k->first = k->day = now;
        verify_doubt_first(k);
    } else if (taken)
        taken = judge_sums(v, kind, p, n, &now);
    if (kind == 0)
        count_coverage(v, p, taken ? &now : NULL, verify_possible(v, v->m.base_lo_utc_ms, p->time_utc_ms));
    if (taken)
        k->last = now;
}

void verify_compare(struct verify *v, const struct verify_row *p, const struct verify_row *n)
{
    struct verify_row whole;
    if (p->has != v->given) { /* sums bring their own witness, which registers one by one do not */
        whole = *p;
        whole.has = v->given;
        p = &whole;
    }
    for (unsigned kind = 0; kind < VR_KINDS; kind++)
        compare_kind(v, kind, p, n);
}
