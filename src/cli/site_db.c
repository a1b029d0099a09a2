/* site_db.c - from --config to rows. */
#include "cli/site_db.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "store/schema.h"

static int recognise(const char *path)
{
    unsigned version = 0;
    int rc = schema_recognise(path, &version);
    switch (rc) {
    case RC_OK:
        return EXIT_DONE;
    case RC_NEWER:
        complain("%s: written by a newer meterfleet: version %u, this one knows %u", path, version,
                 schema_version());
        return EXIT_DATA;
    case RC_FOREIGN:
        complain("%s: not a database of meterfleet: left as it is", path);
        return EXIT_DATA;
    case RC_NOTFOUND:
        complain("%s: no database there: the daemon makes it when it first starts", path);
        return EXIT_FAILED;
    default:
        complain("%s: cannot be read: %s", path, errno != 0 ? strerror(errno) : rc_text(rc));
        return errno == EACCES || rc == RC_DENIED ? EXIT_NOPERM : EXIT_FAILED;
    }
}

int site_db_open(const struct cli_args *a, struct site_db *out)
{
    memset(out, 0, sizeof *out);
    int rc = settings_read(a->config, complain_setting, NULL, &out->settings);
    if (rc != RC_OK) {
        if (rc != RC_PARSE)
            complain("%s: cannot be read: %s", a->config, rc_text(rc));
        return EXIT_CONFIG;
    }
    const char *path = cli_option(a, "database");
    if (path == NULL)
        path = out->settings->database.path;
    errno = 0;
    int code = recognise(path);
    if (code == EXIT_DONE && (rc = db_open(path, DB_READ, &out->db)) != RC_OK) {
        complain("%s: cannot be opened: %s", path, db_message(&out->db));
        code = access(path, R_OK) != 0 && errno == EACCES ? EXIT_NOPERM
               : rc == RC_CORRUPT                         ? EXIT_DATA
                                                          : EXIT_FAILED;
    }
    if (code != EXIT_DONE)
        site_db_close(out);
    return code;
}

void site_db_close(struct site_db *s)
{
    db_close(&s->db);
    settings_free(s->settings);
    s->settings = NULL;
}

static int add_meter(struct site_meters *m, const struct settings *s, const char *name)
{
    char **names = realloc(m->name, (m->n + 1) * sizeof *names);
    if (names != NULL)
        m->name = names;
    int *indices = realloc(m->index, (m->n + 1) * sizeof *indices);
    if (indices != NULL)
        m->index = indices;
    char *copy = strdup(name);
    if (names == NULL || indices == NULL || copy == NULL) {
        free(copy);
        complain("export: cannot be made: no memory");
        return EXIT_FAILED;
    }
    m->index[m->n] = settings_meter_find(s, name);
    m->name[m->n++] = copy;
    return EXIT_DONE;
}

static int find_all(struct site_db *s, struct site_meters *out)
{
    sqlite3_stmt *st = NULL;
    int code = EXIT_DONE;
    int rc = db_prepare(&s->db, "SELECT meter FROM meter ORDER BY bus, address, meter", &st);
    while (rc == RC_OK && code == EXIT_DONE && (rc = db_row(&s->db, st)) == RC_OK)
        code = add_meter(out, s->settings, (const char *)sqlite3_column_text(st, 0));
    if (code == EXIT_DONE && rc != RC_NOTFOUND) {
        complain("%s: cannot be read: %s", s->db.path, db_message(&s->db));
        code = EXIT_FAILED;
    }
    sqlite3_finalize(st);
    return code;
}

static int find_named(const struct site_meters *all, const struct settings *s, const char *name,
                      struct site_meters *out)
{
    for (size_t i = 0; i < all->n; i++)
        if (strcmp(all->name[i], name) == 0)
            return add_meter(out, s, name);
    const char *near = options_suggest(name, (const char *const *)all->name, all->n);
    if (near != NULL)
        complain("%.40s: unknown meter: did you mean %s?", name, near);
    else
        complain("%.40s: unknown meter: the database does not know it", name);
    return EXIT_USAGE;
}

int site_meters_find(struct site_db *s, const char *const asked[], size_t n_asked, struct site_meters *out)
{
    struct site_meters all = {.n = 0};
    int code = find_all(s, &all);
    if (code != EXIT_DONE || n_asked == 0) {
        *out = all;
        return code;
    }
    for (size_t i = 0; i < n_asked && code == EXIT_DONE; i++)
        code = find_named(&all, s->settings, asked[i], out);
    site_meters_done(&all);
    return code;
}

void site_meters_done(struct site_meters *m)
{
    for (size_t i = 0; i < m->n; i++)
        free(m->name[i]);
    free(m->name);
    free(m->index);
    *m = (struct site_meters){.n = 0};
}
