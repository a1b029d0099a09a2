#include "config/reference.h"

#include <string.h>
#include "config/model_keys.h"
#include "config/values.h"

/* A cell of a table: '|' would end it. */
static void cell(struct text_buf *b, const char *text)
{
    for (; *text != '\0'; text++)
        if (*text == '|')
            text_buf_add(b, "\\|");
        else
            text_buf_add_n(b, text, 1);
}

/* Paths as the package has them, wherever this build would go. */
static void fallback(struct text_buf *b, const char *text)
{
    static const struct {
        const char *built, *packaged;
    } dirs[] = {{RUNSTATEDIR, "/run"}, {LOCALSTATEDIR, "/var"}};

    text_buf_add(b, "`");
    for (size_t i = 0; i < sizeof dirs / sizeof dirs[0]; i++) {
        size_t len = strlen(dirs[i].built);
        if (text[0] == '/' && strncmp(text, dirs[i].built, len) == 0) {
            text_buf_add(b, dirs[i].packaged);
            text += len;
            break;
        }
    }
    cell(b, text);
    text_buf_add(b, "`");
}

static void ini_row(struct text_buf *b, const struct conf_key *key)
{
    char expects[CONF_EXPECTS_SIZE];

    text_buf_addf(b, "| `%s` | ", key->name);
    cell(b, conf_expects(key, expects));
    text_buf_add(b, " | ");
    if (key->required)
        text_buf_add(b, "required");
    else if (key->fallback != NULL)
        fallback(b, key->fallback);
    text_buf_add(b, " | ");
    cell(b, key->help);
    text_buf_add(b, " |\n");
}

static void model_row(struct text_buf *b, const struct tree_key *key)
{
    char expects[TREE_EXPECTS];

    tree_expects(key, expects);
    text_buf_addf(b, "| `%s` | ", key->name);
    cell(b, expects);
    text_buf_add(b, " | ");
    cell(b, key->required ? "required" : key->fallback != NULL ? key->fallback : "");
    text_buf_add(b, " | ");
    cell(b, key->help);
    text_buf_add(b, " |\n");
}

#define HEAD "| key | value | default | |\n|---|---|---|---|\n"

void conf_reference(struct text_buf *b)
{
    for (size_t i = 0; i < SECTION_TYPES; i++) {
        const struct conf_section_type *t = &conf_section_types[i];
        text_buf_addf(b, "\n### [%s%s]: %s\n\n" HEAD, t->name, t->named ? " NAME" : "", t->help);
        for (size_t k = 0; k < t->n; k++)
            ini_row(b, &t->keys[k]);
    }
    for (size_t i = 0; i < n_model_key_groups; i++) {
        text_buf_addf(b, "\n### Model: %s\n\n" HEAD, model_key_groups[i].title);
        for (size_t k = 0; k < model_key_groups[i].n; k++)
            model_row(b, &model_key_groups[i].keys[k]);
    }
    text_buf_add(b, "\n");
}
