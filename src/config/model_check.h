/* model_check.h - turns a merged draft into the register map the house works with, if it holds together.
 *
 * Overlaps, snapshots that cut a value, blocks longer than a reply: a model that has one of these would be
 * read wrongly without a word, so it is not used at all.
 *
 * Units:   registers.
 * Errors:  RC_PARSE after the report, RC_NOMEM.
 * Threads: none of its own.
 * Source:  MODBUS Application Protocol V1.1b3, 6.3; INTERFACES 3.
 */
#ifndef METERFLEET_CONFIG_MODEL_CHECK_H
#define METERFLEET_CONFIG_MODEL_CHECK_H

#include "config/model_draft.h"

int model_check(struct conf_report *r, const struct model_draft *d, struct regmap **out);

#endif
