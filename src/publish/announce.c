#include "publish/announce.h"
#include <stdlib.h>
#include "core/rc.h"
#include "publish/bus_payload.h"
#include "publish/discovery.h"
#include "publish/payload.h"

struct meter_face {
    uint8_t status; /* enum meter_status */
    int8_t relay;   /* -1 unknown or none */
    bool status_due, relay_due, discovery_due;
    int64_t relay_utc_ms;
};

struct announce {
    const struct settings *settings;
    struct board *board;
    struct meter_face *meters;
    size_t due, at; /* marks set, and where the search goes on */
    size_t bus_at;  /* next bus to be said; n_buses: none until bus_due_mono_ms */
    int64_t bus_due_mono_ms;
};

int announce_new(const struct settings *s, struct board *board, struct announce **out)
{
    struct announce *a = calloc(1, sizeof *a);
    if (a == NULL)
        return RC_NOMEM;
    a->settings = s;
    a->board = board;
    a->meters = calloc(s->n_meters + 1, sizeof a->meters[0]);
    if (a->meters == NULL) {
        announce_free(a);
        return RC_NOMEM;
    }
    for (size_t i = 0; i < s->n_meters; i++)
        a->meters[i].relay = -1;
    *out = a;
    return RC_OK;
}

void announce_free(struct announce *a)
{
    if (a == NULL)
        return;
    free(a->meters);
    free(a);
}

static void mark(struct announce *a, bool *due)
{
    if (!*due)
        a->due++;
    *due = true;
}

static void look_at(struct announce *a, size_t meter)
{
    struct meter_face *face = &a->meters[meter];
    struct board_meter now;
    board_get_meter(a->board, meter, &now);
    if (now.status != METER_UNKNOWN && (enum meter_status)face->status != now.status) {
        face->status = (uint8_t)now.status;
        mark(a, &face->status_due);
    }
    if (now.relay >= 0 && now.relay_utc_ms > face->relay_utc_ms) {
        const bool changed = face->relay != now.relay;
        face->relay = now.relay;
        face->relay_utc_ms = now.relay_utc_ms;
        if (changed)
            mark(a, &face->relay_due);
    }
}

void announce_look(struct announce *a)
{
    for (size_t i = 0; i < a->settings->n_meters; i++)
        look_at(a, i);
}

void announce_all(struct announce *a, int64_t now_mono_ms)
{
    announce_look(a);
    for (size_t i = 0; i < a->settings->n_meters; i++) {
        struct meter_face *face = &a->meters[i];
        if ((enum meter_status)face->status != METER_UNKNOWN)
            mark(a, &face->status_due);
        if (face->relay >= 0)
            mark(a, &face->relay_due);
        if (a->settings->mqtt.homeassistant)
            mark(a, &face->discovery_due);
    }
    a->at = 0;
    a->bus_at = 0;
    a->bus_due_mono_ms = now_mono_ms;
}

void announce_relay(struct announce *a, size_t meter, bool closed, int64_t read_utc_ms)
{
    if (meter >= a->settings->n_meters)
        return;
    struct meter_face *face = &a->meters[meter];
    face->relay = closed ? 1 : 0;
    face->relay_utc_ms = read_utc_ms;
    mark(a, &face->relay_due);
}

bool announce_waiting(const struct announce *a)
{
    return a->due > 0;
}

bool announce_next(struct announce *a, char topic[ANNOUNCE_TOPIC], struct text_buf *payload)
{
    const size_t n = a->settings->n_meters;
    for (size_t step = 0; a->due > 0 && step < n; step++) {
        const size_t i = (a->at + step) % n;
        struct meter_face *face = &a->meters[i];
        if (!face->status_due && !face->relay_due && !face->discovery_due)
            continue;
        a->at = i;
        a->due--;
        const char *name = a->settings->meters[i].name;
        if (face->status_due) {
            face->status_due = false;
            text_buf_add(payload, meter_status_name((enum meter_status)face->status));
            return text_format(topic, ANNOUNCE_TOPIC, "meter/%s/status", name);
        }
        if (face->discovery_due) {
            face->discovery_due = false;
            discovery_payload(payload, a->settings, i);
            return discovery_topic(a->settings, i, topic);
        }
        face->relay_due = false;
        payload_relay(payload, face->relay == 1, face->relay_utc_ms);
        return text_format(topic, ANNOUNCE_TOPIC, "meter/%s/relay", name);
    }
    return false;
}

int64_t announce_due_mono_ms(const struct announce *a)
{
    return a->bus_due_mono_ms;
}

bool announce_bus(struct announce *a, int64_t now_mono_ms, int64_t now_utc_ms, char topic[ANNOUNCE_TOPIC],
                  struct text_buf *payload)
{
    if (now_mono_ms < a->bus_due_mono_ms)
        return false;
    if (a->bus_at >= a->settings->n_buses) {
        a->bus_at = 0;
        a->bus_due_mono_ms = now_mono_ms + ANNOUNCE_BUS_MS;
        return false;
    }
    const size_t i = a->bus_at++;
    struct board_bus bus;
    board_get_bus(a->board, i, &bus);
    bus_payload(payload, &bus, now_utc_ms);
    return text_format(topic, ANNOUNCE_TOPIC, "bus/%s", a->settings->buses[i].name);
}
