/* livebox.c - one place for each class of each meter, and the order in which the places were filled. */
#include "share/livebox.h"

#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>
#include "core/rc.h"
#include "share/event.h"

struct livebox {
    pthread_mutex_t lock;
    int fd; /* set exactly while count > 0 */
    size_t n_places;
    struct reading **places; /* [meter * CLASS_COUNT + class]: NULL when nothing is new */
    uint32_t *order;         /* ring of the filled places, the one that waits longest first */
    size_t first, count;
};

int livebox_new(size_t n_meters, struct livebox **out)
{
    if (n_meters > UINT32_MAX / CLASS_COUNT)
        return RC_RANGE;
    struct livebox *b = calloc(1, sizeof *b);
    if (b == NULL)
        return RC_NOMEM;
    (void)pthread_mutex_init(&b->lock, NULL);
    b->n_places = n_meters * CLASS_COUNT;
    b->places = calloc(b->n_places + 1, sizeof(void *)); /* + 1: no meter is no failure */
    b->order = calloc(b->n_places + 1, sizeof b->order[0]);
    b->fd = event_new();
    if (b->places == NULL || b->order == NULL || b->fd < 0) {
        int rc = b->fd < 0 ? RC_IO : RC_NOMEM;
        livebox_free(b);
        return rc;
    }
    *out = b;
    return RC_OK;
}

void livebox_free(struct livebox *b)
{
    if (b == NULL)
        return;
    for (size_t i = 0; b->places != NULL && i < b->n_places; i++)
        reading_free(b->places[i]);
    free(b->places);
    free(b->order);
    if (b->fd >= 0)
        (void)close(b->fd);
    (void)pthread_mutex_destroy(&b->lock);
    free(b);
}

void livebox_put(struct livebox *b, const struct reading *r)
{
    size_t at = (size_t)r->meter * CLASS_COUNT + r->klass;
    struct reading *copy = at < b->n_places ? reading_copy(r) : NULL;
    if (copy == NULL)
        return;
    (void)pthread_mutex_lock(&b->lock);
    struct reading *old = b->places[at];
    b->places[at] = copy;
    if (old == NULL) {
        b->order[(b->first + b->count) % b->n_places] = (uint32_t)at;
        if (b->count++ == 0)
            event_set(b->fd);
    }
    (void)pthread_mutex_unlock(&b->lock);
    reading_free(old);
}

struct reading *livebox_take(struct livebox *b)
{
    struct reading *r = NULL;
    (void)pthread_mutex_lock(&b->lock);
    if (b->count > 0) {
        size_t at = b->order[b->first];
        r = b->places[at];
        b->places[at] = NULL;
        b->first = (b->first + 1) % b->n_places;
        if (--b->count == 0)
            event_clear(b->fd);
    }
    (void)pthread_mutex_unlock(&b->lock);
    return r;
}

int livebox_fd(const struct livebox *b)
{
    return b->fd;
}
