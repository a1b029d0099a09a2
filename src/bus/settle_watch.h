/* settle_watch.h - when one meter's settlements are swept beside the period: at each instant of its tariff,
 * and, where the sweep then shows no new period yet, again and again for some hours.
 *
 * A meter whose clock is late rolls its months over late; without this the daily sweep would be the first to
 * see it. A meter that counted nothing looks the same, so the looking ends.
 *
 * Units:   milliseconds of the monotonic clock, INT64_MAX = not.
 * Threads: one owner.
 * Source:  DOMAIN 4.3 (roll-over up to S + G late).
 */
#ifndef METERFLEET_BUS_SETTLE_WATCH_H
#define METERFLEET_BUS_SETTLE_WATCH_H

#include <stdbool.h>
#include <stdint.h>

#define SETTLE_AGAIN_MS      600000   /* after the first look in vain; then twice as long each time … */
#define SETTLE_AGAIN_MOST_MS 19200000 /* … up to this: 10 min, 30 min, 70 min … 10.5 h after the instant */

struct settle_watch {
    int64_t instant_ms; /* when the next settlement can be there */
    int64_t again_ms;   /* when one that was not is looked for again */
    uint32_t step_ms;
};

void settle_watch_init(struct settle_watch *w);
/* The calendar says so. One that is due and not read yet stays. */
void settle_watch_instant(struct settle_watch *w, int64_t now_ms, int64_t instant_ms);
/* A sweep was read; moved: its closed periods differ from those of the sweep before. */
void settle_watch_read(struct settle_watch *w, int64_t taken_ms, bool moved);
/* The sweep to plan. */
int64_t settle_watch_next(const struct settle_watch *w);

#endif
