/* tariff_read.h - the values of a [tariff] section that are lists, dates and tables, as text into struct
 * tariff.
 *
 * Only the form is checked here, and what the structure has no room for; whether the tariff makes sense is
 * tariff/tariff_check.h, which needs no file.
 *
 * Units:   as tariff/tariff.h.
 * Errors:  into the report, at the key's line.
 * Threads: one reading, one thread.
 * Source:  INTERFACES 2; DOMAIN 1.3.
 */
#ifndef METERFLEET_CONFIG_TARIFF_READ_H
#define METERFLEET_CONFIG_TARIFF_READ_H

#include "config/build.h"
#include "tariff/tariff.h"

struct tariff_reading {
    struct build *b;
    const struct build_section *from;
    struct tariff *t;
    bool has_offset;                                     /* utc_offset could be read */
    const struct ini_entry *holiday_at[TARIFF_HOLIDAYS]; /* where each holiday was written */
};

void tariff_read_rates(struct tariff_reading *rd, const struct ini_entry *e); /* first: tables use it */
void tariff_read_entry(struct tariff_reading *rd, const struct ini_entry *e);

#endif
