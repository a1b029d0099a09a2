/* Bytes to records. Most lines have no quotes and lie whole in what was read: those are cut at once. A small
 * state machine reads the others byte by byte; quoted cells may go over line ends and over reads. */
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
    bool quoted[CSV_CELLS];
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

/* The blanks around [from, to) taken off, and a NUL behind it. */
static char *trimmed(char *from, char *to)
{
    while (from < to && (*from == ' ' || *from == '\t'))
        from++;
    while (to > from && (to[-1] == ' ' || to[-1] == '\t'))
        to--;
    *to = '\0';
    return from;
}

/* A whole line without quotes. False, and nothing is taken: the state machine must look at it. */
static bool cut_line(struct csv_splitter *s, const char **data, size_t *size, struct csv_record *r)
{
    const char *line = *data, *end = memchr(line, '\n', *size);
    if (s->state != LINE_START || !s->began || end == NULL || *line == '#')
        return false;
    size_t length = (size_t)(end - line);
    length -= length > 0 && line[length - 1] == '\r';
    if (length == 0 || length >= CSV_RECORD || memchr(line, '"', length) != NULL ||
        memchr(line, '\r', length) != NULL || memchr(line, '\0', length) != NULL)
        return false;
    memcpy(s->buffer, line, length);
    size_t n = 0;
    char *from = s->buffer, *stop = s->buffer + length;
    for (char *p = from; p < stop; p++) {
        if (*p != ',')
            continue;
        if (n == CSV_CELLS - 1)
            return false;
        r->cell[n++] = trimmed(from, p);
        from = p + 1;
    }
    r->cell[n++] = trimmed(from, stop);
    r->n = n;
    r->line = s->record_line = s->line++;
    s->carriage = false;
    *size -= (size_t)(end + 1 - line);
    *data = end + 1;
    return true;
}

static int put(struct csv_splitter *s, char c, char why[CSV_WHY])
{
    if (s->used == CSV_RECORD)
        return fail(why, "line too long (at most 65535 bytes)");
    s->buffer[s->used++] = c;
    return RC_OK;
}

static int begin_cell(struct csv_splitter *s, char why[CSV_WHY])
{
    if (s->n == CSV_CELLS)
        return fail(why, "too many columns (at most 256)");
    s->quoted[s->n] = false;
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
             *to = s->buffer + (i + 1 < s->n ? s->start[i + 1] : s->used) - 1; /* its NUL */
        r->cell[i] = s->quoted[i] ? from : trimmed(from, to);
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
        return RC_OK; /* csv_next() sees to it that a line end follows */
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
        s->quoted[s->n - 1] = true;
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

/* One byte of anything. */
static int take(struct csv_splitter *s, char c, bool *done, char why[CSV_WHY])
{
    bool after_carriage = s->carriage;
    uint64_t line = s->line;
    s->carriage = c == '\r';
    s->line += c == '\n';
    if (s->state == LINE_START || s->state == IN_COMMENT) {
        if (between(s, c))
            return RC_OK;
        s->record_line = line;
        int rc = begin_cell(s, why);
        return rc == RC_OK ? step(s, c, done, why) : rc;
    }
    if (after_carriage && c != '\n' && s->state != IN_QUOTES)
        return fail(why, "a carriage return that ends no line");
    return step(s, c, done, why);
}

int csv_next(struct csv_splitter *s, const char **data, size_t *size, bool last, struct csv_record *r,
             char why[CSV_WHY])
{
    bool done = false;
    while (*size > 0 && !done) {
        if (cut_line(s, data, size, r))
            return RC_OK;
        do { /* to the line's end, so that cut_line() does not look at the same bytes again */
            char c = *(*data)++;
            (*size)--;
            int rc = take(s, c, &done, why);
            if (rc != RC_OK)
                return rc;
        } while (*size > 0 && !done && s->state != LINE_START);
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
