/* cmd_trace.c - meterfleet trace: the frames of one bus as they pass. */
#include "cli/cli.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include "cli/daemon_talk.h"
#include "cli/near_name.h"

#define BYTES_A_LINE 32

static const struct option_row rows[] = {
    {"json", 0, NULL, "one JSON object a line"},
    {"control", 0, "SOCKET", "instead of the configured one"},
};

static volatile sig_atomic_t interrupted;

static void on_signal(int number)
{
    (void)number;
    interrupted = 1;
}

/* "13:05:07.123": the date is that of now. */
static void print_time(const json_t *o)
{
    const char *ts = talk_text(o, "ts");
    printf("%.12s", strlen(ts) > 23 ? ts + 11 : ts);
}

static void print_bytes(const char *hex)
{
    size_t n = strlen(hex) / 2;
    for (size_t i = 0; i < n; i++)
        printf("%s%.2s", i % BYTES_A_LINE == 0 ? i == 0 ? "               " : "\n               " : " ",
               hex + 2 * i);
    if (n > 0)
        putchar('\n');
}

static void print_timing(const json_t *o)
{
    const char *comma = "";
    static const struct {
        const char *key, *before, *after;
    } parts[] = {{"silence_ms", "after ", " ms of silence"},
                 {"turnaround_ms", "", " ms later"},
                 {"duration_ms", "", " ms long"}};
    printf(" (");
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        const json_t *ms = json_object_get(o, parts[i].key);
        if (!json_is_number(ms))
            continue;
        printf("%s%s%.3f%s", comma, parts[i].before, json_number_value(ms), parts[i].after);
        comma = ", ";
    }
    printf(")\n");
}

static void print_frame(const json_t *o)
{
    static const struct {
        const char *frame, *mark;
    } marks[] = {{"request", ">"}, {"reply", "<"}, {"dropped", "x"}, {"silence", "."}, {"refused", "?"}};
    const char *frame = talk_text(o, "frame"), *mark = "?", *cause = talk_text(o, "cause");
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++)
        if (strcmp(marks[i].frame, frame) == 0)
            mark = marks[i].mark;
    print_time(o);
    printf(" %s %s", mark, talk_text(o, "meter"));
    if (strcmp(frame, "request") == 0) {
        printf(" %s, %s", talk_text(o, "class"), cause);
        if (json_object_get(o, "attempt") != NULL)
            printf(" %d", (int)talk_number(o, "attempt"));
    }
    if (talk_text(o, "text")[0] != '\0')
        printf(": %s", talk_text(o, "text"));
    print_timing(o);
    print_bytes(talk_text(o, "bytes"));
}

/* False: enough. */
static bool take_line(void *arg, const char *line, size_t len)
{
    const struct cli_args *a = *(const struct cli_args **)arg;
    json_t *o = cli_switch(a, "json") ? NULL : json_loadb(line, len, 0, NULL);
    if (cli_switch(a, "json")) {
        fwrite(line, 1, len, stdout);
        putchar('\n');
    } else if (json_object_get(o, "lost") != NULL) {
        printf("             - %lld frames lost: this reader is too slow\n",
               (long long)talk_number(o, "lost"));
    } else if (json_object_get(o, "note") != NULL) {
        printf("             - %s\n", talk_text(o, "note"));
    } else if (o != NULL) {
        print_frame(o);
    }
    json_decref(o);
    return fflush(stdout) == 0 && !ferror(stdout);
}

static void hear_signals(void)
{
    struct sigaction action = {.sa_handler = on_signal}; /* without SA_RESTART: waits end */
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

static int run(const struct cli_args *a)
{
    char request[128], why[TALK_WHY] = "";
    if (a->given.n_operands != 1) {
        if (a->given.n_operands == 0)
            complain("trace: which bus?");
        else
            complain("%.60s: unexpected word: trace takes one bus", a->given.operand[1]);
        return EXIT_USAGE;
    }
    const char *bus = a->given.operand[0];
    int code = EXIT_USAGE;
    if (text_is_name(bus) &&
        text_format(request, sizeof request, "\"request\":\"trace\",\"bus\":\"%s\"", bus)) {
        hear_signals();
        code = talk_follow(a, request, &interrupted, take_line, &a, why);
    } else {
        text_format(why, sizeof why, "%.60s: unknown bus", bus);
    }
    if (interrupted)
        return cli_finish();
    if (code == EXIT_USAGE)
        complain_near(a, NEAR_BUS, bus, why);
    else if (code != EXIT_DONE)
        complain("%s", why);
    return code;
}

const struct subcommand cmd_trace = {
    .name = "trace",
    .synopsis = "BUS [--json]",
    .summary = "frames as they pass on a bus",
    .about = "Shows what the daemon sends and hears on one bus, until Ctrl-C: > a request, with\n"
             "the silence before it and why it is made; < its reply, how much later it began\n"
             "and how long it took; x what was thrown away, and why; . no answer; ? a reply\n"
             "whose values cannot be. The bytes stand below, times are UTC. The bus never\n"
             "waits for the reader: who is too slow is told how many frames he missed.\n",
    .rows = rows,
    .n_rows = sizeof rows / sizeof rows[0],
    .run = run,
};
