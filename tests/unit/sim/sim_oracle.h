/* sim_oracle.h - the tariff calendar once more, as plainly as it can be written, to judge the simulator's.
 *
 * Walks the calendar day by day from a known Thursday; shares no code with what it judges, the civil calendar
 * included. Slow, and meant to be.
 *
 * Units:   local seconds since 1970-01-01 00:00; rates 0 sharp … 3 valley.
 * Errors:  a failed assertion.
 * Threads: none.
 */
#ifndef METERFLEET_TESTS_SIM_ORACLE_H
#define METERFLEET_TESTS_SIM_ORACLE_H

#include "sim/sim_tariff.h"

struct oracle_date {
    int year, month, day, weekday, minute; /* weekday 0 Sunday */
};

/* Takes whole days, then walks year by year and month by month. */
struct oracle_date oracle_date(int64_t local_s);

/* The day's table and the rate before its first period: slow. With them the rate of a minute is quick. */
struct oracle_today {
    const struct sim_day *table;
    unsigned before_first;
};
struct oracle_today oracle_today(const struct sim_tariff *t, int64_t local_s);
unsigned oracle_rate(const struct oracle_today *today, int64_t local_s);

/* Reads one tariff of tests/data/tariffs.tsv; rates above 4 become valley. */
void oracle_load(const char *name, struct sim_tariff *out);

#endif
