/* sim_world.h - everything the simulator runs: built from its options, run until a signal, taken down again.
 *
 * One thread and one epoll: meters compute only when asked, so a thread per bus would wait on nothing.
 *
 * Errors:  each function tells its own on stderr and returns an exit code of core/rc.h.
 * Threads: one.
 */
#ifndef METERFLEET_SIM_WORLD_H
#define METERFLEET_SIM_WORLD_H

#include "sim/sim_bus.h"

struct sim_world {
    struct sim_site site;
    struct sim_bus *bus; /* owned */
    size_t n_buses;
    struct sim_schedule schedule;
    bool *done; /* owned, an entry an event */
    int64_t next_event_ns;
    int timer_fd, signal_fd;
    bool made_dir;
};

/* Reads the files, makes the meters, opens the ends. Whatever it returns, sim_world_done() is due. */
int sim_world_init(struct sim_world *w, const struct sim_options *o);
/* Says on stdout that it is ready, and runs until SIGTERM, SIGINT or SIGHUP. */
int sim_world_run(struct sim_world *w);
void sim_world_done(struct sim_world *w);

/* The faults whose moment has come happen (sim_timeline.c). */
int sim_world_run_faults(struct sim_world *w, int64_t now_ns);

#endif
