/* read_once.h - read a meter once straight from a line, without a daemon: for the operator's tool.
 *
 * Opens the line, reads the classes asked for with the bus's timeouts and retries, closes it.
 *
 * Errors:  RC_BUSY (another program has the line; `why` names it), RC_DENIED, RC_LINK, RC_NOANSWER,
 *          RC_BADFRAME, RC_NOREG, RC_REFUSED, RC_PARSE (what it said cannot be), RC_NOMEM: of the first class
 *          that failed, in a few words in `why`; rcs[] of each. out[] holds what was read all the same (NULL
 *          where not; without values where all of a reply was rejected); the caller's to free.
 * Threads: any; blocks SIGPIPE in its thread while it works.
 */
#ifndef METERFLEET_BUS_READ_ONCE_H
#define METERFLEET_BUS_READ_ONCE_H

#include "bus/line.h"
#include "core/reading.h"

/* classes: a mask of 1u << enum reg_class. Readings carry meter 0. */
int bus_read_once(const struct settings_bus *bus, const struct regmap *model, uint8_t address,
                  unsigned classes, struct reading *out[CLASS_COUNT], int rcs[CLASS_COUNT],
                  char why[LINE_WHY]);

#endif
