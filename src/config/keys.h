/* keys.h - every key of the site configuration, as rows: name, type, range, default, help.
 *
 * Parser, checker's messages and the reference in doc/configuration.md all come from these rows; a new
 * setting is a new row, its name in the enum, and the line that uses it. Rows and enums are in the same
 * order.
 *
 * Units:   durations are milliseconds, sizes bytes, shares hundredths of a per cent, as lo and hi are.
 * Threads: constant data.
 * Source:  INTERFACES 2.
 */
#ifndef METERFLEET_CONFIG_KEYS_H
#define METERFLEET_CONFIG_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum conf_type {
    CONF_TEXT,     /* free, at most hi bytes */
    CONF_NAME,     /* [A-Za-z0-9_-], '.' inside, at most 40 characters */
    CONF_LIST,     /* checked by the code that uses it; `form` says what it looks like */
    CONF_PATH,     /* of a file or directory that need not be there */
    CONF_FILE,     /* of a file that must be there */
    CONF_SECRET,   /* of a file that must be there and closed to others */
    CONF_DIR,      /* of a directory that must be there */
    CONF_TIMEZONE, /* must be in the system's time zone database */
    CONF_UINT,
    CONF_DURATION,
    CONF_SIZE,
    CONF_SHARE,
    CONF_BOOL,
    CONF_WORD /* one of `words` */
};

struct conf_key {
    const char *name; /* ending in N: numbered, 1 to `numbered` */
    enum conf_type type;
    bool required;
    bool or_zero; /* 0 besides lo..hi */
    uint16_t numbered;
    int64_t lo, hi;
    const char *const *words; /* NULL at the end */
    const char *fallback;     /* as text; NULL: none, what then holds is in the help */
    const char *form;         /* CONF_LIST: what it looks like */
    const char *help;
};

enum {
    GATEWAY_ID,
    GATEWAY_TIMEZONE,
    GATEWAY_CLOCK,
    GATEWAY_ON_FINDING,
    GATEWAY_MODELS,
    GATEWAY_CONTROL,
    GATEWAY_KEYS
};
enum {
    DATABASE_PATH,
    DATABASE_FLUSH,
    DATABASE_KEEP_LIVE,
    DATABASE_KEEP_ENERGY,
    DATABASE_MAX_SIZE,
    DATABASE_KEYS
};
enum {
    MQTT_URL,
    MQTT_CLIENT_ID,
    MQTT_USERNAME,
    MQTT_PASSWORD_FILE,
    MQTT_CA_FILE,
    MQTT_CERT_FILE,
    MQTT_KEY_FILE,
    MQTT_PREFIX,
    MQTT_HOMEASSISTANT,
    MQTT_COMMANDS,
    MQTT_KEYS
};
/* The six periods stand in the order of enum reg_class wherever they stand. */
enum { POLL_LIVE, POLL_KEYS = 6 };
enum {
    BUS_DEVICE,
    BUS_BAUD,
    BUS_PARITY,
    BUS_STOP_BITS,
    BUS_TIMEOUT,
    BUS_LATE,
    BUS_RETRIES,
    BUS_DEAD_SHARE,
    BUS_LIVE,
    BUS_KEYS = BUS_LIVE + POLL_KEYS
};
enum {
    METER_BUS,
    METER_MODEL,
    METER_TARIFF,
    METER_LABEL,
    METER_FREEZE_MODEL,
    METER_COMBINED,
    METER_DUAL_SOURCE,
    METER_LIVE,
    METER_RELAY = METER_LIVE + POLL_KEYS - 1, /* a period, or whether it may be switched */
    METER_OWN,
    METER_ADDRESS = METER_OWN, /* [meter] only */
    METER_SERIAL,
    METER_KEYS,
    METERS_ADDRESSES = METER_OWN, /* [meters] only */
    METERS_NAME,
    METERS_KEYS
};
enum {
    TARIFF_UTC_OFFSET,
    TARIFF_DAY,
    TARIFF_ZONES_1,
    TARIFF_DAY_2,
    TARIFF_ZONES_2,
    TARIFF_SWITCH_ZONES,
    TARIFF_SWITCH_DAYS,
    TARIFF_REST_DAYS,
    TARIFF_REST_TABLE,
    TARIFF_HOLIDAYS_0,
    TARIFF_HOLIDAYS_N,
    TARIFF_SETTLEMENT,
    TARIFF_RATES,
    TARIFF_CLOCK_TOLERANCE,
    TARIFF_SWITCHING_LAG,
    TARIFF_REGISTER_LAG,
    TARIFF_CLOCK_DRIFT,
    TARIFF_WRAP,
    TARIFF_KEYS
};

enum section_type {
    SECTION_GATEWAY,
    SECTION_DATABASE,
    SECTION_MQTT,
    SECTION_POLL,
    SECTION_BUS,
    SECTION_METER,
    SECTION_METERS,
    SECTION_TARIFF,
    SECTION_TYPES
};
#define CONF_KEYS_MOST 20 /* of one section type */

struct conf_section_type {
    const char *name;
    bool named; /* [bus NAME] */
    const struct conf_key *keys;
    size_t n;
    const char *help;
};
extern const struct conf_section_type conf_section_types[SECTION_TYPES];
extern const char *const conf_section_names[SECTION_TYPES];

#endif
