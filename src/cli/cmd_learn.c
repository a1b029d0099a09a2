/* cmd_learn.c - meterfleet learn: the day tables a meter really runs, as far as its readings prove them. */
#include "cli/cli.h"

#include <stdlib.h>
#include "cli/verify_input.h"
#include "cli/verify_report.h"
#include "cli/verify_site.h"
#include "tariff/learn.h"

static const struct option_row rows[] = {
    {"csv", 0, "FILE", "readings to learn from (- for stdin)"},
    {"tariff", 0, "NAME", "the [tariff NAME] it is thought to run: its days and offset are taken"},
};

static void add_clock(struct text_buf *out, unsigned minute)
{
    text_buf_addf(out, "%02u:%02u", minute / 60, minute % 60);
}

static unsigned minute_of(int64_t ms)
{
    int64_t minute = (ms >= 0 ? ms : ms - 59999) / 60000;
    return (unsigned)((minute % 1440 + 1440) % 1440);
}

static void add_table(const struct learned_table *t, struct text_buf *out)
{
    if (t->n == 0) { /* no switch: one rate all day, if any moved */
        if (t->rates != 0 && (t->rates & (t->rates - 1)) == 0)
            text_buf_addf(out, "%s %u = 00:00 %s\n", t->table_set == 0 ? "day" : "day.2", t->table,
                          rate_name((enum rate)__builtin_ctz(t->rates)));
        else
            text_buf_addf(out, "; day %u: no switch-over is proven (%u days)\n", t->table, t->days);
        return;
    }
    for (size_t i = 0; i < t->n; i++) {
        const struct learned_switch *c = &t->change[i];
        text_buf_add(out, "; ");
        add_clock(out, c->minute);
        text_buf_addf(out, " %s: between ", rate_name((enum rate)c->to));
        add_clock(out, minute_of(c->lo_ms));
        text_buf_add(out, " and ");
        add_clock(out, minute_of(c->hi_ms + 59999));
        text_buf_addf(out, ", seen on %u days\n", c->days);
    }
    if (!t->closed)
        text_buf_add(out, "; the switch-overs found do not make a whole day: some are not proven\n");
    text_buf_addf(out, "%s %u = ", t->table_set == 0 ? "day" : "day.2", t->table);
    const char *sep = "";
    for (size_t i = 0; i < t->n; i++) {
        if (i > 0 && t->change[i].minute == t->change[i - 1].minute)
            continue;
        text_buf_add(out, sep);
        add_clock(out, t->change[i].minute);
        text_buf_addf(out, " %s", rate_name((enum rate)t->change[i].to));
        sep = ", ";
    }
    text_buf_add(out, "\n");
}

static void add_offset(const struct tariff *t, struct text_buf *out)
{
    int32_t minutes = t->utc_offset_s / 60, size = minutes < 0 ? -minutes : minutes;
    text_buf_addf(out, "utc_offset = %c%02d:%02d\n", minutes < 0 ? '-' : '+', size / 60, size % 60);
}

static int learn_one(const struct input_meter *m, const struct verify_options *o, struct text_buf *out)
{
    struct verify_report report;
    if (verify_report_make(m, o, &report) != RC_OK)
        return RC_NOMEM;
    const struct tariff *t = o->tariff;
    int64_t lo = -t->clock_tolerance_ms, hi = t->clock_tolerance_ms;
    if (report.result.has_skew) {
        lo = report.result.skew_lo_ms;
        hi = report.result.skew_hi_ms;
    }
    struct learned *learned = calloc(1, sizeof *learned);
    if (learned == NULL) {
        verify_report_done(&report);
        return RC_NOMEM;
    }
    learn_tables(t, &report.evidence, lo, hi, learned);
    text_buf_addf(out, "; %s: what the readings prove\n[tariff %s-learned]\n", m->name, t->name);
    add_offset(t, out);
    for (size_t i = 0; i < learned->n; i++)
        add_table(&learned->table[i], out);
    char line[LEARN_TEXT];
    size_t cursor = 0, differences = 0;
    for (; learn_difference(t, learned, &cursor, line); differences++)
        text_buf_addf(out, "; differs from [tariff %s]: %s\n", t->name, line);
    for (size_t i = 0; i < report.diagnoses.n; i++)
        text_buf_addf(out, "; %s: %s\n", diagnosis_code_name(report.diagnoses.item[i].code),
                      report.diagnoses.item[i].text);
    if (differences == 0 && report.diagnoses.n == 0)
        text_buf_addf(out, "; no difference from [tariff %s] is proven\n", t->name);
    free(learned);
    verify_report_done(&report);
    return RC_OK;
}

static int learn_all(const struct verify_site *site, const struct verify_input *in)
{
    struct text_buf out = {0};
    for (size_t i = 0; i < in->n; i++) {
        if (i > 0)
            text_buf_add(&out, "\n");
        if (learn_one(&in->meter[i], &site->options, &out) != RC_OK) {
            text_buf_done(&out);
            complain("%s: cannot be learned from: no memory", in->meter[i].name);
            return EXIT_FAILED;
        }
    }
    return cli_print(&out);
}

static int run(const struct cli_args *a)
{
    struct verify_site site;
    struct verify_input in;
    if (a->given.n_operands > 0) {
        complain("%.40s: unexpected: learn --csv takes no meter names", a->given.operand[0]);
        return EXIT_USAGE;
    }
    if (cli_option(a, "csv") == NULL) {
        complain("--csv: missing: which file is to be learned from?");
        return EXIT_USAGE;
    }
    int code = verify_site_read(a, &site);
    if (code != EXIT_DONE)
        return code;
    code = verify_input_read(cli_option(a, "csv"), &in);
    if (code == EXIT_DONE) {
        code = learn_all(&site, &in);
        verify_input_done(&in);
    }
    verify_site_done(&site);
    return code;
}

const struct subcommand cmd_learn = {
    .name = "learn",
    .synopsis = "--csv FILE --tariff NAME",
    .summary = "the day tables the meter really runs, and what differs",
    .about = "Prints a [tariff] section with the switch-overs the readings prove, each with the\n"
             "span it lies in, and the differences from the configured tariff. It proposes;\n"
             "nothing is changed.\n",
    .rows = rows,
    .n_rows = sizeof rows / sizeof rows[0],
    .run = run,
};
