/* bus_payload.h - P/bus/NAME: counters, round trip and what the time on the wire was used for.
 *
 * Units:   shares of the time since the worker started, 4 decimals; they add up to 1 but for rounding.
 * Errors:  none; a failed allocation shows in text_buf.failed.
 * Threads: pure.
 * Source:  INTERFACES 6.
 */
#ifndef METERFLEET_PUBLISH_BUS_PAYLOAD_H
#define METERFLEET_PUBLISH_BUS_PAYLOAD_H

#include <stdint.h>
#include "core/text.h"
#include "share/board.h"

/* {"ts","since","counters":{"ok":…},"rtt_ms":{"p50","p99"},"wire_share":{"live":…,"dead":…,"idle":…}} */
void bus_payload(struct text_buf *out, const struct board_bus *bus, int64_t now_utc_ms);

#endif
