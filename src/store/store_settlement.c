#include <stdio.h>
#include <string.h>
#include "core/rc.h"
#include "core/text.h"
#include "publish/payload.h"
#include "store/store_inside.h"
#include "tariff/calendar.h"
#include "tariff/settlement_calendar.h"
#include "tariff/settlement_shift.h"

#define OBSERVED_LEAST_MS (15 * 60 * 1000)

struct period {
    char name[SETTLEMENT_NAME];
    int64_t end_utc_ms;
    struct settlement_values values;
};

/* A period's row as it stands. */
struct known {
    bool there, confirmed, observed;
    int64_t seen_ms;
};

static void take(const struct reading *r, unsigned slot, struct settlement_values *values)
{
    for (unsigned family = 0; family < SETTLEMENT_FAMILIES; family++) {
        const int64_t *v = reading_get(r, quantity_settlement(family, slot));
        values->has[family] = v != NULL;
        values->value[family] = v != NULL ? *v : 0;
    }
}

static bool equal(const struct settlement_values *a, const struct settlement_values *b)
{
    for (int f = 0; f < SETTLEMENT_FAMILIES; f++)
        if (a->has[f] != b->has[f] || (a->has[f] && a->value[f] != b->value[f]))
            return false;
    return true;
}

/* The oldest slot that holds energy: zeros older than commissioning, or than a clear, are no data. */
static unsigned oldest(const struct reading *r)
{
    for (unsigned slot = SETTLEMENT_SLOTS - 1; slot > 0; slot--)
        for (unsigned family = 0; family < SETTLEMENT_FAMILIES; family++) {
            const int64_t *v = reading_get(r, quantity_settlement(family, slot));
            if (v != NULL && *v != 0)
                return slot;
        }
    return 0;
}

/* Observed: we were reading the meter just before the instant and just after. */
static int observed(struct store *s, size_t meter, int64_t end_utc_ms, bool *out)
{
    int64_t limit = 3 * (int64_t)s->settings->meters[meter].period_ms[CLASS_ENERGY];
    if (limit < OBSERVED_LEAST_MS)
        limit = OBSERVED_LEAST_MS;
    int64_t sides = 0;
    char sql[400];
    if (!text_format(
            sql, sizeof sql,
            "SELECT EXISTS (SELECT 1 FROM energy_data WHERE meter = %lld AND ts_ms BETWEEN %lld AND %lld)"
            " + EXISTS (SELECT 1 FROM energy_data WHERE meter = %lld AND ts_ms BETWEEN %lld AND %lld)",
            (long long)s->meters[meter].id, (long long)(end_utc_ms - limit), (long long)(end_utc_ms - 1),
            (long long)s->meters[meter].id, (long long)end_utc_ms, (long long)(end_utc_ms + limit)))
        return RC_RANGE;
    int rc = db_int(&s->db, sql, &sides);
    *out = rc == RC_OK && sides == 2;
    return rc;
}

static int put(struct store *s, size_t meter, const struct period *p, const char *meaning, const char *origin,
               int64_t seen_ms, uint64_t seq)
{
    sqlite3_stmt *st = s->st.settlement_put;
    sqlite3_bind_int64(st, 1, s->meters[meter].id);
    sqlite3_bind_text(st, 2, p->name, -1, SQLITE_STATIC);
    sqlite3_bind_int64(st, 3, p->end_utc_ms);
    sqlite3_bind_text(st, 4, meaning, -1, SQLITE_STATIC);
    sqlite3_bind_text(st, 5, origin, -1, SQLITE_STATIC);
    sqlite3_bind_text(st, 6, seq > 0 ? "confirmed" : "provisional", -1, SQLITE_STATIC);
    sqlite3_bind_int64(st, 7, seen_ms);
    sqlite3_bind_null(st, 8);
    sqlite3_bind_null(st, 9);
    if (seq > 0) {
        sqlite3_bind_int64(st, 8, s->ledger);
        sqlite3_bind_int64(st, 9, (int64_t)seq);
    }
    for (int f = 0; f < SETTLEMENT_FAMILIES; f++)
        if (p->values.has[f])
            sqlite3_bind_int64(st, 10 + f, p->values.value[f]);
        else
            sqlite3_bind_null(st, 10 + f);
    return db_run(&s->db, st);
}

/* One seq, one meaning, one message for all rows of the meter and period. */
static int confirm(struct store *s, size_t meter, const struct period *p, const char *meaning,
                   const char *origin, int64_t seen_ms, int64_t now_utc_ms)
{
    uint64_t seq = s->last_seq + 1;
    struct payload_settlement v = {
        .period_end = p->name, .meaning = meaning, .origin = origin, .status = "confirmed"};
    memcpy(v.has, p->values.has, sizeof v.has);
    memcpy(v.value, p->values.value, sizeof v.value);
    struct text_buf topic = {0}, payload = {0};
    text_buf_addf(&topic, "meter/%s/settlement/%s", s->settings->meters[meter].name, p->name);
    payload_settlement(&payload, s->ledger_id, seq, now_utc_ms, &v);
    int rc = topic.failed || payload.failed
                 ? RC_NOMEM
                 : store_message(s, seq, "settlement", meter, topic.data, payload.data);
    text_buf_done(&topic);
    text_buf_done(&payload);
    if (rc != RC_OK)
        return rc;
    s->last_seq = seq;
    return put(s, meter, p, meaning, origin, seen_ms, seq);
}

static int known_of(struct store *s, size_t meter, const char *name, struct known *out,
                    struct settlement_values *values)
{
    sqlite3_stmt *st = s->st.settlement_get;
    sqlite3_bind_int64(st, 1, s->meters[meter].id);
    sqlite3_bind_text(st, 2, name, -1, SQLITE_STATIC);
    int rc = db_row(&s->db, st);
    if (rc != RC_OK)
        return rc == RC_NOTFOUND ? RC_OK : rc;
    out->there = true;
    out->confirmed = strcmp((const char *)sqlite3_column_text(st, 0), "confirmed") == 0;
    out->observed = strcmp((const char *)sqlite3_column_text(st, 1), "observed") == 0;
    out->seen_ms = sqlite3_column_int64(st, 2);
    for (int f = 0; f < SETTLEMENT_FAMILIES; f++) {
        values->has[f] = sqlite3_column_type(st, 3 + f) == SQLITE_INTEGER;
        values->value[f] = values->has[f] ? sqlite3_column_int64(st, 3 + f) : 0;
    }
    sqlite3_reset(st);
    return RC_OK;
}

static int period(struct store *s, size_t meter, const struct period *p, const struct known *k,
                  const struct settlement_values *known, bool newest, int64_t ts_ms)
{
    if (k->confirmed) /* never changes; a difference is a finding of rule F5 */
        return RC_OK;
    const char *meaning = freeze_meaning_name(
        freeze_model_meaning(s->settings->meters[meter].freeze_model, &s->meters[meter].checks.freeze));
    if (k->there && k->seen_ms != ts_ms && equal(&p->values, known))
        return confirm(s, meter, p, meaning, k->observed ? "observed" : "backfill", k->seen_ms, ts_ms);
    bool seen = k->there && k->observed;
    int rc = !k->there && newest ? observed(s, meter, p->end_utc_ms, &seen) : RC_OK;
    return rc == RC_OK ? put(s, meter, p, meaning, seen ? "observed" : "backfill", ts_ms, 0) : rc;
}

int store_settlements(struct store *s, size_t meter, const struct reading *r, const struct tariff *t)
{
    int64_t instants[SETTLEMENT_AGES];
    struct known k[SETTLEMENT_AGES] = {0};
    struct settlement_values slots[SETTLEMENT_SLOTS], known[SETTLEMENT_AGES] = {0};
    struct period p;
    int rc = RC_OK;
    for (unsigned age = 0; age < SETTLEMENT_AGES && rc == RC_OK; age++) {
        instants[age] = age > 0 ? settlement_before(t, instants[age - 1])
                                : settlement_at_or_before(t, calendar_local_ms(t, r->taken_utc_ms));
        settlement_name(instants[age], p.name);
        rc = known_of(s, meter, p.name, &k[age], &known[age]);
    }
    for (unsigned slot = 0; slot < SETTLEMENT_SLOTS; slot++)
        take(r, slot, &slots[slot]);
    struct settlement_shift shift = settlement_shift(slots, known);
    unsigned last = oldest(r);
    for (unsigned slot = 1 + shift.open; slot <= last && rc == RC_OK; slot++) {
        unsigned age = slot - 1 + shift.behind;
        if (age >= SETTLEMENT_AGES)
            break;
        settlement_name(instants[age], p.name);
        p.end_utc_ms = instants[age] - (int64_t)t->utc_offset_s * 1000;
        p.values = slots[slot];
        rc = period(s, meter, &p, &k[age], &known[age], age == 0, r->taken_utc_ms);
    }
    return rc;
}
