/* store_worker.h - the thread with the only writing connection: queue -> one transaction a flush -> ledger.
 *
 * Energy readings, settlements and findings get their seq in the transaction that stores them; it is
 * committed with synchronous=FULL, then the high-water file is synced, and only then does the publisher hear
 * of it. The first flush follows the first energy reading of every meter that answers (or 5 s), not its
 * period. While the gateway's clock is not right, readings wait; while the disk takes nothing, they wait too.
 *
 * It writes these events by itself: tariff_changed, relay_changed, clock_stepped, clock_right, ledger_new,
 * ledger_gap, database_full. All others come through store_worker_event().
 *
 * Errors:  store_worker_open(): RC_NEWER, RC_FOREIGN, RC_CORRUPT (exit 65), RC_BUSY (69), RC_IO, RC_DENIED
 * (73), RC_NOMEM, with one line in `why`; a full disk is waited for. Threads: open, start, stop, join from
 * main; flush, status, event from any thread.
 */
#ifndef METERFLEET_STORE_STORE_WORKER_H
#define METERFLEET_STORE_STORE_WORKER_H

#include "config/settings.h"
#include "share/board.h"
#include "share/ledger_state.h"
#include "share/livebox.h"
#include "share/rqueue.h"
#include "store/relay_audit.h"

struct store_worker;

#define STORE_WHY 256
/* Opens or creates the database, migrates it, takes its lock, writes the catalogue of meters. */
int store_worker_open(const struct settings *s, struct rqueue *in, struct board *board,
                      struct ledger_state *ledger, struct livebox *live, struct store_worker **out,
                      char why[STORE_WHY]);
int store_worker_start(struct store_worker *w);
/* Stores what is in the queue and in memory now and tells the publisher; waits for it, at most 1 s (a slow
 * disk goes on in the thread). For the orderly stop: the publisher sends after it, and store_worker_stop()
 * then saves what the broker acknowledged. */
void store_worker_flush(struct store_worker *w);
/* Flushes what is in the queue and in memory, saves the acknowledged positions, closes. Returns at once. */
void store_worker_stop(struct store_worker *w);
void store_worker_join(struct store_worker *w); /* and frees it; also one that never started; NULL is fine */

struct store_status {
    uint64_t database_bytes;
    uint64_t stored_energy, stored_live, stored_sweeps; /* rows since start */
    uint64_t flushes;
    uint32_t in_memory; /* readings not yet stored, those that wait for the clock included */
    int64_t last_flush_utc_ms;
    uint32_t open_findings;
    char trouble[STORE_WHY];  /* what it waits for, "" when well */
    int64_t progress_wire_ns; /* last time the thread moved: for the watchdog */
    char clock[8];            /* "right" "unset" "stepped" */
};
void store_worker_status(struct store_worker *w, struct store_status *out);
/* Writes an event row with the next flush: kind as in INTERFACES 4, detail JSON text or NULL. */
void store_worker_event(struct store_worker *w, const char *subject, const char *kind, const char *detail);

#define RELAY_BATCH 32
/* Writes the intents of relay commands, synced; waits for it at most wait_ms (real). RC_OK: they stand, and
 * `seen` says which were there before. RC_NOANSWER: not in time, RC_FULL, RC_RANGE: then no coil may be
 * written; those that came late get the outcome the caller gives them. */
int store_worker_intents(struct store_worker *w, struct relay_intent *list, size_t n, int wait_ms);
/* The outcome of one of them, soon. */
void store_worker_outcome(struct store_worker *w, const struct relay_intent *in,
                          const struct relay_result *result);

#endif
