/* T6: a register fell. Cleared, replaced, or a fault? */
#include "tariff/verify_state.h"

#define CLEARED_AT_MOST                                                                                      \
    1000000 /* kWh * 10^6: what a cleared register may have counted up to again, beyond Pmax */

static int64_t size_of(int64_t a)
{
    return a < 0 ? -a : a;
}

/* All energy registers near zero: cleared. All of them elsewhere, none going on: another meter. */
static enum verify_fall classify(const struct verify *v, const struct verify_row *p, uint16_t fallen,
                                 uint16_t both)
{
    const struct verify_row *o = &v->m.base;
    int64_t most = verify_max_energy(v, p->time_utc_ms - v->m.base_lo_utc_ms);
    int64_t small = CLEARED_AT_MOST + (most == INT64_MAX ? 0 : most);
    bool cleared = true, goes_on = false;
    for (unsigned e = 0; e < VERIFY_REGISTERS; e++) {
        if ((both >> e & 1u) == 0)
            continue;
        if (size_of(p->v[e]) > small)
            cleared = false;
        if ((fallen >> e & 1u) == 0 && o->v[e] != 0 && size_of(p->v[e] - o->v[e]) <= small)
            goes_on = true; /* counts on as if nothing had happened */
    }
    if (cleared)
        return FALL_CLEARED;
    return goes_on ? FALL_DECREASE : FALL_REPLACED;
}

/* T6. True when a register fell, and a new epoch has begun. */
bool verify_check_fall(struct verify *v, const struct verify_row *p)
{
    const struct verify_row *o = &v->m.base;
    uint16_t both = p->has & o->has, fallen = verify_below(p, o) & verify_monotone(v, o, p);
    if (fallen == 0)
        return false;
    enum verify_fall fall = classify(v, p, fallen, both);
    struct verify_event event = verify_event_of(o, p, v->m.base_lo_utc_ms, RULE_T6);
    event.fall = fall;
    for (unsigned e = 0; e < VERIFY_REGISTERS; e++) {
        if ((fallen >> e & 1u) == 0)
            continue;
        event.quantity = fall == FALL_DECREASE ? Q_ENERGY_FIRST + (int)e : -1;
        event.has_excess = fall == FALL_DECREASE;
        event.excess = o->v[e] - p->v[e];
        verify_emit(v, &event);
        if (fall != FALL_DECREASE)
            break; /* one event for the whole meter */
    }
    verify_rebase(v, p, fall == FALL_REPLACED);
    return true;
}
