#include <string.h>
#include "core/rc.h"
#include "store/columns.h"
#include "store/store_inside.h"

static int sum(struct store *s, size_t meter, const struct reading *r, bool reactive, bool *save)
{
    struct store_meter *m = &s->meters[meter];
    struct sum_row row;
    struct sum_evidence why;
    if (!meter_checks_row(r, reactive, &row))
        return RC_OK; /* an absent rate is not judged */
    int64_t *finding = &m->checks.finding[reactive];
    int rc = RC_OK;
    switch (sum_check_add(&m->checks.sum[reactive], &row, &why)) {
    case SUM_QUIET:
        return RC_OK;
    case SUM_OPENED:
        rc = store_finding_open(s, meter, reactive, &why, finding);
        break;
    case SUM_REPEATED:
        rc = store_finding_again(s, *finding, reactive, &why);
        break;
    case SUM_CLOSED:
        rc = store_finding_close(s, meter, *finding, why.after.ts_ms);
        *finding = 0;
        break;
    }
    *save = true; /* so that no restart judges this row twice */
    return rc;
}

int store_check(struct store *s, size_t meter, const struct reading *r, uint64_t seq)
{
    struct store_meter *m = &s->meters[meter];
    bool save = false;
    int rc = RC_OK;
    m->checked_seq = seq;
    if (m->checks.off || r->quality != QUALITY_OK) /* suspect: never a baseline */
        return RC_OK;
    for (int reactive = 0; reactive < 2 && rc == RC_OK; reactive++)
        rc = sum(s, meter, r, reactive == 1, &save);
    return rc == RC_OK && save ? store_save_checks(s, meter) : rc;
}

int store_save_checks(struct store *s, size_t meter)
{
    const struct store_meter *m = &s->meters[meter];
    unsigned char bytes[METER_CHECKS_BYTES];
    size_t n = meter_checks_save(&m->checks, bytes);
    sqlite3_stmt *st = s->st.checks_put;
    sqlite3_bind_int64(st, 1, m->id);
    sqlite3_bind_int64(st, 2, s->ledger);
    sqlite3_bind_int64(st, 3, (int64_t)m->checked_seq);
    sqlite3_bind_blob(st, 4, bytes, (int)n, SQLITE_STATIC);
    int rc = db_run(&s->db, st);
    sqlite3_clear_bindings(st);
    return rc;
}

static size_t meter_of(const struct store *s, int64_t id)
{
    for (size_t i = 0; i < s->settings->n_meters; i++)
        if (s->meters[i].id == id)
            return i;
    return STORE_NO_METER;
}

int store_replay(struct store *s)
{
    uint64_t from = s->last_seq;
    for (size_t i = 0; i < s->settings->n_meters; i++)
        if (s->meters[i].checked_seq < from)
            from = s->meters[i].checked_seq;
    struct text_buf sql = {0};
    sqlite3_stmt *st = NULL;
    struct reading *r = reading_new(Q_ENERGY_END - Q_ENERGY_FIRST);
    text_buf_add(&sql, "SELECT seq, meter, ts_ms, window_ms, quality");
    columns_list(&sql, WIDE_ENERGY, "");
    text_buf_add(&sql, " FROM energy_data WHERE ledger = ?1 AND seq > ?2 ORDER BY seq");
    int rc = r == NULL || sql.failed ? RC_NOMEM : db_prepare(&s->db, sql.data, &st);
    if (rc == RC_OK) {
        sqlite3_bind_int64(st, 1, s->ledger);
        sqlite3_bind_int64(st, 2, (int64_t)from);
    }
    while (rc == RC_OK && (rc = db_row(&s->db, st)) == RC_OK) {
        uint64_t seq = (uint64_t)sqlite3_column_int64(st, 0);
        size_t meter = meter_of(s, sqlite3_column_int64(st, 1));
        if (meter == STORE_NO_METER || seq <= s->meters[meter].checked_seq)
            continue;
        r->count = 0;
        r->meter = (uint32_t)meter;
        r->klass = CLASS_ENERGY;
        r->taken_utc_ms = sqlite3_column_int64(st, 2);
        r->window_ms = (uint32_t)sqlite3_column_int64(st, 3);
        r->quality = (enum quality)sqlite3_column_int(st, 4);
        columns_read(st, WIDE_ENERGY, 5, r);
        rc = store_check(s, meter, r, seq);
    }
    sqlite3_finalize(st);
    reading_free(r);
    text_buf_done(&sql);
    return rc == RC_NOTFOUND ? RC_OK : rc;
}
