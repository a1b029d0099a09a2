/* export_fields.h - what an export writes of each kind of row: fields as data, from which the SQL, the CSV
 * header, the cells and the JSON members are made.
 *
 * CSV speaks as the files that `meterfleet verify --csv` reads ("time", INTERFACES 8), JSON lines as the
 * messages of the broker ("ts", INTERFACES 6). Energy alone as CSV is exactly such a file.
 *
 * Units:   a number leaves as the decimal the database means: its REAL, rounded to the quantity's decimals.
 * Threads: pure.
 */
#ifndef METERFLEET_CLI_EXPORT_FIELDS_H
#define METERFLEET_CLI_EXPORT_FIELDS_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "core/quantity.h"
#include "core/text.h"

enum export_kind { EXPORT_ENERGY, EXPORT_LIVE, EXPORT_SETTLEMENT, EXPORT_FINDING, EXPORT_KINDS };
const char *export_kind_name(enum export_kind k); /* "energy" "live" "settlement" "finding" */

enum export_type { EXPORT_TEXT, EXPORT_INT, EXPORT_NUMBER, EXPORT_JSON };
struct export_field {
    const char *csv;  /* column of the CSV; NULL: not there */
    const char *json; /* member of the JSON object */
    const char *sql;  /* column of the view */
    uint8_t type, decimals;
};
#define EXPORT_FIELDS 48
struct export_row {
    size_t n;
    struct export_field field[EXPORT_FIELDS];
};
/* has[]: which quantities some meter of the site can give. lean: energy as `verify --csv` reads it. */
void export_row_fields(enum export_kind k, const bool has[Q_ENERGY_END], bool lean, struct export_row *out);

/* The CSV columns of several kinds together: each name once, in order; where[][] finds a kind's field, -1:
 * empty. */
#define EXPORT_COLUMNS 96
struct export_header {
    size_t n;
    const char *name[EXPORT_COLUMNS];
    int16_t where[EXPORT_KINDS][EXPORT_COLUMNS];
    bool kinds; /* the first column says which kind a row is */
};
void export_header_make(const struct export_row rows[EXPORT_KINDS], const bool wanted[EXPORT_KINDS],
                        struct export_header *out);
void export_header_write(const struct export_header *h, struct text_buf *out);

/* One row of a statement whose columns from `first` on are the fields. */
void export_csv_row(const struct export_header *h, const struct export_row *row, enum export_kind k,
                    sqlite3_stmt *st, int first, struct text_buf *out);
void export_json_row(const struct export_row *row, enum export_kind k, sqlite3_stmt *st, int first,
                     struct text_buf *out);

#endif
