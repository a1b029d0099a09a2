#include "store/columns.h"

void columns_range(enum wide_table t, int *first, int *end)
{
    *first = t == WIDE_LIVE ? 0 : Q_ENERGY_FIRST;
    *end = t == WIDE_LIVE ? Q_ENERGY_FIRST : Q_ENERGY_END;
}

void columns_list(struct text_buf *sql, enum wide_table t, const char *prefix)
{
    int first, end;
    columns_range(t, &first, &end);
    for (int q = first; q < end; q++)
        text_buf_addf(sql, ", %s%s", prefix, quantity_at((enum quantity_id)q)->name);
}

void columns_marks(struct text_buf *sql, enum wide_table t, int first_mark)
{
    int first, end;
    columns_range(t, &first, &end);
    for (int q = first; q < end; q++)
        text_buf_addf(sql, ",?%d", first_mark + q - first);
}

void columns_bind(sqlite3_stmt *st, enum wide_table t, int first_mark, const struct reading *r)
{
    int first, end;
    columns_range(t, &first, &end);
    for (int q = first; q < end; q++)
        sqlite3_bind_null(st, first_mark + q - first);
    for (size_t i = 0; i < r->count; i++) {
        int q = r->values[i].quantity;
        if (q >= first && q < end)
            sqlite3_bind_int64(st, first_mark + q - first, r->values[i].value);
    }
}

void columns_read(sqlite3_stmt *st, enum wide_table t, int column, struct reading *r)
{
    int first, end;
    columns_range(t, &first, &end);
    for (int q = first; q < end; q++)
        if (sqlite3_column_type(st, column + q - first) == SQLITE_INTEGER)
            reading_add(r, q, sqlite3_column_int64(st, column + q - first));
}
