#include "config/ini.h"

#include <ini.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "core/rc.h"
#include "core/text.h"

struct reader {
    const char *p, *end;
    struct conf_place at; /* the line just given to libinih */
    struct ini_doc *doc;
    struct conf_report *r;
    struct ini_section *section; /* NULL before the first */
    bool skip;                   /* this section is not kept: too many */
    bool orphan;                 /* a key before the first section was reported */
};

const char *ini_where(char out[INI_WHERE_SIZE], const struct ini_section *s, const char *key)
{
    if (key != NULL)
        snprintf(out, INI_WHERE_SIZE, "[%s] %.60s", s->title, key);
    else
        snprintf(out, INI_WHERE_SIZE, "[%s]", s->title);
    return out;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* Makes every run of blanks one, none at the ends. */
static void squeeze(char *s)
{
    char *to = s;

    for (const char *from = s; *from != '\0'; from++)
        if (!is_blank(*from))
            *to++ = *from;
        else if (to > s && to[-1] != ' ')
            *to++ = ' ';
    while (to > s && to[-1] == ' ')
        to--;
    *to = '\0';
}

static void bad_line(struct reader *rd, const char *what)
{
    char where[INI_WHERE_SIZE] = "";

    if (rd->section != NULL)
        ini_where(where, rd->section, NULL);
    conf_error(rd->r, rd->at, where, "%s", what);
}

/* RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF; a broker refuses what is not UTF-8. */
static size_t utf8_length(const unsigned char *s, size_t len)
{
    static const struct {
        unsigned char first, last, low, high; /* of the first byte; of the second */
        unsigned char tail;
    } forms[] = {{0x00, 0x7F, 0, 0, 0},       {0xC2, 0xDF, 0x80, 0xBF, 1}, {0xE0, 0xE0, 0xA0, 0xBF, 2},
                 {0xE1, 0xEC, 0x80, 0xBF, 2}, {0xED, 0xED, 0x80, 0x9F, 2}, {0xEE, 0xEF, 0x80, 0xBF, 2},
                 {0xF0, 0xF0, 0x90, 0xBF, 3}, {0xF1, 0xF3, 0x80, 0xBF, 3}, {0xF4, 0xF4, 0x80, 0x8F, 3}};

    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        if (s[0] < forms[i].first || s[0] > forms[i].last)
            continue;
        if (len <= forms[i].tail || (forms[i].tail > 0 && (s[1] < forms[i].low || s[1] > forms[i].high)))
            return 0;
        for (size_t k = 2; k <= forms[i].tail; k++)
            if (s[k] < 0x80 || s[k] > 0xBF)
                return 0;
        return (size_t)forms[i].tail + 1;
    }
    return 0;
}

static bool is_utf8(const char *s, size_t len)
{
    for (size_t i = 0, step; i < len; i += step)
        if ((step = utf8_length((const unsigned char *)s + i, len - i)) == 0)
            return false;
    return true;
}

static struct ini_section *find_section(const struct ini_doc *d, const char *title)
{
    for (size_t i = 0; i < d->n; i++)
        if (strcmp(d->sections[i]->title, title) == 0)
            return d->sections[i];
    return NULL;
}

static void open_section(struct reader *rd, const char *title)
{
    struct ini_section *s = calloc(1, sizeof *s), *before = find_section(rd->doc, title);
    struct ini_section **grown = NULL;

    if (s != NULL && rd->doc->n < INI_SECTIONS_MOST)
        grown = conf_append(rd->r, rd->doc->sections, &rd->doc->n, sizeof *grown);
    rd->skip = grown == NULL;
    if (grown == NULL) {
        if (rd->doc->n == INI_SECTIONS_MOST)
            conf_error(rd->r, rd->at, NULL, "more than %d sections: the rest is not read", INI_SECTIONS_MOST);
        rd->r->nomem = rd->r->nomem || s == NULL;
        rd->p = rd->end;
        free(s);
        return;
    }
    rd->doc->sections = grown;
    grown[rd->doc->n - 1] = s;
    rd->section = s;
    s->at = rd->at;
    snprintf(s->title, sizeof s->title, "%.*s", INI_SECTION_MOST, title);
    snprintf(s->type, sizeof s->type, "%.*s", INI_SECTION_MOST, title);
    size_t len = strcspn(title, " ");
    s->type[len] = '\0';
    s->name = s->title + (title[len] == ' ' ? len + 1 : len);
    if (before != NULL && title[0] != '\0') {
        char where[INI_WHERE_SIZE];
        s->repeated = true;
        conf_error(rd->r, rd->at, ini_where(where, s, NULL), "given already at %s:%u", before->at.file,
                   before->at.line);
    }
}

/* A line that begins with '['. A header with a mistake is reported and opens the section it seems to mean, so
 * that its keys are not taken for those of the section before. */
static void section_line(struct reader *rd, const char *line, size_t len, char *out, size_t size)
{
    char title[INI_SECTION_MOST + 2];
    const char *close = memchr(line, ']', len);
    size_t inner = close != NULL ? (size_t)(close - line) - 1 : len - 1;
    const char *wrong = NULL;

    if (close == NULL) {
        wrong = "is not closed: ']' is missing";
        const char *comment = memchr(line, ';', len);
        if (comment != NULL)
            inner = (size_t)(comment - line) - 1;
    } else {
        const char *rest = close + 1;
        while (rest < line + len && is_blank(*rest))
            rest++;
        if (rest < line + len && (*rest != ';' || rest == close + 1))
            wrong = "after the ']' there may only be a comment, ' ;'";
    }
    char *copy = strndup(line + 1, inner);
    if (copy == NULL) {
        rd->r->nomem = true;
        return;
    }
    squeeze(copy);
    if (strlen(copy) > INI_SECTION_MOST) {
        wrong = "is too long: a name has at most 40 characters";
        copy[INI_SECTION_MOST] = '\0';
    } else if (copy[0] == '\0' && wrong == NULL) {
        wrong = "says no section";
    }
    snprintf(title, sizeof title, "%s", copy);
    free(copy);
    open_section(rd, title);
    if (wrong != NULL && !rd->skip) {
        bad_line(rd, wrong);
        rd->section->wrong = true;
    }
    snprintf(out, size, "[%s]\n", title);
}

/* What is wrong with a line that should be "key = value", or NULL. */
static const char *key_line_fault(const char *line, size_t len, bool indented)
{
    size_t i = 0;

    for (size_t k = 0; k < len; k++)
        if (((unsigned char)line[k] < 0x20 && line[k] != '\t') || line[k] == 0x7f)
            return "a control character in the line";
    if (!is_utf8(line, len))
        return "not UTF-8";
    while (i < len && line[i] != '=' && line[i] != ':' && !(line[i] == ';' && i > 0 && is_blank(line[i - 1])))
        i++;
    if (i < len && line[i] == ':')
        return "a key and its value are parted by '=', not by ':'";
    if (i == len || line[i] != '=')
        return indented ? "neither key = value, nor a [section], nor a comment (a value cannot go on in the "
                          "next line)"
                        : "neither key = value, nor a [section], nor a comment";
    return i == 0 ? "there is no key before the '='" : NULL;
}

/* libinih's fgets: gives the next line that is fit for it, and an empty one in place of every other. */
static char *next_line(char *out, int size, void *stream)
{
    struct reader *rd = stream;

    if (rd->p >= rd->end || rd->r->nomem)
        return NULL;
    const char *line = rd->p, *newline = memchr(line, '\n', (size_t)(rd->end - line));
    size_t len = newline != NULL ? (size_t)(newline - line) : (size_t)(rd->end - line);
    rd->p = newline != NULL ? newline + 1 : rd->end;
    rd->at.line++;
    if (len > 0 && line[len - 1] == '\r')
        len--;
    bool indented = len > 0 && is_blank(line[0]), too_long = len > INI_LINE_MOST;
    while (len > 0 && is_blank(line[0])) {
        line++;
        len--;
    }
    snprintf(out, (size_t)size, "\n");
    if (too_long) {
        bad_line(rd, "a line of more than 8192 bytes");
    } else if (memchr(line, '\0', len) != NULL) {
        bad_line(rd, "a NUL byte in the line");
    } else if (len > 0 && line[0] == '[') {
        char copy[INI_LINE_MOST + 1];
        snprintf(copy, sizeof copy, "%.*s", (int)len, line);
        section_line(rd, copy, len, out, (size_t)size);
    } else if (len > 0 && line[0] != ';' && line[0] != '#') {
        const char *fault = key_line_fault(line, len, indented);
        if (fault != NULL)
            bad_line(rd, fault);
        else
            snprintf(out, (size_t)size, "%.*s\n", (int)len, line);
    }
    return out;
}

static bool is_repeated(struct reader *rd, const char *key)
{
    char where[INI_WHERE_SIZE];
    const struct ini_section *s = rd->section;

    for (size_t i = 0; i < s->n; i++)
        if (strcmp(s->entries[i].key, key) == 0) {
            conf_error(rd->r, rd->at, ini_where(where, s, key), "given already in line %u",
                       s->entries[i].at.line);
            return true;
        }
    return false;
}

static int take_entry(void *user, const char *section, const char *name, const char *value)
{
    struct reader *rd = user;
    struct ini_section *s = rd->section;
    char where[INI_WHERE_SIZE];

    (void)section; /* the reader knows it uncut */
    if (s == NULL && !rd->orphan) {
        rd->orphan = true; /* once: the first [section] is forgotten, all its keys stand alone */
        conf_error(rd->r, rd->at, name, "stands before the first [section]");
    }
    if (s == NULL || rd->skip)
        return 1;
    char *key = conf_strdup(rd->r, name);
    if (key == NULL)
        return 1;
    squeeze(key);
    if (is_repeated(rd, key) || s->n >= INI_KEYS_MOST) {
        if (s->n >= INI_KEYS_MOST) {
            conf_error(rd->r, rd->at, ini_where(where, s, NULL), "more than %d keys: the rest is not read",
                       INI_KEYS_MOST);
            rd->skip = true;
        }
        free(key);
        return 1;
    }
    struct ini_entry *grown = conf_append(rd->r, s->entries, &s->n, sizeof *grown);
    if (grown == NULL) {
        free(key);
        return 1;
    }
    s->entries = grown;
    grown[s->n - 1] = (struct ini_entry){key, conf_strdup(rd->r, value), rd->at};
    return 1;
}

int ini_read(struct ini_doc *d, const char *file, const char *text, size_t len, struct conf_report *r)
{
    struct reader rd = {.p = text, .end = text + len, .at = {file, 0}, .doc = d, .r = r};

    /* A fixed buffer on the heap that holds the longest line, no continuation lines; a section header that
     * libinih would cut never reaches it. */
    ini_use_stack = false;
    ini_allow_realloc = false;
    ini_initial_alloc = INI_LINE_MOST + 3;
    ini_max_line = INI_LINE_MOST + 3;
    ini_allow_multiline = false;
    ini_allow_no_value = false;
    ini_allow_inline_comments = true;
    ini_stop_on_first_error = false;
    if (len >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0)
        rd.p += 3;
    if (ini_parse_stream(next_line, &rd, take_entry, &rd) == -2)
        r->nomem = true;
    return r->nomem ? RC_NOMEM : RC_OK;
}

void ini_done(struct ini_doc *d)
{
    for (size_t i = 0; i < d->n; i++) {
        struct ini_section *s = d->sections[i];
        for (size_t k = 0; k < s->n; k++) {
            free(s->entries[k].key);
            free(s->entries[k].value);
        }
        free(s->entries);
        free(s);
    }
    free(d->sections);
    *d = (struct ini_doc){.n = 0};
}
