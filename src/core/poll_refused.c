/* poll_refused.c - a class that an exception refuses: asked again ever more rarely, its periods missed. */
#include "core/poll_book.h"

#define REFUSED_FIRST_MS 60000   /* asked again after so long … */
#define REFUSED_MOST_MS  3600000 /* … then half as often each time, and never less often than this */

/* A meter that starts up, or is being set, refuses for seconds what it gives for years. */
uint32_t poll_refused(struct poll_book *m, enum reg_class klass, struct poll_now now)
{
    struct poll_entry *it = &m->items[klass];
    uint32_t period = m->period_ms[klass];
    int64_t passed = 1; /* this one */
    if (it->refused_wait_ms == 0)
        it->refused_ms = now.mono_ms;
    else if (period != 0)
        passed = (now.mono_ms - it->refused_ms) / period;
    if (it->refused_wait_ms != 0)
        it->refused_ms += passed * period;
    uint32_t wait = it->refused_wait_ms * 2;
    it->refused_wait_ms = wait < REFUSED_FIRST_MS  ? REFUSED_FIRST_MS
                          : wait > REFUSED_MOST_MS ? REFUSED_MOST_MS
                                                   : wait;
    it->begun = false;
    if (it->at_ms <= now.mono_ms)
        it->at_ms = POLL_NEVER;
    if (period == 0)
        return 0;
    poll_set_due(m, klass, now.mono_ms + it->refused_wait_ms);
    return passed < UINT32_MAX ? (uint32_t)passed : UINT32_MAX;
}

uint32_t poll_granted(struct poll_entry *it, uint32_t period, struct poll_now now)
{
    int64_t passed = it->refused_wait_ms != 0 && period != 0 ? (now.mono_ms - it->refused_ms) / period : 0;
    it->refused_wait_ms = 0;
    return passed > 0 ? (uint32_t)(passed - 1) : 0;
}
