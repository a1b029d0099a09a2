#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "core/clock.h"
#include "core/log.h"
#include "core/rc.h"
#include "core/text.h"
#include "store/store_worker_inside.h"

#define FIRST_WAIT_MS  5000             /* the first flush waits no longer for the other meters */
#define FIRST_PHASE_MS 60000            /* then a meter that begins late is nothing special any more */
#define SAVE_MS        (60 * 60 * 1000) /* state of the checks */
#define STATS_MS       (15 * 60 * 1000) /* counters of buses and meters */
#define PRUNE_MS       (60 * 60 * 1000)
#define SECOND_NS      1000000000LL
#define RETRY_MOST_S   30

/* Every meter that answers has given energy, and none is still to be asked for the first time. */
static bool all_in(const struct store_worker *w)
{
    for (size_t i = 0; i < w->settings->n_meters; i++) {
        struct board_meter m;
        if (w->has_energy[i] || w->settings->meters[i].period_ms[CLASS_ENERGY] == 0)
            continue;
        board_get_meter(w->board, i, &m);
        if (m.status == METER_UNKNOWN || m.status == METER_ONLINE)
            return false;
    }
    return true;
}

bool worker_flush_due(struct store_worker *w, int64_t now_mono_ms)
{
    if (w->store == NULL || (w->failures > 0 && clock_wire_ns() < w->retry_wire_ns))
        return false;
    if (!w->first_done && w->firsts_waiting > 0)
        if (now_mono_ms - w->first_energy_mono_ms >= FIRST_WAIT_MS || all_in(w))
            return true;
    if (w->failures == 0 && w->intake.wait.bytes >= INTAKE_FLUSH_BYTES)
        return true;
    return now_mono_ms >= w->next_flush_mono_ms || worker_relay_due(w);
}

int worker_wait_ms(const struct store_worker *w)
{
    if (w->store == NULL || w->failures > 0) {
        int64_t left = (w->retry_wire_ns - clock_wire_ns()) / 1000000 + 1;
        return left < 1 ? 1 : left > 1000 ? 1000 : (int)left;
    }
    int64_t due = w->next_flush_mono_ms;
    if (!w->first_done && w->firsts_waiting > 0 && w->first_energy_mono_ms + FIRST_WAIT_MS < due)
        due = w->first_energy_mono_ms + FIRST_WAIT_MS;
    int ms = clock_wait_ms(due, 1000);
    return ms < 1 ? 1 : ms;
}

static void set_trouble(struct store_worker *w, const char *text)
{
    pthread_mutex_lock(&w->lock);
    text_format(w->status.trouble, sizeof w->status.trouble, "%s", text);
    pthread_mutex_unlock(&w->lock);
}

void worker_failed(struct store_worker *w, int rc, const char *why)
{
    unsigned wait_s = w->failures < 5 ? 1u << w->failures : RETRY_MOST_S;
    if (wait_s > RETRY_MOST_S)
        wait_s = RETRY_MOST_S;
    if (w->failures++ == 0) {
        w->failing_since_utc_ms = clock_utc_ms();
        log_error("database: cannot be written: %s: %s: readings are kept in memory", rc_text(rc), why);
    }
    w->retry_wire_ns = clock_wire_ns() + wait_s * SECOND_NS;
    char text[STORE_WHY];
    snprintf(text, sizeof text, "%s: %.200s", rc_text(rc), why);
    set_trouble(w, text);
}

/* Writing works again: says for how long it did not, and what that cost. */
static void recovered(struct store_worker *w)
{
    struct intake_lost *lost = &w->intake.lost;
    if (w->failures > 0) {
        log_info("database: can be written again: after %lld s",
                 (long long)((clock_utc_ms() - w->failing_since_utc_ms) / 1000));
        set_trouble(w, "");
    }
    if (w->failures > 0 || lost->readings > 0) {
        char detail[256], since[TEXT_TS_SIZE], from[TEXT_TS_SIZE], to[TEXT_TS_SIZE];
        text_from_utc_ms(w->failures > 0 ? w->failing_since_utc_ms : clock_utc_ms(), since);
        text_from_utc_ms(lost->from_utc_ms, from);
        text_from_utc_ms(lost->to_utc_ms, to);
        if (lost->readings > 0)
            snprintf(detail, sizeof detail,
                     "{\"since\":\"%s\",\"dropped\":%llu,\"from\":\"%s\",\"to\":\"%s\"}", since,
                     (unsigned long long)lost->readings, from, to);
        else
            snprintf(detail, sizeof detail, "{\"since\":\"%s\",\"dropped\":0}", since);
        store_worker_event(w, "database", "database_full", detail);
    }
    *lost = (struct intake_lost){0};
    w->failures = 0;
}

void worker_tell_opened(struct store_worker *w)
{
    ledger_state_opened(w->ledger, w->store->ledger_id, w->store->last_seq, &w->store->acked);
    pthread_mutex_lock(&w->lock);
    w->status.database_bytes = db_bytes(&w->store->db);
    w->status.open_findings = (uint32_t)w->store->open_findings;
    pthread_mutex_unlock(&w->lock);
}

void worker_open_again(struct store_worker *w)
{
    char why[STORE_WHY];
    int rc = store_open(w->settings, clock_utc_ms(), &w->store, why);
    if (rc != RC_OK) {
        w->store = NULL;
        worker_failed(w, rc, why);
        return;
    }
    worker_tell_opened(w);
    recovered(w);
}

static void take_events(struct store_worker *w)
{
    pthread_mutex_lock(&w->lock);
    for (size_t i = 0; i < w->n_events; i++) {
        struct worker_event *e = &w->events[i];
        store_note_event(w->store, e->ts_ms, e->subject, e->kind, e->detail);
        free(e->subject);
        free(e->kind);
        free(e->detail);
    }
    w->n_events = 0;
    pthread_mutex_unlock(&w->lock);
}

/* The file is gone or another lies in its place: what was committed to it is out of reach, what waits goes
 * into the one that is there now. */
static void file_moved(struct store_worker *w)
{
    log_error("database: %s was removed or replaced: opening what is there now", w->settings->database.path);
    store_close(w->store);
    w->store = NULL;
    w->intake.fixed = 0;
    worker_open_again(w);
}

static void flushed(struct store_worker *w, const struct store_batch *b, int64_t now_mono_ms)
{
    ledger_state_stored(w->ledger, w->store->last_seq);
    if (b->lost)
        ledger_state_done(w->ledger, &w->store->acked);
    recovered(w);
    w->firsts_waiting = 0;
    w->first_done = w->first_done || all_in(w) || now_mono_ms - w->started_mono_ms > FIRST_PHASE_MS;
    w->next_flush_mono_ms = now_mono_ms + w->settings->database.flush_ms;
    if (b->save_checks)
        w->save_mono_ms = now_mono_ms;
    if (b->save_stats)
        w->stats_mono_ms = now_mono_ms;
    if (b->prune) {
        w->pruning = b->more_to_prune;
        w->prune_mono_ms = now_mono_ms;
    }
    pthread_mutex_lock(&w->lock);
    w->status.flushes++;
    w->status.stored_energy += b->energy_rows;
    w->status.stored_live += b->live_rows;
    w->status.stored_sweeps += b->sweep_rows;
    w->status.last_flush_utc_ms = b->now_utc_ms;
    w->status.database_bytes = db_bytes(&w->store->db);
    w->status.open_findings = (uint32_t)w->store->open_findings;
    pthread_mutex_unlock(&w->lock);
}

static int once(struct store_worker *w, bool last)
{
    int64_t now_mono_ms = clock_mono_ms();
    bool right = w->clock.word == CLOCK_RIGHT;
    struct ackset acked;
    struct relay_record *records[RELAY_NOTES];
    bool acked_changed = ledger_state_take_acked(w->ledger, &acked);
    take_events(w);
    struct store_batch b = {
        .readings = w->intake.wait.v,
        .n_readings = w->intake.wait.n,
        .board = w->board,
        .now_utc_ms = clock_utc_ms(),
        .clock_right = right || last,
        .synchronised = w->clock.synchronised,
        .save_checks = last || now_mono_ms - w->save_mono_ms >= SAVE_MS,
        .save_stats = last || now_mono_ms - w->stats_mono_ms >= STATS_MS,
        .prune = right && (w->pruning || now_mono_ms - w->prune_mono_ms >= PRUNE_MS),
        .acked = &acked,
        .records = records,
        .n_records = worker_relay_waiting(w, records),
    };
    if (b.n_readings == 0 && b.n_records == 0 && !acked_changed && w->store->events == NULL &&
        !b.save_checks && !b.save_stats && !b.prune && !w->store->mark_due && !w->store->unknown &&
        w->failures == 0) {
        w->next_flush_mono_ms = now_mono_ms + w->settings->database.flush_ms;
        return RC_OK; /* nothing to say: spare the disk */
    }
    int rc = store_flush(w->store, &b);
    intake_stored(&w->intake, b.stored);
    w->intake.fixed = w->store->unknown ? w->store->tried : 0;
    if (b.relay_written && rc == RC_OK)
        worker_relay_written(w, records, b.n_records);
    if (rc == RC_OK)
        flushed(w, &b, now_mono_ms);
    return rc;
}

void worker_flush(struct store_worker *w, bool last)
{
    int rc = RC_OK;
    /* more than once when an earlier flush turns out to be stored, or the file was replaced */
    for (int turn = 0; turn < 3 && w->store != NULL; turn++) {
        rc = once(w, last);
        if (rc == RC_NOTFOUND)
            file_moved(w);
        else if (rc != RC_OK || w->intake.wait.n == 0)
            break;
    }
    if (w->store != NULL && rc != RC_OK)
        worker_failed(w, rc, db_message(&w->store->db));
}
