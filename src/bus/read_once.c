#include "bus/read_once.h"

#include <stdio.h>
#include <string.h>
#include "bus/bus_meter.h"
#include "bus/pipe_guard.h"
#include "bus/wait.h"
#include "core/clock.h"
#include "core/rc.h"

static int result_rc(enum poll_result result, int rc)
{
    switch (result) {
    case POLL_NOREG:
    case POLL_ABSENT:
    case POLL_ABSENT_QUIET:
        return RC_NOREG;
    case POLL_IMPLAUSIBLE:
        return RC_PARSE;
    default:
        return rc;
    }
}

static int read_class(struct line *l, const struct settings_bus *bus, struct bus_meter *m,
                      enum reg_class klass, struct reading **out)
{
    struct exchange_request request;
    struct exchange_reply reply;
    struct poll_job job = {.klass = klass};
    unsigned attempt = 0;
    for (;;) {
        int rc = bus_meter_request(m, &job, clock_wire_ns(), &request);
        if (rc != RC_OK)
            return rc == RC_NOTFOUND ? RC_NOREG : rc;
        rc = exchange_run(l, &request, &reply);
        enum poll_result result = bus_meter_take(m, &job, &request, &reply, rc, out);
        if (result == POLL_DONE)
            return RC_OK;
        if (result == POLL_MORE)
            attempt = 0;
        else if ((result == POLL_SILENT || rc == RC_BADFRAME) && attempt++ < bus->retries)
            wait_until(-1, -1, clock_wire_ns() + (int64_t)bus->late_ms * 1000000);
        else
            return result_rc(result, rc);
    }
}

static void say(int rc, enum reg_class klass, char why[LINE_WHY])
{
    snprintf(why, LINE_WHY, "%s: %s", reg_class_name(klass), rc_text(rc));
}

static int read_all(struct line *l, const struct settings_bus *bus, struct bus_meter *m, unsigned classes,
                    struct reading *out[CLASS_COUNT], int rcs[CLASS_COUNT], char why[LINE_WHY])
{
    int first = RC_OK;
    for (int c = 0; c < CLASS_COUNT; c++) {
        if ((classes & 1u << c) == 0)
            continue;
        int rc = rcs[c] = read_class(l, bus, m, (enum reg_class)c, &out[c]);
        if (rc != RC_OK && first == RC_OK) {
            first = rc;
            say(rc, (enum reg_class)c, why);
        }
        if (rc == RC_LINK || rc == RC_NOMEM)
            break;
    }
    return first;
}

int bus_read_once(const struct settings_bus *bus, const struct regmap *model, uint8_t address,
                  unsigned classes, struct reading *out[CLASS_COUNT], int rcs[CLASS_COUNT],
                  char why[LINE_WHY])
{
    struct bus_meter meter;
    struct line *line = NULL;
    struct pipe_guard guard;
    memset(out, 0, CLASS_COUNT * sizeof out[0]);
    for (int c = 0; c < CLASS_COUNT; c++)
        rcs[c] = RC_LINK; /* those after one that lost the line */
    int rc = bus_meter_init(&meter, 0, address, model, DECODE_NET_AUTO);
    if (rc != RC_OK)
        return rc;
    meter.trusts_ids = bus->kind == BUS_TCP;
    meter.decode.swept_zero =
        true; /* whoever looks at a meter wants to see zeros too; they come as suspect */
    pipe_guard_set(&guard);
    rc = line_open(bus, -1, &line, why);
    if (rc == RC_OK)
        rc = read_all(line, bus, &meter, classes, out, rcs, why);
    line_close(line);
    pipe_guard_lift(&guard);
    bus_meter_done(&meter);
    return rc;
}
