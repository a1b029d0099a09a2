/* ledger_reader.h - the ledger's messages as they were first published, read by seq, for the publisher.
 *
 * A read-only connection of the caller's own; short read transactions only, so that it never holds the WAL.
 *
 * Errors:  RC_IO (the file cannot be read now; try again), RC_NOMEM.
 * Threads: one thread a reader.
 */
#ifndef METERFLEET_STORE_LEDGER_READER_H
#define METERFLEET_STORE_LEDGER_READER_H

#include <stdint.h>
#include "config/settings.h"

enum ledger_kind { LEDGER_ENERGY, LEDGER_SETTLEMENT, LEDGER_VERIFICATION, LEDGER_FINDING, LEDGER_GAP };

struct ledger_row {
    uint64_t seq;
    enum ledger_kind kind;
    char *topic;   /* without prefix and gateway: "meter/flat-1/energy"; "" for a gap */
    char *payload; /* JSON text as published */
};

struct ledger_reader;
int ledger_reader_open(const char *database_path, struct ledger_reader **out);
void ledger_reader_close(struct ledger_reader *r);
/* Up to `most` rows with from <= seq <= to, ascending, into rows[] (freed with ledger_rows_free). Numbers
 * that are no longer stored are simply absent. */
int ledger_reader_range(struct ledger_reader *r, uint64_t from, uint64_t to, size_t most,
                        struct ledger_row rows[], size_t *n);
void ledger_rows_free(struct ledger_row rows[], size_t n);
/* Newest row of every retained topic with seq > after, ascending by seq; at most `most` (2 or more) rows from
 * the cursor on (*cursor begins at `after`, moves to the last seq returned; *n == 0: done). For each meter:
 * newest energy, the settlements of the newest 24 periods and the newest one under "meter/X/settlement",
 * newest verification, open findings, and of findings closed since: last message (the caller then clears the
 * topic). A settlement that is the newest of its meter comes as two rows of one seq, which a call never
 * parts. */
int ledger_reader_retained(struct ledger_reader *r, uint64_t *cursor, size_t most, struct ledger_row rows[],
                           size_t *n);

#define LEDGER_SETTLEMENTS_KEPT 24 /* periods a meter whose topics the broker keeps */
#define LEDGER_TOPIC            96 /* the longest topic of a ledger row, with NUL */
/* Where "meter/X/settlement/P" stood among the periods of its meter when it was stored, that is among those
 * with no higher seq: *rank 0 was the newest P. `dropped` gets the topic of the period of rank 24 of these,
 * "" when there were fewer: each row pushes out at most one. RC_NOTFOUND. */
int ledger_reader_settlement_rank(struct ledger_reader *r, const char *topic, unsigned *rank,
                                  char dropped[LEDGER_TOPIC]);
/* The gap message {"from","to","reason"} that says why `seq` is not stored, or RC_NOTFOUND. */
int ledger_reader_gap(struct ledger_reader *r, uint64_t seq, uint64_t *from, uint64_t *to, char reason[16]);

#endif
