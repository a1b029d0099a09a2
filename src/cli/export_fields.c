/* export_fields.c - rows as CSV and JSON. */
#include "cli/export_fields.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>
#include "core/decimal.h"

static const char *const kind_names[EXPORT_KINDS] = {"energy", "live", "settlement", "finding"};

const char *export_kind_name(enum export_kind k)
{
    return kind_names[k];
}

static const struct export_field reading_fields[] = {
    {"meter", "meter", "meter", EXPORT_TEXT, 0},       {"time", "ts", "ts", EXPORT_TEXT, 0},
    {NULL, "ts_ms", "ts_ms", EXPORT_INT, 0},           {"window_ms", "window_ms", "window_ms", EXPORT_INT, 0},
    {"quality", "quality", "quality", EXPORT_TEXT, 0},
};
static const struct export_field ledger_fields[] = {
    {"ledger", "ledger", "ledger", EXPORT_TEXT, 0},
    {"seq", "seq", "seq", EXPORT_INT, 0},
};
static const struct export_field lean_fields[] = {
    {"time", "ts", "ts", EXPORT_TEXT, 0},
    {"meter", "meter", "meter", EXPORT_TEXT, 0},
    {"window_ms", "window_ms", "window_ms", EXPORT_INT, 0},
};
static const struct export_field settlement_fields[] = {
    {"meter", "meter", "meter", EXPORT_TEXT, 0},
    {"time", "seen_ts", "seen_ts", EXPORT_TEXT, 0},
    {"ledger", "ledger", "ledger", EXPORT_TEXT, 0},
    {"seq", "seq", "seq", EXPORT_INT, 0},
    {"period_end", "period_end", "period_end", EXPORT_TEXT, 0},
    {"quantity", "quantity", "quantity", EXPORT_TEXT, 0},
    {"rate", "rate", "rate", EXPORT_TEXT, 0},
    {"value", "value", "value", EXPORT_NUMBER, 6},
    {"unit", "unit", "unit", EXPORT_TEXT, 0},
    {"meaning", "meaning", "meaning", EXPORT_TEXT, 0},
    {"origin", "origin", "origin", EXPORT_TEXT, 0},
    {"status", "status", "status", EXPORT_TEXT, 0},
};
static const struct export_field finding_fields[] = {
    {"meter", "meter", "meter", EXPORT_TEXT, 0},
    {"time", "opened", "opened", EXPORT_TEXT, 0},
    {"ledger", "ledger", "ledger", EXPORT_TEXT, 0},
    {"seq", "seq", "seq", EXPORT_INT, 0},
    {"id", "id", "id", EXPORT_INT, 0},
    {"rule", "rule", "rule", EXPORT_TEXT, 0},
    {"severity", "severity", "severity", EXPORT_TEXT, 0},
    {"closed", "closed", "closed", EXPORT_TEXT, 0},
    {"summary", "summary", "summary", EXPORT_TEXT, 0},
    {"evidence", "evidence", "evidence", EXPORT_JSON, 0},
};

static void add_fields(struct export_row *row, const struct export_field *fields, size_t n)
{
    memcpy(row->field + row->n, fields, n * sizeof *fields);
    row->n += n;
}
#define ADD(row, fields) add_fields(row, fields, sizeof(fields) / sizeof((fields)[0]))

static void add_quantities(struct export_row *row, int first, int end, const bool has[Q_ENERGY_END])
{
    for (int q = first; q < end && row->n < EXPORT_FIELDS; q++) {
        const struct quantity *v = quantity_at((enum quantity_id)q);
        if (has[q])
            row->field[row->n++] =
                (struct export_field){v->name, v->name, v->name, EXPORT_NUMBER, v->decimals};
    }
}

void export_row_fields(enum export_kind k, const bool has[Q_ENERGY_END], bool lean, struct export_row *out)
{
    out->n = 0;
    switch (k) {
    case EXPORT_ENERGY:
        if (lean) {
            ADD(out, lean_fields);
        } else {
            ADD(out, reading_fields);
            ADD(out, ledger_fields);
        }
        add_quantities(out, Q_ENERGY_FIRST, Q_ENERGY_END, has);
        break;
    case EXPORT_LIVE:
        ADD(out, reading_fields);
        add_quantities(out, 0, Q_ENERGY_FIRST, has);
        break;
    case EXPORT_SETTLEMENT:
        ADD(out, settlement_fields);
        break;
    default:
        ADD(out, finding_fields);
        break;
    }
}

static int find_column(const struct export_header *h, const char *name)
{
    for (size_t i = 0; i < h->n; i++)
        if (strcmp(h->name[i], name) == 0)
            return (int)i;
    return -1;
}

void export_header_make(const struct export_row rows[EXPORT_KINDS], const bool wanted[EXPORT_KINDS],
                        struct export_header *out)
{
    size_t n_wanted = 0;
    out->n = 0;
    memset(out->where, -1, sizeof out->where);
    for (int k = 0; k < EXPORT_KINDS; k++) {
        n_wanted += wanted[k];
        for (size_t f = 0; wanted[k] && f < rows[k].n; f++) {
            const char *name = rows[k].field[f].csv;
            if (name == NULL)
                continue;
            int column = find_column(out, name);
            if (column < 0 && out->n < EXPORT_COLUMNS) {
                column = (int)out->n++;
                out->name[column] = name;
            }
            if (column >= 0)
                out->where[k][column] = (int16_t)f;
        }
    }
    out->kinds = n_wanted > 1;
}

void export_header_write(const struct export_header *h, struct text_buf *out)
{
    if (h->kinds)
        text_buf_add(out, "kind,");
    for (size_t i = 0; i < h->n; i++)
        text_buf_addf(out, "%s%s", i > 0 ? "," : "", h->name[i]);
    text_buf_add(out, "\n");
}

/* The decimal that the REAL stands for. */
static void add_number(struct text_buf *out, const struct export_field *f, sqlite3_stmt *st, int column)
{
    double scale = 1.0;
    char text[DECIMAL_SIZE];
    for (unsigned d = 0; d < f->decimals; d++)
        scale *= 10.0;
    decimal_to_text(llround(sqlite3_column_double(st, column) * scale), f->decimals, text);
    text_buf_add(out, text);
}

static const char *column_text(sqlite3_stmt *st, int column)
{
    const unsigned char *text = sqlite3_column_text(st, column);
    return text != NULL ? (const char *)text : "";
}

/* RFC 4180: quotes where a comma, a quote or a line end is inside. */
static void add_cell(struct text_buf *out, const char *text)
{
    if (strpbrk(text, ",\"\r\n") == NULL) {
        text_buf_add(out, text);
        return;
    }
    text_buf_add(out, "\"");
    for (const char *c = text; *c != '\0'; c++)
        text_buf_add_n(out, *c == '"' ? "\"\"" : c, *c == '"' ? 2 : 1);
    text_buf_add(out, "\"");
}

void export_csv_row(const struct export_header *h, const struct export_row *row, enum export_kind k,
                    sqlite3_stmt *st, int first, struct text_buf *out)
{
    if (h->kinds)
        text_buf_addf(out, "%s,", kind_names[k]);
    for (size_t i = 0; i < h->n; i++) {
        int f = h->where[k][i];
        if (i > 0)
            text_buf_add(out, ",");
        if (f < 0 || sqlite3_column_type(st, first + f) == SQLITE_NULL)
            continue;
        if (row->field[f].type == EXPORT_NUMBER)
            add_number(out, &row->field[f], st, first + f);
        else
            add_cell(out, column_text(st, first + f));
    }
    text_buf_add(out, "\n");
}

void export_json_row(const struct export_row *row, enum export_kind k, sqlite3_stmt *st, int first,
                     struct text_buf *out)
{
    text_buf_addf(out, "{\"kind\":\"%s\"", kind_names[k]);
    for (size_t i = 0; i < row->n; i++) {
        const struct export_field *f = &row->field[i];
        int column = first + (int)i;
        if (sqlite3_column_type(st, column) == SQLITE_NULL)
            continue; /* absent = not read */
        text_buf_addf(out, ",\"%s\":", f->json);
        if (f->type == EXPORT_NUMBER)
            add_number(out, f, st, column);
        else if (f->type == EXPORT_INT)
            text_buf_addf(out, "%" PRId64, (int64_t)sqlite3_column_int64(st, column));
        else if (f->type == EXPORT_JSON)
            text_buf_add(out, column_text(st, column));
        else
            text_buf_add_json(out, column_text(st, column));
    }
    text_buf_add(out, "}\n");
}
