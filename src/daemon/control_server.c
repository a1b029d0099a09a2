/* control_server.c - the accepting thread and the table of clients. */
#include "daemon/control_server.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "core/clock.h"
#include "core/log.h"
#include "core/rc.h"
#include "daemon/control_client.h"
#include "daemon/control_socket.h"
#include "share/event.h"

#define STACK_BYTES (256 * 1024)
#define STOP_MS     300 /* what a client gets to take its last answer */

struct slot {
    bool used;
    bool leaving;     /* was put out: its thread ends by itself, at once */
    atomic_bool done; /* its thread is about to end: join it */
    pthread_t thread;
    uid_t uid;
    uint64_t number; /* rises with every client: the lowest is the oldest */
    struct control_client client;
};

struct control_server {
    char path[128];
    struct stat id;
    int listen_fd, stop_fd;
    control_answer *answer;
    control_follow *follow;
    void *arg;
    pthread_t thread;
    bool started;
    uint64_t clients;
    struct slot slots[CONTROL_CLIENTS]; /* the accepting thread's own */
};

int control_server_open(const char *path, struct control_server **out, char why[CONTROL_WHY])
{
    struct control_server *s = calloc(1, sizeof *s);
    if (s == NULL) {
        text_format(why, CONTROL_WHY, "no memory");
        return RC_NOMEM;
    }
    s->listen_fd = -1;
    s->stop_fd = event_new();
    text_format(s->path, sizeof s->path, "%s", path);
    int rc = RC_IO;
    if (s->stop_fd < 0)
        text_format(why, CONTROL_WHY, "%s", strerror(errno));
    else
        rc = control_socket_listen(path, &s->listen_fd, &s->id, why);
    if (rc != RC_OK) {
        control_server_join(s);
        return rc;
    }
    *out = s;
    return RC_OK;
}

static int start_thread(pthread_t *thread, void *(*run)(void *), void *arg)
{
    pthread_attr_t attr;
    if (pthread_attr_init(&attr) != 0)
        return RC_NOMEM;
    pthread_attr_setstacksize(&attr, STACK_BYTES);
    int failed = pthread_create(thread, &attr, run, arg);
    pthread_attr_destroy(&attr);
    return failed != 0 ? RC_IO : RC_OK;
}

static void *serve(void *arg)
{
    struct slot *slot = arg;
    control_client_serve(&slot->client);
    atomic_store(&slot->done, true);
    return NULL;
}

static void free_slot(struct slot *slot)
{
    pthread_join(slot->thread, NULL);
    close(slot->client.fd);
    slot->used = false;
}

static size_t reap(struct control_server *s)
{
    size_t used = 0;
    for (size_t i = 0; i < CONTROL_CLIENTS; i++) {
        struct slot *slot = &s->slots[i];
        if (slot->used && atomic_load(&slot->done))
            free_slot(slot);
        used += slot->used;
    }
    return used;
}

static size_t held_by(const struct control_server *s, uid_t uid)
{
    size_t n = 0;
    for (size_t i = 0; i < CONTROL_CLIENTS; i++)
        n += s->slots[i].used && s->slots[i].uid == uid;
    return n;
}

/* The oldest idle client of the user who holds most. */
static void make_room(struct control_server *s)
{
    struct slot *victim = NULL;
    size_t most = 0;
    for (size_t i = 0; i < CONTROL_CLIENTS; i++) {
        struct slot *slot = &s->slots[i];
        if (!slot->used || slot->leaving || atomic_load(&slot->client.serving))
            continue;
        size_t held = held_by(s, slot->uid);
        if (victim == NULL || held > most || (held == most && slot->number < victim->number)) {
            victim = slot;
            most = held;
        }
    }
    if (victim != NULL) {
        victim->leaving = true;
        shutdown(victim->client.fd, SHUT_RDWR);
    }
}

static bool anybody_leaves(const struct control_server *s)
{
    for (size_t i = 0; i < CONTROL_CLIENTS; i++)
        if (s->slots[i].used && s->slots[i].leaving)
            return true;
    return false;
}

/* A free place, or NULL. Those put out need a moment to go. */
static struct slot *find_slot(struct control_server *s)
{
    if (reap(s) >= CONTROL_SCARCE)
        make_room(s);
    for (int waited_ms = 0; reap(s) == CONTROL_CLIENTS && anybody_leaves(s) && waited_ms < STOP_MS;
         waited_ms++)
        poll(NULL, 0, 1);
    for (size_t i = 0; i < CONTROL_CLIENTS; i++)
        if (!s->slots[i].used)
            return &s->slots[i];
    return NULL;
}

static void refuse(int fd, enum control_error error, const char *detail)
{
    struct text_buf b = {.data = NULL};
    control_write_error(&b, error, detail);
    if (!b.failed)
        (void)!send(fd, b.data, b.len, MSG_NOSIGNAL | MSG_DONTWAIT);
    text_buf_done(&b);
    close(fd);
}

static void welcome(struct control_server *s, int fd)
{
    uid_t uid = (uid_t)-1;
    enum control_right right = control_rights_of_peer(fd, &uid);
    if (right == CONTROL_NOTHING) {
        refuse(fd, CONTROL_DENIED, "only members of group meterfleet may ask");
        return;
    }
    struct slot *slot = find_slot(s);
    if (slot == NULL) {
        refuse(fd, CONTROL_BUSY, "too many clients at once");
        return;
    }
    *slot = (struct slot){.used = true, .uid = uid, .number = ++s->clients};
    slot->client = (struct control_client){
        .fd = fd, .right = right, .uid = uid, .answer = s->answer, .follow = s->follow, .arg = s->arg};
    if (start_thread(&slot->thread, serve, slot) != RC_OK) {
        slot->used = false;
        refuse(fd, CONTROL_BUSY, "no thread for another client");
    }
}

static void *accept_all(void *arg)
{
    struct control_server *s = arg;
    struct pollfd fds[2] = {{.fd = s->stop_fd, .events = POLLIN}, {.fd = s->listen_fd, .events = POLLIN}};
    for (;;) {
        int n = poll(fds, 2, reap(s) > 0 ? 1000 : -1); /* the time-out joins threads of clients that went */
        if (fds[0].revents != 0)
            return NULL;
        if (n <= 0 || fds[1].revents == 0)
            continue;
        int fd = accept4(s->listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (fd >= 0)
            welcome(s, fd);
        else if (errno == EMFILE || errno == ENFILE || errno == ENOMEM)
            poll(fds, 1, 100); /* the waiting client stays in the backlog; do not spin over it */
    }
}

int control_server_start(struct control_server *s, control_answer *answer, control_follow *follow, void *arg)
{
    s->answer = answer;
    s->follow = follow;
    s->arg = arg;
    int rc = start_thread(&s->thread, accept_all, s);
    s->started = rc == RC_OK;
    return rc;
}

void control_server_stop(struct control_server *s)
{
    event_set(s->stop_fd);
}

static void shut_all(struct control_server *s, int how)
{
    for (size_t i = 0; i < CONTROL_CLIENTS; i++)
        if (s->slots[i].used)
            shutdown(s->slots[i].client.fd, how);
}

void control_server_join(struct control_server *s)
{
    if (s == NULL)
        return;
    if (s->started)
        pthread_join(s->thread, NULL);
    shut_all(s, SHUT_RD); /* an answer under way may still go out */
    for (int waited_ms = 0; waited_ms < STOP_MS && reap(s) > 0; waited_ms += 10)
        poll(NULL, 0, 10);
    shut_all(s, SHUT_RDWR);
    for (size_t i = 0; i < CONTROL_CLIENTS; i++)
        if (s->slots[i].used)
            free_slot(&s->slots[i]);
    if (s->listen_fd >= 0) {
        close(s->listen_fd);
        control_socket_remove(s->path, &s->id);
    }
    if (s->stop_fd >= 0)
        close(s->stop_fd);
    free(s);
}
