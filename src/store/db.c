#include "store/db.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "core/rc.h"
#include "core/text.h"

#define BUSY_MS          2000
#define WAL_LIMIT_BYTES  (8 << 20)
#define WAL_FRAME_HEADER 24

int db_rc(sqlite3 *sql, int result)
{
    switch (result & 0xff) {
    case SQLITE_OK:
    case SQLITE_ROW:
    case SQLITE_DONE:
        return RC_OK;
    case SQLITE_FULL:
        return RC_FULL;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return RC_BUSY;
    case SQLITE_NOMEM:
        return RC_NOMEM;
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
        return RC_DENIED;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return RC_CORRUPT;
    case SQLITE_CANTOPEN:
    case SQLITE_IOERR: {
        /* a quota and a file size limit come as plain write errors, a lost mount option likewise */
        int error = sql != NULL ? sqlite3_system_errno(sql) : 0;
        if (error == ENOSPC || error == EDQUOT || error == EFBIG)
            return RC_FULL;
        if (error == EROFS || error == EACCES || error == EPERM)
            return RC_DENIED;
        return result == SQLITE_IOERR_NOMEM ? RC_NOMEM : RC_IO;
    }
    default:
        return RC_IO;
    }
}

static int note(struct db *d, int result)
{
    if (result == SQLITE_OK || result == SQLITE_ROW || result == SQLITE_DONE)
        return RC_OK;
    d->failed = result;
    snprintf(d->message, sizeof d->message, "%s (%d)", d->sql != NULL ? sqlite3_errmsg(d->sql) : "no memory",
             d->sql != NULL ? sqlite3_extended_errcode(d->sql) : result);
    return db_rc(d->sql, result);
}

static int settle(struct db *d, enum db_mode mode)
{
    sqlite3_extended_result_codes(d->sql, 1);
    sqlite3_busy_timeout(d->sql, BUSY_MS);
    sqlite3_db_config(d->sql, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
    sqlite3_db_config(d->sql, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
    sqlite3_db_config(d->sql, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
    sqlite3_db_config(d->sql, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    int keep = 1;
    sqlite3_file_control(d->sql, "main", SQLITE_FCNTL_PERSIST_WAL, &keep);
    int rc = db_exec(d, "PRAGMA trusted_schema = off; PRAGMA cell_size_check = on; PRAGMA mmap_size = 0;"
                        "PRAGMA temp_store = memory;");
    if (rc == RC_OK && mode == DB_CREATE)
        rc = db_execf(d, "PRAGMA page_size = %d; PRAGMA auto_vacuum = incremental;", DB_PAGE_SIZE);
    if (rc == RC_OK && mode != DB_READ)
        rc = db_execf(d,
                      "PRAGMA wal_autocheckpoint = 0; PRAGMA cache_size = -1024; PRAGMA synchronous = full;"
                      "PRAGMA journal_size_limit = %d;",
                      WAL_LIMIT_BYTES);
    if (rc == RC_OK && mode == DB_READ)
        rc = db_exec(d, "PRAGMA cache_size = -256; PRAGMA query_only = on;");
    return rc;
}

static int count_wal(void *arg, sqlite3 *sql, const char *name, int pages)
{
    (void)sql;
    (void)name;
    ((struct db *)arg)->wal_pages = pages;
    return SQLITE_OK;
}

int db_open(const char *path, enum db_mode mode, struct db *out)
{
    static const int flags[] = {[DB_READ] = SQLITE_OPEN_READONLY,
                                [DB_WRITE] = SQLITE_OPEN_READWRITE,
                                [DB_CREATE] = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE};
    struct db d = {.path = strdup(path)};
    if (d.path == NULL)
        return RC_NOMEM;
    int rc = note(&d, sqlite3_open_v2(path, &d.sql, flags[mode] | SQLITE_OPEN_NOMUTEX, NULL));
    if (rc == RC_OK)
        rc = settle(&d, mode);
    memcpy(out->message, d.message, sizeof out->message); /* the reason outlives a failed connection */
    out->failed = d.failed;
    if (rc != RC_OK) {
        db_close(&d);
        return rc;
    }
    *out = d;
    if (mode == DB_WRITE) /* takes the place of SQLite's own checkpoints */
        sqlite3_wal_hook(out->sql, count_wal, out);
    return RC_OK;
}

int db_use_wal(struct db *d)
{
    return db_exec(d, "PRAGMA journal_mode = wal;");
}

void db_close(struct db *d)
{
    sqlite3_close(d->sql);
    d->sql = NULL;
    free(d->path);
    d->path = NULL;
}

int db_exec(struct db *d, const char *sql)
{
    return note(d, sqlite3_exec(d->sql, sql, NULL, NULL, NULL));
}

int db_execf(struct db *d, const char *format, ...)
{
    char sql[512];
    va_list args;
    va_start(args, format);
    int n = vsnprintf(sql, sizeof sql, format, args);
    va_end(args);
    return n < 0 || (size_t)n >= sizeof sql ? RC_RANGE : db_exec(d, sql);
}

int db_prepare(struct db *d, const char *sql, sqlite3_stmt **out)
{
    return note(d, sqlite3_prepare_v3(d->sql, sql, -1, SQLITE_PREPARE_PERSISTENT, out, NULL));
}

int db_run(struct db *d, sqlite3_stmt *st)
{
    int rc = note(d, sqlite3_step(st));
    sqlite3_reset(st);
    return rc;
}

int db_row(struct db *d, sqlite3_stmt *st)
{
    int result = sqlite3_step(st);
    if (result == SQLITE_ROW)
        return RC_OK;
    int rc = note(d, result);
    sqlite3_reset(st);
    return rc == RC_OK ? RC_NOTFOUND : rc;
}

int db_int(struct db *d, const char *sql, int64_t *out)
{
    sqlite3_stmt *st = NULL;
    int rc = db_prepare(d, sql, &st);
    if (rc == RC_OK)
        rc = db_row(d, st);
    if (rc == RC_OK)
        *out = sqlite3_column_int64(st, 0);
    sqlite3_finalize(st);
    return rc;
}

int db_begin(struct db *d, bool full)
{
    int rc = db_exec(d, full ? "PRAGMA synchronous = full" : "PRAGMA synchronous = normal");
    return rc == RC_OK ? db_exec(d, "BEGIN IMMEDIATE") : rc;
}

int db_commit(struct db *d)
{
    return db_exec(d, "COMMIT");
}

void db_rollback(struct db *d)
{
    if (d->sql != NULL && !sqlite3_get_autocommit(d->sql))
        sqlite3_exec(d->sql, "ROLLBACK", NULL, NULL, NULL);
}

int db_checkpoint(struct db *d, bool truncate)
{
    return note(
        d, sqlite3_wal_checkpoint_v2(
               d->sql, NULL, truncate ? SQLITE_CHECKPOINT_TRUNCATE : SQLITE_CHECKPOINT_PASSIVE, NULL, NULL));
}

static uint64_t size_of(const char *path, const char *suffix)
{
    char name[4096];
    struct stat st;
    if (path == NULL || !text_format(name, sizeof name, "%s%s", path, suffix) || stat(name, &st) != 0)
        return 0;
    return (uint64_t)st.st_size;
}

uint64_t db_wal_bytes(const struct db *d)
{
    return (uint64_t)d->wal_pages * (DB_PAGE_SIZE + WAL_FRAME_HEADER);
}

uint64_t db_bytes(const struct db *d)
{
    return size_of(d->path, "") + size_of(d->path, "-wal") + size_of(d->path, "-shm");
}

bool db_moved(struct db *d)
{
    int moved = 0;
    if (sqlite3_file_control(d->sql, "main", SQLITE_FCNTL_HAS_MOVED, &moved) == SQLITE_OK && moved)
        return true;
    /* HAS_MOVED does not watch the WAL */
    char name[4096];
    struct stat st;
    if (!text_format(name, sizeof name, "%s-wal", d->path))
        return false;
    if (stat(name, &st) != 0)
        return errno == ENOENT && d->wal_inode != 0;
    if (d->wal_inode == 0)
        d->wal_inode = (uint64_t)st.st_ino;
    return d->wal_inode != (uint64_t)st.st_ino;
}

bool db_io_failed(const struct db *d)
{
    int primary = d->failed & 0xff;
    return primary == SQLITE_IOERR || primary == SQLITE_CORRUPT || primary == SQLITE_NOTADB ||
           primary == SQLITE_CANTOPEN;
}

const char *db_message(const struct db *d)
{
    return d->message;
}
