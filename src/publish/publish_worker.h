/* publish_worker.h - the thread that owns the connection to the broker: ledger rows after the last
 * acknowledged seq, live values by the way, status and info.
 *
 * Polling and storing never wait for it. It reads the ledger from the database and keeps nothing but a window
 * of at most 100 messages in flight.
 *
 * Threads: start, stop, join, status from any thread.
 */
#ifndef METERFLEET_PUBLISH_PUBLISH_WORKER_H
#define METERFLEET_PUBLISH_PUBLISH_WORKER_H

#include <stdbool.h>
#include "config/settings.h"
#include "share/board.h"
#include "share/ledger_state.h"
#include "share/livebox.h"
#include "share/relay_box.h"

struct publish_worker;

struct publish_status {
    bool enabled, connected;
    char broker[128];                   /* host:port */
    char detail[160];                   /* why it is not connected, in words */
    uint64_t published, acked_messages; /* since start */
    uint64_t last_seq, acked_seq;
    int64_t connected_since_utc_ms;
    int64_t progress_wire_ns;
};

/* What the publisher cannot know by itself, asked when it writes P/info. */
struct publish_info {
    uint64_t database_bytes;
    char clock[8]; /* "right" "unset" "stepped" */
};
typedef void publish_info_fn(void *arg, struct publish_info *out);

/* box: where relay commands go and their results come from; NULL: none are taken. */
int publish_worker_start(const struct settings *s, struct board *board, struct ledger_state *ledger,
                         struct livebox *live, struct relay_box *box, publish_info_fn *info, void *info_arg,
                         struct publish_worker **out);
/* Sends what is stored for at most 1 s, then "offline" (unless another publisher of the same gateway follows
 * at once: a reload is no absence), then disconnects. Returns at once. */
void publish_worker_stop(struct publish_worker *w, bool another_follows);
void publish_worker_join(struct publish_worker *w); /* and frees it; NULL is fine */
void publish_worker_status(struct publish_worker *w, struct publish_status *out);

#endif
