/* outbox.h - who may send next, and what the broker still owes us an acknowledgement for.
 *
 * The ledger in the database is the queue; this is the window over it. When a connection comes up, H is the
 * highest seq stored. What is not acknowledged up to H goes out as history, in order; what is stored after H
 * goes to its own topic as it comes. Beside them: the retained topics after a reconnect, answers to
 * P/history/get, and state (status, info …). New messages come first: the others together hold at most half
 * of the window and send at most every second message while a new one waits.
 *
 * A connection that ends takes its window with it: what it had not acknowledged lies below the next
 * connection's H, so it comes again as history and nothing is remembered here.
 *
 * A ledger message may need more than one publish (a settlement has two topics, a closed finding is cleared
 * after its last message): its seq counts as acknowledged when the last of them is.
 *
 * Units:   seq as in the ledger, from 1; mid is the packet identifier of the connection's library.
 * Errors:  none; asking for what cannot be is answered with "no".
 * Threads: belongs to the publish worker; no clock, no I/O.
 * Source:  INTERFACES 5 "Delivery"; MQTT 5.0 3.1.2.11.3 (receive maximum).
 */
#ifndef METERFLEET_PUBLISH_OUTBOX_H
#define METERFLEET_PUBLISH_OUTBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "share/ackset.h"

#define OUTBOX_WINDOW 100

enum lane { LANE_FRESH, LANE_HISTORY, LANE_RETAINED, LANE_ANSWER, LANE_STATE, LANE_COUNT };
#define LANE_NONE (-1)

struct outbox_slot {
    int mid;
    uint8_t lane; /* enum lane */
    uint64_t seq; /* 0 where no ledger number hangs on it */
};

struct outbox {
    unsigned window;     /* 1 to OUTBOX_WINDOW */
    unsigned background; /* slots held by lanes other than LANE_FRESH */
    unsigned in_flight;
    struct outbox_slot slot[OUTBOX_WINDOW];
    struct ackset acked;   /* as known when the connection came up: what history leaves out */
    uint64_t top;          /* H */
    uint64_t stored;       /* highest seq that may be published */
    uint64_t next_history; /* next number the history wants, > top when done */
    uint64_t next_fresh;
    uint64_t unfinished; /* a part of this message is still to be sent, 0: none */
    bool fresh_went;     /* the last message sent was a new one */
    int last_background;
};

/* A connection came up (or the ledger under it was replaced): nothing is in flight. receive_maximum as in
 * CONNACK, 0 when it did not say. */
void outbox_begin(struct outbox *o, unsigned receive_maximum, uint64_t stored, const struct ackset *acked);
/* More was stored. */
void outbox_stored(struct outbox *o, uint64_t stored);

/* The numbers LANE_HISTORY or LANE_FRESH wants next, without a hole between them; false when there are none.
 */
bool outbox_wants(const struct outbox *o, enum lane lane, uint64_t *from, uint64_t *to);
/* The lane moves on to the number after `seq`: it was sent, refused for good, or is no longer stored. */
void outbox_passed(struct outbox *o, enum lane lane, uint64_t seq);

/* Of the lanes in `ready` (bits 1u << lane) the one whose turn it is, or LANE_NONE when the window has no
 * place for any of them. */
int outbox_turn(const struct outbox *o, unsigned ready);
/* One publish went to the library. seq 0: no ledger number hangs on it. more: another publish of this seq
 * follows, so it is not done yet even when this one is acknowledged. */
void outbox_sent(struct outbox *o, enum lane lane, uint64_t seq, int mid, bool more);
/* The broker answered. False for a mid that is not ours (QoS 0). *seq_done: the ledger number that is now
 * acknowledged as a whole, 0 when none. */
bool outbox_acked(struct outbox *o, int mid, enum lane *lane, uint64_t *seq, uint64_t *seq_done);
/* True when nothing of the ledger is left to send or in flight. */
bool outbox_idle(const struct outbox *o);

#endif
