/* verify_site.h - what verify and learn take from configuration and command line: tariff, rules, maximum
 * power.
 *
 * Errors:  complains itself and gives the exit code (EXIT_USAGE, EXIT_CONFIG).
 * Threads: one.
 */
#ifndef METERFLEET_CLI_VERIFY_SITE_H
#define METERFLEET_CLI_VERIFY_SITE_H

#include "cli/cli.h"
#include "config/settings.h"
#include "tariff/verify.h"

struct verify_site {
    struct settings *settings;
    struct verify_options options;
};

/* Options --tariff, --model, --max-power, --combined, --freeze-model of the subcommand. */
int verify_site_read(const struct cli_args *a, struct verify_site *out);
void verify_site_done(struct verify_site *s);
/* 1.2 * Un * 1.2 * Imax of a model (JJF(冀)174-2020, table A.1), three times that with three phases; 0:
 * unknown. */
int64_t verify_model_power_w(const struct regmap *m);

#endif
