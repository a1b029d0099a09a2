/* options.c - one pass over argv. */
#include "cli/options.h"

#include <string.h>
#include "core/rc.h"

#define HELP_COLUMN 24 /* where the explanation begins */
#define HELP_WIDTH  80

struct parse {
    const struct option_row *rows;
    size_t n_rows;
    int argc;
    const char *const *argv;
    int at; /* the entry being looked at */
    struct options *out;
    char *why;
};

const char *options_suggest(const char *word, const char *const names[], size_t n)
{
    size_t len = strlen(word);
    for (size_t i = 0; i < n && len > 1; i++)
        if (strncmp(names[i], word, len) == 0)
            return names[i];
    return text_nearest(word, names, n);
}

static int unknown(struct parse *p, const char *written, size_t len)
{
    char word[64], nearest[80] = "";
    const char *names[OPTIONS_MOST];
    for (size_t i = 0; i < p->n_rows; i++)
        names[i] = p->rows[i].name;
    if (len >= sizeof word)
        len = sizeof word - 1;
    memcpy(word, written, len);
    word[len] = '\0';
    if (word[0] == '-' && word[1] == '-') {
        const char *near = options_suggest(word + 2, names, p->n_rows);
        if (near != NULL)
            text_format(nearest, sizeof nearest, ": did you mean --%s?", near);
    }
    text_format(p->why, OPTIONS_WHY, "%s: unknown option%s", word, nearest);
    return RC_PARSE;
}

static int complain_value(struct parse *p, const struct option_row *row, const char *what)
{
    text_format(p->why, OPTIONS_WHY, "--%s: %s%s%s", row->name, what, row->arg != NULL ? ": " : "",
                row->arg != NULL ? row->arg : "");
    return RC_PARSE;
}

/* Both values, shortened: which of them was meant, only the writer knows. */
static int complain_twice(struct parse *p, size_t row, const char *value)
{
    text_format(p->why, OPTIONS_WHY, "--%s: given twice: '%.50s' and '%.50s'", p->rows[row].name,
                p->out->value[row], value);
    return RC_PARSE;
}

/* Takes the value that stands behind `inlined` (NULL: nothing does) or in the next entry. */
static int take(struct parse *p, size_t row, const char *inlined)
{
    const char *value = inlined;
    if (p->rows[row].arg == NULL) {
        if (inlined != NULL)
            return complain_value(p, &p->rows[row], "takes no value");
        value = "";
    } else if (value == NULL) {
        if (p->at + 1 >= p->argc)
            return complain_value(p, &p->rows[row], "needs a value");
        value = p->argv[++p->at];
    }
    if (p->rows[row].arg != NULL && p->out->value[row] != NULL)
        return complain_twice(p, row, value);
    p->out->value[row] = value;
    return RC_OK;
}

static int parse_long(struct parse *p, const char *word)
{
    const char *equals = strchr(word, '=');
    size_t len = equals != NULL ? (size_t)(equals - word) : strlen(word);
    for (size_t i = 0; i < p->n_rows; i++)
        if (strlen(p->rows[i].name) == len - 2 && memcmp(p->rows[i].name, word + 2, len - 2) == 0)
            return take(p, i, equals != NULL ? equals + 1 : NULL);
    return unknown(p, word, len);
}

static int parse_letters(struct parse *p, const char *word)
{
    for (const char *c = word + 1; *c != '\0'; c++) {
        size_t row = 0;
        while (row < p->n_rows && p->rows[row].letter != *c)
            row++;
        if (row == p->n_rows) {
            const char shown[2] = {'-', *c};
            return unknown(p, shown, sizeof shown);
        }
        bool rest_is_value = p->rows[row].arg != NULL && c[1] != '\0';
        int rc = take(p, row, rest_is_value ? c + 1 : NULL);
        if (rc != RC_OK || p->rows[row].arg != NULL)
            return rc;
    }
    return RC_OK;
}

int options_parse(const struct option_row *rows, size_t n_rows, int argc, const char *const argv[],
                  bool first_operand_ends, struct options *out, char why[OPTIONS_WHY])
{
    struct options o = {.n_operands = 0};
    struct parse p = {rows, n_rows, argc, argv, 0, &o, why};
    bool options_over = false;
    for (p.at = 1; p.at < argc; p.at++) {
        const char *word = argv[p.at];
        int rc = RC_OK;
        if (!options_over && strcmp(word, "--") == 0) {
            options_over = true;
        } else if (!options_over && word[0] == '-' && word[1] == '-') {
            rc = parse_long(&p, word);
        } else if (!options_over && word[0] == '-' && word[1] != '\0') {
            rc = parse_letters(&p, word);
        } else if (first_operand_ends) {
            break;
        } else if (o.n_operands == OPTIONS_OPERANDS) {
            text_format(why, OPTIONS_WHY, "%s: too many words: at most %d", word, OPTIONS_OPERANDS);
            rc = RC_RANGE;
        } else {
            o.operand[o.n_operands++] = word;
        }
        if (rc != RC_OK)
            return rc;
    }
    o.used = p.at;
    *out = o;
    return RC_OK;
}

const char *options_get(const struct option_row *rows, size_t n_rows, const struct options *o,
                        const char *name)
{
    for (size_t i = 0; i < n_rows; i++)
        if (strcmp(rows[i].name, name) == 0)
            return o->value[i];
    return NULL;
}

static void pad(struct text_buf *out, size_t from, size_t to)
{
    while (from++ < to)
        text_buf_add_n(out, " ", 1);
}

void options_help(const struct option_row *rows, size_t n_rows, struct text_buf *out)
{
    for (size_t i = 0; i < n_rows; i++) {
        const struct option_row *r = &rows[i];
        size_t line = out->len;
        if (r->letter != 0)
            text_buf_addf(out, "  -%c, --%s", r->letter, r->name);
        else
            text_buf_addf(out, "      --%s", r->name);
        if (r->arg != NULL)
            text_buf_addf(out, " %s", r->arg);
        size_t column = out->len - line;
        if (column > HELP_COLUMN - 2) {
            text_buf_add(out, "\n");
            column = 0;
        }
        /* The explanation, broken at blanks. */
        const char *rest = r->help;
        while (*rest != '\0') {
            size_t room = HELP_WIDTH - HELP_COLUMN, len = strlen(rest);
            if (len > room) {
                len = room;
                while (len > 0 && rest[len] != ' ')
                    len--;
                if (len == 0)
                    len = room;
            }
            pad(out, column, HELP_COLUMN);
            text_buf_add_n(out, rest, len);
            text_buf_add(out, "\n");
            rest += len;
            while (*rest == ' ')
                rest++;
            column = 0;
        }
    }
}
