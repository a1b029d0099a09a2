/* mqtt.h - one connection to the broker, MQTT 5, from the first look at the address to its end.
 *
 * A thin coat over libmosquitto that never blocks its caller: a helper thread resolves the name and begins to
 * connect, and is left behind when the caller does not want to wait for it. A connection is used once; the
 * next attempt is a new one, so nothing that was in flight is sent again behind the outbox's back, and
 * password and certificate files are read afresh.
 *
 * libmosquitto's own thread is not used: it ends for good at a TLS error, and hangs after a failed
 * asynchronous connect. MQTT 3.1.1 is not offered: there a publish that the ACL refuses is acknowledged.
 *
 * Errors:  RC_NOMEM, RC_IO (no thread); otherwise the phase becomes MQTT_DOWN and mqtt_why() says why.
 * Threads: one thread a connection; the helper is not seen.
 * Source:  OASIS MQTT 5.0; libmosquitto 2.0.11 as measured.
 */
#ifndef METERFLEET_PUBLISH_MQTT_H
#define METERFLEET_PUBLISH_MQTT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MQTT_WHY         160
#define MQTT_KEEPALIVE_S 10
#define MQTT_TICK_MS     100   /* while it is not up; once a second later */
#define MQTT_GREETING_MS 10000 /* from the first packet to CONNACK, TLS included */

/* Before libmosquitto is used; again is harmless. It is not taken down again: a helper that a name server
 * keeps waiting may outlive everything else. */
void mqtt_library_init(void);

struct mqtt_options {
    const char *host;
    uint16_t port;
    bool tls;
    const char *client_id, *username, *password_file, *ca_file, *cert_file, *key_file; /* NULL: not given */
    const char *will_topic; /* "offline", retained, QoS 1 */
    unsigned send_maximum;  /* messages in flight when the broker does not say less */
};

/* Called from mqtt_service() only. Reason codes as in MQTT 5: below 128 is success. */
struct mqtt_events {
    void *arg;
    void (*acked)(void *arg, int mid, int reason);
    void (*subscribed)(void *arg, int mid, int reason);
    void (*message)(void *arg, const char *topic, const void *payload, size_t len, bool retained);
};

enum mqtt_phase {
    MQTT_DIALLING, /* the helper is at work */
    MQTT_GREETING, /* TCP, TLS, CONNECT under way */
    MQTT_UP,
    MQTT_DOWN /* for good: mqtt_why(), mqtt_close() */
};

struct mqtt;
/* Begins to connect and returns at once. The options are copied. */
int mqtt_open(const struct mqtt_options *options, const struct mqtt_events *events, struct mqtt **out);
/* What to poll(2) for: the descriptor changes with the phase. -1: nothing. */
int mqtt_fd(const struct mqtt *m, short *events);
/* Does what there is to do; call it when the descriptor is ready and at least every MQTT_TICK_MS. */
enum mqtt_phase mqtt_service(struct mqtt *m, short revents);
/* In words, for people: "connection refused". "" while all is well. */
const char *mqtt_why(const struct mqtt *m);

/* A reason code of MQTT 5 in words. */
const char *mqtt_reason_text(int reason);

/* What CONNACK said; valid in MQTT_UP. 0: it did not say. */
unsigned mqtt_receive_maximum(const struct mqtt *m);
/* True while what was given to the library has not left for the network, or when it is not up: give it no
 * more. */
bool mqtt_congested(const struct mqtt *m);

/* RC_OK; RC_FULL: larger than the broker takes; RC_RANGE: the library refuses the topic or the text; RC_LINK:
 * the connection is gone (the phase says so). An empty payload clears a retained topic. */
int mqtt_publish(struct mqtt *m, const char *topic, const void *payload, size_t len, int qos, bool retain,
                 int *mid);
/* retained: whether the broker sends what it keeps under this topic. Our own messages never come back. */
int mqtt_subscribe(struct mqtt *m, const char *topic, int qos, bool retained, int *mid);
int mqtt_unsubscribe(struct mqtt *m, const char *topic);
/* Says DISCONNECT: the broker forgets the last will. Serve on until MQTT_DOWN. */
void mqtt_goodbye(struct mqtt *m);
/* Ends it in whatever phase; NULL is fine. Never waits. */
void mqtt_close(struct mqtt *m);

#endif
