/* session_inside.h - the session's own structure, shared by the files that make it up and by nobody else.
 *
 * session.c          begin, end, whose turn, events
 * session_rows.c     lanes that carry the ledger: new, history, retained, answers
 * session_state.c    P/status, P/info, the read-back of P/info
 * session_loose.c    live values and P/bus, QoS 0
 * relay_session.c    relay commands in, their results out
 *
 * Threads: belongs to the publish worker.
 */
#ifndef METERFLEET_PUBLISH_SESSION_INSIDE_H
#define METERFLEET_PUBLISH_SESSION_INSIDE_H

#include "core/text.h"
#include "publish/announce.h"
#include "publish/answer.h"
#include "publish/feed.h"
#include "publish/history_request.h"
#include "publish/info.h"
#include "publish/outbox.h"
#include "publish/parts.h"
#include "publish/relay_request.h"
#include "publish/session.h"
#include "publish/stray.h"

#define NS_PER_MS      INT64_C(1000000)
#define SESSION_PREFIX 512 /* "prefix/gateway/" with NUL */
#define SESSION_TOPIC  (SESSION_PREFIX + LEDGER_TOPIC)
#define RETRY_MS       1000 /* until the database is read again after it could not be */
#define READBACK_MS    2000 /* for our own retained P/info */
#define REFUSED_MOST   3    /* times a message is refused "for now" before it is set aside */
#define REFUSED_KEPT   8

/* The row a lane is at, cut into publishes. */
struct row_progress {
    uint64_t seq;
    size_t n, at;
    struct part part[PARTS_MOST];
};

enum readback { READBACK_NONE, READBACK_ASKED, READBACK_DONE };

struct session {
    struct session_env env;
    char prefix[SESSION_PREFIX];
    char will_topic[SESSION_TOPIC];
    struct mqtt *mqtt; /* NULL between connections */
    struct outbox outbox;
    char ledger[LEDGER_ID]; /* "" while the database is not open */
    struct ledger_reader *reader;
    struct feed fresh, history;
    struct retained_feed retained;
    struct row_progress fresh_row, retained_row;
    struct answer answer;
    struct history_line line;
    struct relay_gate relay_gate;
    struct announce *announce;
    struct stray *stray;
    struct info_pace pace;
    struct info_bus *info_buses;
    struct text_buf text;
    int64_t info_look_ns; /* not before this the info is looked at again */
    bool info_due;
    enum readback readback;
    int readback_mid, request_mid, relay_mid, offline_mid;
    int64_t begun_ns, readback_until_ns;
    int64_t retry_ns[LANE_COUNT]; /* the lane rests until then */
    bool database_told, refusal_told;
    bool winding_up, offline_acked;
    struct {
        int64_t first_ns, muted_until_ns, mute_ms; /* first_ns 0: none sent on this connection */
        unsigned ends;                             /* connections that ended right after it, in a row */
    } loose;
    const char *broken;
    char broken_text[MQTT_WHY];
    struct {
        uint64_t seq;
        unsigned times;
    } refused[REFUSED_KEPT]; /* over connections; the oldest place is used again */
    size_t refused_at;
    struct session_count count;
};

/* session.c: gives one message to the connection. RC_OK; RC_FULL, RC_RANGE: refused for good; RC_LINK.
 * `topic` without prefix. */
int session_send(struct session *s, enum lane lane, uint64_t seq, const char *topic, const char *payload,
                 size_t len, bool retain, bool more);
/* QoS 0. */
int session_send_loose(struct session *s, const char *topic, const char *payload, size_t len, bool retain);
/* The message `seq` will not reach the broker. */
void session_set_aside(struct session *s, uint64_t seq, const char *why);

/* session_rows.c: one step of a lane: at most one message. */
void session_step_fresh(struct session *s);
void session_step_history(struct session *s);
void session_step_retained(struct session *s);
void session_step_answer(struct session *s);
/* The rows are read from the database afresh. */
void session_rows_reset(struct session *s);

/* session_state.c */
void session_ask_for_strays(struct session *s);
void session_state_begin(struct session *s);
bool session_state_ready(struct session *s, int64_t now_ns);
void session_step_state(struct session *s);
void session_readback_begin(struct session *s);
void session_readback_end(struct session *s, uint64_t acked_seq);
void session_readback_look(struct session *s, int64_t now_ns);

/* session_loose.c */
void session_loose_begin(struct session *s);
void session_loose_end(struct session *s);
void session_send_live(struct session *s);
void session_send_buses(struct session *s);

/* relay_session.c */
void session_relay_begin(struct session *s);
/* A message on `topic` (without prefix); false: not a relay command. */
bool session_relay_heard(struct session *s, const char *topic, const void *payload, size_t len,
                         bool retained);
bool session_relay_ready(const struct session *s);
/* Sends one result; false: there is none. */
bool session_relay_step(struct session *s);

#endif
