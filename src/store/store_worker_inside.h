/* store_worker_inside.h - the worker's own memory, shared by its two files.
 *
 * Threads: `lock` guards status, events, notes and the flush requests; all else belongs to the thread.
 */
#ifndef METERFLEET_STORE_STORE_WORKER_INSIDE_H
#define METERFLEET_STORE_STORE_WORKER_INSIDE_H

#include <pthread.h>
#include "store/clock_watch.h"
#include "store/intake.h"
#include "store/store.h"
#include "store/store_worker.h"

#define WORKER_EVENTS 1000 /* from others, while nothing can be written */

#define RELAY_NOTES   256 /* records of relay commands, while nothing can be written */
struct relay_note {
    struct relay_record record;
    bool awaited; /* somebody waits, and takes it out */
    bool written;
    struct relay_note *next;
};

struct worker_event {
    char *subject, *kind, *detail;
    int64_t ts_ms;
};

#define WORKER_STATS_EARLY_MS (14 * 60 * 1000) /* the first counters are written a minute after the start */

struct store_worker {
    const struct settings *settings;
    struct rqueue *queue;
    struct board *board;
    struct ledger_state *ledger;
    struct livebox *live;
    struct store *store; /* NULL: waits for the disk */
    struct intake intake;
    struct clock_watch clock;
    pthread_t thread;
    bool started;
    int stop_fd, wake_fd;

    pthread_mutex_t lock;
    pthread_cond_t flushed;
    struct store_status status;
    struct worker_event *events;
    size_t n_events;
    struct relay_note *notes; /* oldest first */
    size_t n_notes;
    uint64_t flush_asked, flush_done;

    /* when what is due, by mono; retry_wire_ns by the real clock: a disk does not recover faster under
     * --clock */
    int64_t next_flush_mono_ms, first_energy_mono_ms, started_mono_ms;
    int64_t save_mono_ms, stats_mono_ms, prune_mono_ms;
    int64_t retry_wire_ns;
    unsigned failures; /* in a row */
    int64_t failing_since_utc_ms;
    bool first_done;  /* every meter that answers has its first energy reading stored */
    bool *has_energy; /* a meter: its first energy reading has come */
    size_t firsts_waiting;
    bool pruning;
};

/* store_flusher.c: what is in memory into the database. */
bool worker_flush_due(struct store_worker *w, int64_t now_mono_ms);
/* Milliseconds of real time until something is due, at most a second. */
int worker_wait_ms(const struct store_worker *w);
void worker_flush(struct store_worker *w, bool last);
/* Tries to open a database that could not be opened before. */
void worker_open_again(struct store_worker *w);
/* Says once that nothing can be written, and when it is tried again. */
void worker_failed(struct store_worker *w, int rc, const char *why);
void worker_tell_opened(struct store_worker *w);

/* relay_worker.c: records that are not written yet; they stay until they are said to be. */
bool worker_relay_due(struct store_worker *w);
size_t worker_relay_waiting(struct store_worker *w, struct relay_record *out[RELAY_NOTES]);
void worker_relay_written(struct store_worker *w, struct relay_record *const *records, size_t n);
void worker_relay_free(struct store_worker *w);

#endif
