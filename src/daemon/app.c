/* app.c - builds the daemon in order and stops it in mirrored order. */
#include "config.h"
#include "daemon/app_inside.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>
#include "core/clock.h"
#include "core/log.h"
#include "core/rc.h"
#include "daemon/service.h"
#include "daemon/trace_stream.h"

void app_size(const struct settings *s, char out[APP_SIZE])
{
    text_format(out, APP_SIZE, "%zu %s, %zu %s", s->n_buses, s->n_buses == 1 ? "bus" : "buses", s->n_meters,
                s->n_meters == 1 ? "meter" : "meters");
}

void app_set_health(struct app *a, const struct health *h)
{
    pthread_mutex_lock(&a->health_lock);
    a->health = *h;
    pthread_mutex_unlock(&a->health_lock);
}

/* A client's thread asks. */
static void answer(void *arg, const struct control_request *q, struct text_buf *out)
{
    struct app *a = arg;
    if (q->kind == CONTROL_RELOAD) {
        enum control_error error;
        char detail[RELOAD_DETAIL];
        if (!reload_desk_ask(a->desk, &error, detail)) {
            control_write_error(out, error, detail);
            return;
        }
        text_buf_addf(out, "{\"version\":%d,\"ok\":true,\"detail\":", CONTROL_VERSION);
        text_buf_add_json(out, detail);
        text_buf_add(out, "}\n");
        return;
    }
    pthread_rwlock_rdlock(&a->door);
    if (a->house == NULL) {
        control_write_error(out, CONTROL_BUSY, "the daemon is stopping");
    } else if (q->kind == CONTROL_READ) {
        house_read(a->house, q, out);
    } else if (q->kind == CONTROL_RELAY) {
        house_relay(a->house, q, out);
    } else {
        pthread_mutex_lock(&a->health_lock);
        struct health health = a->health;
        pthread_mutex_unlock(&a->health_lock);
        house_status(a->house, &health, a->started_utc_ms, out);
    }
    pthread_rwlock_unlock(&a->door);
}

static void init_locks(struct app *a)
{
    /* A client that looks every second must not keep main from a reload. */
    pthread_rwlockattr_t attr;
    pthread_rwlockattr_init(&attr);
    pthread_rwlockattr_setkind_np(&attr, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
    pthread_rwlock_init(&a->door, &attr);
    pthread_rwlockattr_destroy(&attr);
    pthread_mutex_init(&a->health_lock, NULL);
}

/* All threads inherit it: signals reach main through the descriptor only. */
static int hear_signals(void)
{
    sigset_t heard;
    sigemptyset(&heard);
    sigaddset(&heard, SIGTERM);
    sigaddset(&heard, SIGINT);
    sigaddset(&heard, SIGHUP);
    if (pthread_sigmask(SIG_BLOCK, &heard, NULL) != 0)
        return -1;
    signal(SIGPIPE, SIG_IGN); /* a broker or client that went is an error of write(2) */
    signal(SIGXFSZ, SIG_IGN); /* so is a file size limit: treated as a full disk */
    return signalfd(-1, &heard, SFD_CLOEXEC | SFD_NONBLOCK);
}

static int open_control(struct app *a)
{
    char why[CONTROL_WHY];
    int rc = control_server_open(a->settings->control_path, &a->control, why);
    if (rc == RC_OK)
        return EXIT_DONE;
    log_error("%s: control socket cannot be made: %s", a->settings->control_path, why);
    return rc == RC_BUSY ? EXIT_UNAVAILABLE : EXIT_CANTCREATE;
}

static int build(struct app *a)
{
    char why[HOUSE_WHY], size[APP_SIZE];
    enum exit_code code;
    a->desk = reload_desk_new();
    a->signal_fd = hear_signals();
    if (a->desk == NULL || a->signal_fd < 0) {
        log_error("start: cannot be prepared: %s", strerror(errno));
        return EXIT_CANTCREATE;
    }
    int failed = open_control(a);
    if (failed != EXIT_DONE)
        return failed;
    if (house_start(a->settings, NULL, &a->house, why, &code) != RC_OK) {
        log_error("%s", why);
        return (int)code;
    }
    if (control_server_start(a->control, answer, trace_stream, a) != RC_OK) {
        log_error("control socket: no thread: %s", strerror(errno));
        return EXIT_CANTCREATE;
    }
    char detail[256];
    text_format(detail, sizeof detail, "{\"version\":\"%s\",\"config\":\"%s\",\"pid\":%ld,\"test_clock\":%s}",
                PACKAGE_VERSION, a->settings->config_sha256, (long)getpid(),
                clock_is_simulated() ? "true" : "false");
    house_event(a->house, "meterfleetd", "start", detail);
    app_size(a->settings, size);
    log_info("meterfleetd: started: %s, version %s, pid %ld", size, PACKAGE_VERSION, (long)getpid());
    return EXIT_DONE;
}

static void tear_down(struct app *a)
{
    if (a->desk != NULL)
        reload_desk_close(a->desk);
    if (a->control != NULL)
        control_server_stop(a->control);
    if (a->house != NULL) {
        house_stop_buses(a->house); /* reads that clients wait for return */
        pthread_rwlock_wrlock(&a->door);
        struct house *h = a->house;
        a->house = NULL;
        pthread_rwlock_unlock(&a->door);
        house_stop(h, NULL);
    }
    control_server_join(a->control);
    reload_desk_free(a->desk);
    if (a->signal_fd >= 0)
        close(a->signal_fd);
    settings_free(a->settings);
    pthread_rwlock_destroy(&a->door);
    pthread_mutex_destroy(&a->health_lock);
}

static void report(void *arg, const char *line)
{
    (void)arg;
    log_error("%s", line);
}

int app_run(const struct daemon_options *o)
{
    struct app a = {
        .options = o, .signal_fd = -1, .started_wire_ns = clock_wire_ns(), .health = {.feed = true}};
    int rc = daemon_options_settings(o, report, NULL, &a.settings);
    if (rc != RC_OK) {
        if (rc != RC_PARSE)
            log_error("%s: cannot be read: %s", o->config, rc_text(rc));
        return EXIT_CONFIG;
    }
    if (o->simulated)
        clock_simulate(o->clock_start_utc_ms, o->clock_speed);
    a.started_utc_ms = clock_utc_ms();
    init_locks(&a);
    int code = build(&a);
    if (code == EXIT_DONE)
        code = app_loop(&a);
    if (code == EXIT_DONE)
        service_stopping();
    tear_down(&a);
    if (code == EXIT_DONE)
        log_info("meterfleetd: stopped: after %" PRId64 " s",
                 (clock_wire_ns() - a.started_wire_ns) / 1000000000);
    return code;
}
