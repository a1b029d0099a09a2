/* reload_desk.h - where clients that want a reload wait until main has done one.
 *
 * Whoever asks while a reload is under way gets the next one; all who wait get the same answer, so a storm of
 * requests is one reload.
 *
 * Errors:  reload_desk_new(): NULL without memory or descriptors.
 * Threads: ask from any thread; take, done, close from main.
 */
#ifndef METERFLEET_DAEMON_RELOAD_DESK_H
#define METERFLEET_DAEMON_RELOAD_DESK_H

#include <stdint.h>
#include "daemon/control_protocol.h"

#define RELOAD_DETAIL 256

struct reload_desk;
struct reload_desk *reload_desk_new(void);
void reload_desk_free(struct reload_desk *d); /* NULL is fine; nobody may be waiting */
/* Waits for a reload that began after the call. true: done, `detail` says what runs now; false: *error, and
 * why. */
bool reload_desk_ask(struct reload_desk *d, enum control_error *error, char detail[RELOAD_DETAIL]);
/* Readable when somebody waits. */
int reload_desk_fd(const struct reload_desk *d);
/* Main begins: the ticket of the newest who waits. */
uint64_t reload_desk_take(struct reload_desk *d);
/* Main is done for all up to the ticket. */
void reload_desk_done(struct reload_desk *d, uint64_t ticket, bool ok, enum control_error error,
                      const char *detail);
/* The daemon stops: everybody is told `busy`, from now on at once. */
void reload_desk_close(struct reload_desk *d);

#endif
