/* status_doc.c - copies in, one JSON object out. */
#include "config.h"
#include "daemon/status_doc.h"

#include <inttypes.h>
#include "core/clock.h"
#include "core/span.h"

static void add_key(struct text_buf *b, const char *key)
{
    text_buf_addf(b, "\"%s\":", key);
}

static void add_text(struct text_buf *b, const char *key, const char *value)
{
    add_key(b, key);
    text_buf_add_json(b, value);
    text_buf_add(b, ",");
}

static void add_u64(struct text_buf *b, const char *key, uint64_t value)
{
    text_buf_addf(b, "\"%s\":%" PRIu64 ",", key, value);
}

static void add_time(struct text_buf *b, const char *key, int64_t utc_ms)
{
    char ts[TEXT_TS_SIZE];
    if (utc_ms == 0) {
        text_buf_addf(b, "\"%s\":null,", key);
        return;
    }
    text_from_utc_ms(utc_ms, ts);
    text_buf_addf(b, "\"%s\":\"%s\",", key, ts);
}

/* An object's or list's members end with a comma each; the last one makes way for the bracket. */
static void close_with(struct text_buf *b, char bracket)
{
    if (b->failed || b->len == 0)
        return;
    if (b->data[b->len - 1] == ',')
        b->data[b->len - 1] = bracket;
    else
        text_buf_add_n(b, &bracket, 1);
}

static void end_member(struct text_buf *b, char bracket)
{
    close_with(b, bracket);
    text_buf_add(b, ",");
}

static void add_counters(struct text_buf *b, const struct wire_counters *c)
{
    text_buf_add(b, "\"counters\":{");
    add_u64(b, "ok", c->ok);
    add_u64(b, "timeout", c->timeout);
    add_u64(b, "crc", c->crc);
    add_u64(b, "short", c->shortened);
    add_u64(b, "foreign", c->foreign);
    add_u64(b, "exception", c->exception);
    add_u64(b, "late", c->late);
    add_u64(b, "retried", c->retried);
    add_u64(b, "missed", c->missed);
    end_member(b, '}');
}

static void add_share(struct text_buf *b, const char *key, uint64_t part, uint64_t whole)
{
    uint64_t share = whole > 0 ? (uint64_t)((double)part / (double)whole * 10000.0 + 0.5) : 0;
    text_buf_addf(b, "\"%s\":%" PRIu64 ".%04" PRIu64 ",", key, share / 10000, share % 10000);
}

static void add_bus(struct text_buf *b, const struct status_input *in, size_t i)
{
    const struct settings_bus *bus = &in->settings->buses[i];
    struct board_bus v;
    board_get_bus(in->board, i, &v);
    text_buf_add(b, "{");
    add_text(b, "name", bus->name);
    if (bus->kind == BUS_SERIAL) {
        add_text(b, "device", bus->device);
    } else {
        char device[280];
        text_format(device, sizeof device, "%s://%.253s:%u", bus->kind == BUS_TCP ? "tcp" : "rtutcp",
                    bus->device, bus->port);
        add_text(b, "device", device);
    }
    add_text(b, "status", bus_status_name(v.status));
    add_text(b, "detail", v.detail);
    add_time(b, "since", v.since_utc_ms);
    add_u64(b, "requests", v.requests);
    add_counters(b, &v.wire);
    text_buf_addf(b, "\"rtt_ms\":{\"p50\":%" PRIu32 ",\"p99\":%" PRIu32 "},\"wire_share\":{", v.rtt_p50_ms,
                  v.rtt_p99_ms);
    uint64_t busy = v.dead_ns;
    for (int c = 0; c < CLASS_COUNT; c++) {
        add_share(b, reg_class_name((enum reg_class)c), v.wire_ns[c], v.elapsed_ns);
        busy += v.wire_ns[c];
    }
    add_share(b, "dead", v.dead_ns, v.elapsed_ns);
    add_share(b, "idle", busy < v.elapsed_ns ? v.elapsed_ns - busy : 0, v.elapsed_ns);
    end_member(b, '}');
    end_member(b, '}');
}

/* How often this class is read; 0: it is off, or the model has none. */
static void add_period(struct text_buf *b, const char *key, const struct settings_meter *m,
                       enum reg_class klass)
{
    add_u64(b, key, span_values(m->model, SPAN_CLASS(klass)) > 0 ? m->period_ms[klass] : 0);
}

static void add_meter(struct text_buf *b, const struct status_input *in, size_t i)
{
    const struct settings_meter *m = &in->settings->meters[i];
    struct board_meter v;
    board_get_meter(in->board, i, &v);
    text_buf_add(b, "{");
    add_text(b, "name", m->name);
    add_text(b, "label", m->label);
    add_text(b, "bus", in->settings->buses[m->bus].name);
    add_u64(b, "address", m->address);
    add_text(b, "model", m->model->name);
    add_text(b, "serial", v.serial);
    add_text(b, "status", meter_status_name(v.status));
    add_time(b, "since", v.status_since_utc_ms);
    add_time(b, "first_seen", v.first_seen_utc_ms);
    add_time(b, "last_seen", v.last_seen_utc_ms);
    add_time(b, "live", v.live_utc_ms);
    add_period(b, "live_period_ms", m, CLASS_LIVE);
    add_time(b, "energy", v.energy_utc_ms);
    add_period(b, "energy_period_ms", m, CLASS_ENERGY);
    if (v.relay >= 0)
        add_text(b, "relay", v.relay == 1 ? "closed" : "open");
    add_u64(b, "turnaround_us", v.turnaround_us);
    add_counters(b, &v.wire);
    text_buf_add(b, "\"rejected\":{");
    add_u64(b, "not_a_number", v.rejected.not_a_number);
    add_u64(b, "range", v.rejected.range);
    add_u64(b, "zero", v.rejected.zero);
    end_member(b, '}');
    end_member(b, '}');
}

static void add_database(struct text_buf *b, const struct status_input *in)
{
    const struct store_status *v = in->store;
    text_buf_add(b, "\"database\":{");
    add_text(b, "path", in->settings->database.path);
    add_u64(b, "bytes", v->database_bytes);
    add_u64(b, "stored_energy", v->stored_energy);
    add_u64(b, "stored_live", v->stored_live);
    add_u64(b, "stored_sweeps", v->stored_sweeps);
    add_u64(b, "flushes", v->flushes);
    add_u64(b, "in_memory", v->in_memory);
    add_u64(b, "dropped", in->dropped);
    add_time(b, "last_flush", v->last_flush_utc_ms);
    add_u64(b, "open_findings", v->open_findings);
    add_text(b, "trouble", v->trouble);
    end_member(b, '}');
}

static void add_broker(struct text_buf *b, const struct publish_status *v)
{
    text_buf_addf(b, "\"broker\":{\"enabled\":%s,\"connected\":%s,", v->enabled ? "true" : "false",
                  v->connected ? "true" : "false");
    add_text(b, "broker", v->broker);
    add_text(b, "detail", v->detail);
    add_time(b, "since", v->connected ? v->connected_since_utc_ms : 0);
    add_u64(b, "published", v->published);
    add_u64(b, "acknowledged", v->acked_messages);
    add_u64(b, "last_seq", v->last_seq);
    add_u64(b, "acked_seq", v->acked_seq);
    end_member(b, '}');
}

void status_doc(struct text_buf *out, const struct status_input *in)
{
    const struct settings *s = in->settings;
    text_buf_add(out, "{");
    add_text(out, "program", PACKAGE_VERSION);
    add_text(out, "gateway", s->gateway.id);
    add_time(out, "ts", in->now_utc_ms);
    add_time(out, "started", in->started_utc_ms);
    add_u64(out, "pid", (uint64_t)in->pid);
    add_text(out, "config", s->config_sha256);
    add_text(out, "config_file", s->config_path != NULL ? s->config_path : "");
    add_text(out, "clock", in->store->clock);
    text_buf_addf(out, "\"test_clock\":%s,\"degraded\":%s,", clock_is_simulated() ? "true" : "false",
                  in->health->degraded ? "true" : "false");
    add_text(out, "trouble", in->health->text);
    add_database(out, in);
    add_broker(out, in->publish);
    text_buf_add(out, "\"buses\":[");
    for (size_t i = 0; i < s->n_buses; i++)
        add_bus(out, in, i);
    end_member(out, ']');
    text_buf_add(out, "\"meters\":[");
    for (size_t i = 0; i < s->n_meters; i++)
        add_meter(out, in, i);
    end_member(out, ']');
    close_with(out, '}');
}
