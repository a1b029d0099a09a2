/* learn_days.h - the days of a record, sorted into those that run one table.
 *
 * The configured calendar says which days should be alike (without one: all of them). Days of one kind whose
 * evidence contradicts - no table with periods of a believable length explains both - are kept apart, so that
 * each group is learned by itself: when the meter's weekend, holidays or zones are other ones, or its clock
 * was set in between. Rich days come first; a day that fits several groups comes last and joins the one
 * nearest in the calendar.
 *
 * Units:   days since 1970 and minutes of the meter's day.
 * Errors:  RC_NOMEM.
 * Threads: plain data, one owner. At most LEARN_GROUPS groups of 24 KB and LEARN_DAYS days of 32 bytes.
 * Source:  DOMAIN 4.5; no published tariff has a period under 30 minutes (DOMAIN 5), a meter can have any.
 */
#ifndef METERFLEET_TARIFF_LEARN_DAYS_H
#define METERFLEET_TARIFF_LEARN_DAYS_H

#include <stddef.h>
#include "tariff/calendar.h"
#include "tariff/evidence.h"
#include "tariff/learn_windows.h"

#define LEARN_DAYS     1200 /* later days are left out */
#define LEARN_GROUPS   24   /* days that need more are left out */
#define LEARN_NO_GROUP 255
/* Minutes: no period is thought to be shorter, but as the configured ones are, and as two days by themselves
 * show one: a clock that is set makes a short run on one day only. A run that cannot be this long is no
 * period but days that differ. Days are put together when the runs have besides the room that a steady clock
 * within +-S leaves them; and when together they need more runs than each alone, room for two such periods.
 */
#define LEARN_SHORT    30

struct learn_day {
    int64_t day;
    size_t first, n;    /* its pieces of evidence: those that begin on it */
    uint8_t set, table; /* as configured; table 0: sets switch over within the day, it is left out */
    uint8_t group;
    bool forbidden; /* some movement is not possible under the configured tariff */
};
struct learn_group {
    uint8_t set, table;
    uint16_t days;
    bool forbidden;               /* on any of its days */
    bool mixed;                   /* no table explains any of its days */
    struct learn_windows windows; /* of all its days */
    struct learn_windows narrow;  /* without those across an outage */
    struct learn_runs runs;
};
struct learn_days {
    struct learn_day *day; /* ascending */
    size_t n;
    struct learn_group *group;
    size_t n_groups;
    size_t left_out;
    unsigned usual;    /* minutes a period lasts at least, as published and configured tariffs have it */
    unsigned shortest; /* the same as the data prove it, at most the usual */
    unsigned room;     /* minutes by which a run of a steady clock can be longer */
};

/* The minutes of a day in which the rates of a piece were in force somewhere, whatever clock within +-S and
 * lag; false when that may be the next day's or the day before's. */
bool learn_minutes(const struct tariff *t, const struct evidence *e, int64_t day, unsigned *first,
                   unsigned *last);
int learn_days_sort(const struct tariff *t, const struct evidence_list *l, struct learn_days *out);
void learn_days_done(struct learn_days *d);
/* Can this day run this table? */
bool learn_day_holds(const struct learn_days *d, size_t index, const struct tariff *t,
                     const struct evidence_list *l, const uint8_t minutes[LEARN_DAY]);
static inline unsigned learn_weekday(int64_t day)
{
    return (unsigned)(((day + 4) % 7 + 7) % 7); /* 1970-01-01 was a Thursday; 0 = Sunday */
}

#endif
