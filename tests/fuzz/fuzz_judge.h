/* fuzz_judge.h - what the targets for CSV rows and states share: a tariff, and everything that is done with a
 * verdict.
 *
 * Aborts when the engine contradicts its own header.
 */
#ifndef METERFLEET_FUZZ_JUDGE_H
#define METERFLEET_FUZZ_JUDGE_H

#include "tariff/diagnosis.h"
#include "tariff/evidence.h"
#include "tariff/findings.h"
#include "tariff/verify.h"

struct fuzz_judge {
    struct verify *v;
    struct verify_options options;
    struct findings findings;
    struct evidence_list evidence;
    struct diagnosis_findings *counts;
    bool diagnose; /* in the end: it takes many times as long as the verdict */
};

/* The manual's tariff with rest days and a second set, in the caller's memory. */
void fuzz_tariff_make(struct tariff *t);
void fuzz_judge_new(struct fuzz_judge *j, const struct verify_options *o);
/* Ends the record, asks for the result, the words, the diagnoses where wanted, and frees all. */
void fuzz_judge_done(struct fuzz_judge *j);

#endif
