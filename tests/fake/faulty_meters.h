/* faulty_meters.h - one meter for each fault class of DOMAIN 4.4, and the diagnoses that are right for it.
 *
 * Used by the unit test (each once) and by the benchmark (each with many seeds).
 */
#ifndef METERFLEET_TESTS_FAULTY_METERS_H
#define METERFLEET_TESTS_FAULTY_METERS_H

#include "fake/meter_watch.h"

struct faulty {
    const char *name;
    const char *tariff;               /* of tests/data/tariffs.tsv */
    void (*change)(struct tariff *t); /* what is wrong in the meter's tables; NULL: nothing */
    int64_t skew_s, drift_s_day, step_s;
    enum life_fault fault;
    double amount;
    bool sweeps, power_unknown;
    enum diagnosis_code right[3]; /* any of these counts (equivalent faults); DIAG_COUNT: none further */
};

extern const struct faulty faulty_meters[];
extern const int faulty_meters_count;

/* The tariff as configured: the published one with rest days, holidays and a second set besides. */
void faulty_tariff(const struct faulty *f, struct tariff *configured);
/* A month of the faulty meter, judged by the configured tariff. */
void faulty_run(const struct faulty *f, uint64_t seed, struct watched *out);
/* The same, and out->evidence is kept, for the caller to end. */
void faulty_record(const struct faulty *f, uint64_t seed, struct watched *out);
/* Whether one of the first two diagnoses is right. */
bool faulty_named(const struct faulty *f, const struct watched *w);

#endif
