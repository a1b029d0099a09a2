/* freeze.h - the settlement block against itself, the calendar and the running registers: F1 to F7.
 *
 * A sweep is this month's register and twelve frozen ones of ten families. Between settlement instants the
 * frozen ones must not change, at an instant all families shift by one, and what is frozen must agree with
 * what was counted. Whether they hold consumption (period) or readings (cumulative) is decided from the data,
 * never guessed. A sweep within S + G of an instant is void: the meter may roll over while it is read.
 *
 * Units:   10^-6 kWh or kvarh, milliseconds UTC.
 * Threads: plain data inside struct verify's memory.
 * Source:  DOMAIN 4.6.
 */
#ifndef METERFLEET_TARIFF_FREEZE_H
#define METERFLEET_TARIFF_FREEZE_H

#include <stdbool.h>
#include <stdint.h>
#include "tariff/rules.h"
#include "tariff/verify_row.h"

struct verify;

/* The registers behind the families, just before (at most B - S) and after (at least B + S + G) an instant B.
 */
struct freeze_mark {
    int64_t instant_utc_ms; /* VERIFY_ABSENT: none */
    int64_t before[SETTLEMENT_FAMILIES], after[SETTLEMENT_FAMILIES];
};

struct freeze {
    uint8_t given;
    uint8_t model;            /* enum freeze_model as decided from the data, FREEZE_AUTO: undetermined */
    uint8_t same[RATE_COUNT]; /* sweeps in which month and cumulative register of a rate were identical */
    int64_t time_utc_ms, lo_utc_ms; /* the last accepted sweep */
    int64_t value[VERIFY_SETTLEMENTS];
    int64_t live_lo[SETTLEMENT_FAMILIES],
        live_hi[SETTLEMENT_FAMILIES]; /* the registers were between these then */
    int64_t next_utc_ms;   /* the settlement instant we are walking towards; VERIFY_ABSENT: not yet known */
    int64_t before_utc_ms; /* time of the row in `before` */
    int64_t before[SETTLEMENT_FAMILIES];
    struct freeze_mark mark[2]; /* newest first */
    int64_t prior_utc_ms; /* the registers at the row before the newest: a sweep that is read right behind */
    int64_t prior[SETTLEMENT_FAMILIES]; /* the newest may be older than it, but not than this one */
};

void freeze_init(struct freeze *f);
bool freeze_valid(const struct freeze *f); /* ranges of a state that came from outside */
/* A new epoch: clear, replacement. The model decided so far stays for a clear. */
void freeze_reset(struct freeze *f, bool new_meter);
/* Every accepted row: remembers the registers around settlement instants (F4). */
void freeze_live(struct verify *v, const struct verify_row *p);
/* Every accepted row, when its sweep has been judged and its base is still the row before it. */
void freeze_follow(struct verify *v, const struct verify_row *p);
/* An accepted row with a settlement block, its base still the row before it; n is its next row, the witness.
 */
void freeze_sweep(struct verify *v, const struct verify_row *p, const struct verify_row *n);

/* The energy register of a family: total of its kind for the combined ones, else the rate. */
unsigned freeze_register(unsigned family);
/* Number of settlement instants B with lo < B <= hi; the first of them, if any, in *first. */
unsigned freeze_instants(const struct verify *v, int64_t lo_utc_ms, int64_t hi_utc_ms, int64_t *first);

#endif
