#include "config/model_keys.h"

static const char *const word_orders[] = {"abcd", "cdab", "badc", "dcba", NULL}; /* enum word_order */
static const char *const parities[] = {"even", "odd", "none", NULL};
static const char *const types[] = {"u16", "s16", "u32", "s32", "f32", "bcd", "text", "clock", NULL};
/* enum reg_class without relay: a relay is a coil, never a register */
static const char *const classes[] = {"live", "energy", "demand", "settlement", "identity", NULL};
static const char *const rates[] = {"sharp", "peak", "flat", "valley", "combined", NULL}; /* enum rate */
static const char *const commissions[] = {"address", "baud", NULL};

#define ADDRESS_MAX 65535

const struct tree_key model_top_keys[TOP_KEYS] = {
    {"model", TREE_TEXT, true, 1, 40, NULL, NULL, "name of the model, as `model =` in [meter] says it"},
    {"title", TREE_TEXT, false, 1, 63, NULL, "the model's name", "maker and type, for people"},
    {"extends", TREE_EXTENDS, false, 0, 0, NULL, NULL,
     "`true`: this file adds to, or overrides, the model of the same name; a name: a model of its own that "
     "begins "
     "as a copy of that one"},
    {"max_registers", TREE_INT, false, 1, 125, NULL, "125", "most registers the meter gives in one reply"},
    {"word_order", TREE_WORD, false, 0, 0, word_orders, "\"abcd\"",
     "order of the bytes of a 32-bit value on the wire; abcd is big-endian"},
    {"rated_voltage", TREE_MILLI, false, 0, 100000, NULL, "unknown", "V"},
    {"rated_current", TREE_MILLI, false, 0, 100000, NULL, "unknown",
     "A, the most the meter may carry; with the voltage it bounds what a meter can have counted"},
    {"pulses_per_kwh", TREE_INT, false, 0, 1000000, NULL, "unknown",
     "pulse constant; the smallest step of an energy"},
    {"accuracy_class", TREE_TEXT, false, 1, 7, NULL, "unknown", "as printed on the meter"},
    {"dual_source", TREE_BOOL, false, 0, 0, NULL, "false",
     "a second source is counted in registers that are not in the map: rate registers may not be compared"},
    {"odd_floats", TREE_BOOL, false, 0, 0, NULL, "false", "floats may start at odd addresses"},
    {"serial", TREE_GROUP, false, 0, 0, NULL, "unknown", "settings from the factory"},
    {"relay", TREE_GROUP, false, 0, 0, NULL, "no relay", "the only thing the daemon may ever write"},
    {"commission", TREE_LIST, false, 0, 0, NULL, "none", "what `meterfleet commission` may write"},
    {"denied", TREE_LIST, false, 0, 0, NULL, "none", "registers that are known and never read or written"},
    {"registers", TREE_LIST, false, 0, 0, NULL, "none", "one register a row"},
    {"families", TREE_LIST, false, 0, 0, NULL, "none", "many alike, at regular steps"},
    {"snapshots", TREE_LIST, false, 0, 0, NULL, "none", "blocks whose values must come from one reply"},
};

const struct tree_key model_serial_keys[SERIAL_KEYS] = {
    {"baud", TREE_INT, true, 300, 921600, NULL, NULL, "speed"},
    {"parity", TREE_WORD, true, 0, 0, parities, NULL, "parity"},
    {"stop_bits", TREE_INT, false, 1, 2, NULL, "1", "stop bits"},
};

const struct tree_key model_relay_keys[RELAY_KEYS] = {
    {"coil", TREE_INT, true, 0, ADDRESS_MAX, NULL, NULL,
     "coil that shows (FC01) and switches (FC05) the relay"},
    {"name", TREE_TEXT, false, 1, 39, NULL, "\"relay_do1\"", "canonical name"},
    {"obis", TREE_TEXT, false, 1, 19, NULL, "none", "OBIS code"},
};

const struct tree_key model_commission_keys[COMMISSION_KEYS] = {
    {"name", TREE_WORD, true, 0, 0, commissions, NULL, "what is set"},
    {"address", TREE_INT, true, 0, ADDRESS_MAX, NULL, NULL, "the register"},
    {"min", TREE_INT, false, 0, 65535, NULL, "0", "smallest value"},
    {"max", TREE_INT, false, 0, 65535, NULL, "65535", "largest value"},
    {"codes", TREE_TEXT, false, 3, 63, NULL, "a plain number",
     "\"1=1200 2=2400\": register values and what they mean"},
};

const struct tree_key model_denied_keys[DENIED_KEYS] = {
    {"name", TREE_TEXT, true, 1, 39, NULL, NULL, "what it is"},
    {"address", TREE_INT, true, 0, ADDRESS_MAX, NULL, NULL, "first register"},
    {"registers", TREE_INT, false, 1, 125, NULL, "1", "how many"},
};

#define REG_ROWS                                                                                             \
    {"type", TREE_WORD, true, 0, 0, types, NULL, "encoding"},                                                \
        {"registers",                                                                                        \
         TREE_INT,                                                                                           \
         false,                                                                                              \
         1,                                                                                                  \
         16,                                                                                                 \
         NULL,                                                                                               \
         "1 or 2, as the type says",                                                                         \
         "length; needed for bcd (1 to 4), text (1 to 11), clock (3 to 7)"},                                 \
        {"unit",                                                                                             \
         TREE_TEXT,                                                                                          \
         false,                                                                                              \
         1,                                                                                                  \
         7,                                                                                                  \
         NULL,                                                                                               \
         "the quantity's",                                                                                   \
         "for the reader; must be the unit of the quantity, other units are reached by `scale`"},            \
        {"scale", TREE_SCALE, false, 0,                                                                      \
         0,       NULL,       "1",   "integers and bcd: value × scale is in the quantity's unit"},           \
        {"class", TREE_WORD, false, 0, 0, classes, "the quantity's", "how often it is read, see [poll]"},    \
    {                                                                                                        \
        "obis", TREE_TEXT, false, 1, 39, NULL, "none",                                                       \
            "OBIS code; in families {e} is the rate's number (combined 0), {f} 100 + slot"                   \
    }

const struct tree_key model_reg_keys[REG_KEYS] = {
    {"name", TREE_TEXT, true, 1, 39, NULL, NULL, "canonical name of the quantity"},
    {"address", TREE_INT, true, 0, ADDRESS_MAX, NULL, NULL, "first register"},
    REG_ROWS,
};

const struct tree_key model_family_keys[FAMILY_KEYS] = {
    {"name", TREE_TEXT, true, 1, 63, NULL, NULL,
     "canonical names with {rate} (a word of `rates`) and {slot} (month, prev01, prev02, …)"},
    {"address", TREE_INT, true, 0, ADDRESS_MAX, NULL, NULL, "first register of the first rate and slot"},
    REG_ROWS,
    {"obis_month", TREE_TEXT, false, 1, 39, NULL, "as `obis`", "OBIS code of the slot month"},
    {"rates", TREE_WORDS, false, 0, 0, rates, "none", "in the order of their addresses"},
    {"rate_step", TREE_INT, false, 1, 10000, NULL, "the type's length",
     "registers from one rate to the next"},
    {"slots", TREE_INT, false, 1, 13, NULL, "1", "month and previous settlements"},
    {"slot_step", TREE_INT, false, 1, 10000, NULL, "the type's length",
     "registers from one slot to the next"},
};

const struct tree_key model_snapshot_keys[SNAPSHOT_KEYS] = {
    {"address", TREE_INT, true, 0, ADDRESS_MAX, NULL, NULL, "first register"},
    {"registers", TREE_INT, true, 1, 125, NULL, NULL, "how many"},
};

const struct model_key_group model_key_groups[] = {
    {"top level", model_top_keys, TOP_KEYS},      {"serial", model_serial_keys, SERIAL_KEYS},
    {"relay", model_relay_keys, RELAY_KEYS},      {"commission", model_commission_keys, COMMISSION_KEYS},
    {"denied", model_denied_keys, DENIED_KEYS},   {"registers", model_reg_keys, REG_KEYS},
    {"families", model_family_keys, FAMILY_KEYS}, {"snapshots", model_snapshot_keys, SNAPSHOT_KEYS},
};
const size_t n_model_key_groups = sizeof model_key_groups / sizeof model_key_groups[0];
