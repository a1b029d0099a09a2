/* livebox.h - the newest live values on their way to the broker, best effort: no queue, one place for each class
 * of each meter.
 *
 * The store puts each live (and demand, relay) reading here as it arrives; the publisher takes what is new.
 * A value that was not taken before the next one came is replaced: live is never late and never piles up.
 *
 * Threads: one mutex; fd readable while something is new.
 */
#ifndef METERFLEET_SHARE_LIVEBOX_H
#define METERFLEET_SHARE_LIVEBOX_H

#include <stddef.h>
#include "core/reading.h"

struct livebox;
int livebox_new(size_t n_meters, struct livebox **out);
void livebox_free(struct livebox *b);
/* Copies the reading in. Never fails: without memory the value is dropped. */
void livebox_put(struct livebox *b, const struct reading *r);
/* The new reading that waits longest (ownership passes), or NULL. */
struct reading *livebox_take(struct livebox *b);
int livebox_fd(const struct livebox *b);

#endif
