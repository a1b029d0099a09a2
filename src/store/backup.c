#include "store/backup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "core/rc.h"
#include "core/text.h"
#include "store/schema.h"

#define FILE_MODE 0640
#define PAGES     1024 /* between two tellings */

static int say(char *why, size_t why_size, int rc, const char *text)
{
    snprintf(why, why_size, "%s", text);
    return rc;
}

static int by_errno(int error)
{
    switch (error) {
    case ENOSPC:
    case EDQUOT:
        return RC_FULL;
    case ENOENT:
    case ENOTDIR:
        return RC_NOTFOUND;
    case EACCES:
    case EPERM:
    case EROFS:
        return RC_DENIED;
    default:
        return RC_IO;
    }
}

/* May the name be taken? What is there is only replaced when it is a backup of ours. */
static int look_at_place(const struct db *from, const char *path, char *why, size_t why_size)
{
    struct stat there, source;
    if (stat(path, &there) != 0)
        return errno == ENOENT ? RC_OK : say(why, why_size, by_errno(errno), strerror(errno));
    if (stat(from->path, &source) == 0 && source.st_dev == there.st_dev && source.st_ino == there.st_ino)
        return say(why, why_size, RC_RANGE, "is the database itself");
    if (!S_ISREG(there.st_mode))
        return say(why, why_size, RC_RANGE, "is not a plain file");
    unsigned version;
    struct db d = {0};
    int64_t marked = 0;
    int rc = schema_recognise(path, &version);
    if (rc == RC_OK)
        rc = db_open(path, DB_READ, &d);
    if (rc == RC_OK)
        rc = db_int(&d, "SELECT is_backup FROM store_state", &marked);
    db_close(&d);
    return rc == RC_OK && marked == 1
               ? RC_OK
               : say(why, why_size, RC_FOREIGN, "is there and is no backup: left as it is");
}

static int make_part(const char *part, char *why, size_t why_size)
{
    db_remove_files(part); /* of an attempt that was killed */
    int fd = open(part, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, FILE_MODE);
    if (fd < 0)
        return say(why, why_size, by_errno(errno), strerror(errno));
    int rc = fchmod(fd, FILE_MODE) == 0 ? RC_OK : RC_IO;
    close(fd);
    return rc;
}

/* All pages, in one read transaction of the source: no writer makes us begin again. */
static int copy_pages(struct db *from, struct db *to, backup_tell *tell, void *arg)
{
    int64_t one;
    int rc = db_exec(from, "BEGIN");
    if (rc != RC_OK)
        return rc;
    rc =
        db_int(from, "SELECT count(*) FROM store_state", &one); /* a transaction begins with its first read */
    sqlite3_backup *b = rc == RC_OK ? sqlite3_backup_init(to->sql, "main", from->sql, "main") : NULL;
    int step = SQLITE_OK, error = 0;
    while (b != NULL && (step == SQLITE_OK || step == SQLITE_BUSY || step == SQLITE_LOCKED)) {
        errno = 0;
        step = sqlite3_backup_step(b, PAGES);
        error = errno; /* SQLite calls a file that may grow no more a mere I/O error */
        if (step == SQLITE_BUSY || step == SQLITE_LOCKED)
            sqlite3_sleep(50);
        else if (tell != NULL)
            tell(arg, sqlite3_backup_pagecount(b) - sqlite3_backup_remaining(b), sqlite3_backup_pagecount(b));
    }
    if (b != NULL)
        sqlite3_backup_finish(b);
    db_rollback(from);
    if (rc != RC_OK)
        return rc;
    if (step == SQLITE_DONE)
        return RC_OK;
    snprintf(to->message, sizeof to->message, "%s", sqlite3_errstr(step));
    return error == EFBIG || error == ENOSPC || error == EDQUOT ? RC_FULL : db_rc(to->sql, step);
}

/* Is every page whole? Then the mark, and what it holds. */
static int finish_part(struct db *to, struct backup_result *out)
{
    sqlite3_stmt *st = NULL;
    int rc = db_exec(to, "PRAGMA journal_mode = delete");
    if (rc == RC_OK)
        rc = db_prepare(to, "PRAGMA quick_check(1)", &st);
    if (rc == RC_OK)
        rc = db_row(to, st);
    if (rc == RC_OK && strcmp((const char *)sqlite3_column_text(st, 0), "ok") != 0)
        rc = RC_CORRUPT;
    sqlite3_finalize(st);
    if (rc == RC_OK)
        rc = db_exec(to, "UPDATE store_state SET is_backup = 1");
    if (rc == RC_OK)
        rc = db_prepare(
            to, "SELECT l.id, s.last_seq FROM store_state s JOIN ledger_data l ON l.no = s.ledger", &st);
    else
        return rc;
    rc = rc == RC_OK ? db_row(to, st) : rc;
    if (rc == RC_OK) {
        text_format(out->ledger, sizeof out->ledger, "%s", (const char *)sqlite3_column_text(st, 0));
        out->last_seq = sqlite3_column_int64(st, 1);
    }
    sqlite3_finalize(st);
    out->bytes = db_bytes(to);
    return rc;
}

static int fill(struct db *from, const char *part, backup_tell *tell, void *arg, struct backup_result *out,
                char *why, size_t why_size)
{
    struct db to = {0};
    int rc = db_open(part, DB_CREATE, &to);
    if (rc == RC_OK)
        rc = db_exec(&to,
                     "PRAGMA journal_mode = off; PRAGMA synchronous = off"); /* synced as a whole, below */
    if (rc == RC_OK)
        rc = copy_pages(from, &to, tell, arg);
    if (rc == RC_OK)
        rc = finish_part(&to, out);
    if (rc != RC_OK)
        snprintf(why, why_size, "%s",
                 rc == RC_CORRUPT
                     ? "the copy, and so the database, is damaged: meterfleet db check says where"
                 : rc == RC_FULL ? "no room on the disk"
                                 : db_message(to.sql != NULL ? &to : from));
    db_close(&to);
    return rc;
}

static int sync_and_rename(const char *part, const char *path, char *why, size_t why_size)
{
    int fd = open(part, O_RDONLY | O_CLOEXEC);
    int rc = fd >= 0 && fsync(fd) == 0 ? RC_OK : RC_IO;
    if (rc == RC_OK && rename(part, path) != 0)
        rc = RC_IO;
    if (rc != RC_OK)
        say(why, why_size, rc = by_errno(errno), strerror(errno));
    if (fd >= 0)
        close(fd);
    if (rc == RC_OK)
        (void)db_sync_directory(path); /* a file system that cannot has renamed all the same */
    return rc;
}

int backup_make(struct db *from, const char *path, backup_tell *tell, void *arg, struct backup_result *out,
                char *why, size_t why_size)
{
    char part[4100];
    memset(out, 0, sizeof *out);
    why[0] = '\0';
    if (!text_format(part, sizeof part, "%s-part", path))
        return say(why, why_size, RC_RANGE, "the path is too long");
    int rc = look_at_place(from, path, why, why_size);
    if (rc == RC_OK)
        rc = make_part(part, why, why_size);
    else
        return rc;
    if (rc == RC_OK)
        rc = fill(from, part, tell, arg, out, why, why_size);
    if (rc == RC_OK)
        rc = sync_and_rename(part, path, why, why_size);
    db_remove_files(part);
    return rc;
}
