/* diagnosis.h - not only that something is wrong, but what: which explanations fit all the evidence.
 *
 * Every explanation is a changed tariff or a changed clock; it fits when no movement contradicts it. Those
 * that fit are listed, most specific first; explanations that cannot be told apart are all there. What no
 * single explanation fits is `unexplained`. Findings that need no explanation of that kind (a register that
 * fell, stopped, jumped; a sum; a freeze) give their own diagnosis.
 *
 * Units:   milliseconds UTC.
 * Errors:  RC_NOMEM.
 * Threads: pure.
 * Source:  DOMAIN 4.4, 4.5; INTERFACES 8 (codes).
 */
#ifndef METERFLEET_TARIFF_DIAGNOSIS_H
#define METERFLEET_TARIFF_DIAGNOSIS_H

#include <stddef.h>
#include <stdint.h>
#include "tariff/evidence.h"
#include "tariff/verify.h"

enum diagnosis_code {
    DIAG_CLOCK_OFFSET,
    DIAG_CLOCK_DATE,
    DIAG_CLOCK_STEPPED,
    DIAG_CLOCK_DRIFT,
    DIAG_NO_SINGLE_SKEW,
    DIAG_PERIOD_EDGE,
    DIAG_PERIOD_RATE,
    DIAG_PERIOD_MISSING,
    DIAG_RATES_SWAPPED,
    DIAG_ONE_RATE_ONLY,
    DIAG_REST_DAYS,
    DIAG_HOLIDAY,
    DIAG_ZONE_EDGE,
    DIAG_OTHER_SET,
    DIAG_WRAP_RULE,
    DIAG_REGISTER_STOPPED,
    DIAG_REGISTER_JUMP,
    DIAG_SUM_BROKEN,
    DIAG_DECREASE,
    DIAG_CLEARED,
    DIAG_REPLACED,
    DIAG_FREEZE_SHIFT,
    DIAG_FREEZE_VALUE,
    DIAG_UNEXPLAINED,
    DIAG_COUNT
};
const char *diagnosis_code_name(enum diagnosis_code c);

#define DIAGNOSIS_TEXT 240
struct diagnosis {
    enum diagnosis_code code;
    char text[DIAGNOSIS_TEXT]; /* one sentence for a property manager */
    unsigned rules;            /* mask of 1u << enum verify_rule: the findings it explains */
    int64_t from_utc_ms, to_utc_ms;
};

/* What the findings were, counted while judging. */
struct diagnosis_findings {
    uint64_t count[RULE_COUNT];
    int64_t first_utc_ms[RULE_COUNT], last_utc_ms[RULE_COUNT];
    uint64_t fall[4]; /* by enum verify_fall */
    int64_t fall_utc_ms[4];
    uint16_t stopped; /* registers that stood still where T3, T4 or P2 say they must have moved */
    uint16_t totals_still, totals_moved; /* totals in T2 while their rates moved */
    uint16_t jumped;  /* registers that moved more than they can (P1) or alone by a large step */
    uint64_t uneven;  /* F1 in which some frozen values moved on and others did not */
    uint64_t leaps;   /* events in a window in which two or more rates moved by far more than can flow */
    int64_t leap_utc_ms;
};
void diagnosis_count(struct diagnosis_findings *f, const struct verify_event *e);

#define DIAGNOSIS_MOST 8
struct diagnosis_list {
    size_t n;
    struct diagnosis item[DIAGNOSIS_MOST];
};

/* tariff may be NULL (then only findings that need none are explained). */
int diagnosis_make(const struct tariff *tariff, const struct evidence_list *evidence,
                   const struct diagnosis_findings *findings, const struct verify_result *result,
                   struct diagnosis_list *out);

#endif
