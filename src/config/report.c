#include "config/report.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "core/text.h"

/* Model and INI text may hold escape codes; a terminal or a journal must never see them. */
static void harmless(char *s)
{
    for (; *s != '\0'; s++)
        if ((unsigned char)*s < 0x20 || (unsigned char)*s == 0x7f)
            *s = '?';
}

/* "FILE:LINE: where: what" on the heap, or NULL. */
static char *line_of(struct conf_place at, const char *where, const char *format, va_list args)
{
    char what[1024]; /* the longest message with all its quotes is under half of it */
    struct text_buf line = {0};

    vsnprintf(what, sizeof what, format, args);
    text_buf_add(&line, at.file);
    if (at.line > 0)
        text_buf_addf(&line, ":%u", at.line);
    text_buf_add(&line, ": ");
    if (where != NULL && *where != '\0') {
        text_buf_add(&line, where);
        text_buf_add(&line, ": ");
    }
    text_buf_add(&line, what);
    if (line.failed) {
        text_buf_done(&line);
        return NULL;
    }
    harmless(line.data);
    return line.data;
}

void conf_error(struct conf_report *r, struct conf_place at, const char *where, const char *format, ...)
{
    va_list args;

    r->errors++;
    if (r->to == NULL)
        return;
    va_start(args, format);
    char *line = line_of(at, where, format, args);
    va_end(args);
    if (line != NULL)
        r->to(r->arg, line);
    else
        r->nomem = true;
    free(line);
}

void conf_warn(struct conf_report *r, struct conf_place at, const char *where, const char *format, ...)
{
    va_list args;
    char **grown = conf_append(r, r->warnings, &r->n_warnings, sizeof *grown);

    if (grown == NULL)
        return;
    r->warnings = grown;
    va_start(args, format);
    grown[r->n_warnings - 1] = line_of(at, where, format, args);
    va_end(args);
    if (grown[r->n_warnings - 1] == NULL) {
        r->n_warnings--;
        r->nomem = true;
    }
}

void conf_report_done(struct conf_report *r)
{
    for (size_t i = 0; i < r->n_warnings; i++)
        free(r->warnings[i]);
    free(r->warnings);
    r->warnings = NULL;
    r->n_warnings = 0;
}

const char *conf_hint(char out[CONF_HINT_SIZE], const char *word, const char *const *words, size_t n)
{
    const char *near = text_nearest(word, words, n);

    out[0] = '\0';
    if (near != NULL)
        snprintf(out, CONF_HINT_SIZE, " (did you mean %s?)", near);
    return out;
}

const char *conf_quote(char out[CONF_QUOTE_SIZE], const char *text)
{
    size_t len = strlen(text);

    if (len <= 60) {
        snprintf(out, CONF_QUOTE_SIZE, "'%s'", text);
    } else {
        size_t cut = 60;
        while (cut > 0 && ((unsigned char)text[cut] & 0xC0) == 0x80) /* not inside a character of UTF-8 */
            cut--;
        snprintf(out, CONF_QUOTE_SIZE, "'%.*s…'", (int)cut, text);
    }
    harmless(out);
    return out;
}

char *conf_strdup(struct conf_report *r, const char *s)
{
    char *copy = strdup(s);

    if (copy == NULL)
        r->nomem = true;
    return copy;
}

void *conf_append(struct conf_report *r, void *items, size_t *n, size_t size)
{
    /* Grows by doubling at powers of two: no capacity to carry about. */
    if (*n == 0 || (*n & (*n - 1)) == 0) {
        size_t room = *n == 0 ? 1 : *n * 2;
        void *grown = reallocarray(items, room, size);
        if (grown == NULL) {
            r->nomem = true;
            return NULL;
        }
        items = grown;
    }
    memset((char *)items + *n * size, 0, size);
    ++*n;
    return items;
}
