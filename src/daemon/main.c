/* main.c - meterfleetd: from the command line to the daemon. */
#include "config.h"

#include <malloc.h>
#include <stdio.h>
#include <string.h>
#include "cli/output.h"
#include "core/log.h"
#include "core/rc.h"
#include "daemon/app.h"
#include "daemon/service.h"

static void report(void *arg, const char *line)
{
    (void)arg;
    fprintf(stderr, "meterfleet: %s\n", line); /* not the log: none of these may be dropped */
}

static int check(const struct daemon_options *o)
{
    struct settings *s;
    int rc = daemon_options_settings(o, report, NULL, &s);
    if (rc != RC_OK) {
        if (rc != RC_PARSE)
            fprintf(stderr, "meterfleet: %s: cannot be read: %s\n", o->config, rc_text(rc));
        return EXIT_CONFIG;
    }
    for (size_t i = 0; i < s->n_warnings; i++)
        fprintf(stderr, "meterfleet: warning: %s\n", s->warnings[i]);
    struct text_buf line = {.data = NULL};
    text_buf_addf(&line, "%s: accepted: %zu %s, %zu %s\n", o->config, s->n_buses,
                  s->n_buses == 1 ? "bus" : "buses", s->n_meters, s->n_meters == 1 ? "meter" : "meters");
    settings_free(s);
    return output_print(&line);
}

int main(int argc, char **argv)
{
    struct daemon_options o;
    char why[DAEMON_WHY];
    output_guard();
    /* Small allocations of many threads; an arena for each would cost more than the wait for one. */
    mallopt(M_ARENA_MAX, 2);
    if (!daemon_options_parse(argc, argv, service_is_unit(), &o, why)) {
        fprintf(stderr, "meterfleet: %s\n", why);
        return EXIT_USAGE;
    }
    if (o.help) {
        struct text_buf help = {.data = NULL};
        daemon_options_help(&help);
        return output_print(&help);
    }
    if (o.version) {
        const char version[] = "meterfleetd " PACKAGE_VERSION "\n";
        return output_write(version, strlen(version));
    }
    if (o.check)
        return check(&o);
    log_open(!o.foreground && service_logs_to_journal(), o.verbose ? LOG_LEVEL_DEBUG : LOG_LEVEL_INFO);
    return app_run(&o);
}
