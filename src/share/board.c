/* board.c - two arrays under one mutex, and the events of those who want to hear of a change. */
#include "share/board.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "core/rc.h"
#include "share/event.h"

#define SUBSCRIBERS_MAX 8

struct board {
    pthread_mutex_t lock;
    size_t n_buses, n_meters;
    struct board_bus *buses;
    struct board_meter *meters;
    /* Our own descriptors: subscribers hold duplicates, so that a number closed by one of them and used again
     * for a file can never be written to from here. */
    int subscribers[SUBSCRIBERS_MAX];
    size_t n_subscribers;
};

const char *meter_status_name(enum meter_status s)
{
    static const char *const names[] = {[METER_UNKNOWN] = "unknown",
                                        [METER_ONLINE] = "online",
                                        [METER_STALE] = "stale",
                                        [METER_OFFLINE] = "offline"};
    assert((unsigned)s < sizeof names / sizeof names[0]);
    return names[s];
}

const char *bus_status_name(enum bus_status s)
{
    static const char *const names[] = {
        [BUS_CLOSED] = "closed", [BUS_OPEN] = "open", [BUS_LOST] = "lost", [BUS_NOISY] = "noisy"};
    assert((unsigned)s < sizeof names / sizeof names[0]);
    return names[s];
}

int board_new(size_t n_buses, size_t n_meters, struct board **out)
{
    struct board *b = calloc(1, sizeof *b);
    if (b == NULL)
        return RC_NOMEM;
    (void)pthread_mutex_init(&b->lock, NULL);
    b->n_buses = n_buses;
    b->n_meters = n_meters;
    b->buses = calloc(n_buses + 1, sizeof b->buses[0]); /* + 1: none is no failure */
    b->meters = calloc(n_meters + 1, sizeof b->meters[0]);
    if (b->buses == NULL || b->meters == NULL) {
        board_free(b);
        return RC_NOMEM;
    }
    for (size_t i = 0; i < n_meters; i++)
        b->meters[i].relay = -1;
    *out = b;
    return RC_OK;
}

void board_free(struct board *b)
{
    if (b == NULL)
        return;
    for (size_t i = 0; i < b->n_subscribers; i++)
        (void)close(b->subscribers[i]);
    free(b->buses);
    free(b->meters);
    (void)pthread_mutex_destroy(&b->lock);
    free(b);
}

static void tell(struct board *b)
{
    for (size_t i = 0; i < b->n_subscribers; i++)
        event_set(b->subscribers[i]);
}

void board_set_meter(struct board *b, size_t meter, const struct board_meter *m)
{
    assert(meter < b->n_meters);
    (void)pthread_mutex_lock(&b->lock);
    struct board_meter *old = &b->meters[meter];
    bool changed = old->status != m->status || old->relay != m->relay ||
                   strncmp(old->serial, m->serial, sizeof old->serial) != 0;
    *old = *m;
    if (changed)
        tell(b);
    (void)pthread_mutex_unlock(&b->lock);
}

void board_set_bus(struct board *b, size_t bus, const struct board_bus *v)
{
    assert(bus < b->n_buses);
    (void)pthread_mutex_lock(&b->lock);
    struct board_bus *old = &b->buses[bus];
    bool changed = old->status != v->status || strncmp(old->detail, v->detail, sizeof old->detail) != 0;
    *old = *v;
    if (changed)
        tell(b);
    (void)pthread_mutex_unlock(&b->lock);
}

void board_get_meter(struct board *b, size_t meter, struct board_meter *out)
{
    assert(meter < b->n_meters);
    (void)pthread_mutex_lock(&b->lock);
    *out = b->meters[meter];
    (void)pthread_mutex_unlock(&b->lock);
}

void board_get_bus(struct board *b, size_t bus, struct board_bus *out)
{
    assert(bus < b->n_buses);
    (void)pthread_mutex_lock(&b->lock);
    *out = b->buses[bus];
    (void)pthread_mutex_unlock(&b->lock);
}

size_t board_meters(const struct board *b)
{
    return b->n_meters;
}

size_t board_buses(const struct board *b)
{
    return b->n_buses;
}

int board_subscribe(struct board *b)
{
    int ours = event_new();
    int theirs = ours >= 0 ? fcntl(ours, F_DUPFD_CLOEXEC, 0) : -1;
    bool kept = false;
    if (theirs >= 0) {
        (void)pthread_mutex_lock(&b->lock);
        kept = b->n_subscribers < SUBSCRIBERS_MAX;
        if (kept)
            b->subscribers[b->n_subscribers++] = ours;
        (void)pthread_mutex_unlock(&b->lock);
    }
    if (kept)
        return theirs;
    int why = theirs >= 0 ? ENOSPC : errno;
    if (theirs >= 0)
        (void)close(theirs);
    if (ours >= 0)
        (void)close(ours);
    errno = why;
    return -1;
}
