/* mqtt_dial.h - the helper thread that makes a connection ready: files, name, first step of TCP.
 *
 * getaddrinfo(3) may hang for as long as a name server likes, and a secret may lie on a disk that does not
 * answer. So this runs in a thread of its own that belongs to nobody: whoever waits may go away at any time,
 * and the last of the two cleans up.
 *
 * Errors:  RC_NOMEM, RC_IO (no thread); what goes wrong later is told in words.
 * Threads: mqtt_dial_start/take/leave from the waiting thread; the rest inside.
 */
#ifndef METERFLEET_PUBLISH_MQTT_DIAL_H
#define METERFLEET_PUBLISH_MQTT_DIAL_H

#include "publish/mqtt.h"

struct mosquitto;
struct mqtt_dial;

int mqtt_dial_start(const struct mqtt_options *options, struct mqtt_dial **out);
/* Readable when it is done. */
int mqtt_dial_fd(const struct mqtt_dial *d);
/* After that: the handle, or NULL with the reason in why. Also leaves. */
struct mosquitto *mqtt_dial_take(struct mqtt_dial *d, char why[MQTT_WHY]);
/* Does not wait any longer; NULL is fine. */
void mqtt_dial_leave(struct mqtt_dial *d);

/* The first line that libmosquitto or OpenSSL had to say about an error, in `why`. */
void mqtt_dial_note(char why[MQTT_WHY], int level, const char *line);

#endif
