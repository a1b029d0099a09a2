/* announce.h - retained topics without seq: status of each meter, relay as read back, discovery, how each bus
 * does.
 *
 * They go out at every connect, because brokers forget, and when something changes. What waits is not a
 * message but a mark "to be said": a broker that is slow gets the newest state, never a queue of old ones.
 *
 * Units:   the 60 s of P/bus are those of the mono clock: a period about data.
 * Errors:  announce_new(): RC_NOMEM.
 * Threads: belongs to the publish worker; reads the board.
 * Source:  INTERFACES 6.
 */
#ifndef METERFLEET_PUBLISH_ANNOUNCE_H
#define METERFLEET_PUBLISH_ANNOUNCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "config/settings.h"
#include "core/text.h"
#include "share/board.h"

#define ANNOUNCE_BUS_MS 60000
#define ANNOUNCE_TOPIC  128

struct announce;
int announce_new(const struct settings *s, struct board *board, struct announce **out);
void announce_free(struct announce *a);

/* A connection came up: everything that is known is to be said. */
void announce_all(struct announce *a, int64_t now_mono_ms);
/* The board changed. */
void announce_look(struct announce *a);
/* A relay was read back. */
void announce_relay(struct announce *a, size_t meter, bool closed, int64_t read_utc_ms);

/* The next meter status, relay or discovery to be said, QoS 1, retained: topic without prefix (but of a
 * discovery: discovery.h), text in `payload`. False when there is none. It counts as said. */
bool announce_next(struct announce *a, char topic[ANNOUNCE_TOPIC], struct text_buf *payload);
bool announce_waiting(const struct announce *a);
/* The next P/bus/NAME that is due, QoS 0, retained. */
bool announce_bus(struct announce *a, int64_t now_mono_ms, int64_t now_utc_ms, char topic[ANNOUNCE_TOPIC],
                  struct text_buf *payload);
/* When the next bus is due, for the wait. */
int64_t announce_due_mono_ms(const struct announce *a);

#endif
