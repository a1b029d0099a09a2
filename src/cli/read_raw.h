/* read_raw.h - meterfleet read --raw: frames in hex, and what their registers say in every word order.
 *
 * For a meter whose map or word order is not known yet, or is doubted. Registers that a model forbids to read
 * (a password, a clear command) are not read here either, whatever the meter is.
 *
 * Errors:  exit codes, with the complaint made; 69 when nothing was answered or the line is another's, 77 for
 * a forbidden register. Threads: one.
 */
#ifndef METERFLEET_CLI_READ_RAW_H
#define METERFLEET_CLI_READ_RAW_H

#include "cli/cli.h"

int read_raw(const struct cli_args *a);

#endif
