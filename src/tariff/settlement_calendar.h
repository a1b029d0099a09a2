/* settlement_calendar.h - the settlement instants of a meter, walked backwards, and the names of the periods
 * they end.
 *
 * A meter freezes its registers at each settlement instant (day and hour of its own clock, up to three a
 * month) and shifts what it had. The slot "previous n" therefore means the period that ended at the n-th
 * instant before now. October's energy has the period end "2026-11-01"; where the hour is not 00,
 * "2026-11-01T08".
 *
 * Units:   local milliseconds are the meter's civil time, as in calendar.h.
 * Errors:  none; a tariff without settlement days is taken as "1 00:00".
 * Threads: pure.
 * Source:  DL/T 645-2007 04000B01…03 (settlement days DDhh); INTERFACES 4 (period_end); DOMAIN 4.6.
 */
#ifndef METERFLEET_TARIFF_SETTLEMENT_CALENDAR_H
#define METERFLEET_TARIFF_SETTLEMENT_CALENDAR_H

#include <stdbool.h>
#include "tariff/tariff.h"

/* The newest settlement instant at or before a local instant. */
int64_t settlement_at_or_before(const struct tariff *t, int64_t local_ms);
/* The instant before a settlement instant, and the one after. */
int64_t settlement_before(const struct tariff *t, int64_t instant_local_ms);
int64_t settlement_after(const struct tariff *t, int64_t local_ms);
/* True when [lo, hi] comes within S + G of a settlement instant: which period a slot means is then open. */
bool settlement_near(const struct tariff *t, int64_t lo_local_ms, int64_t hi_local_ms);

#define SETTLEMENT_NAME 24
void settlement_name(int64_t instant_local_ms, char out[SETTLEMENT_NAME]);

#endif
