#include "config/keys.h"

#include "core/quantity.h"

#define MS          INT64_C(1)
#define SECOND      (1000 * MS)
#define MINUTE      (60 * SECOND)
#define HOUR        (60 * MINUTE)
#define DAY         (24 * HOUR)
#define MIB         (INT64_C(1024) * 1024)
#define PERIOD_MOST (31 * DAY)
#define KEEP_MOST   (36500 * DAY)

/* Words in the order of the enums in settings.h and tariff.h. */
static const char *const clocks[] = {"auto", "system", "ntp", NULL};
static const char *const parities[] = {"even", "odd", "none", NULL};
static const char *const freeze_models[] = {"auto", "cumulative", "period", NULL};
static const char *const combineds[] = {"auto", "import+export", "import", "import-export", NULL};
static const char *const dual_sources[] = {"auto", "yes", "no", NULL};
static const char *const wraps[] = {"same_day", "previous_day", NULL};

static const struct conf_key gateway[GATEWAY_KEYS] = {
    {"id", CONF_NAME, .required = true, .help = "name of this gateway; second part of every MQTT topic"},
    {"timezone", CONF_TIMEZONE,
     .help = "civil time for reports, such as `Asia/Shanghai`; default: the system's"},
    {"clock", CONF_WORD, .words = clocks, .fallback = "auto",
     .help = "when the gateway's time counts as right"},
    {"on_finding", CONF_FILE,
     .help =
         "program that is run with JSON on stdin when a finding opens or closes, a meter goes or returns"},
    {"models", CONF_DIR, .help = "directory of meter models that comes before the usual ones"},
    {"control", CONF_PATH, .hi = 107, .fallback = RUNSTATEDIR "/meterfleet/control.sock",
     .help = "the control socket; for running from a build tree"},
};

static const struct conf_key database[DATABASE_KEYS] = {
    {"path", CONF_PATH, .hi = 4000, .fallback = LOCALSTATEDIR "/lib/meterfleet/meterfleet.db",
     .help = "the database file"},
    {"flush", CONF_DURATION, .lo = 100 * MS, .hi = HOUR, .fallback = "30s",
     .help = "readings wait at most this long in memory"},
    {"keep_live", CONF_DURATION, .lo = MINUTE, .hi = KEEP_MOST, .fallback = "30d",
     .help = "live readings are kept this long, then only 15-minute rows"},
    {"keep_energy", CONF_DURATION, .lo = MINUTE, .hi = KEEP_MOST, .fallback = "62d",
     .help =
         "energy readings are kept this long; settlements, 15-minute rows, findings, events, audit for ever"},
    {"max_size", CONF_SIZE, .lo = MIB, .hi = 16 * MIB * 1024 * 1024, .fallback = "2GiB",
     .help = "when it is reached live goes first, then energy, sweeps, 15-minute rows"},
};

static const struct conf_key mqtt[MQTT_KEYS] = {
    {"url", CONF_LIST, .required = true,
     .form = "mqtt://HOST[:PORT] or mqtts://HOST[:PORT] (TLS); IPv6 in brackets",
     .help = "the broker; ports 1883 and 8883 when none is given"},
    {"client_id", CONF_TEXT, .lo = 1, .hi = 128, .help = "default: `meterfleet-` and the gateway's id"},
    {"username", CONF_TEXT, .lo = 1, .hi = 256, .help = "name at the broker"},
    {"password_file", CONF_SECRET, .help = "file whose first line is the password; others may not read it"},
    {"ca_file", CONF_FILE,
     .help = "certificates (PEM) that may sign the broker's; default: the system's. Only with mqtts"},
    {"cert_file", CONF_FILE, .help = "our certificate (PEM). Only with mqtts and key_file"},
    {"key_file", CONF_SECRET, .help = "its private key (PEM); others may not read it"},
    {"prefix", CONF_TEXT, .lo = 1, .hi = 128, .fallback = "meterfleet", .help = "first part of every topic"},
    {"homeassistant", CONF_BOOL, .fallback = "no",
     .help = "announce the meters to Home Assistant (discovery)"},
    {"commands", CONF_BOOL, .fallback = "no", .help = "take relay commands over MQTT"},
};

/* INTERFACES 2: energy is deliberately not a divisor or multiple of 60 s. */
#define PERIOD(word, default_text, text)                                                                     \
    {                                                                                                        \
        word, CONF_DURATION, .hi = PERIOD_MOST, .fallback = (default_text), .help = (text)                   \
    }
#define PERIODS_INHERITED                                                                                    \
    PERIOD("live", NULL, "period for these meters; default: that of the bus, then of [poll]"),               \
        PERIOD("energy", NULL, "likewise"), PERIOD("demand", NULL, "likewise"),                              \
        PERIOD("settlement", NULL, "likewise"), PERIOD("identity", NULL, "likewise")

static const struct conf_key poll[POLL_KEYS] = {
    PERIOD("live", "15s", "voltage, current, power, frequency"),
    PERIOD("energy", "61s", "total and rates"),
    PERIOD("demand", "5m", "maximum demand"),
    PERIOD("settlement", "1d", "months; also at start and after each settlement instant"),
    PERIOD("identity", "1d", "address, serial number, clock"),
    PERIOD("relay", "60s", "state of the relay; only meters whose model has one"),
};

static const struct conf_key bus[BUS_KEYS] = {
    {"device", CONF_LIST, .required = true,
     .form = "an absolute path such as /dev/serial/by-id/…, rtutcp://HOST:PORT or tcp://HOST[:PORT]",
     .help = "the serial line; rtutcp: RTU frames over TCP; tcp: Modbus TCP, port 502 when none is given"},
    {"baud", CONF_UINT, .or_zero = true, .lo = 300, .hi = 921600, .fallback = "9600",
     .help =
         "speed of the line, also behind a TCP gateway; 0: a line without byte times, as simulators have"},
    {"parity", CONF_WORD, .words = parities, .fallback = "even", .help = "parity of the line"},
    {"stop_bits", CONF_UINT, .lo = 1, .hi = 2, .fallback = "1", .help = "stop bits of the line"},
    {"timeout", CONF_DURATION, .lo = 10 * MS, .hi = MINUTE, .fallback = "300ms",
     .help = "from the last character of the request to the first of the reply; the reply's own length at "
             "this speed is added"},
    {"late", CONF_DURATION, .hi = MINUTE, .fallback = "1s",
     .help = "after a timeout a meter is left alone this long"},
    {"retries", CONF_UINT, .hi = 10, .fallback = "2", .help = "further tries after a failure"},
    {"dead_share", CONF_SHARE, .lo = 1, .hi = 10000, .fallback = "3 %",
     .help = "of the wire's time, at most, for all dead meters of the bus together"},
    PERIODS_INHERITED,
    PERIOD("relay", NULL, "likewise"),
};

#define METER_ROWS                                                                                           \
    {"bus", CONF_NAME, .required = true, .help = "the [bus …] it hangs on"},                                 \
        {"model", CONF_NAME, .required = true, .help = "its model, see the end of this page"},               \
        {"tariff", CONF_LIST,                                                                                \
         .form = "NAME, or NAME, YYYY-MM-DD NAME, … (from when each holds, meter's time)",                   \
         .help =                                                                                             \
             "what the meter should run; without one it is read, stored and published, hardly verified"},    \
        {"label", CONF_TEXT, .lo = 1, .hi = 200, .help = "free text for people"},                            \
        {"freeze_model", CONF_WORD, .words = freeze_models, .fallback = "auto",                              \
         .help = "what a month register holds: the reading at its end, or the month's consumption"},         \
        {"combined", CONF_WORD, .words = combineds, .fallback = "auto",                                      \
         .help = "what the total register adds up"},                                                         \
        {"dual_source", CONF_WORD, .words = dual_sources, .fallback = "auto",                                \
         .help = "is there a second source; auto: what the model says. With yes the rate registers are not " \
                 "compared"},                                                                                \
        PERIODS_INHERITED,                                                                                   \
    {                                                                                                        \
        "relay", CONF_LIST, .fallback = "no", .form = "yes, no, or a period",                                \
                            .help = "may the relay be switched at all; a period instead says how often it "  \
                                    "is read (and not switched)"                                             \
    }

static const struct conf_key meter[METER_KEYS] = {
    METER_ROWS,
    {"address", CONF_UINT, .required = true, .lo = 1, .hi = 247, .help = "Modbus address"},
    {"serial", CONF_TEXT, .lo = 1, .hi = 40, .help = "what stands on the meter"},
};

static const struct conf_key meters[METERS_KEYS] = {
    METER_ROWS,
    {"addresses", CONF_LIST, .required = true, .form = "addresses and ranges such as 2-20, 25, 27-32",
     .help = "Modbus addresses, one meter each"},
    {"name", CONF_TEXT, .lo = 1, .hi = 60,
     .help = "name of each, with {address}; default: the section's name, `-`, the address"},
};

static const struct conf_key tariff[TARIFF_KEYS] = {
    {"utc_offset", CONF_LIST, .required = true, .form = "+HH:MM or -HH:MM",
     .help = "the meters' clock; it knows no daylight saving"},
    {"day N", CONF_LIST, .numbered = 8,
     .form = "HH:MM RATE, …: up to 14 periods, rising; RATE is a register (sharp, peak, flat, valley) or a "
             "number that `rates` translates",
     .help = "day table N; before the first start its last rate holds"},
    {"zones", CONF_LIST, .fallback = "01-01 day 1", .form = "MM-DD day N, …: up to 14, rising",
     .help = "which day table from which date on"},
    {"day.2 N", CONF_LIST, .numbered = 8, .form = "as `day N`", .help = "day tables of the second set"},
    {"zones.2", CONF_LIST, .form = "as `zones`", .help = "year zones of the second set"},
    {"switch_zones", CONF_LIST, .form = "YYYY-MM-DD HH:MM", .help = "when zones.2 takes over, meter's time"},
    {"switch_days", CONF_LIST, .form = "YYYY-MM-DD HH:MM",
     .help = "when the day.2 tables take over, meter's time"},
    {"rest_days", CONF_LIST, .form = "sun, mon, tue, wed, thu, fri, sat",
     .help = "weekly rest days; only together with rest_table"},
    {"rest_table", CONF_UINT, .lo = 1, .hi = 8, .help = "day table of rest days"},
    {"holidays", CONF_LIST, .form = "YYYY-MM-DD day N or *-MM-DD day N, …",
     .help = "their day tables; * is every year but those with a date of their own; before rest days, before "
             "zones"},
    {"holidays.N", CONF_LIST, .numbered = 254, .form = "as `holidays`", .help = "more of them, 254 in all"},
    {"settlement", CONF_LIST, .fallback = "1 00:00", .form = "DAY HH:00, …: up to three, days 1 to 28",
     .help = "when the meter ends a period, meter's time"},
    {"rates", CONF_LIST, .fallback = "sharp, peak, flat, valley", .form = "the four rates in any order",
     .help = "what the numbers 1 to 4 of the meter's own tables mean"},
    {"clock_tolerance", CONF_DURATION, .hi = 12 * HOUR, .fallback = "5m",
     .help = "S: how far the meter's clock may be off"},
    {"switching_lag", CONF_DURATION, .hi = HOUR, .fallback = "60s",
     .help = "G: how late the meter may switch"},
    {"register_lag", CONF_DURATION, .hi = 10 * MINUTE, .fallback = "2s",
     .help = "R: how old a register may be"},
    {"clock_drift", CONF_DURATION, .hi = 10 * MINUTE, .fallback = "2s",
     .help = "ρ: how far the meter's clock may drift in a day"},
    {"wrap", CONF_WORD, .words = wraps, .fallback = "same_day",
     .help = "whose last rate holds before a day's first start"},
};

const struct conf_section_type conf_section_types[SECTION_TYPES] = {
    {"gateway", false, gateway, GATEWAY_KEYS, "this gateway"},
    {"database", false, database, DATABASE_KEYS, "what is kept, and how long"},
    {"mqtt", false, mqtt, MQTT_KEYS,
     "the broker; without this section nothing is published and the ledger waits"},
    {"poll", false, poll, POLL_KEYS, "how often each class is read; 0 switches a class off"},
    {"bus", true, bus, BUS_KEYS, "one line"},
    {"meter", true, meter, METER_KEYS, "one meter"},
    {"meters", true, meters, METERS_KEYS, "many alike"},
    {"tariff", true, tariff, TARIFF_KEYS, "what a meter's own tables should say"},
};

const char *const conf_section_names[SECTION_TYPES] = {"gateway", "database", "mqtt",   "poll",
                                                       "bus",     "meter",    "meters", "tariff"};
