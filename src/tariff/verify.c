/* The pipeline: range, zeros, equal times, then every row is judged with its neighbours. INTERFACES 8. */
#include "tariff/verify.h"

#include <stdlib.h>
#include <string.h>

#include "core/rc.h"
#include "tariff/verify_state.h"

#define LIMIT 100000000000000LL /* 10^8 kWh: beyond it no meter counts */

static void memory_init(struct verify_memory *m)
{
    memset(m, 0, sizeof *m);
    m->from_utc_ms = m->to_utc_ms = INT64_MIN;
    for (unsigned e = 0; e < VERIFY_REGISTERS; e++)
        resolution_init(&m->res[e]);
    for (unsigned k = 0; k < VR_KINDS; k++) {
        m->kind[k].rules = 7;
        m->kind[k].combined_from[0] = VERIFY_ABSENT;
        verify_bounds_reset(&m->kind[k]);
    }
    skew_init(&m->skew);
    freeze_init(&m->freeze);
}

int verify_new(const struct verify_options *o, verify_sink *sink, void *arg, struct verify **out)
{
    struct verify *v = calloc(1, sizeof *v);
    if (v == NULL)
        return RC_NOMEM;
    v->opt = *o;
    v->sink = sink;
    v->arg = arg;
    if (o->tariff != NULL)
        calendar_init(&v->calendar, o->tariff);
    v->possible_lo = INT64_MAX;
    v->span_from = INT64_MAX;
    v->span_to = INT64_MIN;
    memory_init(&v->m);
    *out = v;
    return RC_OK;
}

void verify_want_evidence(struct verify *v, verify_evidence_sink *sink, void *arg)
{
    v->evidence = sink;
    v->evidence_arg = arg;
}

void verify_free(struct verify *v)
{
    free(v);
}

/* Total and rates of a kind whose combined rule may be import - export. */
static bool may_be_negative(const struct verify *v, unsigned e)
{
    unsigned kind = e < VR_RATES ? e / 3 : (e - VR_RATES) / 4;
    if (e < VR_RATES && e % 3 != VR_TOTAL)
        return false;
    return v->opt.combined != COMBINED_IMPORT_EXPORT && v->opt.combined != COMBINED_IMPORT &&
           (v->opt.columns >> verify_export(kind) & 1u) != 0;
}

static bool in_range(const struct verify *v, const struct verify_row *r)
{
    unsigned beyond = 0;
    for (unsigned e = 0; e < VERIFY_REGISTERS; e++)
        beyond |= (unsigned)((uint64_t)r->v[e] > LIMIT) << e; /* negative ones too */
    for (beyond &= r->has; beyond != 0; beyond &= beyond - 1) {
        unsigned e = (unsigned)__builtin_ctz(beyond);
        if (r->v[e] > LIMIT || r->v[e] < (may_be_negative(v, e) ? -LIMIT : 0))
            return false;
    }
    return true;
}

static bool all_zero(const struct verify_row *r)
{
    for (unsigned e = 0; e < VERIFY_REGISTERS; e++)
        if (verify_has(r, e) && r->v[e] != 0)
            return false;
    return true;
}

static bool same_values(const struct verify_row *a, const struct verify_row *b, const int64_t *settlement_a)
{
    if (a->has != b->has || (settlement_a != NULL) != (b->settlement != NULL))
        return false;
    for (unsigned e = 0; e < VERIFY_REGISTERS; e++)
        if (verify_has(a, e) && a->v[e] != b->v[e])
            return false;
    return settlement_a == NULL ||
           memcmp(settlement_a, b->settlement, VERIFY_SETTLEMENTS * sizeof settlement_a[0]) == 0;
}

/* Net registers may fall; what gives a glitch away there is a movement of a forbidden rate that n takes back.
 */
static bool forbidden_taken_back(struct verify *v, const struct verify_row *p, const struct verify_row *n)
{
    const struct verify_row *o = &v->m.base;
    for (unsigned k = 0; k < VR_KINDS; k++) {
        if (!verify_net_possible(v, k))
            continue;
        unsigned possible = verify_possible(v, v->m.base_lo_utc_ms, p->time_utc_ms);
        for (unsigned i = 0; i < RATE_COUNT; i++) {
            unsigned e = verify_rate(k, i);
            if ((possible >> i & 1u) == 0 && verify_has(o, e) && verify_has(p, e) && verify_has(n, e) &&
                p->v[e] != o->v[e] && n->v[e] == o->v[e])
                return true;
        }
    }
    return false;
}

static bool is_glitch(struct verify *v, const struct verify_row *n)
{
    const struct verify_row *o = &v->m.base, *p = &v->m.pending;
    uint16_t which = verify_monotone(v, o, p) & verify_monotone(v, o, n);
    if ((verify_below(n, o) & which) != 0)
        return false;
    if (((verify_below(p, o) | verify_below(n, p)) & which) != 0)
        return true;
    if (verify_sum_taken_back(v, p, n))
        return true;
    return forbidden_taken_back(v, p, n);
}

/* A row is kept without its pointer; its settlement block goes into the slot of the same number. */
static void keep(struct verify_memory *m, struct verify_row *slot, const struct verify_row *r,
                 enum verify_slot which)
{
    slot->time_utc_ms = r->time_utc_ms;
    slot->window_ms = r->window_ms;
    slot->has = r->has;
    slot->has_power = r->has_power;
    slot->power_cw = r->power_cw;
    memcpy(slot->v, r->v, sizeof slot->v);
    slot->settlement = NULL;
    m->has_settlement[which] = r->settlement != NULL;
    if (r->settlement != NULL)
        memcpy(m->settlement[which], r->settlement, sizeof m->settlement[which]);
}

/* That many first rows one after the other are no bad samples: the meter breaks a rule all the time. */
#define FIRST_DROPPED_MOST 3

/* The pending row is the first of a record: it becomes the base when the next one breaks no rule against it.
 */
static void judge_first(struct verify *v, const struct verify_row *n)
{
    struct verify_memory *m = &v->m;
    bool zero_before_energy = m->pending.has != 0 && all_zero(&m->pending) && !all_zero(n);
    if (zero_before_energy)
        return;
    bool always_wrong = m->first_dropped >= FIRST_DROPPED_MOST;
    if (!always_wrong && verify_breaks(v, &m->pending, n)) {
        m->first_dropped++;
        m->rejected[REJECTED_GLITCH]++;
        return;
    }
    m->first_dropped = 0;
    m->has_base = true;
    verify_rebase(v, &m->pending, true);
    m->first_utc_ms = always_wrong ? VERIFY_ABSENT : m->pending.time_utc_ms;
    for (unsigned k = 0; k < VR_KINDS && !always_wrong; k++)
        verify_doubt_first(&m->kind[k]);
    m->accepted++;
}

/* Whatever else is in the row, only what the next row gives, too, is a baseline: the rest is held until a row
 * gives it. */
static void judge_confirmed(struct verify *v, const struct verify_row *n)
{
    struct verify_memory *m = &v->m;
    m->accepted++;
    m->pending.settlement = m->has_settlement[SLOT_PENDING] ? m->settlement[SLOT_PENDING] : NULL;
    v->turned = verify_turned(v, &m->base, &m->pending, n);
    m->pending.has &= (uint16_t)~v->turned;
    verify_apply(v, &m->pending, n);
    m->pending.settlement = NULL; /* no pointers in what is saved */
}

/* The pending row has got its next row: judge it. */
static void judge(struct verify *v, const struct verify_row *n)
{
    struct verify_memory *m = &v->m;
    if (!m->has_pending)
        return;
    m->has_pending = false;
    v->given = m->pending.has;
    v->witnessed = m->pending.has &= n->has;
    bool zeros = m->has_base && m->base.has != 0 && all_zero(&m->base);
    if (zeros && v->witnessed != 0 && !all_zero(&m->pending)) /* a record of zeros has come to life */
        m->has_base = false;
    if (!m->has_base) {
        judge_first(v, n);
    } else if (is_glitch(v, n)) {
        m->rejected[REJECTED_GLITCH]++;
        return;
    } else {
        m->pending.has = v->given;
        verify_release(v, &m->pending);
        m->pending.has = v->witnessed;
        judge_confirmed(v, n);
    }
    if (m->has_base)
        verify_hold(v, &m->pending, (uint16_t)(v->given & ~v->witnessed));
}

/* A settlement block without a register beside it says nothing for or against the row before it: that waits
 * for the next one, or, where none comes in between, the block is left out. */
static const struct verify_row *witness(const struct verify_memory *m, const struct verify_row *next)
{
    if (m->incoming.has != 0 || !m->has_pending || m->pending.has == 0)
        return &m->incoming;
    return next != NULL && next->has != 0 ? next : NULL;
}

/* The incoming row is final; next is the one after it, or NULL. */
static void settle(struct verify *v, const struct verify_row *next)
{
    struct verify_memory *m = &v->m;
    if (!m->has_incoming)
        return;
    m->has_incoming = false;
    if (m->began == BEGAN_NOT && m->incoming.has != 0)
        m->began = all_zero(&m->incoming) ? BEGAN_WITH_ZEROS : BEGAN_WITH_ENERGY;
    const struct verify_row *n = witness(m, next);
    if (n == NULL)
        return;
    m->incoming.settlement = m->has_settlement[SLOT_INCOMING] ? m->settlement[SLOT_INCOMING] : NULL;
    judge(v, n);
    keep(m, &m->pending, &m->incoming, SLOT_PENDING);
    m->incoming.settlement = NULL;
    m->has_pending = true;
}

void verify_settle(struct verify *v)
{
    settle(v, NULL);
}

/* A row of the newest time again: one row when equal, none when not. */
static enum verify_accept push_again(struct verify_memory *m, const struct verify_row *row)
{
    if (m->conflict) {
        m->rejected[REJECTED_CONFLICT]++;
        return VERIFY_CONFLICT;
    }
    if (same_values(&m->incoming, row,
                    m->has_settlement[SLOT_INCOMING] ? m->settlement[SLOT_INCOMING] : NULL)) {
        m->duplicates++;
        m->incoming_again++;
        return VERIFY_DUPLICATE;
    }
    m->has_incoming = false;
    m->conflict = true;
    m->duplicates -= m->incoming_again; /* none of this time counts, in whatever order they stood */
    m->rejected[REJECTED_CONFLICT] += 2 + m->incoming_again;
    return VERIFY_CONFLICT;
}

/* All zeros after energy: the reply of a meter that is starting, or of nobody. */
static bool is_phantom(const struct verify_memory *m, const struct verify_row *row)
{
    if (row->has == 0 || !all_zero(row))
        return false;
    if (m->has_base && m->base.has != 0 && !all_zero(&m->base))
        return true;
    bool pending = m->has_pending && !all_zero(&m->pending);
    bool incoming = m->has_incoming && m->incoming.time_utc_ms < row->time_utc_ms && !all_zero(&m->incoming);
    if (m->began == BEGAN_WITH_ZEROS) /* energy is then a meter that begins to count, or a bad sample */
        return pending && incoming && verify_below(&m->incoming, &m->pending) == 0;
    return pending || incoming || verify_holds_energy(m);
}

static void count_row(struct verify_memory *m, int64_t time_utc_ms)
{
    m->readings++;
    if (m->from_utc_ms == INT64_MIN)
        m->from_utc_ms = time_utc_ms;
    m->to_utc_ms = time_utc_ms;
}

enum verify_accept verify_push(struct verify *v, const struct verify_row *row)
{
    struct verify_memory *m = &v->m;
    count_row(m, row->time_utc_ms);
    if (!in_range(v, row)) {
        m->rejected[REJECTED_RANGE]++;
        return VERIFY_REJECT_RANGE;
    }
    if (row->has == 0 && row->settlement == NULL)
        return VERIFY_TAKEN; /* nothing to judge, and no witness for others */
    if (is_phantom(m, row)) {
        m->rejected[REJECTED_ZERO]++;
        return VERIFY_REJECT_ZERO;
    }
    if ((m->has_incoming || m->conflict) && m->incoming.time_utc_ms == row->time_utc_ms)
        return push_again(m, row);
    m->conflict = false;
    settle(v, row);
    keep(m, &m->incoming, row, SLOT_INCOMING);
    m->has_incoming = true;
    m->incoming_again = 0;
    return VERIFY_TAKEN;
}

void verify_reject_range(struct verify *v, int64_t time_utc_ms)
{
    count_row(&v->m, time_utc_ms);
    v->m.rejected[REJECTED_RANGE]++;
}

void verify_end(struct verify *v)
{
    settle(v, NULL);
    v->m.has_pending = false;
}

void verify_emit(struct verify *v, struct verify_event *e)
{
    if (e->severity == SEVERITY_ERROR)
        v->m.errors++;
    if (v->sink != NULL)
        v->sink(v->arg, e);
}
