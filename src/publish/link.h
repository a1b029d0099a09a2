/* link.h - keeps the gateway connected: dials, waits, dials again, and tells once why it is not.
 *
 * Between two connections it waits as backoff.h says. A cause is logged when it is another one than before,
 * then after the 10th, the 100th … time; connections that are lost soon, again and again, make it ask whether
 * somebody else uses the client_id.
 *
 * Units:   the wire clock.
 * Errors:  none; what goes wrong is in words in link_detail().
 * Threads: belongs to the publish worker.
 * Source:  INTERFACES 5 "Reconnect".
 */
#ifndef METERFLEET_PUBLISH_LINK_H
#define METERFLEET_PUBLISH_LINK_H

#include <stdbool.h>
#include <stdint.h>
#include "publish/backoff.h"
#include "publish/mqtt.h"
#include "publish/session.h"

struct link {
    struct session *session; /* the owner's */
    struct mqtt_options options;
    struct mqtt_events events;
    struct mqtt *mqtt; /* NULL: waiting for dial_at_ns */
    bool up;
    char broker[128];      /* host:port */
    char detail[MQTT_WHY]; /* why it is not connected; "" while it is */
    struct backoff backoff;
    int64_t dial_at_ns, up_since_ns;
    unsigned short_lived; /* connections lost soon, in a row */
    char told[MQTT_WHY];  /* the cause last logged … */
    uint64_t told_times;  /* … and how often it came since */
};

/* `settings` and `session` outlive the link. */
void link_init(struct link *l, const struct settings *settings, struct session *session, uint64_t seed);
void link_done(struct link *l);

/* For poll(2): -1 while it waits; and how long to wait at most. */
int link_fd(const struct link *l, short *events);
int link_wait_ms(const struct link *l, int most_ms);
/* Serves the connection, or dials when it is time. True when it came up by this call. */
bool link_serve(struct link *l, short revents);
/* Ends a connection that is down, or that the session would rather not keep; called after the session had its
 * say. */
void link_check(struct link *l);
/* True when there is no connection to serve any more. */
bool link_is_down(const struct link *l);

#endif
