/* sim_reply.h - what a meter puts on the wire after a request, with all that is wrong with it.
 *
 * Errors:  a reply with n == 0 says nothing, and why.
 * Threads: as the unit.
 */
#ifndef METERFLEET_SIM_REPLY_H
#define METERFLEET_SIM_REPLY_H

#include "sim/sim_line.h"
#include "sim/sim_unit.h"

/* A sealed request to this meter, which is advanced to now. */
struct sim_asked {
    const uint8_t *bytes;
    size_t n;
    int64_t end_ns; /* of its last character */
    int64_t char_ns, silence_ns;
    int64_t turnaround_ns; /* of a healthy meter */
    uint32_t resolution_u;
    void *from;
};

#define SIM_REPLY_OUTS 4 /* echo, foreign frame, answer, duplicate */

struct sim_reply {
    struct sim_out out[SIM_REPLY_OUTS];
    unsigned n;
    char silent[SIM_VERDICT]; /* why there is no answer */
};

void sim_reply_make(struct sim_unit *u, const struct sim_asked *q, struct sim_reply *r);

#endif
