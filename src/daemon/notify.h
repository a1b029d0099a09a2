/* notify.h - sends systemd a notice: what sd_notify(3) does, without its library.
 *
 * The protocol is one datagram of lines VARIABLE=VALUE to the socket that NOTIFY_SOCKET names. libsystemd
 * brings five more libraries for that and 1 MiB of resident memory, a twelfth of what the daemon of 512
 * meters may have.
 *
 * Errors:  false: nobody listens (no NOTIFY_SOCKET), or the notice could not be sent; errno says why then.
 * Threads: main; never blocks.
 * Source:  sd_notify(3), "Notes" and "Standalone Implementations"; sd_watchdog_enabled(3).
 */
#ifndef METERFLEET_DAEMON_NOTIFY_H
#define METERFLEET_DAEMON_NOTIFY_H

#include <stdbool.h>
#include <stdint.h>

/* "READY=1\nSTATUS=…" */
bool notify_send(const char *lines);
/* What systemd waits for a sign of life, in microseconds; 0: it does not wait for this process. */
uint64_t notify_watchdog_us(void);

#endif
