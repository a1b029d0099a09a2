/* store.h - the open database with its ledger: what the store worker writes through.
 *
 * A flush is one transaction: readings, events, what the checks found, ledger messages with their numbers. It
 * counts once it is committed with synchronous=FULL and the high-water file is synced; only then may anything
 * be published. A failed COMMIT means "unknown": the next flush first makes the WAL safe (a truncating
 * checkpoint, or a fresh connection), looks which flush is the newest in the file, and writes the same rows
 * with the same numbers again if it is not there.
 *
 * Units:   scaled integers as in quantity.h, Unix milliseconds; seq begins at 1 in each ledger.
 * Errors:  those of db.h; RC_NOTFOUND from store_flush(): the file was removed or replaced, close and open
 * again. Threads: one owner, the store worker. Source:  INTERFACES 4 and 5; FAULTS, the nine rules.
 */
#ifndef METERFLEET_STORE_STORE_H
#define METERFLEET_STORE_STORE_H

#include "config/settings.h"
#include "core/coverage.h"
#include "core/interval.h"
#include "core/reading.h"
#include "share/ackset.h"
#include "share/board.h"
#include "store/db.h"
#include "store/highwater.h"
#include "store/meter_checks.h"
#include "store/relay_audit.h"
#include "store/store_lock.h"

/* What the store knows of a configured meter; index = index into settings->meters. */
struct store_meter {
    int64_t id; /* meter_data.id */
    /* newest rows, as in meter_now; 0: none */
    int64_t first_seen_ms, last_seen_ms, energy_ms, live_ms, demand_ms;
    int64_t energy_ledger;
    uint64_t energy_seq;
    uint8_t status; /* enum meter_status as last written */
    bool dirty;     /* meter_now must be written with this flush */
    int8_t relay;   /* as last read: -1 unknown, 0 open, 1 closed */
    int64_t relay_ms;
    char serial[READING_TEXT];
    /* the newest stored sweep */
    int64_t sweep_ms;
    uint64_t sweep_hash;
    struct meter_checks checks;
    uint64_t checked_seq; /* the checks have seen the ledger up to here */
    struct coverage coverage;
    struct interval interval;
};

struct store_event {
    char *subject, *kind, *detail;
    int64_t ts_ms;
    bool of_flush; /* noted by the flush that runs: if that fails, the next try notes it again */
    bool written;
    struct store_event *next;
};

struct store_statements {
    sqlite3_stmt *state, *energy, *energy_phase, *live, *live_phase, *now, *message, *gap, *event, *sweep,
        *sweep_family, *settlement_get, *settlement_put, *finding_put, *finding_get, *finding_close,
        *checks_put, *serial, *stats, *coverage, *interval, *audit_put, *audit_get, *audit_done;
};

struct store {
    const struct settings *settings;
    char *path; /* real path */
    struct store_lock lock;
    struct highwater mark;
    struct db db; /* db.sql == NULL: between two attempts to open it again */
    struct store_statements st;
    int64_t ledger; /* ledger_data.no of the present ledger */
    char ledger_id[9];
    uint64_t last_seq; /* highest number given */
    int64_t flush;     /* number of the newest flush that is known to be committed */
    int64_t newest_ms; /* newest row with a right time */
    bool seen_synchronised;
    bool tariffs_written;
    struct ackset acked;
    struct store_meter *meters;
    struct tariff usual;        /* offset and settlement days of a meter without tariff */
    struct store_event *events; /* wait for the next flush, oldest first */
    /* a flush that failed: */
    bool unknown;  /* its COMMIT may be in the file: is it flush + 1? */
    bool poisoned; /* an I/O error: no commit counts before the WAL is truncated or the file opened afresh */
    bool mark_due; /* committed, but the high-water file does not say so yet */
    bool flushing;
    size_t tried; /* readings of the flush whose COMMIT is unknown */
    struct store_undo *undo;
    struct store_before *was;
    uint64_t open_findings;
    uint64_t duplicates; /* energy readings of a time that is stored already */
};

#define STORE_WHY_SIZE 256
/* Opens or creates; takes the lock, migrates, begins a new ledger or names a lost range where that is due. */
int store_open(const struct settings *s, int64_t now_utc_ms, struct store **out, char why[STORE_WHY_SIZE]);
/* Checkpoints and closes; NULL is fine. */
void store_close(struct store *s);

/* What one flush is to store. */
struct store_batch {
    struct reading **readings; /* in the order of storing; stay the caller's */
    size_t n_readings;
    struct board *board; /* status of the meters, counters; may be NULL */
    int64_t now_utc_ms;
    bool clock_right;
    bool synchronised;             /* the kernel says so: remembered for ever */
    bool save_checks;              /* also save the state of the checks */
    bool save_stats;               /* also a row of counters for each bus and meter */
    bool prune;                    /* also let old rows go, a step */
    const struct ackset *acked;    /* NULL: unchanged */
    struct relay_record **records; /* of relay commands; their `out` counts after RC_OK with relay_written */
    size_t n_records;
    /* results */
    size_t stored; /* so many of the readings are in the file, whatever the function returned */
    uint64_t energy_rows, live_rows, sweep_rows;
    bool relay_written; /* this call wrote the records */
    bool more_to_prune;
    bool lost; /* numbers went before they were acknowledged: s->acked has them now */
};
/* One transaction. RC_OK: committed, and the high-water file is synced: all up to s->last_seq may be
 * published. Else nothing new may; call again with the same readings (but for the `stored` first ones), and
 * more after them. */
int store_flush(struct store *s, struct store_batch *b);

/* An event row with the next flush; detail is JSON text or NULL. Dropped without memory. */
void store_note_event(struct store *s, int64_t ts_ms, const char *subject, const char *kind,
                      const char *detail);

#endif
