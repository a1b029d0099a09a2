/* reload_desk.c - tickets under one mutex. */
#include "daemon/reload_desk.h"

#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>
#include "share/event.h"

struct reload_desk {
    pthread_mutex_t lock;
    pthread_cond_t moved;
    int fd;
    uint64_t asked, done; /* tickets */
    bool closed, ok;
    enum control_error error;
    char detail[RELOAD_DETAIL];
};

struct reload_desk *reload_desk_new(void)
{
    struct reload_desk *d = calloc(1, sizeof *d);
    if (d == NULL)
        return NULL;
    d->fd = event_new();
    if (d->fd < 0) {
        free(d);
        return NULL;
    }
    pthread_mutex_init(&d->lock, NULL);
    pthread_cond_init(&d->moved, NULL);
    return d;
}

void reload_desk_free(struct reload_desk *d)
{
    if (d == NULL)
        return;
    pthread_cond_destroy(&d->moved);
    pthread_mutex_destroy(&d->lock);
    close(d->fd);
    free(d);
}

bool reload_desk_ask(struct reload_desk *d, enum control_error *error, char detail[RELOAD_DETAIL])
{
    pthread_mutex_lock(&d->lock);
    uint64_t ticket = ++d->asked;
    event_set(d->fd);
    while (d->done < ticket && !d->closed)
        pthread_cond_wait(&d->moved, &d->lock);
    bool ok = d->done >= ticket && d->ok;
    if (d->done >= ticket) {
        *error = d->error;
        text_format(detail, RELOAD_DETAIL, "%s", d->detail);
    } else {
        *error = CONTROL_BUSY;
        text_format(detail, RELOAD_DETAIL, "the daemon is stopping");
    }
    pthread_mutex_unlock(&d->lock);
    return ok;
}

int reload_desk_fd(const struct reload_desk *d)
{
    return d->fd;
}

uint64_t reload_desk_take(struct reload_desk *d)
{
    pthread_mutex_lock(&d->lock);
    event_clear(d->fd);
    uint64_t ticket = d->asked;
    pthread_mutex_unlock(&d->lock);
    return ticket;
}

void reload_desk_done(struct reload_desk *d, uint64_t ticket, bool ok, enum control_error error,
                      const char *detail)
{
    pthread_mutex_lock(&d->lock);
    d->done = ticket;
    d->ok = ok;
    d->error = error;
    text_format(d->detail, sizeof d->detail, "%s", detail);
    pthread_cond_broadcast(&d->moved);
    pthread_mutex_unlock(&d->lock);
}

void reload_desk_close(struct reload_desk *d)
{
    pthread_mutex_lock(&d->lock);
    d->closed = true;
    pthread_cond_broadcast(&d->moved);
    pthread_mutex_unlock(&d->lock);
}
