/* exchange_rtu.c - RTU frames: sent by libmodbus on our descriptor, read by ourselves (rtu_frame.h says why).
 */
#include "bus/exchange_i.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>
#include "bus/rtu_frame.h"
#include "bus/trace_tap.h"
#include "bus/wait.h"
#include "core/clock.h"
#include "core/rc.h"
#include "core/wire_time.h"

#define RAW_CHARS        (WIRE_REQUEST_CHARS - 2) /* libmodbus adds the CRC */
#define WAKE_EARLY_CHARS 3         /* UARTs tell late of what they have: be there before the last character */
#define DRIP_NS          150000000 /* bytes a tenth of a second apart are one frame that will not end */

static int send_request(struct line *l, const struct exchange_request *q, struct exchange_reply *r)
{
    uint8_t raw[WIRE_REQUEST_CHARS] = {q->unit};
    int rc = exchange_pdu(q, &raw[1]);
    if (rc != RC_OK)
        return rc;
    if (modbus_set_slave(l->rtu, q->unit) != 0)
        return RC_RANGE;
    int64_t before_ns = l->heard_ns;
    r->sent_ns = clock_wire_ns();
    int n = modbus_send_raw_request(l->rtu, raw, RAW_CHARS);
    r->done_ns = l->heard_ns = r->sent_ns + WIRE_REQUEST_CHARS * l->char_ns;
    if (trace_tap(l)) {
        rtu_frame_crc(raw, RAW_CHARS, &raw[RAW_CHARS]);
        trace_tap_request(l, q, r, raw, sizeof raw, r->sent_ns - before_ns);
    }
    if (n == WIRE_REQUEST_CHARS)
        return RC_OK;
    return RC_LINK; /* also EAGAIN: whoever is there takes nothing any more */
}

/* What is here is our own request, or its beginning: an adapter that hears itself. */
static bool may_be_echo(const struct line *l, const struct exchange_request *q)
{
    uint8_t sent[WIRE_REQUEST_CHARS] = {q->unit};
    if (q->function == EXCHANGE_WRITE_COIL || exchange_pdu(q, &sent[1]) != RC_OK)
        return false; /* a coil's answer is the request again */
    rtu_frame_crc(sent, RAW_CHARS, &sent[RAW_CHARS]);
    return memcmp(l->buffer, sent, l->buffered < sizeof sent ? l->buffered : sizeof sent) == 0;
}

/* How many bytes the frame at the front of the buffer takes, as far as what is here tells. An echo has a
 * piece of an address where a reply says its length. */
static unsigned frame_length(const struct line *l, const struct exchange_request *q)
{
    unsigned len = rtu_frame_length(l->buffer, l->buffered);
    bool here = l->buffered >= len;
    if (here && rtu_frame_whole(l->buffer, len))
        return len;
    return (here || l->buffered >= WIRE_REQUEST_CHARS) && may_be_echo(l, q) ? WIRE_REQUEST_CHARS : len;
}

/* Most of a frame is still on its way: sleep until it is nearly here rather than wake for each character. */
static int await_more(struct line *l, unsigned missing, int64_t deadline_ns)
{
    if (l->char_ns > 0 && missing > WAKE_EARLY_CHARS) {
        int64_t until = clock_wire_ns() + (missing - WAKE_EARLY_CHARS) * l->char_ns;
        int rc = wait_until(l->fd, l->stop_fd, until < deadline_ns ? until : deadline_ns);
        if (rc == RC_STOPPED)
            return rc; /* hung up or not: first what was said */
    }
    return wait_readable(l->fd, l->stop_fd, deadline_ns);
}

/* One frame to the front of the buffer: RC_OK with its length, RC_NOANSWER, RC_BADFRAME (cut off, or too
 * long), RC_LINK, RC_STOPPED. soon: it should be here already. */
static int gather(struct line *l, const struct exchange_request *q, struct exchange_reply *r, bool soon,
                  int64_t deadline_ns, unsigned *len)
{
    r->first_ns = 0;
    for (;;) {
        if (l->buffered > 0) {
            if (r->first_ns == 0)
                r->first_ns = clock_wire_ns();
            *len = frame_length(l, q);
            if (*len > RTU_FRAME_MOST)
                return RC_BADFRAME;
            if (l->buffered >= *len)
                return RC_OK;
        }
        int rc = RC_OK;
        if (l->buffered > 0)
            rc = await_more(l, *len - l->buffered, deadline_ns);
        else if (!soon)
            rc = wait_readable(l->fd, l->stop_fd, deadline_ns);
        soon = false;
        if (rc == RC_NOANSWER && l->buffered > 0)
            return RC_BADFRAME;
        if (rc == RC_OK)
            rc = exchange_fill(l);
        if (rc != RC_OK && rc != RC_NOTFOUND)
            return rc;
    }
}

static int damaged(struct line *l, const struct exchange_request *q, struct exchange_reply *r, unsigned len)
{
    bool cut = l->buffered < len && len <= RTU_FRAME_MOST;
    unsigned here = l->buffered < len ? l->buffered : len;
    r->fault = cut ? FAULT_SHORT : FAULT_CRC;
    if (trace_tap(l))
        trace_tap_heard(l, q, r, TRACE_DROPPED, cut ? TRACE_SHORT : TRACE_CRC, l->buffer, here, r->first_ns,
                        r->done_ns);
    if (cut)
        exchange_unsure(l, DRIP_NS); /* cut off, or dripping? */
    exchange_drop(l, here);
    return RC_BADFRAME;
}

/* A frame ends with silence. What follows at once makes it a piece of something else (noise can begin and end
 * anywhere, and one in 65536 pieces passes for a frame), unless it is the same frame again. The
 * standard says 1.5 characters; we wait for the whole silence, which must pass before the next request
 * anyway, for each wake costs more than all else. RC_OK: it stands. */
static int end_of_frame(struct line *l, unsigned len, struct exchange_reply *r)
{
    if (l->buffered == len) {
        int rc = wait_readable(l->fd, l->stop_fd, l->heard_ns + l->silence_ns);
        if (rc == RC_NOANSWER || rc == RC_LINK)
            return RC_OK; /* a peer that hangs up after its answer has answered */
        if (rc != RC_OK)
            return rc;
        if (exchange_fill(l) != RC_OK)
            return RC_OK;
    }
    unsigned more = l->buffered - len;
    l->heard_ns = clock_wire_ns();
    exchange_unsure(l, 0);
    r->stray_bytes += more;
    if (memcmp(&l->buffer[len], l->buffer, more < len ? more : len) == 0) {
        exchange_stranger(r, l->buffer[0]); /* it speaks twice: it may have more to say */
        return RC_OK;
    }
    r->fault = FAULT_CRC;
    r->exception = 0;
    return RC_BADFRAME;
}

/* Tells the trace, and counts what answers something else: then the next frame may be ours. */
static void tell(struct line *l, const struct exchange_request *q, struct exchange_reply *r, unsigned len,
                 int rc, enum trace_why why)
{
    if (trace_tap(l))
        trace_tap_heard(l, q, r, why == TRACE_FINE ? TRACE_REPLY : TRACE_DROPPED, why, l->buffer, len,
                        r->first_ns, r->done_ns);
    if (rc != RC_NOTFOUND)
        return;
    r->foreign++;
    if (why != TRACE_ECHO)
        exchange_stranger(r, l->buffer[0]);
}

static int next_frame(struct line *l, const struct exchange_request *q, struct exchange_reply *r, bool soon,
                      int64_t deadline_ns)
{
    unsigned len = 0;
    int rc = gather(l, q, r, soon, deadline_ns, &len);
    if (rc != RC_OK && rc != RC_BADFRAME)
        return rc;
    r->done_ns = l->heard_ns = clock_wire_ns();
    exchange_unsure(l, 0);
    if (rc == RC_BADFRAME)
        return damaged(l, q, r, len);
    bool ours = l->buffer[0] == q->unit;
    if ((ours || l->buffer[0] == 0) &&
        !rtu_frame_whole(l->buffer, len)) /* of another unit: not looked at further */
        return damaged(l, q, r, len);
    bool echo = len == WIRE_REQUEST_CHARS && may_be_echo(l, q);
    rc = ours && !echo ? exchange_take(q, &l->buffer[1], len - 3, r) : RC_NOTFOUND;
    if (rc != RC_NOTFOUND)
        l->unsure_ns = 0;
    int end = rc == RC_NOTFOUND ? RC_OK : end_of_frame(l, len, r);
    tell(l, q, r, len, rc,
         end != RC_OK        ? TRACE_CRC
         : rc != RC_NOTFOUND ? TRACE_FINE
         : echo              ? TRACE_ECHO
         : ours              ? TRACE_OTHER_ANSWER
                             : TRACE_OTHER_UNIT);
    exchange_drop(l, rc == RC_NOTFOUND ? len : l->buffered);
    return end == RC_OK ? rc : end;
}

/* Each wake costs more than all else we do for an answer: where it is known when the answer should be whole,
 * one is enough. A little early, so that the last character still tells when it came. *soon: it was slept
 * for. */
static int sleep_until_expected(const struct line *l, const struct exchange_request *q,
                                const struct exchange_reply *r, int64_t deadline_ns, bool *soon)
{
    *soon = q->expect_us != 0 && l->char_ns != 0 && !trace_tap(l);
    if (!*soon)
        return RC_OK;
    int64_t chars = (int64_t)WIRE_REQUEST_CHARS + wire_reply_chars(q->function, q->count) - 1;
    int64_t until = r->sent_ns + chars * l->char_ns + (int64_t)q->expect_us * 1000;
    int rc = wait_until(l->fd, l->stop_fd, until < deadline_ns ? until : deadline_ns);
    return rc == RC_STOPPED ? rc : RC_OK; /* hung up or not: first what was said */
}

int exchange_rtu(struct line *l, const struct exchange_request *q, struct exchange_reply *r)
{
    bool soon = false;
    int rc = send_request(l, q, r);
    int64_t deadline_ns = r->sent_ns + exchange_most_ns(l, q);
    if (rc == RC_OK)
        rc = sleep_until_expected(l, q, r, deadline_ns, &soon);
    if (rc == RC_OK)
        do {
            rc = next_frame(l, q, r, soon, deadline_ns);
            soon = false;
        } while (rc == RC_NOTFOUND);
    if (rc != RC_NOANSWER || r->exception != 0)
        return rc;
    r->done_ns = clock_wire_ns();
    if (trace_tap(l))
        trace_tap_heard(l, q, r, TRACE_SILENCE, TRACE_FINE, NULL, 0, 0, r->done_ns);
    return rc;
}
