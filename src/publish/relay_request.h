/* relay_request.h - relay commands as they come over MQTT: read them, and turn away a flood before it is
 * read.
 *
 * {"id":"…","state":"open","expires":"2026-11-01T12:00:00Z"}: all three are needed. Beyond a burst of 64,
 * twenty messages a second are looked at, whoever sends them; the rest is dropped without a word.
 *
 * Units:   Unix milliseconds; time is the wire clock.
 * Errors:  RC_PARSE with what is wrong in `why`; then *out has the id if there was one to be read.
 * Threads: pure; belongs to the publish worker.
 * Source:  INTERFACES 6; FAULTS N9, N10.
 */
#ifndef METERFLEET_PUBLISH_RELAY_REQUEST_H
#define METERFLEET_PUBLISH_RELAY_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "share/relay_box.h"

#define RELAY_MOST_BYTES 1024 /* an honest command has 100 */
#define RELAY_GATE_RATE  20
#define RELAY_GATE_BURST 64

struct relay_gate {
    int64_t allowance_ns, filled_ns; /* filled_ns 0: new, full */
    uint64_t dropped;
};
/* May one more message be looked at? */
bool relay_gate_pass(struct relay_gate *g, int64_t now_wire_ns);

/* All but the meter. */
int relay_request_parse(const void *text, size_t len, struct relay_command *out, const char **why);
/* NAME of "meter/NAME/relay/set", up to 40 characters; false: another topic. */
bool relay_request_topic(const char *topic, char name[41]);

#endif
