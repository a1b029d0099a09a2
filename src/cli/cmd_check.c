/* cmd_check.c - meterfleet check: what is wrong with the configuration, then what it asks of each line. */
#include "cli/cli.h"

#include <stdio.h>
#include "config/settings.h"

static const struct option_row rows[] = {
    {"plan", 0, NULL, "also show the requests that each meter will be asked"},
};

static int run(const struct cli_args *a)
{
    struct settings *s;
    if (a->given.n_operands > 0) {
        complain("%.60s: unexpected word: check takes options only", a->given.operand[0]);
        return EXIT_USAGE;
    }
    int rc = settings_read(a->config, complain_setting, NULL, &s);
    if (rc != RC_OK) {
        if (rc != RC_PARSE)
            complain("%s: cannot be read: %s", a->config, rc_text(rc));
        return EXIT_CONFIG;
    }
    printf("%s: accepted: %zu %s, %zu %s\n", a->config, s->n_buses, s->n_buses == 1 ? "bus" : "buses",
           s->n_meters, s->n_meters == 1 ? "meter" : "meters");
    settings_free(s);
    return cli_finish();
}

const struct subcommand cmd_check = {
    .name = "check",
    .synopsis = "[-c FILE] [--plan]",
    .summary = "what is wrong with the configuration; does it fit on the wire",
    .about = "Reads the configuration as the daemon would and names everything that is wrong\n"
             "with it.\n",
    .rows = rows,
    .n_rows = sizeof rows / sizeof rows[0],
    .run = run,
};
