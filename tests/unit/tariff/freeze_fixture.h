/* freeze_fixture.h - a meter whose settlement blocks are judged: on the evening before 2026-04-01 00:00 of
 * its time, its registers' steps known and one block read.
 *
 * Threads: one; the state is that of judge_fixture.h and what is below.
 */
#ifndef METERFLEET_TESTS_FREEZE_FIXTURE_H
#define METERFLEET_TESTS_FREEZE_FIXTURE_H

#include <stdbool.h>
#include "judge_fixture.h"

extern enum freeze_model model;           /* as the meter has it */
extern bool automatic;                    /* the site does not say which */
extern int64_t began[VERIFY_SETTLEMENTS]; /* live registers at the last settlement, by family */
extern bool apart; /* the block comes in a row of its own, a second behind the registers */

#define DAY 86400000LL

/* Families of active energy: 0 combined, 2 + 2 * rate. */
unsigned at(unsigned family, unsigned slot);
void all_families(void (*set)(unsigned family, int64_t live));
/* What the months before left in one family. */
void set_first(unsigned family, int64_t live);
/* One family moves on: what it shows now is the first frozen value. */
void roll(unsigned family, int64_t live);
/* A block, with rows around it. */
void sweep_at(const char *text);
void begin(enum freeze_model m);
/* Over the instant; all families move on. */
void pass_settlement(void);

/* What may happen to a block between settlements. */
void nothing(void);
void month_fell(void);
void frozen_changed(void);
void rolled_early(void);

#endif
