/* store_interval.c - rows of the view `interval`: a quarter of an hour when it is over. */
#include "core/interval.h"
#include "core/rc.h"
#include "store/store_inside.h"

#define DAY_MS INT64_C(86400000)

static int32_t offset_of(const struct store *s, size_t meter, int64_t utc_ms)
{
    return store_tariff_at(s, meter, utc_ms)->utc_offset_s;
}

static void bind(sqlite3_stmt *st, int mark, bool there, int64_t value)
{
    if (there)
        sqlite3_bind_int64(st, mark, value);
    else
        sqlite3_bind_null(st, mark);
}

static int put(struct store *s, size_t meter, const struct interval_row *row)
{
    const struct interval_live *l = &row->live;
    sqlite3_stmt *st = s->st.interval;
    sqlite3_bind_int64(st, 1, row->start_ms);
    sqlite3_bind_int64(st, 2, s->meters[meter].id);
    for (int i = 0; i < INTERVAL_REGISTERS; i++)
        bind(st, 3 + i, (row->has & 1u << i) != 0, row->moved[i]);
    bind(st, 11, l->n > 0, l->n > 0 ? l->power_sum / (int64_t)l->n : 0);
    bind(st, 12, l->n > 0, l->power_max);
    bind(st, 13, l->voltage_max > 0, l->voltage_min);
    bind(st, 14, l->voltage_max > 0, l->voltage_max);
    sqlite3_bind_int(st, 15, row->estimated ? QUALITY_ESTIMATED : QUALITY_OK);
    return db_run(&s->db, st);
}

int store_interval_energy(struct store *s, const struct reading *r)
{
    struct interval *it = &s->meters[r->meter].interval;
    struct interval_row row;
    int rc = RC_OK;
    interval_energy(it, r, offset_of(s, r->meter, r->taken_utc_ms));
    while (rc == RC_OK && interval_next(it, s->settings->meters[r->meter].period_ms[CLASS_ENERGY], &row))
        rc = put(s, r->meter, &row);
    return rc;
}

void store_interval_live(struct store *s, const struct reading *r)
{
    interval_live(&s->meters[r->meter].interval, r, offset_of(s, r->meter, r->taken_utc_ms));
}

/* From where on a meter's readings must be seen again: some readings before the newest row's end, for the
 * last of them may be a glitch. Of a meter that was silent for a day: from now on, so that a start is quick.
 */
int store_resume_interval(struct store *s, size_t meter, int64_t *from_ms)
{
    static const char newest[] =
        "SELECT ts_ms FROM energy_data WHERE meter = ?1 AND quality = 0 AND ts_ms < ?3 + (SELECT start_ms"
        " FROM interval_data WHERE meter = ?1 AND start_ms > ?2 ORDER BY start_ms DESC LIMIT 1)"
        " ORDER BY ts_ms DESC LIMIT 1 OFFSET 2";
    struct store_meter *m = &s->meters[meter];
    sqlite3_stmt *st = NULL;
    m->interval = (struct interval){0};
    *from_ms = INT64_MAX;
    if (s->newest_ms - m->energy_ms > DAY_MS)
        return RC_OK;
    *from_ms = m->energy_ms - DAY_MS;
    int rc = db_prepare(&s->db, newest, &st);
    if (rc != RC_OK)
        return rc;
    sqlite3_bind_int64(st, 1, m->id);
    sqlite3_bind_int64(st, 2, m->energy_ms - 8 * DAY_MS);
    sqlite3_bind_int64(st, 3, INTERVAL_MS);
    rc = db_row(&s->db, st);
    if (rc == RC_OK)
        *from_ms = sqlite3_column_int64(st, 0);
    sqlite3_finalize(st);
    return rc == RC_NOTFOUND ? RC_OK : rc;
}
