/* cli.h - what every subcommand of the tool `meterfleet` is made of: a row in one table.
 *
 * A subcommand is a file cmd_NAME.c that gives its row; the help, the check of its options and "did you mean"
 * come from there.
 *
 * Errors:  run() gives the exit code (INTERFACES 1) and has complained itself (complain.h).
 * Threads: one.
 */
#ifndef METERFLEET_CLI_CLI_H
#define METERFLEET_CLI_CLI_H

#include "cli/complain.h"
#include "cli/options.h"
#include "cli/output.h"
#include "core/rc.h"

struct cli_args {
    const char *config; /* never NULL */
    const struct option_row *rows;
    size_t n_rows;
    struct options given;
};

struct subcommand {
    const char *name;
    const char *synopsis;          /* what follows the name: "METER [QUANTITY...]" */
    const char *summary;           /* one line in the list */
    const char *about;             /* paragraphs of its own help, lines of at most 80 columns */
    const struct option_row *rows; /* its own, beside --config and --help */
    size_t n_rows;
    int (*run)(const struct cli_args *a);
};

extern const struct subcommand cmd_backup, cmd_check, cmd_db, cmd_export, cmd_learn, cmd_read, cmd_relay,
    cmd_scan, cmd_status, cmd_trace, cmd_verify;

/* Value of an option, NULL: not given, "" for a switch. */
const char *cli_option(const struct cli_args *a, const char *name);
bool cli_switch(const struct cli_args *a, const char *name);
int cli_main(int argc, char **argv);

#endif
