#include "bus/bus_worker_i.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "bus/wait.h"
#include "core/rc.h"
#include "core/wire_time.h"
#include "share/event.h"

#define STACK_BYTES    (128 * 1024)
#define REOPEN_MS      1000
#define REOPEN_MOST_MS 10000 /* a TCP peer that refuses; a device is only looked for, which costs nothing */
#define RENEW_FIRST_MS 60000 /* registers that a meter refused are tried again after so long … */
#define RENEW_MOST_MS  86400000 /* … then half as often each time, but daily */
#define RENEW_OVER_MS  3600000  /* who refused nothing for so long begins anew */
#define STEADY_NS      10000000000LL
#define IDLE_NS        1000000000LL /* wakes at least so often: the watchdog looks */

static enum decode_net net_of(enum combined_rule rule)
{
    if (rule == COMBINED_AUTO)
        return DECODE_NET_AUTO;
    return rule == COMBINED_IMPORT_MINUS_EXPORT ? DECODE_NET_YES : DECODE_NET_NO;
}

static int make_posts(struct bus_worker *w)
{
    const struct settings *s = w->settings;
    size_t n = 0;
    memset(w->post_of, 0xFF, sizeof w->post_of);
    for (size_t i = 0; i < s->n_meters; i++)
        n += s->meters[i].bus == w->index;
    w->posts = calloc(n + 1, sizeof *w->posts);
    if (w->posts == NULL)
        return RC_NOMEM;
    for (size_t i = 0; i < s->n_meters; i++) {
        const struct settings_meter *m = &s->meters[i];
        if (m->bus != w->index)
            continue;
        struct post *p = &w->posts[w->n_posts];
        if (bus_meter_init(&p->meter, (uint32_t)i, m->address, m->model, net_of(m->combined)) != RC_OK)
            return RC_NOMEM;
        p->meter.trusts_ids = w->set->kind == BUS_TCP;
        bus_meter_gap(&p->meter, worker_gap_regs(w, BUDGET_TURNAROUND_NS));
        board_get_meter(w->board, i, &p->notice); /* after a reload something is known of it */
        if (p->notice.relay_utc_ms == 0)
            p->notice.relay = -1;
        settle_watch_init(&p->settle);
        w->post_of[m->address] = (int16_t)w->n_posts++;
    }
    return RC_OK;
}

static int make_plan(struct bus_worker *w)
{
    struct poll_meter *meters = calloc(w->n_posts + 1, sizeof *meters);
    if (meters == NULL)
        return RC_NOMEM;
    for (size_t i = 0; i < w->n_posts; i++)
        for (int c = 0; c < CLASS_COUNT; c++)
            if (bus_meter_has(&w->posts[i].meter, (enum reg_class)c))
                meters[i].period_ms[c] = w->settings->meters[w->posts[i].meter.index].period_ms[c];
    const struct settings_bus *b = w->set;
    int64_t probe_ns = wire_exchange_ns(wire_char_ns(b->baud, b->parity, b->stop_bits),
                                        wire_silence_ns(b->baud, b->parity, b->stop_bits),
                                        (int64_t)b->timeout_ms * 1000000, EXCHANGE_READ_REGISTERS, 2);
    struct poll_setup setup = {
        .meters = meters,
        .n_meters = w->n_posts,
        .retries = b->retries,
        .late_ms = b->kind == BUS_TCP ? 0 : b->late_ms,
        .dead_share_bp = b->dead_share_bp,
        .probe_cost_ms = (uint32_t)(probe_ns / 1000000) + 1,
        .seed = (uint64_t)clock_wire_ns() * 2654435761u + w->index,
    };
    int rc = poll_plan_new(&setup, worker_now(), &w->plan);
    free(meters);
    return rc;
}

static void take_orders(struct bus_worker *w)
{
    size_t meter;
    unsigned classes;
    while (desk_next(&w->desk, &meter, &classes)) {
        int i = -1;
        for (size_t k = 0; k < w->n_posts; k++)
            if (w->posts[k].meter.index == meter)
                i = (int)k;
        for (int c = 0; c < CLASS_COUNT; c++) {
            if ((classes & 1u << c) == 0)
                continue;
            if (i >= 0 && bus_meter_has(&w->posts[i].meter, (enum reg_class)c))
                poll_plan_order(w->plan, (size_t)i, (enum reg_class)c);
            else
                desk_answer(&w->desk, meter, (enum reg_class)c, NULL, RC_NOREG);
        }
    }
}

/* Who refused a register is asked for all of them again, ever more rarely: it may have refused only while it
 * was being set, and what it then gives would else be missing until somebody restarts us. */
static void renew(struct bus_worker *w)
{
    int64_t now_ms = clock_mono_ms();
    for (size_t i = 0; i < w->n_posts; i++) {
        struct post *p = &w->posts[i];
        if (!p->meter.left_out && !p->meter.unmerged) {
            if (p->renew_mono_ms != 0 && now_ms - p->renew_mono_ms >= RENEW_OVER_MS)
                p->renew_mono_ms = p->renew_wait_ms = 0;
            p->whole = true;
        } else if (p->whole || p->renew_mono_ms == 0) {
            p->whole = false;
            p->renew_wait_ms = p->renew_wait_ms == 0                  ? RENEW_FIRST_MS
                               : p->renew_wait_ms * 2 < RENEW_MOST_MS ? p->renew_wait_ms * 2
                                                                      : RENEW_MOST_MS;
            p->renew_mono_ms = now_ms + p->renew_wait_ms;
        } else if (now_ms >= p->renew_mono_ms) {
            bus_meter_renew(&p->meter);
            p->whole = true;
        }
    }
}

/* Nobody can be asked: what falls due is missed. */
static void count_passed(struct bus_worker *w)
{
    for (size_t i = 0; i < w->n_posts; i++) {
        uint32_t missed = poll_plan_passed(w->plan, i, worker_now());
        if (missed == 0)
            continue;
        w->posts[i].notice.wire.missed += missed;
        w->notice.wire.missed += missed;
        worker_post_meter(w, i);
    }
}

/* States that change by time alone, once in a while. */
static void tick(struct bus_worker *w)
{
    size_t i;
    if (clock_wire_ns() - w->ticked_ns < IDLE_NS / 2)
        return;
    w->ticked_ns = clock_wire_ns();
    while (poll_plan_tick(w->plan, worker_now(), &i)) {
        voice_silent(w, i, NULL, RC_NOANSWER);
        worker_post_meter(w, i);
    }
    if (w->line == NULL)
        count_passed(w);
    w->notice.rtt_p50_ms = rtt_percentile_ms(&w->rtt, 50);
    w->notice.rtt_p99_ms = rtt_percentile_ms(&w->rtt, 99);
    for (i = 0; i < w->n_posts; i++) {
        struct post *p = &w->posts[i];
        p->notice.rtt_p50_ms = rtt_percentile_ms(&p->rtt, 50);
        p->notice.rtt_p99_ms = rtt_percentile_ms(&p->rtt, 99);
    }
    renew(w);
    worker_plan_calendar(w);
    worker_post_bus(w);
}

/* Until a plan's time (or an order, the stop, a hang-up). */
static int idle(struct bus_worker *w, struct poll_now now, struct poll_now wake)
{
    int64_t until = now.wire_ns + IDLE_NS;
    if (wake.wire_ns < until)
        until = wake.wire_ns;
    if (wake.mono_ms < INT64_MAX) {
        double left_ns = (double)(wake.mono_ms - now.mono_ms) * 1e6 / clock_speed();
        if (left_ns < (double)(until - now.wire_ns))
            until = now.wire_ns + (int64_t)left_ns;
    }
    int rc = wait_idle(w->line != NULL ? line_fd(w->line) : -1, w->stop_fd, w->desk.wake_fd, until);
    if (rc == RC_OK)
        event_clear(w->desk.wake_fd); /* before anybody looks at what was left: nothing is overlooked */
    return rc;
}

/* Leaves the line alone for a while. TCP peers for longer and longer, with jitter, for many gateways may come
 * back at once; a device is only looked for, which costs nothing. */
static int pause_line(struct bus_worker *w)
{
    int64_t now_ns = clock_wire_ns(), until = now_ns + (int64_t)w->reopen_ms * 1000000;
    int rc;
    if (w->set->kind != BUS_SERIAL) {
        until += (now_ns % 401 - 200) * (int64_t)w->reopen_ms * 1000;
        w->reopen_ms = w->reopen_ms * 2 < REOPEN_MOST_MS ? w->reopen_ms * 2 : REOPEN_MOST_MS;
    }
    do {
        tick(w);
        int64_t part = clock_wire_ns() + IDLE_NS;
        rc = wait_until(-1, w->stop_fd, part < until ? part : until);
    } while (rc == RC_NOANSWER && clock_wire_ns() < until);
    return rc == RC_STOPPED ? rc : RC_OK;
}

static int lose_line(struct bus_worker *w)
{
    bool steady = clock_wire_ns() - w->opened_ns > STEADY_NS;
    bool answered = w->answered_ns > w->opened_ns;
    line_close(w->line);
    w->line = NULL;
    poll_plan_line(w->plan, false, worker_now());
    desk_close(&w->desk, RC_LINK);
    relay_give_up(w, RC_LINK);
    for (size_t i = 0; i < w->n_posts; i++)
        bus_meter_forget(&w->posts[i].meter);
    w->flaps = steady ? 0 : w->flaps + 1;
    if (steady || answered) /* a peer that answers and then lies is no peer that refuses */
        w->reopen_ms = REOPEN_MS;
    voice_lost(w, w->set->kind == BUS_SERIAL ? "the device is gone" : "the peer has closed, or is gone");
    return steady ? RC_OK : pause_line(w);
}

static int get_line(struct bus_worker *w)
{
    char why[LINE_WHY];
    int rc = line_open(w->set, w->stop_fd, &w->line, why);
    if (rc == RC_STOPPED)
        return rc;
    if (rc != RC_OK) {
        desk_close(&w->desk, RC_LINK);
        relay_give_up(w, RC_LINK);
        voice_missing(w, why[0] != '\0' ? why : rc_text(rc));
        return pause_line(w);
    }
    w->opened_ns = clock_wire_ns();
    poll_plan_line(w->plan, true, worker_now());
    desk_close(&w->desk, RC_OK);
    relay_tray_close(&w->relays, RC_OK);
    line_listen(w->line, w->trace);
    voice_opened(w);
    return RC_OK;
}

/* One job, or a wait for the next one. */
static int work(struct bus_worker *w)
{
    struct poll_job job;
    struct poll_now wake, now;
    bool switched;
    int64_t look_ns = INT64_MAX;
    take_orders(w);
    tick(w);
    int rc = relay_turn(w, &switched, &look_ns);
    if (switched || rc != RC_OK)
        return rc;
    now = worker_now();
    if (poll_plan_next(w->plan, now, &job, &wake))
        return worker_turn(w, &job);
    if (look_ns < wake.wire_ns)
        wake.wire_ns = look_ns;
    return idle(w, now, wake);
}

static void *worker_main(void *arg)
{
    struct bus_worker *w = arg;
    int rc = RC_OK;
    wait_be_exact();
    poll_plan_line(w->plan, false, worker_now());
    while (rc != RC_STOPPED && !w->stopping) {
        rc = w->line == NULL ? get_line(w) : work(w);
        if (rc == RC_LINK)
            rc = lose_line(w);
    }
    desk_close(&w->desk, RC_STOPPED);
    relay_give_up(w, RC_STOPPED);
    trace_end(w->trace);
    line_close(w->line);
    w->line = NULL;
    return NULL;
}

static void worker_free(struct bus_worker *w)
{
    for (size_t i = 0; w->posts != NULL && i < w->n_posts; i++)
        bus_meter_done(&w->posts[i].meter);
    free(w->posts);
    poll_plan_free(w->plan);
    desk_done(&w->desk);
    relay_tray_done(&w->relays);
    trace_drop(w->trace);
    if (w->stop_fd >= 0)
        close(w->stop_fd);
    free(w);
}

static int start_thread(struct bus_worker *w)
{
    pthread_attr_t attr;
    sigset_t all, before;
    if (pthread_attr_init(&attr) != 0)
        return RC_NOMEM;
    pthread_attr_setstacksize(&attr, STACK_BYTES);
    sigfillset(&all); /* signals are main's; and a peer that is gone must not kill us by SIGPIPE */
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int error = pthread_create(&w->thread, &attr, worker_main, w);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attr);
    if (error != 0)
        return RC_IO;
    char name[16];
    snprintf(name, sizeof name, "bus-%.11s", w->set->name);
    pthread_setname_np(w->thread, name);
    return RC_OK;
}

int bus_worker_start(const struct settings *s, size_t bus, struct rqueue *out, struct board *board,
                     struct bus_worker **result)
{
    struct bus_worker *w = calloc(1, sizeof *w);
    if (w == NULL)
        return RC_NOMEM;
    if (desk_init(&w->desk) != RC_OK) {
        free(w);
        return RC_IO;
    }
    w->settings = s;
    w->set = &s->buses[bus];
    w->index = bus;
    w->out = out;
    w->board = board;
    w->reopen_ms = REOPEN_MS;
    w->started_ns = clock_wire_ns();
    w->started_mono_ms = clock_mono_ms();
    relay_tray_init(&w->relays, w->desk.wake_fd);
    w->trace = trace_new();
    w->stop_fd = event_new();
    int rc = w->trace == NULL ? RC_NOMEM : w->stop_fd >= 0 ? make_posts(w) : RC_IO;
    if (rc == RC_OK)
        rc = make_plan(w);
    if (rc == RC_OK) {
        for (size_t i = 0; i < w->n_posts; i++)
            worker_post_meter(w, i);
        worker_post_bus(w);
        rc = start_thread(w);
    }
    if (rc != RC_OK) {
        worker_free(w);
        return rc;
    }
    *result = w;
    return RC_OK;
}

void bus_worker_stop(struct bus_worker *w)
{
    w->stopping = true;
    event_set(w->stop_fd);
}

void bus_worker_join(struct bus_worker *w)
{
    if (w == NULL)
        return;
    pthread_join(w->thread, NULL);
    worker_free(w);
}

int bus_worker_read(struct bus_worker *w, size_t meter, unsigned classes, int wait_ms,
                    struct reading *out[CLASS_COUNT], int rcs[CLASS_COUNT])
{
    return desk_ask(&w->desk, meter, classes, wait_ms, out, rcs);
}

int bus_worker_switch(struct bus_worker *w, const struct relay_order *o, int done_fd, unsigned *slot)
{
    return relay_tray_put(&w->relays, o, done_fd, slot);
}

bool bus_worker_switched(struct bus_worker *w, unsigned slot, struct relay_report *out)
{
    return relay_tray_collect(&w->relays, slot, out);
}

bool bus_worker_withdraw(struct bus_worker *w, unsigned slot)
{
    return relay_tray_withdraw(&w->relays, slot);
}

struct trace_ear *bus_worker_listen(struct bus_worker *w)
{
    return trace_listen(w->trace);
}
