/* learn_windows.h - all that one day table must explain, and the simplest table that does.
 *
 * A movement of rate i says that i was in force somewhere within some minutes of the meter's day. Many days
 * of such windows, laid over one another, leave little room: the simplest table is the one with the fewest
 * switch-overs that has, in every window, a minute of the window's rate. Built from the left it has each
 * switch-over at its latest minute, built from the right at its earliest: what lies between is proven.
 *
 * Units:   minutes of the meter's day, 0 to 1439.
 * Errors:  none.
 * Threads: plain data, one owner; 11.5 KB.
 * Source:  DOMAIN 4.5 ("Learning a table").
 */
#ifndef METERFLEET_TARIFF_LEARN_WINDOWS_H
#define METERFLEET_TARIFF_LEARN_WINDOWS_H

#include <stdbool.h>
#include <stdint.h>
#include "core/quantity.h"

#define LEARN_DAY  1440
#define LEARN_RUNS 15 /* 14 periods, the last of them also before the first */

struct learn_windows {
    /* Where the shortest window of a rate that begins at a minute ends; LEARN_DAY: none begins there. */
    uint16_t end[RATE_COUNT][LEARN_DAY];
};
void learn_windows_init(struct learn_windows *w);
/* Each rate of the mask was in force somewhere in the minutes from first to last. */
void learn_windows_add(struct learn_windows *w, unsigned rates, unsigned first, unsigned last);
/* Has this day, a rate for each minute, a minute of the right rate in every window? */
bool learn_windows_hold(const struct learn_windows *w, const uint8_t day[LEARN_DAY]);

struct learn_run {
    uint8_t rate;
    uint16_t earliest, latest; /* the minute at which it begins; of the first run 0 */
};
struct learn_runs {
    uint8_t n; /* 0: no windows, or no table of LEARN_RUNS runs explains them (overflow) */
    bool overflow;
    bool sure; /* no other order of rates explains them with as few runs */
    struct learn_run run[LEARN_RUNS];
};
void learn_fit(const struct learn_windows *w, struct learn_runs *out);

#endif
