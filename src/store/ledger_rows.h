/* ledger_rows.h - the inside of a ledger reader, shared by its two files: the connection and how a row is
 * fetched.
 *
 * Threads: one thread a reader.
 */
#ifndef METERFLEET_STORE_LEDGER_ROWS_H
#define METERFLEET_STORE_LEDGER_ROWS_H

#include "store/db.h"
#include "store/ledger_reader.h"

struct ledger_reader {
    char *path;
    struct db db; /* db.sql == NULL: not open just now */
    int64_t ledger;
    char id[9];
    struct reading *scratch; /* an energy row on its way to JSON */
    sqlite3_stmt *state, *energy, *message, *retained, *meter, *rank, *dropped, *gap;
};

/* A read transaction on the file that lies at the path now, with the present ledger's number and id. */
int ledger_begin(struct ledger_reader *r);
/* Ends it; after an error also gives up the connection, so that the next call begins afresh. Returns rc. */
int ledger_end(struct ledger_reader *r, int rc);
/* Inside a transaction: as ledger_reader_range(). */
int ledger_fetch(struct ledger_reader *r, uint64_t from, uint64_t to, size_t most, struct ledger_row rows[],
                 size_t *n);

#endif
