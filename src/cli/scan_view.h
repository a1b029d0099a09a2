/* scan_view.h - what a scan found: sections for the configuration, or one JSON document.
 *
 * The text is a piece of configuration that `meterfleet check` accepts below a [gateway]: what was found,
 * line by line, as comments, then [bus] with the setting at which most answered and [meters] for each model.
 * Whoever cannot be part of it (no model fits, two devices with one address, another speed) stands in a
 * comment that says why.
 *
 * Errors:  a failed allocation shows in text_buf.failed.
 * Threads: pure, but for a look at /dev/serial/by-id.
 */
#ifndef METERFLEET_CLI_SCAN_VIEW_H
#define METERFLEET_CLI_SCAN_VIEW_H

#include "cli/scan_args.h"

void scan_view_text(const struct scan_args *s, const struct scan_result *r, struct text_buf *out);
void scan_view_json(const struct scan_args *s, const struct scan_result *r, struct text_buf *out);

const char *scan_coil_word(enum scan_coil c);               /* "silent" "refused" "open" "closed" */
const char *scan_parity_word(const struct scan_setting *t); /* as in [bus]: "even" "odd" "none" */

/* The name under which `dir` (/dev/serial/by-id) knows this path, which stays when the adapter is plugged in
 * elsewhere; else the absolute path. */
#define SCAN_PATH 512
void scan_stable_path(const char *path, const char *dir, char out[SCAN_PATH]);

#endif
