#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include "core/clock.h"
#include "core/rc.h"
#include "core/text.h"
#include "publish/payload.h"
#include "store/store_inside.h"

void store_random_id(char out[9])
{
    uint32_t n = 0;
    if (getrandom(&n, sizeof n, 0) != sizeof n) /* only a kernel before 3.17 */
        n = (uint32_t)clock_wire_ns() ^ (uint32_t)clock_utc_ms();
    snprintf(out, 9, "%08x", n);
}

int store_ledger_begin(struct store *s, int64_t now_utc_ms, const char *reason)
{
    char id[9], detail[96];
    store_random_id(id);
    int rc = db_execf(&s->db, "INSERT INTO ledger_data (id, since_ms) VALUES ('%s', %lld)", id,
                      (long long)now_utc_ms);
    if (rc != RC_OK)
        return rc;
    s->ledger = sqlite3_last_insert_rowid(s->db.sql);
    memcpy(s->ledger_id, id, sizeof id);
    s->last_seq = 0;
    s->acked = (struct ackset){0};
    snprintf(detail, sizeof detail, "{\"ledger\":\"%s\",\"reason\":\"%s\"}", id, reason);
    store_note_event(s, now_utc_ms, "ledger", "ledger_new", detail);
    return db_exec(&s->db, "UPDATE store_state SET is_backup = 0");
}

int store_message(struct store *s, uint64_t seq, const char *kind, size_t meter, const char *topic,
                  const char *payload)
{
    sqlite3_stmt *st = s->st.message;
    sqlite3_bind_int64(st, 1, s->ledger);
    sqlite3_bind_int64(st, 2, (int64_t)seq);
    sqlite3_bind_text(st, 3, kind, -1, SQLITE_STATIC);
    if (meter == STORE_NO_METER)
        sqlite3_bind_null(st, 4);
    else
        sqlite3_bind_int64(st, 4, s->meters[meter].id);
    sqlite3_bind_text(st, 5, topic, -1, SQLITE_STATIC);
    sqlite3_bind_text(st, 6, payload, -1, SQLITE_STATIC);
    return db_run(&s->db, st);
}

int store_gap(struct store *s, uint64_t from, uint64_t to, const char *reason, int64_t now_utc_ms)
{
    uint64_t seq = s->last_seq + 1;
    struct text_buf payload = {0};
    payload_gap(&payload, s->ledger_id, seq, now_utc_ms, from, to, reason);
    int rc =
        payload.failed ? RC_NOMEM : store_message(s, seq, "gap", STORE_NO_METER, "history", payload.data);
    text_buf_done(&payload);
    if (rc != RC_OK)
        return rc;
    s->last_seq = seq;
    ackset_add_span(&s->acked, from, to); /* nobody will send the numbers themselves */
    sqlite3_stmt *st = s->st.gap;
    sqlite3_bind_int64(st, 1, s->ledger);
    sqlite3_bind_int64(st, 2, (int64_t)from);
    sqlite3_bind_int64(st, 3, (int64_t)to);
    sqlite3_bind_text(st, 4, reason, -1, SQLITE_STATIC);
    rc = db_run(&s->db, st);
    if (rc != RC_OK)
        return rc;
    char detail[128];
    snprintf(detail, sizeof detail, "{\"from\":%llu,\"to\":%llu,\"reason\":\"%s\"}", (unsigned long long)from,
             (unsigned long long)to, reason);
    store_note_event(s, now_utc_ms, "ledger", "ledger_gap", detail);
    return RC_OK;
}

int store_save_state(struct store *s, int64_t flush)
{
    char acked[ACKSET_TEXT];
    ackset_to_text(&s->acked, acked);
    sqlite3_stmt *st = s->st.state;
    sqlite3_bind_int64(st, 1, flush);
    sqlite3_bind_int64(st, 2, s->ledger);
    sqlite3_bind_int64(st, 3, (int64_t)s->last_seq);
    sqlite3_bind_text(st, 4, acked, -1, SQLITE_STATIC);
    sqlite3_bind_int64(st, 5, s->newest_ms);
    sqlite3_bind_int(st, 6, s->seen_synchronised);
    int rc = db_run(&s->db, st);
    sqlite3_clear_bindings(st);
    return rc;
}
