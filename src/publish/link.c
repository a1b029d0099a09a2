#include "publish/link.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include "core/clock.h"
#include "core/log.h"
#include "core/rc.h"
#include "publish/outbox.h"

#define NS_PER_MS        INT64_C(1000000)
#define SHORT_LIVED_MOST 3 /* before a taken-over session is guessed */

static void on_acked(void *arg, int mid, int reason)
{
    session_acked(arg, mid, reason);
}

static void on_subscribed(void *arg, int mid, int reason)
{
    session_subscribed(arg, mid, reason);
}

static void on_message(void *arg, const char *topic, const void *payload, size_t len, bool retained)
{
    session_message(arg, topic, payload, len, retained);
}

void link_init(struct link *l, const struct settings *settings, struct session *session, uint64_t seed)
{
    memset(l, 0, sizeof *l);
    l->session = session;
    l->options = (struct mqtt_options){.host = settings->mqtt.host,
                                       .port = settings->mqtt.port,
                                       .tls = settings->mqtt.tls,
                                       .client_id = settings->mqtt.client_id,
                                       .username = settings->mqtt.username,
                                       .password_file = settings->mqtt.password_file,
                                       .ca_file = settings->mqtt.ca_file,
                                       .cert_file = settings->mqtt.cert_file,
                                       .key_file = settings->mqtt.key_file,
                                       .will_topic = session_will_topic(session),
                                       .send_maximum = OUTBOX_WINDOW};
    l->events = (struct mqtt_events){
        .arg = session, .acked = on_acked, .subscribed = on_subscribed, .message = on_message};
    (void)snprintf(l->broker, sizeof l->broker, "%.110s:%u", settings->mqtt.host, settings->mqtt.port);
    (void)snprintf(l->detail, sizeof l->detail, "connecting");
    mqtt_library_init();
    backoff_init(&l->backoff, clock_wire_ns(), seed);
}

void link_done(struct link *l)
{
    mqtt_close(l->mqtt);
    l->mqtt = NULL;
    l->up = false;
}

/* The cause is told when it is another one than before, then after the 10th, the 100th … time. */
static void tell_cause(struct link *l, const char *why, uint32_t wait_ms)
{
    if (strcmp(why, l->told) != 0) {
        (void)snprintf(l->told, sizeof l->told, "%s", why);
        l->told_times = 0;
    }
    uint64_t n = ++l->told_times;
    while (n >= 10 && n % 10 == 0)
        n /= 10;
    if (n == 1 && l->told_times == 1)
        log_warning("mqtt: not connected: %s: %s, next try in %.1f s", l->broker, why, wait_ms / 1000.0);
    else if (n == 1)
        log_warning("mqtt: not connected: %s: %s: %" PRIu64 " times", l->broker, why, l->told_times);
    else
        log_debug("mqtt: not connected: %s: %s, next try in %.1f s", l->broker, why, wait_ms / 1000.0);
}

static void hang_up(struct link *l, const char *cause)
{
    char why[MQTT_WHY];
    const int64_t now_ns = clock_wire_ns();
    const int64_t held_ms = l->up ? (now_ns - l->up_since_ns) / NS_PER_MS : 0;
    (void)snprintf(why, sizeof why, "%s", cause[0] == '\0' ? "connection lost" : cause);
    if (l->up) {
        session_end(l->session);
        l->short_lived = held_ms < BACKOFF_HELD_MS ? l->short_lived + 1 : 0;
        if (l->short_lived >= SHORT_LIVED_MOST)
            (void)snprintf(why, sizeof why, "%.60s soon after connecting: is client_id %.41s used twice?",
                           cause, l->options.client_id);
    }
    mqtt_close(l->mqtt);
    l->mqtt = NULL;
    l->up = false;
    const uint32_t wait_ms = backoff_next_ms(&l->backoff, now_ns, held_ms);
    l->dial_at_ns = now_ns + wait_ms * NS_PER_MS;
    tell_cause(l, why, wait_ms);
    (void)snprintf(l->detail, sizeof l->detail, "%s", why);
}

static void come_up(struct link *l)
{
    l->up = true;
    l->up_since_ns = clock_wire_ns();
    l->detail[0] = '\0';
    if (l->short_lived == 0)
        log_info("mqtt: connected: %s", l->broker);
    else
        log_debug("mqtt: connected: %s", l->broker);
    session_begin(l->session, l->mqtt);
}

int link_fd(const struct link *l, short *events)
{
    return l->mqtt == NULL ? -1 : mqtt_fd(l->mqtt, events);
}

int link_wait_ms(const struct link *l, int most_ms)
{
    if (l->mqtt != NULL) {
        if (l->up)
            return session_wait_ms(l->session, most_ms);
        return most_ms < MQTT_TICK_MS ? most_ms : MQTT_TICK_MS;
    }
    const int64_t left_ms = (l->dial_at_ns - clock_wire_ns()) / NS_PER_MS + 1;
    return left_ms < 0 ? 0 : left_ms < most_ms ? (int)left_ms : most_ms;
}

bool link_serve(struct link *l, short revents)
{
    if (l->mqtt != NULL) {
        if (mqtt_service(l->mqtt, revents) != MQTT_UP || l->up)
            return false;
        come_up(l);
        return true;
    }
    if (clock_wire_ns() < l->dial_at_ns)
        return false;
    const int rc = mqtt_open(&l->options, &l->events, &l->mqtt);
    if (rc != RC_OK)
        hang_up(l, rc_text(rc));
    return false;
}

void link_check(struct link *l)
{
    if (l->mqtt == NULL)
        return;
    if (link_is_down(l))
        hang_up(l, mqtt_why(l->mqtt));
    else if (l->up && session_broken(l->session) != NULL)
        hang_up(l, session_broken(l->session));
}

bool link_is_down(const struct link *l)
{
    short events = 0;
    return l->mqtt == NULL || mqtt_fd(l->mqtt, &events) < 0;
}
