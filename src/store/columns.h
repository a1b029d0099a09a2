/* columns.h - the columns of the wide tables: which quantities they hold, how their SQL reads, how a row
 * becomes a reading again.
 *
 * live_data holds the live and demand quantities, energy_data the cumulative energies; a column has the
 * quantity's canonical name and keeps its scaled integer.
 *
 * Threads: pure, but for the statement a row is read from.
 */
#ifndef METERFLEET_STORE_COLUMNS_H
#define METERFLEET_STORE_COLUMNS_H

#include <sqlite3.h>
#include "core/reading.h"
#include "core/text.h"

enum wide_table { WIDE_LIVE, WIDE_ENERGY };

/* Quantities [*first, *end) are the columns, in this order. */
void columns_range(enum wide_table t, int *first, int *end);
/* Appends ", p.voltage, p.current, …" with the prefix given ("p."). */
void columns_list(struct text_buf *sql, enum wide_table t, const char *prefix);
/* Appends ",?8,?9,…" for as many columns, beginning with this number. */
void columns_marks(struct text_buf *sql, enum wide_table t, int first_mark);
/* Binds the values of a reading from mark `first_mark` on; NULL where it has none. */
void columns_bind(sqlite3_stmt *st, enum wide_table t, int first_mark, const struct reading *r);
/* Adds the values that are not NULL from result column `first` on. */
void columns_read(sqlite3_stmt *st, enum wide_table t, int first, struct reading *r);

#endif
