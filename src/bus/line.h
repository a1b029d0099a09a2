/* line.h - one way to meters: a serial line, RTU frames over TCP, Modbus TCP.
 *
 * We open the descriptor ourselves and lend it to libmodbus: so we have the lock, odd speeds, low latency, a
 * drain that works on sockets, and waits that a stop event ends. What kind a line is shows only in its
 * frames: exchange.h.
 *
 * Units:   nanoseconds of the wire clock.
 * Errors:  line_open(): RC_BUSY (another program holds it; `why` says which), RC_DENIED, RC_LINK (missing,
 *          refused, not a line), RC_STOPPED, RC_NOMEM; `why` is a few words without subject. Nothing is left
 *          open.
 * Threads: a line has one owner. Names are resolved by a helper thread that may hang alone.
 * Source:  termios(3), tty_ioctl(4); why not modbus_connect(): libmodbus 3.1.6 takes 9600 for a speed it does
 *          not know, sets no lock, and aborts at descriptor 1024.
 */
#ifndef METERFLEET_BUS_LINE_H
#define METERFLEET_BUS_LINE_H

#include <stdbool.h>
#include <stdint.h>
#include "config/settings.h"

#define LINE_WHY 160

struct line;
struct trace;

/* stop_fd: an event (share/event.h) that ends every wait, or -1. */
int line_open(const struct settings_bus *bus, int stop_fd, struct line **out, char why[LINE_WHY]);
void line_close(struct line *l); /* NULL is fine */
/* From now on the frames that pass are told to `t` (trace.h), which outlives the line; NULL: to nobody. */
void line_listen(struct line *l, struct trace *t);
/* Other speed, format and timeout on an open line, which stays ours meanwhile; what was in its input is gone.
 * RC_RANGE: the device cannot do that, `why` says what; RC_LINK. */
int line_retune(struct line *l, const struct settings_bus *bus, char why[LINE_WHY]);
/* True when another program has this serial line now; `why` says which. For the start of the daemon (exit
 * 69): later on a line that is taken is waited for. */
bool line_taken(const struct settings_bus *bus, char why[LINE_WHY]);
/* "9600 8E1", "9600 8E1 over TCP", "Modbus TCP", and what could not be had, for the log. */
const char *line_text(const struct line *l);
int line_fd(const struct line *l); /* poll it without POLLIN: it tells that the line is gone */
enum bus_kind line_kind(const struct line *l);
int64_t line_char_ns(const struct line *l);
int64_t line_silence_ns(const struct line *l);

#endif
