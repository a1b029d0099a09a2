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
#include "config/report.h"

#define MODEL_SCAN_LINES 32
struct model_scan {
    unsigned bad[MODEL_SCAN_LINES]; /* lines with an error, as far as there is room */
    size_t n_bad;
    bool fatal; /* the text must not be given to libconfig at all */
};

void model_scan_text(const char *text, size_t len, const char *file, struct conf_report *r,
                     struct model_scan *out);
bool model_scan_is_bad(const struct model_scan *s, unsigned line);

#endif
