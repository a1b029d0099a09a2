/* fake_ledger.h - a ledger in memory behind store/ledger_reader.h, for tests of the publisher.
 *
 * A program that links this file gets these readers instead of those of the database. Rows are added by the
 * test; holes, failures and another ledger are made at will.
 *
 * Threads: one mutex; the test adds while the publisher reads.
 */
#ifndef METERFLEET_TESTS_FAKE_LEDGER_H
#define METERFLEET_TESTS_FAKE_LEDGER_H

#include <stdbool.h>
#include <stdint.h>
#include "store/ledger_reader.h"

/* Adds the next row and returns its seq. topic "" for a gap. */
uint64_t fake_ledger_add(enum ledger_kind kind, const char *topic, const char *payload);
uint64_t fake_ledger_last(void);
/* The rows from..to are gone; reason NULL: no gap message explains it. */
void fake_ledger_forget(uint64_t from, uint64_t to, const char *reason);
/* Every read fails with RC_IO until it is switched off. */
void fake_ledger_fail(bool on);
/* Everything is gone: a new ledger begins. */
void fake_ledger_clear(void);

#endif
