/* daemon_options.h - the command line of meterfleetd.
 *
 * Errors:  daemon_options_parse(): false with a line in `why`; the daemon then ends with 64.
 * Threads: main, before others start.
 * Source:  INTERFACES 1.
 */
#ifndef METERFLEET_DAEMON_DAEMON_OPTIONS_H
#define METERFLEET_DAEMON_DAEMON_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>
#include "config/settings.h"
#include "core/text.h"

#define DAEMON_CONFIG SYSCONFDIR "/meterfleet/meterfleet.ini"

struct daemon_options {
    const char *config;
    const char *database, *control; /* NULL: as configured */
    bool foreground, check, verbose, help, version;
    bool simulated; /* --clock */
    int64_t clock_start_utc_ms;
    double clock_speed;
};

#define DAEMON_WHY 256
/* under_systemd: a test clock is refused. */
bool daemon_options_parse(int argc, char *const argv[], bool under_systemd, struct daemon_options *out,
                          char why[DAEMON_WHY]);
void daemon_options_help(struct text_buf *out);
/* Reads the settings and puts the paths of the command line over the configured ones. RC_OK, RC_PARSE,
 * RC_NOMEM. */
int daemon_options_settings(const struct daemon_options *o, settings_report *report, void *arg,
                            struct settings **out);

#endif
