/* export_rows.c - one statement a kind, bound anew for each meter and piece. */
#include "cli/export_rows.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "cli/cli.h"

#define PIECE_ROWS 2000

/* Where each kind comes from and what its span is compared with. The key is the first column. A period's end
 * is a date (and hour) of the meter's own clock, compared as text; findings go by the time they were opened.
 */
static const struct {
    const char *key, *from;
    bool pieces; /* the key is ts_ms, ascending: may go on from where it stopped */
} sources[EXPORT_KINDS] = {
    [EXPORT_ENERGY] = {"ts_ms", "energy", true},
    [EXPORT_LIVE] = {"ts_ms", "live", true},
    [EXPORT_SETTLEMENT] = {"period_end || CASE length(period_end) WHEN 10 THEN 'T00' ELSE '' END",
                           "settlement", false},
    [EXPORT_FINDING] = {"opened", "finding", false},
};

static int prepare(struct export_job *j, enum export_kind k)
{
    struct text_buf sql = {.data = NULL};
    text_buf_addf(&sql, "SELECT %s AS key", sources[k].key);
    for (size_t f = 0; f < j->rows[k].n; f++)
        text_buf_addf(&sql, ", \"%s\"", j->rows[k].field[f].sql);
    text_buf_addf(&sql, " FROM %s WHERE meter = ?1 AND key >= ?2 AND key < ?3%s ORDER BY key",
                  sources[k].from, j->lean && k == EXPORT_ENERGY ? " AND quality = 'ok'" : "");
    int rc = sql.failed ? RC_NOMEM : db_prepare(j->db, sql.data, &j->statement[k]);
    text_buf_done(&sql);
    return rc;
}

int export_rows_open(struct export_job *j)
{
    for (int k = 0; k < EXPORT_KINDS; k++) {
        if (!j->wanted[k])
            continue;
        int rc = prepare(j, (enum export_kind)k);
        if (rc != RC_OK) {
            complain("%s: cannot be read: %s", j->db->path, rc == RC_NOMEM ? rc_text(rc) : db_message(j->db));
            return rc == RC_CORRUPT ? EXIT_DATA : EXIT_FAILED;
        }
    }
    return EXIT_DONE;
}

void export_rows_close(struct export_job *j)
{
    for (int k = 0; k < EXPORT_KINDS; k++)
        sqlite3_finalize(j->statement[k]);
    text_buf_done(&j->piece);
}

/* A bound of the span in the terms of the key. */
static void bind_bound(sqlite3_stmt *st, int mark, enum export_kind k, int64_t utc_ms, int32_t offset_s)
{
    char ts[TEXT_TS_SIZE];
    if (sources[k].pieces) {
        sqlite3_bind_int64(st, mark, utc_ms);
        return;
    }
    if (utc_ms == INT64_MIN || utc_ms == INT64_MAX) {
        sqlite3_bind_text(st, mark, utc_ms < 0 ? "" : "~", -1, SQLITE_STATIC);
        return;
    }
    text_from_utc_ms(utc_ms + (k == EXPORT_SETTLEMENT ? (int64_t)offset_s * 1000 : 0), ts);
    if (k == EXPORT_SETTLEMENT) { /* keys have hours; a bound inside an hour lies behind its start */
        bool whole_hour = strcmp(ts + 13, ":00:00.000Z") == 0;
        ts[13] = whole_hour ? '\0' : ':';
        ts[14] = '\0';
    }
    sqlite3_bind_text(st, mark, ts, -1, SQLITE_TRANSIENT);
}

static int flush_piece(struct export_job *j)
{
    if (j->piece.failed) {
        complain("output: cannot be made: no memory");
        return EXIT_FAILED;
    }
    if (j->piece.len > 0)
        fwrite(j->piece.data, 1, j->piece.len, stdout);
    text_buf_clear(&j->piece);
    return ferror(stdout) ? cli_finish() : EXIT_DONE;
}

/* Reads rows until the end or, at a change of the key, until the piece is full; *next is then where to go on.
 */
static int read_piece(struct export_job *j, enum export_kind k, bool *more, int64_t *next)
{
    sqlite3_stmt *st = j->statement[k];
    int64_t last = 0;
    unsigned rows = 0;
    int rc;
    *more = false;
    while ((rc = db_row(j->db, st)) == RC_OK) {
        if (sources[k].pieces) {
            int64_t key = sqlite3_column_int64(st, 0);
            if (rows >= PIECE_ROWS && key != last) {
                *more = true;
                *next = key;
                break;
            }
            last = key;
        }
        if (j->json)
            export_json_row(&j->rows[k], k, st, 1, &j->piece);
        else
            export_csv_row(&j->header, &j->rows[k], k, st, 1, &j->piece);
        rows++;
        j->written++;
    }
    sqlite3_reset(st);
    return rc == RC_NOTFOUND ? RC_OK : rc;
}

int export_rows_write(struct export_job *j, enum export_kind k, const char *meter, const struct span_ms *span)
{
    sqlite3_stmt *st = j->statement[k];
    struct span_ms rest = *span;
    bool more = true;
    while (more) {
        int64_t next = 0;
        sqlite3_bind_text(st, 1, meter, -1, SQLITE_STATIC);
        bind_bound(st, 2, k, rest.from_utc_ms, span->offset_s);
        bind_bound(st, 3, k, rest.to_utc_ms, span->offset_s);
        int rc = read_piece(j, k, &more, &next);
        if (rc != RC_OK) {
            complain("%s: cannot be read: %s", j->db->path, db_message(j->db));
            return rc == RC_CORRUPT ? EXIT_DATA : EXIT_FAILED;
        }
        int code = flush_piece(j);
        if (code != EXIT_DONE)
            return code;
        rest.from_utc_ms = next;
    }
    return EXIT_DONE;
}
