#include "cli/verify_job.h"

int verify_job_open(const struct cli_args *a, const char *name, const char *done, bool with_tariff,
                    struct verify_job *out)
{
    struct verify_job job = {.site = {.settings = NULL}};
    if (a->given.n_operands > 0) {
        complain("%.40s: unexpected: %s --csv takes no meter names", a->given.operand[0], name);
        return EXIT_USAGE;
    }
    if (cli_option(a, "csv") == NULL) {
        complain("--csv: missing: which file is to be %s?", done);
        return EXIT_USAGE;
    }
    int code = with_tariff ? verify_site_read(a, &job.site) : EXIT_DONE;
    if (code != EXIT_DONE)
        return code;
    code = verify_input_read(cli_option(a, "csv"), &job.in);
    if (code == EXIT_DONE)
        *out = job;
    else
        verify_site_done(&job.site);
    return code;
}

void verify_job_done(struct verify_job *job)
{
    verify_input_done(&job->in);
    verify_site_done(&job->site);
}
