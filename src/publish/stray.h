/* stray.h - retained topics of meters and buses that are not configured any more: found at the broker, and
 * cleared.
 *
 * A meter that is removed or renamed leaves its last words at the broker for ever, and consumers would take
 * them for a meter that still exists. What we published under which names is not written down anywhere: the
 * broker itself is asked, at every connect, so it does not matter whether the change came by reload, restart
 * or while the broker was away.
 *
 * Errors:  stray_new(): RC_NOMEM. What finds no room waits for the next connect.
 * Threads: belongs to the publish worker.
 * Source:  INTERFACES 6, last line.
 */
#ifndef METERFLEET_PUBLISH_STRAY_H
#define METERFLEET_PUBLISH_STRAY_H

#include <stdbool.h>
#include <stddef.h>
#include "config/settings.h"

#define STRAY_MOST   4096

/* What to subscribe to at a connect, without prefix, QoS 0: what the broker keeps tells who was there. */
#define STRAY_METERS "meter/+/status"
#define STRAY_BUSES  "bus/+"

struct stray;
int stray_new(const struct settings *s, struct stray **out);
void stray_free(struct stray *s);
/* A connection came up: nothing is known. */
void stray_begin(struct stray *s);
/* A retained message that is not empty arrived on `topic` (without prefix), or a discovery that is ours. */
void stray_heard(struct stray *s, const char *topic);
/* The next filter to subscribe to ("meter/NAME/#"), or topic to clear; false when there is none. The text is
 * the caller's to free. */
bool stray_next_filter(struct stray *s, char **filter);
bool stray_next_topic(struct stray *s, char **topic);
bool stray_waiting(const struct stray *s);

#endif
