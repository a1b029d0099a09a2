#include "publish/payload.h"
#include <inttypes.h>
#include "core/decimal.h"

#define ENERGY_DECIMALS 6

/* A text in quotes: every string goes through the escaping writer, also those that look harmless. */
static void add_string(struct text_buf *out, const char *before, const char *s)
{
    text_buf_add(out, before);
    if (s == NULL)
        text_buf_add(out, "null");
    else
        text_buf_add_json(out, s);
}

static void add_ts(struct text_buf *out, const char *before, int64_t utc_ms)
{
    char ts[TEXT_TS_SIZE];
    text_from_utc_ms(utc_ms, ts);
    text_buf_add(out, before);
    text_buf_add(out, "\"");
    text_buf_add(out, ts);
    text_buf_add(out, "\"");
}

static void add_decimal(struct text_buf *out, int64_t value, unsigned decimals)
{
    char digits[DECIMAL_SIZE];
    decimal_to_text(value, decimals, digits);
    text_buf_add(out, digits);
}

/* {"ledger":"…","seq":n, what every ledger message begins with; seq 0 leaves the number out. */
static void begin_ledger(struct text_buf *out, const char *ledger, uint64_t seq)
{
    add_string(out, "{\"ledger\":", ledger);
    if (seq != 0)
        text_buf_addf(out, ",\"seq\":%" PRIu64, seq);
}

/* The values a consumer can use as numbers. A meter's clock and serial number travel in identity readings and
 * are no measurement; the relay has a topic of its own. */
static bool is_number(int quantity)
{
    return quantity >= 0 && quantity < Q_SETTLEMENT_END;
}

static void add_values(struct text_buf *out, const struct reading *r)
{
    for (size_t i = 0; i < r->count; i++) {
        const int quantity = r->values[i].quantity;
        if (!is_number(quantity))
            continue;
        const struct quantity *q = quantity_at((enum quantity_id)quantity);
        text_buf_addf(out, ",\"%s\":", q->name);
        add_decimal(out, r->values[i].value, q->decimals);
    }
}

void payload_live(struct text_buf *out, const struct reading *r)
{
    add_ts(out, "{\"ts\":", r->taken_utc_ms);
    text_buf_addf(out, ",\"ts_ms\":%" PRId64 ",\"quality\":\"%s\"", r->taken_utc_ms,
                  quality_name(r->quality));
    add_values(out, r);
    text_buf_add(out, "}");
}

void payload_energy(struct text_buf *out, const char *ledger, uint64_t seq, const struct reading *r)
{
    begin_ledger(out, ledger, seq);
    add_ts(out, ",\"ts\":", r->taken_utc_ms);
    text_buf_addf(out, ",\"ts_ms\":%" PRId64 ",\"window_ms\":%" PRIu32 ",\"quality\":\"%s\"", r->taken_utc_ms,
                  r->window_ms, quality_name(r->quality));
    add_values(out, r);
    text_buf_add(out, "}");
}

void payload_relay(struct text_buf *out, bool closed, int64_t read_utc_ms)
{
    text_buf_add(out, closed ? "{\"state\":\"closed\"" : "{\"state\":\"open\"");
    add_ts(out, ",\"ts\":", read_utc_ms);
    text_buf_add(out, "}");
}

void payload_relay_result(struct text_buf *out, const struct payload_relay_result *r)
{
    text_buf_add(out, "{");
    if (r->id != NULL) {
        add_string(out, "\"id\":", r->id);
        text_buf_add(out, ",");
    }
    text_buf_add(out, r->ok ? "\"ok\":true" : "\"ok\":false");
    if (r->state != NULL)
        add_string(out, ",\"state\":", r->state);
    if (r->error != NULL)
        add_string(out, ",\"error\":", r->error);
    if (r->detail != NULL)
        add_string(out, ",\"detail\":", r->detail);
    add_ts(out, ",\"ts\":", r->ts_utc_ms);
    text_buf_add(out, "}");
}

void payload_settlement(struct text_buf *out, const char *ledger, uint64_t seq, int64_t ts_utc_ms,
                        const struct payload_settlement *p)
{
    begin_ledger(out, ledger, seq);
    add_ts(out, ",\"ts\":", ts_utc_ms);
    add_string(out, ",\"period_end\":", p->period_end);
    add_string(out, ",\"meaning\":", p->meaning);
    add_string(out, ",\"origin\":", p->origin);
    add_string(out, ",\"status\":", p->status);
    for (unsigned family = 0; family < SETTLEMENT_FAMILIES; family++) {
        if (!p->has[family])
            continue;
        text_buf_addf(out, ",\"%s_energy_%s\":", quantity_family_is_reactive(family) ? "reactive" : "active",
                      rate_name(quantity_family_rate(family)));
        add_decimal(out, p->value[family], ENERGY_DECIMALS);
    }
    text_buf_add(out, "}");
}

void payload_gap(struct text_buf *out, const char *ledger, uint64_t seq, int64_t ts_utc_ms, uint64_t from,
                 uint64_t to, const char *reason)
{
    begin_ledger(out, ledger, seq);
    add_ts(out, ",\"ts\":", ts_utc_ms);
    text_buf_addf(out, ",\"gap\":{\"from\":%" PRIu64 ",\"to\":%" PRIu64, from, to);
    add_string(out, ",\"reason\":", reason);
    text_buf_add(out, "}}");
}

static void add_json(struct text_buf *out, const char *before, const char *json)
{
    text_buf_add(out, before);
    text_buf_add(out, json == NULL ? "null" : json);
}

void payload_finding(struct text_buf *out, const char *ledger, uint64_t seq, const struct payload_finding *f)
{
    begin_ledger(out, ledger, seq);
    text_buf_addf(out, ",\"id\":%" PRIu64, f->id);
    add_string(out, ",\"meter\":", f->meter);
    add_ts(out, ",\"opened\":", f->opened_utc_ms);
    if (f->closed_utc_ms == 0)
        text_buf_add(out, ",\"closed\":null");
    else
        add_ts(out, ",\"closed\":", f->closed_utc_ms);
    add_string(out, ",\"rule\":", f->rule);
    add_string(out, ",\"severity\":", f->severity);
    add_ts(out, ",\"ts\":", f->ts_utc_ms);
    add_ts(out, ",\"last_ts\":", f->last_ts_utc_ms);
    text_buf_addf(out, ",\"count\":%" PRIu64, f->count);
    add_string(out, ",\"register\":", f->register_name);
    text_buf_add(out, f->reactive ? ",\"excess_kvarh\":" : ",\"excess_kwh\":");
    if (f->has_excess)
        add_decimal(out, f->excess, ENERGY_DECIMALS);
    else
        text_buf_add(out, "null");
    add_ts(out, ",\"window\":[", f->window_utc_ms[0]);
    add_ts(out, ",", f->window_utc_ms[1]);
    add_json(out, "],\"possible_rates\":", f->possible_rates);
    add_json(out, ",\"before\":", f->before);
    add_json(out, ",\"after\":", f->after);
    add_string(out, ",\"summary\":", f->summary);
    text_buf_add(out, "}");
}

void payload_history(struct text_buf *out, const char *topic, const char *payload)
{
    add_string(out, "{\"topic\":", topic);
    text_buf_add(out, ",\"payload\":");
    text_buf_add(out, payload);
    text_buf_add(out, "}");
}

void payload_answer(struct text_buf *out, const struct payload_answer *a)
{
    add_string(out, "{\"ledger\":", a->ledger);
    add_ts(out, ",\"ts\":", a->ts_utc_ms);
    if (a->has_range)
        text_buf_addf(out, ",\"get\":{\"from\":%" PRId64 ",\"to\":%" PRId64 "}", a->from, a->to);
    else
        text_buf_add(out, ",\"get\":{}");
    if (a->error != NULL)
        add_string(out, ",\"error\":", a->error);
    else
        text_buf_addf(out, ",\"rows\":%" PRIu64, a->rows);
    text_buf_add(out, "}");
}
