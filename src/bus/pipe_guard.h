/* pipe_guard.h - keeps SIGPIPE away from a thread that writes to a gateway which may be gone.
 *
 * The daemon blocks the signal for good; the tool wants it back for its own output.
 *
 * Threads: concerns the calling thread only; set and lifted by the same one.
 */
#ifndef METERFLEET_BUS_PIPE_GUARD_H
#define METERFLEET_BUS_PIPE_GUARD_H

#include <signal.h>

struct pipe_guard {
    sigset_t before;
};
void pipe_guard_set(struct pipe_guard *g);
/* A signal that came meanwhile is forgotten: it must not strike when it is let through again. */
void pipe_guard_lift(const struct pipe_guard *g);

#endif
