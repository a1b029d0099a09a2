/* span_args.h - --from and --to: which instants they mean for which meter.
 *
 * A date is 00:00 in the meter's own time, so one word means another instant for a meter of another offset.
 * An instant needs Z or an offset: a time without one is refused, not guessed.
 *
 * Units:   Unix milliseconds; from inclusive, to exclusive.
 * Errors:  span_args_parse(): RC_PARSE with a line in `why`.
 * Threads: one (the gateway's zone is asked through TZ).
 * Source:  INTERFACES 7.
 */
#ifndef METERFLEET_CLI_SPAN_ARGS_H
#define METERFLEET_CLI_SPAN_ARGS_H

#include <stdbool.h>
#include <stdint.h>
#include "config/settings.h"

struct span_bound {
    bool given, is_date;
    int64_t days;   /* a date, since 1970-01-01 */
    int64_t utc_ms; /* an instant */
};
struct span_args {
    struct span_bound from, to;
};

#define SPAN_WHY 160
/* NULL: not given, which is as early or as late as can be. */
int span_args_parse(const char *from, const char *to, struct span_args *out, char why[SPAN_WHY]);

/* The span for one meter of the settings; meter -1 (one that is no longer configured): the gateway's time. */
struct span_ms {
    int64_t from_utc_ms, to_utc_ms;
    int32_t offset_s; /* of the meter's (or the gateway's) clock at `from`, to show dates */
};
void span_args_for(const struct span_args *a, const struct settings *s, int meter, struct span_ms *out);

#endif
