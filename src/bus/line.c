#include "bus/line_i.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "core/clock.h"
#include "core/rc.h"
#include "core/wire_time.h"

static int open_fd(const struct settings_bus *bus, struct line *l, char why[LINE_WHY])
{
    if (bus->kind == BUS_SERIAL)
        return line_serial_open(bus, &l->fd, l->text, why);
    if (bus->kind == BUS_RTU_TCP)
        snprintf(l->text, sizeof l->text, "RTU over TCP to port %u", bus->port);
    else
        snprintf(l->text, sizeof l->text, "Modbus TCP to port %u", bus->port);
    return line_tcp_open(bus, l->stop_fd, &l->fd, why);
}

/* A context that only sends frames: its device and speed are never used. */
static int lend_to_libmodbus(struct line *l)
{
    l->rtu = modbus_new_rtu("none", 9600, 'N', 8, 1);
    if (l->rtu == NULL)
        return RC_NOMEM;
    if (modbus_set_socket(l->rtu, l->fd) != 0 ||
        modbus_set_error_recovery(l->rtu, MODBUS_ERROR_RECOVERY_NONE) != 0)
        return RC_LINK;
    return RC_OK;
}

static void set_times(struct line *l, const struct settings_bus *bus)
{
    l->timeout_ms = bus->timeout_ms;
    if (bus->kind == BUS_TCP)
        return;
    l->char_ns = wire_char_ns(bus->baud, bus->parity, bus->stop_bits);
    l->silence_ns = bus->baud == 0 ? 0 : wire_silence_ns(bus->baud, bus->parity, bus->stop_bits);
}

int line_open(const struct settings_bus *bus, int stop_fd, struct line **out, char why[LINE_WHY])
{
    why[0] = '\0';
    struct line *l = calloc(1, sizeof *l);
    if (l == NULL)
        return RC_NOMEM;
    l->kind = bus->kind;
    l->fd = -1;
    l->stop_fd = stop_fd;
    set_times(l, bus);
    int rc = open_fd(bus, l, why);
    if (rc == RC_OK && bus->kind != BUS_TCP)
        rc = lend_to_libmodbus(l);
    if (rc != RC_OK) {
        line_close(l);
        return rc;
    }
    l->heard_ns = clock_wire_ns(); /* somebody may have been talking just before */
    *out = l;
    return RC_OK;
}

void line_close(struct line *l)
{
    if (l == NULL)
        return;
    if (l->rtu != NULL) {
        modbus_set_socket(l->rtu, -1); /* the descriptor is ours */
        modbus_free(l->rtu);
    }
    if (l->fd >= 0)
        close(l->fd);
    free(l);
}

int line_retune(struct line *l, const struct settings_bus *bus, char why[LINE_WHY])
{
    why[0] = '\0';
    int rc = l->kind == BUS_SERIAL ? line_serial_tune(l->fd, bus, l->text, why) : RC_OK;
    if (rc != RC_OK)
        return rc;
    set_times(l, bus);
    l->unsure_ns = 0;
    l->buffered = 0;
    l->heard_ns = clock_wire_ns();
    return RC_OK;
}

bool line_taken(const struct settings_bus *bus, char why[LINE_WHY])
{
    struct line *l = NULL;
    if (bus->kind != BUS_SERIAL || line_open(bus, -1, &l, why) == RC_BUSY)
        return bus->kind == BUS_SERIAL;
    line_close(l);
    return false;
}

void line_listen(struct line *l, struct trace *t)
{
    l->trace = t;
}

const char *line_text(const struct line *l)
{
    return l->text;
}

int line_fd(const struct line *l)
{
    return l->fd;
}

enum bus_kind line_kind(const struct line *l)
{
    return l->kind;
}

int64_t line_char_ns(const struct line *l)
{
    return l->char_ns;
}

int64_t line_silence_ns(const struct line *l)
{
    return l->silence_ns;
}
