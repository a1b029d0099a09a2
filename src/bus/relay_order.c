#include "bus/relay_order.h"

#include <string.h>
#include "core/rc.h"
#include "share/event.h"

void relay_tray_init(struct relay_tray *t, int wake_fd)
{
    memset(t, 0, sizeof *t);
    pthread_mutex_init(&t->lock, NULL);
    t->wake_fd = wake_fd;
}

void relay_tray_done(struct relay_tray *t)
{
    pthread_mutex_destroy(&t->lock);
}

int relay_tray_put(struct relay_tray *t, const struct relay_order *o, int done_fd, unsigned *slot)
{
    pthread_mutex_lock(&t->lock);
    int rc = t->closed ? t->closed_rc : RC_FULL;
    for (unsigned i = 0; i < RELAY_TRAY && rc == RC_FULL; i++) {
        if (t->slots[i].state != RELAY_FREE)
            continue;
        t->slots[i] = (struct relay_slot){
            .state = RELAY_WAITING, .number = ++t->number, .done_fd = done_fd, .order = *o};
        *slot = i;
        rc = RC_OK;
    }
    pthread_mutex_unlock(&t->lock);
    if (rc == RC_OK)
        event_set(t->wake_fd);
    return rc;
}

/* Moves a slot from one state to FREE. */
static bool release(struct relay_tray *t, unsigned slot, enum relay_slot_state from, struct relay_report *out)
{
    pthread_mutex_lock(&t->lock);
    struct relay_slot *s = &t->slots[slot];
    bool there = s->state == from;
    if (there) {
        if (out != NULL)
            *out = s->report;
        s->state = RELAY_FREE;
    }
    pthread_mutex_unlock(&t->lock);
    return there;
}

bool relay_tray_collect(struct relay_tray *t, unsigned slot, struct relay_report *out)
{
    return release(t, slot, RELAY_DONE, out);
}

bool relay_tray_withdraw(struct relay_tray *t, unsigned slot)
{
    return release(t, slot, RELAY_WAITING, NULL);
}

bool relay_tray_look(struct relay_tray *t, uint64_t after, uint64_t *number, unsigned *slot,
                     struct relay_order *out)
{
    bool found = false;
    pthread_mutex_lock(&t->lock);
    for (unsigned i = 0; i < RELAY_TRAY; i++) {
        const struct relay_slot *s = &t->slots[i];
        if (s->state != RELAY_WAITING || s->number <= after || (found && s->number > *number))
            continue;
        found = true;
        *number = s->number;
        *slot = i;
        *out = s->order;
    }
    pthread_mutex_unlock(&t->lock);
    return found;
}

bool relay_tray_take(struct relay_tray *t, unsigned slot, uint64_t number)
{
    pthread_mutex_lock(&t->lock);
    struct relay_slot *s = &t->slots[slot];
    bool mine = s->state == RELAY_WAITING && s->number == number;
    if (mine)
        s->state = RELAY_TAKEN;
    pthread_mutex_unlock(&t->lock);
    return mine;
}

void relay_tray_put_back(struct relay_tray *t, unsigned slot)
{
    pthread_mutex_lock(&t->lock);
    t->slots[slot].state = RELAY_WAITING;
    pthread_mutex_unlock(&t->lock);
}

void relay_tray_settle(struct relay_tray *t, unsigned slot, const struct relay_report *r)
{
    pthread_mutex_lock(&t->lock);
    t->slots[slot].report = *r;
    t->slots[slot].state = RELAY_DONE;
    event_set(t->slots[slot].done_fd);
    pthread_mutex_unlock(&t->lock);
}

void relay_tray_close(struct relay_tray *t, int rc)
{
    pthread_mutex_lock(&t->lock);
    t->closed = rc != RC_OK;
    t->closed_rc = rc;
    for (unsigned i = 0; i < RELAY_TRAY && t->closed; i++) {
        struct relay_slot *s = &t->slots[i];
        if (s->state != RELAY_WAITING)
            continue;
        s->report = (struct relay_report){.outcome = RELAY_UNREACHED, .state = -1, .rc = rc};
        s->state = RELAY_DONE;
        event_set(s->done_fd);
    }
    pthread_mutex_unlock(&t->lock);
}
