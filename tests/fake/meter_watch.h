/* meter_watch.h - a month of reads of one life, given to the engine: polls, jitter, outages, duplicates,
 * zeros.
 *
 * Units:   milliseconds.
 */
#ifndef METERFLEET_TESTS_METER_WATCH_H
#define METERFLEET_TESTS_METER_WATCH_H

#include "fake/meter_life.h"
#include "tariff/diagnosis.h"
#include "tariff/verify.h"

struct watch {
    int64_t poll_ms, jitter_ms; /* the period, and what is added at random to each */
    int64_t register_lag_ms;    /* how old the image may be: at most R */
    int64_t dense_ms;           /* poll period within +-(S + 120 s) of a boundary; 0: none */
    double outage_share;        /* chance of an outage after each read */
    double duplicate_share, zero_share;
    bool sweeps;   /* a settlement block with one row an hour, about */
    bool restarts; /* the state is saved and restored now and then */
    int64_t days;
    bool keep_evidence; /* in watched.evidence, for the caller to end */
};
struct watched {
    struct verify_result result;
    struct diagnosis_findings findings;
    struct diagnosis_list diagnoses;
    struct evidence_list evidence;
    struct verify_event first; /* first error; rows are gone */
    uint64_t rows;
    int64_t first_error_ms; /* INT64_MAX: none */
    int64_t earliest_ms;    /* the first read at which a plain oracle sees a forbidden register moved */
    int64_t begins_ms;      /* when the fault begins: the first read, or the life's fault_at_ms */
};

/* A watch drawn from a seed. */
void watch_draw(struct watch *w, uint64_t seed);
/* Lives and judges. options->columns is set here. */
void watch_run(struct life *l, const struct watch *w, struct verify_options *o, bool diagnose,
               struct watched *out);

#endif
