/* log.c - one line, one write(2), never a wait. */
#include "core/log.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

/* A line is shorter than PIPE_BUF (4096 on Linux): so its write is whole, and does not block where poll(2)
 * says that a pipe is writable (pipe(7)). */
#define LINE_MAX_BYTES 2048

static bool to_journal;
static enum log_level least_level = LOG_LEVEL_INFO;
static atomic_uint_fast64_t dropped;

void log_open(bool journal, enum log_level least)
{
    to_journal = journal;
    least_level = least;
}

uint64_t log_dropped(void)
{
    return atomic_load(&dropped);
}

/* What would move a terminal's cursor or begin a second line: C0, DEL, and C1 in its UTF-8 form. */
static void hide_controls(char *s, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)s[i];
        if (c < 0x20 || c == 0x7F) {
            s[i] = '?';
        } else if (c == 0xC2 && i + 1 < n && (unsigned char)s[i + 1] >= 0x80 &&
                   (unsigned char)s[i + 1] < 0xA0) {
            s[i] = '?';
            s[i + 1] = '?';
        }
    }
}

static bool write_line(const char *line, size_t n)
{
    struct pollfd out = {.fd = STDERR_FILENO, .events = POLLOUT};
    int ready;
    do {
        ready = poll(&out, 1, 0);
    } while (ready < 0 && errno == EINTR);
    if (ready != 1 || (out.revents & POLLOUT) == 0)
        return false;
    ssize_t written;
    do {
        written = write(STDERR_FILENO, line, n);
    } while (written < 0 && errno == EINTR);
    return written == (ssize_t)n;
}

void log_msg(enum log_level level, const char *format, ...)
{
    if (level > least_level)
        return;
    int before = errno; /* a caller may log and then look at errno */
    char line[LINE_MAX_BYTES];
    const size_t room = sizeof line - 1; /* the newline */
    int head = to_journal ? snprintf(line, room, "<%d>", (int)level) : snprintf(line, room, "meterfleet: ");
    size_t start = head > 0 ? (size_t)head : 0;

    va_list args;
    va_start(args, format);
    int body = vsnprintf(line + start, room - start, format, args);
    va_end(args);

    size_t len = start;
    if (body > 0 && (size_t)body < room - start) {
        len = start + (size_t)body;
    } else if (body > 0) { /* too long: cut before a character, not inside it, and show it */
        len = room - 4;
        while (len > start && ((unsigned char)line[len] & 0xC0) == 0x80)
            len--;
        for (int i = 0; i < 3; i++)
            line[len++] = '.';
    }
    hide_controls(line + start, len - start);
    line[len++] = '\n';
    if (!write_line(line, len))
        atomic_fetch_add(&dropped, 1);
    errno = before;
}
