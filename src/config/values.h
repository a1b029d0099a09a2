/* values.h - the keys of one INI section, read by the rows of its table.
 *
 * Finds unknown keys (with the nearest one that exists), missing ones, and values that are not what their row
 * says; everything else gets a value, from the file or from the row's default.
 *
 * Units:   as the rows in keys.h.
 * Errors:  all into the report; conf_values_read() says whether the section was clean.
 * Threads: none of its own. CONF_FILE, CONF_SECRET, CONF_DIR and CONF_TIMEZONE look at the file system.
 * Source:  INTERFACES 2.
 */
#ifndef METERFLEET_CONFIG_VALUES_H
#define METERFLEET_CONFIG_VALUES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "config/ini.h"
#include "config/keys.h"

struct conf_value {
    const struct ini_entry *at; /* NULL: not in the file */
    bool set;                   /* from the file or by default, and sound */
    int64_t n;                  /* number, duration, size, share, bool (0, 1), word (its index) */
    const char *s;              /* the text, whatever the type */
};

/* values has CONF_KEYS_MOST entries. Numbered keys (day N) have no value here: see conf_key_of(). */
bool conf_values_read(struct conf_report *r, const struct ini_section *s,
                      const struct conf_section_type *type, struct conf_value *values);
/* The defaults alone, for a section that is not there; keys without default stay unset. */
void conf_values_default(const struct conf_section_type *type, struct conf_value *values);

/* Index of the row of a key, or -1; *number gets N of a numbered one, else 0. */
int conf_key_of(const struct conf_section_type *type, const char *key, unsigned *number);

/* One value of one row. On failure false and `why` says what is wrong: "must be …, not 'x'". */
#define CONF_WHY_SIZE 512
bool conf_value_parse(const struct conf_key *key, const char *text, struct conf_value *v,
                      char why[CONF_WHY_SIZE]);

/* "a whole number from 1 to 247": for messages and the manual. Gives back `out`. */
#define CONF_EXPECTS_SIZE 320
const char *conf_expects(const struct conf_key *key, char out[CONF_EXPECTS_SIZE]);

/* An error at an entry of a section: FILE:LINE: [section] key: … */
void conf_key_error(struct conf_report *r, const struct ini_section *s, const struct ini_entry *e,
                    const char *format, ...) __attribute__((format(printf, 4, 5)));

#endif
