/* human.c - for eyes, not for programs. */
#include "cli/human.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define CELL_SIZE 256

void human_span(int64_t ms, char out[HUMAN_SIZE])
{
    static const struct {
        int64_t ms;
        const char *name;
    } units[] = {{86400000, "d"}, {3600000, "h"}, {60000, "min"}, {1000, "s"}};
    const size_t n = sizeof units / sizeof units[0];
    if (ms > 0 && ms < 1000) {
        text_format(out, HUMAN_SIZE, "%" PRId64 " ms", ms);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        if (ms < units[i].ms)
            continue;
        int64_t rest = i + 1 < n ? ms % units[i].ms / units[i + 1].ms : 0;
        if (rest > 0)
            text_format(out, HUMAN_SIZE, "%" PRId64 " %s %" PRId64 " %s", ms / units[i].ms, units[i].name,
                        rest, units[i + 1].name);
        else
            text_format(out, HUMAN_SIZE, "%" PRId64 " %s", ms / units[i].ms, units[i].name);
        return;
    }
    text_format(out, HUMAN_SIZE, "0 s");
}

void human_bytes(uint64_t bytes, char out[HUMAN_SIZE])
{
    static const char *const names[] = {"B", "KiB", "MiB", "GiB", "TiB"};
    size_t unit = 0;
    uint64_t tenths = bytes * 10;
    if (bytes < 1024) {
        text_format(out, HUMAN_SIZE, "%" PRIu64 " B", bytes);
        return;
    }
    while (tenths >= 10240 && unit + 1 < sizeof names / sizeof names[0]) {
        tenths /= 1024;
        unit++;
    }
    text_format(out, HUMAN_SIZE, "%" PRIu64 ".%" PRIu64 " %s", tenths / 10, tenths % 10, names[unit]);
}

void human_table_add(struct human_table *t, const char *format, ...)
{
    char cell[CELL_SIZE];
    va_list args;
    va_start(args, format);
    vsnprintf(cell, sizeof cell, format, args);
    va_end(args);
    text_buf_add_n(&t->cells, cell, strlen(cell) + 1);
    t->n_cells++;
}

static void add_blanks(struct text_buf *out, size_t n)
{
    while (n-- > 0)
        text_buf_add_n(out, " ", 1);
}

/* One cell; `last` cells get no blanks behind them. */
static void write_cell(struct text_buf *out, const struct human_column *c, size_t width, const char *cell,
                       bool last)
{
    size_t len = strlen(cell);
    bool cut = len > width;
    size_t shown = cut ? width - 1 : len;
    if (c->right && !cut)
        add_blanks(out, width - len);
    text_buf_add_n(out, cell, shown);
    if (cut)
        text_buf_add(out, "~");
    if (!last)
        add_blanks(out, (c->right || cut ? 0 : width - len) + 2);
}

void human_table_write(struct human_table *t, struct text_buf *out)
{
    size_t width[HUMAN_COLUMNS], rows = t->n_columns > 0 ? t->n_cells / t->n_columns : 0;
    for (size_t c = 0; c < t->n_columns; c++)
        width[c] = strlen(t->columns[c].title);
    if (t->cells.failed) {
        out->failed = true;
        rows = 0;
    }
    const char *cell = t->cells.data;
    for (size_t i = 0; i < rows * t->n_columns; i++, cell += strlen(cell) + 1) {
        size_t c = i % t->n_columns, len = strlen(cell);
        if (len > width[c])
            width[c] = len < t->columns[c].most ? len : t->columns[c].most;
    }
    for (size_t c = 0; c < t->n_columns; c++)
        write_cell(out, &t->columns[c], width[c], t->columns[c].title, c + 1 == t->n_columns);
    text_buf_add(out, "\n");
    cell = t->cells.data;
    for (size_t i = 0; i < rows * t->n_columns; i++, cell += strlen(cell) + 1) {
        size_t c = i % t->n_columns;
        write_cell(out, &t->columns[c], width[c], cell, c + 1 == t->n_columns);
        if (c + 1 == t->n_columns)
            text_buf_add(out, "\n");
    }
    text_buf_done(&t->cells);
    t->n_cells = 0;
}
