/* read_raw.h - reads registers of a meter and keeps the frames as they passed, for `meterfleet read --raw`.
 *
 * Each read is asked once: whoever looks at frames wants to see what happens, not what happens after three
 * attempts. After one that failed the meter is left alone for bus->late_ms, so that its late answer is not
 * taken for the next.
 *
 * Errors:  RC_BUSY, RC_DENIED, RC_LINK, RC_NOMEM, RC_IO of the line or the trace, `why` in a few words; what
 * comes of each read stands in its rc, as of exchange_run(). Reads that were not made keep RC_STOPPED.
 * Threads: any; blocks SIGPIPE in its thread while it works.
 */
#ifndef METERFLEET_BUS_READ_RAW_H
#define METERFLEET_BUS_READ_RAW_H

#include "bus/exchange.h"
#include "bus/line.h"
#include "bus/trace.h"

#define RAW_FRAMES 8
struct raw_read {
    uint8_t function; /* EXCHANGE_READ_REGISTERS or _COILS */
    struct span span;
    int rc;
    uint8_t exception;
    bool coil_closed;
    uint16_t regs[SPAN_MOST_REGS];
    struct trace_frame frames[RAW_FRAMES];
    size_t n_frames;
    unsigned more_frames; /* that had no room */
};

/* model NULL: unknown; else its denied registers are not read. */
int bus_read_raw(const struct settings_bus *bus, const struct regmap *model, uint8_t address,
                 struct raw_read *reads, size_t n, char why[LINE_WHY]);

#endif
