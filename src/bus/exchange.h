/* exchange.h - one question and its answer on a line, and nothing else is ever taken for the answer.
 *
 * In order: what is in the input is thrown away; 3.5 characters of silence since the last one heard or sent
 * (the end of a request is its start and its characters: adapters lie about it); the request; then the first
 * character is waited for, together with the stop event; then the frame is read (rtu_frame.h). A frame of
 * another meter, of another function or length, and the echo of our own request are thrown away, counted, and
 * the timer runs on.
 *
 * What may be asked is decided here, at the lowest place, where the bytes of a request are made: functions 1
 * and 3, never a register the model denies; function 5 only on the relay coil of a configured meter that may
 * be switched (`relay = yes`). There is no other way to the wire.
 *
 * Units:   nanoseconds of the wire clock; registers as the meter sent them.
 * Errors:  RC_NOANSWER (silence, or a gateway says its meter is silent: exception 0A, 0B), RC_BADFRAME
 *          (fault says how; sent_ns 0: not sent, for the line is never silent, or this very meter has just
 *          spoken unasked), RC_NOREG (exceptions 1 to 3), RC_REFUSED (the others), RC_LINK (close the line),
 *          RC_STOPPED, RC_DENIED (not on the allow-list), RC_RANGE (a request no meter can answer).
 *          *reply tells times and counts in every case, values only with RC_OK.
 * Threads: the line's owner.
 * Source:  MODBUS over Serial Line V1.02, 2.5.1.1; MODBUS Application Protocol V1.1b3, 6 and 7; MODBUS
 *          Messaging on TCP/IP V1.0b, 3.1.3; libmodbus 3.1.6 as measured (it takes any frame of the unit for
 *          the answer).
 */
#ifndef METERFLEET_BUS_EXCHANGE_H
#define METERFLEET_BUS_EXCHANGE_H

#include "bus/line.h"
#include "bus/trace.h"
#include "core/regmap.h"
#include "core/span.h"

enum exchange_function { EXCHANGE_READ_COILS = 1, EXCHANGE_READ_REGISTERS = 3, EXCHANGE_WRITE_COIL = 5 };

struct exchange_request {
    uint8_t unit;
    uint8_t function; /* enum exchange_function */
    uint16_t address;
    uint16_t count;     /* registers 1..125; coils: 1 */
    uint16_t wait_ms;   /* for the first character, instead of the line's timeout, if shorter; 0: not */
    uint32_t expect_us; /* usual turnaround: sleep until the answer is nearly whole; 0: look at once */
    bool close_relay;   /* EXCHANGE_WRITE_COIL */
    const struct regmap *model;          /* NULL: unknown (scan): reads only */
    const struct settings_meter *permit; /* EXCHANGE_WRITE_COIL: the meter it is for; else NULL */
    struct trace_tag tag;                /* why it is made, for the trace */
};

enum exchange_fault { FAULT_NONE, FAULT_CRC, FAULT_SHORT };

#define EXCHANGE_STRANGERS 4
struct exchange_reply {
    uint16_t regs[SPAN_MOST_REGS];
    bool relay_closed;
    uint8_t exception; /* 0: none */
    enum exchange_fault fault;
    uint32_t foreign;     /* whole frames that were not the answer */
    uint32_t stray_bytes; /* thrown away before the request */
    uint8_t n_strangers;
    uint8_t strangers[EXCHANGE_STRANGERS]; /* units whose frames were thrown away (first byte) */
    int64_t sent_ns;                       /* first character of the request; 0: it was not sent */
    int64_t first_ns;                      /* first character of the reply, 0: none came */
    int64_t done_ns;                       /* last character of the reply, or when it was given up */
    bool noisy;                            /* not sent because the line was never silent */
};

int exchange_run(struct line *l, const struct exchange_request *request, struct exchange_reply *reply);

/* How long an exchange may take on this line: request, timeout and the reply's own length. */
int64_t exchange_most_ns(const struct line *l, const struct exchange_request *q);

#endif
