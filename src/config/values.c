#include "config/values.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "config/timezone.h"
#include "core/rc.h"
#include "core/text.h"

void conf_key_error(struct conf_report *r, const struct ini_section *s, const struct ini_entry *e,
                    const char *format, ...)
{
    char what[CONF_WHY_SIZE + 256], where[INI_WHERE_SIZE];
    va_list args;

    va_start(args, format);
    vsnprintf(what, sizeof what, format, args);
    va_end(args);
    conf_error(r, e->at, ini_where(where, s, e->key), "%s", what);
}

/* "day 3" against "day N". */
static bool is_numbered(const struct conf_key *key, const char *text, unsigned *number)
{
    size_t stem = strlen(key->name) - 1;
    uint16_t n = 0;

    if (key->numbered == 0 || strncmp(text, key->name, stem) != 0 ||
        text_to_u16(text + stem, 1, key->numbered, &n) != RC_OK)
        return false;
    *number = n;
    return true;
}

int conf_key_of(const struct conf_section_type *type, const char *key, unsigned *number)
{
    *number = 0;
    for (size_t i = 0; i < type->n; i++)
        if (type->keys[i].numbered > 0 ? is_numbered(&type->keys[i], key, number)
                                       : strcmp(type->keys[i].name, key) == 0)
            return (int)i;
    return -1;
}

static void say_unknown(struct conf_report *r, const struct ini_section *s,
                        const struct conf_section_type *type, const struct ini_entry *e)
{
    char numbered[CONF_KEYS_MOST][24], hint[CONF_HINT_SIZE];
    const char *names[CONF_KEYS_MOST];
    size_t digits = strlen(e->key);
    unsigned ignored;

    while (digits > 0 && e->key[digits - 1] >= '0' && e->key[digits - 1] <= '9')
        digits--;
    for (size_t i = 0; i < type->n; i++) {
        const struct conf_key *key = &type->keys[i];
        names[i] = key->name;
        if (key->numbered > 0) { /* "dya 3" should find "day 3" */
            uint16_t n = 1;
            size_t stem = strlen(key->name) - 1;
            if (strncmp(key->name, e->key, stem) == 0 && e->key[stem] != '\0') {
                conf_key_error(r, s, e, "unknown key: %.*sN goes from 1 to %u", (int)stem, key->name,
                               key->numbered);
                return;
            }
            if (text_to_u16(e->key + digits, 1, key->numbered, &n) != RC_OK)
                n = 1;
            snprintf(numbered[i], sizeof numbered[i], "%.*s%u", (int)stem, key->name, n);
            names[i] = numbered[i];
        }
    }
    conf_hint(hint, e->key, names, type->n);
    for (size_t i = 0; i < SECTION_TYPES && hint[0] == '\0'; i++)
        if (conf_key_of(&conf_section_types[i], e->key, &ignored) >= 0)
            snprintf(hint, sizeof hint, " (it is a key of [%s%s])", conf_section_types[i].name,
                     conf_section_types[i].named ? " …" : "");
    conf_key_error(r, s, e, "unknown key%s", hint);
}

static bool path_is(const struct conf_key *key, const char *path, char why[CONF_WHY_SIZE])
{
    struct stat st;
    char quote[CONF_QUOTE_SIZE];

    if (key->type == CONF_PATH)
        return true;
    conf_quote(quote, path);
    if (stat(path, &st) != 0) {
        /* Another user than the daemon's may not even see it: then it cannot be judged here. */
        if (errno == EACCES)
            return true;
        snprintf(why, CONF_WHY_SIZE, "%s: %s", quote, strerror(errno));
        return false;
    }
    if (key->type == CONF_DIR) {
        snprintf(why, CONF_WHY_SIZE, "%s is not a directory", quote);
        return S_ISDIR(st.st_mode);
    }
    if (!S_ISREG(st.st_mode)) {
        snprintf(why, CONF_WHY_SIZE, "%s is not a file", quote);
        return false;
    }
    if (key->type == CONF_SECRET && (st.st_mode & (S_IROTH | S_IWOTH)) != 0) {
        snprintf(why, CONF_WHY_SIZE, "%s: others can %s it (chmod o= helps)", quote,
                 (st.st_mode & S_IROTH) != 0 ? "read" : "write");
        return false;
    }
    return true;
}

/* The types that are a number after all; RC_PARSE and RC_RANGE are told apart by nobody. */
static bool number_is(const struct conf_key *key, const char *text, struct conf_value *v)
{
    uint64_t u = 0;
    uint32_t share = 0;
    bool yes = false, good;

    switch (key->type) {
    case CONF_UINT:
        good = text_to_u64(text, (uint64_t)key->lo, (uint64_t)key->hi, &u) == RC_OK ||
               (key->or_zero && strcmp(text, "0") == 0);
        break;
    case CONF_DURATION:
        return text_to_duration_ms(text, key->lo, key->hi, &v->n) == RC_OK;
    case CONF_SIZE:
        good = text_to_size(text, (uint64_t)key->lo, (uint64_t)key->hi, &u) == RC_OK;
        break;
    case CONF_SHARE:
        good = text_to_share_bp(text, (uint32_t)key->lo, (uint32_t)key->hi, &share) == RC_OK;
        u = share;
        break;
    case CONF_BOOL:
        good = text_to_bool(text, &yes) == RC_OK;
        u = yes;
        break;
    case CONF_WORD:
        while (key->words[u] != NULL && strcmp(key->words[u], text) != 0)
            u++;
        good = key->words[u] != NULL;
        break;
    default:
        return false;
    }
    v->n = (int64_t)u;
    return good;
}

static void say_why(const struct conf_key *key, const char *text, char why[CONF_WHY_SIZE])
{
    char expects[CONF_EXPECTS_SIZE], quote[CONF_QUOTE_SIZE], hint[CONF_HINT_SIZE] = "", near[64];
    size_t n = 0;

    while (key->type == CONF_WORD && key->words[n] != NULL)
        n++;
    if (n > 0)
        conf_hint(hint, text, key->words, n);
    else if (key->type == CONF_TIMEZONE && timezone_nearest(text, near, sizeof near))
        snprintf(hint, sizeof hint, " (did you mean %s?)", near);
    if (hint[0] == '\0' && strpbrk(text, "#;") != NULL)
        snprintf(hint, sizeof hint, " (a comment after a value begins with ' ;')");
    snprintf(why, CONF_WHY_SIZE, "must be %s, not %s%s", conf_expects(key, expects), conf_quote(quote, text),
             hint);
}

bool conf_value_parse(const struct conf_key *key, const char *text, struct conf_value *v,
                      char why[CONF_WHY_SIZE])
{
    size_t len = strlen(text);
    bool good = true;

    v->s = text;
    v->n = 0;
    if (len == 0) {
        snprintf(why, CONF_WHY_SIZE, "has no value");
        return false;
    }
    switch (key->type) {
    case CONF_LIST:
        break;
    case CONF_TEXT:
        good = len <= (size_t)key->hi;
        break;
    case CONF_NAME:
        good = text_is_name(text);
        break;
    case CONF_TIMEZONE:
        good = timezone_exists(text);
        break;
    case CONF_PATH:
    case CONF_FILE:
    case CONF_SECRET:
    case CONF_DIR:
        if (key->hi > 0 && len > (size_t)key->hi) {
            snprintf(why, CONF_WHY_SIZE, "is longer than %lld bytes", (long long)key->hi);
            return false;
        }
        return path_is(key, text, why);
    default:
        good = number_is(key, text, v);
        break;
    }
    if (!good)
        say_why(key, text, why);
    return good;
}

void conf_values_default(const struct conf_section_type *type, struct conf_value *values)
{
    char why[CONF_WHY_SIZE];

    for (size_t i = 0; i < type->n; i++) {
        values[i] = (struct conf_value){.at = NULL};
        if (type->keys[i].fallback != NULL)
            values[i].set = conf_value_parse(&type->keys[i], type->keys[i].fallback, &values[i], why);
    }
}

bool conf_values_read(struct conf_report *r, const struct ini_section *s,
                      const struct conf_section_type *type, struct conf_value *values)
{
    char why[CONF_WHY_SIZE], where[INI_WHERE_SIZE];
    unsigned before = r->errors, number;

    conf_values_default(type, values);
    for (size_t i = 0; i < s->n; i++) {
        const struct ini_entry *e = &s->entries[i];
        struct conf_value v = {.at = e};
        int k = conf_key_of(type, e->key, &number);
        if (k < 0)
            say_unknown(r, s, type, e);
        else if (!(v.set = conf_value_parse(&type->keys[k], e->value, &v, why)))
            conf_key_error(r, s, e, "%s", why);
        if (k < 0)
            continue;
        if (v.set)
            values[k] = v;
        else /* whoever uses it meanwhile finds the default */
            values[k] = (struct conf_value){.at = e, .n = values[k].n, .s = values[k].s};
    }
    for (size_t k = 0; k < type->n; k++)
        if (type->keys[k].required && values[k].at == NULL && !s->repeated)
            conf_error(r, s->at, ini_where(where, s, type->keys[k].name), "is missing");
    return r->errors == before;
}
