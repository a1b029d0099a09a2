/* Which settlement instants passed, what was counted around them, and what a sweep's numbers mean. */
#include "tariff/freeze.h"

#include <string.h>

#include "core/text.h"
#include "tariff/freeze_rules.h"
#include "tariff/verify_state.h"

#define HOUR_MS 3600000

void freeze_init(struct freeze *f)
{
    memset(f, 0, sizeof *f);
    f->next_utc_ms = VERIFY_ABSENT;
    f->before_utc_ms = VERIFY_ABSENT;
    f->prior_utc_ms = VERIFY_ABSENT;
    for (unsigned i = 0; i < SETTLEMENT_FAMILIES; i++)
        f->before[i] = f->prior[i] = VERIFY_ABSENT;
    f->mark[0].instant_utc_ms = f->mark[1].instant_utc_ms = VERIFY_ABSENT;
}

void freeze_reset(struct freeze *f, bool new_meter)
{
    uint8_t model = f->model;
    freeze_init(f);
    if (!new_meter)
        f->model = model;
}

bool freeze_valid(const struct freeze *f)
{
    const int64_t most = (int64_t)1 << 50;
    if (f->given > 1 || f->model > FREEZE_PERIOD)
        return false;
    for (unsigned i = 0; i < VERIFY_SETTLEMENTS; i++)
        if (f->value[i] != VERIFY_ABSENT && (f->value[i] > most || f->value[i] < -most))
            return false;
    for (unsigned i = 0; i < SETTLEMENT_FAMILIES; i++) {
        const int64_t values[] = {f->live_lo[i],        f->live_hi[i],        f->before[i],
                                  f->prior[i],          f->mark[0].before[i], f->mark[0].after[i],
                                  f->mark[1].before[i], f->mark[1].after[i]};
        for (size_t j = 0; j < sizeof values / sizeof values[0]; j++)
            if (values[j] != VERIFY_ABSENT && (values[j] > most || values[j] < -most))
                return false;
        if ((f->live_lo[i] == VERIFY_ABSENT) != (f->live_hi[i] == VERIFY_ABSENT))
            return false;
    }
    const int64_t times[] = {f->prior_utc_ms,          f->time_utc_ms,   f->lo_utc_ms,
                             f->next_utc_ms,           f->before_utc_ms, f->mark[0].instant_utc_ms,
                             f->mark[1].instant_utc_ms};
    for (size_t j = 0; j < sizeof times / sizeof times[0]; j++)
        if (times[j] != VERIFY_ABSENT && (times[j] > most || times[j] < -most))
            return false;
    return true;
}

unsigned freeze_register(unsigned family)
{
    unsigned kind = quantity_family_is_reactive(family) ? 1 : 0;
    enum rate rate = quantity_family_rate(family);
    return rate == RATE_COMBINED ? verify_total(kind) : verify_rate(kind, rate);
}

/* The settlement instants of one month, UTC, into out[3]; their number. */
static unsigned instants_of_month(const struct tariff *t, int64_t year, unsigned month,
                                  int64_t out[TARIFF_SETTLEMENTS])
{
    static const struct tariff_settlement first_of_month = {.day = 1, .hour = 0};
    unsigned n = t != NULL ? t->n_settlements : 0;
    const struct tariff_settlement *list = n > 0 ? t->settlement : &first_of_month;
    int64_t offset_ms = t != NULL ? (int64_t)t->utc_offset_s * 1000 : 0;
    n = n > 0 ? n : 1;
    for (unsigned i = 0; i < n; i++)
        out[i] = text_days_from_civil(year, month, list[i].day) * CALENDAR_DAY_MS +
                 (int64_t)list[i].hour * HOUR_MS - offset_ms;
    return n;
}

unsigned freeze_instants(const struct verify *v, int64_t lo_utc_ms, int64_t hi_utc_ms, int64_t *first)
{
    const struct tariff *t = v->opt.tariff;
    int64_t year, best = INT64_MAX;
    unsigned month, day, count = 0;
    int64_t offset_ms = t != NULL ? (int64_t)t->utc_offset_s * 1000 : 0;
    text_civil_from_days(calendar_day_of(lo_utc_ms + offset_ms), &year, &month, &day);
    for (unsigned step = 0; step < 1300; step++) {
        int64_t list[TARIFF_SETTLEMENTS];
        unsigned n = instants_of_month(t, year, month, list);
        for (unsigned i = 0; i < n; i++) {
            if (list[i] <= lo_utc_ms || list[i] > hi_utc_ms)
                continue;
            count++;
            best = list[i] < best ? list[i] : best;
        }
        month = month == 12 ? 1 : month + 1;
        year += month == 1 ? 1 : 0;
        if ((text_days_from_civil(year, month, 1)) * CALENDAR_DAY_MS - offset_ms > hi_utc_ms)
            break;
    }
    if (count > 0 && first != NULL)
        *first = best;
    return count;
}

static void next_instant(struct verify *v, int64_t after_utc_ms)
{
    if (freeze_instants(v, after_utc_ms, after_utc_ms + 70 * CALENDAR_DAY_MS, &v->m.freeze.next_utc_ms) == 0)
        v->m.freeze.next_utc_ms = VERIFY_ABSENT;
}

static void registers_of(const struct verify_row *p, int64_t out[SETTLEMENT_FAMILIES])
{
    for (unsigned f = 0; f < SETTLEMENT_FAMILIES; f++) {
        unsigned e = freeze_register(f);
        out[f] = verify_has(p, e) ? p->v[e] : VERIFY_ABSENT;
    }
}

static int64_t tolerance_s(const struct verify *v)
{
    return v->opt.tariff != NULL ? v->opt.tariff->clock_tolerance_ms : 300000;
}

static int64_t tolerance_sg(const struct verify *v)
{
    return v->opt.tariff != NULL ? v->opt.tariff->clock_tolerance_ms + v->opt.tariff->switching_lag_ms
                                 : 360000;
}

void freeze_live(struct verify *v, const struct verify_row *p)
{
    struct freeze *f = &v->m.freeze;
    int64_t lo = verify_row_lo(v, p);
    if (f->next_utc_ms == VERIFY_ABSENT)
        next_instant(v, p->time_utc_ms);
    if (f->next_utc_ms == VERIFY_ABSENT)
        return;
    if (p->time_utc_ms <= f->next_utc_ms - tolerance_s(v)) {
        f->before_utc_ms = p->time_utc_ms;
        registers_of(p, f->before);
        return;
    }
    if (lo < f->next_utc_ms + tolerance_sg(v))
        return;
    struct freeze_mark mark = {.instant_utc_ms = f->next_utc_ms};
    memcpy(mark.before, f->before, sizeof mark.before);
    registers_of(p, mark.after);
    bool one = f->before_utc_ms != VERIFY_ABSENT && freeze_instants(v, f->before_utc_ms, lo, NULL) == 1;
    if (!one)
        mark.instant_utc_ms = VERIFY_ABSENT; /* several passed unwatched: which of them was it? */
    f->mark[1] = f->mark[0];
    f->mark[0] = mark;
    f->before_utc_ms = p->time_utc_ms;
    registers_of(p, f->before);
    next_instant(v, p->time_utc_ms);
}

void freeze_follow(struct verify *v, const struct verify_row *p)
{
    if (p->has == 0)
        return;
    v->m.freeze.prior_utc_ms = v->m.base.time_utc_ms;
    registers_of(&v->m.base, v->m.freeze.prior);
}

/* What may have flowed in so short a time, also as float32 counts it (DOMAIN 4.2). */
static int64_t may_flow(const struct verify *v, int64_t duration_ms)
{
    int64_t most = verify_max_energy(v, duration_ms);
    return most == INT64_MAX ? most : 2 * most;
}

/* The least that a family's register held when the sweep was read: what a row showed that is surely older, or
 * what is left of a row as new when all that can flow is taken off. */
static int64_t least_live(const struct verify *v, unsigned family, const struct freeze_sweep *s)
{
    const struct verify_row *o = &v->m.base;
    const struct freeze *z = &v->m.freeze;
    int64_t value = o->v[freeze_register(family)], prior = z->prior[family];
    if (o->time_utc_ms <= s->lo_utc_ms)
        return value;
    if (z->prior_utc_ms != VERIFY_ABSENT && z->prior_utc_ms <= s->lo_utc_ms && prior != VERIFY_ABSENT)
        return prior <= value ? prior : VERIFY_ABSENT;
    int64_t flowed = may_flow(v, o->time_utc_ms - s->lo_utc_ms);
    return flowed == INT64_MAX ? VERIFY_ABSENT : value - flowed;
}

static int64_t most_live(const struct verify *v, unsigned family, const struct verify_row *n,
                         const struct freeze_sweep *s)
{
    int64_t value = n->v[freeze_register(family)], behind_ms = s->time_utc_ms - verify_row_lo(v, n);
    if (behind_ms <= 0)
        return value;
    int64_t flowed = may_flow(v, behind_ms);
    return flowed == INT64_MAX ? VERIFY_ABSENT : value + flowed;
}

/* Between what bounds the registers were while this sweep was read: by the rows before and after it, for a
 * reply may show what was R ago. */
static void bracket(const struct verify *v, const struct verify_row *n, struct freeze_sweep *s)
{
    const struct verify_row *o = &v->m.base;
    for (unsigned f = 0; f < SETTLEMENT_FAMILIES; f++) {
        unsigned e = freeze_register(f);
        s->live_lo[f] = s->live_hi[f] = VERIFY_ABSENT;
        if (!verify_has(o, e) || !verify_has(n, e) || n->v[e] < o->v[e])
            continue;
        int64_t lo = least_live(v, f, s), hi = most_live(v, f, n, s);
        if (lo == VERIFY_ABSENT || hi == VERIFY_ABSENT)
            continue;
        s->live_lo[f] = lo;
        s->live_hi[f] = hi;
    }
}

/* Month register against cumulative register of a rate: what the block means. In the period model the
 * cumulative register holds the month and what was frozen before it, in the cumulative model the month alone.
 */
static enum freeze_model vote(struct verify *v, const struct freeze_sweep *s, unsigned rate)
{
    struct freeze *f = &v->m.freeze;
    unsigned family = 2 + 2 * rate, e = freeze_register(family);
    int64_t month = s->value[family * SETTLEMENT_SLOTS], previous = s->value[family * SETTLEMENT_SLOTS + 1];
    int64_t lo = s->live_lo[family], hi = s->live_hi[family];
    if (month == VERIFY_ABSENT || previous == VERIFY_ABSENT || lo == VERIFY_ABSENT)
        return FREEZE_AUTO;
    int64_t q = 2 * verify_q(v, e, hi);
    if (month < lo - q)
        return FREEZE_PERIOD;
    int64_t step = resolution_step(&v->m.res[e]);
    bool not_period = previous >= 10 * step && previous > hi - month + 2 * q;
    if (!not_period || month > hi + q || previous > month + q) {
        f->same[rate] = 0;
        return FREEZE_AUTO;
    }
    if (f->same[rate] < 2)
        f->same[rate]++;
    return f->same[rate] >= 2 ? FREEZE_CUMULATIVE : FREEZE_AUTO;
}

static void decide_model(struct verify *v, const struct verify_row *p, const struct freeze_sweep *s)
{
    if (v->opt.freeze != FREEZE_AUTO) {
        v->m.freeze.model = (uint8_t)v->opt.freeze;
        return;
    }
    bool cumulative = false, period = false;
    for (unsigned rate = 0; rate < RATE_COUNT; rate++) {
        enum freeze_model says = vote(v, s, rate);
        cumulative |= says == FREEZE_CUMULATIVE;
        period |= says == FREEZE_PERIOD;
    }
    if (cumulative && period) {
        freeze_tell(v, p, RULE_F2, -1, 0, 0);
        v->m.freeze.model = FREEZE_AUTO;
    } else if (cumulative || period) {
        v->m.freeze.model = cumulative ? FREEZE_CUMULATIVE : FREEZE_PERIOD;
    }
}

/* Is this block one bad read? As for registers (INTERFACES 8): the next row's block is below the accepted one
 * in nothing, and this one is below it, or above the next. */
static bool taken_back(const int64_t *accepted, const int64_t *block, const int64_t *next)
{
    bool odd = false;
    for (unsigned i = 0; i < VERIFY_SETTLEMENTS; i++) {
        int64_t o = accepted[i], p = block[i], n = next[i];
        if (p == VERIFY_ABSENT || n == VERIFY_ABSENT)
            continue;
        if (o != VERIFY_ABSENT && n < o)
            return false;
        odd = odd || n < p || (o != VERIFY_ABSENT && p < o);
    }
    return odd;
}

void freeze_sweep(struct verify *v, const struct verify_row *p, const struct verify_row *n)
{
    struct freeze *f = &v->m.freeze;
    struct freeze_sweep s = {
        .value = p->settlement, .lo_utc_ms = verify_row_lo(v, p), .time_utc_ms = p->time_utc_ms};
    if (freeze_instants(v, s.lo_utc_ms - tolerance_sg(v), s.time_utc_ms + tolerance_s(v), NULL) > 0)
        return; /* void: it may roll over while it is read */
    if (f->given && n->settlement != NULL && taken_back(f->value, p->settlement, n->settlement))
        return;
    bracket(v, n, &s);
    decide_model(v, p, &s);
    if (f->given)
        s.expected = freeze_instants(v, f->time_utc_ms, s.lo_utc_ms, NULL);
    freeze_check(v, p, &s);
    f->given = 1;
    f->time_utc_ms = s.time_utc_ms;
    f->lo_utc_ms = s.lo_utc_ms;
    memcpy(f->value, s.value, sizeof f->value);
    memcpy(f->live_lo, s.live_lo, sizeof f->live_lo);
    memcpy(f->live_hi, s.live_hi, sizeof f->live_hi);
}
