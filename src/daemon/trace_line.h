/* trace_line.h - a frame as a line of JSON: when, what, for whom, why, its bytes and what they mean.
 *
 * {"ts","bus","frame":"request","meter","unit","function","address","count","class","cause","attempt","bytes",
 *  "silence_ms","duration_ms","text"}; a reply has "turnaround_ms", and "exception" or "values"; what was
 * thrown away "why". Absent = does not apply.
 *
 * Units:   milliseconds with three decimals; address and function as on the wire, bytes in hexadecimal.
 * Threads: pure.
 * Source:  MODBUS Application Protocol V1.1b3, 6 and 7.
 */
#ifndef METERFLEET_DAEMON_TRACE_LINE_H
#define METERFLEET_DAEMON_TRACE_LINE_H

#include "bus/trace.h"
#include "config/settings.h"
#include "core/text.h"

/* With its newline. */
void trace_line(const struct settings *s, size_t bus, const struct trace_frame *f, struct text_buf *out);

#endif
