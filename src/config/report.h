/* report.h - how everything that reads a configuration complains: one line an error, all of them in one run.
 *
 * The form is that of INTERFACES 2, "FILE:LINE: [section] key: what is wrong (did you mean …?)", so that an
 * editor can jump to it; INI files and model files share it. What the user wrote is quoted shortened and
 * without control characters: a configuration may come from anywhere and goes to a terminal.
 *
 * Units:   lines count from 1; line 0 means the file as a whole.
 * Errors:  none; without memory for a line `nomem` is set and the caller gives up.
 * Threads: a report belongs to whoever reads a configuration.
 */
#ifndef METERFLEET_CONFIG_REPORT_H
#define METERFLEET_CONFIG_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include "config/settings.h"

struct conf_report {
    settings_report *to; /* NULL: only counted */
    void *arg;
    unsigned errors;
    bool nomem;
    char **warnings; /* lines of the same form; owned, conf_report_done() */
    size_t n_warnings;
};

/* Where something stands. The file's name lives as long as the reading does. */
struct conf_place {
    const char *file;
    unsigned line;
};

/* `where` is "[bus north] baud" or "registers[3].address"; NULL or "" when the file itself is meant. */
void conf_error(struct conf_report *r, struct conf_place at, const char *where, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* What is allowed, but hardly meant: kept for `meterfleet check`, no error. */
void conf_warn(struct conf_report *r, struct conf_place at, const char *where, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
void conf_report_done(struct conf_report *r);

/* " (did you mean north?)", or "" when no word is near enough. Gives back `out`. */
#define CONF_HINT_SIZE 160
const char *conf_hint(char out[CONF_HINT_SIZE], const char *word, const char *const *words, size_t n);

/* 'text' for a message: at most 60 bytes of it, control characters as '?'. Gives back `out`. */
#define CONF_QUOTE_SIZE 80
const char *conf_quote(char out[CONF_QUOTE_SIZE], const char *text);

/* strdup and calloc that tell the report when there is no memory. */
char *conf_strdup(struct conf_report *r, const char *s);
/* `items` with room for one more of `size` bytes, zeroed; on failure NULL, `items` as it was. *n counts up.
 */
void *conf_append(struct conf_report *r, void *items, size_t *n, size_t size);

#endif
