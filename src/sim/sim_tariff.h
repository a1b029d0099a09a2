/* sim_tariff.h - the tariff as the simulated meter runs it: its tables, its calendar, its settlement days.
 *
 * Written apart from the daemon's tariff engine on purpose: when both agree, neither is right by the other's
 * mistake. What firmware does (priority holiday, rest day, zone; zones wrap over the year's end; periods wrap
 * past midnight) follows DOMAIN 1.2.
 *
 * Units:   local seconds: seconds since 1970-01-01 00:00 on the meter's own clock, which is UTC +
 * utc_offset_s. Periods start at minutes of the day 0..1439. Rates are 0 sharp, 1 peak, 2 flat, 3 valley.
 * Errors:  sim_tariff_read() logs each error with FILE:LINE and returns RC_PARSE; the rest cannot fail.
 * Threads: constant once read.
 * Source:  DL/T 645-2007 limits: 14 zones, 8 day tables, 14 periods, 254 holidays, 3 settlement days.
 */
#ifndef METERFLEET_SIM_TARIFF_H
#define METERFLEET_SIM_TARIFF_H

#include <stdbool.h>
#include <stdint.h>

#define SIM_RATES       4
#define SIM_ZONES       14
#define SIM_TABLES      8
#define SIM_PERIODS     14
#define SIM_HOLIDAYS    254
#define SIM_SETTLEMENTS 3

struct sim_period {
    uint16_t minute; /* start, included */
    uint8_t rate;
};
struct sim_day {
    uint8_t n; /* 0: this table is not given */
    struct sim_period period[SIM_PERIODS];
};
struct sim_zone {
    uint8_t month, day, table;
};
struct sim_zone_set {
    uint8_t n;
    struct sim_zone zone[SIM_ZONES];
};
struct sim_holiday {
    int16_t year; /* 0: every year */
    uint8_t month, day, table;
};
struct sim_settlement {
    uint8_t day, hour;
};

struct sim_tariff {
    char name[41];
    int32_t utc_offset_s;
    struct sim_zone_set zones[2];
    struct sim_day table[2][SIM_TABLES];
    int64_t switch_zones_s, switch_days_s; /* set 2 is in force from here on; INT64_MAX: never */
    uint8_t rest_mask;                     /* bit 0 Sunday … bit 6 Saturday, 1 = rest day */
    uint8_t rest_table;                    /* 0: none */
    uint16_t n_holidays;
    struct sim_holiday holiday[SIM_HOLIDAYS];
    uint8_t n_settlements;
    struct sim_settlement settlement[SIM_SETTLEMENTS];
    bool wrap_previous; /* before the first period: the rate the day before ended with */
};

/* The example of the meter's manual (4.1), at UTC+8: what runs without --tariff. */
void sim_tariff_default(struct sim_tariff *t);

/* Reads the one [tariff NAME] section of an INI file; other sections are not looked at. Every error is
 * logged. */
int sim_tariff_read(const char *path, struct sim_tariff *out);

/* The day table in force at this moment. Never NULL: without a valid table number it is table 1. */
const struct sim_day *sim_tariff_day(const struct sim_tariff *t, int64_t local_s);

/* The rate register that moves at this moment. */
unsigned sim_tariff_rate(const struct sim_tariff *t, int64_t local_s);

/* The same for a meter that asks minute after minute: the day's table is looked up once a day. */
struct sim_tariff_memo {
    const struct sim_tariff *of;
    int64_t day;
    unsigned sets;
    const struct sim_day *table;
    uint8_t before_first; /* the rate before the first period */
};
unsigned sim_tariff_rate_memo(const struct sim_tariff *t, int64_t local_s, struct sim_tariff_memo *memo);

/* The first settlement instant after this moment; the last one at or before it. */
int64_t sim_tariff_next_settlement(const struct sim_tariff *t, int64_t local_s);
int64_t sim_tariff_last_settlement(const struct sim_tariff *t, int64_t local_s);

#endif
