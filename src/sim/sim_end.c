#include "sim/sim_end.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/log.h"
#include "core/rc.h"
#include "core/text.h"
#include "sim/sim_tty.h"

#define READ_BYTES 1024

struct sim_end {
    enum sim_end_kind kind;
    int fd;
    struct sim_bus *bus;
    struct sim_end *next;
    bool closed;
    /* pseudo-terminal */
    int slave, watch, openers;
    bool left;                /* a master closed it just now */
    char link[256], path[64]; /* the link, and what it points to */
    /* Modbus TCP */
    uint8_t in[READ_BYTES];
    size_t in_n;
};

static struct sim_end *new_end(struct sim_bus *b, enum sim_end_kind kind, int fd)
{
    struct sim_end *end = calloc(1, sizeof *end);
    if (end == NULL)
        return NULL;
    *end = (struct sim_end){.kind = kind, .fd = fd, .bus = b, .next = b->ends, .slave = -1, .watch = -1};
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = end};
    if (epoll_ctl(b->site->epoll_fd, EPOLL_CTL_ADD, fd, &event) != 0) {
        free(end);
        return NULL;
    }
    b->ends = end;
    return end;
}

/* The link appears whole or not at all; an old link of ours gives way, anything else does not. */
static int make_link(const char *target, const char *link)
{
    char fresh[300];
    struct stat st;
    if (lstat(link, &st) == 0 && !S_ISLNK(st.st_mode)) {
        errno = EEXIST;
        return RC_IO;
    }
    if (!text_format(fresh, sizeof fresh, "%s.new", link))
        return RC_RANGE;
    unlink(fresh);
    if (symlink(target, fresh) != 0 || rename(fresh, link) != 0)
        return RC_IO;
    return RC_OK;
}

int sim_end_open_tty(struct sim_bus *b)
{
    int master = -1, slave = -1;
    char path[64], link[256];
    const struct sim_options *o = &b->site->options;
    if (!text_format(link, sizeof link, "%s/%s", o->dir, b->name)) {
        log_error("%s: name too long", o->dir);
        return RC_RANGE;
    }
    if (sim_tty_open(o->baud, &master, &slave, path, sizeof path) != RC_OK) {
        log_error("%s: pseudo-terminal: %s", b->name, strerror(errno));
        return RC_IO;
    }
    struct sim_end *end = new_end(b, SIM_END_TTY, master);
    if (end == NULL || make_link(path, link) != RC_OK) {
        log_error("%s: cannot be made: %s", link, strerror(errno));
        if (end == NULL)
            close(master);
        close(slave);
        return RC_IO;
    }
    end->slave = slave;
    memcpy(end->link, link, sizeof link);
    memcpy(end->path, path, sizeof path);
    if (b->site->inotify_fd >= 0)
        end->watch = inotify_add_watch(b->site->inotify_fd, path, IN_OPEN | IN_CLOSE);
    return RC_OK;
}

int sim_end_listen(struct sim_bus *b, enum sim_end_kind kind, int port)
{
    int on = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (fd >= 0)
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) != 0 || listen(fd, 16) != 0 ||
        new_end(b, kind, fd) == NULL) {
        log_error("%s: port %d: %s", b->name, port, strerror(errno));
        if (fd >= 0)
            close(fd);
        return RC_BUSY;
    }
    return RC_OK;
}

int sim_end_port(const struct sim_bus *b, enum sim_end_kind kind)
{
    struct sockaddr_in address = {0};
    socklen_t n = sizeof address;
    for (const struct sim_end *end = b->ends; end != NULL; end = end->next)
        if (end->kind == kind && !end->closed && getsockname(end->fd, (struct sockaddr *)&address, &n) == 0)
            return ntohs(address.sin_port);
    return 0;
}

static void accept_one(struct sim_end *port)
{
    int on = 1, fd = accept4(port->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0)
        return;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (new_end(port->bus, port->kind == SIM_END_RTU_PORT ? SIM_END_RTU : SIM_END_MB, fd) == NULL)
        close(fd);
}

static void take_adus(struct sim_end *end)
{
    struct sim_adu refused;
    do {
        size_t used = sim_gateway_take(&end->bus->gateway, end, end->in, end->in_n, &refused);
        if (used == SIZE_MAX) {
            sim_end_close(end);
            return;
        }
        end->in_n -= used;
        memmove(end->in, end->in + used, end->in_n);
        if (refused.n > 0)
            sim_end_write(end, refused.bytes, refused.n);
    } while (refused.n > 0);
}

void sim_end_ready(struct sim_end *end, int64_t now_ns)
{
    uint8_t bytes[READ_BYTES];
    if (end->closed)
        return;
    if (end->kind == SIM_END_RTU_PORT || end->kind == SIM_END_MB_PORT) {
        accept_one(end);
        return;
    }
    bool mb = end->kind == SIM_END_MB;
    ssize_t n =
        read(end->fd, mb ? end->in + end->in_n : bytes, mb ? sizeof end->in - end->in_n : sizeof bytes);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n > 0 && end->bus->half_open && end->kind != SIM_END_TTY)
        return; /* it never came */
    if (n <= 0) {
        if (end->kind != SIM_END_TTY) /* a pseudo-terminal only ends with us */
            sim_end_close(end);
        return;
    }
    if (mb) {
        end->in_n += (size_t)n;
        take_adus(end);
    } else {
        uint32_t baud = end->kind == SIM_END_TTY ? sim_tty_speed(end->slave) : 0;
        sim_bus_hear(end->bus, end, baud, bytes, (size_t)n, now_ns);
    }
}

static void reset_connection(struct sim_end *end)
{
    struct linger now = {.l_onoff = 1, .l_linger = 0};
    setsockopt(end->fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    sim_end_close(end);
}

void sim_end_write(struct sim_end *end, const uint8_t *bytes, size_t n)
{
    if (end->closed || end->kind == SIM_END_RTU_PORT || end->kind == SIM_END_MB_PORT)
        return;
    bool tcp = end->kind != SIM_END_TTY;
    if (tcp && end->bus->half_open)
        return;
    if (tcp && end->bus->reset_in_frame && n > 1) {
        end->bus->reset_in_frame = false;
        (void)!send(end->fd, bytes, n / 2, MSG_NOSIGNAL);
        reset_connection(end);
        return;
    }
    ssize_t sent =
        end->kind == SIM_END_TTY ? write(end->fd, bytes, n) : send(end->fd, bytes, n, MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN && errno != EINTR && end->kind != SIM_END_TTY)
        sim_end_close(end);
}

void sim_end_close(struct sim_end *end)
{
    struct sim_bus *b = end->bus;
    if (end->closed)
        return;
    end->closed = true;
    close(end->fd); /* epoll forgets it by itself */
    if (end->watch >= 0)
        inotify_rm_watch(b->site->inotify_fd, end->watch);
    if (end->slave < 0)
        return;
    char target[sizeof end->path];
    ssize_t n = readlink(end->link, target, sizeof target);
    if (n == (ssize_t)strlen(end->path) &&
        memcmp(target, end->path, (size_t)n) == 0) /* not another one's by now */
        unlink(end->link);
    close(end->slave);
}

void sim_end_reap(struct sim_bus *b)
{
    for (struct sim_end **at = &b->ends; *at != NULL;) {
        struct sim_end *end = *at;
        if (!end->closed) {
            at = &end->next;
            continue;
        }
        *at = end->next;
        sim_line_forget(&b->line, end); /* only here: a write may fail while the line is speaking */
        sim_gateway_forget(&b->gateway, end);
        free(end);
    }
}

struct sim_end *sim_end_next(const struct sim_end *end)
{
    return end->next;
}

bool sim_end_has_tty(const struct sim_bus *b)
{
    for (const struct sim_end *end = b->ends; end != NULL; end = end->next)
        if (end->kind == SIM_END_TTY && !end->closed)
            return true;
    return false;
}

void sim_end_unplug(struct sim_bus *b)
{
    for (struct sim_end *end = b->ends; end != NULL; end = end->next)
        if (end->kind == SIM_END_TTY)
            sim_end_close(end);
}

void sim_end_reset_connections(struct sim_bus *b)
{
    for (struct sim_end *end = b->ends; end != NULL; end = end->next)
        if (!end->closed && (end->kind == SIM_END_RTU || end->kind == SIM_END_MB))
            reset_connection(end);
}

void sim_end_refuse(struct sim_bus *b)
{
    static const enum sim_end_kind kind[] = {SIM_END_RTU_PORT, SIM_END_MB_PORT};
    for (int i = 0; i < 2; i++)
        if (b->refused_port[i] == 0)
            b->refused_port[i] = sim_end_port(b, kind[i]);
    for (struct sim_end *end = b->ends; end != NULL; end = end->next)
        if (end->kind == SIM_END_RTU_PORT || end->kind == SIM_END_MB_PORT)
            sim_end_close(end);
    sim_end_reset_connections(b);
}

int sim_end_welcome(struct sim_bus *b)
{
    static const enum sim_end_kind kind[] = {SIM_END_RTU_PORT, SIM_END_MB_PORT};
    int rc = RC_OK;
    for (int i = 0; i < 2; i++) {
        if (b->refused_port[i] == 0)
            continue;
        int one = sim_end_listen(b, kind[i], b->refused_port[i]);
        if (one == RC_OK)
            b->refused_port[i] = 0;
        else
            rc = one;
    }
    return rc;
}

void sim_end_watch(struct sim_bus *b, int watch, bool opened)
{
    for (struct sim_end *end = b->ends; end != NULL; end = end->next) {
        if (end->closed || end->watch != watch)
            continue;
        end->openers += opened ? 1 : end->openers > 0 ? -1 : 0;
        end->left = !opened;
    }
}

void sim_end_release(struct sim_bus *b)
{
    for (struct sim_end *end = b->ends; end != NULL; end = end->next) {
        if (!end->closed && end->left && end->openers == 0)
            sim_tty_release(end->slave);
        end->left = false;
    }
}
