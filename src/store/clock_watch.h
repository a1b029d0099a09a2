/* clock_watch.h - asks the kernel what clock_trust.h needs to know, and keeps its answer.
 *
 * Errors:  none; what cannot be asked counts as no.
 * Threads: one owner.
 * Source:  adjtimex(2); Documentation/ABI/testing/sysfs-class-rtc (hctosys).
 */
#ifndef METERFLEET_STORE_CLOCK_WATCH_H
#define METERFLEET_STORE_CLOCK_WATCH_H

#include "config/settings.h"
#include "core/clock_trust.h"

struct clock_watch {
    struct clock_trust trust;
    enum clock_word word;
    bool synchronised; /* the kernel says so now */
};

void clock_watch_init(struct clock_watch *w, enum clock_mode mode);
/* Looks now; *step_ms as in clock_trust_look(). Returns true when the word changed. */
bool clock_watch_look(struct clock_watch *w, bool seen_synchronised, int64_t newest_utc_ms, int64_t *step_ms);

#endif
