/* bus_worker_relay.h - a bus worker's part in switching a relay: the one write, then reading the coil back.
 *
 *   waiting ─ function 5, once ─► written ─ function 1 ─► as wanted: switched
 *                                    │        └─ otherwise: read again, twice; then not_switched (or failed)
 *                                    └─ no answer, a damaged one: the same: reading back tells what it did
 *
 * Commands go before every reading. The state is read through the plan, as any other, so that repetitions,
 * late answers and hold-offs are dealt with there; that nothing could be read is the outcome `unknown`.
 * Whatever happens, function 5 is sent at most once for a command.
 *
 * Threads: the worker that owns the line.
 */
#ifndef METERFLEET_BUS_BUS_WORKER_RELAY_H
#define METERFLEET_BUS_BUS_WORKER_RELAY_H

#include <stdbool.h>
#include <stdint.h>
#include "bus/relay_order.h"

struct bus_worker;
struct reading;

/* A command of one meter that was written, or in doubt. */
struct relay_switching {
    bool active;   /* written; its state is being read back */
    bool doubt;    /* the outcome was `unknown`: the next state read tells, and is no change by itself */
    bool wanted;   /* closed */
    uint8_t looks; /* read-backs that were otherwise */
    unsigned slot;
    bool refused;      /* the meter said that it did not do it */
    uint8_t exception; /* what it said */
    int rc;            /* of function 5 */
    int64_t again_ns;  /* 0, or when it is read back once more */
};

/* Sends the next command, if there is one whose meter may be asked now: *turned. wake_ns: or when to look
 * again at the latest. RC_OK, RC_LINK, RC_STOPPED. */
int relay_turn(struct bus_worker *w, bool *turned, int64_t *wake_ns);
/* The state of a relay was read: marks the reading, and settles the command it belongs to. */
void relay_was_read(struct bus_worker *w, size_t post, struct reading *r);
/* It could not be read, for good. */
void relay_not_read(struct bus_worker *w, size_t post, int rc);
/* The line is gone, or we stop. */
void relay_give_up(struct bus_worker *w, int rc);

#endif
