/* resolution.h - how finely a register counts, learned from its own values, and how far a value may be off.
 *
 * Nothing in the meter's map says whether it shows 0.1, 0.01 or 0.000625 kWh. The step r is learned per
 * register as the largest candidate of which every accepted value is a multiple (within one float32 ULP); one
 * value off the grid does not make it finer, several do. Too large an r only weakens a test, it never makes
 * it unsound.
 *
 * Units:   10^-6 kWh or kvarh.
 * Threads: plain data, one owner; can be copied and saved as it is.
 * Source:  DOMAIN 4.2; pulse constant 1600 imp/kWh: KPM31 manual, display and pulse output (4.3).
 */
#ifndef METERFLEET_TARIFF_RESOLUTION_H
#define METERFLEET_TARIFF_RESOLUTION_H

#include <stdbool.h>
#include <stdint.h>

#define RESOLUTION_CANDIDATES 9
#define RESOLUTION_PULSE      625 /* 1/1600 kWh: a residue below one pulse may stay in every rate */
#define RESOLUTION_INCREMENTS 50  /* movements seen before a step counts as known */
#define RESOLUTION_MISFITS    3   /* distinct values off a grid that rule it out */

struct resolution {
    int64_t last; /* newest accepted value, INT64_MIN: none */
    int64_t step; /* as resolution_step() says */
    uint16_t increments;
    uint8_t misfit[RESOLUTION_CANDIDATES];
};

void resolution_init(struct resolution *r);
/* An accepted value; repeated equal values count once. */
void resolution_add(struct resolution *r, int64_t value);
/* The step: one of 10, 1, 0.5, 0.25, 0.2, 0.1, 0.01, 0.001 kWh or one pulse. */
static inline int64_t resolution_step(const struct resolution *r)
{
    return r->step;
}
/* The largest step of which both values are multiples: not the register's, but never finer than that. */
int64_t resolution_of_pair(int64_t a, int64_t b);
bool resolution_known(const struct resolution *r);

/* float32's unit in the last place at a value, rounded up to 10^-6. */
static inline int64_t resolution_ulp(int64_t value)
{
    uint64_t kwh = (uint64_t)(value < 0 ? -value : value) / 1000000u;
    if (kwh < 8)
        return 1;                             /* 2^-20 kWh and less */
    int exponent = 63 - __builtin_clzll(kwh); /* 2^exponent <= kwh, so ULP = 2^(exponent - 23) kWh */
    return exponent >= 23 ? 1000000LL << (exponent - 23) : (1000000LL >> (23 - exponent)) + 1;
}
/* Q(v) = r + ULP(v) + 10^-6: the true register lies within Q of the value. */
static inline int64_t resolution_q(const struct resolution *r, int64_t value)
{
    return r->step + resolution_ulp(value) + 1;
}

#endif
