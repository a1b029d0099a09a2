#include "publish/publish_worker.h"
#include <inttypes.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>
#include "core/clock.h"
#include "core/log.h"
#include "core/rc.h"
#include "core/text.h"
#include "publish/backoff.h"
#include "publish/mqtt.h"
#include "publish/outbox.h"
#include "publish/session.h"
#include "share/event.h"

#define NS_PER_MS       INT64_C(1000000)
#define TICK_MS         1000 /* the keepalive of the library wants to be looked at once a second */
#define STOP_LEDGER_MS  1000 /* orderly stop: what is stored goes out for at most this … */
#define STOP_OFFLINE_MS 300  /* … then "offline" waits for its acknowledgement … */
#define STOP_GOODBYE_MS 200  /* … and DISCONNECT for its way out: below 2 s in all */
#define SHORT_LIVED_MOST                                                                                     \
    3 /* connections lost soon, one after the other, before a taken-over session is guessed */
#define WORKER_STACK (512 * 1024)

struct publish_worker {
    const struct settings *settings;
    struct ledger_state *ledger;
    struct livebox *live;
    publish_info_fn *info;
    void *info_arg;
    int stop_fd, board_fd;
    pthread_t thread;
    bool started;
    /* the thread's own */
    struct session *session;
    struct mqtt *mqtt;
    struct backoff backoff;
    bool up;
    int64_t dial_at_ns, up_since_ns;
    unsigned short_lived;
    char told[MQTT_WHY]; /* the cause last logged, and how often it came since */
    uint64_t told_times;
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

static void on_acked(void *arg, int mid, int reason)
{
    struct publish_worker *w = arg;
    session_acked(w->session, mid, reason);
}

static void on_subscribed(void *arg, int mid, int reason)
{
    struct publish_worker *w = arg;
    session_subscribed(w->session, mid, reason);
}

static void on_message(void *arg, const char *topic, const void *payload, size_t len, bool retained)
{
    struct publish_worker *w = arg;
    session_message(w->session, topic, payload, len, retained);
}

static void show(struct publish_worker *w, const char *detail)
{
    struct session_count count;
    session_count(w->session, &count);
    (void)pthread_mutex_lock(&w->lock);
    struct publish_status *status = &w->status;
    if (w->up && !status->connected)
        status->connected_since_utc_ms = clock_utc_ms();
    status->connected = w->up;
    if (!w->up)
        status->connected_since_utc_ms = 0;
    if (detail != NULL)
        (void)snprintf(status->detail, sizeof status->detail, "%s", detail);
    status->published = count.published;
    status->acked_messages = count.acked;
    status->last_seq = count.last_seq;
    status->acked_seq = count.acked_seq;
    status->progress_wire_ns = clock_wire_ns();
    (void)pthread_mutex_unlock(&w->lock);
}

/* The cause is told when it is another one than before, then after the 10th, the 100th … time. */
static void tell_cause(struct publish_worker *w, const char *why, uint32_t wait_ms)
{
    if (strcmp(why, w->told) != 0) {
        (void)snprintf(w->told, sizeof w->told, "%s", why);
        w->told_times = 0;
    }
    uint64_t n = ++w->told_times;
    while (n >= 10 && n % 10 == 0)
        n /= 10;
    if (n == 1 && w->told_times == 1)
        log_warning("mqtt: not connected: %s: %s, next try in %.1f s", w->status.broker, why,
                    wait_ms / 1000.0);
    else if (n == 1)
        log_warning("mqtt: not connected: %s: %s: %" PRIu64 " times", w->status.broker, why, w->told_times);
    else
        log_debug("mqtt: not connected: %s: %s, next try in %.1f s", w->status.broker, why, wait_ms / 1000.0);
}

static void hang_up(struct publish_worker *w, const char *cause)
{
    char why[MQTT_WHY];
    const int64_t now_ns = clock_wire_ns();
    const int64_t held_ms = w->up ? (now_ns - w->up_since_ns) / NS_PER_MS : 0;
    (void)snprintf(why, sizeof why, "%s", cause[0] == '\0' ? "connection lost" : cause);
    if (w->up) {
        session_end(w->session);
        w->short_lived = held_ms < BACKOFF_HELD_MS ? w->short_lived + 1 : 0;
        if (w->short_lived >= SHORT_LIVED_MOST)
            (void)snprintf(why, sizeof why, "%.60s soon after connecting: is client_id %.41s used twice?",
                           cause, w->settings->mqtt.client_id);
    }
    mqtt_close(w->mqtt);
    w->mqtt = NULL;
    w->up = false;
    const uint32_t wait_ms = backoff_next_ms(&w->backoff, now_ns, held_ms);
    w->dial_at_ns = now_ns + wait_ms * NS_PER_MS;
    tell_cause(w, why, wait_ms);
    show(w, why);
}

static void dial(struct publish_worker *w)
{
    const struct settings *s = w->settings;
    const struct mqtt_options options = {.host = s->mqtt.host,
                                         .port = s->mqtt.port,
                                         .tls = s->mqtt.tls,
                                         .client_id = s->mqtt.client_id,
                                         .username = s->mqtt.username,
                                         .password_file = s->mqtt.password_file,
                                         .ca_file = s->mqtt.ca_file,
                                         .cert_file = s->mqtt.cert_file,
                                         .key_file = s->mqtt.key_file,
                                         .will_topic = session_will_topic(w->session),
                                         .send_maximum = OUTBOX_WINDOW};
    const struct mqtt_events events = {
        .arg = w, .acked = on_acked, .subscribed = on_subscribed, .message = on_message};
    const int rc = mqtt_open(&options, &events, &w->mqtt);
    if (rc != RC_OK)
        hang_up(w, rc_text(rc));
}

static void come_up(struct publish_worker *w)
{
    w->up = true;
    w->up_since_ns = clock_wire_ns();
    if (w->short_lived == 0 || w->told_times == 0)
        log_info("mqtt: connected: %s", w->status.broker);
    else
        log_debug("mqtt: connected: %s", w->status.broker);
    session_begin(w->session, w->mqtt);
    show(w, "");
}

static int wait_ms(const struct publish_worker *w)
{
    if (w->mqtt == NULL) {
        const int64_t left_ms = (w->dial_at_ns - clock_wire_ns()) / NS_PER_MS + 1;
        return left_ms < 0 ? 0 : left_ms < TICK_MS ? (int)left_ms : TICK_MS;
    }
    return w->up ? session_wait_ms(w->session, TICK_MS) : MQTT_TICK_MS;
}

/* Waits for what there is to wait for; what the connection is ready for. */
static short wait_for_something(struct publish_worker *w, int timeout_ms, bool also_stop)
{
    enum { STOP, LEDGER, BOARD, LIVE, BROKER, COUNT };
    struct pollfd fds[COUNT];
    for (int i = 0; i < COUNT; i++)
        fds[i] = (struct pollfd){.fd = -1, .events = POLLIN};
    if (also_stop)
        fds[STOP].fd = w->stop_fd;
    fds[LEDGER].fd = ledger_state_fd(w->ledger);
    fds[BOARD].fd = w->board_fd;
    if (w->up && !mqtt_congested(w->mqtt))
        fds[LIVE].fd = livebox_fd(w->live);
    if (w->mqtt != NULL)
        fds[BROKER].fd = mqtt_fd(w->mqtt, &fds[BROKER].events);
    if (poll(fds, COUNT, timeout_ms) <= 0)
        return 0;
    if (fds[LEDGER].revents != 0)
        event_clear(fds[LEDGER].fd);
    if (fds[BOARD].revents != 0) {
        event_clear(fds[BOARD].fd);
        session_board_changed(w->session);
    }
    return fds[BROKER].revents;
}

/* One round: wait, serve the connection, send. */
static void round_once(struct publish_worker *w, int timeout_ms, bool also_stop)
{
    const short revents = wait_for_something(w, timeout_ms, also_stop);
    if (w->mqtt == NULL)
        return;
    const enum mqtt_phase phase = mqtt_service(w->mqtt, revents);
    if (phase == MQTT_UP && !w->up)
        come_up(w);
}

static void serve(struct publish_worker *w, bool *at_once)
{
    round_once(w, *at_once ? 0 : wait_ms(w), true);
    *at_once = false;
    if (w->mqtt == NULL) {
        if (clock_wire_ns() >= w->dial_at_ns && !event_is_set(w->stop_fd))
            dial(w);
        show(w, NULL);
        return;
    }
    if (w->up)
        *at_once = session_pump(w->session);
    if (mqtt_service(w->mqtt, 0) == MQTT_DOWN)
        hang_up(w, mqtt_why(w->mqtt));
    else if (w->up && session_broken(w->session) != NULL)
        hang_up(w, session_broken(w->session));
    else
        show(w, NULL);
}

static int left_ms(int64_t until_ns)
{
    const int64_t left = (until_ns - clock_wire_ns()) / NS_PER_MS;
    return left < 0 ? 0 : (int)left;
}

static bool is_down(const struct publish_worker *w)
{
    short events = 0;
    return mqtt_fd(w->mqtt, &events) < 0;
}

/* The orderly stop: what is stored, then "offline", then DISCONNECT, each for a bounded time. */
static void wind_up(struct publish_worker *w)
{
    int64_t until_ns = clock_wire_ns() + STOP_LEDGER_MS * NS_PER_MS;
    session_wind_up(w->session);
    bool at_once = session_pump(w->session);
    while (!session_idle(w->session) && !is_down(w) && left_ms(until_ns) > 0) {
        round_once(w, at_once ? 0 : left_ms(until_ns), false);
        at_once = !is_down(w) && session_pump(w->session);
    }
    until_ns = clock_wire_ns() + STOP_OFFLINE_MS * NS_PER_MS;
    while (!is_down(w) && !session_say_offline(w->session) && left_ms(until_ns) > 0)
        round_once(w, left_ms(until_ns), false);
    until_ns = clock_wire_ns() + STOP_GOODBYE_MS * NS_PER_MS;
    if (!is_down(w))
        mqtt_goodbye(w->mqtt);
    while (!is_down(w) && left_ms(until_ns) > 0)
        round_once(w, left_ms(until_ns), false);
    session_end(w->session);
}

static void *run(void *arg)
{
    struct publish_worker *w = arg;
    bool at_once = false;
    while (!event_is_set(w->stop_fd))
        serve(w, &at_once);
    if (w->up)
        wind_up(w);
    mqtt_close(w->mqtt);
    w->mqtt = NULL;
    w->up = false;
    show(w, "stopped");
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
                                    .house = ask_house,
                                    .house_arg = w};
    const struct settings *s = w->settings;
    w->status.enabled = true;
    (void)snprintf(w->status.broker, sizeof w->status.broker, "%.110s:%u", s->mqtt.host, s->mqtt.port);
    (void)snprintf(w->status.detail, sizeof w->status.detail, "connecting");
    const int rc = session_new(&env, &w->session);
    if (rc != RC_OK)
        return rc;
    w->stop_fd = event_new();
    w->board_fd = board_subscribe(board); /* without it a change is seen at the next connect */
    if (w->stop_fd < 0)
        return RC_IO;
    mqtt_library_init();
    backoff_init(&w->backoff, clock_wire_ns(), seed());
    return start_thread(w);
}

int publish_worker_start(const struct settings *s, struct board *board, struct ledger_state *ledger,
                         struct livebox *live, publish_info_fn *info, void *info_arg,
                         struct publish_worker **out)
{
    struct publish_worker *w = calloc(1, sizeof *w);
    if (w == NULL)
        return RC_NOMEM;
    w->settings = s;
    w->ledger = ledger;
    w->live = live;
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

void publish_worker_stop(struct publish_worker *w)
{
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
