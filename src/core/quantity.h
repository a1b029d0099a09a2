/* quantity.h - every quantity a shipped meter model can give: its canonical name, unit and decimals.
 *
 * The catalogue is what "normalised" means: whatever the model, a value of one of these names has this
 * sign, scale and unit, in the database, on the broker, in CSV and on the screen. Model files may only use
 * these names; the columns of the database views are made from it.
 *
 * Units:   V A W var VA 1 Hz kWh kvarh; decimals: energies 6, V and A 3, W var VA 2, Hz and PF 4.
 * Threads: constant data.
 * Source:  names: the `name` column of the KPM31 register map (tests/data/kpm31-registers.tsv), KPM33B manual
 *          V3.4; decimals: INTERFACES 3; term "quantity": IEC 62056-6-1 (OBIS value group C/D).
 */
#ifndef METERFLEET_CORE_QUANTITY_H
#define METERFLEET_CORE_QUANTITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum reg_class { CLASS_LIVE, CLASS_ENERGY, CLASS_DEMAND, CLASS_SETTLEMENT, CLASS_IDENTITY, CLASS_RELAY, CLASS_COUNT };
const char *reg_class_name(enum reg_class c); /* "live" … */
int reg_class_find(const char *name);         /* enum reg_class or -1 */

/* The four rates in DL/T 645 order, and the combined value of a settlement family. */
enum rate { RATE_SHARP, RATE_PEAK, RATE_FLAT, RATE_VALLEY, RATE_COUNT, RATE_COMBINED = RATE_COUNT };
const char *rate_name(enum rate r); /* "sharp" … "combined" */
int rate_find(const char *name);    /* enum rate (0..3) or -1 */

#define SETTLEMENT_FAMILIES 10 /* combined act, combined react, sharp act, sharp react, peak …, flat …, valley … */
#define SETTLEMENT_SLOTS    13 /* 0 = this month, 1 … 12 = previous settlements */

enum quantity_id {
    /* live, single-phase and totals */
    Q_VOLTAGE, Q_CURRENT, Q_ACTIVE_POWER, Q_REACTIVE_POWER, Q_APPARENT_POWER, Q_POWER_FACTOR, Q_FREQUENCY,
    /* live, three-phase */
    Q_VOLTAGE_L1, Q_VOLTAGE_L2, Q_VOLTAGE_L3, Q_CURRENT_L1, Q_CURRENT_L2, Q_CURRENT_L3,
    Q_VOLTAGE_L12, Q_VOLTAGE_L23, Q_VOLTAGE_L31,
    Q_ACTIVE_POWER_L1, Q_ACTIVE_POWER_L2, Q_ACTIVE_POWER_L3,
    Q_REACTIVE_POWER_L1, Q_REACTIVE_POWER_L2, Q_REACTIVE_POWER_L3,
    Q_APPARENT_POWER_L1, Q_APPARENT_POWER_L2, Q_APPARENT_POWER_L3,
    Q_POWER_FACTOR_L1, Q_POWER_FACTOR_L2, Q_POWER_FACTOR_L3,
    /* demand */
    Q_APPARENT_DEMAND, Q_APPARENT_DEMAND_L1, Q_APPARENT_DEMAND_L2, Q_APPARENT_DEMAND_L3,
    /* cumulative energy; the first 14 are the block 0x0080 in its order */
    Q_ENERGY_FIRST,
    Q_ACTIVE_ENERGY_TOTAL = Q_ENERGY_FIRST, Q_ACTIVE_ENERGY_IMPORT, Q_ACTIVE_ENERGY_EXPORT,
    Q_REACTIVE_ENERGY_TOTAL, Q_REACTIVE_ENERGY_IMPORT, Q_REACTIVE_ENERGY_EXPORT,
    Q_ACTIVE_ENERGY_SHARP, Q_ACTIVE_ENERGY_PEAK, Q_ACTIVE_ENERGY_FLAT, Q_ACTIVE_ENERGY_VALLEY,
    Q_REACTIVE_ENERGY_SHARP, Q_REACTIVE_ENERGY_PEAK, Q_REACTIVE_ENERGY_FLAT, Q_REACTIVE_ENERGY_VALLEY,
    Q_ACTIVE_ENERGY_IMPORT_L1, Q_ACTIVE_ENERGY_IMPORT_L2, Q_ACTIVE_ENERGY_IMPORT_L3,
    Q_ACTIVE_ENERGY_EXPORT_L1, Q_ACTIVE_ENERGY_EXPORT_L2, Q_ACTIVE_ENERGY_EXPORT_L3,
    Q_REACTIVE_ENERGY_IMPORT_L1, Q_REACTIVE_ENERGY_IMPORT_L2, Q_REACTIVE_ENERGY_IMPORT_L3,
    Q_REACTIVE_ENERGY_EXPORT_L1, Q_REACTIVE_ENERGY_EXPORT_L2, Q_REACTIVE_ENERGY_EXPORT_L3,
    Q_ENERGY_END,
    /* settlement: family * 13 + slot */
    Q_SETTLEMENT_FIRST = Q_ENERGY_END,
    Q_SETTLEMENT_END = Q_SETTLEMENT_FIRST + SETTLEMENT_FAMILIES * SETTLEMENT_SLOTS,
    /* identity and relay */
    Q_COMM_ADDRESS = Q_SETTLEMENT_END, Q_BAUD_CODE, Q_SERIAL_NUMBER, Q_CLOCK, Q_RELAY_DO1,
    Q_COUNT
};

struct quantity {
    char name[40];       /* "active_energy_sharp_prev03" */
    const char *unit;    /* "kWh"; "" where there is none */
    enum reg_class klass; /* the class it usually belongs to; a model may say otherwise */
    uint8_t decimals;     /* the value is an integer of 10^-decimals units */
    bool may_be_negative; /* of every meter: power and power factor */
    bool may_be_net;      /* of a meter whose combined rule is import - export it may fall, and be negative */
};

/* The catalogue row of q, 0 <= q < Q_COUNT. */
const struct quantity *quantity_at(enum quantity_id q);
int quantity_find(const char *name); /* enum quantity_id or -1 */

/* The parts of a settlement quantity: family 0..9, rate (RATE_COMBINED for 0 and 1), slot 0..12. */
static inline bool quantity_is_energy(int q)
{
    return q >= Q_ENERGY_FIRST && q < Q_ENERGY_END;
}
static inline bool quantity_is_settlement(int q)
{
    return q >= Q_SETTLEMENT_FIRST && q < Q_SETTLEMENT_END;
}
static inline unsigned quantity_family(int q)
{
    return (unsigned)(q - Q_SETTLEMENT_FIRST) / SETTLEMENT_SLOTS;
}
static inline unsigned quantity_slot(int q)
{
    return (unsigned)(q - Q_SETTLEMENT_FIRST) % SETTLEMENT_SLOTS;
}
static inline int quantity_settlement(unsigned family, unsigned slot)
{
    return Q_SETTLEMENT_FIRST + (int)(family * SETTLEMENT_SLOTS + slot);
}
static inline bool quantity_family_is_reactive(unsigned family)
{
    return family % 2 == 1;
}
static inline enum rate quantity_family_rate(unsigned family)
{
    return family < 2 ? RATE_COMBINED : (enum rate)(family / 2 - 1);
}

#endif
