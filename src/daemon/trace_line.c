#include "daemon/trace_line.h"

#include <inttypes.h>
#include "core/decimal.h"
#include "core/decode.h"
#include "core/rc.h"

#define MBAP_HEAD 6 /* before the unit */
#define NAMED     4 /* quantities that the text names before it only counts */

static const struct settings_meter *meter_of(const struct settings *s, const struct trace_frame *f)
{
    return f->tag.meter < s->n_meters ? &s->meters[f->tag.meter] : NULL;
}

static void add_ms(struct text_buf *b, const char *key, int64_t ns)
{
    text_buf_addf(b, ",\"%s\":%" PRId64 ".%03" PRId64, key, ns / 1000000, ns / 1000 % 1000);
}

static void add_bytes(struct text_buf *b, const struct trace_frame *f)
{
    text_buf_add(b, ",\"bytes\":\"");
    for (unsigned i = 0; i < f->len; i++)
        text_buf_addf(b, "%02x", f->bytes[i]);
    text_buf_add(b, "\"");
}

/* The bytes from the unit on, without CRC; NULL: too short for a function code. */
static const uint8_t *adu(const struct settings *s, size_t bus, const struct trace_frame *f, unsigned *len)
{
    unsigned head = s->buses[bus].kind == BUS_TCP ? MBAP_HEAD : 0, tail = head == 0 ? 2 : 0;
    if (f->len < head + 2 + tail)
        return NULL;
    *len = f->len - head - tail;
    return &f->bytes[head];
}

/* What a question is about: quantities in the order of their registers. */
static void about(const struct regmap *m, const struct trace_frame *f, struct text_buf *text)
{
    unsigned n = 0, all = 0;
    if (m == NULL)
        return;
    for (size_t i = 0; i < m->n_regs; i++)
        all += m->regs[i].address >= f->address && m->regs[i].address < (uint32_t)f->address + f->count;
    for (size_t i = 0; i < m->n_regs && n < NAMED; i++) {
        const struct reg *r = &m->regs[i];
        if (r->address < f->address || r->address >= (uint32_t)f->address + f->count)
            continue;
        text_buf_addf(text, "%s%s", n++ == 0 ? ": " : ", ", quantity_at((enum quantity_id)r->quantity)->name);
    }
    if (all > n)
        text_buf_addf(text, " and %u more", all - n);
}

static void question(const struct regmap *m, const struct trace_frame *f, struct text_buf *text)
{
    unsigned last = f->len >= 4 ? f->bytes[f->len - 4] : 0; /* RTU: the high byte of the value */
    if (f->function == 3) {
        text_buf_addf(text, "read %u register%s at 0x%04X", f->count, f->count == 1 ? "" : "s", f->address);
        about(m, f, text);
    } else if (f->function == 1) {
        text_buf_addf(text, "read coil 0x%04X: relay", f->address);
    } else {
        text_buf_addf(text, "write coil 0x%04X: relay %s", f->address, last == 0xFF ? "close" : "open");
    }
}

static void add_value(struct text_buf *values, struct text_buf *text, const struct reading_value *v,
                      unsigned i)
{
    const struct quantity *q = quantity_at((enum quantity_id)v->quantity);
    char digits[DECIMAL_SIZE];
    decimal_to_text(v->value, q->decimals, digits);
    text_buf_addf(values, "%s\"%s\":%s", i == 0 ? "" : ",", q->name, digits);
    if (i < NAMED)
        text_buf_addf(text, "%s%s %s%s%s", i == 0 ? "" : ", ", q->name, digits, q->unit[0] == '\0' ? "" : " ",
                      q->unit);
}

/* The values in the registers of a reply, as the plan would take them. */
static void registers(const struct regmap *m, const struct trace_frame *f, const uint8_t *data, unsigned len,
                      struct text_buf *values, struct text_buf *text)
{
    const unsigned classes = (1u << CLASS_COUNT) - 1;
    uint16_t regs[SPAN_MOST_REGS];
    struct decode_rejects rejects = {0};
    const struct span span = {f->address, f->count};
    if (m == NULL || f->count > SPAN_MOST_REGS || len < 3u + 2u * f->count)
        return;
    for (unsigned i = 0; i < f->count; i++)
        regs[i] = (uint16_t)(data[3 + 2 * i] << 8 | data[4 + 2 * i]);
    struct reading *r = reading_new(span_values(m, classes));
    if (r != NULL && decode_regs(m, classes, &span, regs, r, &rejects) == RC_OK) {
        for (unsigned i = 0; i < r->count; i++)
            add_value(values, text, &r->values[i], i);
        if (r->count > NAMED)
            text_buf_addf(text, " and %u more", (unsigned)r->count - NAMED);
    }
    reading_free(r);
}

static void answer(const struct settings *s, size_t bus, const struct regmap *m, const struct trace_frame *f,
                   struct text_buf *out, struct text_buf *text)
{
    unsigned len = 0;
    const uint8_t *data = adu(s, bus, f, &len);
    struct text_buf values = {.data = NULL};
    if (data == NULL)
        return;
    if (data[1] == (f->function | 0x80) && len > 2) {
        text_buf_addf(out, ",\"exception\":%u", data[2]);
        text_buf_addf(text, "exception %u", data[2]);
    } else if (f->function == 1 && len > 3) {
        text_buf_addf(out, ",\"values\":{\"relay_do1\":\"%s\"}", data[3] & 1 ? "closed" : "open");
        text_buf_addf(text, "relay %s", data[3] & 1 ? "closed" : "open");
    } else if (f->function == 5 && len > 4) {
        text_buf_addf(text, "confirmed: relay %s", data[4] == 0xFF ? "close" : "open");
    } else if (f->function == 3) {
        registers(m, f, data, len, &values, text);
        if (values.len > 0)
            text_buf_addf(out, ",\"values\":{%s}", values.data);
    }
    text_buf_done(&values);
}

static void explain(const struct settings *s, size_t bus, const struct trace_frame *f, struct text_buf *out)
{
    const struct settings_meter *meter = meter_of(s, f);
    const struct regmap *m = meter != NULL ? meter->model : NULL;
    struct text_buf text = {.data = NULL};
    switch (f->kind) {
    case TRACE_REQUEST: {
        struct trace_frame rtu = *f;
        rtu.len = s->buses[bus].kind == BUS_TCP ? f->len + 2 : f->len; /* no CRC there */
        question(m, &rtu, &text);
        break;
    }
    case TRACE_REPLY:
        answer(s, bus, m, f, out, &text);
        break;
    case TRACE_DROPPED:
        text_buf_addf(&text, "thrown away: %s", trace_why_text(f->why));
        break;
    case TRACE_SILENCE:
        text_buf_addf(&text, "no answer in %u ms", s->buses[bus].timeout_ms);
        break;
    case TRACE_REFUSED:
        text_buf_add(&text, "not believed: the reply was whole, its values cannot be");
        break;
    }
    if (f->why != TRACE_FINE) {
        text_buf_add(out, ",\"why\":");
        text_buf_add_json(out, trace_why_text(f->why));
    }
    text_buf_add(out, ",\"text\":");
    text_buf_add_json(out, text.data != NULL ? text.data : "");
    text_buf_done(&text);
}

void trace_line(const struct settings *s, size_t bus, const struct trace_frame *f, struct text_buf *out)
{
    const struct settings_meter *meter = meter_of(s, f);
    char ts[TEXT_TS_SIZE];
    text_from_utc_ms(f->utc_ms, ts);
    text_buf_addf(out, "{\"ts\":\"%s\",\"bus\":\"%s\",\"frame\":\"%s\"", ts, s->buses[bus].name,
                  trace_kind_name(f->kind));
    if (meter != NULL)
        text_buf_addf(out, ",\"meter\":\"%s\"", meter->name);
    text_buf_addf(
        out, ",\"unit\":%u,\"function\":%u,\"address\":%u,\"count\":%u,\"class\":\"%s\",\"cause\":\"%s\"",
        f->unit, f->function, f->address, f->count, reg_class_name((enum reg_class)f->tag.klass),
        trace_cause_name((enum trace_cause)f->tag.cause));
    if (f->tag.attempt > 0)
        text_buf_addf(out, ",\"attempt\":%u", f->tag.attempt + 1u);
    add_bytes(out, f);
    if (f->kind == TRACE_REQUEST)
        add_ms(out, "silence_ms", f->silence_ns);
    else if (f->kind == TRACE_REPLY || f->kind == TRACE_SILENCE || f->turnaround_ns > 0)
        add_ms(out, "turnaround_ms", f->turnaround_ns);
    if (f->kind == TRACE_REQUEST || f->kind == TRACE_REPLY || f->duration_ns > 0)
        add_ms(out, "duration_ms", f->duration_ns);
    explain(s, bus, f, out);
    text_buf_add(out, "}\n");
}
