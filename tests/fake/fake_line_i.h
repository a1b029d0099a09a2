/* fake_line_i.h - inside of the fake line: fake_line.c (descriptors, scripts), fake_meters.c (meters). */
#ifndef METERFLEET_TESTS_FAKE_LINE_I_H
#define METERFLEET_TESTS_FAKE_LINE_I_H

#include <pthread.h>
#include "fake/fake_line.h"

struct fake_line {
    enum bus_kind kind;
    int fd, listener, stop_fd;
    uint16_t port;
    char folder[200], device[220];
    pthread_t thread;
    const char *script;
    struct fake_meters *meters;
    unsigned byte_ms, id;
    uint8_t doubled_unit; /* whose reply was sent twice, and not asked since; 0: nobody's */
    int64_t doubled_ns;
    _Atomic bool over, replug, failed;
    char failure[160];
};

unsigned fake_crc(const uint8_t *bytes, size_t n);
void fake_fail(struct fake_line *f, const char *format, ...) __attribute__((format(printf, 2, 3)));
void fake_send(struct fake_line *f, const uint8_t *bytes, size_t n);
void fake_send_frame(struct fake_line *f, const uint8_t *bytes, size_t n, unsigned id);
/* Unit, function, address, count of the next request; false when it is time to stop or the peer went. */
bool fake_receive(struct fake_line *f, uint8_t body[6]);
void fake_hang_up(struct fake_line *f);
bool fake_connect(struct fake_line *f);
void fake_play(struct fake_line *f);
void fake_serve(struct fake_line *f);

#endif
