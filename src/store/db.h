/* db.h - one SQLite connection with the settings of the house, and its errors in our words.
 *
 * One connection writes and checkpoints, all others are read-only: SQLite 3.7.0 to 3.51.2 can lose pages when
 * one connection commits while another checkpoints. Nothing is checkpointed behind our back
 * (wal_autocheckpoint=0), and the -wal and -shm files stay when the daemon stops, so that readers of the
 * group can open the file then.
 *
 * Units:   cache in KiB, at most 2 MiB a connection; the page of a new file is 1024 bytes: a flush of 32
 * meters writes 64 MB a day into the WAL with it, 131 MB with 4096. Errors:  RC_FULL (disk, quota, file size
 * limit), RC_BUSY, RC_DENIED (read-only, no permission), RC_CORRUPT, RC_NOMEM, RC_IO for the rest.
 * db_message() says it in words. Threads: a connection belongs to one thread. Source:  FAULTS, the nine
 * rules; sqlite.org/wal.html ("WAL-reset bug").
 */
#ifndef METERFLEET_STORE_DB_H
#define METERFLEET_STORE_DB_H

#include <stdbool.h>
#include <stdint.h>
#include <sqlite3.h>

#define DB_PAGE_SIZE 1024

enum db_mode { DB_READ, DB_WRITE, DB_CREATE };

struct db {
    sqlite3 *sql;
    char *path;
    int wal_pages;      /* written since it last began anew; its file does not shrink */
    uint64_t wal_inode; /* as first seen, 0: not yet */
    int failed;         /* SQLite's code of the newest error */
    char message[160];  /* the same in words */
};

/* Opens with the settings of the house. DB_CREATE begins a new file with a rollback journal; db_use_wal()
 * follows. */
int db_open(const char *path, enum db_mode mode, struct db *out); /* *out stays where it is while open */
int db_use_wal(struct db *d);
void db_close(struct db *d); /* all statements must be finalised; harmless when not open */

/* Runs statements that give no rows. */
int db_exec(struct db *d, const char *sql);
int db_execf(struct db *d, const char *format, ...) __attribute__((format(printf, 2, 3)));
int db_prepare(struct db *d, const char *sql, sqlite3_stmt **out);
/* Steps a statement that gives no row, and resets it. */
int db_run(struct db *d, sqlite3_stmt *st);
/* Steps to the next row: RC_OK, RC_NOTFOUND (no more; the statement is reset) or an error. */
int db_row(struct db *d, sqlite3_stmt *st);
/* The first column of the first row. RC_NOTFOUND when there is none. */
int db_int(struct db *d, const char *sql, int64_t *out);

/* begin: IMMEDIATE, with synchronous FULL or NORMAL. */
int db_begin(struct db *d, bool full);
int db_commit(struct db *d);
void db_rollback(struct db *d);

/* PASSIVE takes what no reader holds; TRUNCATE waits for readers up to the busy timeout and cuts the WAL:
 * after an I/O error only that makes commits count again. RC_BUSY when readers stood in the way. */
int db_checkpoint(struct db *d, bool truncate);
uint64_t db_bytes(const struct db *d);     /* of all its files */
uint64_t db_wal_bytes(const struct db *d); /* what a checkpoint would have to look at */
/* True when the database file or its WAL was removed or replaced under us: commits then go into nothing. */
bool db_moved(struct db *d);

/* True when the newest failure was an I/O error: nothing written since the last checkpoint can then be relied
 * on. */
bool db_io_failed(const struct db *d);
const char *db_message(const struct db *d);
/* Our code for a SQLite result; looks at errno for what SQLite calls a mere I/O error. */
int db_rc(sqlite3 *sql, int result);

/* db_files.c: of a database that is made beside its place. Makes a rename in the directory of `path` last;
 * RC_RANGE, RC_IO. */
int db_sync_directory(const char *path);
/* Removes the database and what SQLite keeps beside it. */
void db_remove_files(const char *path);

#endif
