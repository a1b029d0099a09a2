#include <stdlib.h>
#include <string.h>
#include "core/rc.h"
#include "core/text.h"
#include "store/store_inside.h"

static int quantities(struct store *s)
{
    sqlite3_stmt *st = NULL;
    int rc = db_prepare(&s->db,
                        "INSERT INTO quantity (name, unit, decimals, class) VALUES (?1,?2,?3,?4)"
                        " ON CONFLICT (name) DO UPDATE SET unit = excluded.unit, decimals = excluded.decimals"
                        " WHERE unit <> excluded.unit OR decimals <> excluded.decimals",
                        &st);
    for (int q = 0; q < Q_COUNT && rc == RC_OK; q++) {
        const struct quantity *v = quantity_at((enum quantity_id)q);
        sqlite3_bind_text(st, 1, v->name, -1, SQLITE_STATIC);
        sqlite3_bind_text(st, 2, v->unit, -1, SQLITE_STATIC);
        sqlite3_bind_int(st, 3, v->decimals);
        sqlite3_bind_text(st, 4, reg_class_name(v->klass), -1, SQLITE_STATIC);
        rc = db_run(&s->db, st);
    }
    sqlite3_finalize(st);
    if (rc != RC_OK)
        return rc;
    st = NULL;
    rc = db_prepare(&s->db, "UPDATE quantity SET obis = ?2 WHERE name = ?1 AND obis <> ?2", &st);
    for (size_t i = 0; i < s->settings->n_models; i++)
        for (size_t k = 0; k < s->settings->models[i]->n_regs && rc == RC_OK; k++) {
            const struct reg *g = &s->settings->models[i]->regs[k];
            if (g->obis[0] == '\0' || g->quantity >= Q_COUNT)
                continue;
            sqlite3_bind_text(st, 1, quantity_at((enum quantity_id)g->quantity)->name, -1, SQLITE_STATIC);
            sqlite3_bind_text(st, 2, g->obis, -1, SQLITE_STATIC);
            rc = db_run(&s->db, st);
        }
    sqlite3_finalize(st);
    return rc;
}

static int root(struct store *s)
{
    struct text_buf text = {0};
    text_buf_addf(&text, "%s/%s", s->settings->mqtt.prefix != NULL ? s->settings->mqtt.prefix : "meterfleet",
                  s->settings->gateway.id);
    sqlite3_stmt *st = NULL;
    int rc = text.failed ? RC_NOMEM
                         : db_prepare(&s->db,
                                      "INSERT INTO ledger_root (ledger, from_seq, root) SELECT ?1, ?2, ?3"
                                      " WHERE ?3 IS NOT (SELECT root FROM ledger_root WHERE ledger = ?1"
                                      " ORDER BY from_seq DESC LIMIT 1)"
                                      " ON CONFLICT (ledger, from_seq) DO UPDATE SET root = excluded.root",
                                      &st);
    if (rc == RC_OK) {
        sqlite3_bind_int64(st, 1, s->ledger);
        sqlite3_bind_int64(st, 2, (int64_t)s->last_seq + 1);
        sqlite3_bind_text(st, 3, text.data, -1, SQLITE_STATIC);
        rc = db_run(&s->db, st);
    }
    sqlite3_finalize(st);
    text_buf_done(&text);
    return rc;
}

static int meters(struct store *s, int64_t now_utc_ms)
{
    sqlite3_stmt *st = NULL;
    int rc = db_exec(&s->db, "UPDATE meter_data SET removed = 1 WHERE NOT removed");
    if (rc == RC_OK)
        rc = db_prepare(
            &s->db,
            "INSERT INTO meter_data (name, label, bus, address, model, serial, tariff)"
            " VALUES (?1,?2,?3,?4,?5,?6,?7) ON CONFLICT (name) DO UPDATE SET label = excluded.label,"
            " bus = excluded.bus, address = excluded.address, model = excluded.model,"
            " serial = CASE excluded.serial WHEN '' THEN serial ELSE excluded.serial END,"
            " tariff = excluded.tariff, removed = 0",
            &st);
    for (size_t i = 0; i < s->settings->n_meters && rc == RC_OK; i++) {
        const struct settings_meter *m = &s->settings->meters[i];
        const struct tariff *t = settings_meter_tariff(s->settings, m, now_utc_ms);
        sqlite3_bind_text(st, 1, m->name, -1, SQLITE_STATIC);
        sqlite3_bind_text(st, 2, m->label != NULL ? m->label : "", -1, SQLITE_STATIC);
        sqlite3_bind_text(st, 3, s->settings->buses[m->bus].name, -1, SQLITE_STATIC);
        sqlite3_bind_int(st, 4, m->address);
        sqlite3_bind_text(st, 5, m->model != NULL ? m->model->name : "", -1, SQLITE_STATIC);
        sqlite3_bind_text(st, 6, m->serial != NULL ? m->serial : "", -1, SQLITE_STATIC);
        sqlite3_bind_text(st, 7, t != NULL ? t->name : "", -1, SQLITE_STATIC);
        rc = db_run(&s->db, st);
    }
    sqlite3_finalize(st);
    return rc == RC_OK ? db_exec(&s->db, "INSERT OR IGNORE INTO meter_now (meter) SELECT id FROM meter_data")
                       : rc;
}

int store_catalogue(struct store *s, int64_t now_utc_ms)
{
    int rc = quantities(s);
    if (rc == RC_OK)
        rc = root(s);
    return rc == RC_OK ? meters(s, now_utc_ms) : rc;
}

static void load_row(sqlite3_stmt *st, struct store_meter *m)
{
    m->id = sqlite3_column_int64(st, 0);
    m->first_seen_ms = sqlite3_column_int64(st, 1);
    m->last_seen_ms = sqlite3_column_int64(st, 2);
    m->energy_ledger = sqlite3_column_int64(st, 3);
    m->energy_seq = (uint64_t)sqlite3_column_int64(st, 4);
    m->energy_ms = sqlite3_column_int64(st, 5);
    m->live_ms = sqlite3_column_int64(st, 6);
    m->demand_ms = sqlite3_column_int64(st, 7);
    m->status = METER_UNKNOWN;
    m->dirty = true; /* what another run wrote about its state is old */
    m->relay = sqlite3_column_type(st, 11) == SQLITE_NULL ? -1 : (int8_t)sqlite3_column_int(st, 11);
    m->relay_ms = sqlite3_column_int64(st, 12);
    text_format(m->serial, sizeof m->serial, "%s", (const char *)sqlite3_column_text(st, 8));
    m->sweep_ms = sqlite3_column_int64(st, 9);
    m->sweep_hash = (uint64_t)sqlite3_column_int64(st, 10);
}

static bool two_sources(const struct settings_meter *m)
{
    return m->dual_source == DUAL_YES ||
           (m->dual_source == DUAL_AUTO && m->model != NULL && m->model->dual_source);
}

/* The state the checks had when it was last saved; without one they learn from now on, but know what is open.
 */
static int load_checks(struct store *s, const struct settings_meter *m, struct store_meter *out,
                       sqlite3_stmt *state, sqlite3_stmt *open)
{
    struct meter_checks saved;
    meter_checks_init(&out->checks, two_sources(m), m->combined == COMBINED_IMPORT_MINUS_EXPORT);
    out->checked_seq = s->last_seq;
    sqlite3_bind_int64(state, 1, out->id);
    int rc = db_row(&s->db, state);
    if (rc == RC_OK &&
        meter_checks_load(sqlite3_column_blob(state, 2), (size_t)sqlite3_column_bytes(state, 2), &saved) ==
            RC_OK &&
        saved.off == out->checks.off && saved.sum[0].net == out->checks.sum[0].net) {
        out->checks = saved;
        out->checked_seq =
            sqlite3_column_int64(state, 0) == s->ledger ? (uint64_t)sqlite3_column_int64(state, 1) : 0;
        sqlite3_reset(state);
        return RC_OK;
    }
    sqlite3_reset(state);
    sqlite3_bind_int64(open, 1, out->id);
    while (rc == RC_OK || rc == RC_NOTFOUND) {
        rc = db_row(&s->db, open);
        if (rc != RC_OK)
            return rc == RC_NOTFOUND ? RC_OK : rc;
        int reactive = sqlite3_column_int(open, 2) != 0;
        struct sum_check *c = &out->checks.sum[reactive];
        out->checks.finding[reactive] = sqlite3_column_int64(open, 0);
        c->open = 1;
        c->count = 1;
        c->opened_ms = c->violated_ms = sqlite3_column_int64(open, 1);
    }
    return rc;
}

int store_load_meters(struct store *s)
{
    sqlite3_stmt *st = NULL, *state = NULL, *open = NULL;
    int rc = db_prepare(
        &s->db,
        "SELECT m.id, n.first_seen_ms, n.last_seen_ms, n.energy_ledger, n.energy_seq, n.energy_ms,"
        " n.live_ms, n.demand_ms, m.serial, w.ts_ms, w.hash, n.relay, n.relay_ms FROM meter_data m"
        " LEFT JOIN meter_now n ON n.meter = m.id LEFT JOIN sweep_data w ON w.id ="
        " (SELECT id FROM sweep_data WHERE meter = m.id ORDER BY ts_ms DESC LIMIT 1) WHERE m.name = ?1",
        &st);
    if (rc == RC_OK)
        rc = db_prepare(&s->db, "SELECT ledger, upto_seq, state FROM check_state WHERE meter = ?1", &state);
    if (rc == RC_OK)
        rc = db_prepare(
            &s->db,
            "SELECT id, opened_ms, evidence ->> 'register' = 'reactive_energy_total' FROM finding_data"
            " WHERE meter = ?1 AND rule = 'T2' AND closed_ms IS NULL",
            &open);
    for (size_t i = 0; i < s->settings->n_meters && rc == RC_OK; i++) {
        sqlite3_bind_text(st, 1, s->settings->meters[i].name, -1, SQLITE_STATIC);
        rc = db_row(&s->db, st);
        if (rc == RC_OK) {
            load_row(st, &s->meters[i]);
            sqlite3_reset(st);
            rc = load_checks(s, &s->settings->meters[i], &s->meters[i], state, open);
        }
    }
    sqlite3_finalize(st);
    sqlite3_finalize(state);
    sqlite3_finalize(open);
    return rc;
}

static int tariff_text(struct store *s, sqlite3_stmt *get, sqlite3_stmt *put, size_t i, int64_t now_utc_ms)
{
    const char *name = s->settings->tariffs[i].name, *text = s->settings->tariff_texts[i];
    sqlite3_bind_text(get, 1, name, -1, SQLITE_STATIC);
    int rc = db_row(&s->db, get);
    bool known = rc == RC_OK;
    bool same = known && strcmp((const char *)sqlite3_column_text(get, 0), text) == 0;
    sqlite3_reset(get);
    if (same || (rc != RC_OK && rc != RC_NOTFOUND))
        return rc;
    sqlite3_bind_text(put, 1, name, -1, SQLITE_STATIC);
    sqlite3_bind_int64(put, 2, now_utc_ms);
    sqlite3_bind_text(put, 3, text, -1, SQLITE_STATIC);
    rc = db_run(&s->db, put);
    if (rc == RC_OK && known)
        store_note_event(s, now_utc_ms, name, "tariff_changed", NULL);
    return rc;
}

int store_tariffs(struct store *s, int64_t now_utc_ms)
{
    sqlite3_stmt *get = NULL, *put = NULL;
    int rc =
        db_prepare(&s->db, "SELECT text FROM tariff_data WHERE tariff = ?1 ORDER BY id DESC LIMIT 1", &get);
    if (rc == RC_OK)
        rc = db_prepare(&s->db, "INSERT INTO tariff_data (tariff, since_ms, text) VALUES (?1,?2,?3)", &put);
    for (size_t i = 0; i < s->settings->n_tariffs && rc == RC_OK; i++)
        rc = tariff_text(s, get, put, i, now_utc_ms);
    sqlite3_finalize(get);
    sqlite3_finalize(put);
    return rc;
}
