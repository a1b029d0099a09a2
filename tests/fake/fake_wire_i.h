/* fake_wire_i.h - inside of the fake wire: fake_wire.c (meters and faults), fake_kernel.c (system calls). */
#ifndef METERFLEET_TESTS_FAKE_WIRE_I_H
#define METERFLEET_TESTS_FAKE_WIRE_I_H

#include <stddef.h>
#include "fake/fake_wire.h"

/* What waits to be read, oldest first. */
#define WIRE_QUEUE 4096
struct wire_byte {
    int64_t at_ns; /* when the UART hands it over */
    uint8_t value;
};
struct wire_input {
    struct wire_byte byte[WIRE_QUEUE];
    size_t n;
};
extern struct wire_input wire_input;
extern struct fake_wire *wire_now; /* NULL: no fake wire */

/* A request was written at now_ns. */
void wire_heard(const uint8_t *frame, size_t n, int64_t now_ns);

#endif
