/* rqueue.h - the bounded queue of readings between the bus workers and the store worker.
 *
 * A full queue never blocks a bus: live readings are dropped first (oldest live), then the push is refused and
 * counted. The store drains it whole.
 *
 * Errors:  rqueue_new(): RC_NOMEM, RC_IO (no eventfd), RC_RANGE (room for none).
 * Threads: any number of pushers, one taker. One mutex, one eventfd that is readable while it holds something.
 */
#ifndef METERFLEET_SHARE_RQUEUE_H
#define METERFLEET_SHARE_RQUEUE_H

#include <stddef.h>
#include <stdint.h>
#include "core/reading.h"

struct rqueue;
int rqueue_new(size_t most, struct rqueue **out);
void rqueue_free(struct rqueue *q); /* and what is still in it */
/* Hands the reading over (also when refused: then it is freed). RC_OK or RC_FULL. */
int rqueue_push(struct rqueue *q, struct reading *r);
/* The oldest reading, or NULL. */
struct reading *rqueue_take(struct rqueue *q);
int rqueue_fd(const struct rqueue *q); /* poll for POLLIN; rqueue_take() until NULL clears it */
/* Readings that were lost because it was full, whichever it was. */
uint64_t rqueue_dropped(struct rqueue *q);

#endif
