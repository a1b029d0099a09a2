#include "publish/publish_worker.h"
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>
#include "core/clock.h"
#include "core/rc.h"
#include "publish/link.h"
#include "publish/session.h"
#include "share/event.h"

#define NS_PER_MS       INT64_C(1000000)
#define TICK_MS         1000 /* the keepalive of the library wants to be looked at once a second */
#define STOP_LEDGER_MS  1000 /* orderly stop: what is stored goes out for at most this … */
#define STOP_OFFLINE_MS 300  /* … then "offline" waits for its acknowledgement … */
#define STOP_GOODBYE_MS 200  /* … and DISCONNECT for its way out: below 2 s in all */
#define WORKER_STACK    (512 * 1024)

struct publish_worker {
    const struct settings *settings;
    struct ledger_state *ledger;
    struct livebox *live;
    struct relay_box *box;
    publish_info_fn *info;
    void *info_arg;
    int stop_fd, board_fd;
    _Atomic bool another_follows;
    pthread_t thread;
    bool started;
    /* the thread's own */
    struct session *session;
    struct link link;
    /* shared */
    pthread_mutex_t lock;
    struct publish_status status;
};

static void ask_house(void *arg, struct session_house *out)
{
    struct publish_worker *w = arg;
    struct publish_info info = {0};
    if (w->info != NULL)
        w->info(w->info_arg, &info);
    out->database_bytes = info.database_bytes;
    memcpy(out->clock, info.clock, sizeof out->clock);
}

static void show(struct publish_worker *w)
{
    struct session_count count;
    session_count(w->session, &count);
    (void)pthread_mutex_lock(&w->lock);
    struct publish_status *status = &w->status;
    if (w->link.up && !status->connected)
        status->connected_since_utc_ms = clock_utc_ms();
    status->connected = w->link.up;
    if (!w->link.up)
        status->connected_since_utc_ms = 0;
    (void)snprintf(status->detail, sizeof status->detail, "%s", w->link.detail);
    status->published = count.published;
    status->acked_messages = count.acked;
    status->last_seq = count.last_seq;
    status->acked_seq = count.acked_seq;
    status->progress_wire_ns = clock_wire_ns();
    (void)pthread_mutex_unlock(&w->lock);
}

/* Waits for what there is to wait for, then serves the connection. */
static void round_once(struct publish_worker *w, int timeout_ms, bool also_stop)
{
    enum { STOP, LEDGER, BOARD, LIVE, RELAY, BROKER, COUNT };
    struct pollfd fds[COUNT];
    for (int i = 0; i < COUNT; i++)
        fds[i] = (struct pollfd){.fd = -1, .events = POLLIN};
    if (also_stop)
        fds[STOP].fd = w->stop_fd;
    fds[LEDGER].fd = ledger_state_fd(w->ledger);
    fds[BOARD].fd = w->board_fd;
    if (w->link.up && also_stop &&
        !mqtt_congested(w->link.mqtt)) /* at the end nobody takes live values any more */
        fds[LIVE].fd = livebox_fd(w->live);
    if (w->link.up && w->box != NULL)
        fds[RELAY].fd = relay_box_answer_fd(w->box);
    fds[BROKER].fd = link_fd(&w->link, &fds[BROKER].events);
    if (poll(fds, COUNT, timeout_ms) <= 0) {
        (void)link_serve(&w->link, 0);
        return;
    }
    if (fds[LEDGER].revents != 0)
        event_clear(fds[LEDGER].fd);
    if (fds[RELAY].revents != 0)
        event_clear(fds[RELAY].fd);
    if (fds[BOARD].revents != 0) {
        event_clear(fds[BOARD].fd);
        session_board_changed(w->session);
    }
    (void)link_serve(&w->link, fds[BROKER].revents);
}

static int left_ms(int64_t until_ns)
{
    const int64_t left = (until_ns - clock_wire_ns()) / NS_PER_MS;
    return left < 0 ? 0 : (int)left;
}

/* The orderly stop: what is stored, then "offline", then DISCONNECT, each for a bounded time. */
static void wind_up(struct publish_worker *w)
{
    struct link *l = &w->link;
    int64_t until_ns = clock_wire_ns() + STOP_LEDGER_MS * NS_PER_MS;
    session_wind_up(w->session);
    bool at_once = session_pump(w->session);
    while (!session_idle(w->session) && !link_is_down(l) && left_ms(until_ns) > 0) {
        round_once(w, at_once ? 0 : left_ms(until_ns), false);
        at_once = !link_is_down(l) && session_pump(w->session);
    }
    until_ns = clock_wire_ns() + STOP_OFFLINE_MS * NS_PER_MS;
    while (!w->another_follows && !link_is_down(l) && !session_say_offline(w->session) &&
           left_ms(until_ns) > 0)
        round_once(w, left_ms(until_ns), false);
    until_ns = clock_wire_ns() + STOP_GOODBYE_MS * NS_PER_MS;
    if (!link_is_down(l))
        mqtt_goodbye(l->mqtt);
    while (!link_is_down(l) && left_ms(until_ns) > 0)
        round_once(w, left_ms(until_ns), false);
    session_end(w->session);
}

static void *run(void *arg)
{
    struct publish_worker *w = arg;
    bool at_once = false;
    while (!event_is_set(w->stop_fd)) {
        round_once(w, at_once ? 0 : link_wait_ms(&w->link, TICK_MS), true);
        at_once = w->link.up && !link_is_down(&w->link) && session_pump(w->session);
        link_check(&w->link);
        show(w);
    }
    if (w->link.up)
        wind_up(w);
    link_done(&w->link);
    (void)snprintf(w->link.detail, sizeof w->link.detail, "stopped");
    show(w);
    return NULL;
}

static uint64_t seed(void)
{
    uint64_t value = 0;
    if (getrandom(&value, sizeof value, GRND_NONBLOCK) != sizeof value)
        value = (uint64_t)clock_wire_ns();
    return value;
}

/* The thread takes no signals: main does, and SIGPIPE from a broker that went away is of no use to anybody.
 */
static int start_thread(struct publish_worker *w)
{
    pthread_attr_t attr;
    sigset_t all, before;
    (void)sigfillset(&all);
    (void)pthread_attr_init(&attr);
    (void)pthread_attr_setstacksize(&attr, WORKER_STACK);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    const int rc = pthread_create(&w->thread, &attr, run, w);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    (void)pthread_attr_destroy(&attr);
    w->started = rc == 0;
    return rc == 0 ? RC_OK : RC_IO;
}

static int start_enabled(struct publish_worker *w, struct board *board)
{
    const struct session_env env = {.settings = w->settings,
                                    .board = board,
                                    .ledger = w->ledger,
                                    .live = w->live,
                                    .box = w->box,
                                    .house = ask_house,
                                    .house_arg = w};
    w->status.enabled = true;
    const int rc = session_new(&env, &w->session);
    if (rc != RC_OK)
        return rc;
    w->stop_fd = event_new();
    w->board_fd = board_subscribe(board); /* without it a change is seen at the next connect */
    if (w->stop_fd < 0)
        return RC_IO;
    link_init(&w->link, w->settings, w->session, seed());
    memcpy(w->status.broker, w->link.broker, sizeof w->status.broker);
    show(w);
    return start_thread(w);
}

int publish_worker_start(const struct settings *s, struct board *board, struct ledger_state *ledger,
                         struct livebox *live, struct relay_box *box, publish_info_fn *info, void *info_arg,
                         struct publish_worker **out)
{
    struct publish_worker *w = calloc(1, sizeof *w);
    if (w == NULL)
        return RC_NOMEM;
    w->settings = s;
    w->ledger = ledger;
    w->live = live;
    w->box = box;
    w->info = info;
    w->info_arg = info_arg;
    w->stop_fd = w->board_fd = -1;
    w->status.progress_wire_ns = clock_wire_ns();
    (void)pthread_mutex_init(&w->lock, NULL);
    const int rc = s->mqtt.enabled ? start_enabled(w, board) : RC_OK;
    if (rc != RC_OK) {
        publish_worker_join(w);
        return rc;
    }
    *out = w;
    return RC_OK;
}

void publish_worker_stop(struct publish_worker *w, bool another_follows)
{
    w->another_follows = another_follows;
    if (w->stop_fd >= 0)
        event_set(w->stop_fd);
}

void publish_worker_join(struct publish_worker *w)
{
    if (w == NULL)
        return;
    if (w->started)
        (void)pthread_join(w->thread, NULL);
    session_free(w->session);
    if (w->stop_fd >= 0)
        (void)close(w->stop_fd);
    if (w->board_fd >= 0)
        (void)close(w->board_fd);
    (void)pthread_mutex_destroy(&w->lock);
    free(w);
}

void publish_worker_status(struct publish_worker *w, struct publish_status *out)
{
    (void)pthread_mutex_lock(&w->lock);
    *out = w->status;
    (void)pthread_mutex_unlock(&w->lock);
}
