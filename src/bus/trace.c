#include "bus/trace.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>
#include "share/event.h"

struct trace_ear {
    struct trace *trace;
    int fd;
    _Atomic uint32_t head, tail; /* frames ever put and taken; head is the bus's, tail the listener's */
    _Atomic uint64_t lost;
    struct trace_frame ring[TRACE_RING];
};

struct trace {
    _Atomic unsigned listeners;
    _Atomic(struct trace_ear *) ears[TRACE_EARS];
    _Atomic bool putting; /* the bus is at the ears: whoever leaves waits until it is not */
    _Atomic bool ended;
    pthread_mutex_t lock; /* of those who come and go; the bus does not know it */
    unsigned held;
};

const char *trace_kind_name(enum trace_kind k)
{
    static const char *const names[] = {"request", "reply", "dropped", "silence", "refused"};
    return names[k];
}

const char *trace_why_text(enum trace_why w)
{
    static const char *const texts[] = {
        "",
        "wrong CRC",
        "cut off",
        "came unasked",
        "of another unit",
        "another function or length than asked",
        "echo of our own request",
        "answers an older request",
        "a length or protocol that cannot be",
    };
    return texts[w];
}

const char *trace_cause_name(enum trace_cause c)
{
    static const char *const names[TRACE_CAUSES] = {"poll",  "retry",   "probe",
                                                    "check", "command", "read_back"};
    return c < TRACE_CAUSES ? names[c] : "poll";
}

struct trace *trace_new(void)
{
    struct trace *t = calloc(1, sizeof *t);
    if (t == NULL)
        return NULL;
    pthread_mutex_init(&t->lock, NULL);
    t->held = 1;
    return t;
}

static void let_go(struct trace *t)
{
    pthread_mutex_lock(&t->lock);
    bool last = --t->held == 0;
    pthread_mutex_unlock(&t->lock);
    if (!last)
        return;
    pthread_mutex_destroy(&t->lock);
    free(t);
}

void trace_drop(struct trace *t)
{
    if (t == NULL)
        return;
    trace_end(t);
    let_go(t);
}

bool trace_wanted(const struct trace *t)
{
    return t != NULL && atomic_load_explicit(&t->listeners, memory_order_relaxed) > 0;
}

static void put(struct trace_ear *e, const struct trace_frame *f)
{
    uint32_t head = atomic_load_explicit(&e->head, memory_order_relaxed);
    if (head - atomic_load_explicit(&e->tail, memory_order_acquire) >= TRACE_RING) {
        atomic_fetch_add(&e->lost, 1);
    } else {
        e->ring[head % TRACE_RING] = *f;
        atomic_store_explicit(&e->head, head + 1, memory_order_release);
    }
    event_set(e->fd);
}

void trace_put(struct trace *t, const struct trace_frame *f)
{
    atomic_store(&t->putting, true); /* before the ears are looked at: see trace_leave() */
    for (int i = 0; i < TRACE_EARS; i++) {
        struct trace_ear *e = atomic_load(&t->ears[i]);
        if (e != NULL)
            put(e, f);
    }
    atomic_store(&t->putting, false);
}

void trace_end(struct trace *t)
{
    pthread_mutex_lock(&t->lock);
    atomic_store(&t->ended, true);
    for (int i = 0; i < TRACE_EARS; i++) {
        struct trace_ear *e = atomic_load(&t->ears[i]);
        if (e != NULL)
            event_set(e->fd);
    }
    pthread_mutex_unlock(&t->lock);
}

static bool seat(struct trace *t, struct trace_ear *e)
{
    bool seated = false;
    pthread_mutex_lock(&t->lock);
    for (int i = 0; i < TRACE_EARS && !seated; i++) {
        if (atomic_load(&t->ears[i]) != NULL)
            continue;
        atomic_store(&t->ears[i], e);
        atomic_fetch_add(&t->listeners, 1);
        t->held++;
        seated = true;
    }
    pthread_mutex_unlock(&t->lock);
    return seated;
}

struct trace_ear *trace_listen(struct trace *t)
{
    struct trace_ear *e = calloc(1, sizeof *e);
    if (e == NULL)
        return NULL;
    e->trace = t;
    e->fd = event_new();
    if (e->fd >= 0 && seat(t, e)) {
        if (atomic_load(&t->ended))
            event_set(e->fd);
        return e;
    }
    if (e->fd >= 0)
        close(e->fd);
    free(e);
    return NULL;
}

void trace_leave(struct trace_ear *e)
{
    if (e == NULL)
        return;
    struct trace *t = e->trace;
    pthread_mutex_lock(&t->lock);
    for (int i = 0; i < TRACE_EARS; i++)
        if (atomic_load(&t->ears[i]) == e)
            atomic_store(&t->ears[i], NULL);
    atomic_fetch_sub(&t->listeners, 1);
    pthread_mutex_unlock(&t->lock);
    while (atomic_load(&t->putting)) /* it may have seen this ear before it was taken away: microseconds */
        nanosleep(&(struct timespec){0, 50000}, NULL);
    close(e->fd);
    free(e);
    let_go(t);
}

int trace_fd(const struct trace_ear *e)
{
    return e->fd;
}

bool trace_take(struct trace_ear *e, struct trace_frame *out)
{
    uint32_t tail = atomic_load_explicit(&e->tail, memory_order_relaxed);
    if (tail == atomic_load_explicit(&e->head, memory_order_acquire)) {
        event_clear(e->fd);
        if (tail == atomic_load(&e->head)) { /* nothing came in between */
            if (atomic_load(&e->trace->ended))
                event_set(e->fd);
            return false;
        }
    }
    *out = e->ring[tail % TRACE_RING];
    atomic_store_explicit(&e->tail, tail + 1, memory_order_release);
    return true;
}

uint64_t trace_lost(struct trace_ear *e)
{
    return atomic_exchange(&e->lost, 0);
}

bool trace_ended(const struct trace_ear *e)
{
    return atomic_load(&e->trace->ended);
}
