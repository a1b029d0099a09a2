/* cmd_scan.c - meterfleet scan: who answers on a line, and the sections of a configuration for them. */
#include "cli/cli.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>
#include "cli/daemon_talk.h"
#include "cli/scan_args.h"
#include "cli/scan_progress.h"
#include "cli/scan_view.h"

#define STRANGE_MANY 3 /* frames nobody asked for: one may be an echo of something */
#define ASK_MS       3000

static const struct option_row rows[] = {
    SCAN_ARGS_ROWS,
    {"json", 0, NULL, "one JSON document"},
};

/* Ctrl-C and its like come as something to read, so that what was found can still be printed. */
struct stop {
    sigset_t set, before;
    int fd;
};

static void stop_begin(struct stop *s)
{
    sigemptyset(&s->set);
    sigaddset(&s->set, SIGINT);
    sigaddset(&s->set, SIGTERM);
    sigaddset(&s->set, SIGHUP);
    sigprocmask(SIG_BLOCK, &s->set, &s->before);
    s->fd = signalfd(-1, &s->set, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* The signal has done its work: a second one ends the program as usual. */
static void stop_end(struct stop *s)
{
    const struct timespec now = {0, 0};
    while (sigtimedwait(&s->set, NULL, &now) > 0)
        ;
    if (s->fd >= 0)
        close(s->fd);
    sigprocmask(SIG_SETMASK, &s->before, NULL);
}

/* A gateway has no lock of its own: if our configuration names this one, ask the daemon whether it runs. */
static bool is_the_daemons(const struct cli_args *a, const struct settings *site,
                           const struct settings_bus *bus)
{
    char why[TALK_WHY];
    json_t *answer = NULL;
    for (size_t i = 0; site != NULL && bus->kind != BUS_SERIAL && i < site->n_buses; i++) {
        const struct settings_bus *b = &site->buses[i];
        if (b->kind != bus->kind || b->port != bus->port || strcmp(b->device, bus->device) != 0)
            continue;
        bool runs = talk_ask(a, "\"request\":\"status\"", ASK_MS, &answer, why) == EXIT_DONE;
        json_decref(answer);
        if (runs)
            complain("%s: held by meterfleetd as [bus %s]: stop it, or scan another line",
                     cli_option(a, "device"), b->name);
        return runs;
    }
    return false;
}

static size_t count(const struct scan_result *r, bool readable)
{
    size_t n = 0;
    for (size_t i = 0; i < r->n; i++)
        n += readable == (r->finds[i].kind == SCAN_METER || r->finds[i].kind == SCAN_UNKNOWN);
    return n;
}

/* EXIT_DONE when somebody can be read, else the reason is told. */
static int judge(const struct scan_args *s, const struct scan_result *r)
{
    size_t settings = 0, asked = 0, bad = count(r, false);
    for (size_t i = 0; i < s->order.n_settings; i++) {
        settings += r->tried[i].asked > 0;
        asked += r->tried[i].asked;
    }
    if (r->strange >= STRANGE_MANY)
        complain("%s: %u replies came that nobody here asked for: is another master on this line?", s->device,
                 r->strange);
    if (count(r, true) > 0)
        return EXIT_DONE;
    if (bad > 0)
        complain("%s: nobody can be read: %zu %s damaged or contradictory replies", s->device, bad,
                 bad == 1 ? "address gives" : "addresses give");
    else if (r->stopped)
        complain("%s: stopped before anybody answered: %zu questions at %zu %s", s->device, asked, settings,
                 settings == 1 ? "setting" : "settings");
    else
        complain("%s: nobody answered: %zu questions at %zu %s: check wiring and power, or try --baud all "
                 "--parity all",
                 s->device, asked, settings, settings == 1 ? "setting" : "settings");
    return EXIT_UNAVAILABLE;
}

static int print(const struct cli_args *a, const struct scan_args *s, const struct scan_result *r)
{
    struct text_buf out = {.data = NULL};
    if (cli_switch(a, "json"))
        scan_view_json(s, r, &out);
    else if (r->n > 0)
        scan_view_text(s, r, &out);
    return output_print(&out);
}

static int exit_of(int rc)
{
    return rc == RC_DENIED ? EXIT_NOPERM : rc == RC_NOMEM || rc == RC_IO ? EXIT_FAILED : EXIT_UNAVAILABLE;
}

static int scan(const struct cli_args *a, struct scan_args *s)
{
    struct scan_result result;
    struct scan_progress progress;
    struct stop stop;
    char why[LINE_WHY];
    s->order.tell = scan_progress_tell;
    s->order.arg = &progress;
    stop_begin(&stop);
    scan_progress_begin(&progress, &s->order, s->device);
    int rc = scan_run(&s->order, stop.fd, &result, why);
    scan_progress_end(&progress);
    stop_end(&stop);
    int code = rc == RC_OK || result.n > 0 ? print(a, s, &result) : EXIT_DONE;
    if (rc != RC_OK) {
        complain("%s: %s: %s", s->device, result.n > 0 ? "given up" : "not scanned",
                 why[0] != '\0' ? why : rc_text(rc));
        code = exit_of(rc);
    } else if (code == EXIT_DONE) {
        code = judge(s, &result);
    }
    scan_result_done(&result);
    return code;
}

static int scan_with(const struct cli_args *a, const struct settings *site, const struct model_set *models)
{
    struct scan_args s;
    int code = scan_args_read(a, models, &s);
    if (code != EXIT_DONE)
        return code;
    const struct regmap **maps = calloc(models_count(models) + 1, sizeof *maps);
    for (size_t i = 0; maps != NULL && i < models_count(models); i++)
        if (models_at(models, i) != NULL) /* NULL: has errors, which were told */
            maps[s.order.n_models++] = models_at(models, i);
    s.order.models = maps;
    if (maps == NULL) {
        complain("scan: cannot begin: no memory");
        code = EXIT_FAILED;
    } else {
        code = is_the_daemons(a, site, &s.order.bus) ? EXIT_UNAVAILABLE : scan(a, &s);
    }
    free(maps);
    scan_args_done(&s);
    return code;
}

static int run(const struct cli_args *a)
{
    struct settings *site = NULL;
    struct model_set *models = NULL;
    if (a->given.n_operands > 0) {
        complain("%.60s: unexpected word: scan takes options only", a->given.operand[0]);
        return EXIT_USAGE;
    }
    if (settings_read(a->config, NULL, NULL, &site) != RC_OK)
        site = NULL; /* a bench has none: the usual models are enough */
    int code = EXIT_FAILED;
    if (models_read(site != NULL ? site->gateway.models : NULL, complain_setting, NULL, &models) == RC_NOMEM)
        complain("models: cannot be read: no memory");
    else
        code = scan_with(a, site, models);
    models_free(models);
    settings_free(site);
    return code;
}

const struct subcommand cmd_scan = {
    .name = "scan",
    .synopsis = "--device DEV [--baud all] [--parity all]\n"
                "       [--addresses 1-247] [--json]",
    .summary = "who answers on a line, and the configuration for them",
    .about = "Asks every address on a line that no daemon has, and only reads. Whoever answers\n"
             "is recognised by what its registers say; relay coils 0 and 1 are read too.\n"
             "Prints [bus] and [meters] sections for the configuration. A silent address costs\n"
             "one timeout: 247 addresses at one speed and format take about 80 s. Ctrl-C ends\n"
             "the scan and prints what was found. Exit code 69: nobody answered.\n",
    .rows = rows,
    .n_rows = sizeof rows / sizeof rows[0],
    .run = run,
};
