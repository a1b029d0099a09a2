/* learn.h - the day tables a meter really runs, as far as its movements prove them.
 *
 * For each day table of the configured calendar (so for each type of day), a switch from one rate to another
 * lies between the last movement of the one and the first of the other; the same switch on other days narrows
 * it. It is proposed at the roundest minute within what is proven, never applied.
 *
 * Units:   milliseconds of the meter's day; minutes for proposals.
 * Errors:  RC_NOMEM.
 * Threads: pure.
 * Source:  DOMAIN 4.5 ("Learning a table").
 */
#ifndef METERFLEET_TARIFF_LEARN_H
#define METERFLEET_TARIFF_LEARN_H

#include <stdbool.h>
#include "tariff/evidence.h"
#include "tariff/tariff.h"

#define LEARN_SWITCHES                                                                                       \
    28 /* twice what a table can hold: a table that changed within the record shows both                     \
        */

struct learned_switch {
    uint8_t from, to;     /* enum rate */
    uint32_t days;        /* on how many days it was seen */
    int64_t lo_ms, hi_ms; /* proven: the meter's own clock was between these when it switched */
    uint16_t minute;      /* proposed start of the period */
};
struct learned_table {
    uint8_t table; /* 1..8, as the configured calendar calls this type of day */
    uint8_t table_set;
    uint32_t days; /* days with any movement */
    uint8_t rates; /* rates seen */
    bool closed;   /* the switches make a whole day: each begins where the one before ended */
    uint8_t n;
    struct learned_switch change[LEARN_SWITCHES]; /* ascending by minute */
};
struct learned {
    uint8_t n;
    struct learned_table table[2 * TARIFF_TABLES];
};

/* skew_lo, skew_hi: what is known of the meter's clock (minus true time); +-S when nothing is. */
void learn_tables(const struct tariff *t, const struct evidence_list *evidence, int64_t skew_lo_ms,
                  int64_t skew_hi_ms, struct learned *out);

/* One difference between what was learned and what is configured, in words; false when there is no more. Only
 * of tables whose switches make a whole day: a day with unproven parts proves none. *cursor begins at 0. */
#define LEARN_TEXT 160
bool learn_difference(const struct tariff *t, const struct learned *l, size_t *cursor, char out[LEARN_TEXT]);

#endif
