/* daemon_talk.h - one question to the running daemon, one answer.
 *
 * The socket's place comes from --control, else from the configuration. Where that is bad it is told and
 * nobody is asked: a daemon that listens at the usual place may be another site's. --control asks all the
 * same.
 *
 * Errors:  talk_ask(): EXIT_DONE, or the exit code (69 not running, 77 not allowed, 78 …) with a line in
 * `why`. Threads: one. Source:  daemon/control_protocol.h.
 */
#ifndef METERFLEET_CLI_DAEMON_TALK_H
#define METERFLEET_CLI_DAEMON_TALK_H

#include <jansson.h>
#include <signal.h>
#include "cli/cli.h"

#define TALK_WHY 1200 /* the longest line about a configuration fits */

/* request: the members beside "version", e.g. "\"request\":\"status\"". *answer is the caller's to
 * json_decref(). */
int talk_ask(const struct cli_args *a, const char *request, int wait_ms, json_t **answer, char why[TALK_WHY]);

/* A question whose answer goes on: line() gets each line after the first, without its newline, until it says
 * false, *interrupted is set by a signal, or the daemon hangs up (then EXIT_UNAVAILABLE). */
int talk_follow(const struct cli_args *a, const char *request, const volatile sig_atomic_t *interrupted,
                bool (*line)(void *arg, const char *text, size_t len), void *arg, char why[TALK_WHY]);

/* What an answer is about, or NULL with a line in `why`: whoever listens there is no daemon of ours. */
const json_t *talk_part(const json_t *answer, const char *key, char why[TALK_WHY]);

/* An answer as a document for programs. */
void talk_dump(const json_t *o, struct text_buf *out);

/* Members of an answer, with a harmless value where one is missing or of another kind. */
const char *talk_text(const json_t *o, const char *key); /* "" */
int64_t talk_number(const json_t *o, const char *key);   /* 0 */
bool talk_true(const json_t *o, const char *key);        /* false */
int64_t talk_time(const json_t *o, const char *key);     /* ISO text to Unix ms; 0: null or not a time */

#endif
