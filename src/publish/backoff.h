/* backoff.h - how long to wait before the broker is dialled again.
 *
 * 1 s, doubling to 30 s, each with ±20 % of chance so that a thousand gateways do not come back in step. It
 * begins at 1 s again once a connection has held 30 s, and stays there during the first 30 s after a start:
 * a gateway and its broker often boot together. A broker that accepts and closes at once (or two clients
 * that take one session from each other) has held nothing, so the wait goes on growing.
 *
 * Units:   nanoseconds of the wire clock in, milliseconds out; never more than 30 s, jitter included.
 * Threads: pure; belongs to whoever holds it.
 * Source:  INTERFACES 5 "Reconnect".
 */
#ifndef METERFLEET_PUBLISH_BACKOFF_H
#define METERFLEET_PUBLISH_BACKOFF_H

#include <stdint.h>

#define BACKOFF_FIRST_MS 1000u
#define BACKOFF_MOST_MS  30000u
#define BACKOFF_HELD_MS  30000 /* a connection that lasted this long was a good one */

struct backoff {
    int64_t start_wire_ns;
    uint32_t base_ms; /* before jitter */
    uint64_t random;  /* state of the generator, never 0 */
};

void backoff_init(struct backoff *b, int64_t now_wire_ns, uint64_t seed);
/* A connection ended, or an attempt failed (held_ms 0): the wait until the next attempt. */
uint32_t backoff_next_ms(struct backoff *b, int64_t now_wire_ns, int64_t held_ms);

#endif
