#include "config/settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "config/build.h"
#include "config/conf_file.h"
#include "config/models_load.h"
#include "config/sha256.h"
#include "core/rc.h"
#include "core/text.h"

#define FILES_MOST 256 /* conf.d */

const struct build_section *build_find(const struct build *b, enum section_type type)
{
    for (size_t i = 0; i < b->n; i++)
        if (b->sections[i].type == type)
            return &b->sections[i];
    return NULL;
}

/* Which type a section is; -1 after an error. */
static int type_of(struct conf_report *r, const struct ini_section *s)
{
    char hint[CONF_HINT_SIZE], where[INI_WHERE_SIZE], quote[CONF_QUOTE_SIZE];
    int t = 0;

    ini_where(where, s, NULL);
    while (t < SECTION_TYPES && strcmp(conf_section_types[t].name, s->type) != 0)
        t++;
    if (t == SECTION_TYPES) {
        if (s->type[0] != '\0')
            conf_error(r, s->at, where, "unknown section%s",
                       conf_hint(hint, s->type, conf_section_names, SECTION_TYPES));
        return -1;
    }
    if (conf_section_types[t].named && s->name[0] == '\0') {
        if (!s->wrong)
            conf_error(r, s->at, where, "needs a name: [%s NAME]", s->type);
    } else if (conf_section_types[t].named && !text_is_name(s->name)) {
        if (!s->wrong)
            conf_error(r, s->at, where,
                       "%s is no name: A-Z, a-z, 0-9, '_', '-' and '.' inside, at most 40 characters",
                       conf_quote(quote, s->name));
    } else if (!conf_section_types[t].named && s->name[0] != '\0') {
        if (!s->wrong)
            conf_error(r, s->at, where, "takes no name: [%s]", s->type);
    } else {
        return t;
    }
    return -1;
}

/* Who judges a file may name a model, and the site may have its own: all that [gateway] is asked for then. */
static void note_models(struct build *b, const struct ini_section *gateway)
{
    for (size_t i = 0; i < gateway->n && b->s->gateway.models == NULL; i++)
        if (strcmp(gateway->entries[i].key, "models") == 0)
            b->s->gateway.models = conf_strdup(b->r, gateway->entries[i].value);
}

/* Reads the values of every section; keeps those that count. */
static void read_sections(struct build *b, const struct ini_doc *doc)
{
    for (size_t i = 0; i < doc->n && !b->r->nomem; i++) {
        const struct ini_section *s = doc->sections[i];
        struct build_section one = {.ini = s};
        int t = type_of(b->r, s);
        if (b->tariffs_only && t == SECTION_GATEWAY)
            note_models(b, s);
        if (t < 0 || (b->tariffs_only && t != SECTION_TARIFF))
            continue;
        one.type = (enum section_type)t;
        conf_values_read(b->r, s, &conf_section_types[t], one.v);
        if (s->repeated)
            continue;
        struct build_section *grown = conf_append(b->r, b->sections, &b->n, sizeof *grown);
        if (grown == NULL)
            return;
        b->sections = grown;
        grown[b->n - 1] = one;
    }
}

/* Reads one file into the document; the bytes count for the fingerprint. */
static void add_file(struct conf_report *r, struct ini_doc *doc, const char *file, struct sha256 *hash)
{
    char *text = NULL;
    size_t len = 0;

    if (conf_file_read(file, INI_FILE_LIMIT, r, &text, &len) != RC_OK)
        return;
    sha256_add(hash, text, len);
    ini_read(doc, file, text, len, r);
    free(text);
}

/* FILE and conf.d beside it. */
static void read_files(struct conf_report *r, const char *path, struct ini_doc *doc, char ***list, size_t *n,
                       char hex[65])
{
    const char *slash = strrchr(path, '/');
    struct sha256 hash;
    char *dir = NULL;

    sha256_init(&hash);
    add_file(r, doc, path, &hash);
    if (asprintf(&dir, "%.*sconf.d", slash != NULL ? (int)(slash - path + 1) : 0, path) < 0) {
        r->nomem = true;
        return;
    }
    if (conf_file_list(dir, ".ini", r, list, n) == RC_OK) {
        if (*n > FILES_MOST)
            conf_error(r, (struct conf_place){dir, 0}, NULL, "holds more than %d files", FILES_MOST);
        for (size_t i = 0; i < *n && i < FILES_MOST && !r->nomem; i++)
            add_file(r, doc, (*list)[i], &hash);
    }
    free(dir);
    sha256_hex(&hash, hex);
}

void build_models(struct build *b)
{
    models_find_and_load(b->s->gateway.models, b->r, &b->models);
}

static int by_place(const void *a, const void *b)
{
    const struct settings_meter *x = a, *y = b;

    return x->bus != y->bus ? x->bus - y->bus : x->address - y->address;
}

/* The models that meters use become the settings'; the others go with the set. */
static void keep_models(struct build *b)
{
    struct settings *s = b->s;

    for (size_t i = 0; i < models_count(b->models); i++) {
        const struct regmap *map = models_at(b->models, i);
        bool used = false;
        for (size_t k = 0; k < s->n_meters && !used; k++)
            used = s->meters[k].model == map;
        if (!used || map == NULL)
            continue;
        struct regmap **grown = conf_append(b->r, s->models, &s->n_models, sizeof(struct regmap *));
        if (grown == NULL)
            return;
        s->models = grown;
        grown[s->n_models - 1] = models_take(b->models, i);
    }
}

static void build_all(struct build *b)
{
    build_tariffs(b);
    if (b->tariffs_only || b->r->nomem)
        return;
    build_gateway(b);
    build_database(b);
    build_mqtt(b);
    build_buses(b);
    build_models(b);
    if (!b->r->nomem)
        build_meters(b);
    if (b->r->errors > 0 || b->r->nomem)
        return;
    if (b->s->n_meters > 1)
        qsort(b->s->meters, b->s->n_meters, sizeof *b->s->meters, by_place);
    keep_models(b);
}

static int read_settings(const char *path, settings_report *report, void *arg, bool tariffs_only,
                         struct settings **out)
{
    struct conf_report r = {.errors = 0};
    struct ini_doc doc = {.n = 0};
    struct settings *s = calloc(1, sizeof *s);
    struct build b = {.r = &r, .s = s, .tariffs_only = tariffs_only};
    char **list = NULL;
    size_t n_list = 0;
    int rc = RC_NOMEM;

    if (s == NULL || (s->config_path = conf_strdup(&r, path)) == NULL)
        goto done;
    read_files(&r, path, &doc, &list, &n_list, s->config_sha256);
    /* A file that could not be read at all is the one thing to say, not what it then lacks. */
    bool unreadable = doc.n == 0 && r.errors > 0;
    if (!r.nomem && !unreadable) {
        read_sections(&b, &doc);
        build_all(&b);
    }
    rc = r.nomem ? RC_NOMEM : r.errors > 0 ? RC_PARSE : RC_OK;
    if (rc == RC_OK) {
        s->warnings = conf_report_warnings(&r, &s->n_warnings);
        *out = s;
        s = NULL;
    }
    conf_report_tell(&r, report, arg);
done:
    settings_free(s);
    models_free(b.models);
    free(b.sections);
    free(b.bus_section);
    free(b.meter_section);
    ini_done(&doc);
    conf_file_list_free(list, n_list);
    conf_report_done(&r);
    return rc;
}

int settings_read(const char *path, settings_report *report, void *arg, struct settings **out)
{
    return read_settings(path, report, arg, false, out);
}

int settings_read_tariffs(const char *path, settings_report *report, void *arg, struct settings **out)
{
    return read_settings(path, report, arg, true, out);
}
