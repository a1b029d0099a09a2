/* ledger_state.h - what store and publisher tell each other about the ledger.
 *
 * The store says what is committed and synced (only that may be published); the publisher says what the
 * broker has acknowledged (the store saves it with its next flush). The publisher reads the messages
 * themselves from the database with a connection of its own.
 *
 * Units:   seq begins at 1; 0 = none.
 * Threads: one mutex; ledger_state_fd() is readable when `stored` moved or a ledger opened (the publisher
 * clears it).
 */
#ifndef METERFLEET_SHARE_LEDGER_STATE_H
#define METERFLEET_SHARE_LEDGER_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "share/ackset.h"

#define LEDGER_ID 9 /* 8 hex digits and the NUL */

struct ledger_state;
int ledger_state_new(struct ledger_state **out);
void ledger_state_free(struct ledger_state *s);

/* Store: the ledger opened (or was begun anew) with this id, last stored seq and saved acknowledgements. */
void ledger_state_opened(struct ledger_state *s, const char id[LEDGER_ID], uint64_t stored,
                         const struct ackset *acked);
/* Store: everything up to `stored` is committed and synced, and the high-water file says so. */
void ledger_state_stored(struct ledger_state *s, uint64_t stored);
/* Store: the acknowledgements to save with this flush; true when they changed since the last call (*out is
 * set either way). */
bool ledger_state_take_acked(struct ledger_state *s, struct ackset *out);

/* Store: these numbers are gone or dealt with; nobody needs to send them. */
void ledger_state_done(struct ledger_state *s, const struct ackset *numbers);

/* Publisher: false until the ledger is open. */
bool ledger_state_get(struct ledger_state *s, char id[LEDGER_ID], uint64_t *stored, struct ackset *acked);
/* Publisher: the broker acknowledged `seq` of ledger `id`; nothing happens when another took its place meanwhile. */
void ledger_state_acked(struct ledger_state *s, const char id[LEDGER_ID], uint64_t seq);
int ledger_state_fd(const struct ledger_state *s);

#endif
