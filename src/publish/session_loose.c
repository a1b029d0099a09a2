/* What goes by without an acknowledgement: live values and P/bus, QoS 0.
 *
 * MQTT has no answer to a QoS 0 message that is not allowed: many brokers close the connection instead
 * (mosquitto 2.0.11 does with max_queued_messages 0). Without care that would be a reconnect loop in which
 * the ledger never moves. So when connections end right after their first such message, three in a row, these
 * messages are left out for a while: a minute, and twice as long each time they are tried again in vain, up
 * to an hour. */
#include "core/clock.h"
#include "core/log.h"
#include "publish/payload.h"
#include "publish/session_inside.h"

#define RIGHT_AFTER_MS 1000
#define ENDS_MOST      3
#define MUTE_FIRST_MS  60000
#define MUTE_MOST_MS   3600000

void session_loose_begin(struct session *s)
{
    s->loose.first_ns = 0;
}

void session_loose_end(struct session *s)
{
    const int64_t now_ns = clock_wire_ns();
    if (s->loose.first_ns == 0 || s->winding_up)
        return;
    if (now_ns - s->loose.first_ns > RIGHT_AFTER_MS * NS_PER_MS) {
        s->loose.ends = 0;
        s->loose.mute_ms = 0;
        return;
    }
    if (++s->loose.ends < ENDS_MOST)
        return;
    s->loose.mute_ms = s->loose.mute_ms == 0 ? MUTE_FIRST_MS : s->loose.mute_ms * 2;
    if (s->loose.mute_ms > MUTE_MOST_MS)
        s->loose.mute_ms = MUTE_MOST_MS;
    s->loose.muted_until_ns = now_ns + s->loose.mute_ms * NS_PER_MS;
    log_warning("mqtt: the connection ends as soon as live values or P/bus are sent: are they allowed? Not "
                "sent for %d s",
                (int)(s->loose.mute_ms / 1000));
}

static void send(struct session *s, const char *topic, bool retain)
{
    const int64_t now_ns = clock_wire_ns();
    if (s->text.failed || now_ns < s->loose.muted_until_ns)
        return;
    if (s->loose.first_ns == 0)
        s->loose.first_ns = now_ns;
    (void)session_send_loose(s, topic, s->text.data, s->text.len, retain);
}

static void send_reading(struct session *s, const struct reading *r)
{
    char topic[ANNOUNCE_TOPIC];
    if (r->klass == CLASS_RELAY) {
        const int64_t *state = reading_get(r, Q_RELAY_DO1);
        if (state != NULL)
            announce_relay(s->announce, r->meter, *state != 0, r->taken_utc_ms);
        return;
    }
    text_buf_clear(&s->text);
    payload_live(&s->text, r);
    if (text_format(topic, sizeof topic, "meter/%s/live", s->env.settings->meters[r->meter].name))
        send(s, topic, false);
}

void session_send_live(struct session *s)
{
    const size_t meters = s->env.settings->n_meters;
    /* One round of all places at most, so that a fast fleet cannot keep the ledger waiting. */
    for (size_t i = 0; i <= meters && !mqtt_congested(s->mqtt); i++) {
        struct reading *r = livebox_take(s->env.live);
        if (r == NULL)
            return;
        if (r->meter < meters)
            send_reading(s, r);
        reading_free(r);
    }
}

void session_send_buses(struct session *s)
{
    char topic[ANNOUNCE_TOPIC];
    while (!mqtt_congested(s->mqtt)) {
        text_buf_clear(&s->text);
        if (!announce_bus(s->announce, clock_mono_ms(), clock_utc_ms(), topic, &s->text))
            return;
        send(s, topic, true);
    }
}
