#include "config/models.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "config/conf_file.h"
#include "config/model_check.h"
#include "config/models_load.h"
#include "core/rc.h"

struct model {
    const struct model_draft *own; /* the draft that counts; its name is the model's */
    struct regmap *map;
    bool taken, bad;
};

struct model_set {
    struct model_draft **drafts; /* in the order of the search path */
    size_t n_drafts;
    struct model *models; /* ascending by name */
    size_t n;
};

static int add_draft(struct model_set *s, struct conf_report *r, struct model_draft *d)
{
    struct model_draft **grown = conf_append(r, s->drafts, &s->n_drafts, sizeof *grown);

    if (grown == NULL) {
        model_draft_free(d);
        return RC_NOMEM;
    }
    s->drafts = grown;
    grown[s->n_drafts - 1] = d;
    return RC_OK;
}

/* Two files of one directory that both are the model: which one would count, nobody could say. */
static void check_twins(struct conf_report *r, const struct model_set *s, struct model_draft *d)
{
    for (size_t i = 0; i < s->n_drafts; i++) {
        const struct model_draft *other = s->drafts[i];
        if (other->dir == d->dir && other->kind != MODEL_OVERLAY && d->kind != MODEL_OVERLAY &&
            strcmp(other->map.name, d->map.name) == 0) {
            conf_error(r, d->model_at, "model",
                       "%s is given already by %s:%u (extends = true would add to it)", d->map.name,
                       other->model_at.file, other->model_at.line);
            d->bad = true;
            return;
        }
    }
}

static int load_dir(struct model_set *s, struct conf_report *r, const char *dir, size_t rank)
{
    char **files = NULL;
    size_t n = 0;
    int rc = conf_file_list(dir, ".cfg", r, &files, &n);

    if (rc == RC_IO)
        return RC_OK; /* reported */
    for (size_t i = 0; i < n && rc == RC_OK; i++) {
        char *text = NULL;
        size_t len = 0;
        struct model_draft *d = NULL;
        if (conf_file_read(files[i], MODEL_FILE_LIMIT, r, &text, &len) != RC_OK)
            continue;
        rc = model_draft_parse(files[i], text, len, r, &d);
        free(text);
        if (d == NULL)
            continue;
        d->dir = rank;
        check_twins(r, s, d);
        rc = add_draft(s, r, d);
    }
    conf_file_list_free(files, n);
    return rc;
}

static const struct model_draft *first_of(const struct model_set *s, const char *name)
{
    for (size_t i = 0; i < s->n_drafts; i++)
        if (s->drafts[i]->kind != MODEL_OVERLAY && strcmp(s->drafts[i]->map.name, name) == 0)
            return s->drafts[i];
    return NULL;
}

static void say_no_base(struct conf_report *r, const struct model_set *s, struct conf_place at,
                        const char *name)
{
    const char **names = calloc(s->n_drafts + 1, sizeof *names);
    char hint[CONF_HINT_SIZE], quote[CONF_QUOTE_SIZE];
    size_t n = 0;

    for (size_t i = 0; names != NULL && i < s->n_drafts; i++)
        if (s->drafts[i]->kind != MODEL_OVERLAY)
            names[n++] = s->drafts[i]->map.name;
    conf_error(r, at, "extends", "there is no model %s to build on%s", conf_quote(quote, name),
               conf_hint(hint, name, names, n));
    free(names);
}

/* A model with everything it builds on and everything laid over it; the chain of bases is sound. */
static int join(struct conf_report *r, const struct model_set *s, const struct model_draft *own,
                struct model_draft **out)
{
    struct model_draft *d = NULL;
    int rc = RC_OK;

    if (own->kind == MODEL_DERIVED) {
        const struct model_draft *base = first_of(s, own->base);
        rc = base != NULL ? join(r, s, base, &d) : RC_PARSE;
        if (rc != RC_OK)
            return rc;
        memcpy(d->map.name, own->map.name, sizeof d->map.name);
        if (!(own->given & GIVEN_TITLE))
            memcpy(d->map.title, own->map.title, sizeof d->map.title);
        d->model_at = own->model_at;
        rc = model_draft_merge(r, d, own);
    } else if ((d = model_draft_copy(r, own)) == NULL) {
        return RC_NOMEM;
    }
    /* What stands nearer in the search path is laid on last. Drafts of one directory keep their order. */
    for (size_t dir = MODELS_DIRS; dir-- > 0 && rc == RC_OK;)
        for (size_t i = 0; i < s->n_drafts && rc == RC_OK; i++)
            if (s->drafts[i]->dir == dir && s->drafts[i]->kind == MODEL_OVERLAY &&
                strcmp(s->drafts[i]->map.name, own->map.name) == 0)
                rc = model_draft_merge(r, d, s->drafts[i]);
    if (rc != RC_OK) {
        model_draft_free(d);
        return rc;
    }
    *out = d;
    return RC_OK;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct model *)a)->own->map.name, ((const struct model *)b)->own->map.name);
}

static int list_models(struct model_set *s, struct conf_report *r)
{
    for (size_t i = 0; i < s->n_drafts; i++) {
        struct model_draft *d = s->drafts[i];
        if (d->kind == MODEL_OVERLAY) {
            if (first_of(s, d->map.name) == NULL)
                say_no_base(r, s, d->extends_at, d->map.name);
            continue;
        }
        if (first_of(s, d->map.name) != d)
            continue;
        struct model *grown = conf_append(r, s->models, &s->n, sizeof *grown);
        if (grown == NULL)
            return RC_NOMEM;
        s->models = grown;
        grown[s->n - 1] = (struct model){.own = d};
    }
    if (s->n > 1)
        qsort(s->models, s->n, sizeof *s->models, by_name);
    return RC_OK;
}

/* True when a model's bases lead to one that has none. What is wrong is reported once, where it is wrong. */
static bool base_is_sound(const struct model_set *s, struct conf_report *r, const struct model_draft *own)
{
    const struct model_draft *d = own;

    for (size_t steps = 0; d->kind == MODEL_DERIVED; steps++) {
        const struct model_draft *base = first_of(s, d->base);
        if (base == NULL) {
            if (d == own)
                say_no_base(r, s, own->extends_at, own->base);
            return false;
        }
        if (base == own) {
            conf_error(r, own->extends_at, "extends", "%s builds on itself", own->map.name);
            return false;
        }
        if (steps > s->n) /* a circle further down, reported there */
            return false;
        d = base;
    }
    return true;
}

/* The bases first: an error of kpm31 is said once, not again for every model that builds on it. */
static int finish_model(struct model_set *s, struct conf_report *r, struct model *m)
{
    const struct model_draft *own = m->own;
    struct model_draft *d = NULL;
    int rc = RC_OK;

    if (m->map != NULL || m->bad)
        return RC_OK;
    m->bad = true;
    if (own->kind == MODEL_DERIVED) {
        if (!base_is_sound(s, r, own))
            return RC_OK;
        struct model *base = &s->models[models_find(s, own->base)];
        rc = finish_model(s, r, base);
        if (rc != RC_OK || base->map == NULL)
            return rc;
    }
    rc = join(r, s, own, &d);
    if (rc == RC_OK && !d->bad)
        rc = model_check(r, d, &m->map);
    m->bad = m->map == NULL;
    model_draft_free(d);
    return rc == RC_PARSE ? RC_OK : rc;
}

/* A variable that was set and names no directory is a mistake, not a place without models. */
static void check_environment(struct conf_report *r)
{
    const char *env = secure_getenv("METERFLEET_MODELS");
    char quote[CONF_QUOTE_SIZE];
    struct stat st;

    if (env != NULL && *env != '\0' && (stat(env, &st) != 0 || !S_ISDIR(st.st_mode)))
        conf_error(r, (struct conf_place){"METERFLEET_MODELS", 0}, NULL, "%s is not a directory",
                   conf_quote(quote, env));
}

int models_load(const char *const *dirs, size_t n, struct conf_report *r, struct model_set **out)
{
    struct model_set *s = calloc(1, sizeof *s);
    int rc = RC_OK;

    if (s == NULL) {
        r->nomem = true;
        return RC_NOMEM;
    }
    for (size_t i = 0; i < n && i < MODELS_DIRS && rc == RC_OK; i++)
        rc = load_dir(s, r, dirs[i], i);
    if (rc == RC_OK)
        rc = list_models(s, r);
    for (size_t i = 0; i < s->n && rc == RC_OK; i++)
        rc = finish_model(s, r, &s->models[i]);
    if (rc != RC_OK) {
        models_free(s);
        return rc;
    }
    *out = s;
    return RC_OK;
}

/* A directory that stands in the path already, perhaps under another name, is not read twice. */
static size_t add_dir(const char *dirs[MODELS_DIRS], size_t n, const char *dir)
{
    struct stat a, b;

    for (size_t i = 0; i < n; i++)
        if (strcmp(dirs[i], dir) == 0 ||
            (stat(dirs[i], &a) == 0 && stat(dir, &b) == 0 && a.st_dev == b.st_dev && a.st_ino == b.st_ino))
            return n;
    dirs[n] = dir;
    return n + 1;
}

size_t models_search(const char *configured, const char *dirs[MODELS_DIRS])
{
    const char *env = secure_getenv("METERFLEET_MODELS");
    size_t n = 0;

    if (env != NULL && *env != '\0')
        n = add_dir(dirs, n, env);
    if (configured != NULL && *configured != '\0')
        n = add_dir(dirs, n, configured);
    n = add_dir(dirs, n, SYSCONFDIR "/meterfleet/models");
    return add_dir(dirs, n, DATADIR "/meterfleet/models");
}

int models_find_and_load(const char *configured, struct conf_report *r, struct model_set **out)
{
    const char *dirs[MODELS_DIRS];

    check_environment(r);
    return models_load(dirs, models_search(configured, dirs), r, out);
}

int models_read(const char *configured, settings_report *report, void *arg, struct model_set **out)
{
    struct conf_report r = {.errors = 0};
    int rc = models_find_and_load(configured, &r, out);

    conf_report_tell(&r, report, arg);
    conf_report_done(&r);
    return rc != RC_OK ? rc : r.errors > 0 ? RC_PARSE : RC_OK;
}

void models_free(struct model_set *s)
{
    if (s == NULL)
        return;
    for (size_t i = 0; i < s->n_drafts; i++)
        model_draft_free(s->drafts[i]);
    for (size_t i = 0; i < s->n; i++)
        if (!s->models[i].taken)
            regmap_free(s->models[i].map);
    free(s->drafts);
    free(s->models);
    free(s);
}

size_t models_count(const struct model_set *s)
{
    return s->n;
}

const char *models_name(const struct model_set *s, size_t i)
{
    return s->models[i].own->map.name;
}

const struct regmap *models_at(const struct model_set *s, size_t i)
{
    return s->models[i].map;
}

int models_find(const struct model_set *s, const char *name)
{
    for (size_t i = 0; i < s->n; i++)
        if (strcmp(s->models[i].own->map.name, name) == 0)
            return (int)i;
    return -1;
}

struct regmap *models_take(struct model_set *s, size_t i)
{
    s->models[i].taken = s->models[i].map != NULL;
    return s->models[i].map;
}
