/* daemon_talk.c - connects, asks, waits, understands. */
#include "cli/daemon_talk.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include "config/settings.h"
#include "core/clock.h"
#include "daemon/control_protocol.h"

#define NOT_UNDERSTOOD "daemon: answer not understood: is it of another version?"
#define CHUNK          65536
#define NS_PER_MS      INT64_C(1000000)

/* Takes the lines of a bad configuration: the last one stays in `why`, those before it are told. Monitoring
 * has room for one line: then it is the first, and how many more there are. */
struct faults {
    bool monitoring;
    unsigned n;
    char *why;
};

static void take_fault(void *arg, const char *line)
{
    struct faults *f = arg;
    if (f->n++ > 0 && f->monitoring)
        return;
    if (f->n > 1)
        complain("%s", f->why);
    text_format(f->why, TALK_WHY, "%s", line);
}

/* EXIT_DONE: *path is the socket's, the caller's to free. */
static int socket_path(const struct cli_args *a, char **path, char why[TALK_WHY])
{
    struct settings *s;
    struct faults faults = {.monitoring = cli_switch(a, "check"), .why = why};
    const char *given = cli_option(a, "control");
    text_format(why, TALK_WHY, "daemon: cannot be asked: no memory");
    int rc = given == NULL ? settings_read(a->config, take_fault, &faults, &s) : RC_OK;
    size_t len = strlen(why);
    if (faults.monitoring && faults.n > 1)
        text_format(why + len, TALK_WHY - len, " (and %u more: meterfleet check)", faults.n - 1);
    if (rc != RC_OK)
        return rc == RC_NOMEM ? EXIT_FAILED : EXIT_CONFIG;
    *path = strdup(given != NULL ? given : s->control_path);
    if (given == NULL)
        settings_free(s);
    return *path != NULL ? EXIT_DONE : EXIT_FAILED;
}

static int connect_to(const char *path, char why[TALK_WHY])
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    if (!text_format(at.sun_path, sizeof at.sun_path, "%s", path)) {
        text_format(why, TALK_WHY, "%.100s: path too long for a socket", path);
        return -EXIT_USAGE;
    }
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const struct timeval patience = {.tv_sec =
                                         5}; /* a daemon that is stopped does not take us from its backlog */
    if (fd >= 0)
        setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    if (fd >= 0 && connect(fd, (const struct sockaddr *)&at, sizeof at) == 0)
        return fd;
    int saved = errno, code = EXIT_UNAVAILABLE;
    if (fd >= 0)
        close(fd);
    if (saved == EACCES || saved == EPERM) {
        text_format(why, TALK_WHY, "%s: not allowed: only members of group meterfleet may ask the daemon",
                    path);
        code = EXIT_NOPERM;
    } else if (saved == ENOENT || saved == ECONNREFUSED) {
        text_format(why, TALK_WHY, "daemon: not running: nobody listens at %s", path);
    } else {
        text_format(why, TALK_WHY, "%s: cannot be reached: %s", path, strerror(saved));
    }
    return -code;
}

static bool send_line(int fd, const char *request)
{
    char line[CONTROL_REQUEST_MAX];
    if (!text_format(line, sizeof line, "{\"version\":%d,%s}\n", CONTROL_VERSION, request)) {
        errno = EMSGSIZE;
        return false;
    }
    const char *rest = line;
    while (*rest != '\0') {
        ssize_t n = send(fd, rest, strlen(rest), MSG_NOSIGNAL);
        if (n < 0 && errno != EINTR)
            return false;
        rest += n > 0 ? n : 0;
    }
    return true;
}

/* Reads up to the newline; false with errno. */
static bool receive_line(int fd, int wait_ms, struct text_buf *line)
{
    int64_t deadline_ns = clock_wire_ns() + wait_ms * NS_PER_MS;
    char *chunk = malloc(CHUNK);
    bool whole = false;
    int failure = chunk == NULL ? ENOMEM : 0;
    while (!whole && failure == 0) {
        struct pollfd p = {.fd = fd, .events = POLLIN};
        int64_t left_ms = (deadline_ns - clock_wire_ns()) / NS_PER_MS;
        if (left_ms <= 0 || line->len > CONTROL_ANSWER_MAX || line->failed) {
            failure = left_ms <= 0 ? ETIMEDOUT : ENOMEM;
            continue;
        }
        if (poll(&p, 1, (int)left_ms) <= 0)
            continue;
        ssize_t n = recv(fd, chunk, CHUNK, 0);
        if (n > 0) {
            text_buf_add_n(line, chunk, (size_t)n);
            whole = chunk[n - 1] == '\n';
        } else if (n == 0 || errno != EINTR) {
            failure = n == 0 ? ECONNRESET : errno;
        }
    }
    free(chunk);
    errno = failure;
    return whole && !line->failed;
}

/* EXIT_DONE when the answer says ok. */
static int judge(const json_t *answer, char why[TALK_WHY])
{
    if (!json_is_object(answer)) {
        text_format(why, TALK_WHY, NOT_UNDERSTOOD);
        return EXIT_FAILED;
    }
    if (talk_true(answer, "ok"))
        return EXIT_DONE;
    int error = control_error_find(talk_text(answer, "error"));
    const char *detail = talk_text(answer, "detail");
    if (error < 0 || error == CONTROL_OTHER_VERSION || error == CONTROL_MALFORMED) {
        text_format(why, TALK_WHY, "daemon: another version than this tool: %.200s", detail);
        return EXIT_FAILED;
    }
    if (error == CONTROL_DENIED)
        text_format(why, TALK_WHY, "daemon: not allowed: %.200s", detail);
    else if (error == CONTROL_BUSY)
        text_format(why, TALK_WHY, "daemon: busy: %.200s", detail);
    else
        text_format(why, TALK_WHY, "%.300s", detail);
    return control_error_exit((enum control_error)error);
}

static int exchange(int fd, const char *request, int wait_ms, json_t **out, char why[TALK_WHY])
{
    struct text_buf line = {.data = NULL};
    /* A daemon that refuses us answers and closes at once: the request may fail, its answer be there all the
     * same. */
    bool sent = send_line(fd, request);
    bool received = receive_line(fd, wait_ms, &line);
    if (!received) {
        text_format(why, TALK_WHY, "daemon: no answer: %s", strerror(errno));
        text_buf_done(&line);
        return EXIT_UNAVAILABLE;
    }
    json_error_t trouble;
    json_t *answer = json_loadb(line.data, line.len, 0, &trouble);
    text_buf_done(&line);
    int code = judge(answer, why);
    if (code == EXIT_DONE && !sent) {
        text_format(why, TALK_WHY, "daemon: request could not be sent");
        code = EXIT_UNAVAILABLE;
    }
    if (code == EXIT_DONE)
        *out = answer;
    else
        json_decref(answer);
    return code;
}

/* A connected socket, or minus the exit code. */
static int reach(const struct cli_args *a, char why[TALK_WHY])
{
    char *path = NULL;
    int code = socket_path(a, &path, why);
    if (code != EXIT_DONE)
        return -code;
    int fd = connect_to(path, why);
    free(path);
    return fd;
}

int talk_ask(const struct cli_args *a, const char *request, int wait_ms, json_t **answer, char why[TALK_WHY])
{
    int fd = reach(a, why);
    if (fd < 0)
        return -fd;
    int code = exchange(fd, request, wait_ms, answer, why);
    close(fd);
    return code;
}

struct following {
    bool (*line)(void *arg, const char *text, size_t len);
    void *arg;
    bool judged; /* the first line said ok */
    char *why;
};

/* Hands out the whole lines of the buffer; *code: not EXIT_DONE when the first one said no. False: enough. */
static bool hand_out(struct following *f, struct text_buf *b, int *code)
{
    char *at = b->data, *newline;
    bool more = true;
    while (more && (newline = memchr(at, '\n', b->len - (size_t)(at - b->data))) != NULL) {
        size_t len = (size_t)(newline - at);
        if (f->judged) {
            more = f->line(f->arg, at, len);
        } else {
            json_t *first = json_loadb(at, len, 0, NULL);
            *code = judge(first, f->why);
            json_decref(first);
            f->judged = more = *code == EXIT_DONE;
        }
        at = newline + 1;
    }
    b->len -= (size_t)(at - b->data);
    memmove(b->data, at, b->len);
    return more;
}

int talk_follow(const struct cli_args *a, const char *request, const volatile sig_atomic_t *interrupted,
                bool (*line)(void *arg, const char *text, size_t len), void *arg, char why[TALK_WHY])
{
    struct following f = {line, arg, false, why};
    struct text_buf b = {.data = NULL};
    int fd = reach(a, why), code = EXIT_DONE;
    if (fd < 0)
        return -fd;
    char *chunk = malloc(CHUNK);
    bool more = chunk != NULL && send_line(fd, request);
    if (!more) {
        text_format(why, TALK_WHY, "daemon: cannot be asked: %s", strerror(errno));
        code = EXIT_UNAVAILABLE;
    }
    while (more && !*interrupted) {
        ssize_t n = recv(fd, chunk, CHUNK, 0);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0 || b.failed || b.len > CONTROL_ANSWER_MAX) {
            text_format(why, TALK_WHY, "daemon: hung up: it stopped, or the bus is no longer configured");
            code = EXIT_UNAVAILABLE;
            break;
        }
        text_buf_add_n(&b, chunk, (size_t)n);
        more = !b.failed && hand_out(&f, &b, &code);
    }
    free(chunk);
    text_buf_done(&b);
    close(fd);
    return code;
}

const json_t *talk_part(const json_t *answer, const char *key, char why[TALK_WHY])
{
    const json_t *part = json_object_get(answer, key);
    if (json_object_size(part) > 0 || json_is_array(part))
        return part;
    text_format(why, TALK_WHY, NOT_UNDERSTOOD);
    return NULL;
}

static int add_piece(const char *piece, size_t size, void *out)
{
    text_buf_add_n(out, piece, size);
    return ((const struct text_buf *)out)->failed ? -1 : 0;
}

void talk_dump(const json_t *o, struct text_buf *out)
{
    if (json_dump_callback(o, add_piece, out, JSON_INDENT(1) | JSON_REAL_PRECISION(15)) != 0)
        out->failed = true;
    text_buf_add(out, "\n");
}

const char *talk_text(const json_t *o, const char *key)
{
    const char *s = json_string_value(json_object_get(o, key));
    return s != NULL ? s : "";
}

int64_t talk_number(const json_t *o, const char *key)
{
    return (int64_t)json_integer_value(json_object_get(o, key));
}

bool talk_true(const json_t *o, const char *key)
{
    return json_is_true(json_object_get(o, key));
}

int64_t talk_time(const json_t *o, const char *key)
{
    int64_t utc_ms;
    return text_to_utc_ms(talk_text(o, key), &utc_ms) == RC_OK ? utc_ms : 0;
}
