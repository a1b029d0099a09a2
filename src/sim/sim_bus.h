/* sim_bus.h - one bus: its line, its meters, and the ends through which masters reach it.
 *
 * Errors:  RC_NOMEM, RC_IO with errno where something is opened.
 * Threads: one thread runs all buses.
 */
#ifndef METERFLEET_SIM_BUS_H
#define METERFLEET_SIM_BUS_H

#include "sim/sim_gateway.h"
#include "sim/sim_line.h"
#include "sim/sim_options.h"
#include "sim/sim_record.h"
#include "sim/sim_unit.h"

/* The meters' time: begins at start_ms when origin_ns is on the wire clock, runs `speed` times as fast. */
struct sim_time {
    int64_t start_ms, origin_ns;
    unsigned speed;
    bool held; /* stands still until the first request */
};

int64_t sim_time_at_ms(const struct sim_time *t, int64_t now_ns);
/* When it will be that moment, on the wire clock; INT64_MAX while it stands still. */
int64_t sim_time_ns_of(const struct sim_time *t, int64_t ms);

/* What all buses share. */
struct sim_site {
    struct sim_options options;
    struct sim_time time;
    int64_t began_ns; /* when the simulator was ready, on the wire clock */
    struct sim_record record;
    struct sim_load load;
    struct sim_tariff tariff;
    int epoll_fd, inotify_fd;
};

struct sim_end; /* sim_end.h */

struct sim_bus {
    unsigned number;
    char name[12];
    struct sim_site *site;
    struct sim_line line;
    struct sim_gateway gateway;
    struct sim_unit *unit; /* owned */
    size_t n_units;
    struct sim_end *ends; /* owned list */
    struct sim_stats stats;
    struct sim_rng rng;
    bool mute, babble, half_open;
    bool reset_in_frame; /* the next answer over TCP is cut by a reset */
    int refused_port[2]; /* RTU over TCP, Modbus TCP: refused until plug; 0: not */
    int64_t babble_due_ns;
};

int sim_bus_init(struct sim_bus *b, unsigned number, struct sim_site *site);
void sim_bus_done(struct sim_bus *b);

/* Bytes of a master that speaks at this speed (0: the bus's own). */
void sim_bus_hear(struct sim_bus *b, struct sim_end *from, uint32_t baud, const uint8_t *bytes, size_t n,
                  int64_t now_ns);

/* The event happens to this bus or to its meters, at this moment of the meters' time. */
int sim_bus_happen(struct sim_bus *b, const struct sim_event *e, int64_t at_ms, int64_t now_ns);

/* Does what is due; when the next thing is due. */
void sim_bus_run(struct sim_bus *b, int64_t now_ns);
int64_t sim_bus_due(const struct sim_bus *b);

#endif
