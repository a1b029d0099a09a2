/* Registers that the next row does not give: each waits for the next row that gives it, and is judged then.
 */
#include "tariff/verify_state.h"

void verify_hold(struct verify *v, const struct verify_row *p, uint16_t which)
{
    struct verify_held *held = &v->m.held;
    for (unsigned left = which; left != 0; left &= left - 1) {
        unsigned e = (unsigned)__builtin_ctz(left);
        held->v[e] = p->v[e];
        held->time_utc_ms[e] = p->time_utc_ms;
        held->window_ms[e] = p->window_ms;
    }
    held->which |= which;
}

bool verify_holds_energy(const struct verify_memory *m)
{
    for (unsigned left = m->held.which; left != 0; left &= left - 1)
        if (m->held.v[__builtin_ctz(left)] != 0)
            return true;
    return false;
}

static bool beyond(int64_t a, int64_t x, int64_t b)
{
    return (x < a && x < b) || (x > a && x > b);
}

uint16_t verify_turned(const struct verify *v, const struct verify_row *o, const struct verify_row *p,
                       const struct verify_row *n)
{
    uint16_t net = (uint16_t) ~(verify_monotone(v, o, p) & verify_monotone(v, o, n)), turned = 0;
    for (unsigned left = net & o->has & p->has & n->has; left != 0; left &= left - 1) {
        unsigned e = (unsigned)__builtin_ctz(left);
        turned |= (uint16_t)(beyond(o->v[e], p->v[e], n->v[e]) << e);
    }
    return turned;
}

/* The oldest of the registers in the mask, with all that came in the same row. */
static struct verify_row oldest(const struct verify_held *held, uint16_t which)
{
    struct verify_row h = {.time_utc_ms = INT64_MAX};
    for (unsigned left = which; left != 0; left &= left - 1) {
        unsigned e = (unsigned)__builtin_ctz(left);
        if (held->time_utc_ms[e] > h.time_utc_ms)
            continue;
        if (held->time_utc_ms[e] < h.time_utc_ms)
            h.has = 0;
        h.time_utc_ms = held->time_utc_ms[e];
        h.window_ms = held->window_ms[e];
        h.has |= (uint16_t)(1u << e);
        h.v[e] = held->v[e];
    }
    return h;
}

/* Of h what p takes back: the rule of glitches, register by register. */
static uint16_t taken_back(struct verify *v, const struct verify_row *h, const struct verify_row *p)
{
    const struct verify_row *o = &v->m.base;
    uint16_t monotone = verify_monotone(v, o, h) & verify_monotone(v, o, p);
    uint16_t fell = verify_below(p, o) & monotone;
    uint16_t bad = (uint16_t)((verify_below(h, o) | verify_below(p, h)) & monotone & ~fell);
    return bad | verify_turned(v, o, h, p);
}

void verify_release(struct verify *v, const struct verify_row *p)
{
    struct verify_held *held = &v->m.held;
    uint16_t which = held->which & p->has;
    held->which &= (uint16_t)~which;
    while (which != 0) {
        struct verify_row h = oldest(held, which);
        which &= (uint16_t)~h.has;
        h.has &= (uint16_t)~taken_back(v, &h, p);
        struct verify_row fresh = h;
        fresh.has &= (uint16_t)~v->m.base.has;
        if (fresh.has != 0 &&
            verify_breaks(v, &fresh, p)) /* the first of its register, and it does not fit */
            h.has &= v->m.base.has;
        if (h.has != 0)
            verify_apply_late(v, &h, p);
    }
}
