/* diagnosis_search.h - the search for explanations, shared by the diagnosis_*.c files.
 *
 * Threads: one search, one thread.
 */
#ifndef METERFLEET_TARIFF_DIAGNOSIS_SEARCH_H
#define METERFLEET_TARIFF_DIAGNOSIS_SEARCH_H

#include "tariff/diagnosis.h"
#include "tariff/hypothesis.h"

#define SEARCH_SUSPECTS 512

struct diagnosis_search {
    const struct tariff *tariff;
    struct hypothesis_test test;
    size_t suspects[SEARCH_SUSPECTS];
    int64_t from_utc_ms, to_utc_ms; /* first and last forbidden movement: their windows' outer ends */
    int64_t first_hi_utc_ms, last_lo_utc_ms; /* and the inner ones */
    unsigned rules;                          /* that a clock or a table explains */
    struct diagnosis_list *out;
};

/* Does this tariff, with a clock within +-S, explain all the evidence? */
bool diagnosis_try(const struct diagnosis_search *s, const struct tariff *t);
void diagnosis_add(struct diagnosis_list *l, enum diagnosis_code code, unsigned rules, int64_t from,
                   int64_t to, const char *format, ...) __attribute__((format(printf, 6, 7)));
/* "07:30" of a minute of the day. */
struct diagnosis_time {
    char text[6];
};
struct diagnosis_time diagnosis_minute(unsigned minute);
/* "12 min 5 s", "3 days 4 h" of a positive duration. */
struct diagnosis_span {
    char text[32];
};
struct diagnosis_span diagnosis_duration(int64_t ms);
/* "6 December" of every year; "6 December 2026" of a day since 1970; "6 December 2026, 00:00" of the meter's
 * civil time. */
struct diagnosis_date {
    char text[40];
};
struct diagnosis_date diagnosis_month_day(unsigned month, unsigned day);
struct diagnosis_date diagnosis_day(int64_t day);
struct diagnosis_date diagnosis_instant(int64_t local_ms);

void diagnosis_clock(struct diagnosis_search *s, const struct verify_result *r); /* offset */
void diagnosis_clock_late(struct diagnosis_search *s);                           /* stepped, drift, date */
void diagnosis_calendar(struct diagnosis_search *s); /* rates, sets, days, wrap, zones */
void diagnosis_sets(struct diagnosis_search *s);
void diagnosis_rest_days(struct diagnosis_search *s);
void diagnosis_holidays(struct diagnosis_search *s);     /* unknown ones */
void diagnosis_special_days(struct diagnosis_search *s); /* one too many, or on another table */
void diagnosis_zones(struct diagnosis_search *s);
void diagnosis_periods(struct diagnosis_search *s); /* missing, edge, rate */

#endif
