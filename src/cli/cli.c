/* cli.c - finds the subcommand, reads its options, runs it. */
#include "config.h"
#include "cli/cli.h"

#include <string.h>

#define DEFAULT_CONFIG SYSCONFDIR "/meterfleet/meterfleet.ini"

static const struct subcommand *const table[] = {&cmd_backup, &cmd_check, &cmd_db,    &cmd_export,
                                                 &cmd_learn,  &cmd_read,  &cmd_relay, &cmd_scan,
                                                 &cmd_status, &cmd_trace, &cmd_verify};
#define N_TABLE (sizeof table / sizeof table[0])

static const struct option_row common[] = {
    {"config", 'c', "FILE", "the site configuration (default: " DEFAULT_CONFIG ")"},
    {"help", 'h', NULL, "this text"},
    {"version", 'V', NULL, "name and version"},
};
#define N_COMMON    (sizeof common / sizeof common[0])
#define ROW_CONFIG  0
#define ROW_HELP    1
#define ROW_VERSION 2

const char *cli_option(const struct cli_args *a, const char *name)
{
    return options_get(a->rows, a->n_rows, &a->given, name);
}

bool cli_switch(const struct cli_args *a, const char *name)
{
    return cli_option(a, name) != NULL;
}

static const struct subcommand *find(const char *name)
{
    for (size_t i = 0; i < N_TABLE; i++)
        if (strcmp(table[i]->name, name) == 0)
            return table[i];
    return NULL;
}

static int unknown(const char *name)
{
    const char *names[N_TABLE];
    for (size_t i = 0; i < N_TABLE; i++)
        names[i] = table[i]->name;
    const char *near = options_suggest(name, names, N_TABLE);
    if (near != NULL)
        complain("%.60s: unknown subcommand: did you mean %s?", name, near);
    else
        complain("%.60s: unknown subcommand: meterfleet --help lists them", name);
    return EXIT_USAGE;
}

static int general_help(void)
{
    struct text_buf b = {.data = NULL};
    text_buf_add(&b, "usage: meterfleet [-c FILE] SUBCOMMAND ...\n\n"
                     "The operator's tool of meterfleet, the collector of electricity meters.\n\n");
    for (size_t i = 0; i < N_TABLE; i++)
        text_buf_addf(&b, "  %-10s%s\n", table[i]->name, table[i]->summary);
    text_buf_add(&b, "\n");
    options_help(common, N_COMMON, &b);
    text_buf_add(&b, "\nmeterfleet SUBCOMMAND --help says more about one of them.\n"
                     "Exit codes: 0 done, 1 failed, 3 done and findings exist, 64 usage,\n"
                     "65 data not understood, 69 daemon not running or meter silent,\n"
                     "73 cannot write, 77 not allowed, 78 bad configuration.\n");
    return output_print(&b);
}

static int help_about(const struct subcommand *c, const struct option_row *rows, size_t n_rows)
{
    struct text_buf b = {.data = NULL};
    text_buf_addf(&b, "usage: meterfleet %s %s\n\n%s\n", c->name, c->synopsis, c->about);
    options_help(rows, n_rows, &b);
    return output_print(&b);
}

/* config: as given before the subcommand, or NULL. */
static int run(const struct subcommand *c, const char *config, int argc, char **argv)
{
    struct option_row rows[OPTIONS_MOST];
    size_t n = 0;
    for (size_t i = 0; i < c->n_rows; i++)
        rows[n++] = c->rows[i];
    rows[n++] = common[ROW_CONFIG];
    rows[n++] = common[ROW_HELP];

    struct cli_args a = {.config = config != NULL ? config : DEFAULT_CONFIG, .rows = rows, .n_rows = n};
    char why[OPTIONS_WHY];
    if (options_parse(rows, n, argc, (const char *const *)argv, false, &a.given, why) != RC_OK) {
        complain("%s", why);
        return EXIT_USAGE;
    }
    if (cli_switch(&a, "help"))
        return help_about(c, rows, n);
    const char *here = cli_option(&a, "config");
    if (config != NULL && here != NULL) {
        complain("--config: given twice: '%.50s' and '%.50s'", config, here);
        return EXIT_USAGE;
    }
    if (here != NULL)
        a.config = here;
    return c->run(&a);
}

/* `meterfleet help [SUBCOMMAND]`, as many other tools have it. */
static int help_command(int argc, char **argv)
{
    const struct subcommand *c = argc > 1 ? find(argv[1]) : NULL;
    char word[] = "--help", *help[] = {argv[0], word, NULL};
    if (argc > 1 && c == NULL)
        return unknown(argv[1]);
    return c != NULL ? run(c, NULL, 2, help) : general_help();
}

int cli_main(int argc, char **argv)
{
    struct options first;
    char why[OPTIONS_WHY];
    output_guard();
    if (options_parse(common, N_COMMON, argc, (const char *const *)argv, true, &first, why) != RC_OK) {
        complain("%s", why);
        return EXIT_USAGE;
    }
    if (first.value[ROW_HELP] != NULL)
        return general_help();
    if (first.value[ROW_VERSION] != NULL) {
        const char version[] = "meterfleet " PACKAGE_VERSION "\n";
        return output_write(version, strlen(version));
    }
    if (first.used >= argc) {
        complain("subcommand: missing: meterfleet --help lists them");
        return EXIT_USAGE;
    }
    const char *name = argv[first.used];
    if (strcmp(name, "help") == 0)
        return help_command(argc - first.used, argv + first.used);
    const struct subcommand *c = find(name);
    if (c == NULL)
        return unknown(name);
    return run(c, first.value[ROW_CONFIG], argc - first.used, argv + first.used);
}
