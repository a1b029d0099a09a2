#include "bus/wait.h"

#include <errno.h>
#include <poll.h>
#include <sys/prctl.h>
#include <time.h>
#include "core/clock.h"
#include "core/rc.h"

void wait_be_exact(void)
{
    prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);
}

static int wait_for(int fd, short events, int stop_fd, int wake_fd, int64_t deadline_ns)
{
    for (;;) {
        struct pollfd fds[3] = {{.fd = fd, .events = events},
                                {.fd = stop_fd, .events = POLLIN},
                                {.fd = wake_fd, .events = POLLIN}};
        int64_t left = deadline_ns - clock_wire_ns();
        if (left < 0)
            left = 0;
        struct timespec ts = {.tv_sec = left / 1000000000, .tv_nsec = left % 1000000000};
        int n = ppoll(fds, 3, &ts, NULL);
        if (n < 0 && errno != EINTR)
            return RC_LINK;
        if (n < 0)
            continue;
        if (fds[1].revents & POLLIN)
            return RC_STOPPED;
        if (fds[0].revents & events || fds[2].revents & POLLIN)
            return RC_OK; /* first what was said before the line was hung up */
        if (fds[0].revents != 0)
            return RC_LINK;
        if (n == 0 && clock_wire_ns() >= deadline_ns)
            return RC_NOANSWER;
    }
}

int wait_readable(int fd, int stop_fd, int64_t deadline_ns)
{
    return wait_for(fd, POLLIN, stop_fd, -1, deadline_ns);
}

int wait_until(int fd, int stop_fd, int64_t deadline_ns)
{
    return wait_for(fd, 0, stop_fd, -1, deadline_ns);
}

int wait_idle(int fd, int stop_fd, int wake_fd, int64_t deadline_ns)
{
    return wait_for(fd, 0, stop_fd, wake_fd, deadline_ns);
}
