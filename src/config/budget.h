/* budget.h - how much of a bus's time the configured periods need, before the first frame is sent.
 *
 * 32 meters every 5 s may be more than a line of 9600 bd can carry; nobody should find that out from missing
 * readings. Each request costs its characters, the meter's turnaround, the reply's characters and 3.5
 * characters of silence; a class costs what its requests cost, divided by its period.
 *
 * Units:   nanoseconds of wire time; shares are parts of 1 (1.0 = the line is busy all the time).
 * Errors:  RC_RANGE (a model whose snapshot does not fit its requests), RC_NOMEM; *out untouched.
 * Threads: pure.
 * Source:  MODBUS over Serial Line V1.02, 2.5.1.1 (wire_time.h); requests as span.h plans them, all meters
 * alive, no retries.
 */
#ifndef METERFLEET_CONFIG_BUDGET_H
#define METERFLEET_CONFIG_BUDGET_H

#include <stdint.h>
#include "config/settings.h"

/* What meters usually take between the last character of a request and the first of the reply. */
#define BUDGET_TURNAROUND_NS INT64_C(5000000)

struct budget_class {
    unsigned meters;     /* that are read in this class: the model has it, the period is not 0 */
    unsigned requests;   /* one round: each of these meters once */
    int64_t round_ns;    /* wire time of one round */
    double share;        /* at the configured periods */
    int64_t shortest_ms; /* one period for all these meters at which the bus would just fit, the other classes
                            as configured; -1: not at any; 0: nothing to read */
};

struct budget {
    struct budget_class class[CLASS_COUNT];
    double load;       /* all classes together */
    double dead_share; /* kept free for dead meters */
    bool fits;         /* load + dead_share is at most 1 */
};

int budget_of_bus(const struct settings *s, size_t bus, int64_t turnaround_ns, struct budget *out);

#endif
