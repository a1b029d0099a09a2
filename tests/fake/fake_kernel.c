/* fake_kernel.c - the system calls of the fake wire. They stand in the program itself, so libmodbus calls
 * them too. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/select.h>
#include <sys/syscall.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>
#include "fake/fake_wire_i.h"

#define BEGIN_NS 1000000000000LL
#define UTC_NS   1793000000000000000LL

struct wire_input wire_input;
struct fake_wire *wire_now;
static char device_path[64];
static int device_fd = -1, line_fd = -1;
static _Atomic int64_t now_ns = BEGIN_NS;

int64_t fake_wire_now_ns(void)
{
    return now_ns;
}

int clock_gettime(clockid_t id, struct timespec *ts)
{
    if (wire_now == NULL)
        return (int)syscall(SYS_clock_gettime, id, ts);
    int64_t ns = now_ns + (id == CLOCK_REALTIME ? UTC_NS - BEGIN_NS : 0);
    *ts = (struct timespec){ns / 1000000000, ns % 1000000000};
    return 0;
}

int open(const char *path, int flags, ...)
{
    va_list more;
    va_start(more, flags);
    int mode = (flags & O_CREAT) != 0 ? va_arg(more, int) : 0;
    va_end(more);
    int fd = (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
    if (fd >= 0 && wire_now != NULL && strcmp(path, device_path) == 0)
        line_fd = fd;
    return fd;
}

static bool is_line(int fd)
{
    return wire_now != NULL && fd >= 0 && fd == line_fd;
}

static size_t ready(void)
{
    size_t n = 0;
    while (n < wire_input.n && wire_input.byte[n].at_ns <= now_ns)
        n++;
    return n;
}

/* Lets time pass until a byte is there (if anybody looks) or the deadline. */
static bool wait_for_byte(bool looks, int64_t deadline_ns)
{
    if (looks && ready() > 0)
        return true;
    if (looks && wire_input.n > 0 && wire_input.byte[0].at_ns <= deadline_ns) {
        now_ns = wire_input.byte[0].at_ns;
        return true;
    }
    if (deadline_ns > now_ns)
        now_ns = deadline_ns;
    return false;
}

int ppoll(struct pollfd *set, nfds_t n, const struct timespec *ts, const sigset_t *mask)
{
    if (wire_now == NULL || n == 0 || ts == NULL)
        return (int)syscall(SYS_ppoll, set, n, ts, mask, 8);
    struct pollfd *fds = set;
    __asm__("" : "+r"(fds)); /* the C library's header claims that ppoll() only writes to them */
    for (nfds_t i = 0; i < n; i++)
        fds[i].revents = 0;
    if (wire_now->stop && n > 1) {
        fds[1].revents = POLLIN; /* wait.c: the stop event is the second */
        return 1;
    }
    bool looks = is_line(fds[0].fd) && (fds[0].events & POLLIN) != 0;
    if (!wait_for_byte(looks, now_ns + ts->tv_sec * 1000000000LL + ts->tv_nsec))
        return 0;
    fds[0].revents = POLLIN;
    return 1;
}

int select(int n, fd_set *in, fd_set *out, fd_set *error, struct timeval *tv)
{
    if (wire_now == NULL || line_fd < 0 || in == NULL || !FD_ISSET(line_fd, in))
        return (int)syscall(SYS_select, n, in, out, error, tv);
    int64_t left_ns = tv == NULL ? 3600000000000LL : tv->tv_sec * 1000000000LL + tv->tv_usec * 1000LL;
    if (wait_for_byte(true, now_ns + left_ns))
        return 1;
    FD_CLR(line_fd, in);
    return 0;
}

ssize_t read(int fd, void *to, size_t most)
{
    if (!is_line(fd))
        return syscall(SYS_read, fd, to, most);
    size_t n = ready();
    if (n == 0) {
        errno = EAGAIN;
        return -1;
    }
    n = n < most ? n : most;
    for (size_t i = 0; i < n; i++)
        ((uint8_t *)to)[i] = wire_input.byte[i].value;
    wire_input.n -= n;
    memmove(&wire_input.byte[0], &wire_input.byte[n], wire_input.n * sizeof wire_input.byte[0]);
    return (ssize_t)n;
}

ssize_t write(int fd, const void *bytes, size_t n)
{
    if (!is_line(fd))
        return syscall(SYS_write, fd, bytes, n);
    wire_heard(bytes, n, now_ns);
    return (ssize_t)n;
}

int ioctl(int fd, unsigned long request, ...)
{
    va_list more;
    va_start(more, request);
    void *arg = va_arg(more, void *);
    va_end(more);
    if (!is_line(fd) || request != FIONREAD)
        return (int)syscall(SYS_ioctl, fd, request, arg);
    *(int *)arg = (int)ready();
    return 0;
}

void fake_wire_begin(struct fake_wire *w, char device[64])
{
    struct termios raw;
    device_fd = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (device_fd < 0 || grantpt(device_fd) != 0 || unlockpt(device_fd) != 0 ||
        ptsname_r(device_fd, device_path, sizeof device_path) != 0)
        abort();
    tcgetattr(device_fd, &raw);
    cfmakeraw(&raw);
    tcsetattr(device_fd, TCSANOW, &raw);
    memcpy(device, device_path, sizeof device_path);
    wire_input.n = 0;
    wire_now = w;
}

void fake_wire_end(void)
{
    wire_now = NULL;
    line_fd = -1;
    close(device_fd);
}
