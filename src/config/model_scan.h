/* model_scan.h - what libconfig would pass over in silence, found in the raw text of a model file.
 *
 * libconfig 1.5 turns 2147483648 into -2147483648 without a word, its successor reads 0777 as octal, and its
 * @include opens what it likes. None of that can be seen in the tree afterwards, so the text is read once
 * before: numbers of more than 31 bits, numbers with a leading zero, NUL bytes and @include are errors.
 *
 * Units:   lines count from 1.
 * Errors:  each with its line in the report. The lines go into `bad`, so that nothing else on them is
 * reported for the same cause. Threads: pure but for the report. Source:  LIBRARIES 2 (measured on
 * libconfig 1.5 and 1.7.3); FAULTS C2, C3.
 */
#ifndef METERFLEET_CONFIG_MODEL_SCAN_H
#define METERFLEET_CONFIG_MODEL_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <libconfig.h>
#include "config/report.h"

#define MODEL_SCAN_FAULTS 64 /* further ones are not kept: the file is refused in any case */
struct model_scan_fault {
    unsigned line;
    unsigned number; /* the how-manieth number of its line, from 1; 0: it is no number */
    const char *what;
};
struct model_scan {
    struct model_scan_fault faults[MODEL_SCAN_FAULTS];
    size_t n;
    bool fatal; /* the text must not be given to libconfig at all */
};

void model_scan_text(const char *text, size_t len, struct model_scan *out);
/* `root` NULL: there is no tree, the line alone is told. */
void model_scan_tell(const struct model_scan *s, const char *file, const config_setting_t *root,
                     struct conf_report *r);
bool model_scan_is_bad(const struct model_scan *s, unsigned line);

#endif
