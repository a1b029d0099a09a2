/* settings.h - everything a site is configured with, checked, in one structure that does not change once
 * read.
 *
 * Made by settings_read() from the INI file, conf.d and the model files. All errors of all files are reported
 * in one run, each as "FILE:LINE: [section] key: what is wrong (did you mean …?)"; with any error there are
 * no settings. A reload reads a second structure and swaps it.
 *
 * Units:   milliseconds, bytes, hundredths of a per cent, as the names say. 0 in a poll period: class off.
 * Errors:  settings_read(): RC_OK, RC_PARSE (errors reported), RC_NOMEM.
 * Threads: constant once read; freed after all threads that use it have stopped.
 * Source:  INTERFACES 2.
 */
#ifndef METERFLEET_CONFIG_SETTINGS_H
#define METERFLEET_CONFIG_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "core/quantity.h"
#include "core/regmap.h"
#include "tariff/rules.h"
#include "tariff/tariff.h"

#define SETTINGS_NAME 41

enum clock_mode { CLOCK_AUTO, CLOCK_SYSTEM, CLOCK_NTP };
enum bus_kind { BUS_SERIAL, BUS_RTU_TCP, BUS_TCP };

struct settings_bus {
    char name[SETTINGS_NAME];
    enum bus_kind kind;
    char *device;  /* path of the line, or host */
    uint16_t port; /* TCP only */
    uint32_t baud;
    char parity; /* 'E' 'O' 'N' */
    uint8_t stop_bits;
    uint32_t timeout_ms, late_ms;
    uint8_t retries;
    uint32_t dead_share_bp;
    uint32_t period_ms[CLASS_COUNT];
};

/* Which tariff text is in force from when (the meter's time), ascending; the first begins at INT64_MIN. */
struct settings_dated_tariff {
    int64_t from_local_s; /* civil seconds of the meter's clock since 1970 */
    uint16_t tariff;      /* index into settings->tariffs */
};

struct settings_meter {
    char name[SETTINGS_NAME];
    uint16_t bus;    /* index into settings->buses */
    uint8_t address; /* 1..247 */
    const struct regmap *model;
    struct settings_dated_tariff *tariffs; /* owned; n_tariffs == 0: a meter without tariff */
    size_t n_tariffs;
    bool relay;   /* may this meter's relay be switched at all */
    char *label;  /* UTF-8, "" when not given */
    char *serial; /* "" when not given */
    enum freeze_model freeze_model;
    enum combined_rule combined;
    enum dual_source dual_source;
    uint32_t period_ms[CLASS_COUNT]; /* the meter's own, or the bus's, or [poll] */
};

struct settings {
    char *config_path;
    char config_sha256[65]; /* over the bytes of all configuration files read, in reading order; hex */
    struct {
        char id[SETTINGS_NAME];
        char *timezone; /* NULL: the system's */
        enum clock_mode clock;
        char *on_finding; /* NULL: none */
        char *models;     /* NULL: the usual places */
    } gateway;
    struct {
        char *path;
        int64_t flush_ms, keep_live_ms, keep_energy_ms;
        uint64_t max_bytes;
    } database;
    struct {
        bool enabled; /* there is an [mqtt] section */
        bool tls;     /* mqtts:// */
        char *host;
        uint16_t port;
        char *client_id, *username, *password_file, *ca_file, *cert_file, *key_file; /* NULL when not given */
        char *prefix;
        bool homeassistant, commands;
    } mqtt;
    struct settings_bus *buses;
    size_t n_buses;
    struct settings_meter *meters; /* by bus, then address */
    size_t n_meters;
    struct tariff *tariffs;
    char **tariff_texts; /* the canonical text of each tariff, "key = value\n" sorted, as the view `tariff`
                            keeps it */
    size_t n_tariffs;
    struct regmap **models; /* those in use */
    size_t n_models;
    char **warnings; /* allowed, but hardly meant: lines of the errors' form, for `meterfleet check` */
    size_t n_warnings;
    char *control_path; /* [gateway] control, or a flag; default RUNSTATEDIR "/meterfleet/control.sock" */
};

/* Where the lines of complaint go: one call per error, `line` without newline. */
typedef void settings_report(void *arg, const char *line);

/* Reads FILE, then conf.d/ *.ini beside it in lexical order, then the models named. */
int settings_read(const char *path, settings_report *report, void *arg, struct settings **out);
/* For `verify --csv` and `learn`: only the [tariff …] sections are needed and checked strictly; other
 * sections may be absent. */
int settings_read_tariffs(const char *path, settings_report *report, void *arg, struct settings **out);
void settings_free(struct settings *s);

/* Index of a meter, bus, tariff by name, or -1. */
int settings_meter_find(const struct settings *s, const char *name);
int settings_bus_find(const struct settings *s, const char *name);
int settings_tariff_find(const struct settings *s, const char *name);
/* The tariff of a meter at an instant, or NULL. */
const struct tariff *settings_meter_tariff(const struct settings *s, const struct settings_meter *m,
                                           int64_t utc_ms);

#endif
