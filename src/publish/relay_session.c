/* Relay commands: in by P/meter/NAME/relay/set, their results out by …/relay/result.
 *
 * Subscribed to only with [mqtt] commands = yes. What the broker kept is not sent to us, and a kept message
 * that comes all the same is refused: a command that waits for whoever connects is none. */
#include <string.h>
#include "config/settings.h"
#include "core/clock.h"
#include "core/log.h"
#include "core/rc.h"
#include "publish/payload.h"
#include "publish/session_inside.h"

static bool takes_commands(const struct session *s)
{
    return s->env.box != NULL && s->env.settings->mqtt.commands;
}

void session_relay_begin(struct session *s)
{
    char topic[SESSION_TOPIC];
    s->relay_mid = 0;
    if (takes_commands(s) && text_format(topic, sizeof topic, "%smeter/+/relay/set", s->prefix))
        (void)mqtt_subscribe(s->mqtt, topic, 1, false, &s->relay_mid);
}

static void refuse(struct session *s, const struct relay_command *c, const char *error, const char *detail)
{
    struct relay_answer a = {.meter = c->meter};
    memcpy(a.id, c->id, sizeof a.id);
    relay_result_set(&a.result, false, -1, clock_utc_ms(), error, detail);
    relay_box_answer(s->env.box, &a);
}

static void take(struct session *s, size_t meter, const void *payload, size_t len, bool retained)
{
    struct relay_command c;
    const char *why = NULL;
    const int rc = relay_request_parse(payload, len, &c, &why);
    c.meter = meter;
    if (retained)
        refuse(s, &c, "retained", "a kept message is no command");
    else if (rc != RC_OK)
        refuse(s, &c, "malformed", why);
    else if (relay_box_put(s->env.box, &c) != RC_OK)
        refuse(s, &c, "busy", "too many commands at once");
}

bool session_relay_heard(struct session *s, const char *topic, const void *payload, size_t len, bool retained)
{
    char name[SETTINGS_NAME];
    if (!takes_commands(s) || !relay_request_topic(topic, name))
        return false;
    const int meter = settings_meter_find(s->env.settings, name);
    if (meter < 0)
        return false;
    if (len == 0 || s->winding_up)
        return true; /* somebody cleared a kept one */
    if (relay_gate_pass(&s->relay_gate, clock_wire_ns()))
        take(s, (size_t)meter, payload, len, retained);
    else if (s->relay_gate.dropped % 1000 == 1)
        log_warning("mqtt: relay commands come in a flood: %llu dropped so far",
                    (unsigned long long)s->relay_gate.dropped);
    return true;
}

bool session_relay_ready(const struct session *s)
{
    return s->env.box != NULL && relay_box_has_answer(s->env.box);
}

bool session_relay_step(struct session *s)
{
    char topic[SESSION_TOPIC];
    struct relay_answer a;
    if (s->env.box == NULL || !relay_box_take_answer(s->env.box, &a))
        return false;
    const struct payload_relay_result r = {
        .id = a.id[0] != '\0' ? a.id : NULL,
        .ok = a.result.ok,
        .state = a.result.state < 0    ? NULL
                 : a.result.state == 1 ? "closed"
                                       : "open",
        .error = a.result.ok ? NULL : a.result.error,
        .detail = a.result.ok ? NULL : a.result.detail,
        .ts_utc_ms = a.result.ts_utc_ms,
    };
    text_buf_clear(&s->text);
    payload_relay_result(&s->text, &r);
    if (!s->text.failed && a.meter < s->env.settings->n_meters &&
        text_format(topic, sizeof topic, "meter/%s/relay/result", s->env.settings->meters[a.meter].name))
        (void)session_send(s, LANE_STATE, 0, topic, s->text.data, s->text.len, false, false);
    return true;
}
