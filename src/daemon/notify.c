/* notify.c - one datagram. */
#include "daemon/notify.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include "core/rc.h"
#include "core/text.h"

/* A path, or after '@' a name in the abstract name space; *len is the length of the address. */
static bool address_of(const char *name, struct sockaddr_un *at, socklen_t *len)
{
    size_t n = strlen(name);
    if ((name[0] != '/' && name[0] != '@') || n < 2 || n >= sizeof at->sun_path) {
        errno = EAFNOSUPPORT;
        return false;
    }
    *at = (struct sockaddr_un){.sun_family = AF_UNIX};
    memcpy(at->sun_path, name, n);
    if (name[0] == '@')
        at->sun_path[0] = '\0';
    *len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n);
    return true;
}

bool notify_send(const char *lines)
{
    const char *name = getenv("NOTIFY_SOCKET");
    struct sockaddr_un at;
    socklen_t len;
    if (name == NULL || !address_of(name, &at, &len))
        return false;
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return false;
    ssize_t sent = sendto(fd, lines, strlen(lines), MSG_NOSIGNAL, (const struct sockaddr *)&at, len);
    int failure = errno;
    close(fd);
    errno = failure;
    return sent == (ssize_t)strlen(lines);
}

uint64_t notify_watchdog_us(void)
{
    const char *us = getenv("WATCHDOG_USEC"), *pid = getenv("WATCHDOG_PID");
    uint64_t value, of;
    if (us == NULL || text_to_u64(us, 1, UINT64_MAX - 1, &value) != RC_OK)
        return 0;
    if (pid != NULL && (text_to_u64(pid, 1, INT32_MAX, &of) != RC_OK || (pid_t)of != getpid()))
        return 0; /* meant for another process of the unit */
    return value;
}
