/* freeze_rules.h - one sweep as freeze.c prepares it for the rules F1 to F7, and the rules.
 *
 * Threads: within struct verify's owner.
 * Source:  DOMAIN 4.6.
 */
#ifndef METERFLEET_TARIFF_FREEZE_RULES_H
#define METERFLEET_TARIFF_FREEZE_RULES_H

#include "tariff/freeze.h"
#include "tariff/verify.h"

struct freeze_sweep {
    const int64_t *value; /* VERIFY_SETTLEMENTS */
    int64_t lo_utc_ms, time_utc_ms;
    unsigned expected; /* settlement instants since the sweep before */
    int64_t live_lo[SETTLEMENT_FAMILIES], live_hi[SETTLEMENT_FAMILIES]; /* VERIFY_ABSENT: unknown */
};

/* Compares with the sweep before (freeze.given) and within itself; tells what breaks. */
void freeze_check(struct verify *v, const struct verify_row *p, const struct freeze_sweep *s);
/* An event of severity error for one settlement register (-1: the block as a whole). */
void freeze_tell(struct verify *v, const struct verify_row *p, enum verify_rule rule, int index,
                 int64_t excess, int32_t cause);

#endif
