/* model_keys.h - every key of a model file, as rows; order of the rows and of the enums is the same.
 *
 * Parser, error messages and the reference in doc/configuration.md all come from these rows.
 *
 * Units:   as the help texts say; addresses are protocol addresses (the first register is 0).
 * Threads: constant data.
 * Source:  INTERFACES 3.
 */
#ifndef METERFLEET_CONFIG_MODEL_KEYS_H
#define METERFLEET_CONFIG_MODEL_KEYS_H

#include "config/model_tree.h"

enum {
    TOP_MODEL,
    TOP_TITLE,
    TOP_EXTENDS,
    TOP_MAX_REGISTERS,
    TOP_WORD_ORDER,
    TOP_RATED_VOLTAGE,
    TOP_RATED_CURRENT,
    TOP_PULSES,
    TOP_ACCURACY,
    TOP_DUAL_SOURCE,
    TOP_ODD_FLOATS,
    TOP_SERIAL,
    TOP_RELAY,
    TOP_COMMISSION,
    TOP_DENIED,
    TOP_REGISTERS,
    TOP_FAMILIES,
    TOP_SNAPSHOTS,
    TOP_KEYS
};
enum { SERIAL_BAUD, SERIAL_PARITY, SERIAL_STOP_BITS, SERIAL_KEYS };
enum { RELAY_COIL, RELAY_NAME, RELAY_OBIS, RELAY_KEYS };
enum {
    COMMISSION_NAME,
    COMMISSION_ADDRESS,
    COMMISSION_MIN,
    COMMISSION_MAX,
    COMMISSION_CODES,
    COMMISSION_KEYS
};
enum { DENIED_NAME, DENIED_ADDRESS, DENIED_REGISTERS, DENIED_KEYS };
enum { REG_NAME, REG_ADDRESS, REG_TYPE, REG_REGISTERS, REG_UNIT, REG_SCALE, REG_CLASS, REG_OBIS, REG_KEYS };
enum {
    FAMILY_NAME,
    FAMILY_ADDRESS,
    FAMILY_TYPE,
    FAMILY_REGISTERS,
    FAMILY_UNIT,
    FAMILY_SCALE,
    FAMILY_CLASS,
    FAMILY_OBIS,
    FAMILY_OBIS_MONTH,
    FAMILY_RATES,
    FAMILY_RATE_STEP,
    FAMILY_SLOTS,
    FAMILY_SLOT_STEP,
    FAMILY_KEYS
};
enum { SNAPSHOT_ADDRESS, SNAPSHOT_REGISTERS, SNAPSHOT_KEYS };

extern const struct tree_key model_top_keys[TOP_KEYS];
extern const struct tree_key model_serial_keys[SERIAL_KEYS];
extern const struct tree_key model_relay_keys[RELAY_KEYS];
extern const struct tree_key model_commission_keys[COMMISSION_KEYS];
extern const struct tree_key model_denied_keys[DENIED_KEYS];
extern const struct tree_key model_reg_keys[REG_KEYS];
extern const struct tree_key model_family_keys[FAMILY_KEYS];
extern const struct tree_key model_snapshot_keys[SNAPSHOT_KEYS];

/* All of them, for the manual. */
struct model_key_group {
    const char *title;
    const struct tree_key *keys;
    size_t n;
};
extern const struct model_key_group model_key_groups[];
extern const size_t n_model_key_groups;

#endif
