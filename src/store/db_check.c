#include "store/db_check.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "core/rc.h"
#include "share/ackset.h"

#define TOLD_MOST 100

struct check {
    db_check_tell *tell;
    void *arg;
    struct db_check *out;
};

static void problem(struct check *c, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void problem(struct check *c, const char *format, ...)
{
    char line[512];
    va_list args;
    if (++c->out->problems > TOLD_MOST)
        return;
    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    c->tell(c->arg, line);
}

static int check_pages(struct db *d, struct check *c)
{
    sqlite3_stmt *st = NULL;
    int rc = db_prepare(d, "PRAGMA integrity_check(101)", &st);
    while (rc == RC_OK && (rc = db_row(d, st)) == RC_OK) {
        const char *text = (const char *)sqlite3_column_text(st, 0);
        if (text != NULL && strcmp(text, "ok") != 0)
            problem(c, "%s", text);
    }
    sqlite3_finalize(st);
    return rc == RC_NOTFOUND ? RC_OK : rc;
}

/* The first number from `from` on, up to `to`, that nobody acknowledged; 0: none. What was acknowledged may
 * have left by age without a word. */
static uint64_t unaccounted(const struct ackset *acked, uint64_t from, uint64_t to)
{
    uint64_t seq = ackset_next_missing(acked, from);
    return seq >= from && seq <= to ? seq : 0;
}

static void missing(struct check *c, const char *ledger, const struct ackset *acked, uint64_t from,
                    uint64_t to)
{
    if (from > to || unaccounted(acked, from, to) == 0)
        return;
    problem(c, "ledger %s: numbers %" PRIu64 " to %" PRIu64 " are neither there nor told as a gap", ledger,
            from, to);
}

/* One ledger in the order of its numbers: rows, and gaps of many. known: which of them a broker acknowledged,
 * and the last one given; older ledgers are only looked through for numbers given twice. */
static int check_ledger(struct db *d, int64_t no, const char *id, const struct ackset *acked, uint64_t last,
                        struct check *c)
{
    static const char numbers[] =
        "SELECT seq, seq FROM energy_data WHERE ledger = ?1"
        " UNION ALL SELECT seq, seq FROM ledger_message WHERE ledger = ?1"
        " UNION ALL SELECT first, last FROM ledger_gap WHERE ledger = ?1 ORDER BY 1, 2";
    sqlite3_stmt *st = NULL;
    uint64_t next = 1;
    int rc = db_prepare(d, numbers, &st);
    if (rc == RC_OK)
        sqlite3_bind_int64(st, 1, no);
    while (rc == RC_OK && (rc = db_row(d, st)) == RC_OK) {
        uint64_t from = (uint64_t)sqlite3_column_int64(st, 0), to = (uint64_t)sqlite3_column_int64(st, 1);
        if (from < next)
            problem(c, "ledger %s: number %" PRIu64 " was given twice", id, from);
        else if (acked != NULL)
            missing(c, id, acked, next, from - 1);
        c->out->rows += from == to;
        next = to + 1 > next ? to + 1 : next;
    }
    sqlite3_finalize(st);
    if (acked == NULL)
        return rc == RC_NOTFOUND ? RC_OK : rc;
    missing(c, id, acked, next, last);
    if (next > last + 1)
        problem(c, "ledger %s: goes to %" PRIu64 ", the file says to %" PRIu64, id, next - 1, last);
    return rc == RC_NOTFOUND ? RC_OK : rc;
}

static int check_ledgers(struct db *d, struct check *c)
{
    sqlite3_stmt *st = NULL;
    int rc =
        db_prepare(d,
                   "SELECT l.no, l.id, l.no = s.ledger, s.acked, s.last_seq FROM ledger_data l, store_state s"
                   " ORDER BY l.no",
                   &st);
    while (rc == RC_OK && (rc = db_row(d, st)) == RC_OK) {
        struct ackset acked = {0};
        bool present = sqlite3_column_int(st, 2) != 0;
        const char *id = (const char *)sqlite3_column_text(st, 1),
                   *text = (const char *)sqlite3_column_text(st, 3);
        if (present && ackset_from_text(text, &acked) != RC_OK)
            problem(c, "ledger %s: what was acknowledged cannot be read: %.80s", id, text);
        c->out->ledgers++;
        rc = check_ledger(d, sqlite3_column_int64(st, 0), id, present ? &acked : NULL,
                          (uint64_t)sqlite3_column_int64(st, 4), c);
    }
    sqlite3_finalize(st);
    return rc == RC_NOTFOUND ? RC_OK : rc;
}

int db_check(struct db *d, db_check_tell *tell, void *arg, struct db_check *out)
{
    struct check c = {tell, arg, out};
    memset(out, 0, sizeof *out);
    int rc = db_exec(d, "BEGIN"); /* of one moment */
    if (rc != RC_OK)
        return rc;
    rc = check_pages(d, &c);
    if (rc == RC_OK)
        rc = check_ledgers(d, &c);
    db_rollback(d);
    return rc;
}
