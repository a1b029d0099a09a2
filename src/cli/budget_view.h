/* budget_view.h - what the configuration asks of each line, as a table; and the requests behind it.
 *
 * Errors:  RC_NOMEM, RC_RANGE (budget.h); a failed allocation of text shows in text_buf.failed.
 * Threads: pure.
 */
#ifndef METERFLEET_CLI_BUDGET_VIEW_H
#define METERFLEET_CLI_BUDGET_VIEW_H

#include "config/budget.h"
#include "core/text.h"

void budget_view_bus(const struct settings *s, size_t bus, const struct budget *b, struct text_buf *out);
/* The requests of each model on the bus, with what one of them takes. */
int budget_view_plan(const struct settings *s, size_t bus, struct text_buf *out);

#endif
