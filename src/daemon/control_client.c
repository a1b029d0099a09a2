/* control_client.c - reads lines of bounded length in bounded time. */
#include "daemon/control_client.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include "core/clock.h"

#define NS_PER_MS INT64_C(1000000)

struct inbox {
    char data[CONTROL_REQUEST_MAX];
    size_t len;
};

/* Waits for the socket until a wire deadline; false when it passed. */
static bool wait_for(int fd, short events, int64_t deadline_ns)
{
    for (;;) {
        int64_t left_ms = (deadline_ns - clock_wire_ns()) / NS_PER_MS;
        if (left_ms <= 0)
            return false;
        struct pollfd p = {.fd = fd, .events = events};
        int n = poll(&p, 1, (int)left_ms);
        if (n > 0)
            return true;
        if (n < 0 && errno != EINTR)
            return false;
    }
}

bool control_client_send(int fd, const char *data, size_t len)
{
    int64_t deadline_ns = clock_wire_ns() + CONTROL_SEND_MS * NS_PER_MS;
    while (len > 0) {
        ssize_t n = send(fd, data, len, MSG_NOSIGNAL);
        if (n >= 0) {
            data += n;
            len -= (size_t)n;
        } else if (errno == EAGAIN) {
            if (!wait_for(fd, POLLOUT, deadline_ns))
                return false;
        } else if (errno != EINTR) {
            return false;
        }
    }
    return true;
}

static bool send_error(int fd, enum control_error error, const char *detail)
{
    struct text_buf b = {.data = NULL};
    control_write_error(&b, error, detail);
    bool sent = !b.failed && control_client_send(fd, b.data, b.len);
    text_buf_done(&b);
    return sent;
}

/* Length of the next whole line (with its newline), reading more as needed; 0: the client is done. */
static size_t next_line(struct control_client *c, struct inbox *in)
{
    int64_t deadline_ns = clock_wire_ns() + CONTROL_IDLE_MS * NS_PER_MS;
    for (;;) {
        char *newline = memchr(in->data, '\n', in->len);
        if (newline != NULL)
            return (size_t)(newline - in->data) + 1;
        if (in->len == sizeof in->data) {
            send_error(c->fd, CONTROL_MALFORMED, "the request is too long");
            return 0;
        }
        ssize_t n = recv(c->fd, in->data + in->len, sizeof in->data - in->len, 0);
        if (n > 0) {
            in->len += (size_t)n;
        } else if (n == 0 || (errno != EAGAIN && errno != EINTR) || !wait_for(c->fd, POLLIN, deadline_ns)) {
            return 0;
        }
    }
}

static bool answer_line(struct control_client *c, const char *line, size_t len)
{
    struct control_request q;
    enum control_error error;
    char why[CONTROL_WHY];
    if (!control_parse(line, len, &q, &error, why))
        return send_error(c->fd, error, why);
    q.uid = c->uid;
    bool operates = q.kind == CONTROL_RELOAD || q.kind == CONTROL_RELAY;
    if (operates && c->right < CONTROL_OPERATE)
        return send_error(c->fd, CONTROL_DENIED, "only members of group meterfleet-operator may do this");
    if (q.kind == CONTROL_TRACE && c->follow != NULL) {
        c->follow(c->arg, &q, c->fd);
        return false; /* the rest of the connection was the answer */
    }
    struct text_buf out = {.data = NULL};
    c->answer(c->arg, &q, &out);
    bool sent = out.failed ? send_error(c->fd, CONTROL_FAILED, "no memory")
                           : control_client_send(c->fd, out.data, out.len);
    text_buf_done(&out);
    return sent;
}

void control_client_serve(struct control_client *c)
{
    struct inbox in = {.len = 0};
    size_t line;
    bool going_on = true;
    while (going_on && (line = next_line(c, &in)) > 0) {
        atomic_store(&c->serving, true);
        going_on = answer_line(c, in.data, line - 1);
        atomic_store(&c->serving, false);
        in.len -= line;
        memmove(in.data, in.data + line, in.len);
    }
}
