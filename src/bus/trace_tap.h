/* trace_tap.h - where an exchange tells the trace of its line what goes out and what comes in.
 *
 * Each call is made only when trace_tap() says that somebody listens. libmodbus reads RTU frames and does not
 * say how many bytes a damaged one had: its buffer is filled with TRACE_FILL before, and what is no longer
 * that at the end was heard.
 *
 * Threads: the line's owner.
 */
#ifndef METERFLEET_BUS_TRACE_TAP_H
#define METERFLEET_BUS_TRACE_TAP_H

#include "bus/exchange.h"
#include "bus/line_i.h"

#define TRACE_FILL 0xA5

static inline bool trace_tap(const struct line *l)
{
    return trace_wanted(l->trace);
}

/* silence_ns: since the last character before it. */
void trace_tap_request(struct line *l, const struct exchange_request *q, const struct exchange_reply *r,
                       const uint8_t *bytes, unsigned len, int64_t silence_ns);
/* bytes NULL: none came. first_ns, done_ns: its first and last character. */
void trace_tap_heard(struct line *l, const struct exchange_request *q, const struct exchange_reply *r,
                     enum trace_kind kind, enum trace_why why, const uint8_t *bytes, unsigned len,
                     int64_t first_ns, int64_t done_ns);
/* Bytes of a frame that libmodbus read into a buffer of `size` filled with TRACE_FILL. */
unsigned trace_tap_length(const uint8_t *frame, unsigned size);
/* The CRC of an RTU frame, as it stands on the wire: low byte first. */
void trace_tap_crc(const uint8_t *bytes, unsigned len, uint8_t crc[2]);

#endif
