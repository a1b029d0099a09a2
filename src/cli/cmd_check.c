/* cmd_check.c - meterfleet check: what is wrong with the configuration, then what it asks of each line. */
#include "cli/cli.h"

#include <stdio.h>
#include "cli/budget_view.h"

static const struct option_row rows[] = {
    {"plan", 0, NULL, "also show the requests that each meter will be asked"},
};

/* EXIT_FINDINGS when more is asked of the line than it can carry. */
static int check_bus(const struct cli_args *a, const struct settings *s, size_t bus, struct text_buf *out)
{
    struct budget b;
    int rc = budget_of_bus(s, bus, BUDGET_TURNAROUND_NS, &b);
    if (rc == RC_OK) {
        budget_view_bus(s, bus, &b, out);
        if (cli_switch(a, "plan"))
            rc = budget_view_plan(s, bus, out);
    }
    if (rc != RC_OK) {
        complain("bus %s: cannot be planned: %s", s->buses[bus].name, rc_text(rc));
        return EXIT_FAILED;
    }
    if (b.fits)
        return EXIT_DONE;
    complain("bus %s: does not fit: %.0f %% of the line's time is asked for, %.0f %% are there: longer "
             "periods, fewer "
             "meters or a faster line",
             s->buses[bus].name, b.load * 100.0, (1.0 - b.dead_share) * 100.0);
    return EXIT_FINDINGS;
}

static int check(const struct cli_args *a, const struct settings *s)
{
    struct text_buf out = {.data = NULL};
    int worst = EXIT_DONE;
    text_buf_addf(&out, "%s: accepted: %zu %s, %zu %s\n", a->config, s->n_buses,
                  s->n_buses == 1 ? "bus" : "buses", s->n_meters, s->n_meters == 1 ? "meter" : "meters");
    for (size_t i = 0; i < s->n_buses; i++) {
        int code = check_bus(a, s, i, &out);
        if (worst == EXIT_DONE || code == EXIT_FAILED)
            worst = code;
    }
    int printed = output_print(&out);
    return printed != EXIT_DONE ? printed : worst;
}

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
    for (size_t i = 0; i < s->n_warnings; i++)
        complain("warning: %s", s->warnings[i]);
    int code = check(a, s);
    settings_free(s);
    return code;
}

const struct subcommand cmd_check = {
    .name = "check",
    .synopsis = "[-c FILE] [--plan]",
    .summary = "what is wrong with the configuration; does it fit on the wire",
    .about = "Reads the configuration as the daemon would and names everything that is wrong\n"
             "with it; what is allowed but hardly meant is a warning. Then, for each bus,\n"
             "what its meters ask of the line: how many requests and how much time one round\n"
             "of all meters takes, the share of the line's time at the configured period, and\n"
             "the shortest period that would fit beside the other classes.\n"
             "Exit code 3: the periods do not fit.\n",
    .rows = rows,
    .n_rows = sizeof rows / sizeof rows[0],
    .run = run,
};
