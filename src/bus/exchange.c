#include "bus/exchange_i.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>
#include "bus/trace_tap.h"
#include "bus/wait.h"
#include "core/clock.h"
#include "core/rc.h"
#include "core/wire_time.h"

/* A line that is not silent for so long is not asked; no frame lasts longer. */
#define NOISE_NS     4000000000LL
#define STRAY_BYTES  300 /* longer than any frame */
#define FIFO_CHARS   16  /* what a UART may keep to itself before it tells: a pause so long is no pause */
#define DRIP_MOST_NS 300000000 /* the longest pause between characters that is waited for */

/* A coil is written only for a configured meter that may be switched, at its own address, and only the coil
 * that its model calls the relay. */
static bool may_switch(const struct exchange_request *q)
{
    const struct settings_meter *m = q->permit;
    return m != NULL && m->relay && m->address == q->unit && m->model != NULL && m->model == q->model &&
           m->model->has_relay && q->address == m->model->relay_coil;
}

/* The allow-list (INTERFACES 3): reads of what is not denied, and one coil. */
static int allowed(const struct exchange_request *q)
{
    if (q->unit < 1 || q->unit > 247)
        return RC_RANGE;
    switch (q->function) {
    case EXCHANGE_READ_COILS:
        return q->count == 1 ? RC_OK : RC_RANGE;
    case EXCHANGE_READ_REGISTERS:
        if (q->count < 1 || q->count > SPAN_MOST_REGS || (uint32_t)q->address + q->count > 0x10000)
            return RC_RANGE;
        return q->model != NULL && regmap_denied(q->model, q->address, q->count) ? RC_DENIED : RC_OK;
    case EXCHANGE_WRITE_COIL:
        return may_switch(q) ? RC_OK : RC_DENIED;
    default:
        return RC_DENIED;
    }
}

int exchange_pdu(const struct exchange_request *q, uint8_t pdu[5])
{
    int rc = allowed(q);
    if (rc != RC_OK)
        return rc;
    uint16_t last = q->function == EXCHANGE_WRITE_COIL ? (q->close_relay ? 0xFF00 : 0x0000) : q->count;
    pdu[0] = q->function;
    pdu[1] = (uint8_t)(q->address >> 8);
    pdu[2] = (uint8_t)q->address;
    pdu[3] = (uint8_t)(last >> 8);
    pdu[4] = (uint8_t)last;
    return RC_OK;
}

int exchange_fill(struct line *l)
{
    ssize_t n = read(l->fd, &l->buffer[l->buffered], sizeof l->buffer - l->buffered); /* never blocks */
    if (n > 0) {
        l->buffered = (uint16_t)(l->buffered + n);
        return RC_OK;
    }
    return n < 0 && (errno == EAGAIN || errno == EINTR) ? RC_NOTFOUND : RC_LINK;
}

void exchange_drop(struct line *l, unsigned len)
{
    l->buffered = (uint16_t)(l->buffered - len);
    memmove(l->buffer, &l->buffer[len], l->buffered);
}

void exchange_stranger(struct exchange_reply *r, uint8_t unit)
{
    for (unsigned i = 0; i < r->n_strangers; i++)
        if (r->strangers[i] == unit)
            return;
    if (r->n_strangers < EXCHANGE_STRANGERS)
        r->strangers[r->n_strangers++] = unit;
}

static int take_exception(uint8_t code, struct exchange_reply *r)
{
    r->exception = code;
    if (code >= 1 && code <= 3)
        return RC_NOREG;
    return code == 0x0A || code == 0x0B ? RC_NOANSWER : RC_REFUSED;
}

int exchange_take(const struct exchange_request *q, const uint8_t *pdu, unsigned len,
                  struct exchange_reply *r)
{
    if (len == 2 && pdu[0] == (q->function | 0x80) && pdu[1] != 0)
        return take_exception(pdu[1], r);
    if (len < 2 || pdu[0] != q->function)
        return RC_NOTFOUND;
    if (q->function == EXCHANGE_WRITE_COIL) {
        uint8_t sent[5];
        if (exchange_pdu(q, sent) != RC_OK || len != sizeof sent || memcmp(pdu, sent, sizeof sent) != 0)
            return RC_NOTFOUND;
        r->relay_closed = q->close_relay;
        return RC_OK;
    }
    unsigned bytes = q->function == EXCHANGE_READ_COILS ? (q->count + 7u) / 8u : 2u * q->count;
    if (pdu[1] != bytes || len != 2 + bytes)
        return RC_NOTFOUND;
    if (q->function == EXCHANGE_READ_COILS)
        r->relay_closed = pdu[2] & 1;
    for (unsigned i = 0; q->function == EXCHANGE_READ_REGISTERS && i < q->count; i++)
        r->regs[i] = (uint16_t)(pdu[2 + 2 * i] << 8 | pdu[3 + 2 * i]);
    return RC_OK;
}

static void stray(struct line *l, const struct exchange_request *q, struct exchange_reply *r,
                  const uint8_t *bytes, unsigned n)
{
    if (r->stray_bytes == 0)
        exchange_stranger(r, bytes[0]); /* a late or second answer begins with its unit */
    r->stray_bytes += n;
    int64_t now_ns = clock_wire_ns();
    if (trace_tap(l))
        trace_tap_heard(l, q, r, TRACE_DROPPED, TRACE_UNASKED, bytes, n, now_ns, now_ns);
    exchange_unsure(l, (now_ns - l->heard_ns) * 2); /* who drips will drip on */
    l->heard_ns = now_ns;
}

/* Throws away what is in the input: RC_OK, RC_LINK. */
static int throw_away(struct line *l, const struct exchange_request *q, struct exchange_reply *r)
{
    uint8_t bytes[STRAY_BYTES];
    ssize_t n = read(l->fd, bytes, sizeof bytes);
    if (n <= 0)
        return n < 0 && (errno == EAGAIN || errno == EINTR) ? RC_OK : RC_LINK;
    stray(l, q, r, bytes, (unsigned)n);
    return RC_OK;
}

void exchange_unsure(struct line *l, int64_t ns)
{
    int64_t least = FIFO_CHARS * l->char_ns;
    l->unsure_ns = ns < least ? least : ns > DRIP_MOST_NS ? DRIP_MOST_NS : ns;
}

/* Drains the input until the line was silent for 3.5 characters; in the middle of something we did not
 * understand for longer, for its characters come by handfuls, or one by one, with pauses between them. */
static int silence(struct line *l, const struct exchange_request *q, struct exchange_reply *r)
{
    int64_t give_up = clock_wire_ns() + NOISE_NS;
    if (l->buffered > 0) { /* came right behind a damaged frame */
        stray(l, q, r, l->buffer, l->buffered);
        l->buffered = 0;
    }
    for (;;) {
        int rc = wait_readable(l->fd, l->stop_fd, l->heard_ns + l->silence_ns + l->unsure_ns);
        if (rc == RC_NOANSWER) {
            l->unsure_ns = 0;
            return RC_OK;
        }
        if (rc != RC_OK)
            return rc;
        rc = throw_away(l, q, r);
        if (rc != RC_OK)
            return rc;
        if (clock_wire_ns() > give_up) {
            r->noisy = true;
            r->done_ns = clock_wire_ns();
            return RC_BADFRAME;
        }
    }
}

int64_t exchange_most_ns(const struct line *l, const struct exchange_request *q)
{
    uint32_t wait_ms = q->wait_ms != 0 && q->wait_ms < l->timeout_ms ? q->wait_ms : l->timeout_ms;
    return ((int64_t)WIRE_REQUEST_CHARS + wire_reply_chars(q->function, q->count)) * l->char_ns +
           (int64_t)wait_ms * 1000000;
}

int exchange_run(struct line *l, const struct exchange_request *request, struct exchange_reply *reply)
{
    memset(reply, 0, sizeof *reply);
    uint8_t pdu[5];
    int rc = exchange_pdu(request, pdu); /* before the line is even listened to */
    if (rc != RC_OK)
        return rc;
    if (l->kind == BUS_TCP)
        return exchange_mbap(l, request, reply);
    rc = silence(l, request, reply);
    if (rc == RC_OK && reply->stray_bytes > 0 && reply->strangers[0] == request->unit) {
        reply->done_ns = clock_wire_ns();
        return RC_BADFRAME; /* this meter has just spoken unasked and may have more to say: ask it later */
    }
    return rc == RC_OK ? exchange_rtu(l, request, reply) : rc;
}
