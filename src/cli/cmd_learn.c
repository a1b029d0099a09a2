/* cmd_learn.c - meterfleet learn: the day tables a meter really runs, as far as its readings prove them. */
#include "cli/cli.h"

#include <string.h>
#include "cli/learn_view.h"
#include "cli/verify_job.h"

static const struct option_row rows[] = {
    {"csv", 0, "FILE", "readings to learn from (- for stdin)"},
    {"tariff", 0, "NAME", "the [tariff NAME] it is thought to run, to compare with"},
    {"utc-offset", 0, "+HH:MM", "or nothing to compare with: the meter's clock only"},
    {"json", 0, NULL, "one JSON document"},
};

/* "+08:00", as in [tariff] utc_offset. */
static bool read_offset(const char *s, int32_t *out)
{
    for (size_t i = 0; i < 6; i++)
        if (i == 0 ? s[i] != '+' && s[i] != '-' : i == 3 ? s[i] != ':' : s[i] < '0' || s[i] > '9')
            return false;
    int32_t hours = (s[1] - '0') * 10 + (s[2] - '0'), minutes = (s[4] - '0') * 10 + (s[5] - '0');
    int32_t offset_s = (s[0] == '-' ? -60 : 60) * (hours * 60 + minutes);
    if (s[6] != '\0' || minutes > 59 || offset_s < -12 * 3600 || offset_s > 14 * 3600)
        return false;
    *out = offset_s;
    return true;
}

/* Without a tariff: only the clock's offset, and the assumptions by default. */
static int read_clock(const struct cli_args *a, struct tariff *out)
{
    const char *offset = cli_option(a, "utc-offset");
    if (cli_option(a, "tariff") != NULL) {
        complain("--utc-offset: %.40s: the [tariff] says it: give one of --tariff and --utc-offset", offset);
        return EXIT_USAGE;
    }
    tariff_init(out, "meter");
    if (read_offset(offset, &out->utc_offset_s))
        return EXIT_DONE;
    complain("--utc-offset: %.40s: not an offset from -12:00 to +14:00: +HH:MM or -HH:MM", offset);
    return EXIT_USAGE;
}

/* One section a meter: their names must differ. */
static void name_section(const struct tariff *t, size_t meter, struct learn_view *v)
{
    if (meter == 0)
        text_format(v->name, sizeof v->name, "%.32s-learned", t->name);
    else
        text_format(v->name, sizeof v->name, "%.25s-learned-%zu", t->name, meter + 1);
}

struct lesson {
    const struct verify_job *job;
    const struct tariff *tariff; /* to learn by */
    bool json, violated;
};

static int learn_one(struct lesson *s, size_t meter, struct text_buf *out)
{
    struct verify_report report;
    struct learned *learned;
    if (verify_report_make(&s->job->in.meter[meter], &s->job->site.options, &report) != RC_OK)
        return RC_NOMEM;
    int rc = learn_make(s->tariff, &report.evidence, &report.diagnoses, &learned);
    if (rc == RC_OK) {
        const struct tariff *configured = s->job->site.options.tariff;
        struct learn_view v = {
            .report = &report, .learned = learned, .tariff = configured != NULL ? configured->name : NULL};
        name_section(s->tariff, meter, &v);
        if (s->json)
            learn_view_json(&v, out);
        else
            learn_view_text(&v, out);
        learn_free(learned);
    }
    s->violated |= report.result.verdict == VERDICT_VIOLATED;
    verify_report_done(&report);
    return rc;
}

static int learn_all(struct lesson *s)
{
    const struct verify_input *in = &s->job->in;
    struct text_buf out = {0};
    if (s->json)
        text_buf_add(&out, "{\"version\":1,\"meters\":[");
    else if (in->n == 0)
        text_buf_add(&out, "; there are no readings in it\n");
    for (size_t i = 0; i < in->n; i++) {
        if (i > 0)
            text_buf_add(&out, s->json ? "," : "\n");
        if (learn_one(s, i, &out) != RC_OK) {
            text_buf_done(&out);
            complain("%s: cannot be learned from: no memory", in->meter[i].name);
            return EXIT_FAILED;
        }
    }
    if (s->json)
        text_buf_add(&out, "]}\n");
    int code = output_print(&out);
    return code != EXIT_DONE ? code : s->violated ? EXIT_FINDINGS : EXIT_DONE;
}

static int run(const struct cli_args *a)
{
    struct verify_job job;
    struct tariff clock;
    bool alone = cli_option(a, "utc-offset") != NULL;
    int code = alone ? read_clock(a, &clock) : EXIT_DONE;
    if (code == EXIT_DONE)
        code = verify_job_open(a, "learn", "learned from", !alone, &job);
    if (code != EXIT_DONE)
        return code;
    struct lesson lesson = {
        .job = &job, .tariff = alone ? &clock : job.site.options.tariff, .json = cli_switch(a, "json")};
    code = learn_all(&lesson);
    verify_job_done(&job);
    return code;
}

const struct subcommand cmd_learn = {
    .name = "learn",
    .synopsis = "--csv FILE --tariff NAME",
    .summary = "the day tables the meter really runs, and what differs",
    .about = "Prints a [tariff] section with the switch-overs the readings prove, each with the\n"
             "span it lies in, and the differences from the configured tariff. It proposes;\n"
             "nothing is changed. Without --tariff there is nothing to compare with, and only\n"
             "the offset of the meter's clock must be told. Exit code 3 when a meter differs\n"
             "or has another error finding, 0 when none has.\n",
    .rows = rows,
    .n_rows = sizeof rows / sizeof rows[0],
    .run = run,
};
