/* verify_row.h - what verification needs of one reading: its time, and the registers that came in one reply.
 *
 * Units:   10^-6 kWh or kvarh; time of the last character of the reply, window since the first of the
 * request. Threads: plain data.
 */
#ifndef METERFLEET_TARIFF_VERIFY_ROW_H
#define METERFLEET_TARIFF_VERIFY_ROW_H

#include <stdbool.h>
#include <stdint.h>
#include "core/quantity.h"

/* The block 0x0080 in its order: register e is quantity Q_ENERGY_FIRST + e. */
#define VERIFY_REGISTERS 14
enum verify_register {
    VR_TOTAL,
    VR_IMPORT,
    VR_EXPORT,    /* + 3 * kind */
    VR_RATES = 6, /* + 4 * kind + rate */
    VR_KINDS = 2  /* 0 active, 1 reactive */
};
#define VERIFY_SETTLEMENTS (SETTLEMENT_FAMILIES * SETTLEMENT_SLOTS)
#define VERIFY_ABSENT      INT64_MIN

struct verify_row {
    int64_t time_utc_ms;
    uint32_t window_ms;
    uint16_t has; /* bit per register */
    bool has_power;
    int64_t power_cw; /* active power, 0.01 W, when has_power */
    int64_t v[VERIFY_REGISTERS];
    const int64_t *settlement; /* VERIFY_SETTLEMENTS values (VERIFY_ABSENT: not read), or NULL */
};

static inline unsigned verify_total(unsigned kind)
{
    return 3 * kind + VR_TOTAL;
}
static inline unsigned verify_import(unsigned kind)
{
    return 3 * kind + VR_IMPORT;
}
static inline unsigned verify_export(unsigned kind)
{
    return 3 * kind + VR_EXPORT;
}
static inline unsigned verify_rate(unsigned kind, unsigned rate)
{
    return VR_RATES + 4 * kind + rate;
}
static inline bool verify_has(const struct verify_row *r, unsigned e)
{
    return (r->has >> e & 1u) != 0;
}

#endif
