/* sim_unit.h - a meter on a bus together with what is wrong with it.
 *
 * Errors:  RC_NOMEM where memory is needed.
 * Threads: belongs to its bus.
 */
#ifndef METERFLEET_SIM_UNIT_H
#define METERFLEET_SIM_UNIT_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/sim_fault.h"
#include "sim/sim_meter.h"
#include "sim/sim_rng.h"

/* A fault that stays on. */
struct sim_state {
    bool on;
    struct sim_args args;
    uint32_t share_ppm;
    int64_t left; /* -1: no end */
};

struct sim_unit {
    unsigned number; /* its address at the start: faults name it so, whatever address it has now */
    uint32_t baud;   /* the speed it listens at; 0: any */
    uint16_t baud_code;
    struct sim_meter meter;
    struct sim_meter *twin; /* owned; the second meter of this address */
    struct sim_tariff *own; /* owned; a tariff that was changed by a fault */
    const struct sim_tariff *of_all;
    int64_t register_lag_ms; /* its registers show what was so long ago */
    struct sim_state state[SIM_STATES];
    struct sim_rng rng;
};

/* Makes the meter (see sim_meter_init) and takes the speed of its bus. */
void sim_unit_init(struct sim_unit *u, unsigned number, uint32_t baud, uint64_t seed,
                   const struct sim_load *load, const struct sim_tariff *tariff, enum sim_freeze freeze,
                   int64_t now_ms);
void sim_unit_done(struct sim_unit *u);

/* Brings it (and its twin) to now. */
void sim_unit_advance(struct sim_unit *u, int64_t now_ms);

/* Is this fault on, and does it hit this time? Throws the dice and counts. */
bool sim_unit_hit(struct sim_unit *u, enum sim_kind kind);

/* The event happens to this meter, which is advanced to its moment. */
int sim_unit_happen(struct sim_unit *u, const struct sim_event *e);

/* The change of a tariff by a `table` fault. */
void sim_table_change(struct sim_tariff *t, const struct sim_args *a);

#endif
