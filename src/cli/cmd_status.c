/* cmd_status.c - meterfleet status: how buses, meters, broker, database and clock are doing. */
#include "cli/cli.h"

#include "cli/daemon_talk.h"
#include "cli/status_view.h"

#define WAIT_MS 15000 /* a reload in between takes its time */

static const struct option_row rows[] = {
    {"json", 0, NULL, "one JSON document"},
    {"check", 0, NULL, "one line and an exit code for monitoring: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN"},
    {"all", 0, NULL, "every meter, also of a large site"},
    {"control", 0, "SOCKET", "instead of the configured one"},
};

static int fail(const struct cli_args *a, int code, const char *why)
{
    if (!cli_switch(a, "check")) {
        complain("%s", why);
        return code;
    }
    bool down = code == EXIT_UNAVAILABLE;
    struct text_buf line = {.data = NULL};
    text_buf_addf(&line, "METERFLEET %s - %s\n", down ? "CRITICAL" : "UNKNOWN", why);
    int printed = output_print(&line);
    return printed != EXIT_DONE ? printed : down ? MONITOR_CRITICAL : MONITOR_UNKNOWN;
}

static int run(const struct cli_args *a)
{
    if (a->given.n_operands > 0) {
        complain("%.60s: unexpected word: status takes options only", a->given.operand[0]);
        return EXIT_USAGE;
    }
    json_t *answer;
    char why[TALK_WHY];
    int code = talk_ask(a, "\"request\":\"status\"", WAIT_MS, &answer, why);
    if (code != EXIT_DONE)
        return fail(a, code, why);
    const json_t *status = talk_part(answer, "status", why);
    if (status == NULL) {
        json_decref(answer);
        return fail(a, EXIT_FAILED, why);
    }
    struct status_judgement j;
    struct text_buf out = {.data = NULL};
    status_judge(status, &j);
    if (cli_switch(a, "check"))
        status_line(status, &j, &out);
    else if (cli_switch(a, "json"))
        talk_dump(status, &out);
    else
        status_text(status, &j, cli_switch(a, "all"), &out);
    code = output_print(&out);
    bool findings = talk_number(json_object_get(status, "database"), "open_findings") > 0;
    json_decref(answer);
    if (code != EXIT_DONE)
        return code;
    if (cli_switch(a, "check"))
        return (int)j.level;
    return findings ? EXIT_FINDINGS : EXIT_DONE;
}

const struct subcommand cmd_status = {
    .name = "status",
    .synopsis = "[--json] [--check] [--all]",
    .summary = "how buses, meters, broker, database and clock are doing",
    .about = "Asks the running daemon. What needs attention stands first, in words.\n"
             "\"asked\" and \"failed\" count requests since the daemon started; \"wire\" is how\n"
             "much of the line's time they took.\n",
    .rows = rows,
    .n_rows = sizeof rows / sizeof rows[0],
    .run = run,
};
