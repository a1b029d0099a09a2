#include "daemon/relay_desk.h"

#include <inttypes.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>
#include "core/clock.h"
#include "core/log.h"
#include "core/rc.h"
#include "core/text.h"
#include "daemon/relay_rules.h"
#include "share/event.h"

#define JOBS        64
#define INTENT_MS   5000                 /* the row must stand by then, or nothing is switched */
#define REACH_NS    INT64_C(10000000000) /* the meter must be asked by then */
#define TICK_MS     500
#define STACK_BYTES (256 * 1024)

enum job_state { JOB_FREE, JOB_NEW, JOB_ON_BUS, JOB_DONE };
struct job {
    enum job_state state;
    bool awaited; /* from the control socket: whoever asked takes the result and frees the job */
    size_t meter;
    struct relay_intent intent;
    struct relay_result result;
    unsigned slot; /* of its bus */
    int64_t until_ns;
    int8_t was;
};

struct relay_desk {
    struct relay_desk_env env;
    struct relay_rate *rates; /* by meter */
    int fd, stop_fd;
    pthread_t thread;
    pthread_mutex_t lock; /* of the jobs' states; a job that is not FREE or DONE belongs to the thread */
    pthread_cond_t done;
    bool closed;
    struct job jobs[JOBS];
};

static uint64_t random_token(void)
{
    uint64_t n = 0;
    if (getrandom(&n, sizeof n, GRND_NONBLOCK) != sizeof n)
        n = (uint64_t)clock_wire_ns() * UINT64_C(2654435761) ^ (uint64_t)getpid() << 40;
    return n;
}

static const struct settings_meter *meter_of(const struct relay_desk *d, const struct job *j)
{
    return &d->env.settings->meters[j->meter];
}

/* A place for a command, with an id of its own if it has none; NULL: too many at once, or we stop. */
static struct job *new_job(struct relay_desk *d, const struct relay_command *c, bool mqtt, const char *who)
{
    struct job *j = NULL;
    pthread_mutex_lock(&d->lock);
    for (size_t i = 0; i < JOBS && j == NULL && !d->closed; i++)
        if (d->jobs[i].state == JOB_FREE)
            j = &d->jobs[i];
    if (j != NULL) {
        *j = (struct job){.state = JOB_NEW, .awaited = !mqtt, .meter = c->meter};
        j->intent = (struct relay_intent){.mqtt = mqtt,
                                          .close = c->close,
                                          .token = random_token(),
                                          .ts_utc_ms = clock_utc_ms(),
                                          .expires_utc_ms = c->expires_utc_ms};
        text_format(j->intent.meter, sizeof j->intent.meter, "%s", d->env.settings->meters[c->meter].name);
        text_format(j->intent.who, sizeof j->intent.who, "%s", who);
        if (c->id[0] != '\0')
            memcpy(j->intent.command, c->id, sizeof j->intent.command);
        else
            text_format(j->intent.command, sizeof j->intent.command, "%016" PRIx64, j->intent.token);
    }
    pthread_mutex_unlock(&d->lock);
    return j;
}

static void tell(const struct relay_desk *d, const struct job *j)
{
    const struct relay_result *r = &j->result;
    const struct relay_intent *in = &j->intent;
    struct text_buf detail = {.data = NULL};
    if (!r->ok) {
        log_warning("%s: relay: not %s: %s: %s (by %s)", in->meter, in->close ? "closed" : "opened", r->error,
                    r->detail, in->who);
        return;
    }
    log_info("%s: relay: %s: by %s", in->meter, in->close ? "closed" : "opened", in->who);
    text_buf_addf(&detail, "{\"state\":\"%s\"", relay_state_name(r->state));
    if (j->was >= 0)
        text_buf_addf(&detail, ",\"was\":\"%s\"", relay_state_name(j->was));
    text_buf_addf(&detail, ",\"source\":\"%s\",\"who\":", in->mqtt ? "mqtt" : "control");
    text_buf_add_json(&detail, in->who);
    text_buf_add(&detail, ",\"id\":");
    text_buf_add_json(&detail, in->command);
    text_buf_add(&detail, "}");
    store_worker_event(d->env.store, in->meter, "relay_switched", detail.failed ? NULL : detail.data);
    text_buf_done(&detail);
}

static void answer(struct relay_desk *d, struct job *j)
{
    struct relay_answer a = {.meter = j->meter, .result = j->result};
    if (!j->awaited) {
        memcpy(a.id, j->intent.command, sizeof a.id);
        relay_box_answer(d->env.box, &a);
    }
    pthread_mutex_lock(&d->lock);
    j->state = j->awaited ? JOB_DONE : JOB_FREE;
    pthread_cond_broadcast(&d->done);
    pthread_mutex_unlock(&d->lock);
}

/* Nothing was written down: nothing is to be. */
static void refuse(struct relay_desk *d, struct job *j, const char *error, const char *detail)
{
    relay_result_set(&j->result, false, -1, clock_utc_ms(), error, detail);
    log_debug("%s: relay: refused: %s (by %s)", j->intent.meter, error, j->intent.who);
    answer(d, j);
}

/* The outcome of what was written down. */
static void finish(struct relay_desk *d, struct job *j, const struct relay_report *report)
{
    relay_result_of(report, j->intent.close, clock_utc_ms(), &j->result);
    store_worker_outcome(d->env.store, &j->intent, &j->result);
    tell(d, j);
    answer(d, j);
}

static void not_reached(struct relay_desk *d, struct job *j, int rc)
{
    const struct relay_report report = {.outcome = RELAY_UNREACHED, .state = -1, .rc = rc};
    finish(d, j, &report);
}

static bool clock_right(const struct relay_desk *d)
{
    struct store_status st;
    store_worker_status(d->env.store, &st);
    return strcmp(st.clock, "right") == 0;
}

/* May it be done at all? Refuses it otherwise. */
static bool judge(struct relay_desk *d, struct job *j)
{
    const struct settings_meter *m = meter_of(d, j);
    const struct relay_intent *in = &j->intent;
    if (!m->relay)
        refuse(d, j, "not_allowed",
               m->model->has_relay ? "this meter may not be switched: relay = yes is not set"
                                   : "this meter's model has no relay");
    else if (in->expires_utc_ms != 0 && !clock_right(d))
        refuse(d, j, "clock", "the gateway's clock is not right: no command can be told from an expired one");
    else if (in->expires_utc_ms != 0 && in->expires_utc_ms <= clock_utc_ms())
        refuse(d, j, "expired", "the command's time was over when it came");
    else if (!relay_rate_take(&d->rates[j->meter], clock_wire_ns()))
        refuse(d, j, "rate", "switched too often: six times at once, then once in ten seconds");
    else
        return true;
    return false;
}

static void to_the_bus(struct relay_desk *d, struct job *j)
{
    const struct relay_order o = {j->meter, j->intent.close, j->intent.expires_utc_ms};
    struct board_meter now;
    board_get_meter(d->env.board, j->meter, &now);
    j->was = now.relay;
    j->until_ns = clock_wire_ns() + REACH_NS;
    int rc = bus_worker_switch(d->env.buses[meter_of(d, j)->bus], &o, d->fd, &j->slot);
    if (rc == RC_OK)
        j->state = JOB_ON_BUS;
    else
        not_reached(d, j, rc);
}

/* The id was used before. */
static void repeat(struct relay_desk *d, struct job *j)
{
    const struct relay_intent *in = &j->intent;
    char detail[RELAY_DETAIL], ts[TEXT_TS_SIZE];
    text_from_utc_ms(in->before.ts_utc_ms, ts);
    if (in->pending)
        text_format(detail, sizeof detail, "this id was given before, and its command is under way");
    else
        text_format(detail, sizeof detail, "this id was given before: its command ended at %s: %s", ts,
                    in->before.ok ? "ok" : in->before.error);
    relay_result_set(&j->result, false, in->before.state, clock_utc_ms(), "duplicate", detail);
    answer(d, j);
}

static void begin(struct relay_desk *d)
{
    struct job *jobs[RELAY_BATCH];
    struct relay_intent intents[RELAY_BATCH];
    size_t n = 0;
    for (size_t i = 0; i < JOBS && n < RELAY_BATCH; i++) {
        pthread_mutex_lock(&d->lock);
        bool fresh = d->jobs[i].state == JOB_NEW;
        pthread_mutex_unlock(&d->lock);
        if (!fresh || !judge(d, &d->jobs[i]))
            continue;
        jobs[n] = &d->jobs[i];
        intents[n++] = d->jobs[i].intent;
    }
    if (n == 0)
        return;
    event_set(d->fd); /* perhaps there are more */
    int rc = store_worker_intents(d->env.store, intents, n, INTENT_MS);
    for (size_t i = 0; i < n; i++) {
        jobs[i]->intent = intents[i];
        if (rc == RC_OK && intents[i].seen) {
            repeat(d, jobs[i]);
        } else if (rc == RC_OK) {
            to_the_bus(d, jobs[i]);
        } else {
            relay_result_set(&jobs[i]->result, false, -1, clock_utc_ms(), "database",
                             "the command could not be written down: nothing was sent");
            store_worker_outcome(d->env.store, &jobs[i]->intent, &jobs[i]->result);
            tell(d, jobs[i]);
            answer(d, jobs[i]);
        }
    }
}

/* True while some are on a bus. */
static bool collect(struct relay_desk *d)
{
    bool any = false;
    for (size_t i = 0; i < JOBS; i++) {
        struct job *j = &d->jobs[i];
        struct relay_report report;
        if (j->state != JOB_ON_BUS) /* only this thread makes and ends this state */
            continue;
        struct bus_worker *bus = d->env.buses[meter_of(d, j)->bus];
        if (bus_worker_switched(bus, j->slot, &report))
            finish(d, j, &report);
        else if (clock_wire_ns() > j->until_ns && bus_worker_withdraw(bus, j->slot))
            not_reached(d, j, RC_NOANSWER);
        else
            any = true;
    }
    return any;
}

static void take_commands(struct relay_desk *d)
{
    struct relay_command c;
    while (relay_box_take(d->env.box, &c)) {
        struct relay_answer a = {.meter = c.meter};
        if (new_job(d, &c, true, "mqtt") != NULL)
            continue;
        memcpy(a.id, c.id, sizeof a.id);
        relay_result_set(&a.result, false, -1, clock_utc_ms(), "busy", "too many commands at once");
        relay_box_answer(d->env.box, &a);
    }
}

static void end_all(struct relay_desk *d)
{
    pthread_mutex_lock(&d->lock);
    d->closed = true;
    pthread_mutex_unlock(&d->lock);
    for (size_t i = 0; i < JOBS; i++) {
        pthread_mutex_lock(&d->lock);
        bool fresh = d->jobs[i].state == JOB_NEW;
        pthread_mutex_unlock(&d->lock);
        if (fresh)
            refuse(d, &d->jobs[i], "busy", "the daemon is stopping or reloading");
    }
}

static void *run(void *arg)
{
    struct relay_desk *d = arg;
    bool busy = false;
    for (;;) {
        struct pollfd fds[] = {{.fd = d->fd, .events = POLLIN},
                               {.fd = relay_box_fd(d->env.box), .events = POLLIN},
                               {.fd = d->stop_fd, .events = POLLIN}};
        bool stopping = event_is_set(d->stop_fd);
        if (stopping)
            end_all(d);
        if (stopping && !busy)
            return NULL;
        poll(fds, stopping ? 2 : 3, busy ? TICK_MS : -1);
        event_clear(d->fd);
        event_clear(fds[1].fd);
        take_commands(d);
        begin(d);
        busy = collect(d);
    }
}

int relay_desk_start(const struct relay_desk_env *env, struct relay_desk **out)
{
    struct relay_desk *d = calloc(1, sizeof *d);
    if (d == NULL)
        return RC_NOMEM;
    d->env = *env;
    d->rates = calloc(env->settings->n_meters + 1, sizeof *d->rates);
    d->fd = event_new();
    d->stop_fd = event_new();
    pthread_mutex_init(&d->lock, NULL);
    pthread_cond_init(&d->done, NULL);
    pthread_attr_t attr;
    pthread_attr_init(&attr);
    pthread_attr_setstacksize(&attr, STACK_BYTES);
    int rc = d->rates == NULL                                 ? RC_NOMEM
             : d->fd < 0 || d->stop_fd < 0                    ? RC_IO
             : pthread_create(&d->thread, &attr, run, d) != 0 ? RC_IO
                                                              : RC_OK;
    pthread_attr_destroy(&attr);
    if (rc == RC_OK) {
        pthread_setname_np(d->thread, "relays");
        *out = d;
        return RC_OK;
    }
    if (d->fd >= 0)
        close(d->fd);
    if (d->stop_fd >= 0)
        close(d->stop_fd);
    free(d->rates);
    free(d);
    return rc;
}

void relay_desk_stop(struct relay_desk *d)
{
    event_set(d->stop_fd);
}

void relay_desk_join(struct relay_desk *d)
{
    if (d == NULL)
        return;
    pthread_join(d->thread, NULL);
    close(d->fd);
    close(d->stop_fd);
    pthread_cond_destroy(&d->done);
    pthread_mutex_destroy(&d->lock);
    free(d->rates);
    free(d);
}

void relay_desk_ask(struct relay_desk *d, size_t meter, bool close, const char *who, char id[RELAY_COMMAND],
                    struct relay_result *out)
{
    const struct relay_command c = {.meter = meter, .close = close};
    id[0] = '\0';
    struct job *j = new_job(d, &c, false, who);
    if (j == NULL) {
        relay_result_set(out, false, -1, clock_utc_ms(), "busy", "too many commands at once");
        return;
    }
    pthread_mutex_lock(&d->lock);
    event_set(d->fd);
    while (j->state != JOB_DONE)
        pthread_cond_wait(&d->done, &d->lock);
    *out = j->result;
    memcpy(id, j->intent.command, RELAY_COMMAND);
    j->state = JOB_FREE;
    pthread_mutex_unlock(&d->lock);
}
