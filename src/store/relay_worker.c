/* relay_worker.c - relay commands on their way into the database: intents that somebody waits for, outcomes
 * that nobody does. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "core/rc.h"
#include "share/event.h"
#include "store/store_worker_inside.h"

static struct relay_note *add(struct store_worker *w, const struct relay_record *r, bool awaited)
{
    struct relay_note *n = w->n_notes < RELAY_NOTES ? calloc(1, sizeof *n) : NULL;
    if (n == NULL)
        return NULL;
    n->record = *r;
    n->awaited = awaited;
    struct relay_note **end = &w->notes;
    while (*end != NULL)
        end = &(*end)->next;
    *end = n;
    w->n_notes++;
    return n;
}

static void take_out(struct store_worker *w, struct relay_note *n)
{
    struct relay_note **at = &w->notes;
    while (*at != n)
        at = &(*at)->next;
    *at = n->next;
    w->n_notes--;
    free(n);
}

/* All of them written before `until`? What is not stays, with nobody waiting: should the disk come back, the
 * row is written, and so is the outcome that is noted for it. */
static bool all_written(struct store_worker *w, struct relay_note *const *notes, size_t n,
                        const struct timespec *until)
{
    for (;;) {
        bool all = true;
        for (size_t i = 0; i < n; i++)
            all = all && notes[i]->written;
        if (all || !w->started || pthread_cond_timedwait(&w->flushed, &w->lock, until) != 0)
            return all;
    }
}

int store_worker_intents(struct store_worker *w, struct relay_intent *list, size_t n, int wait_ms)
{
    struct relay_note *notes[RELAY_BATCH];
    struct timespec until;
    size_t made = 0;
    int rc = n <= RELAY_BATCH ? RC_OK : RC_RANGE;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += wait_ms / 1000;
    pthread_mutex_lock(&w->lock);
    for (; made < n && rc == RC_OK; made++) {
        const struct relay_record r = {.intent = list[made]};
        notes[made] = add(w, &r, true);
        if (notes[made] == NULL) {
            rc = RC_FULL;
            break;
        }
    }
    event_set(w->wake_fd);
    if (rc == RC_OK && !all_written(w, notes, n, &until))
        rc = RC_NOANSWER;
    for (size_t i = 0; i < made; i++) {
        if (notes[i]->written) {
            list[i] = notes[i]->record.intent;
            take_out(w, notes[i]);
        } else {
            notes[i]->awaited = false;
        }
    }
    pthread_mutex_unlock(&w->lock);
    return rc;
}

void store_worker_outcome(struct store_worker *w, const struct relay_intent *in,
                          const struct relay_result *result)
{
    const struct relay_record r = {.intent = *in, .is_result = true, .result = *result};
    pthread_mutex_lock(&w->lock);
    add(w, &r, false); /* without room or memory the next start says that it is unknown */
    pthread_mutex_unlock(&w->lock);
    event_set(w->wake_fd);
}

size_t worker_relay_waiting(struct store_worker *w, struct relay_record *out[RELAY_NOTES])
{
    size_t n = 0;
    pthread_mutex_lock(&w->lock);
    for (struct relay_note *note = w->notes; note != NULL; note = note->next)
        if (!note->written)
            out[n++] = &note->record; /* stays where it is until worker_relay_written() */
    pthread_mutex_unlock(&w->lock);
    return n;
}

void worker_relay_written(struct store_worker *w, struct relay_record *const *records, size_t n)
{
    pthread_mutex_lock(&w->lock);
    for (size_t i = 0; i < n; i++) {
        for (struct relay_note *note = w->notes, *next; note != NULL; note = next) {
            next = note->next;
            if (&note->record != records[i])
                continue;
            note->written = true;
            if (!note->awaited)
                take_out(w, note);
        }
    }
    pthread_cond_broadcast(&w->flushed);
    pthread_mutex_unlock(&w->lock);
}

bool worker_relay_due(struct store_worker *w)
{
    bool due = false;
    pthread_mutex_lock(&w->lock);
    for (const struct relay_note *note = w->notes; note != NULL; note = note->next)
        due = due || !note->written;
    pthread_mutex_unlock(&w->lock);
    return due;
}

void worker_relay_free(struct store_worker *w)
{
    while (w->notes != NULL)
        take_out(w, w->notes);
}
