#include <stdlib.h>
#include <string.h>
#include "core/rc.h"
#include "store/schema.h"
#include "store/store_inside.h"

#define WAL_CHECKPOINT_BYTES (4 << 20)  /* then pages go home; a page that many flushes touched goes once */
#define WAL_TRUNCATE_BYTES   (32 << 20) /* readers kept it growing: wait for them */

struct store_meter *store_touch(struct store *s, size_t meter)
{
    for (const struct store_undo *u = s->undo; u != NULL; u = u->next)
        if (u->meter == meter)
            return &s->meters[meter];
    struct store_undo *u = malloc(sizeof *u);
    if (u == NULL)
        return NULL;
    *u = (struct store_undo){meter, s->meters[meter], s->undo};
    s->undo = u;
    return &s->meters[meter];
}

void store_undo_forget(struct store *s)
{
    while (s->undo != NULL) {
        struct store_undo *next = s->undo->next;
        free(s->undo);
        s->undo = next;
    }
}

void store_undo_all(struct store *s)
{
    for (const struct store_undo *u = s->undo; u != NULL; u = u->next)
        s->meters[u->meter] = u->saved;
    store_undo_forget(s);
}

/* After an I/O error or a COMMIT of unknown result: makes the WAL trustworthy and looks what is in the file.
 */
static int recover(struct store *s)
{
    int rc = RC_IO;
    if (s->db.sql != NULL) {
        db_rollback(&s->db);
        rc = db_checkpoint(&s->db, true);
    }
    if (rc != RC_OK) {
        char *path = s->path;
        store_finalise(s);
        db_close(&s->db);
        rc = db_open(path, DB_WRITE, &s->db);
        if (rc == RC_OK)
            rc = schema_check(&s->db);
        if (rc == RC_OK)
            rc = db_checkpoint(&s->db, true);
        if (rc == RC_OK)
            rc = store_prepare(s);
        if (rc != RC_OK) {
            store_finalise(s);
            db_close(&s->db);
            return rc;
        }
    }
    s->poisoned = false;
    return RC_OK;
}

static void remember(struct store *s)
{
    *s->was = (struct store_before){s->last_seq,          s->open_findings,   s->newest_ms,
                                    s->seen_synchronised, s->tariffs_written, s->acked};
}

static void take_back(struct store *s)
{
    s->last_seq = s->was->last_seq;
    s->open_findings = s->was->open_findings;
    s->newest_ms = s->was->newest_ms;
    s->seen_synchronised = s->was->seen_synchronised;
    s->tariffs_written = s->was->tariffs_written;
    s->acked = s->was->acked;
    store_events_failed(s);
    store_undo_all(s);
}

static int write_all(struct store *s, struct store_batch *b)
{
    int rc = RC_OK;
    if (b->acked != NULL)
        s->acked = *b->acked;
    s->seen_synchronised = s->seen_synchronised || b->synchronised;
    for (size_t i = 0; i < b->n_readings && rc == RC_OK; i++) {
        const struct reading *r = b->readings[i];
        if (r->klass == CLASS_ENERGY)
            rc = store_energy(s, r, b);
        else if (r->klass == CLASS_SETTLEMENT)
            rc = store_sweep(s, r, b);
        else if (r->klass == CLASS_LIVE || r->klass == CLASS_DEMAND)
            rc = store_live(s, r, b);
    }
    if (rc == RC_OK && !s->tariffs_written && b->clock_right) {
        rc = store_tariffs(s, b->now_utc_ms);
        s->tariffs_written = rc == RC_OK;
    }
    for (size_t i = 0; i < s->settings->n_meters && rc == RC_OK && b->save_checks; i++) {
        rc = store_save_checks(s, i);
        if (rc == RC_OK && b->clock_right)
            rc = store_save_coverage(s, i, b->now_utc_ms);
    }
    if (rc == RC_OK && b->save_stats && b->board != NULL)
        rc = store_stats(s, b);
    if (rc == RC_OK && b->prune)
        rc = store_prune(s, b);
    if (rc == RC_OK)
        rc = store_meters_now(s, b);
    for (size_t i = 0; i < b->n_records && rc == RC_OK; i++)
        rc = store_relay_record(s, b->records[i]);
    if (rc == RC_OK)
        rc = store_events(s);
    return rc == RC_OK ? store_save_state(s, s->flush + 1) : rc;
}

static void committed(struct store *s)
{
    s->flush++;
    s->unknown = false;
    s->mark_due = s->mark_due || s->last_seq != s->mark.seq || strcmp(s->mark.ledger, s->ledger_id) != 0;
    store_undo_forget(s);
    store_events_written(s);
}

/* Settles an earlier failure. *done: the flush that failed is in the file after all. */
static int settle(struct store *s, bool *done)
{
    *done = false;
    if (!s->unknown && !s->poisoned && s->db.sql != NULL)
        return RC_OK;
    int64_t flush = 0;
    int rc = recover(s);
    if (rc == RC_OK && s->unknown)
        rc = db_int(&s->db, "SELECT flush FROM store_state", &flush);
    if (rc != RC_OK || !s->unknown)
        return rc;
    *done = flush == s->flush + 1;
    if (*done)
        committed(s);
    else
        take_back(s);
    s->unknown = false;
    return RC_OK;
}

static void checkpoint(struct store *s)
{
    uint64_t wal = db_wal_bytes(&s->db);
    if (wal < WAL_CHECKPOINT_BYTES)
        return;
    /* its failure is told by the next commit; a reader in the way is no failure */
    int rc = db_checkpoint(&s->db, wal >= WAL_TRUNCATE_BYTES);
    s->poisoned = rc != RC_OK && rc != RC_BUSY && db_io_failed(&s->db);
}

static bool gives_seq(const struct store_batch *b)
{
    bool any = b->prune || b->save_checks || b->n_records > 0; /* synced: a coil waits for it */
    for (size_t i = 0; i < b->n_readings; i++)
        any = any || b->readings[i]->klass == CLASS_ENERGY || b->readings[i]->klass == CLASS_SETTLEMENT;
    return any;
}

static int transaction(struct store *s, struct store_batch *b)
{
    remember(s);
    int rc = db_begin(&s->db, gives_seq(b));
    if (rc != RC_OK) {
        s->poisoned = rc != RC_BUSY && db_io_failed(&s->db);
        return rc;
    }
    s->flushing = true;
    rc = write_all(s, b);
    s->flushing = false;
    if (rc == RC_OK) {
        rc = db_commit(&s->db);
        if (rc == RC_OK) {
            committed(s);
            b->stored = b->n_readings;
            b->relay_written = true;
            return RC_OK;
        }
        if (db_io_failed(&s->db)) { /* it may be there all the same: only a sound WAL tells */
            s->unknown = s->poisoned = true;
            s->tried = b->n_readings;
            return rc;
        }
    }
    s->poisoned = s->poisoned || db_io_failed(&s->db);
    db_rollback(&s->db);
    take_back(s);
    return rc;
}

/* So that no number is given twice, whatever becomes of the database. */
static int remember_outside(struct store *s)
{
    if (!s->mark_due)
        return RC_OK;
    int rc = highwater_write(&s->mark, s->ledger_id, s->last_seq);
    if (rc == RC_OK)
        s->mark_due = false;
    return rc;
}

int store_flush(struct store *s, struct store_batch *b)
{
    bool done = false;
    b->stored = 0;
    int rc = settle(s, &done);
    if (rc != RC_OK)
        return rc;
    if (done)
        b->stored = s->tried < b->n_readings ? s->tried : b->n_readings;
    else if (db_moved(&s->db))
        return RC_NOTFOUND;
    else
        rc = transaction(s, b);
    if (rc == RC_OK)
        rc = remember_outside(s);
    if (rc == RC_OK)
        checkpoint(s);
    return rc;
}
