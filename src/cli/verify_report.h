/* verify_report.h - one meter judged: result, findings, diagnoses; and the two ways to show it.
 *
 * Errors:  RC_NOMEM.
 * Threads: one.
 * Source:  INTERFACES 8.
 */
#ifndef METERFLEET_CLI_VERIFY_REPORT_H
#define METERFLEET_CLI_VERIFY_REPORT_H

#include "cli/verify_input.h"
#include "core/text.h"
#include "tariff/diagnosis.h"
#include "tariff/findings.h"
#include "tariff/verify.h"

struct verify_report {
    const char *meter;
    struct verify_options options;
    struct verify_result result;
    struct findings findings;
    struct diagnosis_findings counts;
    struct diagnosis_list diagnoses;
    struct evidence_list evidence;
};

int verify_report_make(const struct input_meter *m, const struct verify_options *o,
                       struct verify_report *out);
void verify_report_done(struct verify_report *r);

/* One object of "meters". */
void verify_report_json(const struct verify_report *r, struct text_buf *out);
/* For people; with proof: assumptions, both readings, window, possible rates, excess, the rule's sentence. */
void verify_report_text(const struct verify_report *r, bool proof, struct text_buf *out);

#endif
