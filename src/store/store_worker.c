#include "store/store_worker.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "core/clock.h"
#include "core/log.h"
#include "core/rc.h"
#include "core/text.h"
#include "share/event.h"
#include "store/store_worker_inside.h"

static void look_at_clock(struct store_worker *w)
{
    int64_t step_ms = 0;
    bool changed = clock_watch_look(&w->clock, w->store != NULL && w->store->seen_synchronised,
                                    w->store != NULL ? w->store->newest_ms : 0, &step_ms);
    if (step_ms != 0) {
        char detail[64];
        snprintf(detail, sizeof detail, "{\"by_ms\":%lld}", (long long)step_ms);
        store_worker_event(w, "clock", "clock_stepped", detail);
        log_warning("clock: stepped: by %lld ms", (long long)step_ms);
    }
    bool first = w->status.clock[0] == '\0'; /* only this thread writes it */
    if (!changed && !first)
        return;
    if (w->clock.word == CLOCK_RIGHT) {
        if (w->intake.held.n > 0)
            log_info("clock: right: %zu readings are dated", w->intake.held.n);
        intake_release(&w->intake, clock_utc_ms(), clock_mono_ms(), false);
        if (!first)
            store_worker_event(w, "clock", "clock_right", NULL);
    } else {
        log_warning("clock: %s: energy readings wait until it is right", clock_word_name(w->clock.word));
    }
    pthread_mutex_lock(&w->lock);
    text_format(w->status.clock, sizeof w->status.clock, "%s", clock_word_name(w->clock.word));
    pthread_mutex_unlock(&w->lock);
}

/* A change that follows from a command is told by whoever gave it. */
static void tell_relay(struct store_worker *w, const struct reading *r, bool was, bool closed)
{
    char detail[96];
    if (was == closed || r->command == READING_BACK)
        return;
    bool ours = r->command == READING_LATE;
    snprintf(detail, sizeof detail, "{\"state\":\"%s\",\"was\":\"%s\"%s}", closed ? "closed" : "open",
             was ? "closed" : "open", ours ? ",\"late\":true" : "");
    store_worker_event(w, w->settings->meters[r->meter].name, ours ? "relay_switched" : "relay_changed",
                       detail);
}

static void relay(struct store_worker *w, const struct reading *r)
{
    const int64_t *v = reading_get(r, Q_RELAY_DO1);
    struct store_meter *m = w->store != NULL && v != NULL ? &w->store->meters[r->meter] : NULL;
    if (m == NULL)
        return;
    if (m->relay >= 0)
        tell_relay(w, r, m->relay != 0, *v != 0);
    m->dirty = true;
    m->relay = *v != 0;
    m->relay_ms = r->taken_utc_ms;
}

static void first_energy(struct store_worker *w, const struct reading *r)
{
    if (w->has_energy[r->meter])
        return;
    w->has_energy[r->meter] = true;
    if (w->firsts_waiting++ == 0)
        w->first_energy_mono_ms = clock_mono_ms();
}

/* A reading out of the queue to where it belongs. Takes it over. */
static void sort(struct store_worker *w, struct reading *r)
{
    bool right = w->clock.word == CLOCK_RIGHT;
    if (r->meter >= w->settings->n_meters) {
        reading_free(r);
        return;
    }
    switch (r->klass) {
    case CLASS_ENERGY:
    case CLASS_SETTLEMENT:
        if (!right) {
            intake_hold(&w->intake, r);
            return;
        }
        if (r->klass == CLASS_ENERGY)
            first_energy(w, r);
        intake_add(&w->intake, r);
        return;
    case CLASS_LIVE:
    case CLASS_DEMAND:
        if (!right)
            r->quality = QUALITY_SUSPECT;
        livebox_put(w->live, r);
        if (right) {
            intake_add(&w->intake, r);
            return;
        }
        break;
    case CLASS_RELAY:
        livebox_put(w->live, r);
        relay(w, r);
        break;
    default:
        break; /* identity: the serial number stands on the board */
    }
    reading_free(r);
}

static void drain(struct store_worker *w)
{
    struct reading *r;
    while ((r = rqueue_take(w->queue)) != NULL)
        sort(w, r);
}

static void moved(struct store_worker *w)
{
    pthread_mutex_lock(&w->lock);
    w->status.progress_wire_ns = clock_wire_ns();
    w->status.in_memory = (uint32_t)(w->intake.wait.n + w->intake.held.n);
    pthread_mutex_unlock(&w->lock);
}

static bool flush_asked(struct store_worker *w)
{
    pthread_mutex_lock(&w->lock);
    bool asked = w->flush_asked != w->flush_done;
    pthread_mutex_unlock(&w->lock);
    return asked;
}

static void answer_flush(struct store_worker *w)
{
    pthread_mutex_lock(&w->lock);
    w->flush_done = w->flush_asked;
    pthread_cond_broadcast(&w->flushed);
    pthread_mutex_unlock(&w->lock);
}

/* The end: what is held is stored with the time we have, and the event says that it is not sure. */
static void finish(struct store_worker *w)
{
    drain(w);
    if (w->intake.held.n > 0) {
        const struct intake_list *h = &w->intake.held;
        char detail[160], from[TEXT_TS_SIZE], to[TEXT_TS_SIZE];
        int64_t shift = clock_utc_ms() - clock_mono_ms();
        text_from_utc_ms(h->v[0]->taken_mono_ms + shift, from);
        text_from_utc_ms(h->v[h->n - 1]->taken_mono_ms + shift, to);
        snprintf(detail, sizeof detail, "{\"suspect\":%zu,\"from\":\"%s\",\"to\":\"%s\",\"clock\":\"%s\"}",
                 h->n, from, to, clock_word_name(w->clock.word));
        store_worker_event(w, "clock", "stop", detail);
        intake_release(&w->intake, clock_utc_ms(), clock_mono_ms(), true);
    }
    worker_flush(w, true);
    if (w->intake.wait.n > 0)
        log_error("database: cannot be written at the end: %zu readings are lost", w->intake.wait.n);
    answer_flush(w);
}

static void *run(void *arg)
{
    struct store_worker *w = arg;
    struct pollfd fds[] = {{.fd = rqueue_fd(w->queue), .events = POLLIN},
                           {.fd = w->stop_fd, .events = POLLIN},
                           {.fd = w->wake_fd, .events = POLLIN}};
    while (!event_is_set(w->stop_fd)) {
        poll(fds, 3, worker_wait_ms(w));
        event_clear(w->wake_fd);
        look_at_clock(w);
        drain(w);
        moved(w);
        bool asked = flush_asked(w);
        if (w->store == NULL && (asked || clock_wire_ns() >= w->retry_wire_ns))
            worker_open_again(w);
        if (asked || worker_flush_due(w, clock_mono_ms()))
            worker_flush(w, false);
        if (asked)
            answer_flush(w);
        moved(w);
    }
    finish(w);
    return NULL;
}

/* NULL: no memory, or no descriptors. */
static struct store_worker *make(const struct settings *s)
{
    struct store_worker *w = calloc(1, sizeof *w);
    if (w == NULL)
        return NULL;
    w->settings = s;
    w->stop_fd = w->wake_fd = -1;
    pthread_mutex_init(&w->lock, NULL);
    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&w->flushed, &attr);
    pthread_condattr_destroy(&attr);
    intake_init(&w->intake, s->n_meters);
    w->has_energy = calloc(s->n_meters > 0 ? s->n_meters : 1, sizeof *w->has_energy);
    w->stop_fd = event_new();
    w->wake_fd = event_new();
    if (w->has_energy == NULL || w->stop_fd < 0 || w->wake_fd < 0) {
        store_worker_join(w); /* frees it */
        return NULL;
    }
    return w;
}

int store_worker_open(const struct settings *s, struct rqueue *in, struct board *board,
                      struct ledger_state *ledger, struct livebox *live, struct store_worker **out,
                      char why[STORE_WHY])
{
    struct store_worker *w = make(s);
    if (w == NULL) {
        text_format(why, STORE_WHY, "%s", rc_text(RC_NOMEM));
        return RC_NOMEM;
    }
    w->queue = in;
    w->board = board;
    w->ledger = ledger;
    w->live = live;
    int rc = store_open(s, clock_utc_ms(), &w->store, why);
    if (rc == RC_FULL) {
        worker_failed(w, rc, why);
    } else if (rc != RC_OK) {
        store_worker_join(w);
        return rc;
    }
    clock_watch_init(&w->clock, s->gateway.clock);
    w->started_mono_ms = w->next_flush_mono_ms = clock_mono_ms();
    w->save_mono_ms = w->prune_mono_ms = w->started_mono_ms;
    w->stats_mono_ms = w->started_mono_ms - WORKER_STATS_EARLY_MS;
    w->status.progress_wire_ns = clock_wire_ns();
    look_at_clock(w);
    if (w->store != NULL)
        worker_tell_opened(w);
    *out = w;
    return RC_OK;
}

int store_worker_start(struct store_worker *w)
{
    int error = pthread_create(&w->thread, NULL, run, w);
    if (error != 0) {
        errno = error;
        return RC_IO;
    }
    w->started = true;
    return RC_OK;
}

void store_worker_flush(struct store_worker *w)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec++;
    pthread_mutex_lock(&w->lock);
    uint64_t mine = ++w->flush_asked;
    event_set(w->wake_fd);
    while (w->started && w->flush_done < mine && pthread_cond_timedwait(&w->flushed, &w->lock, &until) == 0)
        ;
    pthread_mutex_unlock(&w->lock);
}

void store_worker_stop(struct store_worker *w)
{
    event_set(w->stop_fd);
}

void store_worker_join(struct store_worker *w)
{
    if (w == NULL)
        return;
    if (w->started)
        pthread_join(w->thread, NULL);
    store_close(w->store);
    worker_relay_free(w);
    intake_done(&w->intake);
    for (size_t i = 0; i < w->n_events; i++) {
        free(w->events[i].subject);
        free(w->events[i].kind);
        free(w->events[i].detail);
    }
    free(w->events);
    free(w->has_energy);
    if (w->stop_fd >= 0)
        close(w->stop_fd);
    if (w->wake_fd >= 0)
        close(w->wake_fd);
    pthread_cond_destroy(&w->flushed);
    pthread_mutex_destroy(&w->lock);
    free(w);
}

void store_worker_status(struct store_worker *w, struct store_status *out)
{
    pthread_mutex_lock(&w->lock);
    *out = w->status;
    pthread_mutex_unlock(&w->lock);
}

void store_worker_event(struct store_worker *w, const char *subject, const char *kind, const char *detail)
{
    struct worker_event e = {.subject = strdup(subject),
                             .kind = strdup(kind),
                             .detail = strdup(detail != NULL ? detail : "{}"),
                             .ts_ms = clock_utc_ms()};
    pthread_mutex_lock(&w->lock);
    struct worker_event *more =
        w->n_events < WORKER_EVENTS && e.subject != NULL && e.kind != NULL && e.detail != NULL
            ? realloc(w->events, (w->n_events + 1) * sizeof *more)
            : NULL;
    if (more != NULL) {
        w->events = more;
        w->events[w->n_events++] = e;
    }
    pthread_mutex_unlock(&w->lock);
    if (more == NULL) {
        free(e.subject);
        free(e.kind);
        free(e.detail);
    }
}
