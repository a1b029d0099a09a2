/* sim_load.h - what the consumers behind the meters draw, minute by minute.
 *
 * Real days from a file make a fleet look real: base load, mornings, evening peaks. Every meter taps the same
 * file at its own scale and shifted by its own days and minutes, so that no two meters are alike.
 *
 * Units:   rows hold W, var and 0.1 V; a tap's answer is mW and mvar (W times a scale in thousandths), exact.
 *          Row 0 is 00:00 of the first day; after the last row the first one follows.
 * Errors:  sim_load_read() logs FILE:LINE and returns RC_PARSE (or RC_NOMEM); the rest cannot fail.
 * Threads: constant once read.
 */
#ifndef METERFLEET_SIM_LOAD_H
#define METERFLEET_SIM_LOAD_H

#include <stddef.h>
#include <stdint.h>

#define SIM_LOAD_UNKNOWN INT32_MIN

struct sim_load_row {
    int32_t p_w;
    int32_t q_var; /* SIM_LOAD_UNKNOWN: not in the file */
    int32_t u_dv;  /* likewise */
};

struct sim_load {
    struct sim_load_row *rows; /* owned */
    size_t n;
};

/* How one meter taps the load. */
struct sim_tap {
    uint32_t scale; /* thousandths */
    int64_t shift;  /* minutes */
};

struct sim_power {
    int64_t p_mw, q_mvar;
    int32_t u_dv; /* SIM_LOAD_UNKNOWN: 220 V with some noise */
};

/* CSV p_kw[,q_kvar,u_v], a row a minute; a header and lines with # are skipped, empty q and u cells are
 * unknown. */
int sim_load_read(const char *path, struct sim_load *out);

/* A week of a household as one imagines it, for when there is no file. */
int sim_load_default(struct sim_load *out);

void sim_load_done(struct sim_load *load);

/* A scale of 0.15 to 1.2, whole days and up to half an hour away from the others. */
struct sim_tap sim_load_tap(const struct sim_load *load, uint64_t seed);

struct sim_power sim_load_at(const struct sim_load *load, const struct sim_tap *tap, int64_t local_minute);

#endif
