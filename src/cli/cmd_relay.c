/* cmd_relay.c - meterfleet relay: switch a meter's relay, through the daemon only. */
#include "cli/cli.h"

#include <string.h>
#include "cli/daemon_talk.h"
#include "cli/near_name.h"
#include "daemon/relay_rules.h"

#define WAIT_MS 60000 /* the row in the database, the meter, its hold-offs, the coil read back */

static const struct option_row rows[] = {
    {"json", 0, NULL, "one JSON document"},
    {"control", 0, "SOCKET", "instead of the configured one"},
};

static int usage(const struct cli_args *a)
{
    static const char *const words[] = {"open", "close"};
    if (a->given.n_operands < 2) {
        complain("relay: which meter, and open or close?");
        return EXIT_USAGE;
    }
    const char *word = a->given.operand[1];
    if (a->given.n_operands > 2) {
        complain("%.60s: unexpected word: relay takes one meter, and open or close", a->given.operand[2]);
        return EXIT_USAGE;
    }
    if (strcmp(word, "open") == 0 || strcmp(word, "close") == 0)
        return EXIT_DONE;
    const char *near = options_suggest(word, words, 2);
    complain("%.60s: neither open nor close%s%s%s", word, near != NULL ? ": did you mean " : "",
             near != NULL ? near : "", near != NULL ? "?" : "");
    return EXIT_USAGE;
}

static int show(const struct cli_args *a, const json_t *relay)
{
    const char *meter = talk_text(relay, "meter"), *state = talk_text(relay, "state");
    int code = relay_error_exit(talk_text(relay, "error"));
    if (code == EXIT_DONE && !talk_true(relay, "ok"))
        code = EXIT_FAILED; /* neither done nor why not */
    struct text_buf out = {.data = NULL};
    if (cli_switch(a, "json"))
        talk_dump(relay, &out);
    else if (code == EXIT_DONE)
        text_buf_addf(&out, "%s: relay %s, read back at %s\n", meter, state, talk_text(relay, "ts"));
    if (code != EXIT_DONE)
        complain("%s: %s: %s", meter, talk_text(relay, "error"), talk_text(relay, "detail"));
    int failed = output_print(&out);
    return code != EXIT_DONE ? code : failed;
}

static int run(const struct cli_args *a)
{
    int code = usage(a);
    if (code != EXIT_DONE)
        return code;
    struct text_buf request = {.data = NULL};
    char why[TALK_WHY] = "relay: cannot be asked: no memory";
    json_t *answer = NULL;
    text_buf_add(&request, "\"request\":\"relay\",\"meter\":");
    text_buf_add_json(&request, a->given.operand[0]);
    text_buf_addf(&request, ",\"state\":\"%s\"",
                  strcmp(a->given.operand[1], "open") == 0 ? "open" : "closed");
    if (!text_is_name(a->given.operand[0])) {
        text_format(why, sizeof why, "%.60s: unknown meter", a->given.operand[0]);
        code = EXIT_USAGE;
    } else {
        code = request.failed ? EXIT_FAILED : talk_ask(a, request.data, WAIT_MS, &answer, why);
    }
    text_buf_done(&request);
    const json_t *relay = code == EXIT_DONE ? talk_part(answer, "relay", why) : NULL;
    if (code == EXIT_DONE && relay == NULL)
        code = EXIT_FAILED;
    if (code == EXIT_USAGE)
        complain_near(a, NEAR_METER, a->given.operand[0], why);
    else if (code != EXIT_DONE)
        complain("%s", why);
    else
        code = show(a, relay);
    json_decref(answer);
    return code;
}

const struct subcommand cmd_relay = {
    .name = "relay",
    .synopsis = "METER open|close [--json]",
    .summary = "switch a meter's relay, and read it back",
    .about = "Through the running daemon, for members of group meterfleet-operator, and only\n"
             "meters with relay = yes. The meter is told once; what came of it is read back\n"
             "from the meter, and stands in the database (view audit) with who asked.\n"
             "\n"
             "not_switched: the meter confirmed and did nothing: its relay control mode may\n"
             "be Local. unknown: nothing could be read back: look before telling it again.\n",
    .rows = rows,
    .n_rows = sizeof rows / sizeof rows[0],
    .run = run,
};
