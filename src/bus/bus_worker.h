/* bus_worker.h - one thread that owns one line and asks its meters: plan, wire, decode, reading.
 *
 * It opens the line itself and opens it again when it is lost; a missing device is waited for. Other rooms
 * reach it only through what stands below: questions and commands that go before the plan's next job, and
 * ears.
 *
 * Errors:  bus_worker_start(): RC_NOMEM, RC_IO (no thread).
 * Threads: everything here may be called from any thread.
 */
#ifndef METERFLEET_BUS_BUS_WORKER_H
#define METERFLEET_BUS_BUS_WORKER_H

#include <stdint.h>
#include "bus/relay_order.h"
#include "bus/trace.h"
#include "config/settings.h"
#include "core/reading.h"
#include "share/board.h"
#include "share/rqueue.h"

struct bus_worker;

int bus_worker_start(const struct settings *s, size_t bus, struct rqueue *out, struct board *board,
                     struct bus_worker **result);
/* Sets its stop event; returns at once. */
void bus_worker_stop(struct bus_worker *w);
/* Waits for the thread (it ends within 1 s, or the rest of the frame on the wire) and frees it. NULL is fine.
 */
void bus_worker_join(struct bus_worker *w);

/* Reads classes of one meter now: a bit mask of 1u << enum reg_class. The readings also go to the store as
 * any others. out[] gets one reading per class asked for, the caller's to free: NULL where it failed; without
 * values where all of the reply was rejected (RC_PARSE). Waits at most wait_ms (real). RC_OK when all came,
 * RC_NOANSWER, RC_LINK, RC_STOPPED … of the first failure; rcs[] (NULL is fine): of each class. */
int bus_worker_read(struct bus_worker *w, size_t meter, unsigned classes, int wait_ms,
                    struct reading *out[CLASS_COUNT], int rcs[CLASS_COUNT]);

/* Switches a relay, before every reading, writing once at most (relay_order.h). From one thread; done_fd is
 * set when the outcome can be collected. RC_OK, RC_FULL, RC_LINK (the line is away), RC_STOPPED. */
int bus_worker_switch(struct bus_worker *w, const struct relay_order *o, int done_fd, unsigned *slot);
bool bus_worker_switched(struct bus_worker *w, unsigned slot, struct relay_report *out);
/* True: it was not begun and never will be. */
bool bus_worker_withdraw(struct bus_worker *w, unsigned slot);

/* An ear for the frames of this bus (trace.h), the caller's to leave; NULL: no room for another. */
struct trace_ear *bus_worker_listen(struct bus_worker *w);

#endif
