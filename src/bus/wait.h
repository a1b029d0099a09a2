/* wait.h - wait for a character, a deadline, or the end of the program, whichever is first.
 *
 * Deadlines are absolute and exact to the timer slack of the thread (wait_be_exact()), for between two meters
 * lie four milliseconds that must be neither less nor much more.
 *
 * Units:   nanoseconds of the wire clock.
 * Threads: any.
 */
#ifndef METERFLEET_BUS_WAIT_H
#define METERFLEET_BUS_WAIT_H

#include <stdint.h>

/* Takes the kernel's 50 µs of slack from this thread's timers. */
void wait_be_exact(void);

/* RC_OK: fd has something to read. RC_NOANSWER: the deadline came. RC_STOPPED: stop_fd is set. RC_LINK: the
 * descriptor failed or was hung up. fd or stop_fd may be -1. */
int wait_readable(int fd, int stop_fd, int64_t deadline_ns);
/* The same without looking at characters: only the deadline, the stop and a hang-up end it. */
int wait_until(int fd, int stop_fd, int64_t deadline_ns);
/* As wait_until(); RC_OK when the event wake_fd is set. */
int wait_idle(int fd, int stop_fd, int wake_fd, int64_t deadline_ns);

#endif
