/* read_daemon.h - a fresh reading through the running daemon, which owns the line.
 *
 * Errors:  exit codes, with the complaint made.
 * Threads: one.
 */
#ifndef METERFLEET_CLI_READ_DAEMON_H
#define METERFLEET_CLI_READ_DAEMON_H

#include "cli/cli.h"
#include "cli/read_view.h"

/* quantities: enum quantity_id; none: all that is quick to read. */
int read_daemon(const struct cli_args *a, const char *meter, const int quantities[], size_t n,
                struct read_view *out);

#endif
