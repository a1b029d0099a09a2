/* cmd_verify.c - meterfleet verify: are the rate registers right, and if not, what is wrong? */
#include "cli/cli.h"

#include "cli/verify_job.h"
#include "cli/verify_report.h"

static const struct option_row rows[] = {
    {"csv", 0, "FILE", "readings to judge (- for stdin)"},
    {"tariff", 0, "NAME", "the [tariff NAME] of the configuration to judge by"},
    {"model", 0, "NAME", "the meter's model: says what it can carry"},
    {"max-power", 0, "W", "or say it in watts"},
    {"combined", 0, "RULE", "auto, import+export, import or import-export"},
    {"freeze-model", 0, "MODEL", "auto, cumulative or period"},
    {"proof", 0, NULL, "assumptions and evidence of every finding"},
    {"json", 0, NULL, "one JSON document"},
};

static int judge_all(const struct cli_args *a, const struct verify_job *job)
{
    const struct verify_input *in = &job->in;
    bool json = cli_switch(a, "json"), violated = false;
    struct text_buf out = {0};
    if (json)
        text_buf_add(&out, "{\"version\":1,\"meters\":[");
    else if (in->n == 0)
        text_buf_addf(&out, "%s: there are no readings in it.\n", cli_option(a, "csv"));
    for (size_t i = 0; i < in->n; i++) {
        struct verify_report report;
        if (verify_report_make(&in->meter[i], &job->site.options, &report) != RC_OK) {
            text_buf_done(&out);
            complain("%s: cannot be judged: no memory", in->meter[i].name);
            return EXIT_FAILED;
        }
        if (i > 0)
            text_buf_add(&out, json ? "," : "\n");
        if (json)
            verify_report_json(&report, &out);
        else
            verify_report_text(&report, cli_switch(a, "proof"), &out);
        violated |= report.result.verdict == VERDICT_VIOLATED;
        verify_report_done(&report);
    }
    if (json)
        text_buf_add(&out, "]}\n");
    int code = output_print(&out);
    return code != EXIT_DONE ? code : violated ? EXIT_FINDINGS : EXIT_DONE;
}

static int run(const struct cli_args *a)
{
    struct verify_job job;
    int code = verify_job_open(a, "verify", "judged", true, &job);
    if (code != EXIT_DONE)
        return code;
    code = judge_all(a, &job);
    verify_job_done(&job);
    return code;
}

const struct subcommand cmd_verify = {
    .name = "verify",
    .synopsis = "--csv FILE --tariff NAME",
    .summary = "judge the rate registers by the meter's own tariff",
    .about = "Proves the multi-rate totals right, or says exactly what is wrong. Columns of\n"
             "the file: time (ISO 8601 with Z or offset), meter, window_ms, and the\n"
             "quantities by their names (active_energy_total, active_energy_sharp, ...).\n"
             "Exit code 3 when a meter is violated, 0 when none is (ok or undecided).\n",
    .rows = rows,
    .n_rows = sizeof rows / sizeof rows[0],
    .run = run,
};
