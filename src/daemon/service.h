/* service.h - what we tell systemd: READY, STATUS, WATCHDOG, RELOADING, STOPPING.
 *
 * Without systemd each call does nothing.
 *
 * Errors:  none; a notice that cannot be sent is dropped.
 * Threads: main.
 * Source:  sd_notify(3), sd_watchdog_enabled(3), systemd.exec(5) (SYSTEMD_EXEC_PID); LIBRARIES 5: bookworm
 * has no Type=notify-reload, RELOADING=1 with MONOTONIC_USEC does no harm there.
 */
#ifndef METERFLEET_DAEMON_SERVICE_H
#define METERFLEET_DAEMON_SERVICE_H

#include <stdbool.h>
#include <stdint.h>

/* Started as a unit: a test clock is then refused (INTERFACES 1). */
bool service_is_unit(void);
/* stderr is the journal. */
bool service_logs_to_journal(void);
void service_ready(const char *status);
void service_status(const char *status);
void service_reloading(void);
void service_stopping(void);
void service_feed(void);
/* Real milliseconds between two feeds (half of what systemd waits), 0: no watchdog. */
int service_feed_ms(void);

#endif
