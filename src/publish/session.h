/* session.h - what happens on one connection to the broker, from CONNACK to its end.
 *
 * The outbox says whose turn it is; the session fetches the message of that lane, gives it to the connection
 * and tells the ledger what was acknowledged. A message the broker or the library refuses for good (not
 * allowed, too large) is set aside: logged with its reason and counted as acknowledged, so that the ledger
 * goes on; it can still be asked for. A broker that only cannot take it now ends the connection, and the
 * third time it is set aside too.
 *
 * Units:   the wire clock for everything about the broker.
 * Errors:  session_new(): RC_NOMEM. A session that cannot go on says so in session_broken().
 * Threads: belongs to the publish worker.
 * Source:  INTERFACES 5 and 6.
 */
#ifndef METERFLEET_PUBLISH_SESSION_H
#define METERFLEET_PUBLISH_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "config/settings.h"
#include "publish/mqtt.h"
#include "share/board.h"
#include "share/ledger_state.h"
#include "share/livebox.h"
#include "share/relay_box.h"

/* What P/info says and only the house knows. */
struct session_house {
    uint64_t database_bytes;
    char clock[8];
};

struct session_env {
    const struct settings *settings;
    struct board *board;
    struct ledger_state *ledger;
    struct livebox *live;
    struct relay_box *box; /* NULL: no relay commands */
    void (*house)(void *arg, struct session_house *out);
    void *house_arg;
};

struct session_count {
    uint64_t published, acked, set_aside;
    uint64_t last_seq, acked_seq;
};

struct session;
int session_new(const struct session_env *env, struct session **out);
void session_free(struct session *s); /* NULL is fine */
/* "P/status", for the last will. */
const char *session_will_topic(const struct session *s);

/* The connection came up. `m` stays the caller's and lives until session_end(). */
void session_begin(struct session *s, struct mqtt *m);
void session_end(struct session *s);
/* Events of the connection. */
void session_acked(struct session *s, int mid, int reason);
void session_subscribed(struct session *s, int mid, int reason);
void session_message(struct session *s, const char *topic, const void *payload, size_t len, bool retained);
void session_board_changed(struct session *s);

/* Sends what may be sent. True: more could go at once; call it again after serving the connection. */
bool session_pump(struct session *s);
/* Milliseconds until it wants to be called though nothing happens, at most `most_ms`. */
int session_wait_ms(const struct session *s, int most_ms);
/* Why the connection had better end, or NULL. */
const char *session_broken(const struct session *s);

/* From now on only the ledger goes out: what is stored, nothing that was asked for. */
void session_wind_up(struct session *s);
/* Nothing of the ledger is left to send or unanswered. */
bool session_idle(const struct session *s);
/* "offline" on P/status; true once the broker has it (call again until then). */
bool session_say_offline(struct session *s);

void session_count(const struct session *s, struct session_count *out);

#endif
