/* line_i.h - inside of a line, for its implementations and for exchange.
 *
 * Threads: the line's owner.
 */
#ifndef METERFLEET_BUS_LINE_I_H
#define METERFLEET_BUS_LINE_I_H

#include <modbus/modbus.h>
#include "bus/line.h"
#include "bus/trace.h"

#define LINE_BUFFER 512

struct line {
    enum bus_kind kind;
    int fd, stop_fd;
    uint32_t timeout_ms;
    int64_t char_ns, silence_ns;
    int64_t heard_ns;     /* when the last character was heard or sent, as far as we know */
    int64_t unsure_ns;    /* what was heard last was no clean answer: the next silence is so much longer */
    struct trace *trace;  /* hears the frames as they pass, or NULL */
    modbus_t *rtu;        /* sends RTU frames; NULL for Modbus TCP */
    uint16_t transaction; /* Modbus TCP: of the newest request */
    uint8_t buffer[LINE_BUFFER]; /* what came and is not yet a frame that was looked at */
    uint16_t buffered;
    char text[64];
};

/* Each opens a descriptor (non-blocking, close-on-exec) or says why not. */
int line_serial_open(const struct settings_bus *bus, int *fd, char text[64], char why[LINE_WHY]);
/* Sets an open line up: RC_OK, RC_RANGE (it cannot do this), RC_LINK. */
int line_serial_tune(int fd, const struct settings_bus *bus, char text[64], char why[LINE_WHY]);
int line_tcp_open(const struct settings_bus *bus, int stop_fd, int *fd, char why[LINE_WHY]);

/* line_termios.c: raw 8 bits, speed, parity, stop bits by termios2, read back. RC_OK, RC_IO (not a terminal),
 * RC_RANGE with what the device took instead in `why`. */
int line_termios_set(int fd, uint32_t baud, char parity, uint8_t stop_bits, bool pseudo, char why[LINE_WHY]);

/* line_lock.c: RC_OK or RC_BUSY with the holder's name in `why`. */
int line_lock(int fd, const char *path, char why[LINE_WHY]);
void line_lock_holder(const char *path, char why[LINE_WHY]);

#endif
