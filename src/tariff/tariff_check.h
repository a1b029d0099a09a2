/* tariff_check.h - is a tariff one that a meter could hold, and if not, why not, in words for its author.
 *
 * A table with a gap or a wrong order is not refused by every meter: some fill it, some switch multi-rate off
 * and book everything to rate 1. So the daemon's own text must be beyond doubt before a meter is judged by
 * it.
 *
 * Units:   as tariff.h. A fault names the configuration key it belongs to, as in [tariff …].
 * Errors:  none; faults go to the callback one by one, all of them.
 * Threads: pure.
 * Source:  DOMAIN 1.3; DL/T 645-2007 (up to 14 zones, 8 day tables, 14 periods, 254 holidays).
 */
#ifndef METERFLEET_TARIFF_TARIFF_CHECK_H
#define METERFLEET_TARIFF_TARIFF_CHECK_H

#include <stdbool.h>
#include "tariff/tariff.h"

struct tariff_fault {
    char key[16]; /* "day 3", "zones.2", "holidays" … */
    int holiday;  /* index of the holiday meant, or -1 */
    bool warning; /* allowed, but hardly meant */
    char text[160];
};
typedef void tariff_fault_report(void *arg, const struct tariff_fault *fault);

/* The number of faults that are no warnings; 0: sound. */
unsigned tariff_check(const struct tariff *t, tariff_fault_report *report, void *arg);

#endif
