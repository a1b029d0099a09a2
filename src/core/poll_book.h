/* poll_book.h - what the plan remembers: shared by poll_plan.c (what came of a job) and poll_choice.c (which
 * is next).
 *
 * Nobody else includes it.
 */
#ifndef METERFLEET_CORE_POLL_BOOK_H
#define METERFLEET_CORE_POLL_BOOK_H

#include "core/poll_plan.h"

#define POLL_NEVER INT64_MAX

struct poll_entry {
    int64_t due_ms, deadline_ms;
    int64_t at_ms; /* poll_plan_at(), or POLL_NEVER */
    uint8_t attempt, doubts;
    bool again; /* a sweep that another one must confirm */
    bool read;  /* at least once: its phase is set */
    bool begun, ordered;
    bool quiet;               /* it was told to be not there */
    int64_t refused_ms;       /* up to when its missed periods are counted … */
    uint32_t refused_wait_ms; /* … and how long it is left alone since; 0: not refused */
};

struct poll_book {
    uint32_t period_ms[CLASS_COUNT];
    struct meter_state state;
    struct poll_entry items[CLASS_COUNT];
    int64_t held_until_ns, probe_ms;
    int64_t dense_begin_ms, dense_end_ms; /* poll_plan_dense(); begin >= end: never */
    int64_t dense_due_ms;
    bool asked; /* its energy, once */
};

struct poll_plan {
    struct poll_setup setup;
    struct poll_book *meters;
    size_t unasked; /* meters whose energy was not yet asked for */
    size_t tick_at;
    int64_t begin_ms;
    int64_t purse_ns; /* wire time that dead meters may still use */
    int64_t purse_at_ns;
    uint64_t random;
};

static inline uint32_t poll_draw(struct poll_plan *p)
{
    p->random ^= p->random >> 12;
    p->random ^= p->random << 25;
    p->random ^= p->random >> 27;
    return (uint32_t)(p->random * 2685821657736338717u >> 32);
}

/* poll_plan.c */
void poll_set_due(struct poll_book *m, enum reg_class klass, int64_t due_ms);
/* poll_refused.c. Both return the periods that are missed: refused now; there again. */
uint32_t poll_refused(struct poll_book *m, enum reg_class klass, struct poll_now now);
uint32_t poll_granted(struct poll_entry *it, uint32_t period, struct poll_now now);

/* poll_dense.c. When its next dense reading is due: POLL_NEVER outside of its span. */
int64_t poll_dense_due(const struct poll_book *m, int64_t now_ms);
/* Its energy was asked for: leave it 11 to 13 s. */
void poll_dense_asked(struct poll_plan *p, struct poll_book *m, int64_t now_ms);

/* What an unanswered probe costs. */
static inline int64_t poll_probe_cost_ns(const struct poll_plan *p)
{
    return (int64_t)p->setup.probe_cost_ms * 1000000;
}

#endif
