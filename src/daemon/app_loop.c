/* app_loop.c - the main thread: signals, reloads, the board, the watchdog. */
#include "daemon/app_inside.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>
#include "core/clock.h"
#include "core/log.h"
#include "core/rc.h"
#include "daemon/service.h"

#define TICK_MS 1000

/* Complaints about new settings: the first goes to the client, all go to the log. */
struct complaints {
    unsigned count;
    char first[RELOAD_DETAIL];
};

static void complain_about(void *arg, const char *line)
{
    struct complaints *c = arg;
    if (c->count++ == 0)
        text_format(c->first, sizeof c->first, "%.180s", line);
    log_error("%s", line);
}

static struct settings *read_again(struct app *a, uint64_t ticket)
{
    struct complaints c = {.count = 0};
    struct settings *fresh;
    int rc = daemon_options_settings(a->options, complain_about, &c, &fresh);
    if (rc == RC_OK)
        return fresh;
    char detail[RELOAD_DETAIL];
    if (c.count > 1)
        text_format(detail, sizeof detail, "%.180s, and %u more", c.first, c.count - 1);
    else
        text_format(detail, sizeof detail, "%s", c.count == 1 ? c.first : rc_text(rc));
    log_error("%s: not accepted: the configuration of before stays", a->options->config);
    reload_desk_done(a->desk, ticket, false, CONTROL_CONFIG, detail);
    return NULL;
}

static void tell_change(struct app *a, const char *before)
{
    char detail[256];
    if (strcmp(a->settings->config_sha256, before) == 0)
        return; /* read again, and the same */
    text_format(detail, sizeof detail, "{\"config\":\"%s\",\"before\":\"%s\"}", a->settings->config_sha256,
                before);
    house_event(a->house, "meterfleetd", "config_changed", detail);
}

/* With the door locked: out with the old house, in with the new one, or back. */
static int change_house(struct app *a, struct settings *fresh, char why[HOUSE_WHY], enum exit_code *exit_code)
{
    struct handover *past = house_handover(a->house);
    house_stop(a->house, fresh);
    a->house = NULL;
    int rc = house_start(fresh, past, &a->house, why, exit_code);
    if (rc == RC_OK) {
        handover_free(past);
        struct settings *old = a->settings;
        a->settings = fresh;
        tell_change(a, old->config_sha256);
        settings_free(old);
        return RC_OK;
    }
    log_error("%s", why);
    settings_free(fresh);
    char again[HOUSE_WHY];
    if (house_start(a->settings, past, &a->house, again, exit_code) != RC_OK)
        log_error("%s", again);
    handover_free(past);
    return rc;
}

bool app_reload(struct app *a, enum exit_code *exit_code)
{
    uint64_t ticket = reload_desk_take(a->desk);
    char why[HOUSE_WHY] = "", size[APP_SIZE];
    service_reloading();
    struct settings *fresh = read_again(a, ticket);
    if (fresh != NULL) {
        if (strcmp(fresh->control_path, a->settings->control_path) != 0)
            log_warning("%s: control socket stays: another place takes a restart", a->settings->control_path);
        house_stop_buses(a->house); /* reads that clients wait for return, and let the door be locked */
        pthread_rwlock_wrlock(&a->door);
        int rc = change_house(a, fresh, why, exit_code);
        pthread_rwlock_unlock(&a->door);
        app_size(a->settings, size);
        if (rc == RC_OK)
            log_info("meterfleetd: reloaded: %s", size);
        reload_desk_done(a->desk, ticket, rc == RC_OK, CONTROL_FAILED, rc == RC_OK ? size : why);
    }
    a->summary[0] = '\0';
    service_ready("reloaded");
    return a->house != NULL;
}

/* What stands still is told once when it begins and once when it is over. */
static void look_after(struct app *a)
{
    struct health now;
    char summary[HOUSE_SUMMARY];
    house_health(a->house, &now);
    if (now.degraded && !a->health.degraded)
        log_warning("house: degraded: %s", now.text);
    else if (!now.degraded && a->health.degraded)
        log_info("house: well again: everything moves");
    if (!now.feed && a->health.feed)
        log_error("house: watchdog not fed: %s", now.text);
    app_set_health(a, &now);
    house_summary(a->house, &now, summary);
    if (strcmp(summary, a->summary) != 0) {
        memcpy(a->summary, summary, sizeof summary);
        service_status(summary);
    }
    int64_t now_ns = clock_wire_ns();
    int feed_ms = service_feed_ms();
    if (now.feed && feed_ms > 0 && now_ns - a->fed_wire_ns >= (int64_t)(feed_ms - TICK_MS) * 1000000) {
        service_feed();
        a->fed_wire_ns = now_ns;
    }
}

/* The signals that arrived: SIGHUP many times is one reload; a stop goes before it. */
static void take_signals(int fd, int *stop, bool *reload)
{
    struct signalfd_siginfo info;
    while (read(fd, &info, sizeof info) == (ssize_t)sizeof info) {
        if (info.ssi_signo == SIGHUP)
            *reload = true;
        else
            *stop = (int)info.ssi_signo;
    }
}

int app_loop(struct app *a)
{
    enum exit_code exit_code = EXIT_FAILED;
    service_ready("started");
    for (;;) {
        struct pollfd fds[3] = {{.fd = a->signal_fd, .events = POLLIN},
                                {.fd = reload_desk_fd(a->desk), .events = POLLIN},
                                {.fd = house_board_fd(a->house), .events = POLLIN}};
        int stop = 0;
        bool reload = false;
        int n = poll(fds, 3, TICK_MS);
        if (n > 0 && fds[0].revents != 0)
            take_signals(a->signal_fd, &stop, &reload);
        if (stop != 0) {
            char detail[32];
            text_format(detail, sizeof detail, "{\"signal\":\"SIG%s\"}", sigabbrev_np(stop));
            log_info("meterfleetd: stopping: SIG%s", sigabbrev_np(stop));
            house_event(a->house, "meterfleetd", "stop", detail);
            return EXIT_DONE;
        }
        if ((reload || (n > 0 && fds[1].revents != 0)) && !app_reload(a, &exit_code))
            return (int)exit_code;
        else if (n > 0 && fds[2].revents != 0)
            house_look(a->house);
        look_after(a);
    }
}
