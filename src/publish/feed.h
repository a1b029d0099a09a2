/* feed.h - ledger rows for one lane, read from the database a few at a time.
 *
 * A lane asks "what stands at number n?" and gets the row, or learns how far the hole reaches. Rows are read
 * in small batches, so that no read transaction is long and no backlog lies in memory.
 *
 * Units:   seq as in the ledger.
 * Errors:  FEED_LATER: the database could not be read now; feed.rc says why.
 * Threads: belongs to the publish worker.
 */
#ifndef METERFLEET_PUBLISH_FEED_H
#define METERFLEET_PUBLISH_FEED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "store/ledger_reader.h"

#define FEED_ROWS 32

struct feed {
    struct ledger_row rows[FEED_ROWS];
    size_t n, at;
    uint64_t from, to; /* the numbers the batch accounts for; to < from: none */
    int rc;
};

void feed_init(struct feed *f);
void feed_done(struct feed *f); /* frees the batch; the feed can be used again */

enum feed_found { FEED_ROW, FEED_HOLE, FEED_LATER };
/* What stands at `from` (1 <= from <= to)? The row stays the feed's until the next call. FEED_HOLE: nothing
 * is stored from `from` up to *hole_to (<= to). */
enum feed_found feed_look(struct feed *f, struct ledger_reader *r, uint64_t from, uint64_t to,
                          const struct ledger_row **row, uint64_t *hole_to);

/* The same for what is retained: newest row of every topic, ascending by seq from the cursor on. */
struct retained_feed {
    struct ledger_row rows[FEED_ROWS];
    bool overtaken[FEED_ROWS]; /* a newer message of this topic went out meanwhile */
    size_t n, at;
    uint64_t cursor;
    bool ended;
    int rc;
};
void retained_feed_begin(struct retained_feed *f, uint64_t after);
void retained_feed_done(struct retained_feed *f);
/* The next row with seq <= top that was not overtaken; NULL at the end (f->ended) or when the database could
 * not be read now. It stays until retained_feed_next(). */
const struct ledger_row *retained_feed_look(struct retained_feed *f, struct ledger_reader *r, uint64_t top);
void retained_feed_next(struct retained_feed *f);
/* A newer message went out on this topic: the older one must not follow it. */
void retained_feed_overtake(struct retained_feed *f, const char *topic);

#endif
