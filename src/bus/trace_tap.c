#include "bus/trace_tap.h"

#include <string.h>
#include "core/clock.h"
#include "core/wire_time.h"

static void fill(struct trace_frame *f, const struct exchange_request *q, enum trace_kind kind, int64_t at_ns,
                 const uint8_t *bytes, unsigned len)
{
    *f = (struct trace_frame){.kind = kind};
    f->tag = q->tag;
    f->unit = q->unit;
    f->function = q->function;
    f->address = q->address;
    f->count = q->count;
    f->utc_ms = clock_utc_ms() - (int64_t)((double)(clock_wire_ns() - at_ns) * clock_speed() / 1e6);
    f->len = (uint16_t)(len < TRACE_BYTES ? len : TRACE_BYTES);
    if (f->len > 0)
        memcpy(f->bytes, bytes, f->len);
}

void trace_tap_request(struct line *l, const struct exchange_request *q, const struct exchange_reply *r,
                       const uint8_t *bytes, unsigned len, int64_t silence_ns)
{
    struct trace_frame f;
    fill(&f, q, TRACE_REQUEST, r->sent_ns, bytes, len);
    f.silence_ns = silence_ns;
    f.duration_ns = (int64_t)len * l->char_ns;
    trace_put(l->trace, &f);
}

void trace_tap_heard(struct line *l, const struct exchange_request *q, const struct exchange_reply *r,
                     enum trace_kind kind, enum trace_why why, const uint8_t *bytes, unsigned len,
                     int64_t first_ns, int64_t done_ns)
{
    struct trace_frame f;
    int64_t sent_end_ns = r->sent_ns + WIRE_REQUEST_CHARS * l->char_ns;
    fill(&f, q, kind, first_ns != 0 ? first_ns : done_ns, bytes, len);
    f.why = why;
    if (r->sent_ns != 0 && (first_ns != 0 || kind == TRACE_SILENCE))
        f.turnaround_ns = (first_ns != 0 ? first_ns : done_ns) - sent_end_ns;
    if (f.turnaround_ns < 0)
        f.turnaround_ns = 0;
    if (first_ns != 0 && done_ns > first_ns)
        f.duration_ns = done_ns - first_ns;
    trace_put(l->trace, &f);
}
