/* bus_desk.h - where other threads leave orders for a bus worker and wait for what comes of them.
 *
 * Threads: desk_ask() from any thread; the rest by the worker. An order lives until both sides have left it,
 *          so an asker that gave up never gets an answer written into its stack.
 */
#ifndef METERFLEET_BUS_BUS_DESK_H
#define METERFLEET_BUS_BUS_DESK_H

#include <pthread.h>
#include "core/reading.h"

struct order;
struct desk {
    pthread_mutex_t lock;
    pthread_cond_t answered;
    struct order *orders;
    int wake_fd; /* event: something new lies on the desk; the worker clears it before it looks */
    bool closed;
    int closed_rc; /* why: the line is gone, or we stop */
};

int desk_init(struct desk *d); /* RC_OK, RC_IO */
void desk_done(struct desk *d);

/* Waits at most wait_ms (real). See bus_worker_read(). */
int desk_ask(struct desk *d, size_t meter, unsigned classes, int wait_ms, struct reading *out[CLASS_COUNT],
             int rcs[CLASS_COUNT]);

/* Worker: the classes newly asked of one meter; false: nothing new. */
bool desk_next(struct desk *d, size_t *meter, unsigned *classes);
/* Worker: a class of a meter was read (reading is copied) or failed (rc; the reading is NULL, or says what of
 * it was rejected). */
void desk_answer(struct desk *d, size_t meter, enum reg_class klass, const struct reading *reading, int rc);
/* Worker: from now on everything is answered with rc at once; RC_OK opens the desk again. */
void desk_close(struct desk *d, int rc);

#endif
