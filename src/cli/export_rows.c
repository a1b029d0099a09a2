/* export_rows.c - one statement a kind, bound anew for each piece. */
#include "cli/export_rows.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "cli/cli.h"

#define PIECE_ROWS 2000

/* Where each kind comes from and what its span is compared with. Readings go by ts_ms, ascending, so a piece
 * may go on where the one before stopped. A period's end is a date (and hour) of the meter's own clock,
 * compared as text; findings go by the time they were opened. */
static const struct {
    const char *key, *from, *order;
    bool by_time;
} sources[EXPORT_KINDS] = {
    [EXPORT_ENERGY] = {"ts_ms", "energy", "key", true},
    [EXPORT_LIVE] = {"ts_ms", "live", "key", true},
    [EXPORT_SETTLEMENT] = {"period_end || CASE length(period_end) WHEN 10 THEN 'T00' ELSE '' END",
                           "settlement", "meter, key", false},
    [EXPORT_FINDING] = {"opened", "finding", "meter, key", false},
};

/* A bound of a span in the terms of the key. */
struct bound {
    int64_t ms;
    char text[TEXT_TS_SIZE];
};

static void make_bound(enum export_kind k, int64_t utc_ms, int32_t offset_s, struct bound *out)
{
    out->ms = utc_ms;
    if (utc_ms == INT64_MIN || utc_ms == INT64_MAX) {
        text_format(out->text, sizeof out->text, "%s", utc_ms < 0 ? "" : "~");
        return;
    }
    text_from_utc_ms(utc_ms + (k == EXPORT_SETTLEMENT ? (int64_t)offset_s * 1000 : 0), out->text);
    if (k == EXPORT_SETTLEMENT) { /* keys have hours; a bound inside an hour lies behind its start */
        bool whole_hour = strcmp(out->text + 13, ":00:00.000Z") == 0;
        out->text[13] = whole_hour ? '\0' : ':';
        out->text[14] = '\0';
    }
}

static int compare(enum export_kind k, const struct bound *a, const struct bound *b)
{
    if (sources[k].by_time)
        return a->ms < b->ms ? -1 : a->ms > b->ms;
    return strcmp(a->text, b->text);
}

static void bind_bound(sqlite3_stmt *st, int mark, enum export_kind k, const struct bound *b)
{
    if (sources[k].by_time)
        sqlite3_bind_int64(st, mark, b->ms);
    else
        sqlite3_bind_text(st, mark, b->text, -1, SQLITE_TRANSIENT);
}

/* The earliest from and the latest to of all meters: what the statement looks at. */
static void widest(const struct export_job *j, enum export_kind k, struct bound *from, struct bound *to)
{
    for (size_t i = 0; i < j->n_meters; i++) {
        const struct span_ms *s = &j->meters[i].span;
        struct bound a, b;
        make_bound(k, s->from_utc_ms, s->offset_s, &a);
        make_bound(k, s->to_utc_ms, s->offset_s, &b);
        if (i == 0 || compare(k, &a, from) < 0)
            *from = a;
        if (i == 0 || compare(k, &b, to) > 0)
            *to = b;
    }
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct export_meter *)a)->name, ((const struct export_meter *)b)->name);
}

/* Was this meter asked for, and does the row lie in its own span? */
static bool wanted(const struct export_job *j, enum export_kind k, sqlite3_stmt *st)
{
    struct bound at = {.ms = sqlite3_column_int64(st, 0)}, from, to;
    const struct export_meter key = {.name = (const char *)sqlite3_column_text(st, 1)};
    if (key.name == NULL)
        return false;
    const struct export_meter *m = bsearch(&key, j->meters, j->n_meters, sizeof *m, by_name);
    if (m == NULL)
        return false;
    text_format(at.text, sizeof at.text, "%s", (const char *)sqlite3_column_text(st, 0));
    make_bound(k, m->span.from_utc_ms, m->span.offset_s, &from);
    make_bound(k, m->span.to_utc_ms, m->span.offset_s, &to);
    return compare(k, &at, &from) >= 0 && compare(k, &at, &to) < 0;
}

static int prepare(const struct export_job *j, enum export_kind k, sqlite3_stmt **st)
{
    struct text_buf sql = {.data = NULL};
    text_buf_addf(&sql, "SELECT %s AS key, meter", sources[k].key);
    for (size_t f = 0; f < j->rows[k].n; f++)
        text_buf_addf(&sql, ", \"%s\"", j->rows[k].field[f].sql);
    text_buf_addf(&sql, " FROM %s WHERE key >= ?1 AND key < ?2%s%s ORDER BY %s", sources[k].from,
                  j->n_meters == 1 ? " AND meter = ?3" : "",
                  j->lean && k == EXPORT_ENERGY ? " AND quality = 'ok'" : "", sources[k].order);
    int rc = sql.failed ? RC_NOMEM : db_prepare(j->db, sql.data, st);
    text_buf_done(&sql);
    return rc;
}

/* Reads rows until the end or, at a change of the time, until the piece is full; `from` is then where to go
 * on. */
static int read_piece(struct export_job *j, enum export_kind k, sqlite3_stmt *st, struct text_buf *piece,
                      struct bound *from, bool *more)
{
    unsigned rows = 0;
    int rc;
    *more = false;
    while ((rc = db_row(j->db, st)) == RC_OK) {
        int64_t key = sqlite3_column_int64(st, 0);
        if (sources[k].by_time && rows >= PIECE_ROWS && key != from->ms) {
            *more = true;
            from->ms = key;
            break;
        }
        from->ms = sources[k].by_time ? key : from->ms;
        rows++;
        if (!wanted(j, k, st))
            continue;
        if (j->json)
            export_json_row(&j->rows[k], k, st, 2, piece);
        else
            export_csv_row(&j->header, &j->rows[k], k, st, 2, piece);
        j->written++;
    }
    sqlite3_reset(st);
    return rc == RC_NOTFOUND ? RC_OK : rc;
}

static int write_piece(const struct export_job *j, enum export_kind k, struct text_buf *piece)
{
    if (piece->failed) {
        complain("output: cannot be made: no memory");
        return EXIT_FAILED;
    }
    int code = output_write(piece->data, piece->len);
    text_buf_clear(piece);
    if (code == EXIT_DONE && isatty(STDERR_FILENO) && !isatty(STDOUT_FILENO))
        fprintf(stderr, "\r%s: %llu rows ", export_kind_name(k), (unsigned long long)j->written);
    return code;
}

static int fail(const struct export_job *j, int rc)
{
    complain("%s: cannot be read: %s", j->db->path, rc == RC_NOMEM ? rc_text(rc) : db_message(j->db));
    return rc == RC_CORRUPT ? EXIT_DATA : EXIT_FAILED;
}

int export_rows(struct export_job *j, enum export_kind k)
{
    sqlite3_stmt *st = NULL;
    struct text_buf piece = {.data = NULL};
    struct bound from = {.ms = 0}, to = {.ms = 0};
    bool more = j->n_meters > 0;
    int code = EXIT_DONE, rc = more ? prepare(j, k, &st) : RC_OK;
    if (rc != RC_OK)
        code = fail(j, rc);
    widest(j, k, &from, &to);
    while (more && code == EXIT_DONE) {
        bind_bound(st, 1, k, &from);
        bind_bound(st, 2, k, &to);
        if (j->n_meters == 1)
            sqlite3_bind_text(st, 3, j->meters[0].name, -1, SQLITE_STATIC);
        rc = read_piece(j, k, st, &piece, &from, &more);
        code = rc == RC_OK ? write_piece(j, k, &piece) : fail(j, rc);
    }
    sqlite3_finalize(st);
    text_buf_done(&piece);
    return code;
}
