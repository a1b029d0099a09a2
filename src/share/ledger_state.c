/* ledger_state.c - a few numbers under one mutex. */
#include "share/ledger_state.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "core/rc.h"
#include "share/event.h"

struct ledger_state {
    pthread_mutex_t lock;
    int fd;
    bool open, acked_changed;
    char id[LEDGER_ID];
    uint64_t stored;
    struct ackset acked;
};

int ledger_state_new(struct ledger_state **out)
{
    struct ledger_state *s = calloc(1, sizeof *s);
    if (s == NULL)
        return RC_NOMEM;
    s->fd = event_new();
    if (s->fd < 0) {
        free(s);
        return RC_IO;
    }
    (void)pthread_mutex_init(&s->lock, NULL);
    *out = s;
    return RC_OK;
}

void ledger_state_free(struct ledger_state *s)
{
    if (s == NULL)
        return;
    (void)close(s->fd);
    (void)pthread_mutex_destroy(&s->lock);
    free(s);
}

void ledger_state_opened(struct ledger_state *s, const char id[LEDGER_ID], uint64_t stored,
                         const struct ackset *acked)
{
    (void)pthread_mutex_lock(&s->lock);
    memcpy(s->id, id, LEDGER_ID);
    s->id[LEDGER_ID - 1] = '\0';
    s->stored = stored;
    s->acked = *acked;
    s->acked_changed = false;
    s->open = true;
    event_set(s->fd);
    (void)pthread_mutex_unlock(&s->lock);
}

void ledger_state_stored(struct ledger_state *s, uint64_t stored)
{
    (void)pthread_mutex_lock(&s->lock);
    if (stored > s->stored) {
        s->stored = stored;
        event_set(s->fd);
    }
    (void)pthread_mutex_unlock(&s->lock);
}

bool ledger_state_take_acked(struct ledger_state *s, struct ackset *out)
{
    (void)pthread_mutex_lock(&s->lock);
    bool changed = s->acked_changed;
    s->acked_changed = false;
    *out = s->acked;
    (void)pthread_mutex_unlock(&s->lock);
    return changed;
}

void ledger_state_done(struct ledger_state *s, const struct ackset *numbers)
{
    (void)pthread_mutex_lock(&s->lock);
    for (size_t i = 0; i < numbers->n; i++)
        ackset_add_span(&s->acked, numbers->span[i].from, numbers->span[i].to);
    s->acked_changed = true;
    (void)pthread_mutex_unlock(&s->lock);
}

bool ledger_state_get(struct ledger_state *s, char id[LEDGER_ID], uint64_t *stored, struct ackset *acked)
{
    (void)pthread_mutex_lock(&s->lock);
    bool open = s->open;
    if (open) {
        memcpy(id, s->id, LEDGER_ID);
        *stored = s->stored;
        *acked = s->acked;
    }
    (void)pthread_mutex_unlock(&s->lock);
    return open;
}

void ledger_state_acked(struct ledger_state *s, const char id[LEDGER_ID], uint64_t seq)
{
    (void)pthread_mutex_lock(&s->lock);
    /* What was never stored cannot have been published: such a number is from a ledger before this one. */
    if (s->open && strcmp(id, s->id) == 0 && seq <= s->stored && !ackset_has(&s->acked, seq)) {
        ackset_add(&s->acked, seq);
        s->acked_changed = true;
    }
    (void)pthread_mutex_unlock(&s->lock);
}

int ledger_state_fd(const struct ledger_state *s)
{
    return s->fd;
}
