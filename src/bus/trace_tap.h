/* trace_tap.h - where an exchange tells the trace of its line what goes out and what comes in.
 *
 * Each call is made only when trace_tap() says that somebody listens.
 *
 * Threads: the line's owner.
 */
#ifndef METERFLEET_BUS_TRACE_TAP_H
#define METERFLEET_BUS_TRACE_TAP_H

#include "bus/exchange.h"
#include "bus/line_i.h"

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

#endif
