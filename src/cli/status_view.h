/* status_view.h - the daemon's status document as people and monitors read it.
 *
 * Units:   now is the daemon's own time (under --clock not ours).
 * Errors:  a failed allocation shows in text_buf.failed.
 * Threads: pure.
 * Source:  INTERFACES 7; the one line and its exit codes 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN: Monitoring
 * Plugins Development Guidelines, "Plugin Output for Nagios".
 */
#ifndef METERFLEET_CLI_STATUS_VIEW_H
#define METERFLEET_CLI_STATUS_VIEW_H

#include <jansson.h>
#include <stdbool.h>
#include "core/text.h"

enum monitor { MONITOR_OK, MONITOR_WARNING, MONITOR_CRITICAL, MONITOR_UNKNOWN };

/* What needs attention, a sentence each, most urgent first. */
#define STATUS_SENTENCES 24
#define STATUS_SENTENCE  200
struct status_judgement {
    enum monitor level;
    size_t n; /* all; only the first STATUS_SENTENCES are kept */
    char sentence[STATUS_SENTENCES][STATUS_SENTENCE];
    size_t meters, online, offline, stale;
};
void status_judge(const json_t *status, struct status_judgement *out);
/* The whole text; all: every meter of a large site too, not only those that need attention. */
void status_text(const json_t *status, const struct status_judgement *j, bool all, struct text_buf *out);
/* "METERFLEET OK - 32 of 32 meters online, … | online=32;;;0;32 …" */
void status_line(const json_t *status, const struct status_judgement *j, struct text_buf *out);

#endif
