/* cmd_trace.c - meterfleet trace: the frames of one bus as they pass. */
#include "cli/cli.h"

#include <signal.h>
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
static void add_time(const json_t *o, struct text_buf *out)
{
    const char *ts = talk_text(o, "ts");
    text_buf_addf(out, "%.12s", strlen(ts) > 23 ? ts + 11 : ts);
}

static void add_bytes(const char *hex, struct text_buf *out)
{
    size_t n = strlen(hex) / 2;
    for (size_t i = 0; i < n; i++)
        text_buf_addf(out, "%s%.2s",
                      i % BYTES_A_LINE == 0 ? i == 0 ? "               " : "\n               " : " ",
                      hex + 2 * i);
    if (n > 0)
        text_buf_add(out, "\n");
}

static void add_timing(const json_t *o, struct text_buf *out)
{
    const char *comma = "";
    static const struct {
        const char *key, *before, *after;
    } parts[] = {{"silence_ms", "after ", " ms of silence"},
                 {"turnaround_ms", "", " ms later"},
                 {"duration_ms", "", " ms long"}};
    text_buf_addf(out, " (");
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        const json_t *ms = json_object_get(o, parts[i].key);
        if (!json_is_number(ms))
            continue;
        text_buf_addf(out, "%s%s%.3f%s", comma, parts[i].before, json_number_value(ms), parts[i].after);
        comma = ", ";
    }
    text_buf_addf(out, ")\n");
}

static void add_frame(const json_t *o, struct text_buf *out)
{
    static const struct {
        const char *frame, *mark;
    } marks[] = {{"request", ">"}, {"reply", "<"}, {"dropped", "x"}, {"silence", "."}, {"refused", "?"}};
    const char *frame = talk_text(o, "frame"), *mark = "?", *cause = talk_text(o, "cause");
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++)
        if (strcmp(marks[i].frame, frame) == 0)
            mark = marks[i].mark;
    add_time(o, out);
    text_buf_addf(out, " %s %s", mark, talk_text(o, "meter"));
    if (strcmp(frame, "request") == 0) {
        text_buf_addf(out, " %s, %s", talk_text(o, "class"), cause);
        if (json_object_get(o, "attempt") != NULL)
            text_buf_addf(out, " %d", (int)talk_number(o, "attempt"));
    }
    if (talk_text(o, "text")[0] != '\0')
        text_buf_addf(out, ": %s", talk_text(o, "text"));
    add_timing(o, out);
    add_bytes(talk_text(o, "bytes"), out);
}

struct reader {
    bool json;
    struct text_buf out;
    int code; /* of the last output */
};

/* False: enough. */
static bool take_line(void *arg, const char *line, size_t len)
{
    struct reader *r = arg;
    json_t *o = r->json ? NULL : json_loadb(line, len, 0, NULL);
    if (r->json) {
        text_buf_add_n(&r->out, line, len);
        text_buf_add(&r->out, "\n");
    } else if (json_object_get(o, "lost") != NULL) {
        text_buf_addf(&r->out, "             - %lld frames lost: this reader is too slow\n",
                      (long long)talk_number(o, "lost"));
    } else if (json_object_get(o, "note") != NULL) {
        text_buf_addf(&r->out, "             - %s\n", talk_text(o, "note"));
    } else if (o != NULL) {
        add_frame(o, &r->out);
    }
    json_decref(o);
    r->code = output_print(&r->out);
    return r->code == EXIT_DONE;
}

static void hear_signals(void)
{
    /* Without SA_RESTART: waits end. A second signal ends us even while nobody takes what we write. */
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND};
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
    struct reader reader = {.json = cli_switch(a, "json")};
    int code = EXIT_USAGE;
    if (text_is_name(bus) &&
        text_format(request, sizeof request, "\"request\":\"trace\",\"bus\":\"%s\"", bus)) {
        hear_signals();
        code = talk_follow(a, request, &interrupted, take_line, &reader, why);
    } else {
        text_format(why, sizeof why, "%.60s: unknown bus", bus);
    }
    if (interrupted || reader.code != EXIT_DONE)
        return reader.code;
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
