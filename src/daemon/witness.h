/* witness.h - watches the notice board and says what changed: meters that go and return, lines lost and back.
 *
 * Only changes are told. After a start every meter's first state is a change, so that the record of events
 * can be read from any start on (after a reload it is known already, and stands on the board); a line is told
 * only when it is lost, and when a lost one is back. `stale` is no event: it is how a meter looks between two
 * answers.
 *
 * Errors:  witness_new(): NULL without memory.
 * Threads: one (main).
 * Source:  INTERFACES 4, view `event`.
 */
#ifndef METERFLEET_DAEMON_WITNESS_H
#define METERFLEET_DAEMON_WITNESS_H

#include "config/settings.h"
#include "share/board.h"

struct witness;
/* detail is JSON text. */
typedef void witness_tell(void *arg, const char *subject, const char *kind, const char *detail);

struct witness *witness_new(const struct settings *s, struct board *board);
void witness_free(struct witness *w); /* NULL is fine */
/* Compares the board with what was seen last; calls tell() once per change. */
void witness_look(struct witness *w, witness_tell *tell, void *arg);
/* How many meters are online, for STATUS=. */
size_t witness_online(const struct witness *w);

#endif
