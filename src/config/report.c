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

static size_t file_index(struct conf_report *r, const char *file)
{
    for (size_t i = 0; i < r->n_files; i++)
        if (strcmp(r->files[i], file) == 0)
            return i;
    char **grown = conf_append(r, r->files, &r->n_files, sizeof *grown);
    if (grown == NULL)
        return r->n_files;
    r->files = grown;
    if (asprintf(&grown[r->n_files - 1], "%s", file) < 0) {
        r->nomem = true;
        return --r->n_files;
    }
    return r->n_files - 1;
}

void conf_report_file(struct conf_report *r, const char *file)
{
    file_index(r, file);
}

static void add(struct conf_report *r, struct conf_place at, bool warning, char *text)
{
    struct conf_line *grown = text != NULL ? conf_append(r, r->lines, &r->n_lines, sizeof *grown) : NULL;

    if (grown == NULL) {
        r->nomem = true;
        free(text);
        return;
    }
    r->lines = grown;
    grown[r->n_lines - 1] = (struct conf_line){text, file_index(r, at.file), at.line, r->n_lines, warning};
}

void conf_error(struct conf_report *r, struct conf_place at, const char *where, const char *format, ...)
{
    va_list args;

    r->errors++;
    va_start(args, format);
    add(r, at, false, line_of(at, where, format, args));
    va_end(args);
}

void conf_warn(struct conf_report *r, struct conf_place at, const char *where, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    add(r, at, true, line_of(at, where, format, args));
    va_end(args);
}

static int by_line(const void *a, const void *b)
{
    const struct conf_line *x = a, *y = b;

    if (x->file != y->file)
        return x->file < y->file ? -1 : 1;
    if (x->line != y->line)
        return x->line < y->line ? -1 : 1;
    return x->seq < y->seq ? -1 : x->seq > y->seq;
}

static void sort(struct conf_report *r)
{
    if (r->n_lines > 1)
        qsort(r->lines, r->n_lines, sizeof *r->lines, by_line);
}

void conf_report_tell(struct conf_report *r, settings_report *to, void *arg)
{
    sort(r);
    for (size_t i = 0; i < r->n_lines && to != NULL; i++)
        if (!r->lines[i].warning)
            to(arg, r->lines[i].text);
}

char **conf_report_warnings(struct conf_report *r, size_t *n)
{
    char **list = NULL;
    size_t count = 0;

    sort(r);
    for (size_t i = 0; i < r->n_lines; i++) {
        if (!r->lines[i].warning)
            continue;
        char **grown = conf_append(r, list, &count, sizeof *grown);
        if (grown == NULL)
            break;
        list = grown;
        list[count - 1] = r->lines[i].text;
        r->lines[i].text = NULL; /* hand over */
    }
    *n = count;
    return list;
}

void conf_report_done(struct conf_report *r)
{
    for (size_t i = 0; i < r->n_lines; i++)
        free(r->lines[i].text);
    for (size_t i = 0; i < r->n_files; i++)
        free(r->files[i]);
    free(r->lines);
    free(r->files);
    *r = (struct conf_report){.errors = r->errors, .nomem = r->nomem};
}

const char *conf_hint(char out[CONF_HINT_SIZE], const char *word, const char *const *words, size_t n)
{
    const char *near = text_nearest(word, words, n);
    size_t len = strlen(word);

    /* "password" is far from "password_file", and yet it is what was meant. */
    for (size_t i = 0; i < n && near == NULL && len >= 4; i++)
        if (strncmp(words[i], word, len) == 0)
            near = words[i];
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
