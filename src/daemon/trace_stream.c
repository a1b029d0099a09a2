#include "daemon/trace_stream.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <sys/socket.h>
#include "bus/trace.h"
#include "daemon/trace_line.h"

#define BATCH 32 /* frames a send */

struct stream {
    struct app *app;
    const struct control_request *q;
    int fd;
    struct trace_ear *ear;
    const struct house *house; /* whose ear it is: only looked at while it is the app's */
    struct text_buf out;
};

/* Sends what is in the buffer, however long the client takes; false: it went, or we stop. */
static bool send_out(struct stream *s)
{
    const char *data = s->out.data;
    size_t len = s->out.failed ? 0 : s->out.len;
    while (len > 0) {
        ssize_t n = send(s->fd, data, len, MSG_NOSIGNAL);
        struct pollfd p = {.fd = s->fd, .events = POLLOUT};
        if (n > 0) {
            data += n;
            len -= (size_t)n;
        } else if (n < 0 && errno == EAGAIN) {
            if (poll(&p, 1, -1) < 0 && errno != EINTR)
                return false;
        } else if (n == 0 || errno != EINTR) {
            return false;
        }
    }
    text_buf_clear(&s->out);
    return !s->out.failed;
}

/* An ear in the house that stands now; false: an error lies in the buffer. */
static bool listen_again(struct stream *s)
{
    pthread_rwlock_rdlock(&s->app->door);
    s->house = s->app->house;
    if (s->app->house == NULL)
        control_write_error(&s->out, CONTROL_BUSY, "the daemon is stopping");
    else
        s->ear = house_listen(s->app->house, s->q, &s->out);
    pthread_rwlock_unlock(&s->app->door);
    return s->ear != NULL;
}

/* Lines of the frames that came, at most a batch; what a house before this one said has lost its names. */
static bool take(struct stream *s)
{
    struct trace_frame f;
    unsigned n = 0;
    pthread_rwlock_rdlock(&s->app->door);
    bool same = s->app->house == s->house && s->house != NULL;
    int bus = same ? settings_bus_find(house_settings(s->house), s->q->meter) : -1;
    while (n < BATCH && trace_take(s->ear, &f)) {
        n++;
        if (bus >= 0)
            trace_line(house_settings(s->house), (size_t)bus, &f, &s->out);
    }
    pthread_rwlock_unlock(&s->app->door);
    if (n < BATCH) { /* all that was kept has been told: now what was not */
        uint64_t lost = trace_lost(s->ear);
        if (lost > 0)
            text_buf_addf(&s->out, "{\"lost\":%" PRIu64 "}\n", lost);
    }
    return n > 0;
}

/* False when the client hung up. What it says is of no interest. */
static bool client_there(int fd)
{
    char junk[256];
    for (;;) {
        ssize_t n = recv(fd, junk, sizeof junk, 0);
        if (n > 0)
            continue;
        return n < 0 && (errno == EAGAIN || errno == EINTR);
    }
}

/* Until the ear hears the end (true) or the client has gone. */
static bool follow(struct stream *s)
{
    for (;;) {
        struct pollfd fds[2] = {{.fd = s->fd, .events = POLLIN}, {.fd = trace_fd(s->ear), .events = POLLIN}};
        if (poll(fds, 2, -1) < 0 && errno != EINTR)
            return false;
        if (fds[0].revents != 0 && !client_there(s->fd))
            return false;
        bool ended = trace_ended(s->ear);
        bool any = take(s);
        if (!send_out(s))
            return false;
        if (ended && !any)
            return true;
    }
}

static bool enter(struct app *a)
{
    if (atomic_fetch_add(&a->followers, 1) < TRACE_CLIENTS)
        return true;
    atomic_fetch_sub(&a->followers, 1);
    return false;
}

void trace_stream(void *arg, const struct control_request *q, int fd)
{
    struct stream s = {.app = arg, .q = q, .fd = fd};
    bool going_on = enter(s.app);
    if (!going_on) {
        control_write_error(&s.out, CONTROL_BUSY, "too many look at frames already");
        send_out(&s);
        text_buf_done(&s.out);
        return;
    }
    going_on = listen_again(&s);
    if (going_on) {
        text_buf_addf(&s.out, "{\"version\":%d,\"ok\":true,\"trace\":\"%s\"}\n", CONTROL_VERSION, q->meter);
        going_on = send_out(&s);
    }
    while (going_on && follow(&s)) {
        trace_leave(s.ear);
        s.ear = NULL;
        going_on = listen_again(&s); /* waits until the reload is over */
        if (going_on)
            text_buf_add(&s.out, "{\"note\":\"the daemon was reloaded\"}\n");
    }
    send_out(&s);
    trace_leave(s.ear);
    text_buf_done(&s.out);
    atomic_fetch_sub(&s.app->followers, 1);
}
