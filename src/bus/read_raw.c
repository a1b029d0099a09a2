/* read_raw.c - a line, an ear at its trace, and one question after the other. */
#include "bus/read_raw.h"

#include <string.h>
#include "bus/pipe_guard.h"
#include "bus/wait.h"
#include "core/clock.h"
#include "core/rc.h"

#define NS_PER_MS INT64_C(1000000)

static void take_frames(struct trace_ear *ear, struct raw_read *r)
{
    struct trace_frame f;
    while (trace_take(ear, &f)) {
        if (r->n_frames < RAW_FRAMES)
            r->frames[r->n_frames++] = f;
        else
            r->more_frames++;
    }
    r->more_frames += (unsigned)trace_lost(ear);
}

static void read_one(struct line *l, struct trace_ear *ear, const struct exchange_request *q,
                     struct raw_read *r)
{
    struct exchange_reply reply;
    r->rc = exchange_run(l, q, &reply);
    r->exception = reply.exception;
    r->coil_closed = reply.relay_closed;
    if (r->rc == RC_OK)
        memcpy(r->regs, reply.regs, sizeof r->regs);
    take_frames(ear, r);
}

static int read_all(struct line *l, struct trace_ear *ear, const struct settings_bus *bus,
                    const struct regmap *model, uint8_t address, struct raw_read *reads, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const struct exchange_request q = {.unit = address,
                                           .function = reads[i].function,
                                           .address = reads[i].span.address,
                                           .count = reads[i].span.len_regs,
                                           .model = model};
        read_one(l, ear, &q, &reads[i]);
        int rc = reads[i].rc;
        if (rc == RC_LINK)
            return rc;
        if ((rc == RC_NOANSWER || rc == RC_BADFRAME) && i + 1 < n && bus->kind != BUS_TCP)
            wait_until(-1, -1, clock_wire_ns() + bus->late_ms * NS_PER_MS);
    }
    return RC_OK;
}

int bus_read_raw(const struct settings_bus *bus, const struct regmap *model, uint8_t address,
                 struct raw_read *reads, size_t n, char why[LINE_WHY])
{
    struct pipe_guard guard;
    struct line *line = NULL;
    struct trace *trace = trace_new();
    struct trace_ear *ear = trace != NULL ? trace_listen(trace) : NULL;
    why[0] = '\0';
    for (size_t i = 0; i < n; i++) {
        reads[i].rc = RC_STOPPED;
        reads[i].n_frames = reads[i].more_frames = 0;
    }
    pipe_guard_set(&guard);
    int rc = ear != NULL ? line_open(bus, -1, &line, why) : RC_NOMEM;
    if (rc == RC_OK) {
        line_listen(line, trace);
        rc = read_all(line, ear, bus, model, address, reads, n);
    }
    line_close(line);
    pipe_guard_lift(&guard);
    trace_leave(ear);
    trace_drop(trace);
    return rc;
}
