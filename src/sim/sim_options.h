/* sim_options.h - the command line of meterfleet-sim.
 *
 * Units:   as named; speeds of the line in bit/s, 0 = as fast as it can.
 * Errors:  sim_options_read() tells each mistake on stderr and returns an exit code; EXIT_DONE: go on.
 * Threads: constant once read.
 * Source:  INTERFACES 9.
 */
#ifndef METERFLEET_SIM_OPTIONS_H
#define METERFLEET_SIM_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/sim_meter.h"

struct sim_options {
    const char *dir; /* NULL: no pseudo-terminals */
    unsigned buses, meters;
    uint32_t baud;
    unsigned char_bits; /* 11, or 10 for 8N1 */
    int64_t start_ms;   /* Unix ms; INT64_MIN: now */
    unsigned speed;
    const char *tariff, *load, *faults, *log; /* files, or NULL */
    uint64_t seed;
    int tcp, mbtcp; /* first port; 0: the kernel chooses; -1: none */
    bool lenient, hold;
    int64_t turnaround_ns;
    uint32_t resolution_u; /* 10⁻⁶ kWh */
    enum sim_freeze freeze;
    bool enough; /* --help or --version was all */
};

int sim_options_read(int argc, char **argv, struct sim_options *out);

#endif
