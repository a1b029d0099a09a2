#include <string.h>
#include "core/rc.h"
#include "core/text.h"
#include "store/store_inside.h"

#define STEP_ROWS 2000

/* "… LIMIT 1 OFFSET" of a step, so that a deletion never holds the disk for long: the time below which it
 * deletes. */
static int step_end(struct store *s, const char *table, int64_t cutoff_ms, int64_t *end_ms)
{
    char sql[160];
    int64_t at = 0;
    if (!text_format(sql, sizeof sql, "SELECT ts_ms FROM %s ORDER BY ts_ms LIMIT 1 OFFSET %d", table,
                     STEP_ROWS))
        return RC_RANGE;
    int rc = db_int(&s->db, sql, &at);
    *end_ms = rc == RC_OK && at < cutoff_ms ? at : cutoff_ms;
    return rc == RC_NOTFOUND ? RC_OK : rc;
}

/* What three-phase meters have beside the rows of a table goes with them. */
static int delete_before(struct store *s, const char *table, int64_t end_ms)
{
    int rc = RC_OK;
    if (strcmp(table, "live_data") == 0)
        rc = db_execf(&s->db, "DELETE FROM live_phase WHERE ts_ms < %lld", (long long)end_ms);
    else if (strcmp(table, "energy_data") == 0)
        rc = db_execf(&s->db,
                      "DELETE FROM energy_phase WHERE (ledger, seq) IN (SELECT ledger, seq FROM energy_data "
                      "WHERE ts_ms <"
                      " %lld)",
                      (long long)end_ms);
    else if (strcmp(table, "sweep_data") == 0)
        rc = db_execf(
            &s->db, "DELETE FROM sweep_family WHERE sweep IN (SELECT id FROM sweep_data WHERE ts_ms < %lld)",
            (long long)end_ms);
    return rc == RC_OK ? db_execf(&s->db, "DELETE FROM %s WHERE ts_ms < %lld", table, (long long)end_ms) : rc;
}

static int prune_table(struct store *s, const char *table, int64_t cutoff_ms, bool *more)
{
    int64_t end = 0;
    int rc = step_end(s, table, cutoff_ms, &end);
    if (rc == RC_OK)
        rc = delete_before(s, table, end);
    *more = *more || (rc == RC_OK && end < cutoff_ms);
    return rc;
}

/* Names the numbers that leave before the broker had them: a gap message for each run. */
static int name_lost(struct store *s, int64_t end_ms, const char *reason, struct store_batch *b)
{
    sqlite3_stmt *st = NULL;
    int rc =
        db_prepare(&s->db, "SELECT seq FROM energy_data WHERE ledger = ?1 AND ts_ms < ?2 ORDER BY seq", &st);
    if (rc == RC_OK) {
        sqlite3_bind_int64(st, 1, s->ledger);
        sqlite3_bind_int64(st, 2, end_ms);
    }
    uint64_t from = 0, to = 0;
    while (rc == RC_OK && (rc = db_row(&s->db, st)) == RC_OK) {
        uint64_t seq = (uint64_t)sqlite3_column_int64(st, 0);
        if (ackset_has(&s->acked, seq))
            continue;
        if (from != 0 && seq != to + 1) {
            rc = store_gap(s, from, to, reason, b->now_utc_ms);
            from = 0;
        }
        b->lost = true;
        if (from == 0)
            from = seq;
        to = seq;
    }
    sqlite3_finalize(st);
    rc = rc == RC_NOTFOUND ? RC_OK : rc;
    return rc == RC_OK && from != 0 ? store_gap(s, from, to, reason, b->now_utc_ms) : rc;
}

static int prune_energy(struct store *s, int64_t cutoff_ms, const char *reason, struct store_batch *b)
{
    int64_t end = 0;
    int rc = step_end(s, "energy_data", cutoff_ms, &end);
    if (rc == RC_OK)
        rc = name_lost(s, end, reason, b);
    if (rc == RC_OK)
        rc = delete_before(s, "energy_data", end);
    b->more_to_prune = b->more_to_prune || (rc == RC_OK && end < cutoff_ms);
    return rc;
}

/* Over its size the database gives up, in this order: live, energy, sweeps, 15-minute rows. */
static int prune_size(struct store *s, struct store_batch *b)
{
    static const struct {
        const char *table, *any;
    } order[] = {{"live_data", "SELECT 1 FROM live_data LIMIT 1"},
                 {"energy_data", "SELECT 1 FROM energy_data LIMIT 1"},
                 {"sweep_data", "SELECT 1 FROM sweep_data LIMIT 1"},
                 {"interval_data", "SELECT 1 FROM interval_data LIMIT 1"}};
    int64_t pages = 0, spare = 0, any = 0;
    int rc = db_int(&s->db, "PRAGMA page_count", &pages);
    if (rc == RC_OK)
        rc = db_int(&s->db, "PRAGMA freelist_count", &spare);
    if (rc != RC_OK || (uint64_t)(pages - spare) * DB_PAGE_SIZE <= s->settings->database.max_bytes)
        return rc;
    for (size_t i = 0; i < sizeof order / sizeof order[0]; i++) {
        rc = db_int(&s->db, order[i].any, &any);
        if (rc == RC_NOTFOUND)
            continue;
        if (rc != RC_OK)
            return rc;
        b->more_to_prune = true;
        int64_t end = 0;
        if (i == 1)
            return prune_energy(s, INT64_MAX, "size", b);
        if (i == 3)
            return db_exec(&s->db,
                           "DELETE FROM interval_data WHERE start_ms <= (SELECT max(start_ms) FROM (SELECT"
                           " start_ms FROM interval_data ORDER BY start_ms LIMIT 500))");
        rc = step_end(s, order[i].table, INT64_MAX, &end);
        return rc == RC_OK ? delete_before(s, order[i].table, end) : rc;
    }
    return RC_OK;
}

int store_prune(struct store *s, struct store_batch *b)
{
    int rc =
        prune_table(s, "live_data", b->now_utc_ms - s->settings->database.keep_live_ms, &b->more_to_prune);
    if (rc == RC_OK)
        rc = prune_table(s, "wire_stats", b->now_utc_ms - s->settings->database.keep_energy_ms,
                         &b->more_to_prune);
    if (rc == RC_OK)
        rc = prune_energy(s, b->now_utc_ms - s->settings->database.keep_energy_ms, "retention", b);
    return rc == RC_OK && s->settings->database.max_bytes > 0 ? prune_size(s, b) : rc;
}
