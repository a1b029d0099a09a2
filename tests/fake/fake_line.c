#include "fake/fake_line.h"

#include <ctype.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>
#include "fake/fake_line_i.h"
#include "share/event.h"

static void sleep_ms(unsigned ms)
{
    nanosleep(&(struct timespec){ms / 1000, (long)(ms % 1000) * 1000000}, NULL);
}

unsigned fake_crc(const uint8_t *bytes, size_t n)
{
    unsigned crc = 0xFFFF;
    for (size_t i = 0; i < n; i++) {
        crc ^= bytes[i];
        for (int k = 0; k < 8; k++)
            crc = crc & 1 ? crc >> 1 ^ 0xA001 : crc >> 1;
    }
    return crc;
}

void fake_fail(struct fake_line *f, const char *format, ...)
{
    va_list args;
    if (f->failed)
        return;
    va_start(args, format);
    vsnprintf(f->failure, sizeof f->failure, format, args);
    va_end(args);
    f->failed = true;
}

void fake_send(struct fake_line *f, const uint8_t *bytes, size_t n)
{
    size_t step = f->byte_ms > 0 ? 1 : n;
    for (size_t at = 0; at < n && f->fd >= 0; at += step) {
        if (at > 0)
            sleep_ms(f->byte_ms);
        if (send(f->fd, &bytes[at], step, MSG_NOSIGNAL) < 0 && write(f->fd, &bytes[at], step) < 0)
            return;
    }
}

void fake_send_frame(struct fake_line *f, const uint8_t *bytes, size_t n, unsigned id)
{
    uint8_t frame[300];
    if (f->kind == BUS_TCP) {
        const uint8_t head[6] = {(uint8_t)(id >> 8), (uint8_t)id, 0, 0, (uint8_t)(n >> 8), (uint8_t)n};
        memcpy(frame, head, sizeof head);
        memcpy(&frame[6], bytes, n);
        fake_send(f, frame, n + 6);
        return;
    }
    unsigned crc = fake_crc(bytes, n);
    memcpy(frame, bytes, n);
    frame[n] = (uint8_t)crc;
    frame[n + 1] = (uint8_t)(crc >> 8);
    fake_send(f, frame, n + 2);
}

bool fake_receive(struct fake_line *f, uint8_t body[6])
{
    uint8_t frame[12];
    size_t want = f->kind == BUS_TCP ? 12 : 8, n = 0;
    while (n < want) {
        struct pollfd fds[2] = {{.fd = f->fd, .events = POLLIN}, {.fd = f->stop_fd, .events = POLLIN}};
        if (poll(fds, 2, -1) < 0 || fds[1].revents != 0)
            return false;
        ssize_t got = read(f->fd, &frame[n], want - n);
        if (got <= 0) {
            if (f->kind != BUS_SERIAL)
                return false;
            sleep_ms(1); /* a pseudo-terminal nobody has opened yet says EIO */
            continue;
        }
        n += (size_t)got;
    }
    if (f->kind == BUS_TCP) {
        f->id = (unsigned)frame[0] << 8 | frame[1];
        memcpy(body, &frame[6], 6);
        return true;
    }
    memcpy(body, frame, 6);
    if (fake_crc(frame, 8) != 0)
        fake_fail(f, "request with a wrong CRC");
    return true;
}

void fake_hang_up(struct fake_line *f)
{
    if (f->fd >= 0)
        close(f->fd);
    f->fd = -1;
}

static size_t parse_hex(const char *s, uint8_t *out)
{
    size_t n = 0;
    unsigned digits = 0, value = 0;
    for (; *s != '\0' && *s != ';'; s++) {
        if (!isxdigit((unsigned char)*s))
            continue;
        value = value << 4 | (unsigned)(isdigit((unsigned char)*s) ? *s - '0' : (*s | 32) - 'a' + 10);
        if (++digits % 2 == 0) {
            out[n++] = (uint8_t)value;
            value = 0;
        }
    }
    return n;
}

static void expect(struct fake_line *f, const char *step)
{
    uint8_t want[300], got[6];
    if (parse_hex(step + 1, want) != 6)
        fake_fail(f, "bad script: %s", step);
    else if (!fake_receive(f, got))
        fake_fail(f, "no request for %.20s", step);
    else if (memcmp(want, got, 6) != 0)
        fake_fail(f, "asked %02x %02x %02x%02x %02x%02x instead of %.20s", got[0], got[1], got[2], got[3],
                  got[4], got[5], step);
}

/* An RTU frame and, in the same piece, itself again or noise. */
static void send_with_more(struct fake_line *f, uint8_t *bytes, size_t n, bool twice)
{
    uint8_t piece[300];
    unsigned crc = fake_crc(bytes, n);
    memcpy(piece, bytes, n);
    piece[n++] = (uint8_t)crc;
    piece[n++] = (uint8_t)(crc >> 8);
    memcpy(&piece[n], twice ? piece : (const uint8_t *)"\xA7\x3C\x91", twice ? n : 3);
    fake_send(f, piece, twice ? 2 * n : n + 3);
}

void fake_play(struct fake_line *f)
{
    uint8_t bytes[300];
    for (const char *s = f->script; s != NULL && !f->failed; s = strchr(s, ';')) {
        s += strspn(s, "; ");
        switch (*s) {
        case '?':
            expect(f, s);
            break;
        case '!':
        case 's':
            fake_send_frame(f, bytes, parse_hex(s + 1, bytes), *s == 's' ? f->id - 1 : f->id);
            break;
        case '&':
        case '>':
            send_with_more(f, bytes, parse_hex(s + 1, bytes), *s == '&');
            break;
        case '=':
            fake_send(f, bytes, parse_hex(s + 1, bytes));
            break;
        case '~':
            sleep_ms((unsigned)atoi(s + 1));
            break;
        case '.':
            f->byte_ms = (unsigned)atoi(s + 1);
            break;
        case 'x':
            fake_hang_up(f);
            break;
        case '\0':
            return;
        default:
            fake_fail(f, "bad script: %s", s);
            break;
        }
    }
}

static bool open_pseudo(struct fake_line *f)
{
    f->fd = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (f->fd < 0 || grantpt(f->fd) != 0 || unlockpt(f->fd) != 0)
        return false;
    struct termios raw;
    tcgetattr(f->fd, &raw);
    cfmakeraw(&raw);
    tcsetattr(f->fd, TCSANOW, &raw);
    unlink(f->device);
    return symlink(ptsname(f->fd), f->device) == 0;
}

static bool open_listener(struct fake_line *f)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof a;
    f->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (f->listener < 0 || bind(f->listener, (struct sockaddr *)&a, size) != 0 ||
        listen(f->listener, 1) != 0 || getsockname(f->listener, (struct sockaddr *)&a, &size) != 0)
        return false;
    f->port = ntohs(a.sin_port);
    snprintf(f->device, sizeof f->device, "127.0.0.1");
    return true;
}

static bool accept_peer(struct fake_line *f)
{
    struct pollfd fds[2] = {{.fd = f->listener, .events = POLLIN}, {.fd = f->stop_fd, .events = POLLIN}};
    if (poll(fds, 2, -1) < 0 || fds[1].revents != 0)
        return false;
    f->fd = accept(f->listener, NULL, NULL);
    return f->fd >= 0;
}

static void *line_main(void *arg)
{
    struct fake_line *f = arg;
    if (f->script == NULL)
        fake_serve(f);
    else if (f->kind == BUS_SERIAL || accept_peer(f))
        fake_play(f);
    f->over = true;
    return NULL;
}

bool fake_connect(struct fake_line *f)
{
    if (f->kind != BUS_SERIAL)
        return f->fd >= 0 || accept_peer(f);
    return f->fd >= 0 || open_pseudo(f);
}

static struct fake_line *start(struct fake_line *f, enum bus_kind kind)
{
    f->kind = kind;
    f->fd = f->listener = -1;
    f->stop_fd = event_new();
    const char *tmp = getenv("TMPDIR");
    snprintf(f->folder, sizeof f->folder, "%s/fake-line-XXXXXX", tmp != NULL ? tmp : P_tmpdir);
    if (kind == BUS_SERIAL && mkdtemp(f->folder) == NULL)
        abort();
    snprintf(f->device, sizeof f->device, "%s/line", f->folder);
    if (!(kind == BUS_SERIAL ? open_pseudo(f) : open_listener(f)) ||
        pthread_create(&f->thread, NULL, line_main, f) != 0)
        abort();
    return f;
}

struct fake_line *fake_line_new(enum bus_kind kind, const char *script)
{
    struct fake_line *f = calloc(1, sizeof *f);
    f->script = script;
    return start(f, kind);
}

struct fake_line *fake_line_meters(enum bus_kind kind, struct fake_meters *meters)
{
    struct fake_line *f = calloc(1, sizeof *f);
    f->meters = meters;
    return start(f, kind);
}

const char *fake_line_failure(struct fake_line *f)
{
    for (int i = 0; i < 400 && !f->over; i++)
        sleep_ms(5);
    if (!f->over)
        return "the script is not over";
    return f->failure;
}

void fake_line_free(struct fake_line *f)
{
    event_set(f->stop_fd);
    pthread_join(f->thread, NULL);
    fake_hang_up(f);
    if (f->listener >= 0)
        close(f->listener);
    if (f->kind == BUS_SERIAL) {
        unlink(f->device);
        rmdir(f->folder);
    }
    close(f->stop_fd);
    free(f);
}

struct settings_bus fake_line_bus(const struct fake_line *f)
{
    struct settings_bus b = {.name = "fake",
                             .kind = f->kind,
                             .device = (char *)(uintptr_t)f->device,
                             .port = f->port,
                             .baud = 115200,
                             .parity = 'N',
                             .stop_bits = 1,
                             .timeout_ms = 200,
                             .late_ms = 100,
                             .retries = 1,
                             .dead_share_bp = 300};
    return b;
}

void fake_line_replug(struct fake_line *f)
{
    f->replug = true;
    while (f->replug)
        sleep_ms(1);
}
