/* learn_parts.h - what the learn*.c files share: the steps of learn_make() in their order.
 *
 * Units, errors, threads as learn.h.
 */
#ifndef METERFLEET_TARIFF_LEARN_PARTS_H
#define METERFLEET_TARIFF_LEARN_PARTS_H

#include "tariff/learn.h"

#define LEARN_ANY RATE_COUNT /* a minute whose rate depends on the day before */

/* A table as minutes; before its first period the last one's rate, or LEARN_ANY with wrap = previous_day. */
void learn_table_minutes(const struct tariff_table *table, enum tariff_wrap wrap, uint8_t out[LEARN_DAY]);
/* The table of each group: switch-overs, spans, gaps. */
void learn_tables(const struct tariff *t, const struct evidence_list *l, struct learned *out);
/* The calendar around the tables. */
int learn_proposal(const struct tariff *t, const struct evidence_list *l, struct learned *out);
/* Weekdays and zones of p, such that each day runs a table that it can: bit n - 1 of runs[i] for table n. */
void learn_calendar(const struct learn_days *d, const uint8_t *runs, struct tariff *p);
void learn_differences(const struct tariff *t, const struct diagnosis_list *diagnoses, struct learned *out);

#endif
