/* line_tcp.c - connect within a deadline, however long a resolver or a peer may hang. */
#include "bus/line_i.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "bus/wait.h"
#include "core/clock.h"
#include "core/rc.h"
#include "share/event.h"

#define CONNECT_NS      3000000000LL
#define NAME_NS         5000000000LL
#define USER_TIMEOUT_MS 5000         /* sent and not acknowledged for so long: the peer is gone */
#define HELPER_STACK    (512 * 1024) /* name service modules are not ours to know */

/* A look-up shared by us and its helper; who leaves last frees it. */
struct lookup {
    pthread_mutex_t lock;
    int users, done_fd, error;
    char *host;
    char service[8];
    struct addrinfo *found;
};

static void lookup_leave(struct lookup *k)
{
    pthread_mutex_lock(&k->lock);
    int left = --k->users;
    pthread_mutex_unlock(&k->lock);
    if (left > 0)
        return;
    if (k->found != NULL)
        freeaddrinfo(k->found);
    pthread_mutex_destroy(&k->lock);
    if (k->done_fd >= 0)
        close(k->done_fd);
    free(k->host);
    free(k);
}

static int resolve(struct lookup *k, int flags)
{
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = flags};
    return getaddrinfo(k->host, k->service, &hints, &k->found);
}

static void *lookup_main(void *arg)
{
    struct lookup *k = arg;
    k->error = resolve(k, AI_ADDRCONFIG | AI_NUMERICSERV);
    event_set(k->done_fd);
    lookup_leave(k);
    return NULL;
}

static struct lookup *lookup_new(const struct settings_bus *bus)
{
    struct lookup *k = calloc(1, sizeof *k);
    if (k == NULL)
        return NULL;
    pthread_mutex_init(&k->lock, NULL);
    k->users = 1;
    k->host = strdup(bus->device);
    k->done_fd = event_new();
    snprintf(k->service, sizeof k->service, "%u", bus->port);
    if (k->host == NULL || k->done_fd < 0) {
        lookup_leave(k);
        return NULL;
    }
    return k;
}

static int start_helper(struct lookup *k)
{
    pthread_attr_t attr;
    pthread_t helper;
    sigset_t all, before;
    pthread_attr_init(&attr);
    pthread_attr_setstacksize(&attr, HELPER_STACK);
    pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    k->users = 2;
    int error = pthread_create(&helper, &attr, lookup_main, k);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attr);
    if (error != 0)
        k->users = 1;
    return error == 0 ? RC_OK : RC_NOMEM;
}

/* Fills k->found. A number needs no helper. */
static int look_up(struct lookup *k, int stop_fd, char why[LINE_WHY])
{
    k->error = resolve(k, AI_NUMERICHOST | AI_NUMERICSERV);
    if (k->error == 0)
        return RC_OK;
    int rc = start_helper(k);
    if (rc == RC_OK)
        rc = wait_readable(k->done_fd, stop_fd, clock_wire_ns() + NAME_NS);
    if (rc == RC_STOPPED)
        return rc;
    event_clear(k->done_fd);
    if (rc == RC_OK && k->error == 0)
        return RC_OK;
    snprintf(why, LINE_WHY, "name not found: %s",
             rc == RC_OK      ? gai_strerror(k->error)
             : rc == RC_NOMEM ? "no thread"
                              : "no answer in 5 s");
    return RC_LINK;
}

static void set_options(int fd)
{
    const int on = 1, idle = 10, interval = 5, count = 3;
    const unsigned user_timeout = USER_TIMEOUT_MS;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof idle);
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval, sizeof interval);
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &count, sizeof count);
    setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &user_timeout, sizeof user_timeout);
}

/* Waits until the connection is made or refused: 0, or an errno; ECANCELED when the stop came. */
static int finish_connect(int fd, int stop_fd, int64_t deadline_ns)
{
    for (;;) {
        struct pollfd fds[2] = {{.fd = fd, .events = POLLOUT}, {.fd = stop_fd, .events = POLLIN}};
        int64_t left_ms = (deadline_ns - clock_wire_ns()) / 1000000;
        if (left_ms < 0)
            return ETIMEDOUT;
        int n = poll(fds, 2, (int)left_ms + 1);
        if (n < 0 && errno != EINTR)
            return errno;
        if (n > 0 && fds[1].revents & POLLIN)
            return ECANCELED;
        if (n > 0 && fds[0].revents != 0)
            break;
    }
    int error = 0;
    socklen_t size = sizeof error;
    return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0 ? errno : error;
}

static int connect_one(const struct addrinfo *a, int stop_fd, int64_t deadline_ns, int *fd)
{
    int s = socket(a->ai_family, a->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, a->ai_protocol);
    if (s < 0)
        return errno;
    set_options(s);
    int error = connect(s, a->ai_addr, a->ai_addrlen) == 0 ? 0 : errno;
    if (error == EINPROGRESS)
        error = finish_connect(s, stop_fd, deadline_ns);
    if (error != 0) {
        close(s);
        return error;
    }
    *fd = s;
    return 0;
}

int line_tcp_open(const struct settings_bus *bus, int stop_fd, int *fd, char why[LINE_WHY])
{
    struct lookup *k = lookup_new(bus);
    if (k == NULL)
        return RC_NOMEM;
    int rc = look_up(k, stop_fd, why);
    if (rc == RC_OK) {
        int64_t deadline = clock_wire_ns() + CONNECT_NS;
        int error = EADDRNOTAVAIL;
        for (const struct addrinfo *a = k->found; a != NULL && error != 0 && error != ECANCELED;
             a = a->ai_next)
            error = connect_one(a, stop_fd, deadline, fd);
        if (error == ECANCELED)
            rc = RC_STOPPED;
        else if (error != 0)
            rc = RC_LINK;
        if (rc == RC_LINK)
            snprintf(why, LINE_WHY, "cannot connect: %s", strerror(error));
    }
    lookup_leave(k);
    return rc;
}
