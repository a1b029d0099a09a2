/* reference.h - the reference of all keys as Markdown, printed from the rows the parser uses.
 *
 * doc/configuration.md holds it between two marks; a test compares, so the manual cannot fall behind the
 * parser.
 *
 * Errors:  b->failed without memory.
 * Threads: pure.
 */
#ifndef METERFLEET_CONFIG_REFERENCE_H
#define METERFLEET_CONFIG_REFERENCE_H

#include "core/text.h"

#define CONF_REFERENCE_BEGIN "<!-- keys: begin -->\n"
#define CONF_REFERENCE_END   "<!-- keys: end -->\n"

void conf_reference(struct text_buf *b);

#endif
