#include <stdlib.h>
#include "core/decimal.h"
#include "core/rc.h"
#include "core/text.h"
#include "publish/payload.h"
#include "store/store_inside.h"

#define ENERGY_DECIMALS 6

static void add_number(struct text_buf *b, int64_t v)
{
    char text[DECIMAL_SIZE];
    decimal_to_text(v, ENERGY_DECIMALS, text);
    text_buf_add(b, text);
}

static void add_registers(struct text_buf *b, bool reactive, const int64_t value[SUM_REGISTERS])
{
    for (int i = 0; i < SUM_REGISTERS; i++) {
        text_buf_addf(b, "%s\"%s\":", i == 0 ? "{" : ",",
                      quantity_at((enum quantity_id)meter_checks_quantity(reactive, i))->name);
        add_number(b, value[i]);
    }
    text_buf_add(b, "}");
}

/* The view's evidence: what the finding rests on, so that anybody can do the sum again. */
static void add_evidence(struct text_buf *b, const struct store *s, size_t meter, bool reactive,
                         const struct sum_evidence *e)
{
    const char *unit = reactive ? "kvarh" : "kWh";
    const struct tariff *t = store_tariff_at(s, meter, e->after.ts_ms);
    char from[TEXT_TS_SIZE], to[TEXT_TS_SIZE];
    text_from_utc_ms(e->before.ts_ms - e->before.window_ms - t->register_lag_ms, from);
    text_from_utc_ms(e->after.ts_ms, to);
    text_buf_addf(b, "{\"register\":\"%s\",\"ts\":\"%s\",\"last_ts\":\"%s\",\"count\":1,\"%s\":",
                  quantity_at((enum quantity_id)meter_checks_quantity(reactive, 0))->name, to, to,
                  reactive ? "excess_kvarh" : "excess_kwh");
    add_number(b, e->excess);
    text_buf_addf(b, ",\"tolerance_%s\":", reactive ? "kvarh" : "kwh");
    add_number(b, e->tolerance);
    text_buf_addf(b, ",\"unit\":\"%s\",\"window\":[\"%s\",\"%s\"],\"possible_rates\":null,\"before\":", unit,
                  from, to);
    add_registers(b, reactive, e->before.value);
    text_buf_add(b, ",\"after\":");
    add_registers(b, reactive, e->after.value);
    text_buf_add(b, ",\"resolution\":");
    add_registers(b, reactive, e->step);
    text_buf_add(b, "}");
}

static void add_summary(struct text_buf *b, bool reactive, const struct sum_evidence *e)
{
    const char *unit = reactive ? "kvarh" : "kWh";
    text_buf_addf(b, "the four %s registers together gained ", reactive ? "reactive rate" : "rate");
    add_number(b, e->deviation < 0 ? -e->deviation : e->deviation);
    text_buf_addf(b, " %s %s than the total; ", unit, e->deviation < 0 ? "less" : "more");
    add_number(b, e->tolerance);
    text_buf_addf(b, " %s is what their resolution explains", unit);
}

static const char *column_text(sqlite3_stmt *st, int column)
{
    return (const char *)sqlite3_column_text(st, column);
}

static int64_t column_time(sqlite3_stmt *st, int column)
{
    int64_t ms = 0;
    const char *text = column_text(st, column);
    if (text != NULL)
        text_to_utc_ms(text, &ms);
    return ms;
}

/* The ledger message of a finding as its row tells it. The row stays current: the caller resets it. */
static int message(struct store *s, size_t meter, int64_t id, int64_t closed_ms, uint64_t seq)
{
    sqlite3_stmt *st = s->st.finding_get;
    const char *name = s->settings->meters[meter].name, *reg = column_text(st, 4),
               *excess = column_text(st, 8);
    struct payload_finding f = {
        .id = (uint64_t)id,
        .meter = name,
        .rule = column_text(st, 0),
        .severity = column_text(st, 1),
        .register_name = reg,
        .summary = column_text(st, 3),
        .opened_utc_ms = sqlite3_column_int64(st, 2),
        .closed_utc_ms = closed_ms,
        .ts_utc_ms = column_time(st, 5),
        .last_ts_utc_ms = column_time(st, 6),
        .count = (uint64_t)sqlite3_column_int64(st, 7),
        .window_utc_ms = {column_time(st, 9), column_time(st, 10)},
        .before = column_text(st, 11),
        .after = column_text(st, 12),
    };
    f.reactive = reg != NULL && reg[0] == 'r';
    f.has_excess = excess != NULL && decimal_from_text(excess, ENERGY_DECIMALS, &f.excess) == RC_OK;
    struct text_buf topic = {0}, payload = {0};
    text_buf_addf(&topic, "meter/%s/finding/%llu", name, (unsigned long long)id);
    payload_finding(&payload, s->ledger_id, seq, &f);
    int rc = topic.failed || payload.failed
                 ? RC_NOMEM
                 : store_message(s, seq, "finding", meter, topic.data, payload.data);
    text_buf_done(&topic);
    text_buf_done(&payload);
    return rc;
}

/* Reads the row of a finding into finding_get; RC_NOTFOUND when somebody took it away. */
static int fetch(struct store *s, int64_t id)
{
    sqlite3_bind_int64(s->st.finding_get, 1, id);
    return db_row(&s->db, s->st.finding_get);
}

int store_finding_open(struct store *s, size_t meter, bool reactive, const struct sum_evidence *e,
                       int64_t *id)
{
    struct text_buf summary = {0}, evidence = {0};
    uint64_t seq = s->last_seq + 1;
    add_summary(&summary, reactive, e);
    add_evidence(&evidence, s, meter, reactive, e);
    sqlite3_stmt *st = s->st.finding_put;
    int rc = summary.failed || evidence.failed ? RC_NOMEM : RC_OK;
    if (rc == RC_OK) {
        sqlite3_bind_int64(st, 1, s->meters[meter].id);
        sqlite3_bind_text(st, 2, "T2", -1, SQLITE_STATIC);
        sqlite3_bind_text(st, 3, "error", -1, SQLITE_STATIC);
        sqlite3_bind_int64(st, 4, e->after.ts_ms);
        sqlite3_bind_text(st, 5, summary.data, -1, SQLITE_STATIC);
        sqlite3_bind_text(st, 6, evidence.data, -1, SQLITE_STATIC);
        sqlite3_bind_int64(st, 7, s->ledger);
        sqlite3_bind_int64(st, 8, (int64_t)seq);
        rc = db_run(&s->db, st);
        sqlite3_clear_bindings(st);
    }
    text_buf_done(&summary);
    text_buf_done(&evidence);
    if (rc != RC_OK)
        return rc;
    *id = sqlite3_last_insert_rowid(s->db.sql);
    rc = fetch(s, *id);
    if (rc == RC_OK)
        rc = message(s, meter, *id, 0, seq);
    sqlite3_reset(s->st.finding_get);
    if (rc == RC_OK) {
        s->last_seq = seq;
        s->open_findings++;
    }
    return rc;
}

/* A repetition is counted in the row; it is no news and gets no number. */
int store_finding_again(struct store *s, int64_t id, bool reactive, const struct sum_evidence *e)
{
    char ts[TEXT_TS_SIZE], excess[DECIMAL_SIZE];
    const char *key = reactive ? "excess_kvarh" : "excess_kwh";
    text_from_utc_ms(e->after.ts_ms, ts);
    decimal_to_text(e->excess, ENERGY_DECIMALS, excess);
    return db_execf(&s->db,
                    "UPDATE finding_data SET evidence = json_set(evidence, '$.last_ts', '%s', '$.count',"
                    " (evidence ->> 'count') + 1, '$.%s', json(CASE WHEN %s > (evidence ->> '%s') THEN '%s'"
                    " ELSE evidence -> '%s' END)) WHERE id = %lld",
                    ts, key, excess, key, excess, key, (long long)id);
}

int store_finding_close(struct store *s, size_t meter, int64_t id, int64_t closed_ms)
{
    uint64_t seq = s->last_seq + 1;
    int rc = fetch(s, id);
    if (rc == RC_NOTFOUND)
        return RC_OK;
    if (rc == RC_OK)
        rc = message(s, meter, id, closed_ms, seq);
    sqlite3_reset(s->st.finding_get);
    if (rc != RC_OK)
        return rc;
    s->last_seq = seq;
    sqlite3_stmt *st = s->st.finding_close;
    sqlite3_bind_int64(st, 1, id);
    sqlite3_bind_int64(st, 2, closed_ms);
    sqlite3_bind_int64(st, 3, s->ledger);
    sqlite3_bind_int64(st, 4, (int64_t)seq);
    rc = db_run(&s->db, st);
    if (rc == RC_OK && s->open_findings > 0)
        s->open_findings--;
    return rc;
}
