#include "core/clock.h"
#include "core/rc.h"
#include "publish/discovery.h"
#include "publish/session_inside.h"
#include <stdlib.h>
#include <string.h>
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#define INFO_LOOK_MS 100 /* the info is put together at most so often, unless something changed */

static void fill_info(struct session *s, struct info *info)
{
    const struct settings *settings = s->env.settings;
    static const char unset[] = "unset";
    for (size_t b = 0; b < settings->n_buses; b++) {
        struct board_bus bus;
        board_get_bus(s->env.board, b, &bus);
        s->info_buses[b] =
            (struct info_bus){.name = settings->buses[b].name, .status = bus_status_name(bus.status)};
    }
    *info = (struct info){.ts_utc_ms = clock_utc_ms(),
                          .version = PACKAGE_VERSION,
                          .config_sha256 = settings->config_sha256,
                          .buses = s->info_buses,
                          .n_buses = settings->n_buses,
                          .meters = settings->n_meters,
                          .clock = unset,
                          .ledger = s->ledger[0] == '\0' ? NULL : s->ledger,
                          .last_seq = s->count.last_seq,
                          .acked_seq = s->count.acked_seq};
}

/* `house` keeps the text that info->clock points to. */
static void ask_house(const struct session *s, struct info *info, struct session_house *house)
{
    memset(house, 0, sizeof *house);
    if (s->env.house == NULL)
        return;
    s->env.house(s->env.house_arg, house);
    house->clock[sizeof house->clock - 1] = '\0';
    info->database_bytes = house->database_bytes;
    if (house->clock[0] != '\0')
        info->clock = house->clock;
}

/* QoS 0: a broker sends all it keeps then, not only as many as it queues. */
static void subscribe_kept(struct session *s, const char *filter)
{
    char full[SESSION_TOPIC];
    int mid = 0;
    if (text_format(full, sizeof full, "%s%s", discovery_is_topic(filter) ? "" : s->prefix, filter))
        (void)mqtt_subscribe(s->mqtt, full, 0, true, &mid);
}

void session_state_begin(struct session *s)
{
    static const char word[] = "online";
    announce_all(s->announce, clock_mono_ms());
    info_pace_reset(&s->pace);
    s->info_look_ns = 0;
    s->info_due = false;
    (void)session_send(s, LANE_STATE, 0, "status", word, sizeof word - 1, true, false);
    stray_begin(s->stray);
    subscribe_kept(s, STRAY_METERS);
    subscribe_kept(s, STRAY_BUSES);
    subscribe_kept(s, DISCOVERY_ALL);
}

void session_ask_for_strays(struct session *s)
{
    char *filter = NULL;
    while (!mqtt_congested(s->mqtt) && stray_next_filter(s->stray, &filter)) {
        subscribe_kept(s, filter);
        free(filter);
    }
}

/* P/info comes after the retained topics: it says up to which number they are in order. */
static bool info_may_go(const struct session *s, int64_t now_ns)
{
    if (announce_waiting(s->announce))
        return false;
    if (s->ledger[0] == '\0')
        return now_ns - s->begun_ns >= READBACK_MS * NS_PER_MS;
    return s->readback == READBACK_DONE && s->retained.ended && s->retained_row.at >= s->retained_row.n;
}

bool session_state_ready(struct session *s, int64_t now_ns)
{
    if (announce_waiting(s->announce) || stray_waiting(s->stray))
        return true;
    if (!s->info_due && now_ns >= s->info_look_ns && info_may_go(s, now_ns)) {
        struct info info;
        struct session_house house;
        s->info_look_ns = now_ns + INFO_LOOK_MS * NS_PER_MS;
        fill_info(s, &info);
        ask_house(s, &info, &house);
        s->info_due = info_due(&s->pace, &info, now_ns / NS_PER_MS);
    }
    return s->info_due;
}

static void send_info(struct session *s)
{
    struct info info;
    struct session_house house;
    fill_info(s, &info);
    ask_house(s, &info, &house);
    text_buf_clear(&s->text);
    info_payload(&s->text, &info);
    s->info_due = false;
    if (s->text.failed)
        return;
    if (session_send(s, LANE_STATE, 0, "info", s->text.data, s->text.len, true, false) != RC_LINK)
        info_said(&s->pace, &info, clock_wire_ns() / NS_PER_MS);
}

void session_step_state(struct session *s)
{
    char topic[ANNOUNCE_TOPIC];
    if (session_relay_step(s))
        return;
    text_buf_clear(&s->text);
    if (announce_next(s->announce, topic, &s->text)) {
        if (!s->text.failed)
            (void)session_send(s, LANE_STATE, 0, topic, s->text.data, s->text.len, true, false);
        return;
    }
    char *stray = NULL;
    if (stray_next_topic(s->stray, &stray)) {
        (void)session_send(s, LANE_STATE, 0, stray, "", 0, true, false);
        free(stray);
    } else if (s->info_due) {
        send_info(s);
    }
}

static void own_info_topic(const struct session *s, char topic[SESSION_TOPIC])
{
    (void)text_format(topic, SESSION_TOPIC, "%sinfo", s->prefix);
}

void session_readback_begin(struct session *s)
{
    char topic[SESSION_TOPIC];
    own_info_topic(s, topic);
    s->readback = READBACK_ASKED;
    s->readback_until_ns = clock_wire_ns() + READBACK_MS * NS_PER_MS;
    (void)mqtt_subscribe(s->mqtt, topic, 1, true, &s->readback_mid);
}

void session_readback_end(struct session *s, uint64_t acked_seq)
{
    char topic[SESSION_TOPIC];
    own_info_topic(s, topic);
    s->readback = READBACK_DONE;
    (void)mqtt_unsubscribe(s->mqtt, topic);
    /* A number above our own would be somebody's mistake or malice: it may only make us send more, not less.
     */
    retained_feed_begin(&s->retained, acked_seq <= s->outbox.top ? acked_seq : 0);
}

void session_readback_look(struct session *s, int64_t now_ns)
{
    if (s->readback == READBACK_ASKED && now_ns >= s->readback_until_ns)
        session_readback_end(s, 0);
}
