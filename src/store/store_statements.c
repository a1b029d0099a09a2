#include "core/rc.h"
#include "store/columns.h"
#include "store/store_inside.h"

/* An insert into a wide table: the key columns at marks 1 to n_keys, then the quantities. */
static int wide(struct store *s, enum wide_table t, const char *keys, int n_keys, const char *conflict,
                sqlite3_stmt **out)
{
    struct text_buf sql = {0};
    text_buf_addf(&sql, "INSERT INTO %s (%s", columns_table(t), keys);
    columns_list(&sql, t, "");
    text_buf_add(&sql, ") VALUES (?1");
    for (int i = 2; i <= n_keys; i++)
        text_buf_addf(&sql, ",?%d", i);
    columns_marks(&sql, t, n_keys + 1);
    text_buf_addf(&sql, ")%s", conflict);
    /* two replies of one meter in one millisecond (a clock that runs fast): one row holds both */
    for (int q = 0; q < Q_ENERGY_END && conflict[0] != '\0'; q++)
        if (columns_has(t, q))
            text_buf_addf(&sql, ", %s = coalesce(excluded.%s, %s)", quantity_at((enum quantity_id)q)->name,
                          quantity_at((enum quantity_id)q)->name, quantity_at((enum quantity_id)q)->name);
    int rc = sql.failed ? RC_NOMEM : db_prepare(&s->db, sql.data, out);
    text_buf_done(&sql);
    return rc;
}

int store_prepare(struct store *s)
{
    struct store_statements *st = &s->st;
    const struct {
        sqlite3_stmt **st;
        const char *sql;
    } all[] = {
        {&st->state,
         "UPDATE store_state SET flush = ?1, ledger = ?2, last_seq = ?3, acked = ?4, newest_ms = ?5,"
         " seen_synchronised = ?6"},
        {&st->now,
         "INSERT OR REPLACE INTO meter_now (meter, status, first_seen_ms, last_seen_ms, energy_ledger,"
         " energy_seq, energy_ms, live_ms, demand_ms, relay, relay_ms)"
         " VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11)"},
        {&st->message, "INSERT INTO ledger_message (ledger, seq, kind, meter, topic, payload)"
                       " VALUES (?1,?2,?3,?4,?5,?6)"},
        {&st->gap, "INSERT INTO ledger_gap VALUES (?1,?2,?3,?4)"},
        {&st->event, "INSERT INTO event_data (ts_ms, subject, kind, detail) VALUES (?1,?2,?3,?4)"},
        {&st->sweep,
         "INSERT INTO sweep_data (meter, ts_ms, window_ms, quality, hash) VALUES (?1,?2,?3,?4,?5)"},
        {&st->sweep_family,
         "INSERT INTO sweep_family VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15)"},
        {&st->settlement_get, "SELECT status, origin, seen_ms, family0, family1, family2, family3, family4, "
                              "family5, family6, family7,"
                              " family8, family9 FROM settlement_data WHERE meter = ?1 AND period_end = ?2"},
        {&st->settlement_put,
         "INSERT OR REPLACE INTO settlement_data (meter, period_end, end_ms, meaning, origin, status, "
         "seen_ms, ledger,"
         " seq, family0, family1, family2, family3, family4, family5, family6, family7, family8, family9)"
         " VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16,?17,?18,?19)"},
        {&st->finding_put,
         "INSERT INTO finding_data (meter, rule, severity, opened_ms, summary, evidence, ledger, seq)"
         " VALUES (?1,?2,?3,?4,?5,?6,?7,?8)"},
        {&st->finding_get,
         "SELECT rule, severity, opened_ms, summary, evidence ->> 'register', evidence ->> 'ts', evidence "
         "->> 'last_ts',"
         " evidence ->> 'count', coalesce(evidence -> 'excess_kwh', evidence -> 'excess_kvarh'),"
         " evidence ->> '$.window[0]', evidence ->> '$.window[1]', evidence -> 'before', evidence -> "
         "'after', evidence"
         " FROM finding_data WHERE id = ?1"},
        {&st->finding_close, "UPDATE finding_data SET closed_ms = ?2, ledger = ?3, seq = ?4 WHERE id = ?1"},
        {&st->checks_put,
         "INSERT OR REPLACE INTO check_state (meter, ledger, upto_seq, state) VALUES (?1,?2,?3,?4)"},
        {&st->serial, "UPDATE meter_data SET serial = ?2 WHERE id = ?1"},
        {&st->stats,
         "INSERT INTO wire_stats (about, name, ts_ms, since_ms, ok, timeout, crc, short, foreign_frame,"
         " exception, late, retried, missed, rtt_p50_ms, rtt_p99_ms, wire_share_ppm)"
         " VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16)"},
        {&st->interval,
         "INSERT OR REPLACE INTO interval_data VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15)"},
        {&st->coverage, "INSERT OR REPLACE INTO coverage_data (day, meter, expected, got, longest_gap_ms)"
                        " VALUES (?1,?2,?3,?4,?5)"},
        {&st->audit_put,
         "INSERT OR IGNORE INTO audit_data (meter, source, command, ts_ms, who, token, wanted,"
         " expires_ms) VALUES (?1,?2,?3,?4,?5,?6,?7,?8)"},
        {&st->audit_get, "SELECT token, done_ms, ok, state, error, detail FROM audit_data"
                         " WHERE meter = ?1 AND source = ?2 AND command = ?3"},
        {&st->audit_done, "UPDATE audit_data SET done_ms = ?5, ok = ?6, state = ?7, error = ?8, detail = ?9"
                          " WHERE meter = ?1 AND source = ?2 AND command = ?3 AND token = ?4"},
    };
    int rc =
        wide(s, WIDE_ENERGY, "ledger, seq, meter, ts_ms, window_ms, source, quality", 7, "", &st->energy);
    if (rc == RC_OK)
        rc = wide(s, WIDE_ENERGY_PHASE, "ledger, seq", 2, "", &st->energy_phase);
    if (rc == RC_OK)
        rc = wide(s, WIDE_LIVE, "ts_ms, meter, window_ms, quality", 4,
                  " ON CONFLICT (ts_ms, meter) DO UPDATE SET window_ms = max(window_ms, excluded.window_ms)",
                  &st->live);
    if (rc == RC_OK)
        rc = wide(s, WIDE_LIVE_PHASE, "ts_ms, meter", 2,
                  " ON CONFLICT (ts_ms, meter) DO UPDATE SET meter = meter", &st->live_phase);
    for (size_t i = 0; i < sizeof all / sizeof all[0] && rc == RC_OK; i++)
        rc = db_prepare(&s->db, all[i].sql, all[i].st);
    return rc;
}

void store_finalise(struct store *s)
{
    struct store_statements *st = &s->st;
    sqlite3_stmt **all[] = {&st->energy_phase,   &st->live_phase,  &st->state,        &st->energy,
                            &st->live,           &st->now,         &st->message,      &st->gap,
                            &st->event,          &st->sweep,       &st->sweep_family, &st->settlement_get,
                            &st->settlement_put, &st->finding_put, &st->finding_get,  &st->finding_close,
                            &st->checks_put,     &st->serial,      &st->stats,        &st->audit_put,
                            &st->audit_get,      &st->audit_done,  &st->coverage,     &st->interval};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        sqlite3_finalize(*all[i]);
        *all[i] = NULL;
    }
}
