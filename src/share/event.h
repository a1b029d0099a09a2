/* event.h - an event another thread can wait for with poll(2): stop, wake.
 *
 * Threads: set from any thread, also from a signal handler; waited for by any number of threads.
 */
#ifndef METERFLEET_SHARE_EVENT_H
#define METERFLEET_SHARE_EVENT_H

#include <stdbool.h>

int event_new(void); /* an eventfd (non-blocking, close-on-exec) or -1 with errno; close(2) it */
void event_set(int fd);
void event_clear(int fd);
bool event_is_set(int fd); /* without clearing */

#endif
