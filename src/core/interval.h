/* interval.h - readings at any time into rows of a quarter of an hour, aligned to the meter's clock.
 *
 * What a register showed at an edge is drawn between the two readings around it, so that the rows of a day
 * add up to what the registers moved. Where those two lie further apart than three periods, the rows between
 * them are marked `estimated`: nobody knows when in an outage the energy was used. Across a fall of import or
 * export (a cleared or replaced meter) there is no row: a wrong kilowatt-hour is worse than a missing one.
 *
 * Every reading waits for the next one, as in the verdict: one that jumps and is taken back at once is a
 * glitch and counts for nothing. Power and voltage are those of the live readings inside the quarter.
 *
 * Units:   Unix milliseconds; energies 10^-6 kWh or kvarh, power 10^-2 W, voltage 10^-3 V (quantity.h).
 * Errors:  none.
 * Threads: pure.
 * Source:  INTERFACES 4, view `interval`; INTERFACES 8 (one row late).
 */
#ifndef METERFLEET_CORE_INTERVAL_H
#define METERFLEET_CORE_INTERVAL_H

#include <stdbool.h>
#include <stdint.h>
#include "core/reading.h"

#define INTERVAL_MS      900000
#define INTERVAL_LIVE    4   /* quarters whose live readings are remembered */
#define INTERVAL_FAR     3   /* periods between two readings: more is an outage */
#define INTERVAL_LONGEST 672 /* rows drawn over one outage: of one of more than a week nothing is said */

enum interval_register {
    INTERVAL_IMPORT,
    INTERVAL_EXPORT,
    INTERVAL_TOTAL,
    INTERVAL_REACTIVE,
    INTERVAL_SHARP,
    INTERVAL_PEAK,
    INTERVAL_FLAT,
    INTERVAL_VALLEY,
    INTERVAL_REGISTERS
};

struct interval_point { /* what the registers showed */
    int64_t ts_ms;      /* 0: none */
    uint16_t has;       /* bit i: value i is there */
    int64_t value[INTERVAL_REGISTERS];
};

struct interval_live {
    int64_t start_ms; /* 0: none */
    uint32_t n;       /* of power */
    int64_t power_sum, power_max;
    int64_t voltage_min, voltage_max; /* 0: none */
};

struct interval_row {
    int64_t start_ms;
    bool estimated;
    uint16_t has;
    int64_t moved[INTERVAL_REGISTERS];
    struct interval_live live; /* n 0: no power; voltage_max 0: no voltage */
};

struct interval {                        /* zero-initialised: nothing is known */
    struct interval_point last, pending; /* accepted; waits for the next */
    struct interval_point from; /* the edges between `from` and `last` are being walked: walk_ms is next */
    int64_t walk_ms;            /* 0: none */
    struct interval_point edge; /* at the beginning of the running quarter; ts_ms 0: not known */
    bool edge_estimated;
    struct interval_live live[INTERVAL_LIVE];
};

/* The quarter that an instant lies in: its beginning. */
int64_t interval_start(int64_t utc_ms, int32_t utc_offset_s);
/* An energy reading; then interval_next() until it is false. */
void interval_energy(struct interval *s, const struct reading *r, int32_t utc_offset_s);
bool interval_next(struct interval *s, uint32_t period_ms, struct interval_row *out);
void interval_live(struct interval *s, const struct reading *r, int32_t utc_offset_s);

#endif
