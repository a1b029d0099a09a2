/* sim_fault_args.h - how the arguments of each kind of fault are read.
 *
 * Units:   durations in n[] are ns (clock: ms); minutes of the day; rates 0 to 3; energy in pulses.
 * Errors:  each returns what is wrong, or NULL; given[i] says that an optional argument stood there.
 * Threads: pure.
 */
#ifndef METERFLEET_SIM_FAULT_ARGS_H
#define METERFLEET_SIM_FAULT_ARGS_H

#include "sim/sim_fault.h"

/* Cuts the next word off; NULL when there is none. */
char *sim_args_word(char **text);

const char *sim_args_durations(char **text, struct sim_args *a);
const char *sim_args_dup(char **text, struct sim_args *a);
const char *sim_args_drip(char **text, struct sim_args *a);
const char *sim_args_count(char **text, struct sim_args *a);
const char *sim_args_noise(char **text, struct sim_args *a);
const char *sim_args_foreign(char **text, struct sim_args *a);
const char *sim_args_code(char **text, struct sim_args *a);
const char *sim_args_absurd(char **text, struct sim_args *a);
const char *sim_args_forge(char **text, struct sim_args *a);
const char *sim_args_relay(char **text, struct sim_args *a);
const char *sim_args_mbap(char **text, struct sim_args *a);
const char *sim_args_reset(char **text, struct sim_args *a);
const char *sim_args_lag(char **text, struct sim_args *a);
const char *sim_args_energy(char **text, struct sim_args *a);
const char *sim_args_clock(char **text, struct sim_args *a);
const char *sim_args_table(char **text, struct sim_args *a);

#endif
