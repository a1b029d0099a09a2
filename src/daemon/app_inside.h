/* app_inside.h - what app.c (build, stop) and app_loop.c (what main hears) share; nobody else includes it.
 *
 * Threads: `door` guards `house`: clients hold it for reading while they use the house, main for writing
 * while it changes it. `health` has a mutex of its own. Everything else is main's or constant.
 */
#ifndef METERFLEET_DAEMON_APP_INSIDE_H
#define METERFLEET_DAEMON_APP_INSIDE_H

#include <pthread.h>
#include <stdatomic.h>
#include "daemon/app.h"
#include "daemon/control_server.h"
#include "daemon/house.h"
#include "daemon/reload_desk.h"

struct app {
    const struct daemon_options *options;
    struct settings *settings;
    struct house *house; /* NULL only inside a reload and a stop */
    pthread_rwlock_t door;
    pthread_mutex_t health_lock;
    struct health health;
    struct control_server *control;
    struct reload_desk *desk;
    _Atomic unsigned followers; /* clients that look at frames */
    int signal_fd;
    int64_t started_utc_ms, started_wire_ns;
    char summary[HOUSE_SUMMARY]; /* what systemd was told last */
    int64_t fed_wire_ns;
};

/* Hears signals, clients and the board until it is told to stop: RC_OK, or an exit code when a reload left
 * nothing to go back to. */
int app_loop(struct app *a);
/* Reads the settings again; false: *exit_code, nothing runs any more. */
bool app_reload(struct app *a, enum exit_code *exit_code);
void app_set_health(struct app *a, const struct health *h);
/* "2 buses, 16 meters" */
#define APP_SIZE 64
void app_size(const struct settings *s, char out[APP_SIZE]);

#endif
