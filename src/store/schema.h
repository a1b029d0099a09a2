/* schema.h - the tables and views of the database: making them, recognising them, bringing them up to date.
 *
 * The SQL lies in schema/ and is written into the program at build. A new file is made whole beside its place
 * and then renamed, so that a file of ours is never half a database. A file that is not ours, or newer than
 * this program, is recognised from its header, by reading only: it stays as it is, byte for byte.
 *
 * Errors:  RC_FOREIGN, RC_NEWER, RC_NOTFOUND (no file, or an empty one), else those of db.h and RC_IO.
 * Threads: the connection's owner.
 * Source:  SQLite file format 1.3 (header: user_version at 60, application_id at 68, both big-endian).
 */
#ifndef METERFLEET_STORE_SCHEMA_H
#define METERFLEET_STORE_SCHEMA_H

#include <stddef.h>
#include <stdint.h>
#include "store/db.h"

#define SCHEMA_APPLICATION_ID 0x4d464c54 /* "MFLT" */

struct schema_file {
    const char *name; /* "0001_base.sql", "view_1_readings.sql" */
    const char *text;
};
extern const struct schema_file schema_files[]; /* in the order of their names */
extern const size_t schema_files_n;

unsigned schema_version(void); /* of this program: the number of the last migration */

/* What the file is, without touching it; *version is its user_version. Never while this process has the file
 * open with SQLite: POSIX drops all locks of a process when it closes any descriptor of the file. */
int schema_recognise(const char *path, unsigned *version);
/* The same of a file that is open: RC_OK only when it is ours and of this very version. */
int schema_check(struct db *d);
/* Makes a new database at `path` (0640), with a first ledger of this id. */
int schema_create(const char *path, const char *ledger_id, int64_t now_utc_ms, char *why, size_t why_size);
/* Brings an older file up to this version in one transaction; does nothing when it is. */
int schema_migrate(struct db *d);

#endif
