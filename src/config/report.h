/* report.h - how everything that reads a configuration complains: one line an error, all of them in one run.
 *
 * The form is that of INTERFACES 2, "FILE:LINE: [section] key: what is wrong (did you mean …?)", so that an
 * editor can jump to it; INI files and model files share it. Lines are kept and told at the end, in the order
 * in which they stand in the files, whatever found them first. What the user wrote is quoted shortened and
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
    unsigned errors;
    bool nomem;
    struct conf_line *lines; /* errors and warnings so far */
    size_t n_lines;
    char **files; /* in the order of reading */
    size_t n_files;
};

struct conf_line {
    char *text;
    size_t file; /* index into files */
    unsigned line;
    size_t seq;
    bool warning;
};

/* Where something stands. The file's name lives as long as the reading does. */
struct conf_place {
    const char *file;
    unsigned line;
};

/* `where` is "[bus north] baud" or "registers[3].address"; NULL or "" when the file itself is meant. */
void conf_error(struct conf_report *r, struct conf_place at, const char *where, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* What is allowed, but hardly meant: no error. */
void conf_warn(struct conf_report *r, struct conf_place at, const char *where, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* A file is going to be read: its lines will be told after those of the files before it. */
void conf_report_file(struct conf_report *r, const char *file);
/* Tells all errors, file by file, in the order of their lines; once, at the end. `to` may be NULL. */
void conf_report_tell(struct conf_report *r, settings_report *to, void *arg);
/* The warnings in the same order, as strings of their own for the caller; NULL when there are none. */
char **conf_report_warnings(struct conf_report *r, size_t *n);
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
