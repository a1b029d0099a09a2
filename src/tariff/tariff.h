/* tariff.h - a multi-rate tariff as the meter holds it: zones, day tables, holidays, rest days, switch-overs.
 *
 * This is configuration of the daemon: the meter's own tables cannot be read over Modbus, so what it *should*
 * run is written in [tariff NAME] and what it *does* run is inferred (verify, learn).
 *
 * Units:   minutes of the meter's day 0..1439; the meter's clock is UTC + utc_offset_s, without daylight
 * saving. Ranges:  as the constants below; checked by tariff_check(). Threads: constant once built. Source:
 * DL/T 645-2007 (04000201 … 04000205, 040100xx, 040200xx, 04030xxx); DOMAIN 1.1 and 1.3.
 */
#ifndef METERFLEET_TARIFF_TARIFF_H
#define METERFLEET_TARIFF_TARIFF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "core/quantity.h"

#define TARIFF_NAME        41
#define TARIFF_ZONES       14
#define TARIFF_TABLES      8
#define TARIFF_PERIODS     14
#define TARIFF_HOLIDAYS    254
#define TARIFF_SETTLEMENTS 3
#define TARIFF_NO_SWITCH   INT64_MAX

struct tariff_period {
    uint16_t minute; /* start, inclusive */
    uint8_t rate;    /* enum rate: the register that moves */
};
struct tariff_table { /* n == 0: not given */
    uint8_t n;
    struct tariff_period period[TARIFF_PERIODS];
};
struct tariff_zone {
    uint8_t month, day; /* start, inclusive */
    uint8_t table;      /* 1..8 */
};
struct tariff_zones { /* n == 0: not given */
    uint8_t n;
    struct tariff_zone zone[TARIFF_ZONES];
};
struct tariff_holiday {
    int16_t year; /* 0 = every year */
    uint8_t month, day, table;
};
struct tariff_settlement {
    uint8_t day, hour; /* day 1..28, hour 0..23 of the meter's time */
};
enum tariff_wrap { WRAP_SAME_DAY, WRAP_PREVIOUS_DAY };

struct tariff {
    char name[TARIFF_NAME];
    int32_t utc_offset_s;
    struct tariff_zones zones[2];                 /* set 1, set 2 */
    struct tariff_table tables[2][TARIFF_TABLES]; /* [set][number - 1] */
    int64_t switch_zones_local_s; /* meter's civil seconds since 1970, TARIFF_NO_SWITCH: never */
    int64_t switch_tables_local_s;
    uint8_t rest_mask; /* bit 0 Sunday … bit 6 Saturday, 1 = rest day (ours; the meter's word is inverted) */
    uint8_t rest_table; /* 0 = none */
    uint16_t n_holidays;
    struct tariff_holiday *holidays; /* owned */
    uint8_t n_settlements;
    struct tariff_settlement settlement[TARIFF_SETTLEMENTS];
    uint8_t number_of_rate[RATE_COUNT]; /* rates = …: rate of the meter's number 1..4 at [number - 1] */
    int64_t clock_tolerance_ms;         /* S, default 300 000 */
    int64_t switching_lag_ms;           /* G, default 60 000 */
    int64_t register_lag_ms;            /* R, default 2 000 */
    int64_t clock_drift_ms_day;         /* rho, default 2 000 a day */
    enum tariff_wrap wrap;
};

/* All defaults of INTERFACES 2, zones "01-01 day 1", settlement "1 00:00", no table yet. */
void tariff_init(struct tariff *t, const char *name);
void tariff_done(struct tariff *t);

#endif
