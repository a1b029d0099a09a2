/* discovery.h - what Home Assistant is told, so that every meter appears there by itself: a device each, with
 * a sensor for each live value and each register of energy, and its relay.
 *
 * One retained message a meter on homeassistant/device/<gateway>_<meter>/config (device-based discovery). A
 * '.' in a name becomes '_', for Home Assistant allows letters, digits, '_' and '-' only. Rates are sensors
 * too: whoever bills by rate wants to see them. Registers that may run backwards (a net meter) are `total`,
 * the others `total_increasing`. A
 * message that lacks a value (a demand comes alone) gives the empty string, which leaves a sensor as it is. A
 * relay is shown, not switched: a command needs an id and an end of its validity.
 *
 * Units:   as on the topics the values come from.
 * Errors:  none; a failed allocation shows in text_buf.failed.
 * Threads: pure.
 * Source:  INTERFACES 6; Home Assistant, MQTT integration: "Device discovery payload", abbreviations; Sensor
 * entity: device classes and their units (a unit that a class does not know makes the whole message refused,
 * so kvarh have none).
 */
#ifndef METERFLEET_PUBLISH_DISCOVERY_H
#define METERFLEET_PUBLISH_DISCOVERY_H

#include <stdbool.h>
#include <stddef.h>
#include "config/settings.h"
#include "core/text.h"

#define DISCOVERY_ALL   "homeassistant/device/+/config" /* subscribe: what the broker keeps of all gateways */
#define DISCOVERY_TOPIC 128

/* Absolute: the prefix of our own topics does not come before it. */
bool discovery_topic(const struct settings *s, size_t meter, char out[DISCOVERY_TOPIC]);
bool discovery_is_topic(const char *topic);
void discovery_payload(struct text_buf *out, const struct settings *s, size_t meter);
/* Was this kept message written by this gateway? It names our own P/status. */
bool discovery_is_ours(const struct settings *s, const char *payload, size_t len);

#endif
