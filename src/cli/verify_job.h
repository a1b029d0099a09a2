/* verify_job.h - what verify and learn begin with: a file of readings, and the tariff they are held against.
 *
 * Errors:  complains itself and gives the exit code (EXIT_USAGE, EXIT_CONFIG, EXIT_DATA, EXIT_NOPERM,
 * EXIT_FAILED). Threads: one.
 */
#ifndef METERFLEET_CLI_VERIFY_JOB_H
#define METERFLEET_CLI_VERIFY_JOB_H

#include "cli/cli.h"
#include "cli/verify_input.h"
#include "cli/verify_site.h"

struct verify_job {
    struct verify_site site;
    struct verify_input in;
};

/* name: of the subcommand; done: what is done with the readings ("judged"). with_tariff: --tariff and the
 * configuration are read, else site.options says nothing. */
int verify_job_open(const struct cli_args *a, const char *name, const char *done, bool with_tariff,
                    struct verify_job *out);
void verify_job_done(struct verify_job *job);

#endif
