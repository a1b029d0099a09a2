/* skew.h - what the movements of the rate registers say of the meter's clock: an interval, never a guess.
 *
 * A movement of rate i between two replies proves that i was in force somewhere in their window O, so the
 * skew s (meter minus true time) lies in { s : the nominal schedule over [O.lo + s - G, O.hi + s] contains i
 * }. The skew is in the intersection over all movements, each widened by the drift since. Non-movement proves
 * nothing.
 *
 * Units:   milliseconds; s positive = the meter is fast. Windows are UTC.
 * Threads: plain data, one owner; can be saved as it is.
 * Source:  DOMAIN 4.5.
 */
#ifndef METERFLEET_TARIFF_SKEW_H
#define METERFLEET_TARIFF_SKEW_H

#include <stdbool.h>
#include <stdint.h>
#include "tariff/calendar.h"

#define SKEW_SPANS    16
#define SKEW_RANGE_MS 43200000 /* half a day each way: beyond it a clock is wrong by its date */

struct skew {
    int64_t at_utc_ms;      /* up to here the drift is in the spans; INT64_MIN: no evidence yet */
    int64_t emptied_utc_ms; /* when one clock ceased to explain the data; INT64_MIN: never */
    uint32_t emptied;       /* how often */
    uint8_t n;
    struct {
        int32_t lo, hi;
    } span[SKEW_SPANS]; /* ascending, apart */
};

void skew_init(struct skew *s);
/* Register of `rate` moved in the window [lo, hi]. lag_ms is G, drift_ms_day is rho. */
void skew_moved(struct skew *s, struct calendar *c, enum rate rate, int64_t lo_utc_ms, int64_t hi_utc_ms,
                int64_t lag_ms, int64_t drift_ms_day);
/* The hull of what is possible at `now`, widened by the drift since the last evidence: of the spans that
 * touch
 * [-tolerance, tolerance] if there are any, else of all. False without evidence or when no single clock
 * explains the data. */
bool skew_interval(const struct skew *s, int64_t now_utc_ms, int64_t drift_ms_day, int64_t tolerance_ms,
                   int64_t *lo_ms, int64_t *hi_ms);
/* Ranges of a state that came from outside. */
bool skew_valid(const struct skew *s);

#endif
