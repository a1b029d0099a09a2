/* coverage.h - how much of a day was seen: readings expected and got, and the longest time without one.
 *
 * A silent gap is worse than a loud one: a day without a reading is a day too. Days are the meter's own (its
 * fixed offset from UTC). The time from a day's beginning to its first reading, and from the last one to its
 * end, counts as a gap of that day; a meter's very first day begins with its first reading.
 *
 * Units:   Unix milliseconds; days since 1970-01-01 in the meter's time.
 * Errors:  none.
 * Threads: pure.
 * Source:  INTERFACES 4, view `coverage`.
 */
#ifndef METERFLEET_CORE_COVERAGE_H
#define METERFLEET_CORE_COVERAGE_H

#include <stdbool.h>
#include <stdint.h>

struct coverage { /* of the running day; zero-initialised: no reading yet */
    bool begun;
    int64_t day;
    int64_t from_ms, last_ms; /* when it began, or the meter did; the newest reading, or from_ms */
    int64_t longest_ms;
    uint32_t got;
};

struct coverage_day {
    int64_t day;
    uint32_t expected, got; /* got is more than expected where boundaries are read densely */
    int64_t longest_gap_ms;
};

/* The meter's clock: how far it stands before UTC, and how often it is read (0: not). */
struct coverage_clock {
    int32_t utc_offset_s;
    uint32_t period_ms;
};

/* The running day again as if nothing of it was read yet: then its readings are counted again. */
void coverage_resume(struct coverage *c, int64_t day, const struct coverage_clock *k);
/* Closes the running day if it ended by utc_ms, and begins the next; call until false. Before
 * coverage_count(). */
bool coverage_close(struct coverage *c, int64_t utc_ms, const struct coverage_clock *k,
                    struct coverage_day *out);
/* A reading. One that is older than the running day is of a day that is told already: it changes nothing. */
void coverage_count(struct coverage *c, int64_t utc_ms, const struct coverage_clock *k);
/* The running day up to utc_ms. */
void coverage_so_far(const struct coverage *c, int64_t utc_ms, const struct coverage_clock *k,
                     struct coverage_day *out);

#endif
