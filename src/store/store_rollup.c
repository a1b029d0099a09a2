/* store_rollup.c - what grows out of readings while they come: coverage and quarters of an hour. After a
 * start the newest readings are counted once more, so that nothing hangs on a memory that a kill takes away.
 */
#include <stdlib.h>
#include "core/rc.h"
#include "store/columns.h"
#include "store/store_inside.h"

#define LIVE_MS INT64_C(21600000) /* live readings are many: no older ones are seen again */

struct resume { /* by settings->meters */
    int64_t coverage_ms, interval_ms;
};

int store_roll_energy(struct store *s, const struct reading *r)
{
    if (r->quality != QUALITY_OK)
        return RC_OK;
    int rc = store_cover(s, r->meter, r->taken_utc_ms);
    return rc == RC_OK ? store_interval_energy(s, r) : rc;
}

static int take_energy(struct store *s, const struct reading *r, const struct resume *from)
{
    int rc = r->taken_utc_ms >= from->coverage_ms ? store_cover(s, r->meter, r->taken_utc_ms) : RC_OK;
    return rc == RC_OK && r->taken_utc_ms >= from->interval_ms ? store_interval_energy(s, r) : rc;
}

/* Readings of one table in the order of time. `of_id`: 1 + index by meter_data.id. */
static int again(struct store *s, enum wide_table t, int64_t from_ms, const size_t *of_id, int64_t n_ids,
                 const struct resume *from)
{
    struct text_buf sql = {0};
    sqlite3_stmt *st = NULL;
    struct reading *r = reading_new(Q_ENERGY_END);
    text_buf_add(&sql, "SELECT meter, ts_ms");
    columns_list(&sql, t, "");
    text_buf_addf(&sql, " FROM %s WHERE ts_ms >= ?1 AND quality = 0 ORDER BY ts_ms", columns_table(t));
    int rc = r == NULL || sql.failed ? RC_NOMEM : db_prepare(&s->db, sql.data, &st);
    if (rc == RC_OK)
        sqlite3_bind_int64(st, 1, from_ms);
    while (rc == RC_OK && (rc = db_row(&s->db, st)) == RC_OK) {
        int64_t id = sqlite3_column_int64(st, 0);
        size_t i = id >= 0 && id < n_ids ? of_id[id] : 0;
        if (i == 0)
            continue; /* not configured any more */
        r->count = 0;
        r->meter = (uint32_t)(i - 1);
        r->taken_utc_ms = sqlite3_column_int64(st, 1);
        columns_read(st, t, 2, r);
        if (t == WIDE_ENERGY)
            rc = take_energy(s, r, &from[i - 1]);
        else
            store_interval_live(s, r);
    }
    sqlite3_finalize(st);
    reading_free(r);
    text_buf_done(&sql);
    return rc == RC_NOTFOUND ? RC_OK : rc;
}

static int resume_all(struct store *s, size_t *of_id, int64_t n_ids, struct resume *from)
{
    int rc = RC_OK;
    for (size_t i = 0; i < s->settings->n_meters && rc == RC_OK; i++) {
        of_id[s->meters[i].id] = i + 1;
        rc = store_resume_coverage(s, i, &from[i].coverage_ms);
        if (rc == RC_OK)
            rc = store_resume_interval(s, i, &from[i].interval_ms);
    }
    int64_t energy_ms = INT64_MAX, live_ms = INT64_MAX;
    for (size_t i = 0; i < s->settings->n_meters; i++) {
        live_ms = from[i].interval_ms < live_ms ? from[i].interval_ms : live_ms;
        energy_ms = from[i].coverage_ms < energy_ms ? from[i].coverage_ms : energy_ms;
    }
    energy_ms = live_ms < energy_ms ? live_ms : energy_ms;
    if (rc == RC_OK && live_ms != INT64_MAX) { /* first: rows take power and voltage from them */
        live_ms -= INTERVAL_MS;
        if (live_ms < s->newest_ms - LIVE_MS)
            live_ms = s->newest_ms - LIVE_MS;
        rc = again(s, WIDE_LIVE, live_ms, of_id, n_ids, from);
    }
    if (rc == RC_OK && energy_ms != INT64_MAX)
        rc = again(s, WIDE_ENERGY, energy_ms, of_id, n_ids, from);
    return rc;
}

int store_resume(struct store *s)
{
    int64_t n_ids = 1;
    for (size_t i = 0; i < s->settings->n_meters; i++)
        if (s->meters[i].id >= n_ids)
            n_ids = s->meters[i].id + 1;
    size_t *of_id = calloc((size_t)n_ids, sizeof *of_id);
    struct resume *from = calloc(s->settings->n_meters + 1, sizeof *from);
    int rc = of_id != NULL && from != NULL ? resume_all(s, of_id, n_ids, from) : RC_NOMEM;
    free(of_id);
    free(from);
    return rc;
}
