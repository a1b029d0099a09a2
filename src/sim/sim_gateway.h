/* sim_gateway.h - the Modbus TCP gateway in front of a bus: one request at a time, in turn.
 *
 * It speaks RTU on the line like any master, keeps the silence by itself, and gives up on a silent meter with
 * exception 0x0B, as gateways do.
 *
 * Units:   ns of the wire clock.
 * Errors:  a full queue is answered with exception 6 (busy).
 * Threads: belongs to its bus.
 * Source:  MODBUS Messaging on TCP/IP Implementation Guide V1.0b, 3.1.3 (MBAP header).
 */
#ifndef METERFLEET_SIM_GATEWAY_H
#define METERFLEET_SIM_GATEWAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/sim_fault.h"

#define SIM_GATEWAY_QUEUE 32
#define SIM_GATEWAY_WAIT_NS                                                                                  \
    250000000 /* from the request's end to the end of the answer, beyond its characters */
#define SIM_ADU_MAX 260

/* A request of a client: 7 bytes of header, then the PDU. */
struct sim_adu {
    void *client;
    uint8_t bytes[SIM_ADU_MAX];
    size_t n;
};

struct sim_gateway {
    struct sim_adu queue[SIM_GATEWAY_QUEUE];
    size_t n; /* queue[0] is on the line when `asking` */
    bool asking;
    int64_t give_up_ns;
    uint8_t heard[512];
    size_t heard_n;
};

/* Takes whole ADUs off the client's input. Returns the bytes used, or SIZE_MAX when it is no Modbus TCP. A
 * request that does not fit into the queue is answered through `refused` at once. */
size_t sim_gateway_take(struct sim_gateway *g, void *client, const uint8_t *in, size_t n,
                        struct sim_adu *refused);

/* The RTU frame of the next request, if one waits and none is on the line. */
bool sim_gateway_next(struct sim_gateway *g, uint8_t *frame, size_t *n);

/* The request is on the line until then at most. */
void sim_gateway_asked(struct sim_gateway *g, int64_t give_up_ns);

/* Bytes from the line. */
void sim_gateway_hear(struct sim_gateway *g, const uint8_t *bytes, size_t n);

/* True when the request is over: *answer is for its client. */
bool sim_gateway_answer(struct sim_gateway *g, int64_t now_ns, struct sim_adu *answer);

/* What it says instead of the answer: bytes for the client, SIM_LIES_MAX at most. */
#define SIM_LIES_MAX ((size_t)SIM_ADU_MAX * 33)
size_t sim_gateway_lie(enum sim_mbap how, const struct sim_adu *answer, uint8_t *out);

/* A client is gone. */
void sim_gateway_forget(struct sim_gateway *g, const void *client);

#endif
