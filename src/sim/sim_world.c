#include "sim/sim_world.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/log.h"
#include "core/rc.h"
#include "sim/sim_end.h"

#define ROUND    64       /* events of one epoll_wait */
#define FLUSH_NS 20000000 /* the log is written when nothing else is due so soon */
#define NS_A_S   1000000000

static int read_files(struct sim_world *w)
{
    struct sim_site *s = &w->site;
    const struct sim_options *o = &s->options;
    if (o->tariff == NULL)
        sim_tariff_default(&s->tariff);
    else if (sim_tariff_read(o->tariff, &s->tariff) != RC_OK)
        return EXIT_CONFIG;
    int rc = o->load == NULL ? sim_load_default(&s->load) : sim_load_read(o->load, &s->load);
    if (rc == RC_OK && o->faults != NULL)
        rc = sim_fault_read(o->faults, &w->schedule);
    if (rc != RC_OK)
        return rc == RC_NOMEM ? EXIT_FAILED : EXIT_DATA;
    for (size_t i = 0; i < w->schedule.n; i++) {
        const struct sim_event *e = &w->schedule.event[i];
        if ((e->all_buses || e->bus < o->buses) && (e->all_meters || e->last <= o->meters))
            continue;
        log_error("%s:%u: fault: there is no such bus or meter", o->faults, e->line);
        rc = RC_RANGE;
    }
    w->done = calloc(w->schedule.n + 1, sizeof *w->done);
    return rc != RC_OK ? EXIT_DATA : w->done == NULL ? EXIT_FAILED : EXIT_DONE;
}

/* Signals come as events, so that the loop ends between two frames and never within one. */
static int open_events(struct sim_world *w)
{
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGHUP); /* its terminal is gone */
    sigaddset(&signals, SIGUSR1);
    sigprocmask(SIG_BLOCK, &signals, NULL);
    signal(SIGPIPE, SIG_IGN);
    prctl(PR_SET_TIMERSLACK, 1UL); /* byte times are to the microsecond */
    w->site.epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    w->signal_fd = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
    w->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    w->site.inotify_fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK); /* without it ports are just not reset */
    int fd[] = {w->signal_fd, w->timer_fd, w->site.inotify_fd};
    int *name[] = {&w->signal_fd, &w->timer_fd, &w->site.inotify_fd};
    for (int i = 0; i < 3; i++) {
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = name[i]};
        if (fd[i] >= 0 && epoll_ctl(w->site.epoll_fd, EPOLL_CTL_ADD, fd[i], &event) != 0)
            return EXIT_FAILED;
    }
    return w->site.epoll_fd < 0 || w->signal_fd < 0 || w->timer_fd < 0 ? EXIT_FAILED : EXIT_DONE;
}

static int open_ends(struct sim_world *w)
{
    const struct sim_options *o = &w->site.options;
    if (o->dir != NULL && mkdir(o->dir, 0755) == 0)
        w->made_dir = true;
    else if (o->dir != NULL && errno != EEXIST) {
        log_error("%s: cannot be made: %s", o->dir, strerror(errno));
        return EXIT_CANTCREATE;
    }
    for (size_t i = 0; i < w->n_buses; i++) {
        struct sim_bus *b = &w->bus[i];
        if (o->dir != NULL && sim_end_open_tty(b) != RC_OK)
            return EXIT_CANTCREATE;
        int k = (int)b->number;
        if (o->tcp >= 0 && sim_end_listen(b, SIM_END_RTU_PORT, o->tcp == 0 ? 0 : o->tcp + k) != RC_OK)
            return EXIT_UNAVAILABLE;
        if (o->mbtcp >= 0 && sim_end_listen(b, SIM_END_MB_PORT, o->mbtcp == 0 ? 0 : o->mbtcp + k) != RC_OK)
            return EXIT_UNAVAILABLE;
    }
    return EXIT_DONE;
}

int sim_world_init(struct sim_world *w, const struct sim_options *o)
{
    *w = (struct sim_world){.timer_fd = -1, .signal_fd = -1};
    struct sim_site *s = &w->site;
    s->options = *o;
    s->epoll_fd = s->inotify_fd = -1;
    s->time = (struct sim_time){.start_ms = o->start_ms == INT64_MIN ? clock_utc_ms() : o->start_ms,
                                .origin_ns = clock_wire_ns(),
                                .speed = o->speed,
                                .held = o->hold};
    int exit_code = read_files(w);
    if (exit_code != EXIT_DONE)
        return exit_code;
    if (sim_record_open(&s->record, o->log) != RC_OK)
        return EXIT_CANTCREATE;
    struct rlimit files; /* 256 buses with three ends each are more than the usual 1024 */
    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        setrlimit(RLIMIT_NOFILE, &files);
    }
    exit_code = open_events(w);
    w->bus = calloc(o->buses, sizeof *w->bus);
    if (exit_code != EXIT_DONE || w->bus == NULL)
        return EXIT_FAILED;
    for (unsigned i = 0; i < o->buses; i++) {
        w->n_buses++;
        if (sim_bus_init(&w->bus[i], i, s) != RC_OK)
            return EXIT_FAILED;
    }
    return open_ends(w);
}

static void print_ready(const struct sim_world *w)
{
    const struct sim_options *o = &w->site.options;
    for (size_t i = 0; i < w->n_buses; i++) {
        const struct sim_bus *b = &w->bus[i];
        if (o->dir != NULL)
            printf("%s: %s/%s: %u meters", b->name, o->dir, b->name, o->meters);
        else
            printf("%s: -: %u meters", b->name, o->meters);
        if (o->tcp >= 0)
            printf(", rtutcp://127.0.0.1:%d", sim_end_port(b, SIM_END_RTU_PORT));
        if (o->mbtcp >= 0)
            printf(", tcp://127.0.0.1:%d", sim_end_port(b, SIM_END_MB_PORT));
        putchar('\n');
    }
    fflush(stdout);
}

static void print_stats(struct sim_world *w, int64_t now_ns, bool restart)
{
    for (size_t i = 0; i < w->n_buses; i++) {
        struct sim_stats *s = &w->bus[i].stats;
        /* at the end, what came after the last character was not the bus's time */
        sim_stats_print(s, &w->site.record, w->bus[i].name, restart ? now_ns : s->last_ns);
        if (restart)
            sim_stats_restart(s, now_ns);
    }
}

/* True: it is time to end. */
static bool on_signal(struct sim_world *w, int64_t now_ns)
{
    struct signalfd_siginfo info;
    bool end = false;
    while (read(w->signal_fd, &info, sizeof info) == (ssize_t)sizeof info) {
        if (info.ssi_signo == SIGUSR1)
            print_stats(w, now_ns, true);
        else
            end = true;
    }
    return end;
}

static void on_inotify(struct sim_world *w)
{
    char buffer[4096] __attribute__((aligned(8)));
    ssize_t n;
    while ((n = read(w->site.inotify_fd, buffer, sizeof buffer)) > 0) {
        for (ssize_t at = 0; at + (ssize_t)sizeof(struct inotify_event) <= n;) {
            struct inotify_event event;
            memcpy(&event, buffer + at, sizeof event);
            for (size_t i = 0; i < w->n_buses && (event.mask & (IN_OPEN | IN_CLOSE)) != 0; i++)
                sim_end_watch(&w->bus[i], event.wd, (event.mask & IN_OPEN) != 0);
            at += (ssize_t)(sizeof event + event.len);
        }
    }
    for (size_t i = 0; i < w->n_buses; i++)
        sim_end_release(&w->bus[i]);
}

static void arm(struct sim_world *w, int64_t due_ns, int64_t now_ns)
{
    int64_t wait_ns = due_ns == INT64_MAX ? 0 : due_ns > now_ns ? due_ns - now_ns : 1;
    struct itimerspec spec = {.it_value = {.tv_sec = wait_ns / NS_A_S, .tv_nsec = wait_ns % NS_A_S}};
    timerfd_settime(w->timer_fd, 0, &spec, NULL);
}

static int64_t run_due(struct sim_world *w, int64_t now_ns)
{
    int64_t due_ns = w->next_event_ns > now_ns ? w->next_event_ns : INT64_MAX;
    for (size_t i = 0; i < w->n_buses; i++) {
        struct sim_bus *b = &w->bus[i];
        if (sim_bus_due(b) <= now_ns)
            sim_bus_run(b, now_ns);
        sim_end_reap(b);
        int64_t next_ns = sim_bus_due(b);
        if (next_ns < due_ns)
            due_ns = next_ns;
    }
    return due_ns;
}

int sim_world_run(struct sim_world *w)
{
    struct epoll_event event[ROUND];
    bool end = false;
    w->site.began_ns = clock_wire_ns();
    if (!w->site.time.held)
        w->site.time.origin_ns = w->site.began_ns;
    print_ready(w);
    while (!end) {
        int64_t now_ns = clock_wire_ns();
        int exit_code = sim_world_run_faults(w, now_ns);
        if (exit_code != EXIT_DONE)
            return exit_code;
        int64_t due_ns = run_due(w, now_ns);
        if (due_ns > now_ns + FLUSH_NS)
            sim_record_flush(&w->site.record);
        arm(w, due_ns, now_ns);
        int n = epoll_wait(w->site.epoll_fd, event, ROUND, -1);
        for (int i = 0; i < n; i++) {
            void *what = event[i].data.ptr;
            uint64_t ticks;
            now_ns = clock_wire_ns();
            if (what == &w->signal_fd)
                end = on_signal(w, now_ns) || end;
            else if (what == &w->site.inotify_fd)
                on_inotify(w);
            else if (what == &w->timer_fd)
                (void)!read(w->timer_fd, &ticks, sizeof ticks);
            else
                sim_end_ready(what, now_ns);
        }
    }
    print_stats(w, clock_wire_ns(), false);
    return EXIT_DONE;
}

void sim_world_done(struct sim_world *w)
{
    for (size_t i = 0; i < w->n_buses; i++)
        sim_bus_done(&w->bus[i]);
    free(w->bus);
    if (w->made_dir)
        rmdir(w->site.options.dir); /* only when nobody put anything else there */
    sim_record_close(&w->site.record);
    sim_load_done(&w->site.load);
    sim_fault_done(&w->schedule);
    free(w->done);
    int fd[] = {w->signal_fd, w->timer_fd, w->site.inotify_fd, w->site.epoll_fd};
    for (size_t i = 0; i < sizeof fd / sizeof fd[0]; i++)
        if (fd[i] >= 0)
            close(fd[i]);
}
