#include "bus/bus_desk.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "core/rc.h"
#include "share/event.h"

struct order {
    struct order *next;
    size_t meter;
    unsigned asked, open; /* bits of classes; open: not yet answered */
    bool taken;           /* the worker knows it */
    int rc;               /* of the first failure */
    int rcs[CLASS_COUNT];
    struct reading *out[CLASS_COUNT];
};

int desk_init(struct desk *d)
{
    memset(d, 0, sizeof *d);
    d->wake_fd = event_new();
    if (d->wake_fd < 0)
        return RC_IO;
    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_mutex_init(&d->lock, NULL);
    pthread_cond_init(&d->answered, &attr);
    pthread_condattr_destroy(&attr);
    return RC_OK;
}

static void order_free(struct order *o)
{
    for (int c = 0; c < CLASS_COUNT; c++)
        reading_free(o->out[c]);
    free(o);
}

void desk_done(struct desk *d)
{
    close(d->wake_fd);
    pthread_cond_destroy(&d->answered);
    pthread_mutex_destroy(&d->lock);
}

static void take_off(struct desk *d, struct order *o)
{
    struct order **at = &d->orders;
    while (*at != o)
        at = &(*at)->next;
    *at = o->next;
}

static void deadline_in(int wait_ms, struct timespec *ts)
{
    clock_gettime(CLOCK_MONOTONIC, ts);
    ts->tv_sec += wait_ms / 1000;
    ts->tv_nsec += wait_ms % 1000 * 1000000L;
    if (ts->tv_nsec >= 1000000000L) {
        ts->tv_nsec -= 1000000000L;
        ts->tv_sec++;
    }
}

int desk_ask(struct desk *d, size_t meter, unsigned classes, int wait_ms, struct reading *out[CLASS_COUNT],
             int rcs[CLASS_COUNT])
{
    struct timespec until;
    memset(out, 0, CLASS_COUNT * sizeof out[0]);
    struct order *o = calloc(1, sizeof *o);
    if (o == NULL)
        return RC_NOMEM;
    *o = (struct order){.meter = meter, .asked = classes, .open = classes};
    deadline_in(wait_ms > 0 ? wait_ms : 0, &until);

    pthread_mutex_lock(&d->lock);
    if (d->closed) {
        int rc = d->closed_rc;
        for (int c = 0; c < CLASS_COUNT && rcs != NULL; c++)
            rcs[c] = rc;
        pthread_mutex_unlock(&d->lock);
        order_free(o);
        return rc;
    }
    o->next = d->orders;
    d->orders = o;
    event_set(d->wake_fd);
    int error = 0;
    while (o->open != 0 && error == 0)
        error = pthread_cond_timedwait(&d->answered, &d->lock, &until);
    take_off(d, o);
    int rc = o->open != 0 && o->rc == RC_OK ? RC_NOANSWER : o->rc;
    for (int c = 0; c < CLASS_COUNT && rcs != NULL; c++)
        rcs[c] = (o->open >> c & 1u) != 0 ? RC_NOANSWER : o->rcs[c];
    memcpy(out, o->out, sizeof o->out); /* the caller's now */
    memset(o->out, 0, sizeof o->out);
    pthread_mutex_unlock(&d->lock);
    order_free(o);
    return rc;
}

bool desk_next(struct desk *d, size_t *meter, unsigned *classes)
{
    bool found = false;
    pthread_mutex_lock(&d->lock);
    for (struct order *o = d->orders; o != NULL && !found; o = o->next) {
        if (o->taken)
            continue;
        o->taken = found = true;
        *meter = o->meter;
        *classes = o->open;
    }
    pthread_mutex_unlock(&d->lock);
    return found;
}

static void settle(struct order *o, unsigned bit, enum reg_class klass, const struct reading *reading, int rc)
{
    if ((o->open & bit) == 0)
        return;
    o->open &= ~bit;
    if (reading != NULL)
        o->out[klass] = reading_copy_whole(reading);
    o->rcs[klass] = reading != NULL && o->out[klass] == NULL ? RC_NOMEM : rc;
    if (o->rc == RC_OK)
        o->rc = o->rcs[klass];
}

void desk_answer(struct desk *d, size_t meter, enum reg_class klass, const struct reading *reading, int rc)
{
    pthread_mutex_lock(&d->lock);
    for (struct order *o = d->orders; o != NULL; o = o->next)
        if (o->taken && o->meter == meter)
            settle(o, 1u << klass, klass, reading, rc);
    pthread_cond_broadcast(&d->answered);
    pthread_mutex_unlock(&d->lock);
}

void desk_close(struct desk *d, int rc)
{
    pthread_mutex_lock(&d->lock);
    d->closed = rc != RC_OK;
    d->closed_rc = rc;
    for (struct order *o = d->orders; o != NULL && rc != RC_OK; o = o->next)
        for (int c = 0; c < CLASS_COUNT; c++)
            settle(o, 1u << c, (enum reg_class)c, NULL, rc);
    pthread_cond_broadcast(&d->answered);
    pthread_mutex_unlock(&d->lock);
}
