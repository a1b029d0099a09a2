/* Bytes to records. A small state machine; quoted cells may go over line ends and over reads. */
#include "tariff/csv.h"

#include <stdlib.h>
#include <string.h>

#include "core/rc.h"
#include "core/text.h"

enum state { LINE_START, CELL_START, IN_CELL, IN_QUOTES, AFTER_QUOTE, IN_COMMENT };

struct csv_splitter {
    enum state state;
    bool began;    /* the BOM has been looked for */
    bool carriage; /* the last byte was CR */
    uint8_t bom;   /* bytes of it seen */
    uint64_t line, record_line;
    size_t used, n;
    uint32_t start[CSV_CELLS];
    char buffer[CSV_RECORD];
};

int csv_splitter_new(struct csv_splitter **out)
{
    struct csv_splitter *s = malloc(sizeof *s);
    if (s == NULL)
        return RC_NOMEM;
    s->state = LINE_START;
    s->began = s->carriage = false;
    s->bom = 0;
    s->line = s->record_line = 1;
    s->used = s->n = 0;
    *out = s;
    return RC_OK;
}

void csv_splitter_free(struct csv_splitter *s)
{
    free(s);
}

uint64_t csv_line(const struct csv_splitter *s)
{
    return s->record_line;
}

static int fail(char why[CSV_WHY], const char *what)
{
    text_format(why, CSV_WHY, "%s", what);
    return RC_PARSE;
}

static int put(struct csv_splitter *s, char c, char why[CSV_WHY])
{
    if (s->used == CSV_RECORD - 1)
        return fail(why, "line too long (at most 65535 bytes)");
    s->buffer[s->used++] = c;
    return RC_OK;
}

static int begin_cell(struct csv_splitter *s, char why[CSV_WHY])
{
    if (s->n == CSV_CELLS)
        return fail(why, "too many columns (at most 256)");
    s->start[s->n++] = (uint32_t)s->used;
    s->state = CELL_START;
    return RC_OK;
}

static void deliver(struct csv_splitter *s, struct csv_record *r)
{
    r->n = s->n;
    r->line = s->record_line;
    for (size_t i = 0; i < s->n; i++) {
        char *from = s->buffer + s->start[i],
             *to = s->buffer + (i + 1 < s->n ? s->start[i + 1] - 1 : s->used - 1);
        while (from < to && (*from == ' ' || *from == '\t'))
            from++;
        while (to > from && (to[-1] == ' ' || to[-1] == '\t'))
            to--;
        *to = '\0';
        r->cell[i] = from;
        r->length[i] = (uint32_t)(to - from);
    }
    s->used = s->n = 0;
    s->state = LINE_START;
}

/* One byte inside a record; `done`: the record is complete. */
static int step(struct csv_splitter *s, char c, bool *done, char why[CSV_WHY])
{
    if (c == '\0')
        return fail(why, "a NUL byte");
    if (s->state == IN_QUOTES) {
        if (c == '"') {
            s->state = AFTER_QUOTE;
            return RC_OK;
        }
        return put(s, c, why);
    }
    if (c == '\n') {
        *done = true;
        return put(s, '\0', why);
    }
    if (c == '\r')
        return RC_OK; /* the caller has checked that a line end follows */
    if (c == ',') {
        int rc = put(s, '\0', why);
        return rc == RC_OK ? begin_cell(s, why) : rc;
    }
    if (s->state == AFTER_QUOTE) {
        if (c != '"')
            return fail(why, "text after a closing quote");
        s->state = IN_QUOTES;
        return put(s, c, why);
    }
    if (c == '"' && s->state == CELL_START) {
        s->state = IN_QUOTES;
        return RC_OK;
    }
    if (c == '"')
        return fail(why, "a quote inside a cell that does not begin with one");
    s->state = IN_CELL;
    return put(s, c, why);
}

/* Bytes between records: empty lines, comments, the BOM. True: skipped. */
static bool between(struct csv_splitter *s, char c)
{
    static const char mark[3] = {'\xEF', '\xBB', '\xBF'};
    if (!s->began && s->bom < 3 && c == mark[s->bom]) {
        s->bom++;
        return true;
    }
    s->began = true;
    if (s->state == LINE_START && c == '#')
        s->state = IN_COMMENT;
    if (s->state == IN_COMMENT) {
        if (c == '\n')
            s->state = LINE_START;
        return true;
    }
    return s->state == LINE_START && (c == '\n' || c == '\r');
}

int csv_next(struct csv_splitter *s, const char **data, size_t *size, bool last, struct csv_record *r,
             char why[CSV_WHY])
{
    bool done = false;
    while (*size > 0 && !done) {
        char c = *(*data)++;
        (*size)--;
        if (s->carriage && c != '\n' && s->state != IN_QUOTES && s->state != IN_COMMENT &&
            s->state != LINE_START)
            return fail(why, "a carriage return that ends no line");
        s->carriage = c == '\r';
        uint64_t line = s->line;
        s->line += c == '\n';
        if ((s->state == LINE_START || s->state == IN_COMMENT) && between(s, c))
            continue;
        int rc = RC_OK;
        if (s->state == LINE_START) {
            s->record_line = line;
            rc = begin_cell(s, why);
        }
        if (rc == RC_OK)
            rc = step(s, c, &done, why);
        if (rc != RC_OK)
            return rc;
    }
    if (!done && last && s->state == IN_QUOTES)
        return fail(why, "a quote that is never closed");
    if (!done && last && s->state != LINE_START && s->state != IN_COMMENT) {
        int rc = put(s, '\0', why);
        if (rc != RC_OK)
            return rc;
        done = true;
    }
    if (!done)
        return RC_NOTFOUND;
    deliver(s, r);
    return RC_OK;
}
