/* decode.h - from the registers of a reply to a reading with canonical names, and what is not believed.
 *
 * A register's bytes may be whole (good CRC) and still wrong: NaN from an empty memory, zeros from a meter
 * that has just started, nonsense from a damaged one. What is billing data is refused whole: one impossible
 * energy, and the reply is dropped. Of live values, and of single settlement slots (memory of months before
 * the meter was there), only the impossible value is left out; a reading of which nothing is left is none.
 *
 * Zeros: a meter that ever showed energy and now says 0 everywhere is not believed until it counts up again,
 * and neither is one we know nothing of yet, unless a whole sweep agrees that it is new (then: quality
 * suspect).
 *
 * Units:   scaled integers of the quantity's decimals (quantity.h).
 * Errors:  RC_PARSE: the reply (or the reading) is not to be believed; counted in *rejects by its first
 *          reason. What was not believed, and why, stands in the reading (reading_rejected).
 * Threads: pure; a decode_state belongs to the meter's owner.
 * Source:  DOMAIN 4.2 (plausibility), INTERFACES 3 (names, one number everywhere), FAULTS W9.
 */
#ifndef METERFLEET_CORE_DECODE_H
#define METERFLEET_CORE_DECODE_H

#include "core/reading.h"
#include "core/regmap.h"
#include "core/span.h"

/* May total and rates be negative (combined rule import − export)? AUTO: when the reply itself shows that
 * total is import − export. */
enum decode_net { DECODE_NET_AUTO, DECODE_NET_YES, DECODE_NET_NO };

struct decode_rejects {
    uint64_t not_a_number, range, zero;
};

/* What is known of a meter from its earlier readings. Zero-initialised: nothing. */
struct decode_state {
    enum decode_net net;
    bool had_energy;        /* some cumulative register was seen above zero */
    bool swept_zero;        /* a whole sweep was zero while had_energy was false: a new meter */
    uint16_t families_seen; /* bit f: settlement family f was seen with a value other than zero */
    uint8_t zero_sweeps;    /* sweeps refused in a row because whole families turned zero */
};

/* The 32 bits of two registers whose bytes a, b, c, d stand in this order. */
uint32_t decode_word32(const uint16_t w[2], enum word_order order);

/* Adds the values of one reply (the registers of span s) that belong to `classes` to *out, which has room for
 * them (span_values). */
int decode_regs(const struct regmap *m, unsigned classes, const struct span *s, const uint16_t *regs,
                struct reading *out, struct decode_rejects *rejects);

/* Judges a reading once it is complete, sets its quality, and learns from it. */
int decode_finish(struct decode_state *state, struct reading *r, struct decode_rejects *rejects);

#endif
