/* near_name.h - a misspelt meter or bus deserves better than "unknown": the configuration usually knows its
 * neighbours.
 *
 * Threads: one.
 */
#ifndef METERFLEET_CLI_NEAR_NAME_H
#define METERFLEET_CLI_NEAR_NAME_H

#include "cli/cli.h"

enum near_what { NEAR_METER, NEAR_BUS };
/* Complains with `why`, and "did you mean …?" where a configured name is near to `word`. */
void complain_near(const struct cli_args *a, enum near_what what, const char *word, const char *why);

#endif
