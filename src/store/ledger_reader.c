#include "store/ledger_reader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "core/rc.h"
#include "publish/payload.h"
#include "store/columns.h"
#include "store/ledger_rows.h"
#include "store/schema.h"

static void close_file(struct ledger_reader *r)
{
    sqlite3_stmt **all[] = {&r->state, &r->energy,  &r->message, &r->retained,
                            &r->meter, &r->dropped, &r->rank,    &r->gap};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        sqlite3_finalize(*all[i]);
        *all[i] = NULL;
    }
    db_close(&r->db);
}

static int prepare(struct ledger_reader *r)
{
    struct text_buf energy = {0};
    text_buf_add(&energy, "SELECT e.seq, m.name, e.ts_ms, e.window_ms, e.quality");
    columns_list(&energy, WIDE_ENERGY, "e.");
    columns_list(&energy, WIDE_ENERGY_PHASE, "p.");
    text_buf_add(&energy, " FROM energy_data e JOIN meter_data m ON m.id = e.meter"
                          " LEFT JOIN energy_phase p ON p.ledger = e.ledger AND p.seq = e.seq"
                          " WHERE e.ledger = ?1 AND e.seq BETWEEN ?2 AND ?3 ORDER BY e.seq LIMIT ?4");
    const struct {
        sqlite3_stmt **st;
        const char *sql;
    } all[] = {
        {&r->state, "SELECT l.no, l.id FROM store_state s JOIN ledger_data l ON l.no = s.ledger"},
        {&r->energy, energy.data},
        {&r->message, "SELECT seq, kind, topic, payload FROM ledger_message"
                      " WHERE ledger = ?1 AND seq BETWEEN ?2 AND ?3 ORDER BY seq LIMIT ?4"},
        /* what the broker keeps: see ledger_reader_retained() */
        {&r->retained,
         "WITH present AS (SELECT id, name FROM meter_data WHERE NOT removed),"
         " settled AS (SELECT p.seq AS seq, p.meter AS meter,"
         "   row_number() OVER (PARTITION BY p.meter ORDER BY p.end_ms DESC, p.seq DESC) AS place"
         "   FROM settlement_data p WHERE p.ledger = ?1 AND p.seq IS NOT NULL)"
         " SELECT n.energy_seq AS seq, NULL AS newest FROM meter_now n JOIN present m ON m.id = n.meter"
         "   WHERE n.energy_ledger = ?1 AND n.energy_seq > ?2"
         " UNION ALL SELECT s.seq, CASE s.place WHEN 1 THEN m.name END FROM settled s JOIN present m"
         "   ON m.id = s.meter WHERE s.place <= ?4 AND s.seq > ?2"
         " UNION ALL SELECT max(v.seq), NULL FROM verification_data v JOIN present m ON m.id = v.meter"
         "   WHERE v.ledger = ?1 GROUP BY v.meter HAVING max(v.seq) > ?2"
         " UNION ALL SELECT f.seq, NULL FROM finding_data f JOIN present m ON m.id = f.meter"
         "   WHERE f.ledger = ?1 AND f.seq > ?2"
         " ORDER BY 1 LIMIT ?3"},
        {&r->meter, "SELECT id FROM meter_data WHERE name = ?1"},
        {&r->rank, "SELECT (SELECT count(*) FROM settlement_data o WHERE o.meter = p.meter AND o.ledger = ?1"
                   " AND o.seq <= p.seq AND o.end_ms > p.end_ms) FROM settlement_data p"
                   " WHERE p.meter = ?2 AND p.period_end = ?3 AND p.ledger = ?1 AND p.seq IS NOT NULL"},
        {&r->dropped,
         "SELECT period_end FROM settlement_data WHERE meter = ?2 AND ledger = ?1 AND seq <= (SELECT seq"
         " FROM settlement_data WHERE meter = ?2 AND period_end = ?4 AND ledger = ?1)"
         " ORDER BY end_ms DESC LIMIT 1 OFFSET ?3"},
        {&r->gap, "SELECT first, last, reason FROM ledger_gap WHERE ledger = ?1 AND first <= ?2"
                  " ORDER BY first DESC LIMIT 1"},
    };
    int rc = energy.failed ? RC_NOMEM : RC_OK;
    for (size_t i = 0; i < sizeof all / sizeof all[0] && rc == RC_OK; i++)
        rc = db_prepare(&r->db, all[i].sql, all[i].st);
    text_buf_done(&energy);
    return rc;
}

int ledger_begin(struct ledger_reader *r)
{
    if (r->db.sql != NULL && db_moved(&r->db))
        close_file(r);
    int rc = RC_OK;
    if (r->db.sql == NULL) {
        rc = db_open(r->path, DB_READ, &r->db);
        if (rc == RC_OK)
            rc = schema_check(&r->db);
        if (rc == RC_OK)
            rc = prepare(r);
    }
    if (rc == RC_OK)
        rc = db_exec(&r->db, "BEGIN");
    if (rc == RC_OK)
        rc = db_row(&r->db, r->state);
    if (rc == RC_OK) {
        r->ledger = sqlite3_column_int64(r->state, 0);
        snprintf(r->id, sizeof r->id, "%s", (const char *)sqlite3_column_text(r->state, 1));
        sqlite3_reset(r->state);
        return RC_OK;
    }
    return ledger_end(r, rc);
}

int ledger_end(struct ledger_reader *r, int rc)
{
    if (r->db.sql != NULL)
        db_rollback(&r->db);
    if (rc == RC_OK || rc == RC_NOTFOUND)
        return rc;
    close_file(r);
    return rc == RC_NOMEM ? RC_NOMEM : RC_IO;
}

int ledger_reader_open(const char *database_path, struct ledger_reader **out)
{
    struct ledger_reader *r = calloc(1, sizeof *r);
    if (r == NULL)
        return RC_NOMEM;
    r->path = strdup(database_path);
    r->scratch = reading_new(Q_ENERGY_END - Q_ENERGY_FIRST);
    int rc = r->path == NULL || r->scratch == NULL ? RC_NOMEM : ledger_begin(r);
    if (rc == RC_OK)
        rc = ledger_end(r, rc);
    if (rc != RC_OK) {
        ledger_reader_close(r);
        return rc == RC_NOTFOUND ? RC_IO : rc;
    }
    *out = r;
    return RC_OK;
}

void ledger_reader_close(struct ledger_reader *r)
{
    if (r == NULL)
        return;
    close_file(r);
    reading_free(r->scratch);
    free(r->path);
    free(r);
}

void ledger_rows_free(struct ledger_row rows[], size_t n)
{
    for (size_t i = 0; i < n; i++) {
        free(rows[i].topic);
        free(rows[i].payload);
        rows[i].topic = rows[i].payload = NULL;
    }
}

static int energy_row(struct ledger_reader *r, struct ledger_row *row)
{
    struct reading *e = r->scratch;
    e->count = 0;
    e->klass = CLASS_ENERGY;
    e->taken_utc_ms = sqlite3_column_int64(r->energy, 2);
    e->window_ms = (uint32_t)sqlite3_column_int64(r->energy, 3);
    e->quality = (enum quality)sqlite3_column_int(r->energy, 4);
    int column = columns_read(r->energy, WIDE_ENERGY, 5, e);
    columns_read(r->energy, WIDE_ENERGY_PHASE, column, e);
    struct text_buf payload = {0};
    row->seq = (uint64_t)sqlite3_column_int64(r->energy, 0);
    row->kind = LEDGER_ENERGY;
    payload_energy(&payload, r->id, row->seq, e);
    if (payload.failed || asprintf(&row->topic, "meter/%s/energy", sqlite3_column_text(r->energy, 1)) < 0) {
        text_buf_done(&payload);
        row->topic = NULL;
        return RC_NOMEM;
    }
    row->payload = payload.data;
    return RC_OK;
}

static int message_row(struct ledger_reader *r, struct ledger_row *row)
{
    static const char *const kinds[] = {"energy", "settlement", "verification", "finding", "gap"};
    const char *kind = (const char *)sqlite3_column_text(r->message, 1);
    const char *topic = (const char *)sqlite3_column_text(r->message, 2);
    const char *payload = (const char *)sqlite3_column_text(r->message, 3);
    if (kind == NULL || topic == NULL || payload == NULL)
        return RC_NOMEM;
    row->seq = (uint64_t)sqlite3_column_int64(r->message, 0);
    row->kind = LEDGER_GAP;
    for (int k = 0; k < LEDGER_GAP; k++)
        if (strcmp(kind, kinds[k]) == 0)
            row->kind = (enum ledger_kind)k;
    row->topic = strdup(row->kind == LEDGER_GAP ? "" : topic);
    row->payload = strdup(payload);
    if (row->topic != NULL && row->payload != NULL)
        return RC_OK;
    ledger_rows_free(row, 1);
    return RC_NOMEM;
}

/* Steps a statement of the merge: *seq is UINT64_MAX when it has no more. */
static int advance(struct ledger_reader *r, sqlite3_stmt *st, uint64_t *seq)
{
    int rc = db_row(&r->db, st);
    *seq = rc == RC_OK ? (uint64_t)sqlite3_column_int64(st, 0) : UINT64_MAX;
    return rc == RC_NOTFOUND ? RC_OK : rc;
}

int ledger_fetch(struct ledger_reader *r, uint64_t from, uint64_t to, size_t most, struct ledger_row rows[],
                 size_t *n)
{
    sqlite3_stmt *const both[] = {r->energy, r->message};
    uint64_t seq[2] = {UINT64_MAX, UINT64_MAX};
    size_t got = 0;
    int rc = RC_OK;
    for (int i = 0; i < 2; i++) {
        sqlite3_bind_int64(both[i], 1, r->ledger);
        sqlite3_bind_int64(both[i], 2, from > INT64_MAX ? INT64_MAX : (int64_t)from);
        sqlite3_bind_int64(both[i], 3, to > INT64_MAX ? INT64_MAX : (int64_t)to);
        sqlite3_bind_int64(both[i], 4, (int64_t)most);
        if (rc == RC_OK)
            rc = advance(r, both[i], &seq[i]);
    }
    while (rc == RC_OK && got < most && (seq[0] != UINT64_MAX || seq[1] != UINT64_MAX)) {
        int next = seq[0] < seq[1] ? 0 : 1;
        rc = next == 0 ? energy_row(r, &rows[got]) : message_row(r, &rows[got]);
        if (rc == RC_OK) {
            got++;
            rc = advance(r, both[next], &seq[next]);
        }
    }
    sqlite3_reset(r->energy);
    sqlite3_reset(r->message);
    if (rc != RC_OK) {
        ledger_rows_free(rows, got);
        return rc;
    }
    *n = got;
    return RC_OK;
}

int ledger_reader_range(struct ledger_reader *r, uint64_t from, uint64_t to, size_t most,
                        struct ledger_row rows[], size_t *n)
{
    if (from > to || most == 0) {
        *n = 0;
        return RC_OK;
    }
    int rc = ledger_begin(r);
    return rc == RC_OK ? ledger_end(r, ledger_fetch(r, from, to, most, rows, n)) : rc;
}
