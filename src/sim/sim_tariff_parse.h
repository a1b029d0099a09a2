/* sim_tariff_parse.h - what the two halves of the tariff reader share: the file side and the value side.
 *
 * Errors:  sim_tariff_complain() logs FILE:LINE and counts; the reader fails at the end, so that all are
 * told. Threads: belongs to one call of sim_tariff_read().
 */
#ifndef METERFLEET_SIM_TARIFF_PARSE_H
#define METERFLEET_SIM_TARIFF_PARSE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "sim/sim_tariff.h"

#define SIM_RATE_NUMBERED                                                                                    \
    16 /* a rate written as a number stands as SIM_RATE_NUMBERED + n until `rates` is known */

/* What libinih does not tell its handler: where we are. */
struct sim_tariff_source {
    FILE *file;
    unsigned line;
    bool in_middle; /* the last piece did not end its line */
};

struct sim_tariff_parse {
    struct sim_tariff_source source;
    const char *path;
    const char *key; /* being read, for messages */
    struct sim_tariff t;
    uint8_t rate_of_number[SIM_RATES];
    char seen[64][32]; /* keys so far, to refuse the second one */
    unsigned n_seen;
    unsigned sections;
    unsigned errors;
};

void sim_tariff_complain(struct sim_tariff_parse *p, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Reads one key's value into the tariff; the value is cut into pieces on the way. */
void sim_tariff_read_key(struct sim_tariff_parse *p, const char *key, char *value);

#endif
