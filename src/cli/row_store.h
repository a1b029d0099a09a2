/* row_store.h - a meter's readings in little memory: each row as what differs from the row before it.
 *
 * A file of a year has half a million rows a meter; as plain structs they would fill a small gateway. Most
 * registers of a row are those of the row before, so 14 of them take about 25 bytes.
 *
 * Units:   as in verify_row.h.
 * Errors:  RC_NOMEM; the store is then as it was.
 * Threads: plain data, one owner. Zero-initialise.
 */
#ifndef METERFLEET_CLI_ROW_STORE_H
#define METERFLEET_CLI_ROW_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "tariff/verify_row.h"

/* What the next row is told apart from. */
struct row_state {
    struct verify_row row;
    int64_t settlement[VERIFY_SETTLEMENTS];
};

struct row_store {
    uint8_t *data;
    size_t used, room, n;
    bool unsorted;
    struct row_state last;
};

/* A rejected row (rejected: it had a cell out of range) keeps its time only. */
int row_store_add(struct row_store *s, const struct verify_row *row, bool rejected);
/* By time; rows of one time as they were added. */
int row_store_sort(struct row_store *s);
void row_store_done(struct row_store *s);

/* Goes through the rows in order. Zero-initialise; *row is good until the next call. */
struct row_cursor {
    size_t at;
    struct row_state state;
    int64_t shown[VERIFY_SETTLEMENTS];
};
bool row_store_next(const struct row_store *s, struct row_cursor *c, struct verify_row *row, bool *rejected);

#endif
