#include "config/model_tree.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "core/text.h"

void tree_path(const config_setting_t *at, char out[TREE_PATH])
{
    const config_setting_t *chain[16];
    size_t n = 0;
    struct text_buf b = {0};

    for (; at != NULL && !config_setting_is_root(at) && n < 16; at = config_setting_parent(at))
        chain[n++] = at;
    while (n-- > 0) {
        const char *name = config_setting_name(chain[n]);
        if (name != NULL)
            text_buf_addf(&b, "%s%s", b.len > 0 ? "." : "", name);
        else
            text_buf_addf(&b, "[%d]", config_setting_index(chain[n]));
    }
    snprintf(out, TREE_PATH, "%s", b.data != NULL ? b.data : "");
    text_buf_done(&b);
}

struct conf_place tree_place(const struct tree *t, const config_setting_t *at)
{
    unsigned line = config_setting_source_line(at);

    return (struct conf_place){t->file, line > 0 ? line : 1}; /* the whole file has none: what it lacks */
}

void tree_error(const struct tree *t, const config_setting_t *at, const char *format, ...)
{
    char path[TREE_PATH], what[768];
    struct conf_place place = tree_place(t, at);
    va_list args;

    if (model_scan_is_bad(t->scan, place.line))
        return;
    va_start(args, format);
    vsnprintf(what, sizeof what, format, args);
    va_end(args);
    tree_path(at, path);
    conf_error(t->r, place, path, "%s", what);
}

static void list_words(const char *const *words, const char *before, char *out, size_t size)
{
    size_t len = (size_t)snprintf(out, size, "%s", before);

    for (size_t i = 0; words[i] != NULL && len < size; i++)
        len += (size_t)snprintf(out + len, size - len, "%s\"%s\"", i > 0 ? ", " : "", words[i]);
}

void tree_expects(const struct tree_key *key, char out[TREE_EXPECTS])
{
    switch (key->type) {
    case TREE_INT:
        snprintf(out, TREE_EXPECTS, "a whole number from %lld to %lld", (long long)key->lo,
                 (long long)key->hi);
        break;
    case TREE_MILLI:
        snprintf(out, TREE_EXPECTS, "a number from %lld to %lld", (long long)key->lo, (long long)key->hi);
        break;
    case TREE_SCALE:
        snprintf(out, TREE_EXPECTS, "a power of ten from 0.000000001 to 1000000000");
        break;
    case TREE_TEXT:
        snprintf(out, TREE_EXPECTS, "a \"text\" of %lld to %lld bytes", (long long)key->lo,
                 (long long)key->hi);
        break;
    case TREE_WORD:
        list_words(key->words, "one of ", out, TREE_EXPECTS);
        break;
    case TREE_WORDS:
        list_words(key->words, "an array [ … ] of ", out, TREE_EXPECTS);
        break;
    case TREE_BOOL:
        snprintf(out, TREE_EXPECTS, "true or false");
        break;
    case TREE_EXTENDS:
        snprintf(out, TREE_EXPECTS, "true, or the \"name\" of a model");
        break;
    case TREE_GROUP:
        snprintf(out, TREE_EXPECTS, "a group { … }");
        break;
    case TREE_LIST:
        snprintf(out, TREE_EXPECTS, "a list of groups ( { … }, … )");
        break;
    }
}

static bool scale_of(double value, int64_t *exponent)
{
    for (int e = -9; e <= 9; e++)
        if (fabs(value / pow(10.0, e) - 1.0) < 1e-9) {
            *exponent = e;
            return true;
        }
    return false;
}

/* "0.01" without strtod, whose idea of a decimal point follows the locale. */
static bool scale_of_text(const char *s, int64_t *exponent)
{
    const char *point = strchr(s, '.');
    size_t len = strlen(s);

    if (point == NULL) {
        *exponent = (int64_t)len - 1;
        return len >= 1 && len <= 10 && s[0] == '1' && strspn(s + 1, "0") == len - 1;
    }
    *exponent = -(int64_t)(len - 2);
    return point == s + 1 && s[0] == '0' && len >= 3 && len <= 11 && s[len - 1] == '1' &&
           strspn(s + 2, "0") == len - 3;
}

static bool number_of(const config_setting_t *at, double *out)
{
    int type = config_setting_type(at);

    if (type == CONFIG_TYPE_INT)
        *out = config_setting_get_int(at);
    else if (type == CONFIG_TYPE_FLOAT)
        *out = config_setting_get_float(at);
    else
        return false;
    return isfinite(*out);
}

static bool text_of(const config_setting_t *at, const struct tree_key *key, struct tree_value *v)
{
    if (config_setting_type(at) != CONFIG_TYPE_STRING || (v->s = config_setting_get_string(at)) == NULL)
        return false;
    if (key->type == TREE_TEXT) {
        size_t len = strlen(v->s);
        for (const char *p = v->s; *p != '\0'; p++)
            if ((unsigned char)*p < 0x20 || (unsigned char)*p == 0x7f)
                return false;
        return (int64_t)len >= key->lo && (int64_t)len <= key->hi;
    }
    if (key->type == TREE_WORD)
        for (v->n = 0; key->words[v->n] != NULL; v->n++)
            if (strcmp(key->words[v->n], v->s) == 0)
                return true;
    return false;
}

static bool groups_only(const config_setting_t *list)
{
    for (unsigned i = 0; i < (unsigned)config_setting_length(list); i++)
        if (!config_setting_is_group(config_setting_get_elem(list, i)))
            return false;
    return true;
}

static bool read_value(const config_setting_t *at, const struct tree_key *key, struct tree_value *v)
{
    double d = 0.0;

    if (config_setting_type(at) == CONFIG_TYPE_STRING && config_setting_get_string(at) == NULL)
        return false; /* libconfig had no memory for it */

    switch (key->type) {
    case TREE_INT:
        v->n = config_setting_get_int(at);
        return config_setting_type(at) == CONFIG_TYPE_INT && v->n >= key->lo && v->n <= key->hi;
    case TREE_MILLI:
        if (!number_of(at, &d) || d < (double)key->lo || d > (double)key->hi)
            return false;
        v->n = (int64_t)floor(d * 1000.0 + 0.5);
        return true;
    case TREE_SCALE:
        if (config_setting_type(at) == CONFIG_TYPE_STRING)
            return scale_of_text(config_setting_get_string(at), &v->n);
        return number_of(at, &d) && scale_of(d, &v->n);
    case TREE_TEXT:
    case TREE_WORD:
        return text_of(at, key, v);
    case TREE_WORDS:
        return config_setting_is_array(at) || config_setting_is_list(at);
    case TREE_BOOL:
        v->n = config_setting_get_bool(at) != 0;
        return config_setting_type(at) == CONFIG_TYPE_BOOL;
    case TREE_EXTENDS:
        v->n = config_setting_type(at) == CONFIG_TYPE_BOOL && config_setting_get_bool(at);
        v->s = config_setting_type(at) == CONFIG_TYPE_STRING ? config_setting_get_string(at) : NULL;
        return v->n == 1 || v->s != NULL;
    case TREE_GROUP:
        return config_setting_is_group(at);
    case TREE_LIST:
        return config_setting_is_list(at) && groups_only(at);
    }
    return false;
}

static void say_wrong(const struct tree *t, const config_setting_t *at, const struct tree_key *key)
{
    char expects[TREE_EXPECTS], quote[CONF_QUOTE_SIZE], hint[CONF_HINT_SIZE] = "";
    size_t n = 0;

    tree_expects(key, expects);
    switch (config_setting_type(at)) {
    case CONFIG_TYPE_STRING:
        if (config_setting_get_string(at) == NULL) {
            t->r->nomem = true;
            return;
        }
        conf_quote(quote, config_setting_get_string(at));
        while (key->type == TREE_WORD && key->words[n] != NULL)
            n++;
        if (n > 0)
            conf_hint(hint, config_setting_get_string(at), key->words, n);
        break;
    case CONFIG_TYPE_INT:
        snprintf(quote, sizeof quote, "%d", config_setting_get_int(at));
        break;
    case CONFIG_TYPE_FLOAT:
        snprintf(quote, sizeof quote, "%g", config_setting_get_float(at));
        break;
    case CONFIG_TYPE_BOOL:
        snprintf(quote, sizeof quote, "%s", config_setting_get_bool(at) ? "true" : "false");
        break;
    case CONFIG_TYPE_INT64:
        snprintf(quote, sizeof quote, "a 64-bit number");
        break;
    default:
        snprintf(quote, sizeof quote, "something else");
        break;
    }
    tree_error(t, at, "must be %s, not %s%s", expects, quote, hint);
}

static bool find_unknown(const struct tree *t, const config_setting_t *group, const struct tree_key *keys,
                         size_t n)
{
    bool good = true;

    for (unsigned i = 0; i < (unsigned)config_setting_length(group); i++) {
        const config_setting_t *at = config_setting_get_elem(group, i);
        const char *names[32], *name = config_setting_name(at);
        char hint[CONF_HINT_SIZE];
        size_t k = 0;
        if (name == NULL) { /* libconfig goes on when it has no memory for a name */
            t->r->nomem = true;
            return false;
        }
        while (k < n && strcmp(keys[k].name, name) != 0)
            k++;
        if (k < n)
            continue;
        for (k = 0; k < n && k < 32; k++)
            names[k] = keys[k].name;
        tree_error(t, at, "unknown key%s", conf_hint(hint, name, names, k));
        good = false;
    }
    return good;
}

bool tree_read(const struct tree *t, const config_setting_t *group, const struct tree_key *keys, size_t n,
               struct tree_value *values)
{
    bool good = find_unknown(t, group, keys, n);

    for (size_t k = 0; k < n; k++) {
        const config_setting_t *at = config_setting_get_member(group, keys[k].name);
        values[k] = (struct tree_value){.at = at};
        if (at == NULL) {
            if (keys[k].required)
                tree_error(t, group, "%s is missing", keys[k].name);
            good = good && !keys[k].required;
        } else if (!read_value(at, &keys[k], &values[k])) {
            say_wrong(t, at, &keys[k]);
            values[k] = (struct tree_value){.at = NULL};
            good = false;
        }
    }
    return good;
}
