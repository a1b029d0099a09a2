/* calendar.h - which rate is in force: a pure function of tariff and the meter's time.
 *
 * Evaluated as meter firmware does it (DOMAIN 1.2): public holiday (one with its year before one of every
 * year) before weekly rest day before year zone; a table that is not given falls through to the next source,
 * and at last to table 1; a date before the first zone or after the last belongs to the last zone; a time
 * before the first period belongs to the last period of today's table (wrap = same_day) or of yesterday's
 * (previous_day). Set 1 is in force before its switch-over instant, set 2 at and after it, zones and tables
 * independently.
 *
 * Units:   local time is the meter's civil time: milliseconds since 1970-01-01 00:00 of its own clock
 *          (UTC + utc_offset). Days have 24 hours. Periods include their start and exclude the next one's.
 * Errors:  none: every instant has a rate (a tariff without any table gives RATE_SHARP, DL/T 645's rate 1).
 * Threads: a calendar keeps a small cache of days; one owner. The tariff must outlive it.
 * Source:  DL/T 645-2007 year zones, day tables, holidays, rest days; DOMAIN 1.2 (observed firmware
 * behaviour).
 */
#ifndef METERFLEET_TARIFF_CALENDAR_H
#define METERFLEET_TARIFF_CALENDAR_H

#include "tariff/tariff.h"

#define CALENDAR_DAY_MS   86400000LL
#define CALENDAR_SEGMENTS 48 /* two switch-overs in a day cut it in three: 3 x (14 periods + a wrap) */
#define CALENDAR_CACHE    8

struct calendar_day {
    int64_t day; /* days since 1970-01-01; INT64_MIN: empty */
    uint8_t n;
    uint8_t rate[CALENDAR_SEGMENTS];
    uint16_t minute[CALENDAR_SEGMENTS]; /* minute[0] == 0; neighbours differ in rate */
};

struct calendar {
    const struct tariff *tariff;
    struct calendar_day cache[CALENDAR_CACHE];
};

void calendar_init(struct calendar *c, const struct tariff *t);

/* The rate nominally in force at a local instant. */
enum rate calendar_rate(struct calendar *c, int64_t local_ms);

/* Bit mask (1u << enum rate) of the rates nominally in force somewhere in the closed span [lo, hi]; 0 when
 * lo > hi. */
unsigned calendar_rates(struct calendar *c, int64_t lo_local_ms, int64_t hi_local_ms);

/* The longest span [start, end) of one rate around an instant, looking at most `horizon_days` each way (then
 * the span is cut there). */
struct calendar_span {
    int64_t start_local_ms, end_local_ms;
    enum rate rate;
};
void calendar_span_at(struct calendar *c, int64_t local_ms, unsigned horizon_days, struct calendar_span *out);

/* What decided a day's table. */
enum calendar_source { CALENDAR_HOLIDAY, CALENDAR_REST_DAY, CALENDAR_ZONE, CALENDAR_FALLBACK };
struct calendar_day_type {
    enum calendar_source source;
    uint8_t table;     /* 1..8 */
    uint8_t table_set; /* 0 or 1 */
    uint8_t zone_set;  /* 0 or 1 */
    uint8_t zone;      /* index of the zone in force, whatever the source */
};
/* At an instant (sets may switch within a day). */
void calendar_day_type_at(const struct tariff *t, int64_t local_ms, struct calendar_day_type *out);

/* The day's segments, from the cache. */
const struct calendar_day *calendar_day_get(struct calendar *c, int64_t day);

static inline int64_t calendar_local_ms(const struct tariff *t, int64_t utc_ms)
{
    return utc_ms + (int64_t)t->utc_offset_s * 1000;
}
/* Floor division: days since 1970 of a local instant, also before 1970. */
static inline int64_t calendar_day_of(int64_t local_ms)
{
    return local_ms >= 0 ? local_ms / CALENDAR_DAY_MS
                         : -((-local_ms + CALENDAR_DAY_MS - 1) / CALENDAR_DAY_MS);
}

#endif
