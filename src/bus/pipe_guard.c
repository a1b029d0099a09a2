/* pipe_guard.c - a signal mask, there and back. */
#include "bus/pipe_guard.h"

#include <time.h>

static void pipe_only(sigset_t *set)
{
    sigemptyset(set);
    sigaddset(set, SIGPIPE);
}

void pipe_guard_set(struct pipe_guard *g)
{
    sigset_t set;
    pipe_only(&set);
    pthread_sigmask(SIG_BLOCK, &set, &g->before);
}

void pipe_guard_lift(const struct pipe_guard *g)
{
    const struct timespec now = {0, 0};
    sigset_t set;
    pipe_only(&set);
    if (!sigismember(&g->before, SIGPIPE))
        sigtimedwait(&set, NULL, &now);
    pthread_sigmask(SIG_SETMASK, &g->before, NULL);
}
