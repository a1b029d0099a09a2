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
#include "daemon/read_classes.h"

#define READ_VIEW_REASON (READ_REASON + 16)
struct read_view {
    const char *meter;                     /* "flat-1", or what was given instead of a name */
    struct reading *readings[CLASS_COUNT]; /* NULL: not asked for, or failed */
    struct read_lack lacks[Q_COUNT];       /* by class */
    size_t n_lacks;
};
void read_view_text(const struct read_view *v, struct text_buf *out);
/* {"meter","readings":[{"class","ts","ts_ms","window_ms","quality","serial","values":{…}}],"missing":[…],
 * "reasons":{…}}: missing names quantities, or classes that were not read at all; reasons tells why, by these
 * names ("no answer", "rejected: not a number"). */
void read_view_json(const struct read_view *v, struct text_buf *out);
/* "voltage", or "demand" for a whole class; "rejected: not a number". */
const char *read_view_lack(const struct read_lack *l, char reason[READ_VIEW_REASON]);
void read_view_done(struct read_view *v);

#endif
