/* store_inside.h - what the files of the store share: each writes one kind of row inside the flush's
 * transaction.
 *
 * Errors:  those of db.h. A function that fails leaves the transaction to be rolled back by store_flush(),
 * which also takes back what changed in memory (store_touch()). Threads: the store's owner.
 */
#ifndef METERFLEET_STORE_STORE_INSIDE_H
#define METERFLEET_STORE_STORE_INSIDE_H

#include "store/store.h"

struct store_undo {
    size_t meter;
    struct store_meter saved;
    struct store_undo *next;
};
/* What the memory believed before the flush. */
struct store_before {
    uint64_t last_seq, open_findings;
    int64_t newest_ms;
    bool seen_synchronised, tariffs_written;
    struct ackset acked;
};
/* The meter, after keeping a copy of it for the case that the flush fails. NULL without memory. */
struct store_meter *store_touch(struct store *s, size_t meter);
void store_undo_all(struct store *s);
void store_undo_forget(struct store *s);

/* store_statements.c */
int store_prepare(struct store *s);
void store_finalise(struct store *s);

/* store_catalogue.c: meters, quantities, the root of topics; what is known of each meter. Inside a
 * transaction. */
int store_catalogue(struct store *s, int64_t now_utc_ms);
int store_load_meters(struct store *s);
/* Texts of tariffs that are new or changed. */
int store_tariffs(struct store *s, int64_t now_utc_ms);

/* store_ledger.c */
int store_ledger_begin(struct store *s, int64_t now_utc_ms, const char *reason);
int store_message(struct store *s, uint64_t seq, const char *kind, size_t meter, const char *topic,
                  const char *payload);
#define STORE_NO_METER SIZE_MAX
/* Names numbers that are gone; they count as acknowledged from then on. */
int store_gap(struct store *s, uint64_t from, uint64_t to, const char *reason, int64_t now_utc_ms);
int store_save_state(struct store *s, int64_t flush);
void store_random_id(char out[9]);

/* store_rows.c */
int store_energy(struct store *s, const struct reading *r, struct store_batch *b);
int store_live(struct store *s, const struct reading *r, struct store_batch *b);
int store_meters_now(struct store *s, struct store_batch *b);
int store_stats(struct store *s, struct store_batch *b);

/* store_events.c: writes all that wait; then, by how the flush went, forgets those or the flush's own. */
int store_events(struct store *s);
void store_events_written(struct store *s);
void store_events_failed(struct store *s);
void store_free_events(struct store *s);

/* store_sweep.c, store_settlement.c */
int store_sweep(struct store *s, const struct reading *r, struct store_batch *b);
int store_settlements(struct store *s, size_t meter, const struct reading *r, const struct tariff *t);
/* The tariff whose settlement days and offset a meter has at an instant; the defaults when it has none. */
const struct tariff *store_tariff_at(const struct store *s, size_t meter, int64_t utc_ms);

/* store_checks.c, store_finding.c */
int store_check(struct store *s, size_t meter, const struct reading *r, uint64_t seq);
int store_save_checks(struct store *s, size_t meter);
/* Brings the checks of all meters up to the newest stored row, from their saved states. */
int store_replay(struct store *s);
int store_finding_open(struct store *s, size_t meter, bool reactive, const struct sum_evidence *e,
                       int64_t *id);
int store_finding_again(struct store *s, int64_t id, bool reactive, const struct sum_evidence *e);
int store_finding_close(struct store *s, size_t meter, int64_t id, int64_t closed_ms);

/* store_rollup.c: a reading was stored; and at the start. */
int store_roll_energy(struct store *s, const struct reading *r);
int store_resume(struct store *s);
/* store_coverage.c: a reading; the running day of a meter, and days that ended without one. *from_ms: from
 * where on its readings are to be counted again. */
int store_cover(struct store *s, size_t meter, int64_t utc_ms);
int store_save_coverage(struct store *s, size_t meter, int64_t now_utc_ms);
int store_resume_coverage(struct store *s, size_t meter, int64_t *from_ms);
/* store_interval.c: likewise. */
int store_interval_energy(struct store *s, const struct reading *r);
void store_interval_live(struct store *s, const struct reading *r);
int store_resume_interval(struct store *s, size_t meter, int64_t *from_ms);

/* store_prune.c */
int store_prune(struct store *s, struct store_batch *b);

#endif
