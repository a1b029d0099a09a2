/* parts.h - which publishes one ledger row needs: topic, text, kept by the broker or not.
 *
 * Most rows are one message on their own topic. The newest settlement of a meter also stands on
 * meter/X/settlement, and when a 25th period exists the oldest topic is cleared; a closed finding comes once
 * more and is cleared then; a gap goes to history.
 *
 * Errors:  none: a finding that cannot be read counts as open.
 * Threads: pure; parts point into the row.
 * Source:  INTERFACES 5 and 6.
 */
#ifndef METERFLEET_PUBLISH_PARTS_H
#define METERFLEET_PUBLISH_PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include "store/ledger_reader.h"

#define PARTS_MOST 3

struct part {
    char topic[LEDGER_TOPIC]; /* without prefix and gateway */
    const char *payload;      /* "" clears the topic */
    bool retain;
};

/* Where a settlement stands among those of its meter; ledger_reader_settlement_rank(). */
struct settlement_rank {
    unsigned rank;
    char dropped[LEDGER_TOPIC];
};

/* A row stored after the connection came up. `rank` is looked at for settlements only. 0: nothing can be said
 * about this row (a topic too long to be ours). */
size_t parts_of_fresh(const struct ledger_row *row, const struct settlement_rank *rank,
                      struct part out[PARTS_MOST]);
/* A retained topic sent again after a reconnect; the newest settlement comes as a row of its own. What a
 * settlement pushed out while the broker was away is cleared. */
size_t parts_of_retained(const struct ledger_row *row, const struct settlement_rank *rank,
                         struct part out[PARTS_MOST]);
/* True for "meter/X/settlement/P": ask for its rank. */
bool parts_need_rank(const struct ledger_row *row);

#endif
