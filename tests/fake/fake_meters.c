#include <poll.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "core/clock.h"
#include "fake/fake_line_i.h"
#include "fake/fake_model.h"
#include "share/event.h"

static uint16_t register_of(const struct fake_meters *m, unsigned unit, unsigned address)
{
    uint16_t words[2];
    if (m->zeros)
        return 0;
    if (address == 1)
        return (uint16_t)unit;
    fake_float(words, m->value(unit, address & ~1u));
    return words[address & 1];
}

static size_t switch_relay(struct fake_meters *m, const uint8_t q[6], uint8_t *out)
{
    enum fake_relay how = m->relay;
    m->writes[q[0]]++;
    if (how == FAKE_RELAY_WORKS || how == FAKE_RELAY_SILENT)
        m->relay_open[q[0]] = q[4] == 0;
    if (how == FAKE_RELAY_DEAF)
        m->dead[q[0]] = true;
    if (how == FAKE_RELAY_SILENT || how == FAKE_RELAY_LOST || how == FAKE_RELAY_DEAF)
        return 0;
    if (how == FAKE_RELAY_REFUSES) {
        out[1] |= 0x80;
        out[2] = 4;
        return 3;
    }
    memcpy(out, q, 6);
    return 6;
}

static size_t answer(struct fake_meters *m, const uint8_t q[6], uint8_t *out)
{
    unsigned address = (unsigned)q[2] << 8 | q[3], count = (unsigned)q[4] << 8 | q[5];
    out[0] = q[0];
    out[1] = q[1];
    if (q[1] == 1) {
        m->asked_coil[q[0]]++;
        if (m->no_relay)
            return 0;
        out[2] = 1;
        out[3] = !m->relay_open[q[0]];
        if (m->relay == FAKE_RELAY_SLOW && m->writes[q[0]] > 0)
            m->relay_open[q[0]] = true;
        return 4;
    }
    if (q[1] == 5 && address == 1)
        return switch_relay(m, q, out);
    bool denied = address == 0 || (address <= 0x0C && address + count > 0x0C);
    if (q[1] != 3 || denied || count == 0 || count > 125) {
        m->others++;
        out[1] |= 0x80;
        out[2] = 2;
        return 3;
    }
    out[2] = (uint8_t)(2 * count);
    for (unsigned i = 0; i < count; i++) {
        uint16_t r = register_of(m, q[0], address + i);
        out[3 + 2 * i] = (uint8_t)(r >> 8);
        out[4 + 2 * i] = (uint8_t)r;
    }
    return 3 + 2 * count;
}

static bool every(unsigned n, unsigned of)
{
    return of != 0 && n % of == 0;
}

static void reply(struct fake_line *f, const uint8_t q[6], unsigned count)
{
    struct fake_meters *m = f->meters;
    uint8_t frame[300];
    size_t n = answer(m, q, frame);
    if (n == 0)
        return;
    if (every(count, m->late))
        nanosleep(&(struct timespec){0, (long)m->late_ms * 1000000}, NULL);
    if (every(count, m->noise)) {
        fake_send(f, frame, n);
        fake_send(f, (const uint8_t *)"\xAA\x55", 2);
        return;
    }
    fake_send_frame(f, frame, n, f->id);
    if (!every(count, m->dup))
        return;
    fake_send_frame(f, frame, n, f->id);
    f->doubled_unit = q[0];
    f->doubled_ns = clock_wire_ns();
}

static void see_how_soon(struct fake_line *f, uint8_t unit)
{
    if (f->doubled_unit != unit || unit == 0)
        return;
    unsigned ms = (unsigned)((clock_wire_ns() - f->doubled_ns) / 1000000);
    if (ms < f->meters->soonest_ms)
        f->meters->soonest_ms = ms;
    f->doubled_unit = 0;
}

void fake_serve(struct fake_line *f)
{
    struct fake_meters *m = f->meters;
    unsigned count = 0;
    uint8_t q[6];
    while (!event_is_set(f->stop_fd)) {
        if (f->replug) {
            fake_hang_up(f);
            nanosleep(&(struct timespec){0, 50000000}, NULL);
        }
        if (!fake_connect(f))
            return;
        f->replug = false;
        struct pollfd in = {.fd = f->fd, .events = POLLIN};
        if (poll(&in, 1, 5) == 0)
            continue;
        if (!fake_receive(f, q)) {
            fake_hang_up(f);
            continue;
        }
        see_how_soon(f, q[0]);
        if (q[0] < 248)
            m->asked[q[0]]++;
        if (q[0] >= 1 && q[0] <= m->n && !m->dead[q[0]])
            reply(f, q, ++count);
    }
}
