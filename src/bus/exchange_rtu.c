/* exchange_rtu.c - RTU frames, made and read by libmodbus on our descriptor. */
#include "bus/exchange_i.h"

#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "bus/trace_tap.h"
#include "bus/wait.h"
#include "core/clock.h"
#include "core/rc.h"
#include "core/wire_time.h"

#define RAW_CHARS        (WIRE_REQUEST_CHARS - 2) /* libmodbus adds the CRC */
#define WAKE_EARLY_CHARS 3 /* UARTs tell late of what they have: be there before the last character */
#define EXCEPTION_CHARS  5
#define END_CHARS        2         /* silent for so long: the frame is over (the standard says 1.5) */
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
        trace_tap_crc(raw, RAW_CHARS, &raw[RAW_CHARS]);
        trace_tap_request(l, q, r, raw, sizeof raw, r->sent_ns - before_ns);
    }
    if (n == WIRE_REQUEST_CHARS)
        return RC_OK;
    return RC_LINK; /* also EAGAIN: whoever is there takes nothing any more */
}

/* Most of a frame is still on its way: sleep until it is nearly here rather than wake for each character.
 * What is here tells how long that is; but an exception is shorter, so whatever could be one is looked at. */
static int sleep_through(const struct line *l, int chars, int64_t deadline_ns)
{
    int here = 0;
    if (l->char_ns == 0 || ioctl(l->fd, FIONREAD, &here) != 0 || here == EXCEPTION_CHARS)
        return RC_OK;
    int64_t until = clock_wire_ns() + (chars - here - WAKE_EARLY_CHARS) * l->char_ns;
    int rc = wait_until(l->fd, l->stop_fd, until < deadline_ns ? until : deadline_ns);
    return rc == RC_NOANSWER ? RC_OK : rc;
}

static bool is_link_error(int error)
{
    return error == EIO || error == ECONNRESET || error == EPIPE || error == EBADF || error == ENXIO ||
           error == ENODEV || error == ENOTCONN || error == EHOSTUNREACH || error == ENETUNREACH;
}

/* The head of our own request came back (an adapter that hears itself): libmodbus took its address for a
 * length. The rest of it, if any, is read here. */
static bool drop_echo(struct line *l, const struct exchange_request *q, const uint8_t *frame,
                      int64_t deadline_ns)
{
    uint8_t sent[6] = {q->unit}, rest[WIRE_REQUEST_CHARS];
    if (exchange_pdu(q, &sent[1]) != RC_OK)
        return false;
    unsigned taken = 5u + sent[2]; /* unit, function, "length", that many bytes, CRC */
    if (taken > WIRE_REQUEST_CHARS)
        return false;
    if (memcmp(frame, sent, taken < sizeof sent ? taken : sizeof sent) != 0)
        return false;
    unsigned left = WIRE_REQUEST_CHARS - taken;
    while (left > 0) {
        if (wait_readable(l->fd, l->stop_fd, deadline_ns) != RC_OK)
            return false;
        ssize_t n = read(l->fd, rest, left);
        if (n <= 0)
            return false;
        left -= (unsigned)n;
    }
    return true;
}

static int read_frame(struct line *l, int64_t deadline_ns, uint8_t *frame)
{
    int64_t left_us = (deadline_ns - clock_wire_ns()) / 1000;
    if (left_us < 1)
        left_us = 1;
    modbus_set_response_timeout(l->rtu, (uint32_t)(left_us / 1000000), (uint32_t)(left_us % 1000000));
    memset(frame, TRACE_FILL, MODBUS_MAX_ADU_LENGTH);
    errno = 0;
    return modbus_receive_confirmation(l->rtu, frame);
}

/* What libmodbus could not read. RC_NOTFOUND: listen on. */
static int judge_error(struct line *l, const struct exchange_request *q, struct exchange_reply *r, int error,
                       const uint8_t *frame, int64_t deadline_ns)
{
    if (is_link_error(error))
        return RC_LINK;
    if (error == EMBBADCRC && drop_echo(l, q, frame, deadline_ns)) {
        r->foreign++;
        l->heard_ns = clock_wire_ns();
        return RC_NOTFOUND;
    }
    r->fault = error == ETIMEDOUT ? FAULT_SHORT : FAULT_CRC;
    if (r->fault == FAULT_SHORT)
        exchange_unsure(l, DRIP_NS); /* cut off, or dripping? */
    return RC_BADFRAME;
}

static void tell_damaged(struct line *l, const struct exchange_request *q, const struct exchange_reply *r,
                         int rc, const uint8_t *frame)
{
    if (!trace_tap(l) || rc == RC_LINK)
        return;
    enum trace_why why = rc == RC_NOTFOUND ? TRACE_ECHO : r->fault == FAULT_SHORT ? TRACE_SHORT : TRACE_CRC;
    trace_tap_heard(l, q, r, TRACE_DROPPED, why, frame, trace_tap_length(frame, MODBUS_MAX_ADU_LENGTH),
                    r->first_ns, clock_wire_ns());
}

/* A frame ends with silence. What follows at once makes it a piece of something else (noise can begin and end
 * anywhere, and one in 65536 pieces passes for a frame), unless it is the same frame again. The wait
 * lies within the silence that is kept anyway. RC_OK: it stands. */
static int end_of_frame(struct line *l, const uint8_t *frame, unsigned len, struct exchange_reply *r)
{
    uint8_t more[MODBUS_MAX_ADU_LENGTH];
    int rc = wait_readable(l->fd, l->stop_fd, l->heard_ns + END_CHARS * l->char_ns);
    if (rc == RC_NOANSWER || rc == RC_LINK)
        return RC_OK; /* a peer that hangs up after its answer has answered */
    if (rc != RC_OK)
        return rc;
    ssize_t n = read(l->fd, more, sizeof more);
    if (n <= 0)
        return RC_OK;
    l->heard_ns = clock_wire_ns();
    exchange_unsure(l, 0);
    r->stray_bytes += (uint32_t)n;
    if (memcmp(more, frame, (size_t)n < len ? (size_t)n : len) == 0) {
        exchange_stranger(r, frame[0]); /* it speaks twice: it may have more to say */
        return RC_OK;
    }
    r->fault = FAULT_CRC;
    r->exception = 0;
    return RC_BADFRAME;
}

static int next_frame(struct line *l, const struct exchange_request *q, struct exchange_reply *r,
                      int64_t deadline_ns)
{
    uint8_t frame[MODBUS_MAX_ADU_LENGTH];
    int rc = wait_readable(l->fd, l->stop_fd, deadline_ns);
    if (rc != RC_OK)
        return rc;
    r->first_ns = clock_wire_ns();
    rc = sleep_through(l, (int)wire_reply_chars(q->function, q->count), deadline_ns);
    if (rc != RC_OK)
        return rc;
    int n = read_frame(l, deadline_ns, frame);
    int error = errno;
    r->done_ns = l->heard_ns = clock_wire_ns();
    exchange_unsure(l, 0);
    if (n < 0) {
        rc = judge_error(l, q, r, error, frame, deadline_ns);
        tell_damaged(l, q, r, rc, frame);
        return rc;
    }
    /* n == 0: of another unit, which libmodbus does not check further; nor do we */
    rc = n > 3 && frame[0] == q->unit ? exchange_take(q, &frame[1], (unsigned)n - 3, r) : RC_NOTFOUND;
    if (rc != RC_NOTFOUND)
        l->unsure_ns = 0;
    int end = rc == RC_NOTFOUND ? RC_OK : end_of_frame(l, frame, (unsigned)n, r);
    if (trace_tap(l)) {
        enum trace_why why = end != RC_OK                   ? TRACE_CRC
                             : rc != RC_NOTFOUND            ? TRACE_FINE
                             : n > 3 && frame[0] == q->unit ? TRACE_OTHER_ANSWER
                                                            : TRACE_OTHER_UNIT;
        trace_tap_heard(l, q, r, why == TRACE_FINE ? TRACE_REPLY : TRACE_DROPPED, why, frame,
                        n > 0 ? (unsigned)n : trace_tap_length(frame, sizeof frame), r->first_ns, r->done_ns);
    }
    if (rc == RC_NOTFOUND) {
        r->foreign++;
        exchange_stranger(r, frame[0]);
    }
    return end == RC_OK ? rc : end;
}

/* Each wake costs more than all else we do for an answer: where it is known when the answer should be whole,
 * one is enough. A little early, so that the last character still tells when it came. */
static int sleep_until_expected(const struct line *l, const struct exchange_request *q,
                                const struct exchange_reply *r, int64_t deadline_ns)
{
    if (q->expect_us == 0 || l->char_ns == 0 || trace_tap(l))
        return RC_OK;
    int64_t chars = (int64_t)WIRE_REQUEST_CHARS + wire_reply_chars(q->function, q->count) - 1;
    int64_t until = r->sent_ns + chars * l->char_ns + (int64_t)q->expect_us * 1000;
    int rc = wait_until(l->fd, l->stop_fd, until < deadline_ns ? until : deadline_ns);
    return rc == RC_STOPPED ? rc : RC_OK; /* hung up or not: first what was said */
}

int exchange_rtu(struct line *l, const struct exchange_request *q, struct exchange_reply *r)
{
    int rc = send_request(l, q, r);
    int64_t deadline_ns = r->sent_ns + exchange_most_ns(l, q);
    if (rc == RC_OK)
        rc = sleep_until_expected(l, q, r, deadline_ns);
    while (rc == RC_OK || rc == RC_NOTFOUND) {
        rc = next_frame(l, q, r, deadline_ns);
        if (rc == RC_OK)
            return RC_OK;
    }
    if (rc == RC_NOANSWER && r->exception == 0)
        r->done_ns = clock_wire_ns();
    if (rc == RC_NOANSWER && r->exception == 0 && trace_tap(l))
        trace_tap_heard(l, q, r, TRACE_SILENCE, TRACE_FINE, NULL, 0, 0, r->done_ns);
    return rc;
}
