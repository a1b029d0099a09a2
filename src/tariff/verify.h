/* verify.h - the verdict: are a meter's rate registers what its tariff says they must be?
 *
 * Readings go in one by one in order of time; what breaks a rule comes out as an event with its evidence. The
 * rules are sound: a correct meter within the assumptions (clock within +-S, switching lag up to G, register
 * image at most R old, registers that only accumulate) can never break one (proofs: DOMAIN 4.3). Nothing is
 * accused on one read: every row is judged when the next one is there (INTERFACES 8), so a bad sample never
 * becomes the baseline.
 *
 *   T1 a rate register moved while its rate could not be in force      T4 a rate got more or less than
 * possible, any horizon T2 total and sum of the four rates drift apart                     T5 the same inside
 * one long window T3 the same over a run of one possible rate                        T6 a register fell P1
 * more energy than the meter can carry    P2 power flows, total stands still (warning) F1 to F7: the
 * settlement block (freeze.h)
 *
 * Units:   10^-6 kWh or kvarh, milliseconds UTC.
 * Errors:  none while judging; verify_load(): RC_PARSE.
 * Threads: one owner a meter. The options and their tariff must outlive it. At most VERIFY_STATE_MAX bytes a
 * meter, however long the record. Source:  DOMAIN 4.2 to 4.6; INTERFACES 8.
 */
#ifndef METERFLEET_TARIFF_VERIFY_H
#define METERFLEET_TARIFF_VERIFY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "tariff/rules.h"
#include "tariff/tariff.h"
#include "tariff/verify_row.h"

#define VERIFY_STATE_MAX 8192

enum verify_rule {
    RULE_T1,
    RULE_T2,
    RULE_T3,
    RULE_T4,
    RULE_T5,
    RULE_T6,
    RULE_F1,
    RULE_F2,
    RULE_F3,
    RULE_F4,
    RULE_F5,
    RULE_F6,
    RULE_F7,
    RULE_P1,
    RULE_P2,
    RULE_P3,
    RULE_COUNT
};
const char *verify_rule_name(enum verify_rule r); /* "T1" … */
enum verify_severity { SEVERITY_ERROR, SEVERITY_WARNING, SEVERITY_INFO };
const char *verify_severity_name(enum verify_severity s);

/* What a T6 turned out to be. */
enum verify_fall { FALL_NONE, FALL_DECREASE, FALL_CLEARED, FALL_REPLACED };

struct verify_event {
    enum verify_rule rule;
    enum verify_severity severity;
    enum verify_fall fall;
    int quantity; /* enum quantity_id of the register, or -1 */
    bool has_excess;
    int64_t excess;           /* how far beyond what is possible */
    int64_t ts_utc_ms;        /* the accepted reading's time */
    int64_t window_utc_ms[2]; /* [first row's time - its window - R, second row's time] */
    unsigned possible;        /* mask of possible rates, 0: not asked */
    int32_t cause; /* the same for repetitions of one cause: the nominal period's start, a slot, 0 */
    const struct verify_row *before, *after; /* valid during the call */
};
typedef void verify_sink(void *arg, const struct verify_event *e);
/* Rates (mask) that moved in a window, and those of them that T1 forbids: for diagnosis and learning. */
typedef void verify_evidence_sink(void *arg, int64_t lo_utc_ms, int64_t hi_utc_ms, unsigned rates,
                                  unsigned forbidden);

struct verify_options {
    const struct tariff *tariff; /* NULL: none */
    enum combined_rule combined;
    enum freeze_model freeze;
    bool dual_source;    /* registers are not compared */
    int64_t max_power_w; /* 0: unknown, then T5, F6 and P1 do not run */
    uint16_t columns;    /* bit per register that the source can give */
};

enum verify_accept {
    VERIFY_TAKEN,
    VERIFY_REJECT_RANGE,
    VERIFY_REJECT_ZERO,
    VERIFY_DUPLICATE,
    VERIFY_CONFLICT
};

struct verify;
int verify_new(const struct verify_options *o, verify_sink *sink, void *arg, struct verify **out);
void verify_free(struct verify *v);
void verify_want_evidence(struct verify *v, verify_evidence_sink *sink, void *arg);

/* Rows in ascending order of time. Of rows of one time an equal one is a DUPLICATE; an unequal one makes the
 * time a CONFLICT, then none of that time counts. So a row is used when one of a later time comes, or on
 * verify_settle(). */
enum verify_accept verify_push(struct verify *v, const struct verify_row *row);
/* No more rows of the newest time will come (a daemon's always: its times differ). */
void verify_settle(struct verify *v);
/* A row of this time that the source could not read as numbers in range: counted, never a baseline. */
void verify_reject_range(struct verify *v, int64_t time_utc_ms);
/* No more rows: the last one is never judged. */
void verify_end(struct verify *v);

enum verify_verdict { VERDICT_OK, VERDICT_VIOLATED, VERDICT_UNDECIDED };
const char *verify_verdict_name(enum verify_verdict v);

/* Why a verdict is undecided: bits, and their names in this order. */
enum verify_missing {
    MISSING_NO_RATE_COLUMNS,
    MISSING_NO_MOVEMENT,
    MISSING_TOO_FEW_READINGS,
    MISSING_ALL_WINDOWS_AMBIGUOUS,
    MISSING_RESOLUTION,
    MISSING_NO_TARIFF,
    MISSING_CLOCK,
    MISSING_DUAL_SOURCE,
    MISSING_FREEZE_MODEL,
    MISSING_COUNT
};
const char *verify_missing_name(enum verify_missing m);

struct verify_result {
    enum verify_verdict verdict;
    unsigned missing;               /* bits 1u << enum verify_missing, when undecided */
    int64_t from_utc_ms, to_utc_ms; /* first and last row pushed; INT64_MIN: none */
    uint64_t readings;              /* rows pushed, rejected ones included */
    uint64_t rejected_range, rejected_zero, rejected_conflict, rejected_glitch, duplicates;
    uint64_t errors;                       /* events of severity error */
    double coverage_time, coverage_energy; /* share judged in windows with one possible rate */
    bool has_skew;
    int64_t skew_lo_ms, skew_hi_ms;
    int64_t no_single_skew_utc_ms; /* when one clock ceased to explain the data; INT64_MIN: never */
    bool has_resolution[VERIFY_REGISTERS];
    int64_t resolution[VERIFY_REGISTERS];
    const char *combined_rule; /* "import+export" "import" "import-export" "undetermined" */
    enum freeze_model freeze;  /* FREEZE_AUTO: undetermined */
};
void verify_result(const struct verify *v, struct verify_result *out);

/* The state as bytes, for the database: at most VERIFY_STATE_MAX. Loading needs the same options; a blob of
 * another version or a damaged one is RC_PARSE and the state begins anew. */
size_t verify_save(const struct verify *v, uint8_t out[VERIFY_STATE_MAX]);
int verify_load(struct verify *v, const uint8_t *blob, size_t size);

#endif
