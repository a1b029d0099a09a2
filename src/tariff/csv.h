/* csv.h - readings from comma-separated text: records, header, rows, each error with its line.
 *
 * UTF-8, BOM ignored, commas, quotes as RFC 4180 (a quoted cell may hold line ends), LF or CRLF; lines that
 * begin with # and empty lines are skipped; the first other line is the header. Blanks around a cell do not
 * belong to it unless it is quoted. Bytes come in as they are read; nothing here opens a file.
 *
 * Units:   values 10^-6 kWh or kvarh and the quantity's own decimals; times Unix milliseconds.
 * Errors:  RC_PARSE with `why` and the line it is about; RC_NOMEM.
 * Threads: one owner.
 * Source:  INTERFACES 8; RFC 4180 section 2.
 */
#ifndef METERFLEET_TARIFF_CSV_H
#define METERFLEET_TARIFF_CSV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "tariff/verify_row.h"

#define CSV_CELLS  256   /* columns a line can have */
#define CSV_RECORD 65536 /* bytes a record can have */
#define CSV_WHY    160

/* Cuts bytes into records of cells. */
struct csv_record {
    size_t n;
    char *cell[CSV_CELLS]; /* NUL-terminated, in the splitter's own memory until its next record */
    uint64_t line;         /* where it begins, from 1 */
};
struct csv_splitter;
int csv_splitter_new(struct csv_splitter **out);
void csv_splitter_free(struct csv_splitter *s);
/* Reads the next record from *data, *size (both move on). RC_OK: *r is a record; RC_NOTFOUND: more bytes
 * wanted (or the end, when `last` is set); RC_PARSE. */
int csv_next(struct csv_splitter *s, const char **data, size_t *size, bool last, struct csv_record *r,
             char why[CSV_WHY]);
uint64_t csv_line(const struct csv_splitter *s); /* of the record begun, for errors */

/* What the columns are. */
enum csv_role { CSV_TIME = -1, CSV_METER = -2, CSV_WINDOW = -3 }; /* else: enum quantity_id */
struct csv_header {
    size_t n;
    int16_t column[CSV_CELLS]; /* enum csv_role or quantity */
    uint16_t registers;        /* bit per energy register given */
    bool has_settlement, has_power;
};
int csv_header(const struct csv_record *r, struct csv_header *out, char why[CSV_WHY]);

/* One row. in_range false: some cell is no number or outside its range; the row then counts as rejected. */
struct csv_row {
    struct verify_row row; /* row.settlement points to `settlement` below when the row has such cells */
    const char *meter;     /* NULL: the column is absent or empty */
    bool in_range;
    int64_t settlement[VERIFY_SETTLEMENTS];
};
int csv_row(const struct csv_header *h, const struct csv_record *r, struct csv_row *out, char why[CSV_WHY]);

#endif
