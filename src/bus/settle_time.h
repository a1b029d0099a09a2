/* settle_time.h - when a meter's next settlement can be read.
 *
 * Units:   Unix milliseconds. Threads: pure.
 * Source:  DL/T 645-2007 04000B01 to 03 (settlement days); DOMAIN 4.3: an instant takes effect up to S + G
 *          late.
 */
#ifndef METERFLEET_BUS_SETTLE_TIME_H
#define METERFLEET_BUS_SETTLE_TIME_H

#include "tariff/tariff.h"

/* The first settlement instant + S + G that lies after utc_ms; INT64_MAX when the tariff names none. */
int64_t settle_time_next(const struct tariff *t, int64_t utc_ms);

#endif
