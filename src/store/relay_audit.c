#include "store/relay_audit.h"

#include <string.h>
#include "core/rc.h"
#include "core/text.h"
#include "store/store_inside.h"

static void bind_key(sqlite3_stmt *st, const struct relay_intent *in)
{
    sqlite3_bind_text(st, 1, in->meter, -1, SQLITE_STATIC);
    sqlite3_bind_text(st, 2, in->mqtt ? "mqtt" : "control", -1, SQLITE_STATIC);
    sqlite3_bind_text(st, 3, in->command, -1, SQLITE_STATIC);
}

static void copy_text(sqlite3_stmt *st, int column, char *out, size_t size)
{
    const char *text = (const char *)sqlite3_column_text(st, column);
    text_format(out, size, "%s", text != NULL ? text : "");
}

/* Whose row it is that stands there now. */
static int look(struct store *s, struct relay_intent *in)
{
    sqlite3_stmt *st = s->st.audit_get;
    bind_key(st, in);
    int rc = db_row(&s->db, st);
    if (rc != RC_OK)
        return rc;
    in->seen = (uint64_t)sqlite3_column_int64(st, 0) != in->token;
    in->pending = sqlite3_column_type(st, 1) == SQLITE_NULL;
    in->before = (struct relay_result){.ok = sqlite3_column_int(st, 2) != 0, .state = -1};
    in->before.ts_utc_ms = sqlite3_column_int64(st, 1);
    if (sqlite3_column_type(st, 3) != SQLITE_NULL)
        in->before.state = (int8_t)sqlite3_column_int(st, 3);
    copy_text(st, 4, in->before.error, sizeof in->before.error);
    copy_text(st, 5, in->before.detail, sizeof in->before.detail);
    sqlite3_reset(st);
    return RC_OK;
}

static int put_intent(struct store *s, struct relay_intent *in)
{
    sqlite3_stmt *st = s->st.audit_put;
    bind_key(st, in);
    sqlite3_bind_int64(st, 4, in->ts_utc_ms);
    sqlite3_bind_text(st, 5, in->who, -1, SQLITE_STATIC);
    sqlite3_bind_int64(st, 6, (int64_t)in->token);
    sqlite3_bind_int(st, 7, in->close);
    if (in->expires_utc_ms != 0)
        sqlite3_bind_int64(st, 8, in->expires_utc_ms);
    else
        sqlite3_bind_null(st, 8);
    int rc = db_run(&s->db, st);
    return rc == RC_OK ? look(s, in) : rc;
}

static int put_result(struct store *s, const struct relay_intent *in, const struct relay_result *r)
{
    sqlite3_stmt *st = s->st.audit_done;
    bind_key(st, in);
    sqlite3_bind_int64(st, 4, (int64_t)in->token);
    sqlite3_bind_int64(st, 5, r->ts_utc_ms);
    sqlite3_bind_int(st, 6, r->ok);
    if (r->state >= 0)
        sqlite3_bind_int(st, 7, r->state);
    else
        sqlite3_bind_null(st, 7);
    if (r->ok)
        sqlite3_bind_null(st, 8);
    else
        sqlite3_bind_text(st, 8, r->error, -1, SQLITE_STATIC);
    sqlite3_bind_text(st, 9, r->detail, -1, SQLITE_STATIC);
    return db_run(&s->db, st);
}

int store_relay_record(struct store *s, struct relay_record *r)
{
    return r->is_result ? put_result(s, &r->intent, &r->result) : put_intent(s, &r->intent);
}

int store_relay_orphans(struct store *s, int64_t now_utc_ms)
{
    return db_execf(&s->db,
                    "UPDATE audit_data SET done_ms = %lld, ok = 0, error = 'unknown',"
                    " detail = 'the daemon ended before the outcome was known' WHERE done_ms IS NULL",
                    (long long)now_utc_ms);
}
