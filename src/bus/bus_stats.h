/* bus_stats.h - what a bus worker counts: outcomes, round trips, wire time; and how it reaches the notice
 * board.
 *
 * Units:   nanoseconds of the wire clock, milliseconds for round trips.
 * Threads: one owner.
 */
#ifndef METERFLEET_BUS_BUS_STATS_H
#define METERFLEET_BUS_BUS_STATS_H

#include "bus/exchange.h"
#include "core/poll_plan.h"
#include "share/board.h"

/* Round trips by size: steps of 1/8 of an octave from 1 ms, halved when full, so that the past fades. */
#define RTT_BINS 112
struct rtt {
    uint16_t bin[RTT_BINS];
    uint16_t count;
};
void rtt_add(struct rtt *r, int64_t ns);
/* The round trip that this share (0..100) of all stays within, rounded up to its bin's edge; 0 without any.
 */
uint32_t rtt_percentile_ms(const struct rtt *r, unsigned per_cent);

/* Adds an exchange's outcome to the counters of its meter or bus. */
void stats_count(struct wire_counters *w, int rc, const struct exchange_reply *reply);

#endif
