/* read_direct.h - a fresh reading straight from a line, for a meter that no daemon has: --device, --address,
 * --model.
 *
 * Errors:  exit codes, with the complaint made; 69 when the meter is silent or the line is another's.
 * Threads: one.
 */
#ifndef METERFLEET_CLI_READ_DIRECT_H
#define METERFLEET_CLI_READ_DIRECT_H

#include "cli/cli.h"
#include "cli/read_view.h"

#define READ_DIRECT_ROWS                                                                                     \
    {"device", 0, "DEV", "read straight from this line: a path, rtutcp://HOST:PORT or tcp://HOST"},          \
        {"address", 0, "N", "with --device: the meter's address, 1 to 247"},                                 \
        {"model", 0, "NAME", "with --device: the meter's model, e.g. kpm31"},                                \
        {"baud", 0, "N", "with --device: speed (default: the model's)"},                                     \
        {"parity", 0, "even|odd|none", "with --device (default: the model's)"},                              \
        {"stop-bits", 0, "1|2", "with --device (default: the model's)"},                                     \
    {                                                                                                        \
        "timeout", 0, "TIME", "with --device: to the first character of a reply (default: 300ms)"            \
    }

/* True when --device is given; else none of the others may be: *code is then EXIT_USAGE, with the complaint
 * made. */
bool read_direct_wanted(const struct cli_args *a, int *code);
int read_direct(const struct cli_args *a, const int quantities[], size_t n, struct read_view *out);

#endif
