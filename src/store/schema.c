#include "store/schema.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "core/rc.h"
#include "core/text.h"

#define HEADER_SIZE 100
#define FILE_MODE   0640

static unsigned number_of(const struct schema_file *f)
{
    return f->name[0] >= '0' && f->name[0] <= '9' ? (unsigned)strtoul(f->name, NULL, 10) : 0;
}

unsigned schema_version(void)
{
    unsigned version = 0;
    for (size_t i = 0; i < schema_files_n; i++)
        if (number_of(&schema_files[i]) > version)
            version = number_of(&schema_files[i]);
    return version;
}

static uint32_t big_endian(const unsigned char *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

int schema_recognise(const char *path, unsigned *version)
{
    /* O_NONBLOCK: a FIFO in this place must not hold us */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        return errno == ENOENT ? RC_NOTFOUND : errno == EACCES ? RC_DENIED : RC_IO;
    struct stat st;
    unsigned char h[HEADER_SIZE];
    int rc = RC_FOREIGN;
    if (fstat(fd, &st) != 0)
        rc = RC_IO;
    else if (S_ISREG(st.st_mode) && st.st_size == 0)
        rc = RC_NOTFOUND;
    else if (S_ISREG(st.st_mode)) {
        ssize_t n = pread(fd, h, sizeof h, 0);
        if (n < 0)
            rc = RC_IO;
        else if (n == sizeof h && memcmp(h, "SQLite format 3", 16) == 0 &&
                 big_endian(h + 68) == SCHEMA_APPLICATION_ID) {
            *version = big_endian(h + 60);
            rc = *version > schema_version() ? RC_NEWER : RC_OK;
        }
    }
    close(fd);
    return rc;
}

int schema_check(struct db *d)
{
    int64_t id = 0, version = 0;
    int rc = db_int(d, "PRAGMA application_id", &id);
    if (rc == RC_OK)
        rc = db_int(d, "PRAGMA user_version", &version);
    if (rc != RC_OK)
        return rc;
    if (id != SCHEMA_APPLICATION_ID || version < (int64_t)schema_version())
        return RC_FOREIGN;
    return version > (int64_t)schema_version() ? RC_NEWER : RC_OK;
}

static int drop_views(struct db *d)
{
    for (;;) {
        sqlite3_stmt *st = NULL;
        char name[64] = "";
        int rc = db_prepare(d, "SELECT name FROM sqlite_master WHERE type = 'view' LIMIT 1", &st);
        if (rc == RC_OK)
            rc = db_row(d, st);
        if (rc == RC_OK)
            snprintf(name, sizeof name, "%s", (const char *)sqlite3_column_text(st, 0));
        sqlite3_finalize(st);
        if (rc != RC_OK)
            return rc == RC_NOTFOUND ? RC_OK : rc;
        rc = db_execf(d, "DROP VIEW \"%s\"", name);
        if (rc != RC_OK)
            return rc;
    }
}

/* All migrations after `version`, then the views of this program. Inside the caller's transaction. */
static int apply(struct db *d, unsigned version)
{
    int rc = drop_views(d);
    for (size_t i = 0; i < schema_files_n && rc == RC_OK; i++)
        if (number_of(&schema_files[i]) == 0 || number_of(&schema_files[i]) > version)
            rc = db_exec(d, schema_files[i].text);
    if (rc == RC_OK)
        rc = db_execf(d, "PRAGMA user_version = %u", schema_version());
    return rc;
}

/* The file as it was, beside it, marked so that whoever goes back to it begins a new ledger. */
static int keep_copy(struct db *d, unsigned version)
{
    char name[4096];
    struct db copy = {0};
    sqlite3_stmt *st = NULL;
    if (!text_format(name, sizeof name, "%s-version%u", d->path, version))
        return RC_RANGE;
    unlink(name); /* of an attempt that was cut short */
    int rc = db_prepare(d, "VACUUM INTO ?1", &st);
    if (rc == RC_OK) {
        sqlite3_bind_text(st, 1, name, -1, SQLITE_STATIC);
        rc = db_run(d, st);
    }
    sqlite3_finalize(st);
    if (rc == RC_OK && chmod(name, FILE_MODE) != 0)
        rc = RC_IO;
    if (rc == RC_OK)
        rc = db_open(name, DB_CREATE, &copy);
    if (rc == RC_OK)
        rc = db_exec(&copy, "UPDATE store_state SET is_backup = 1");
    db_close(&copy);
    return rc;
}

int schema_migrate(struct db *d)
{
    int64_t version = 0;
    int rc = db_int(d, "PRAGMA user_version", &version);
    if (rc != RC_OK || version == (int64_t)schema_version())
        return rc;
    if (version > (int64_t)schema_version())
        return RC_NEWER;
    rc = keep_copy(d, (unsigned)version);
    if (rc == RC_OK)
        rc = db_begin(d, true);
    if (rc == RC_OK)
        rc = apply(d, (unsigned)version);
    if (rc == RC_OK)
        rc = db_commit(d);
    if (rc != RC_OK)
        db_rollback(d);
    /* the header itself must say the new version: older programs look nowhere else */
    return rc == RC_OK ? db_checkpoint(d, true) : rc;
}

static int fill(const char *path, const char *ledger_id, int64_t now_utc_ms, char *why, size_t why_size)
{
    struct db d = {0};
    int rc = db_open(path, DB_CREATE, &d);
    if (rc == RC_OK)
        rc = db_execf(&d, "PRAGMA application_id = %d; BEGIN IMMEDIATE", SCHEMA_APPLICATION_ID);
    if (rc == RC_OK)
        rc = apply(&d, 0);
    if (rc == RC_OK)
        rc = db_execf(&d,
                      "INSERT INTO ledger_data VALUES (1, '%.8s', %lld);"
                      "INSERT INTO store_state (id, ledger) VALUES (1, 1); COMMIT;",
                      ledger_id, (long long)now_utc_ms);
    if (rc == RC_OK)
        rc = db_use_wal(&d);
    if (rc != RC_OK)
        snprintf(why, why_size, "%s", db_message(&d));
    db_close(&d);
    return rc;
}

int schema_create(const char *path, const char *ledger_id, int64_t now_utc_ms, char *why, size_t why_size)
{
    char made[4096], wal[4096], shm[4096];
    if (!text_format(made, sizeof made, "%s-new", path) || !text_format(wal, sizeof wal, "%s-wal", path) ||
        !text_format(shm, sizeof shm, "%s-shm", path)) {
        snprintf(why, why_size, "the path is too long");
        return RC_RANGE;
    }
    db_remove_files(made); /* of a start that was killed */
    int fd = open(made, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, FILE_MODE);
    if (fd < 0) {
        int error = errno;
        snprintf(why, why_size, "%s", strerror(error));
        return error == ENOSPC || error == EDQUOT  ? RC_FULL
               : error == EACCES || error == EROFS ? RC_DENIED
                                                   : RC_IO;
    }
    int rc = fchmod(fd, FILE_MODE) == 0 ? RC_OK : RC_IO; /* whatever the umask says */
    close(fd);
    if (rc == RC_OK)
        rc = fill(made, ledger_id, now_utc_ms, why, why_size);
    if (rc == RC_OK) {
        unlink(wal); /* of a database that is no longer there */
        unlink(shm);
        rc = rename(made, path) == 0 ? db_sync_directory(path) : RC_IO;
        if (rc != RC_OK)
            snprintf(why, why_size, "%s", strerror(errno));
    }
    db_remove_files(made);
    return rc;
}
