#include "config/model_tree.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum state { IN_CODE, IN_STRING, IN_LINE_COMMENT, IN_BLOCK_COMMENT };

struct scanner {
    const char *p, *end;
    unsigned line;
    unsigned numbers;     /* in this line so far */
    unsigned string_line; /* where the string began */
    struct model_scan *out;
};

bool model_scan_is_bad(const struct model_scan *s, unsigned line)
{
    for (size_t i = 0; i < s->n; i++)
        if (s->faults[i].line == line)
            return true;
    return false;
}

static void bad(struct scanner *s, unsigned number, const char *what)
{
    if (s->out->n < MODEL_SCAN_FAULTS)
        s->out->faults[s->out->n++] = (struct model_scan_fault){s->line, number, what};
}

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* s->p is at the first digit of a number; moves behind it. */
static void number(struct scanner *s)
{
    const char *from = s->p;
    bool hex = s->p + 1 < s->end && s->p[0] == '0' && (s->p[1] == 'x' || s->p[1] == 'X');
    bool whole = true;

    for (; s->p < s->end; s->p++) {
        bool exponent_sign = !hex && (*s->p == '+' || *s->p == '-') && (s->p[-1] == 'e' || s->p[-1] == 'E');
        if (!is_word(*s->p) && !exponent_sign)
            break;
        if (!hex && (*s->p == '.' || *s->p == 'e' || *s->p == 'E'))
            whole = false;
    }
    size_t len = (size_t)(s->p - from);
    s->numbers++;
    if (!hex && len > 1 && from[0] == '0' && is_digit(from[1])) {
        bad(s, s->numbers, "a number does not begin with 0 here: a newer libconfig would take it for octal");
    } else if (hex || whole) {
        char digits[24] = {0};
        memcpy(digits, from, len < sizeof digits - 1 ? len : sizeof digits - 1);
        errno = 0;
        unsigned long long n = strtoull(digits, NULL, hex ? 16 : 10);
        if (errno != 0 || len >= sizeof digits || n > 0x7FFFFFFFu)
            bad(s, s->numbers,
                "a number is at most 2147483647 (0x7FFFFFFF) here: a larger one would be changed in silence");
    }
}

/* "@include" as libconfig knows it: first on its line. Refused wherever a line begins so, even where it would
 * be harmless, so that nothing hangs on both scanners agreeing about strings and comments. */
static void line_begins(struct scanner *s, const char *p)
{
    while (p < s->end && (*p == ' ' || *p == '\t'))
        p++;
    if ((size_t)(s->end - p) >= 8 && memcmp(p, "@include", 8) == 0) {
        bad(s, 0,
            "@include is not allowed: a model file stands alone (extends = \"…\" builds on another model)");
        s->out->fatal = true;
    }
}

static enum state in_code(struct scanner *s, char c, char next)
{
    if (is_digit(c) || (c == '.' && is_digit(next))) {
        number(s);
        return IN_CODE;
    }
    if (is_word(c) || c == '*') { /* a name may hold digits, '-' and '*' */
        while (s->p < s->end && (is_word(*s->p) || *s->p == '*' || *s->p == '-'))
            s->p++;
        return IN_CODE;
    }
    s->p++;
    if (c == '"') {
        s->string_line = s->line;
        return IN_STRING;
    }
    if (c == '#' || (c == '/' && next == '/'))
        return IN_LINE_COMMENT;
    if (c != '/' || next != '*')
        return IN_CODE;
    s->p++;
    return IN_BLOCK_COMMENT;
}

static enum state step(struct scanner *s, enum state state)
{
    char c = *s->p, next = s->p + 1 < s->end ? s->p[1] : '\0';

    switch (state) {
    case IN_CODE:
        return in_code(s, c, next);
    case IN_STRING:
        if (c == '\\' && next != '\0' && next != '\n')
            s->p++;
        else if (c == '"')
            state = IN_CODE;
        break;
    case IN_LINE_COMMENT:
        if (c == '\n')
            state = IN_CODE;
        break;
    case IN_BLOCK_COMMENT:
        if (c == '*' && next == '/') {
            s->p++;
            state = IN_CODE;
        }
        break;
    }
    s->p++;
    return state;
}

void model_scan_text(const char *text, size_t len, struct model_scan *out)
{
    struct scanner s = {.p = text, .end = text + len, .line = 1, .out = out};
    enum state state = IN_CODE;
    const char *nul = memchr(text, '\0', len);

    *out = (struct model_scan){.n = 0};
    if (nul != NULL) {
        for (const char *p = text; p < nul; p++)
            s.line += *p == '\n';
        bad(&s, 0, "a NUL byte: what follows it would not be read");
        out->fatal = true;
        return;
    }
    line_begins(&s, s.p);
    while (s.p < s.end) {
        const char *at = s.p;
        state = step(&s, state);
        for (; at < s.p; at++) {
            if (*at == '\n') {
                s.line++;
                s.numbers = 0;
                line_begins(&s, at + 1);
            }
        }
    }
    if (state == IN_STRING) { /* libconfig would lose memory over it, and names the last line */
        s.line = s.string_line;
        bad(&s, 0, "a string is not closed");
        out->fatal = true;
    }
}

/* The setting that is the how-manieth number of a line; *left counts down. */
static const config_setting_t *find_number(const config_setting_t *at, unsigned line, unsigned *left)
{
    int type = config_setting_type(at);

    if (type == CONFIG_TYPE_INT || type == CONFIG_TYPE_INT64 || type == CONFIG_TYPE_FLOAT)
        return config_setting_source_line(at) == line && --*left == 0 ? at : NULL;
    for (unsigned i = 0; config_setting_is_aggregate(at) && i < (unsigned)config_setting_length(at); i++) {
        const config_setting_t *found = find_number(config_setting_get_elem(at, i), line, left);
        if (found != NULL)
            return found;
    }
    return NULL;
}

void model_scan_tell(const struct model_scan *s, const char *file, const config_setting_t *root,
                     struct conf_report *r)
{
    for (size_t i = 0; i < s->n; i++) {
        const struct model_scan_fault *f = &s->faults[i];
        unsigned left = f->number;
        const config_setting_t *at = root != NULL && left > 0 ? find_number(root, f->line, &left) : NULL;
        char path[TREE_PATH] = "";
        if (at != NULL)
            tree_path(at, path);
        conf_error(r, (struct conf_place){file, f->line}, path, "%s", f->what);
    }
}
