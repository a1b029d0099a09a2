/* scan_progress.h - what a scan is doing, on stderr: a bar with the time left on a terminal, else plain
 * lines.
 *
 * Units:   time left is what silence costs: it gets shorter with everyone who answers.
 * Threads: one.
 */
#ifndef METERFLEET_CLI_SCAN_PROGRESS_H
#define METERFLEET_CLI_SCAN_PROGRESS_H

#include "cli/scan_args.h"

struct scan_progress {
    const struct scan_order *order;
    bool bar;           /* stderr is a terminal */
    bool drawn;         /* the bar stands on the last line */
    size_t found, told; /* told: when the time left was last told */
    int64_t began_ns, drawn_ns;
};

void scan_progress_begin(struct scan_progress *p, const struct scan_order *o, const char *device);
/* An order's teller; arg is the struct scan_progress. */
void scan_progress_tell(void *arg, const struct scan_event *e);
/* Takes the bar off the screen. */
void scan_progress_end(struct scan_progress *p);

/* "kpm31 (or kpm31bk), coil 1 closed", "two devices have this address: …": what was found, in a line. */
void scan_find_text(const struct scan_find *f, struct text_buf *out);

#endif
