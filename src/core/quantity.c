/* quantity.c - the catalogue of quantities, one row each. */
#include "core/quantity.h"

#include <assert.h>
#include <string.h>

/* clang-format off */
#define LIVE(u, d)        .unit = (u), .decimals = (d), .klass = CLASS_LIVE
#define LIVE_SIGNED(u, d) LIVE(u, d), .may_be_negative = true
#define DEMAND            .unit = "VA", .decimals = 2, .klass = CLASS_DEMAND
#define ENERGY(u)         .unit = (u), .decimals = 6, .klass = CLASS_ENERGY
#define NET(u)            ENERGY(u), .may_be_net = true
#define PLAIN(c)          .unit = "", .decimals = 0, .klass = (c)

/* slot is a string literal for an array, which C does not allow in parentheses */
#define SLOT(family, slot, at, u)                                                                                 \
    [Q_SETTLEMENT_FIRST + (family) * SETTLEMENT_SLOTS + (at)] = {                                                 \
        .name = slot /* NOLINT(bugprone-macro-parentheses) */, .unit = (u), .decimals = 6,                        \
        .klass = CLASS_SETTLEMENT, .may_be_net = true}
#define FAMILY(family, word, u)                                                                                    \
    SLOT(family, word "_month", 0, u), SLOT(family, word "_prev01", 1, u), SLOT(family, word "_prev02", 2, u),     \
    SLOT(family, word "_prev03", 3, u), SLOT(family, word "_prev04", 4, u), SLOT(family, word "_prev05", 5, u),    \
    SLOT(family, word "_prev06", 6, u), SLOT(family, word "_prev07", 7, u), SLOT(family, word "_prev08", 8, u),    \
    SLOT(family, word "_prev09", 9, u), SLOT(family, word "_prev10", 10, u), SLOT(family, word "_prev11", 11, u),  \
    SLOT(family, word "_prev12", 12, u)
#define FAMILY_PAIR(family, rate)                                                                                  \
    FAMILY(family, "active_energy_" rate, "kWh"), FAMILY((family) + 1, "reactive_energy_" rate, "kvarh")

static const struct quantity catalogue[Q_COUNT] = {
    [Q_VOLTAGE]        = {.name = "voltage", LIVE("V", 3)},
    [Q_CURRENT]        = {.name = "current", LIVE("A", 3)},
    [Q_ACTIVE_POWER]   = {.name = "active_power", LIVE_SIGNED("W", 2)},
    [Q_REACTIVE_POWER] = {.name = "reactive_power", LIVE_SIGNED("var", 2)},
    [Q_APPARENT_POWER] = {.name = "apparent_power", LIVE("VA", 2)},
    [Q_POWER_FACTOR]   = {.name = "power_factor", LIVE_SIGNED("1", 4)},
    [Q_FREQUENCY]      = {.name = "frequency", LIVE("Hz", 4)},

    [Q_VOLTAGE_L1]        = {.name = "voltage_l1", LIVE("V", 3)},
    [Q_VOLTAGE_L2]        = {.name = "voltage_l2", LIVE("V", 3)},
    [Q_VOLTAGE_L3]        = {.name = "voltage_l3", LIVE("V", 3)},
    [Q_CURRENT_L1]        = {.name = "current_l1", LIVE("A", 3)},
    [Q_CURRENT_L2]        = {.name = "current_l2", LIVE("A", 3)},
    [Q_CURRENT_L3]        = {.name = "current_l3", LIVE("A", 3)},
    [Q_VOLTAGE_L12]       = {.name = "voltage_l12", LIVE("V", 3)},
    [Q_VOLTAGE_L23]       = {.name = "voltage_l23", LIVE("V", 3)},
    [Q_VOLTAGE_L31]       = {.name = "voltage_l31", LIVE("V", 3)},
    [Q_ACTIVE_POWER_L1]   = {.name = "active_power_l1", LIVE_SIGNED("W", 2)},
    [Q_ACTIVE_POWER_L2]   = {.name = "active_power_l2", LIVE_SIGNED("W", 2)},
    [Q_ACTIVE_POWER_L3]   = {.name = "active_power_l3", LIVE_SIGNED("W", 2)},
    [Q_REACTIVE_POWER_L1] = {.name = "reactive_power_l1", LIVE_SIGNED("var", 2)},
    [Q_REACTIVE_POWER_L2] = {.name = "reactive_power_l2", LIVE_SIGNED("var", 2)},
    [Q_REACTIVE_POWER_L3] = {.name = "reactive_power_l3", LIVE_SIGNED("var", 2)},
    [Q_APPARENT_POWER_L1] = {.name = "apparent_power_l1", LIVE("VA", 2)},
    [Q_APPARENT_POWER_L2] = {.name = "apparent_power_l2", LIVE("VA", 2)},
    [Q_APPARENT_POWER_L3] = {.name = "apparent_power_l3", LIVE("VA", 2)},
    [Q_POWER_FACTOR_L1]   = {.name = "power_factor_l1", LIVE_SIGNED("1", 4)},
    [Q_POWER_FACTOR_L2]   = {.name = "power_factor_l2", LIVE_SIGNED("1", 4)},
    [Q_POWER_FACTOR_L3]   = {.name = "power_factor_l3", LIVE_SIGNED("1", 4)},

    [Q_APPARENT_DEMAND]    = {.name = "apparent_demand", DEMAND},
    [Q_APPARENT_DEMAND_L1] = {.name = "apparent_demand_l1", DEMAND},
    [Q_APPARENT_DEMAND_L2] = {.name = "apparent_demand_l2", DEMAND},
    [Q_APPARENT_DEMAND_L3] = {.name = "apparent_demand_l3", DEMAND},

    [Q_ACTIVE_ENERGY_TOTAL]    = {.name = "active_energy_total", NET("kWh")},
    [Q_ACTIVE_ENERGY_IMPORT]   = {.name = "active_energy_import", ENERGY("kWh")},
    [Q_ACTIVE_ENERGY_EXPORT]   = {.name = "active_energy_export", ENERGY("kWh")},
    [Q_REACTIVE_ENERGY_TOTAL]  = {.name = "reactive_energy_total", NET("kvarh")},
    [Q_REACTIVE_ENERGY_IMPORT] = {.name = "reactive_energy_import", ENERGY("kvarh")},
    [Q_REACTIVE_ENERGY_EXPORT] = {.name = "reactive_energy_export", ENERGY("kvarh")},
    [Q_ACTIVE_ENERGY_SHARP]    = {.name = "active_energy_sharp", NET("kWh")},
    [Q_ACTIVE_ENERGY_PEAK]     = {.name = "active_energy_peak", NET("kWh")},
    [Q_ACTIVE_ENERGY_FLAT]     = {.name = "active_energy_flat", NET("kWh")},
    [Q_ACTIVE_ENERGY_VALLEY]   = {.name = "active_energy_valley", NET("kWh")},
    [Q_REACTIVE_ENERGY_SHARP]  = {.name = "reactive_energy_sharp", NET("kvarh")},
    [Q_REACTIVE_ENERGY_PEAK]   = {.name = "reactive_energy_peak", NET("kvarh")},
    [Q_REACTIVE_ENERGY_FLAT]   = {.name = "reactive_energy_flat", NET("kvarh")},
    [Q_REACTIVE_ENERGY_VALLEY] = {.name = "reactive_energy_valley", NET("kvarh")},

    [Q_ACTIVE_ENERGY_IMPORT_L1]   = {.name = "active_energy_import_l1", ENERGY("kWh")},
    [Q_ACTIVE_ENERGY_IMPORT_L2]   = {.name = "active_energy_import_l2", ENERGY("kWh")},
    [Q_ACTIVE_ENERGY_IMPORT_L3]   = {.name = "active_energy_import_l3", ENERGY("kWh")},
    [Q_ACTIVE_ENERGY_EXPORT_L1]   = {.name = "active_energy_export_l1", ENERGY("kWh")},
    [Q_ACTIVE_ENERGY_EXPORT_L2]   = {.name = "active_energy_export_l2", ENERGY("kWh")},
    [Q_ACTIVE_ENERGY_EXPORT_L3]   = {.name = "active_energy_export_l3", ENERGY("kWh")},
    [Q_REACTIVE_ENERGY_IMPORT_L1] = {.name = "reactive_energy_import_l1", ENERGY("kvarh")},
    [Q_REACTIVE_ENERGY_IMPORT_L2] = {.name = "reactive_energy_import_l2", ENERGY("kvarh")},
    [Q_REACTIVE_ENERGY_IMPORT_L3] = {.name = "reactive_energy_import_l3", ENERGY("kvarh")},
    [Q_REACTIVE_ENERGY_EXPORT_L1] = {.name = "reactive_energy_export_l1", ENERGY("kvarh")},
    [Q_REACTIVE_ENERGY_EXPORT_L2] = {.name = "reactive_energy_export_l2", ENERGY("kvarh")},
    [Q_REACTIVE_ENERGY_EXPORT_L3] = {.name = "reactive_energy_export_l3", ENERGY("kvarh")},

    FAMILY_PAIR(0, "combined"), FAMILY_PAIR(2, "sharp"), FAMILY_PAIR(4, "peak"),
    FAMILY_PAIR(6, "flat"), FAMILY_PAIR(8, "valley"),

    [Q_COMM_ADDRESS]  = {.name = "comm_address", PLAIN(CLASS_IDENTITY)},
    [Q_BAUD_CODE]     = {.name = "baud_code", PLAIN(CLASS_IDENTITY)},
    [Q_SERIAL_NUMBER] = {.name = "serial_number", PLAIN(CLASS_IDENTITY)},
    [Q_CLOCK]         = {.name = "clock", PLAIN(CLASS_IDENTITY)},
    [Q_RELAY_DO1]     = {.name = "relay_do1", PLAIN(CLASS_RELAY)},
};
/* clang-format on */

static const char *const class_names[CLASS_COUNT] = {
    [CLASS_LIVE] = "live",         [CLASS_ENERGY] = "energy",
    [CLASS_DEMAND] = "demand",     [CLASS_SETTLEMENT] = "settlement",
    [CLASS_IDENTITY] = "identity", [CLASS_RELAY] = "relay",
};

static const char *const rate_names[RATE_COUNT + 1] = {
    [RATE_SHARP] = "sharp",   [RATE_PEAK] = "peak",         [RATE_FLAT] = "flat",
    [RATE_VALLEY] = "valley", [RATE_COMBINED] = "combined",
};

static int find_name(const char *name, const char *const *names, int n)
{
    for (int i = 0; i < n; i++)
        if (strcmp(name, names[i]) == 0)
            return i;
    return -1;
}

const char *reg_class_name(enum reg_class c)
{
    assert((unsigned)c < CLASS_COUNT);
    return class_names[c];
}

int reg_class_find(const char *name)
{
    return find_name(name, class_names, CLASS_COUNT);
}

const char *rate_name(enum rate r)
{
    assert((unsigned)r <= RATE_COMBINED);
    return rate_names[r];
}

int rate_find(const char *name)
{
    return find_name(name, rate_names, RATE_COUNT);
}

const struct quantity *quantity_at(enum quantity_id q)
{
    assert((unsigned)q < Q_COUNT);
    return &catalogue[q];
}

int quantity_find(const char *name)
{
    for (int q = 0; q < Q_COUNT; q++)
        if (strcmp(name, catalogue[q].name) == 0)
            return q;
    return -1;
}
