/* event.c - an eventfd(2) and its four moves. */
#include "share/event.h"

#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <unistd.h>

int event_new(void)
{
    return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
}

void event_set(int fd)
{
    const uint64_t one = 1;
    int before = errno; /* a signal handler must not change it */
    while (write(fd, &one, sizeof one) < 0 && errno == EINTR)
        ; /* EAGAIN: the counter is full, so it is set already */
    errno = before;
}

void event_clear(int fd)
{
    uint64_t count;
    int before = errno;
    while (read(fd, &count, sizeof count) < 0 && errno == EINTR)
        ; /* EAGAIN: it was clear */
    errno = before;
}

bool event_is_set(int fd)
{
    struct pollfd in = {.fd = fd, .events = POLLIN};
    int ready;
    do {
        ready = poll(&in, 1, 0);
    } while (ready < 0 && errno == EINTR);
    return ready == 1 && (in.revents & POLLIN) != 0;
}
