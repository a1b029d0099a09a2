/* intake.h - readings that wait in memory: for the next flush, or for the gateway's clock to be right.
 *
 * Both are bounded. While the disk takes nothing, live readings go first, then the oldest of the others: the
 * newest are kept, and what was dropped is counted with its span. Held readings are dated by their monotonic
 * time once the clock is right; of each meter at least one in 15 minutes is kept, for 24 hours.
 *
 * Units:   bytes as estimated from the values a reading holds.
 * Errors:  without memory a reading is dropped and counted.
 * Threads: one owner.
 * Source:  INTERFACES 2 "Clock"; FAULTS D1, K1.
 */
#ifndef METERFLEET_STORE_INTAKE_H
#define METERFLEET_STORE_INTAKE_H

#include <stdbool.h>
#include "core/reading.h"

/* A flush does not wait for its time beyond this: the sweeps of 500 meters at the start are 1 MiB and more.
 */
#define INTAKE_FLUSH_BYTES (512u << 10)
#define INTAKE_BYTES       (6u << 20)
#define INTAKE_LIVE_BYTES  (2u << 20) /* beyond this live readings are not kept */
#define INTAKE_THIN_MS     (15 * 60 * 1000)
#define INTAKE_HELD        128 /* a meter: 24 h of one in 15 minutes, and some sweeps */

struct intake_list {
    struct reading **v;
    size_t n, room, bytes;
};

struct intake_lost {
    uint64_t readings;
    int64_t from_utc_ms, to_utc_ms;
};

struct intake {
    size_t n_meters;
    struct intake_list wait, held;
    size_t fixed; /* so many of the first waiting ones belong to a flush of unknown result: never dropped */
    struct intake_lost lost;
};

void intake_init(struct intake *in, size_t n_meters);
void intake_done(struct intake *in);
/* Takes the reading over. */
void intake_add(struct intake *in, struct reading *r);
void intake_hold(struct intake *in, struct reading *r);
/* The first n that wait are stored: frees them. */
void intake_stored(struct intake *in, size_t n);
/* Dates all held readings by the difference of the clocks now and lets them wait for the flush, before those
 * that wait already; `suspect`: the time is still not right. */
void intake_release(struct intake *in, int64_t now_utc_ms, int64_t now_mono_ms, bool suspect);

#endif
