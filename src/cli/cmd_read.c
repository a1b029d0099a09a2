/* cmd_read.c - meterfleet read: a fresh reading of one meter. */
#include "cli/cli.h"

#include "cli/read_daemon.h"
#include "cli/read_direct.h"
#include "cli/read_raw.h"

#define QUANTITIES_MOST 64

static const struct option_row rows[] = {
    {"json", 0, NULL, "one JSON document"},
    {"raw", 0, NULL, "with --device: the frames in hex, the registers in every word order"},
    {"control", 0, "SOCKET", "instead of the configured one"},
    READ_DIRECT_ROWS,
};

/* Names to enum quantity_id; false with a complaint. */
static bool parse_quantities(const char *const words[], size_t n, int out[QUANTITIES_MOST])
{
    if (n > QUANTITIES_MOST) {
        complain("quantities: too many: at most %d", QUANTITIES_MOST);
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        const char *names[Q_COUNT];
        out[i] = quantity_find(words[i]);
        if (out[i] >= 0)
            continue;
        for (int q = 0; q < Q_COUNT; q++)
            names[q] = quantity_at((enum quantity_id)q)->name;
        const char *near = options_suggest(words[i], names, Q_COUNT);
        complain("%.60s: unknown quantity%s%s%s", words[i], near != NULL ? ": did you mean " : "",
                 near != NULL ? near : "", near != NULL ? "?" : "");
        return false;
    }
    return true;
}

/* What is missing is an error, told in one line: a silent meter, or one that says what cannot be. */
static int judge(const struct read_view *v)
{
    const struct read_lack *worst = NULL;
    char reason[READ_VIEW_REASON], more[40] = "";
    for (size_t i = 0; i < v->n_lacks; i++)
        if (worst == NULL || (worst->rejected && !v->lacks[i].rejected))
            worst = &v->lacks[i];
    if (worst == NULL)
        return EXIT_DONE;
    if (v->n_lacks > 1)
        text_format(more, sizeof more, " (and %zu more missing)", v->n_lacks - 1);
    const char *name = read_view_lack(worst, reason);
    complain("%s: %s: %s%s", v->meter, name, reason, more);
    return worst->rejected ? EXIT_DATA : EXIT_UNAVAILABLE;
}

static int show(const struct cli_args *a, const struct read_view *v)
{
    struct text_buf out = {.data = NULL};
    if (cli_switch(a, "json"))
        read_view_json(v, &out);
    else
        read_view_text(v, &out);
    int code = output_print(&out);
    return code == EXIT_DONE ? judge(v) : code;
}

static int read_by_name(const struct cli_args *a, struct read_view *view)
{
    int quantities[QUANTITIES_MOST];
    if (a->given.n_operands == 0) {
        complain("read: which meter? usage: meterfleet read METER [QUANTITY...]");
        return EXIT_USAGE;
    }
    size_t n = a->given.n_operands - 1;
    if (!parse_quantities(a->given.operand + 1, n, quantities))
        return EXIT_USAGE;
    view->meter = a->given.operand[0];
    return read_daemon(a, view->meter, quantities, n, view);
}

/* With --device there is no name: all operands are quantities. */
static int read_by_address(const struct cli_args *a, struct read_view *view)
{
    int quantities[QUANTITIES_MOST];
    if (!parse_quantities(a->given.operand, a->given.n_operands, quantities))
        return EXIT_USAGE;
    view->meter = cli_option(a, "device");
    return read_direct(a, quantities, a->given.n_operands, view);
}

static int run(const struct cli_args *a)
{
    struct read_view view = {.meter = NULL};
    int code;
    bool direct = read_direct_wanted(a, &code);
    if (code == EXIT_DONE && cli_switch(a, "raw")) {
        if (direct)
            return read_raw(a);
        complain("--raw: only together with --device: the daemon answers without frames");
        code = EXIT_USAGE;
    }
    if (code == EXIT_DONE)
        code = direct ? read_by_address(a, &view) : read_by_name(a, &view);
    if (code == EXIT_DONE)
        code = show(a, &view);
    read_view_done(&view);
    return code;
}

const struct subcommand cmd_read = {
    .name = "read",
    .synopsis = "METER [QUANTITY...] [--json]\n"
                "       meterfleet read --device DEV --address N --model NAME [QUANTITY...]\n"
                "       meterfleet read --device DEV --address N --raw [0xADDR[:COUNT]...]",
    .summary = "a fresh reading of one meter",
    .about = "Asks the meter now, through the running daemon. QUANTITY is a name as in the\n"
             "database, e.g. voltage or active_energy_total; without one, all that is quick to\n"
             "read. With --device straight from a line that no daemon has. --raw shows the\n"
             "frames, and what two registers (or COUNT) say as float and integers in the four\n"
             "orders of their bytes: for a meter whose map is not known yet.\n"
             "Exit code 69: something was not answered; 65: something is rejected (not a\n"
             "number, out of range). What is missing is named with the reason.\n",
    .rows = rows,
    .n_rows = sizeof rows / sizeof rows[0],
    .run = run,
};
