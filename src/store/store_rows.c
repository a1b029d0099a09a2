#include <string.h>
#include "core/rc.h"
#include "store/columns.h"
#include "store/store_inside.h"

static void seen(struct store_meter *m, int64_t ts_ms)
{
    if (m->first_seen_ms == 0)
        m->first_seen_ms = ts_ms;
    if (ts_ms > m->last_seen_ms)
        m->last_seen_ms = ts_ms;
    m->dirty = true;
}

static void newest(struct store *s, const struct reading *r)
{
    if (r->quality == QUALITY_OK && r->taken_utc_ms > s->newest_ms)
        s->newest_ms = r->taken_utc_ms;
}

int store_energy(struct store *s, const struct reading *r, struct store_batch *b)
{
    struct store_meter *m = store_touch(s, r->meter);
    if (m == NULL)
        return RC_NOMEM;
    if (r->quality == QUALITY_OK && r->taken_utc_ms == m->energy_ms) {
        s->duplicates++;
        return RC_OK;
    }
    uint64_t seq = s->last_seq + 1;
    sqlite3_stmt *st = s->st.energy;
    sqlite3_bind_int64(st, 1, s->ledger);
    sqlite3_bind_int64(st, 2, (int64_t)seq);
    sqlite3_bind_int64(st, 3, m->id);
    sqlite3_bind_int64(st, 4, r->taken_utc_ms);
    sqlite3_bind_int64(st, 5, r->window_ms);
    sqlite3_bind_int(st, 6, 0);
    sqlite3_bind_int(st, 7, (int)r->quality);
    columns_bind(st, WIDE_ENERGY, 8, r);
    int rc = db_run(&s->db, st);
    if (rc == RC_OK && columns_any(WIDE_ENERGY_PHASE, r)) {
        sqlite3_bind_int64(s->st.energy_phase, 1, s->ledger);
        sqlite3_bind_int64(s->st.energy_phase, 2, (int64_t)seq);
        columns_bind(s->st.energy_phase, WIDE_ENERGY_PHASE, 3, r);
        rc = db_run(&s->db, s->st.energy_phase);
    }
    if (rc != RC_OK)
        return rc;
    s->last_seq = seq;
    m->energy_ledger = s->ledger;
    m->energy_seq = seq;
    if (r->quality == QUALITY_OK)
        m->energy_ms = r->taken_utc_ms;
    seen(m, r->taken_utc_ms);
    newest(s, r);
    b->energy_rows++;
    rc = store_roll_energy(s, r);
    return rc == RC_OK ? store_check(s, r->meter, r, seq) : rc;
}

int store_live(struct store *s, const struct reading *r, struct store_batch *b)
{
    struct store_meter *m = store_touch(s, r->meter);
    if (m == NULL)
        return RC_NOMEM;
    sqlite3_stmt *st = s->st.live;
    sqlite3_bind_int64(st, 1, r->taken_utc_ms);
    sqlite3_bind_int64(st, 2, m->id);
    sqlite3_bind_int64(st, 3, r->window_ms);
    sqlite3_bind_int(st, 4, (int)r->quality);
    columns_bind(st, WIDE_LIVE, 5, r);
    int rc = db_run(&s->db, st);
    if (rc == RC_OK && columns_any(WIDE_LIVE_PHASE, r)) {
        sqlite3_bind_int64(s->st.live_phase, 1, r->taken_utc_ms);
        sqlite3_bind_int64(s->st.live_phase, 2, m->id);
        columns_bind(s->st.live_phase, WIDE_LIVE_PHASE, 3, r);
        rc = db_run(&s->db, s->st.live_phase);
    }
    if (rc != RC_OK)
        return rc;
    *(r->klass == CLASS_DEMAND ? &m->demand_ms : &m->live_ms) = r->taken_utc_ms;
    seen(m, r->taken_utc_ms);
    newest(s, r);
    b->live_rows++;
    if (r->quality == QUALITY_OK && r->klass == CLASS_LIVE)
        store_interval_live(s, r);
    return RC_OK;
}

static void bind_or_null(sqlite3_stmt *st, int mark, int64_t v)
{
    if (v == 0)
        sqlite3_bind_null(st, mark);
    else
        sqlite3_bind_int64(st, mark, v);
}

static int meter_now(struct store *s, const struct store_meter *m)
{
    sqlite3_stmt *st = s->st.now;
    sqlite3_bind_int64(st, 1, m->id);
    sqlite3_bind_text(st, 2, meter_status_name((enum meter_status)m->status), -1, SQLITE_STATIC);
    bind_or_null(st, 3, m->first_seen_ms);
    bind_or_null(st, 4, m->last_seen_ms);
    bind_or_null(st, 5, m->energy_ledger);
    bind_or_null(st, 6, (int64_t)m->energy_seq);
    bind_or_null(st, 7, m->energy_ms);
    bind_or_null(st, 8, m->live_ms);
    bind_or_null(st, 9, m->demand_ms);
    bind_or_null(st, 11, m->relay_ms);
    if (m->relay >= 0)
        sqlite3_bind_int(st, 10, m->relay);
    else
        sqlite3_bind_null(st, 10);
    return db_run(&s->db, st);
}

/* The serial number the meter itself gave, where the site did not write one down. */
static int serial(struct store *s, size_t i, const char *read)
{
    struct store_meter *m = &s->meters[i];
    const char *written = s->settings->meters[i].serial;
    if (read[0] == '\0' || strcmp(read, m->serial) == 0 || (written != NULL && written[0] != '\0'))
        return RC_OK;
    m = store_touch(s, i);
    if (m == NULL)
        return RC_NOMEM;
    sqlite3_bind_int64(s->st.serial, 1, m->id);
    sqlite3_bind_text(s->st.serial, 2, read, -1, SQLITE_TRANSIENT);
    int rc = db_run(&s->db, s->st.serial);
    if (rc == RC_OK)
        memcpy(m->serial, read, sizeof m->serial);
    return rc;
}

int store_meters_now(struct store *s, struct store_batch *b)
{
    int rc = RC_OK;
    for (size_t i = 0; i < s->settings->n_meters && rc == RC_OK; i++) {
        if (b->board != NULL) {
            struct board_meter now;
            board_get_meter(b->board, i, &now);
            if ((uint8_t)now.status != s->meters[i].status) {
                struct store_meter *m = store_touch(s, i);
                if (m == NULL)
                    return RC_NOMEM;
                m->status = (uint8_t)now.status;
                m->dirty = true;
            }
            rc = serial(s, i, now.serial);
        }
        if (rc == RC_OK && s->meters[i].dirty) {
            struct store_meter *m = store_touch(s, i); /* a flush that fails leaves it to be written */
            if (m == NULL)
                return RC_NOMEM;
            rc = meter_now(s, m);
            m->dirty = false;
        }
    }
    return rc;
}

/* Who a row of statistics is about, and what it has in common. */
struct stats {
    const char *about, *name;
    const struct wire_counters *counts;
    uint32_t rtt_p50_ms, rtt_p99_ms; /* 0: nobody answered yet */
    uint64_t busy_ns, elapsed_ns;
    int64_t since_utc_ms;
};

static int stats_row(struct store *s, int64_t ts_ms, const struct stats *v)
{
    sqlite3_stmt *st = s->st.stats;
    const struct wire_counters *c = v->counts;
    const uint64_t counts[] = {c->ok,        c->timeout, c->crc,     c->shortened, c->foreign,
                               c->exception, c->late,    c->retried, c->missed};
    sqlite3_bind_text(st, 1, v->about, -1, SQLITE_STATIC);
    sqlite3_bind_text(st, 2, v->name, -1, SQLITE_STATIC);
    sqlite3_bind_int64(st, 3, ts_ms);
    sqlite3_bind_int64(st, 4, v->since_utc_ms);
    for (int i = 0; i < 9; i++)
        sqlite3_bind_int64(st, 5 + i, (int64_t)counts[i]);
    for (int mark = 14; mark <= 16; mark++)
        sqlite3_bind_null(st, mark);
    if (v->rtt_p99_ms > 0) {
        sqlite3_bind_int64(st, 14, v->rtt_p50_ms);
        sqlite3_bind_int64(st, 15, v->rtt_p99_ms);
    }
    if (v->elapsed_ns >= 1000)
        sqlite3_bind_int64(st, 16, (int64_t)(v->busy_ns * 1000 / (v->elapsed_ns / 1000)));
    return db_run(&s->db, st);
}

int store_stats(struct store *s, struct store_batch *b)
{
    int rc = RC_OK;
    for (size_t i = 0; i < s->settings->n_buses && rc == RC_OK; i++) {
        struct board_bus v;
        board_get_bus(b->board, i, &v);
        uint64_t busy_ns = v.dead_ns;
        for (int k = 0; k < CLASS_COUNT; k++)
            busy_ns += v.wire_ns[k];
        rc = stats_row(s, b->now_utc_ms,
                       &(struct stats){"bus", s->settings->buses[i].name, &v.wire, v.rtt_p50_ms, v.rtt_p99_ms,
                                       busy_ns, v.elapsed_ns, v.counted_utc_ms});
    }
    for (size_t i = 0; i < s->settings->n_meters && rc == RC_OK; i++) {
        struct board_meter v;
        struct board_bus bus;
        board_get_meter(b->board, i, &v);
        board_get_bus(b->board, s->settings->meters[i].bus, &bus);
        rc = stats_row(s, b->now_utc_ms,
                       &(struct stats){"meter", s->settings->meters[i].name, &v.wire, v.rtt_p50_ms,
                                       v.rtt_p99_ms, v.wire_ns, bus.elapsed_ns, bus.counted_utc_ms});
    }
    return rc;
}
