/* learn_view.h - what was learned of one meter, for people (a [tariff] section with comments) and as JSON.
 *
 * Errors:  out->failed without memory.
 * Threads: one.
 * Source:  INTERFACES 2 (the section), 7 and 8 (learn).
 */
#ifndef METERFLEET_CLI_LEARN_VIEW_H
#define METERFLEET_CLI_LEARN_VIEW_H

#include "cli/verify_report.h"
#include "tariff/learn.h"

struct learn_view {
    const struct verify_report *report;
    const struct learned *learned;
    const char *tariff;     /* the configured one's name, NULL: none */
    char name[TARIFF_NAME]; /* of the proposed section */
};

void learn_view_text(const struct learn_view *v, struct text_buf *out);
/* One object of "meters". */
void learn_view_json(const struct learn_view *v, struct text_buf *out);

/* The proposed period that begins at a minute was proven by this switch-over; NULL: it is not. */
const struct learned_switch *learn_view_proof(const struct learned_table *t, unsigned minute, uint8_t rate);
/* The proposed table of a group as periods, the first of them from 00:00; their number. */
#define LEARN_VIEW_PERIODS 32
unsigned learn_view_periods(const struct learned_table *t, uint16_t begin[LEARN_VIEW_PERIODS]);

#endif
