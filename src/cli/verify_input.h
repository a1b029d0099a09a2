/* verify_input.h - the readings of a CSV file, by meter, compactly, in order of time.
 *
 * Units:   as in verify_row.h.
 * Errors:  verify_input_read() complains itself ("FILE:LINE: what") and gives the exit code: EXIT_DATA,
 * EXIT_FAILED. Threads: one.
 */
#ifndef METERFLEET_CLI_VERIFY_INPUT_H
#define METERFLEET_CLI_VERIFY_INPUT_H

#include <stddef.h>
#include <stdint.h>
#include "tariff/csv.h"

/* One row: what verify_row holds, without the registers that have no column. */
struct input_row {
    int64_t time_utc_ms;
    uint32_t window_ms;
    uint16_t has;
    uint8_t flags; /* INPUT_… */
    int64_t power_cw;
    size_t value;      /* index of its first value in input_meter.value */
    size_t settlement; /* of its settlement block, with INPUT_SETTLEMENT */
};
enum { INPUT_REJECTED = 1, INPUT_POWER = 2, INPUT_SETTLEMENT = 4 };

struct input_meter {
    char *name;
    struct input_row *row;
    size_t n, room;
    int64_t *value;
    size_t n_values, room_values;
};

struct verify_input {
    struct csv_header header;
    struct input_meter *meter; /* in order of first appearance */
    size_t n, room;
    size_t *hash; /* open addressing: index + 1, 0: free */
    size_t hash_size;
};

/* path "-": stdin. The meters' rows are sorted by time. */
int verify_input_read(const char *path, struct verify_input *out);
void verify_input_done(struct verify_input *in);
/* Row i of a meter as the engine wants it; row->settlement points into the input. */
void verify_input_row(const struct input_meter *m, size_t i, struct verify_row *row);

#endif
