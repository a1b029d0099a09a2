/* rqueue.c - a ring of readings under one mutex, and an eventfd that says whether it holds something. */
#include "share/rqueue.h"

#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>
#include "core/rc.h"
#include "share/event.h"

struct rqueue {
    pthread_mutex_t lock;
    int fd; /* set exactly while count > 0 */
    size_t most, first, count;
    uint64_t dropped;
    struct reading *ring[];
};

int rqueue_new(size_t most, struct rqueue **out)
{
    if (most == 0 || most > SIZE_MAX / 2 / sizeof(void *))
        return RC_RANGE;
    struct rqueue *q = calloc(1, sizeof *q + most * sizeof(void *));
    if (q == NULL)
        return RC_NOMEM;
    q->fd = event_new();
    if (q->fd < 0) {
        free(q);
        return RC_IO;
    }
    (void)pthread_mutex_init(&q->lock, NULL);
    q->most = most;
    *out = q;
    return RC_OK;
}

void rqueue_free(struct rqueue *q)
{
    if (q == NULL)
        return;
    for (size_t i = 0; i < q->count; i++)
        reading_free(q->ring[(q->first + i) % q->most]);
    (void)close(q->fd);
    (void)pthread_mutex_destroy(&q->lock);
    free(q);
}

/* The oldest live reading leaves; NULL when there is none. What is newer moves up, so order stays. */
static struct reading *squeeze_out_live(struct rqueue *q)
{
    for (size_t i = 0; i < q->count; i++) {
        struct reading *r = q->ring[(q->first + i) % q->most];
        if (r->klass != CLASS_LIVE)
            continue;
        for (size_t j = i + 1; j < q->count; j++)
            q->ring[(q->first + j - 1) % q->most] = q->ring[(q->first + j) % q->most];
        q->count--;
        return r;
    }
    return NULL;
}

int rqueue_push(struct rqueue *q, struct reading *r)
{
    struct reading *loser = NULL;
    (void)pthread_mutex_lock(&q->lock);
    if (q->count == q->most) {
        loser = squeeze_out_live(q);
        if (loser == NULL)
            loser = r;
        q->dropped++;
    }
    if (loser != r) {
        q->ring[(q->first + q->count) % q->most] = r;
        if (q->count++ == 0)
            event_set(q->fd);
    }
    (void)pthread_mutex_unlock(&q->lock);
    int rc = loser == r ? RC_FULL : RC_OK;
    reading_free(loser);
    return rc;
}

struct reading *rqueue_take(struct rqueue *q)
{
    struct reading *r = NULL;
    (void)pthread_mutex_lock(&q->lock);
    if (q->count > 0) {
        r = q->ring[q->first];
        q->first = (q->first + 1) % q->most;
        if (--q->count == 0)
            event_clear(q->fd);
    }
    (void)pthread_mutex_unlock(&q->lock);
    return r;
}

int rqueue_fd(const struct rqueue *q)
{
    return q->fd;
}

uint64_t rqueue_dropped(struct rqueue *q)
{
    (void)pthread_mutex_lock(&q->lock);
    uint64_t dropped = q->dropped;
    (void)pthread_mutex_unlock(&q->lock);
    return dropped;
}
