/* columns.h - the columns of the wide tables: which quantities they hold, how their SQL reads, how a row
 * becomes a reading again.
 *
 * live_data holds the live and demand quantities of any meter, live_phase what only three-phase meters have
 * beside them; energy_data and energy_phase likewise for the cumulative energies. A column has the quantity's
 * canonical name and keeps its scaled integer.
 *
 * Threads: pure, but for the statement a row is bound to or read from.
 */
#ifndef METERFLEET_STORE_COLUMNS_H
#define METERFLEET_STORE_COLUMNS_H

#include <sqlite3.h>
#include "core/reading.h"
#include "core/text.h"

enum wide_table { WIDE_LIVE, WIDE_LIVE_PHASE, WIDE_ENERGY, WIDE_ENERGY_PHASE };
const char *columns_table(enum wide_table t); /* "live_data" … */
bool columns_has(enum wide_table t, int quantity);
/* True when the reading has a value for this table. */
bool columns_any(enum wide_table t, const struct reading *r);
/* Appends ", p.voltage, p.current, …" with the prefix given ("p."). */
void columns_list(struct text_buf *sql, enum wide_table t, const char *prefix);
/* Appends ",?8,?9,…" for as many columns, beginning with this number. */
void columns_marks(struct text_buf *sql, enum wide_table t, int first_mark);
/* Binds the values of a reading from mark `first_mark` on; NULL where it has none. */
void columns_bind(sqlite3_stmt *st, enum wide_table t, int first_mark, const struct reading *r);
/* Adds the values that are not NULL from result column `first` on; returns the column after them. */
int columns_read(sqlite3_stmt *st, enum wide_table t, int first, struct reading *r);

#endif
