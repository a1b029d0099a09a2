/* dense_time.h - when a meter's energy is worth reading densely: around the boundaries of its rates.
 *
 * A boundary takes effect up to S before or after its nominal time, and firmware lags; readings shortly
 * before and after it are what tells the meter's clock. Spans that touch are one.
 *
 * Units:   Unix milliseconds; a span is [begin, end).
 * Threads: pure.
 * Source:  DOMAIN 4.5: every 11 to 13 s within +-(S + 120 s) of a boundary.
 */
#ifndef METERFLEET_BUS_DENSE_TIME_H
#define METERFLEET_BUS_DENSE_TIME_H

#include "tariff/tariff.h"

struct dense_span {
    int64_t begin_utc_ms, end_utc_ms;
};

/* The first span that is not over at utc_ms, of boundaries within two days; false: there is none (one rate
 * only, or a rate for days). */
bool dense_time_next(const struct tariff *t, int64_t utc_ms, struct dense_span *out);

#endif
