/* span.h - group the registers wanted from one meter into Modbus read requests.
 *
 * A request costs one round trip whatever its length, so neighbours are read together, and a small gap may be
 * read along rather than paid for with a second trip. A snapshot (registers that are compared with each
 * other) is never split, nor is any value; a family of settlement slots is split only when it does not fit
 * one request. So the 288 energy registers of a KPM31 become 106, 104 and 78 registers, cut between families.
 *
 * Neighbouring requests get different lengths where the registers allow it: a meter's late answer to the one
 * can then not pass for the answer to the next (LIBRARIES 1).
 *
 * A meter may refuse what the plan merged: registers it does not have between those it has (exception 2), or
 * the length (exception 3). span_plan_split() cuts one request where that costs least, and never a snapshot.
 *
 * Units:   addresses and lengths count 16-bit registers, never bytes.
 * Errors:  RC_RANGE: a snapshot or a value is longer than a request may be; RC_NOMEM. *out untouched.
 * Threads: a plan belongs to whoever made it; no locks, no globals, no I/O.
 * Source:  MODBUS Application Protocol V1.1b3, 6.3: one request reads 1 to 125 registers.
 */
#ifndef METERFLEET_CORE_SPAN_H
#define METERFLEET_CORE_SPAN_H

#include <stddef.h>
#include <stdint.h>
#include "core/regmap.h"

#define SPAN_MOST_REGS 125

struct span {
    uint16_t address, len_regs;
};

struct span_limits {
    uint16_t most_regs; /* longest request; 0: the model's own limit */
    uint16_t gap_regs;  /* unused registers that may be read along; never a denied one */
};

struct span_plan {
    unsigned classes; /* as asked for */
    size_t n;
    struct span spans[];
};

#define SPAN_CLASS(klass) (1u << (klass))
/* A sweep reads the cumulative registers along with the settlement slots, which are compared with them. */
#define SPAN_SWEEP        (SPAN_CLASS(CLASS_ENERGY) | SPAN_CLASS(CLASS_SETTLEMENT))

/* classes: bits SPAN_CLASS(…). Relay coils are no registers: they add nothing. limits NULL: the model's, no
 * gaps. */
int span_plan_new(const struct regmap *m, unsigned classes, const struct span_limits *limits,
                  struct span_plan **out);
/* The same with request k cut in two: at its widest gap, else near its middle. RC_RANGE: it is one piece. */
int span_plan_split(const struct regmap *m, const struct span_plan *plan, size_t k, struct span_plan **out);
/* Leaves out request k. */
void span_plan_drop(struct span_plan *plan, size_t k);
void span_plan_free(struct span_plan *plan); /* NULL is fine */
/* Registers of these classes, for reading_new(). */
size_t span_values(const struct regmap *m, unsigned classes);
/* The cheapest question that proves a meter alive: one value, or (longer) two; for a model without registers
 * 0 regs. */
struct span span_probe(const struct regmap *m, bool longer);

#endif
