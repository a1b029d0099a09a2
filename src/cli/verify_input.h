/* verify_input.h - the readings of a CSV file, by meter, in order of time.
 *
 * Units:   as in verify_row.h.
 * Errors:  verify_input_read() complains itself ("FILE:LINE: what") and gives the exit code: EXIT_DATA,
 *          EXIT_NOPERM, EXIT_FAILED.
 * Threads: one.
 * Source:  INTERFACES 8 (CSV).
 */
#ifndef METERFLEET_CLI_VERIFY_INPUT_H
#define METERFLEET_CLI_VERIFY_INPUT_H

#include <stddef.h>
#include <stdint.h>
#include "cli/row_store.h"
#include "tariff/csv.h"

struct input_meter {
    char *name;
    uint16_t columns; /* bit per register that some row of this meter gives: of several meters in one file
                         each has its own */
    struct row_store rows;
};

struct verify_input {
    struct input_meter *meter; /* in order of first appearance */
    size_t n, room;
    size_t *hash; /* open addressing: index + 1, 0: free */
    size_t hash_size;
};

/* path "-": stdin. */
int verify_input_read(const char *path, struct verify_input *out);
void verify_input_done(struct verify_input *in);

#endif
