/* handover.h - what is known of each meter when a reload changes the house around it.
 *
 * A reload builds all workers anew. Without this every meter would be unknown for a moment: each would be
 * told as come online, and a consumer would see states that never were. Counters begin anew, and say since
 * when.
 *
 * A meter is the same one when its name, bus, address and model are; else nothing is carried over.
 *
 * Errors:  handover_new(): NULL without memory; then nothing is carried over.
 * Threads: one (main); the settings given must outlive the handover.
 */
#ifndef METERFLEET_DAEMON_HANDOVER_H
#define METERFLEET_DAEMON_HANDOVER_H

#include "config/settings.h"
#include "share/board.h"

struct handover;
struct handover *handover_new(const struct settings *before, struct board *board);
/* To a board whose workers have not begun; NULL is fine. */
void handover_apply(const struct handover *h, const struct settings *after, struct board *board);
void handover_free(struct handover *h); /* NULL is fine */

#endif
