/* human.h - spans, sizes and columns as people read them.
 *
 * Threads: pure.
 */
#ifndef METERFLEET_CLI_HUMAN_H
#define METERFLEET_CLI_HUMAN_H

#include <stdint.h>
#include "core/text.h"

#define HUMAN_SIZE 32
/* "850 ms" "12 s" "2 h 5 min" "3 d 4 h": the two largest units; negative is "0 s". */
void human_span(int64_t ms, char out[HUMAN_SIZE]);
/* "812 B" "12.3 MiB" */
void human_bytes(uint64_t bytes, char out[HUMAN_SIZE]);

/* A table of cells, each at most `most` columns wide (longer text ends in "~"), as wide as its cells need,
 * columns two blanks apart, no blanks at the end of a line. */
#define HUMAN_COLUMNS 8
struct human_column {
    const char *title;
    uint8_t most;
    bool right; /* numbers stand to the right */
};
struct human_table {
    const struct human_column *columns;
    size_t n_columns;
    struct text_buf cells; /* each with its NUL */
    size_t n_cells;
};
void human_table_add(struct human_table *t, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Appends the table and frees its cells. */
void human_table_write(struct human_table *t, struct text_buf *out);

#endif
