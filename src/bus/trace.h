/* trace.h - the frames of one bus as they pass, for whoever listens just now.
 *
 * The bus's thread puts frames in, each listener has a ring of its own. Nobody listening costs one load of an
 * atomic; a listener that is slow loses frames and is told how many, and the bus never waits: it takes no
 * lock. It is the listener who waits, a moment, when it leaves.
 *
 * Units:   nanoseconds of the wire clock; turnaround counts from the end of the request.
 * Errors:  trace_listen(): NULL when there is no memory, no descriptor, or TRACE_EARS listen already.
 * Threads: trace_put() by the one thread that owns the line; an ear belongs to one thread. A trace lives
 * until the bus and all its ears have left it. Source:  INTERFACES 7 (`meterfleet trace BUS`).
 */
#ifndef METERFLEET_BUS_TRACE_H
#define METERFLEET_BUS_TRACE_H

#include <stdbool.h>
#include <stdint.h>

enum trace_kind {
    TRACE_REQUEST, /* sent */
    TRACE_REPLY,   /* the answer, an exception too */
    TRACE_DROPPED, /* heard, and not taken for the answer: `why` */
    TRACE_SILENCE, /* nothing more came within the time allowed */
    TRACE_REFUSED  /* the answer was whole, and its content not believed */
};
enum trace_why {
    TRACE_FINE,
    TRACE_CRC,
    TRACE_SHORT,
    TRACE_UNASKED, /* came while nobody was asked: a late or second answer, noise */
    TRACE_OTHER_UNIT,
    TRACE_OTHER_ANSWER, /* of this meter, but another function or length */
    TRACE_ECHO,
    TRACE_STALE, /* Modbus TCP: the id of an older request */
    TRACE_LIE    /* Modbus TCP: a length or protocol that cannot be */
};
enum trace_cause {
    TRACE_POLL,
    TRACE_RETRY,
    TRACE_PROBE,     /* is a silent meter there again? */
    TRACE_CHECK,     /* a short question first, for a late answer may still come */
    TRACE_COMMAND,   /* somebody switches a relay */
    TRACE_READ_BACK, /* and its state is read */
    TRACE_CAUSES
};
const char *trace_kind_name(enum trace_kind k); /* "request" … */
const char *trace_why_text(enum trace_why w);   /* "wrong CRC"; "" for TRACE_FINE */
const char *trace_cause_name(enum trace_cause c);

/* Why a request is made: goes with it. */
struct trace_tag {
    uint32_t meter;  /* index into settings->meters */
    uint8_t klass;   /* enum reg_class */
    uint8_t cause;   /* enum trace_cause */
    uint8_t attempt; /* 0: the first */
};

#define TRACE_BYTES 320 /* longer than any frame, and than what is thrown away at once */
struct trace_frame {
    enum trace_kind kind;
    enum trace_why why;
    struct trace_tag tag;
    uint8_t unit, function; /* of the request it belongs to; 0: none */
    uint16_t address, count;
    int64_t utc_ms;
    int64_t silence_ns; /* of the line, before a request */
    int64_t turnaround_ns, duration_ns;
    uint16_t len; /* of bytes; of a damaged frame as many as are known */
    uint8_t bytes[TRACE_BYTES];
};

#define TRACE_EARS 4   /* listeners at once on one bus */
#define TRACE_RING 256 /* frames a listener may be behind */

struct trace;
struct trace *trace_new(void);            /* held once; NULL without memory */
void trace_drop(struct trace *t);         /* the bus has left; NULL is fine */
bool trace_wanted(const struct trace *t); /* does anybody listen? NULL is fine */
void trace_put(struct trace *t, const struct trace_frame *f);
/* No more frames will come: every ear hears the end. */
void trace_end(struct trace *t);

struct trace_ear;
struct trace_ear *trace_listen(struct trace *t);
void trace_leave(struct trace_ear *e);   /* NULL is fine */
int trace_fd(const struct trace_ear *e); /* readable when something came, or at the end */
/* The oldest frame; false: none now. */
bool trace_take(struct trace_ear *e, struct trace_frame *out);
/* Frames lost since the last call. */
uint64_t trace_lost(struct trace_ear *e);
bool trace_ended(const struct trace_ear *e);

#endif
