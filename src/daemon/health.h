/* health.h - from when each worker last moved: is the house well, and may the watchdog be fed?
 *
 * The watchdog means the house, not one room: a dead broker or a hanging adapter must not get the other buses
 * restarted. Standing still is told (STATUS=, status, log) long before it is acted on.
 *
 * Units:   wire time (always real) in nanoseconds.
 * Errors:  none.
 * Threads: pure.
 * Source:  DESIGN "The watchdog means the house": bus 60 s, publisher 3 and 10 minutes. A disk may take tens
 * of seconds for one fsync (FAULTS D18: slow is not stuck): the store gets 2 minutes.
 */
#ifndef METERFLEET_DAEMON_HEALTH_H
#define METERFLEET_DAEMON_HEALTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HEALTH_BUS_STILL_S       60
#define HEALTH_STORE_STILL_S     120
#define HEALTH_PUBLISHER_STILL_S 180
#define HEALTH_PUBLISHER_DEAD_S  600

struct health_bus {
    const char *name;
    int64_t progress_wire_ns; /* 0: has not moved yet */
};
struct health_input {
    int64_t now_wire_ns, started_wire_ns; /* a worker that has not moved counts from the start */
    const struct health_bus *buses;
    size_t n_buses;
    int64_t store_wire_ns;
    bool publisher_enabled;
    int64_t publisher_wire_ns;
};

#define HEALTH_TEXT 160
struct health {
    bool feed;              /* systemd may go on waiting */
    bool degraded;          /* something stands still */
    char text[HEALTH_TEXT]; /* "bus north stands still for 75 s, and 1 more"; "" when well */
};
void health_judge(const struct health_input *in, struct health *out);

#endif
