#include "store/columns.h"

const char *columns_table(enum wide_table t)
{
    static const char *const names[] = {"live_data", "live_phase", "energy_data", "energy_phase"};
    return names[t];
}

bool columns_has(enum wide_table t, int q)
{
    switch (t) {
    case WIDE_LIVE:
        return (q >= Q_VOLTAGE && q <= Q_FREQUENCY) || q == Q_APPARENT_DEMAND;
    case WIDE_LIVE_PHASE:
        return q >= 0 && q < Q_ENERGY_FIRST && !columns_has(WIDE_LIVE, q);
    case WIDE_ENERGY:
        return q >= Q_ENERGY_FIRST && q <= Q_REACTIVE_ENERGY_VALLEY;
    default:
        return q > Q_REACTIVE_ENERGY_VALLEY && q < Q_ENERGY_END;
    }
}

bool columns_any(enum wide_table t, const struct reading *r)
{
    for (size_t i = 0; i < r->count; i++)
        if (columns_has(t, r->values[i].quantity))
            return true;
    return false;
}

void columns_list(struct text_buf *sql, enum wide_table t, const char *prefix)
{
    for (int q = 0; q < Q_ENERGY_END; q++)
        if (columns_has(t, q))
            text_buf_addf(sql, ", %s%s", prefix, quantity_at((enum quantity_id)q)->name);
}

void columns_marks(struct text_buf *sql, enum wide_table t, int first_mark)
{
    for (int q = 0; q < Q_ENERGY_END; q++)
        if (columns_has(t, q))
            text_buf_addf(sql, ",?%d", first_mark++);
}

void columns_bind(sqlite3_stmt *st, enum wide_table t, int first_mark, const struct reading *r)
{
    size_t i = 0; /* both ascend by quantity */
    for (int q = 0; q < Q_ENERGY_END; q++) {
        while (i < r->count && r->values[i].quantity < q)
            i++;
        if (!columns_has(t, q))
            continue;
        if (i < r->count && r->values[i].quantity == q)
            sqlite3_bind_int64(st, first_mark++, r->values[i].value);
        else
            sqlite3_bind_null(st, first_mark++);
    }
}

int columns_read(sqlite3_stmt *st, enum wide_table t, int column, struct reading *r)
{
    for (int q = 0; q < Q_ENERGY_END; q++) {
        if (!columns_has(t, q))
            continue;
        if (sqlite3_column_type(st, column) == SQLITE_INTEGER)
            reading_add(r, q, sqlite3_column_int64(st, column));
        column++;
    }
    return column;
}
