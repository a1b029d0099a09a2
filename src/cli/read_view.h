/* read_view.h - a meter's fresh readings as people and programs read them.
 *
 * Units:   as in reading.h; numbers are written by their digits.
 * Errors:  a failed allocation shows in text_buf.failed.
 * Threads: pure.
 */
#ifndef METERFLEET_CLI_READ_VIEW_H
#define METERFLEET_CLI_READ_VIEW_H

#include "core/reading.h"
#include "core/text.h"

struct read_view {
    const char *meter;                     /* "flat-1", or what was given instead of a name */
    struct reading *readings[CLASS_COUNT]; /* NULL: not asked for, or failed */
    unsigned missing;                      /* a bit for each class that was asked for and failed */
};
void read_view_text(const struct read_view *v, struct text_buf *out);
/* {"meter","readings":[{"class","ts","ts_ms","window_ms","quality","serial","values":{…}}],"missing":[…]} */
void read_view_json(const struct read_view *v, struct text_buf *out);
void read_view_done(struct read_view *v);

#endif
