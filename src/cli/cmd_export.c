/* cmd_export.c - meterfleet export: readings, settlements and findings out of the database. */
#include "cli/cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "cli/export_rows.h"
#include "cli/site_db.h"

static const struct option_row rows[] = {
    {"from", 0, "TIME", "a date (00:00 in the meter's time) or an instant with Z or offset; inclusive"},
    {"to", 0, "TIME", "the same; exclusive"},
    {"format", 0, "csv|jsonl", "CSV (the default) or one JSON object a line"},
    {"what", 0, "LIST", "of readings, settlements, findings (all three), or energy, live"},
    {"database", 0, "FILE", "instead of [database] path"},
};

/* "readings,findings" to the kinds. */
static bool parse_what(const char *list, bool wanted[EXPORT_KINDS])
{
    static const char *const words[] = {"readings", "energy", "live", "settlements", "findings"};
    static const bool means[][EXPORT_KINDS] = {
        {[EXPORT_ENERGY] = true, [EXPORT_LIVE] = true},
        {[EXPORT_ENERGY] = true},
        {[EXPORT_LIVE] = true},
        {[EXPORT_SETTLEMENT] = true},
        {[EXPORT_FINDING] = true},
    };
    const size_t n = sizeof words / sizeof words[0];
    do {
        char word[32];
        size_t len = strcspn(list, ","), i = 0;
        text_format(word, sizeof word, "%.*s", (int)(len < 31 ? len : 31), list);
        while (i < n && strcmp(words[i], word) != 0)
            i++;
        if (i == n) {
            const char *near = options_suggest(word, words, n);
            complain("--what: %s: unknown: %s%s%s", word, near != NULL ? "did you mean " : "",
                     near != NULL ? near : "readings, settlements, findings, energy, live",
                     near != NULL ? "?" : "");
            return false;
        }
        for (int k = 0; k < EXPORT_KINDS; k++)
            wanted[k] = wanted[k] || means[i][k];
        list += len + (list[len] == ',');
    } while (*list != '\0');
    return true;
}

static bool parse_format(const char *format, bool *json)
{
    static const char *const words[] = {"csv", "jsonl"};
    *json = format != NULL && strcmp(format, "jsonl") == 0;
    if (format == NULL || *json || strcmp(format, "csv") == 0)
        return true;
    const char *near = options_suggest(format, words, 2);
    complain("--format: %.40s: unknown: did you mean %s?", format, near != NULL ? near : "csv");
    return false;
}

/* Which quantities the configured models have; a meter of a model that is configured no more: all. */
static void find_quantities(const struct settings *s, const struct site_meters *meters,
                            bool has[Q_ENERGY_END])
{
    for (size_t i = 0; i < meters->n; i++)
        for (int q = 0; meters->index[i] < 0 && q < Q_ENERGY_END; q++)
            has[q] = true;
    for (size_t m = 0; m < s->n_models; m++)
        for (size_t r = 0; r < s->models[m]->n_regs; r++)
            if (s->models[m]->regs[r].quantity < Q_ENERGY_END)
                has[s->models[m]->regs[r].quantity] = true;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct export_meter *)a)->name, ((const struct export_meter *)b)->name);
}

static int write_all(struct export_job *j, const struct settings *s, const struct site_meters *meters,
                     const struct span_args *spans)
{
    int code = EXIT_DONE;
    j->meters = calloc(meters->n + 1, sizeof *j->meters);
    if (j->meters == NULL) {
        complain("export: cannot be made: no memory");
        return EXIT_FAILED;
    }
    for (size_t i = 0; i < meters->n; i++) {
        j->meters[i].name = meters->name[i];
        span_args_for(spans, s, meters->index[i], &j->meters[i].span);
    }
    j->n_meters = meters->n;
    qsort(j->meters, j->n_meters, sizeof *j->meters, by_name);
    if (!j->json) {
        struct text_buf header = {.data = NULL};
        export_header_write(&j->header, &header);
        code = output_print(&header);
    }
    for (int k = 0; k < EXPORT_KINDS && code == EXIT_DONE; k++)
        if (j->wanted[k])
            code = export_rows(j, (enum export_kind)k);
    if (isatty(STDERR_FILENO) && !isatty(STDOUT_FILENO))
        fputs("\n", stderr);
    free(j->meters);
    return code;
}

static int export(const struct cli_args *a, struct export_job *j, const struct span_args *spans)
{
    struct site_db site;
    struct site_meters meters = {.n = 0};
    int code = site_db_open(a, &site);
    if (code != EXIT_DONE)
        return code;
    code = site_meters_find(&site, a->given.operand, a->given.n_operands, &meters);
    if (code == EXIT_DONE) {
        bool has[Q_ENERGY_END] = {false};
        find_quantities(site.settings, &meters, has);
        for (int k = 0; k < EXPORT_KINDS; k++)
            export_row_fields((enum export_kind)k, has, j->lean, &j->rows[k]);
        export_header_make(j->rows, j->wanted, &j->header);
        j->db = &site.db; /* cppcheck-suppress autoVariables ; the job ends before the site is closed */
        code = write_all(j, site.settings, &meters, spans);
    }
    site_meters_done(&meters);
    site_db_close(&site);
    return code;
}

static int run(const struct cli_args *a)
{
    struct span_args spans;
    char why[SPAN_WHY];
    struct export_job *j = calloc(1, sizeof *j);
    if (j == NULL) {
        complain("export: cannot be made: no memory");
        return EXIT_FAILED;
    }
    int code = EXIT_USAGE;
    const char *what =
        cli_option(a, "what") != NULL ? cli_option(a, "what") : "readings,settlements,findings";
    if (span_args_parse(cli_option(a, "from"), cli_option(a, "to"), &spans, why) != RC_OK) {
        complain("%s", why);
    } else if (parse_format(cli_option(a, "format"), &j->json) && parse_what(what, j->wanted)) {
        bool only_energy = j->wanted[EXPORT_ENERGY] && !j->wanted[EXPORT_LIVE] &&
                           !j->wanted[EXPORT_SETTLEMENT] && !j->wanted[EXPORT_FINDING];
        j->lean = only_energy && !j->json;
        code = export(a, j, &spans);
    }
    free(j);
    return code;
}

const struct subcommand cmd_export = {
    .name = "export",
    .synopsis = "[--from TIME] [--to TIME] [--format csv|jsonl] [METER...]",
    .summary = "readings, settlements and findings out, as CSV or JSON lines",
    .about = "Reads the database; the daemon may run meanwhile or not. Without --from and --to:\n"
             "all there is. Settlements go by the end of their period, findings by when they\n"
             "were opened. Numbers have the digits the meter gave.\n"
             "\n"
             "As CSV all kinds share one table, the first column says what a row is.\n"
             "--what energy gives a file that `meterfleet verify --csv` reads: energy readings\n"
             "of quality ok.\n",
    .rows = rows,
    .n_rows = sizeof rows / sizeof rows[0],
    .run = run,
};
