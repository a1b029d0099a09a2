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
    int64_t from_utc_ms, to_utc_ms; /* first and last forbidden movement */
    unsigned rules;                 /* that a clock or a table explains */
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
/* "12 min 5 s" of a positive duration. */
struct diagnosis_span {
    char text[32];
};
struct diagnosis_span diagnosis_duration(int64_t ms);

void diagnosis_clock(struct diagnosis_search *s, const struct verify_result *r); /* offset */
void diagnosis_clock_late(struct diagnosis_search *s);                           /* stepped, drift, date */
void diagnosis_calendar(struct diagnosis_search *s); /* rates, sets, days, wrap, zones */
void diagnosis_periods(struct diagnosis_search *s);  /* missing, edge, rate */

#endif
