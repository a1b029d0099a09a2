#include "publish/session.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "core/clock.h"
#include "core/log.h"
#include "core/rc.h"
#include "publish/discovery.h"
#include "publish/session_inside.h"

#define PUMP_MOST     256 /* messages before the connection is served again */
#define REASON_FAILED 128

int session_new(const struct session_env *env, struct session **out)
{
    struct session *s = calloc(1, sizeof *s);
    if (s == NULL)
        return RC_NOMEM;
    s->env = *env;
    int rc = RC_RANGE;
    if (!text_format(s->prefix, sizeof s->prefix, "%s/%s/", env->settings->mqtt.prefix,
                     env->settings->gateway.id) ||
        !text_format(s->will_topic, sizeof s->will_topic, "%sstatus", s->prefix))
        goto failed;
    rc = RC_NOMEM;
    s->info_buses = calloc(env->settings->n_buses + 1, sizeof s->info_buses[0]);
    if (s->info_buses == NULL || announce_new(env->settings, env->board, &s->announce) != RC_OK ||
        stray_new(env->settings, &s->stray) != RC_OK)
        goto failed;
    feed_init(&s->fresh);
    feed_init(&s->history);
    answer_init(&s->answer);
    *out = s;
    return RC_OK;
failed:
    session_free(s);
    return rc;
}

void session_free(struct session *s)
{
    if (s == NULL)
        return;
    session_rows_reset(s);
    if (s->reader != NULL)
        ledger_reader_close(s->reader);
    announce_free(s->announce);
    stray_free(s->stray);
    free(s->info_buses);
    text_buf_done(&s->text);
    free(s);
}

const char *session_will_topic(const struct session *s)
{
    return s->will_topic;
}

/* The ledger opened, or another one took its place: everything about the old one is forgotten. */
static void adopt_ledger(struct session *s, const char id[LEDGER_ID], uint64_t stored,
                         const struct ackset *acked)
{
    const bool replaced = s->ledger[0] != '\0';
    session_rows_reset(s);
    if (s->reader != NULL)
        ledger_reader_close(s->reader);
    s->reader = NULL;
    const int rc = ledger_reader_open(s->env.settings->database.path, &s->reader);
    if (rc != RC_OK) {
        s->ledger[0] = '\0';
        s->retry_ns[LANE_FRESH] = clock_wire_ns() + RETRY_MS * NS_PER_MS;
        if (!s->database_told)
            log_warning("mqtt: the ledger cannot be opened: %s: trying again every second", rc_text(rc));
        s->database_told = true;
        return;
    }
    s->database_told = false;
    memcpy(s->ledger, id, LEDGER_ID);
    outbox_begin(&s->outbox, mqtt_receive_maximum(s->mqtt), stored, acked);
    if (replaced)
        session_readback_end(s, 0); /* what the broker keeps is of the ledger before */
    else
        session_readback_begin(s);
}

static void look_at_ledger(struct session *s, int64_t now_ns)
{
    char id[LEDGER_ID];
    uint64_t stored = 0;
    struct ackset acked;
    if (!ledger_state_get(s->env.ledger, id, &stored, &acked))
        return;
    s->count.last_seq = stored;
    s->count.acked_seq = ackset_contiguous(&acked);
    if (strcmp(id, s->ledger) == 0)
        outbox_stored(&s->outbox, stored);
    else if (now_ns >= s->retry_ns[LANE_FRESH])
        adopt_ledger(s, id, stored, &acked);
}

void session_begin(struct session *s, struct mqtt *m)
{
    char topic[SESSION_TOPIC];
    const struct ackset none = {0};
    s->mqtt = m;
    s->begun_ns = clock_wire_ns();
    s->ledger[0] = '\0';
    s->readback = READBACK_NONE;
    s->broken = NULL;
    s->offline_acked = false;
    s->offline_mid = 0;
    session_rows_reset(s);
    history_line_reset(&s->line, s->begun_ns);
    outbox_begin(&s->outbox, mqtt_receive_maximum(m), 0, &none);
    session_loose_begin(s);
    session_state_begin(s);
    (void)text_format(topic, sizeof topic, "%shistory/get", s->prefix);
    (void)mqtt_subscribe(m, topic, 1, false, &s->request_mid);
    session_relay_begin(s);
    look_at_ledger(s, s->begun_ns);
}

void session_end(struct session *s)
{
    session_loose_end(s);
    s->mqtt = NULL;
    session_rows_reset(s);
}

int session_send(struct session *s, enum lane lane, uint64_t seq, const char *topic, const char *payload,
                 size_t len, bool retain, bool more)
{
    char full[SESSION_TOPIC];
    int mid = 0;
    if (!text_format(full, sizeof full, "%s%s", discovery_is_topic(topic) ? "" : s->prefix, topic))
        return RC_RANGE;
    const int rc = mqtt_publish(s->mqtt, full, payload, len, 1, retain, &mid);
    if (rc == RC_OK) {
        outbox_sent(&s->outbox, lane, seq, mid, more);
        s->count.published++;
    }
    return rc;
}

int session_send_loose(struct session *s, const char *topic, const char *payload, size_t len, bool retain)
{
    char full[SESSION_TOPIC];
    int mid = 0;
    if (!text_format(full, sizeof full, "%s%s", s->prefix, topic))
        return RC_RANGE;
    const int rc = mqtt_publish(s->mqtt, full, payload, len, 0, retain, &mid);
    if (rc == RC_OK)
        s->count.published++;
    return rc;
}

/* Told for the first, the tenth, the hundredth … */
static bool worth_telling(uint64_t n)
{
    while (n >= 10 && n % 10 == 0)
        n /= 10;
    return n == 1;
}

void session_set_aside(struct session *s, uint64_t seq, const char *why)
{
    s->count.set_aside++;
    if (worth_telling(s->count.set_aside))
        log_warning("mqtt: message set aside: seq %" PRIu64 ": %s (%" PRIu64 " so far)", seq, why,
                    s->count.set_aside);
    ledger_state_acked(s->env.ledger, s->ledger, seq);
}

/* Reasons that may pass: unspecified, implementation specific, quota. */
static bool for_now(int reason)
{
    return reason == 128 || reason == 131 || reason == 151;
}

static bool refused_too_often(struct session *s, uint64_t seq)
{
    for (size_t i = 0; i < REFUSED_KEPT; i++)
        if (s->refused[i].seq == seq)
            return ++s->refused[i].times >= REFUSED_MOST;
    s->refused[s->refused_at].seq = seq;
    s->refused[s->refused_at].times = 1;
    s->refused_at = (s->refused_at + 1) % REFUSED_KEPT;
    return false;
}

static void refused(struct session *s, enum lane lane, uint64_t seq, int reason)
{
    const char *text = mqtt_reason_text(reason);
    const bool ledger = lane == LANE_FRESH || lane == LANE_HISTORY;
    if (ledger && for_now(reason) && !refused_too_often(s, seq)) {
        (void)snprintf(s->broken_text, sizeof s->broken_text, "the broker could not take a message: %s",
                       text);
        s->broken = s->broken_text;
        return;
    }
    if (ledger) {
        session_set_aside(s, seq, text);
    } else if (!s->refusal_told) {
        s->refusal_told = true;
        log_warning("mqtt: message refused: %s: %s",
                    lane == LANE_STATE    ? "status or info"
                    : lane == LANE_ANSWER ? "an answer"
                                          : "a retained topic",
                    text);
    }
}

void session_acked(struct session *s, int mid, int reason)
{
    enum lane lane = LANE_STATE;
    uint64_t seq = 0, done = 0;
    if (s->mqtt == NULL || !outbox_acked(&s->outbox, mid, &lane, &seq, &done))
        return;
    if (reason >= REASON_FAILED) {
        refused(s, lane, seq, reason);
    } else {
        s->count.acked++;
        if (mid == s->offline_mid)
            s->offline_acked = true;
    }
    if (done != 0 && s->broken == NULL)
        ledger_state_acked(s->env.ledger, s->ledger, done);
}

void session_subscribed(struct session *s, int mid, int reason)
{
    if (s->mqtt == NULL || reason < REASON_FAILED)
        return;
    if (mid == s->readback_mid && s->readback == READBACK_ASKED)
        session_readback_end(s, 0);
    else if (mid == s->request_mid)
        log_warning("mqtt: %shistory/get cannot be subscribed: %s: nobody can ask again", s->prefix,
                    mqtt_reason_text(reason));
    else if (mid == s->relay_mid)
        log_warning("mqtt: %smeter/+/relay/set cannot be subscribed: %s: no relay can be switched over MQTT",
                    s->prefix, mqtt_reason_text(reason));
}

void session_message(struct session *s, const char *topic, const void *payload, size_t len, bool retained)
{
    const size_t prefix = strlen(s->prefix);
    if (s->mqtt != NULL && discovery_is_topic(topic) && retained && len > 0 &&
        discovery_is_ours(s->env.settings, payload, len))
        stray_heard(s->stray, topic);
    if (s->mqtt == NULL || strncmp(topic, s->prefix, prefix) != 0)
        return;
    if (strcmp(topic + prefix, "info") == 0 && s->readback == READBACK_ASKED && retained)
        session_readback_end(s, info_read_acked(payload, len, s->ledger));
    else if (strcmp(topic + prefix, "history/get") == 0 && !retained && !s->winding_up)
        history_line_put(&s->line, payload, len, clock_wire_ns());
    else if (session_relay_heard(s, topic + prefix, payload, len, retained))
        return;
    else if (retained && len > 0)
        stray_heard(s->stray, topic + prefix);
}

void session_board_changed(struct session *s)
{
    if (s->mqtt == NULL)
        return;
    announce_look(s->announce);
    s->info_look_ns = 0;
}

static unsigned ready_lanes(struct session *s, int64_t now_ns)
{
    uint64_t from = 0, to = 0;
    unsigned ready = 0;
    const bool open = s->ledger[0] != '\0';
    if (open && now_ns >= s->retry_ns[LANE_FRESH] &&
        (s->fresh_row.at < s->fresh_row.n || outbox_wants(&s->outbox, LANE_FRESH, &from, &to)))
        ready |= 1u << LANE_FRESH;
    if (open && now_ns >= s->retry_ns[LANE_HISTORY] && outbox_wants(&s->outbox, LANE_HISTORY, &from, &to))
        ready |= 1u << LANE_HISTORY;
    if (session_relay_ready(s))
        ready |= 1u << LANE_STATE;
    if (s->winding_up)
        return ready;
    if (open && now_ns >= s->retry_ns[LANE_RETAINED] && s->readback == READBACK_DONE &&
        (!s->retained.ended || s->retained_row.at < s->retained_row.n))
        ready |= 1u << LANE_RETAINED;
    if (open && now_ns >= s->retry_ns[LANE_ANSWER] && (s->line.active || s->line.refusals > 0))
        ready |= 1u << LANE_ANSWER;
    if (session_state_ready(s, now_ns))
        ready |= 1u << LANE_STATE;
    return ready;
}

bool session_pump(struct session *s)
{
    static void (*const step[LANE_COUNT])(struct session *) = {[LANE_FRESH] = session_step_fresh,
                                                               [LANE_HISTORY] = session_step_history,
                                                               [LANE_RETAINED] = session_step_retained,
                                                               [LANE_ANSWER] = session_step_answer,
                                                               [LANE_STATE] = session_step_state};
    int64_t now_ns = clock_wire_ns();
    look_at_ledger(s, now_ns);
    session_readback_look(s, now_ns);
    if (!s->winding_up) {
        session_ask_for_strays(s);
        session_send_live(s);
        session_send_buses(s);
    }
    for (int i = 0; i < PUMP_MOST; i++) {
        if (mqtt_congested(s->mqtt) || s->broken != NULL)
            return false;
        const int lane = outbox_turn(&s->outbox, ready_lanes(s, now_ns));
        if (lane == LANE_NONE)
            return false;
        step[lane](s);
        now_ns = clock_wire_ns();
    }
    return true;
}

int session_wait_ms(const struct session *s, int most_ms)
{
    int wait_ms = clock_wait_ms(announce_due_mono_ms(s->announce), most_ms);
    if (s->readback == READBACK_ASKED) {
        const int64_t left_ms = (s->readback_until_ns - clock_wire_ns()) / NS_PER_MS + 1;
        if (left_ms < wait_ms)
            wait_ms = left_ms < 0 ? 0 : (int)left_ms;
    }
    return wait_ms;
}

const char *session_broken(const struct session *s)
{
    return s->broken;
}

void session_wind_up(struct session *s)
{
    s->winding_up = true;
}

bool session_idle(const struct session *s)
{
    return s->ledger[0] == '\0' || outbox_idle(&s->outbox);
}

bool session_say_offline(struct session *s)
{
    static const char word[] = "offline";
    if (s->offline_mid == 0 && s->outbox.in_flight < OUTBOX_WINDOW) {
        const int rc = mqtt_publish(s->mqtt, s->will_topic, word, sizeof word - 1, 1, true, &s->offline_mid);
        if (rc == RC_OK)
            outbox_sent(&s->outbox, LANE_STATE, 0, s->offline_mid, false);
    }
    return s->offline_acked;
}

void session_count(const struct session *s, struct session_count *out)
{
    *out = s->count;
}
