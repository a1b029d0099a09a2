/* findings.h - from broken rules to findings: one for each cause, with its evidence, counted.
 *
 * Units:   10^-6 kWh or kvarh, milliseconds UTC.
 * Errors:  RC_NOMEM; more than FINDINGS_MOST causes are counted, not kept.
 * Threads: plain data, one owner.
 * Source:  INTERFACES 8: repetitions of one rule on one register for one cause are one finding with `count`.
 */
#ifndef METERFLEET_TARIFF_FINDINGS_H
#define METERFLEET_TARIFF_FINDINGS_H

#include <stddef.h>
#include "core/text.h"
#include "tariff/verify.h"

#define FINDINGS_MOST 1000

struct finding {
    struct verify_event first;       /* its evidence; before and after point to the copies below */
    struct verify_row before, after; /* without settlement blocks */
    int64_t settlement_after; /* the register's value when it is a settlement one, else VERIFY_ABSENT */
    int64_t last_ts_utc_ms;
    uint64_t count;
};

struct findings {
    struct finding *item; /* in order of their first event */
    size_t n, room;
    uint64_t left_out; /* events of causes beyond FINDINGS_MOST */
};

int findings_add(struct findings *f, const struct verify_event *e);
void findings_done(struct findings *f);

/* The rule's sentence with this finding's numbers, times in the meter's own time. */
void finding_summary(const struct finding *f, const struct tariff *t, struct text_buf *out);
/* The rule in general: "A rate register may move only while its rate can be in force." */
const char *verify_rule_sentence(enum verify_rule r);
/* True when the excess is reactive (kvarh). */
bool finding_is_reactive(const struct verify_event *e);

#endif
