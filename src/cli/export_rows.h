/* export_rows.h - streams rows of the views out, in pieces, so that the database is never held while a pipe
 * is slow.
 *
 * Each piece is one short read transaction of some thousand rows, written once it is closed; memory stays the
 * same however long the span is.
 *
 * Errors:  exit codes, with the complaint made.
 * Threads: one.
 * Source:  FAULTS D15 (a reader in a long transaction lets the WAL grow).
 */
#ifndef METERFLEET_CLI_EXPORT_ROWS_H
#define METERFLEET_CLI_EXPORT_ROWS_H

#include "cli/export_fields.h"
#include "cli/span_args.h"
#include "store/db.h"

struct export_job {
    struct db *db;
    bool json, lean;
    bool wanted[EXPORT_KINDS];
    struct export_row rows[EXPORT_KINDS];
    struct export_header header;
    sqlite3_stmt *statement[EXPORT_KINDS];
    struct text_buf piece;
    uint64_t written; /* rows */
};
/* Prepares the statements for what is wanted. */
int export_rows_open(struct export_job *j);
void export_rows_close(struct export_job *j);
/* All rows of one kind of one meter. */
int export_rows_write(struct export_job *j, enum export_kind k, const char *meter,
                      const struct span_ms *span);

#endif
