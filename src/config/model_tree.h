/* model_tree.h - reads one group of a libconfig tree by a table of its keys: type, range, words, help.
 *
 * libconfig keeps types apart in its own way (10 is no float, an int64 looks up as 0), names no column and
 * says nothing about keys nobody asked for. Here a key is a row; reading a group by its rows finds unknown
 * keys, wrong types, values out of range and missing keys, each with file, line and path in the file. The
 * reference in the manual is printed from the same rows.
 *
 * Units:   TREE_MILLI gives thousandths, TREE_SCALE the exponent of ten, TREE_WORD the index of the word.
 * Errors:  all into the report; tree_read() says whether there was one in this group.
 * Threads: none of its own.
 * Source:  libconfig 1.5 manual, 4 (the settings' types); LIBRARIES 2.
 */
#ifndef METERFLEET_CONFIG_MODEL_TREE_H
#define METERFLEET_CONFIG_MODEL_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <libconfig.h>
#include "config/model_scan.h"
#include "config/report.h"

enum tree_type {
    TREE_INT,
    TREE_MILLI, /* whole or floating number */
    TREE_SCALE, /* a power of ten: 10, 0.1 or "0.1" */
    TREE_TEXT,  /* lo..hi bytes */
    TREE_WORD,  /* one of `words` */
    TREE_WORDS, /* an array of strings; the caller reads it */
    TREE_BOOL,
    TREE_EXTENDS, /* true, or the name of a model */
    TREE_GROUP,
    TREE_LIST /* of groups */
};

struct tree_key {
    const char *name;
    enum tree_type type;
    bool required;
    int64_t lo, hi;           /* of the number, or of the text's length */
    const char *const *words; /* NULL at the end */
    const char *fallback;     /* for the manual: what holds when the key is absent */
    const char *help;
};

struct tree_value {
    const config_setting_t *at; /* NULL: not given, or wrong and reported */
    int64_t n;
    const char *s;
};

struct tree {
    struct conf_report *r;
    const char *file;
    const struct model_scan *scan;
};

/* values has n entries, in the order of the rows. */
bool tree_read(const struct tree *t, const config_setting_t *group, const struct tree_key *keys, size_t n,
               struct tree_value *values);

/* An error at a setting; nothing when the raw text already had one on that line. */
void tree_error(const struct tree *t, const config_setting_t *at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* "registers[3].address" */
#define TREE_PATH 96
void tree_path(const config_setting_t *at, char out[TREE_PATH]);
struct conf_place tree_place(const struct tree *t, const config_setting_t *at);

/* What a value must be: "a whole number from 1 to 125". For messages and the manual. */
#define TREE_EXPECTS 200
void tree_expects(const struct tree_key *key, char out[TREE_EXPECTS]);

#endif
