/* export_rows.h - streams rows of the views out, in pieces, so that the database is never held while a pipe
 * is slow.
 *
 * All meters are read in one pass over the time, which is how the rows lie. Each piece is one short read
 * transaction of some thousand rows, written once it is closed; memory stays the same however long the span
 * is.
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

/* One meter to export, and from when to when. */
struct export_meter {
    const char *name;
    struct span_ms span;
};

struct export_job {
    struct db *db;
    bool json, lean;
    bool wanted[EXPORT_KINDS];
    struct export_row rows[EXPORT_KINDS];
    struct export_header header;
    struct export_meter *meters; /* by name, ascending */
    size_t n_meters;
    uint64_t written; /* rows */
};

/* All rows of one kind: readings by time, settlements and findings by meter. */
int export_rows(struct export_job *j, enum export_kind k);

#endif
