/* daemon_options.c - rows, and what they mean together. */
#include "daemon/daemon_options.h"

#include <stdlib.h>
#include <string.h>
#include "cli/options.h"
#include "core/clock.h"
#include "core/rc.h"

enum row { CONFIG, FOREGROUND, CHECK, CLOCK, DATABASE, CONTROL, VERBOSE, HELP, VERSION, ROWS };
static const struct option_row rows[ROWS] = {
    [CONFIG] = {"config", 'c', "FILE", "the site configuration (default: " DAEMON_CONFIG ")"},
    [FOREGROUND] = {"foreground", 'f', NULL, "plain log lines on stderr, also under systemd"},
    [CHECK] = {"check", 0, NULL, "read the configuration, say what is wrong with it, and stop"},
    [CLOCK] =
        {"clock", 0, "START@SPEED",
         "for tests: begin at START (ISO 8601 with offset) and run SPEED times as fast; marks the database"},
    [DATABASE] = {"database", 0, "FILE", "instead of [database] path"},
    [CONTROL] = {"control", 0, "SOCKET", "instead of [gateway] control"},
    [VERBOSE] = {"verbose", 'v', NULL, "also log details"},
    [HELP] = {"help", 'h', NULL, "this text"},
    [VERSION] = {"version", 'V', NULL, "name and version"},
};

static bool parse_clock(const char *text, bool under_systemd, struct daemon_options *o, char why[DAEMON_WHY])
{
    if (under_systemd) {
        text_format(why, DAEMON_WHY, "--clock: not as a service: a test clock would end up in real records");
        return false;
    }
    if (clock_parse_option(text, &o->clock_start_utc_ms, &o->clock_speed) != RC_OK) {
        text_format(why, DAEMON_WHY, "--clock: %.60s: not START@SPEED, e.g. 2026-10-31T23:50:00+08:00@60",
                    text);
        return false;
    }
    o->simulated = true;
    return true;
}

bool daemon_options_parse(int argc, char *const argv[], bool under_systemd, struct daemon_options *out,
                          char why[DAEMON_WHY])
{
    struct options given;
    if (options_parse(rows, ROWS, argc, (const char *const *)argv, false, &given, why) != RC_OK)
        return false;
    if (given.n_operands > 0) {
        text_format(why, DAEMON_WHY, "%.60s: unexpected word: options only", given.operand[0]);
        return false;
    }
    struct daemon_options o = {
        .config = given.value[CONFIG] != NULL ? given.value[CONFIG] : DAEMON_CONFIG,
        .database = given.value[DATABASE],
        .control = given.value[CONTROL],
        .foreground = given.value[FOREGROUND] != NULL,
        .check = given.value[CHECK] != NULL,
        .verbose = given.value[VERBOSE] != NULL,
        .help = given.value[HELP] != NULL,
        .version = given.value[VERSION] != NULL,
    };
    if (given.value[CLOCK] != NULL && !parse_clock(given.value[CLOCK], under_systemd, &o, why))
        return false;
    *out = o;
    return true;
}

void daemon_options_help(struct text_buf *out)
{
    text_buf_add(out, "usage: meterfleetd [-c FILE] [-f] [--check] [--clock START@SPEED]\n\n"
                      "Reads the electricity meters of a site, keeps what they say, publishes it, and\n"
                      "checks it. Stays in the foreground. SIGTERM stops it, SIGHUP reads the\n"
                      "configuration again.\n\n");
    options_help(rows, ROWS, out);
}

static int put_over(const char *given, char **setting)
{
    if (given == NULL)
        return RC_OK;
    char *copy = strdup(given);
    if (copy == NULL)
        return RC_NOMEM;
    free(*setting);
    *setting = copy;
    return RC_OK;
}

int daemon_options_settings(const struct daemon_options *o, settings_report *report, void *arg,
                            struct settings **out)
{
    struct settings *s;
    int rc = settings_read(o->config, report, arg, &s);
    if (rc != RC_OK)
        return rc;
    rc = put_over(o->database, &s->database.path);
    if (rc == RC_OK)
        rc = put_over(o->control, &s->control_path);
    if (rc != RC_OK) {
        settings_free(s);
        return rc;
    }
    *out = s;
    return RC_OK;
}
