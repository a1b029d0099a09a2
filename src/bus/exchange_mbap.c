/* exchange_mbap.c - Modbus TCP: frames with an id and a length, read by their length and believed by their
 * id.
 *
 * Our own and not libmodbus', which fails every later read after one late reply, and frames by the function
 * code whatever the length says.
 */
#include "bus/exchange_i.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include "bus/trace_tap.h"
#include "bus/wait.h"
#include "core/clock.h"
#include "core/rc.h"

#define HEADER     7    /* transaction, protocol 0, length, unit */
#define FLOOD_MOST 4096 /* stale bytes a peer may send between two requests */

static int send_request(struct line *l, const struct exchange_request *q, struct exchange_reply *r)
{
    uint8_t frame[HEADER + 5];
    int rc = exchange_pdu(q, &frame[HEADER]);
    if (rc != RC_OK)
        return rc;
    l->transaction++;
    frame[0] = (uint8_t)(l->transaction >> 8);
    frame[1] = (uint8_t)l->transaction;
    frame[2] = frame[3] = 0;
    frame[4] = 0;
    frame[5] = 6;
    frame[6] = q->unit;
    int64_t before_ns = l->heard_ns;
    r->sent_ns = clock_wire_ns();
    ssize_t n = send(l->fd, frame, sizeof frame, MSG_NOSIGNAL | MSG_DONTWAIT);
    r->done_ns = l->heard_ns = r->sent_ns;
    if (trace_tap(l))
        trace_tap_request(l, q, r, frame, sizeof frame, r->sent_ns - before_ns);
    return n == (ssize_t)sizeof frame ? RC_OK : RC_LINK;
}

/* Length of the frame at the front of the buffer; 0: not whole yet, -1: a lie. */
static int whole_frame(const struct line *l)
{
    if (l->buffered < HEADER)
        return 0;
    unsigned length = (unsigned)l->buffer[4] << 8 | l->buffer[5];
    if (l->buffer[2] != 0 || l->buffer[3] != 0 || length < 2 || length > PDU_MOST + 1)
        return -1;
    unsigned whole = 6 + length;
    return l->buffered >= whole ? (int)whole : 0;
}

/* Throws away what came since the last answer. */
static int drain(struct line *l, const struct exchange_request *q, struct exchange_reply *r)
{
    int rc = RC_OK;
    while (rc == RC_OK && r->stray_bytes < FLOOD_MOST) {
        int len = whole_frame(l);
        if (len < 0)
            return RC_LINK;
        if (len > 0) {
            r->stray_bytes += (uint32_t)len;
            exchange_stranger(r, l->buffer[6]);
            if (trace_tap(l))
                trace_tap_heard(l, q, r, TRACE_DROPPED, TRACE_UNASKED, l->buffer, (unsigned)len, 0,
                                clock_wire_ns());
            exchange_drop(l, (unsigned)len);
            continue;
        }
        rc = exchange_fill(l);
    }
    return rc == RC_NOTFOUND ? RC_OK : RC_LINK;
}

static int judge(struct line *l, const struct exchange_request *q, struct exchange_reply *r, int len)
{
    uint16_t id = (uint16_t)(l->buffer[0] << 8 | l->buffer[1]);
    int rc = RC_NOTFOUND;
    if (id == l->transaction && l->buffer[6] == q->unit)
        rc = exchange_take(q, &l->buffer[HEADER], (unsigned)len - HEADER, r);
    bool ours = id == l->transaction && l->buffer[6] == q->unit;
    if (trace_tap(l)) {
        enum trace_why why = rc != RC_NOTFOUND      ? TRACE_FINE
                             : id != l->transaction ? TRACE_STALE
                             : ours                 ? TRACE_OTHER_ANSWER
                                                    : TRACE_OTHER_UNIT;
        trace_tap_heard(l, q, r, why == TRACE_FINE ? TRACE_REPLY : TRACE_DROPPED, why, l->buffer,
                        (unsigned)len, r->first_ns, clock_wire_ns());
    }
    if (rc == RC_NOTFOUND) {
        r->foreign++;
        exchange_stranger(r, l->buffer[6]);
    }
    exchange_drop(l, (unsigned)len);
    return rc == RC_NOTFOUND && ours ? RC_LINK
                                     : rc; /* our id on something else: this peer cannot be believed */
}

int exchange_mbap(struct line *l, const struct exchange_request *q, struct exchange_reply *r)
{
    int rc = drain(l, q, r);
    if (rc == RC_OK)
        rc = send_request(l, q, r);
    int64_t deadline_ns = r->sent_ns + exchange_most_ns(l, q);
    while (rc == RC_OK) {
        rc = wait_readable(l->fd, l->stop_fd, deadline_ns);
        if (rc != RC_OK)
            break;
        if (r->first_ns == 0)
            r->first_ns = clock_wire_ns();
        rc = exchange_fill(l);
        if (rc != RC_OK && rc != RC_NOTFOUND)
            break;
        rc = RC_OK;
        int len;
        while (rc == RC_OK && (len = whole_frame(l)) != 0) {
            if (len < 0 && trace_tap(l))
                trace_tap_heard(l, q, r, TRACE_DROPPED, TRACE_LIE, l->buffer, l->buffered, r->first_ns,
                                clock_wire_ns());
            rc = len < 0 ? RC_LINK : judge(l, q, r, len);
            if (rc == RC_OK) {
                r->done_ns = clock_wire_ns();
                return RC_OK;
            }
            if (rc == RC_NOTFOUND)
                rc = RC_OK; /* read on until the id fits */
        }
    }
    r->done_ns = clock_wire_ns();
    if (rc == RC_NOANSWER && r->exception == 0 && l->buffered > 0)
        r->fault = FAULT_SHORT;
    if (rc == RC_NOANSWER && r->exception == 0 && trace_tap(l))
        trace_tap_heard(l, q, r, TRACE_SILENCE, r->fault == FAULT_SHORT ? TRACE_SHORT : TRACE_FINE, l->buffer,
                        l->buffered, 0, r->done_ns);
    return rc;
}
