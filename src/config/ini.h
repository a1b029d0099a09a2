/* ini.h - INI files as sections and keys that know where they stand; several files make one document.
 *
 * libinih splits the lines. What it passes over in silence is caught by the reader it is given: lines that
 * are too long, sections that are not closed, repeated or longer than it keeps, NUL bytes, control
 * characters,
 * ':' for '=', a byte order mark, CRLF. The reader counts the lines, so that every key has its own.
 *
 * Units:   lines count from 1, lengths are bytes.
 * Errors:  all into the report; reading goes on after each, so that one run finds them all. RC_NOMEM.
 * Threads: libinih's run-time switches are globals of that library; ini_read() sets them to what it needs, so
 * one thread reads a configuration at a time (the main thread does). Source:  INTERFACES 2; LIBRARIES 2
 * (libinih 55-1).
 */
#ifndef METERFLEET_CONFIG_INI_H
#define METERFLEET_CONFIG_INI_H

#include <stdbool.h>
#include <stddef.h>
#include "config/report.h"

#define INI_FILE_LIMIT    (1024u * 1024u)
#define INI_LINE_MOST     8192
#define INI_SECTION_MOST  49 /* libinih keeps no more; "meters " and a name of 40 fit */
#define INI_SECTIONS_MOST 10000
#define INI_KEYS_MOST     1000 /* in one section */

struct ini_entry {
    char *key;   /* blanks inside made one */
    char *value; /* without blanks around it, without comment; may be "" */
    struct conf_place at;
};

struct ini_section {
    char title[INI_SECTION_MOST + 1]; /* "bus north": what stands between the brackets, blanks made one */
    char type[INI_SECTION_MOST + 1];  /* "bus" */
    const char *name;                 /* "north", or "" ; points into title */
    struct conf_place at;
    bool repeated; /* given before, and reported: its keys are checked but not used */
    bool wrong;    /* there was a mistake in its header, and reported */
    struct ini_entry *entries;
    size_t n;
};

struct ini_doc {
    struct ini_section **sections; /* in the order of reading */
    size_t n;
};

/* Adds a file's text to the document. `file` lives as long as the document. */
int ini_read(struct ini_doc *d, const char *file, const char *text, size_t len, struct conf_report *r);
void ini_done(struct ini_doc *d);

/* "[bus north] baud" or "[bus north]" for messages. Gives back `out`. */
#define INI_WHERE_SIZE 128
const char *ini_where(char out[INI_WHERE_SIZE], const struct ini_section *s, const char *key);

#endif
