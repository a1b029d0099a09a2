/* relay_rules.h - how often a relay may be switched, and what an outcome is called.
 *
 * A latching relay wears and a house full of appliances does not like it: six commands at once, then one in
 * ten seconds for each meter.
 *
 * Units:   nanoseconds of the wire clock.
 * Threads: pure.
 * Source:  INTERFACES 6; FAULTS W20 (`unknown`, `failed`), N9; the KPM31 manual 5.4 (CTR-M, control mode).
 */
#ifndef METERFLEET_DAEMON_RELAY_RULES_H
#define METERFLEET_DAEMON_RELAY_RULES_H

#include "bus/relay_order.h"
#include "share/relay_box.h"

#define RELAY_BURST     6
#define RELAY_REFILL_NS INT64_C(10000000000)

struct relay_rate {
    int64_t allowance_ns, filled_ns; /* filled_ns 0: new, full */
};
/* May it be switched once more now? Takes one. */
bool relay_rate_take(struct relay_rate *r, int64_t now_ns);

/* now_utc_ms: the time where nothing was read back. */
void relay_result_of(const struct relay_report *report, bool close, int64_t now_utc_ms,
                     struct relay_result *out);
const char *relay_state_name(int8_t state); /* "open" "closed", NULL: unknown */
/* The tool's exit code for an error; EXIT_DONE for "". */
int relay_error_exit(const char *error);

#endif
