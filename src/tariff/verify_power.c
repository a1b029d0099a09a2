/* P1 to P3: energy against what the meter can carry, and against the power it measures. */
#include "tariff/verify_state.h"

#define START_CW       2500   /* 25 W: well above the starting current of class B (IEC 62053-21: 0.004 Ib) */
#define STILL_ENERGY   500000 /* 0.5 kWh that should have moved the total before P2 speaks */
#define ADVICE_ENERGY  10000000 /* P3 compares spans of 10 kWh by the power's own account */
#define ADVICE_STEP_MS 310000   /* rows further apart say nothing of the power between them */
#define ADVICE_SHARE   10       /* a tenth of it: power is sampled, not integrated */

static struct verify_event event_of(const struct verify *v, const struct verify_row *p, enum verify_rule rule,
                                    enum verify_severity severity, int quantity)
{
    return (struct verify_event){.rule = rule,
                                 .severity = severity,
                                 .quantity = quantity,
                                 .ts_utc_ms = p->time_utc_ms,
                                 .window_utc_ms = {v->m.base_lo_utc_ms, p->time_utc_ms},
                                 .before = &v->m.base,
                                 .after = p};
}

/* What the next row could have got by itself, nobody has confirmed. */
static bool confirmed_by(const struct verify *v, unsigned e, const struct verify_row *n)
{
    if (!verify_has(n, e))
        return false;
    int64_t moved = n->v[e] > v->m.base.v[e] ? n->v[e] - v->m.base.v[e] : v->m.base.v[e] - n->v[e];
    return moved > verify_max_energy(v, n->time_utc_ms - v->m.reg_lo_utc_ms[e]);
}

void verify_check_maximum(struct verify *v, const struct verify_row *p, const struct verify_row *n)
{
    if (v->opt.max_power_w <= 0)
        return;
    int64_t since = INT64_MIN, most = 0; /* most registers come from one row */
    for (unsigned left = v->changed; left != 0; left &= left - 1) {
        unsigned e = (unsigned)__builtin_ctz(left);
        int64_t moved = p->v[e] > v->m.base.v[e] ? p->v[e] - v->m.base.v[e] : v->m.base.v[e] - p->v[e];
        if (v->m.reg_lo_utc_ms[e] != since) {
            since = v->m.reg_lo_utc_ms[e];
            most = verify_max_energy(v, p->time_utc_ms - since);
        }
        if (moved <= most)
            continue;
        /* a meter that adds in float32 may show up to 9/5 of what flowed (DOMAIN 4.2) */
        int64_t excess = moved - (v->m.exact ? most : most / 5 * 9) - verify_q(v, e, v->m.base.v[e]) -
                         verify_q(v, e, p->v[e]);
        if (excess <= 0 || !confirmed_by(v, e, n))
            continue;
        struct verify_event event = event_of(v, p, RULE_P1, SEVERITY_ERROR, Q_ENERGY_FIRST + (int)e);
        event.has_excess = true;
        event.excess = excess;
        verify_emit(v, &event);
    }
}

static void check_stopped(struct verify *v, const struct verify_row *p, int64_t flowed, bool moved)
{
    struct verify_memory *m = &v->m;
    if (moved) {
        m->still_energy = 0;
        m->still_told = false;
        return;
    }
    m->still_energy += flowed;
    unsigned t = verify_total(0);
    if (m->still_told || m->still_energy <= STILL_ENERGY + 2 * verify_q(v, t, p->v[t]))
        return;
    m->still_told = true;
    struct verify_event event = event_of(v, p, RULE_P2, SEVERITY_WARNING, Q_ACTIVE_ENERGY_TOTAL);
    event.has_excess = true;
    event.excess = m->still_energy;
    verify_emit(v, &event);
}

static void compare_power(struct verify *v, const struct verify_row *p, int64_t flowed, int64_t moved)
{
    struct verify_memory *m = &v->m;
    m->power_energy += flowed;
    m->power_moved += moved;
    if (m->power_energy < ADVICE_ENERGY)
        return;
    int64_t off = m->power_energy - m->power_moved;
    off = off < 0 ? -off : off;
    int64_t tolerance =
        m->power_energy / ADVICE_SHARE + 2 * verify_q(v, verify_total(0), p->v[verify_total(0)]);
    if (off > tolerance) {
        struct verify_event event = event_of(v, p, RULE_P3, SEVERITY_INFO, Q_ACTIVE_ENERGY_TOTAL);
        event.has_excess = true;
        event.excess = off - tolerance;
        verify_emit(v, &event);
    }
    m->power_energy = m->power_moved = 0;
}

void verify_power_rules(struct verify *v, const struct verify_row *p, const struct verify_row *n)
{
    verify_check_maximum(v, p, n);
    const struct verify_row *o = &v->m.base;
    unsigned t = verify_total(0);
    if (!p->has_power || !o->has_power || !verify_has(p, t) || !verify_has(o, t))
        return;
    int64_t step = p->time_utc_ms - o->time_utc_ms;
    if (step > ADVICE_STEP_MS) {
        v->m.power_energy = v->m.power_moved = 0;
        return;
    }
    int64_t a = o->power_cw < 0 ? -o->power_cw : o->power_cw,
            b = p->power_cw < 0 ? -p->power_cw : p->power_cw;
    int64_t lesser = a < b ? a : b;
    check_stopped(v, p, lesser >= START_CW ? lesser * step / 360000 : 0,
                  p->v[t] != o->v[t]); /* cW * ms / 360000 = 10^-6 kWh */
    compare_power(v, p, (a + b) / 2 * step / 360000, p->v[t] - o->v[t]);
}
