#include "conf_fixture.h"

#include <check.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "config/models.h"

/* libconfig 1.5 forgets a string that stands where none may: 64 bytes a broken file, its own fault. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libconfig";
}

void conf_fixture_init(struct conf_fixture *f)
{
    *f = (struct conf_fixture){.dir = "/tmp/meterfleet-conf-XXXXXX"};
    ck_assert_ptr_nonnull(mkdtemp(f->dir));
    setenv("METERFLEET_MODELS", MODELS_DIR, 1);
}

static int drop(const char *path, const struct stat *st, int flag, struct FTW *at)
{
    (void)st;
    (void)flag;
    (void)at;
    return remove(path);
}

static void forget(struct conf_fixture *f)
{
    for (size_t i = 0; i < f->n; i++)
        free(f->lines[i]);
    free(f->lines);
    settings_free(f->s);
    f->lines = NULL;
    f->n = 0;
    f->s = NULL;
}

void conf_fixture_done(struct conf_fixture *f)
{
    forget(f);
    nftw(f->dir, drop, 8, FTW_DEPTH | FTW_PHYS);
}

const char *conf_fixture_path(struct conf_fixture *f, const char *name)
{
    static char path[512];

    ck_assert_int_lt(snprintf(path, sizeof path, "%s/%s", f->dir, name), (int)sizeof path);
    return path;
}

void conf_fixture_write(struct conf_fixture *f, const char *name, const void *text, size_t len)
{
    char path[512];
    const char *slash = strchr(name, '/');

    if (slash != NULL) {
        snprintf(path, sizeof path, "%s/%.*s", f->dir, (int)(slash - name), name);
        mkdir(path, 0700);
    }
    FILE *out = fopen(conf_fixture_path(f, name), "w");
    ck_assert_ptr_nonnull(out);
    ck_assert_uint_eq(fwrite(text, 1, len, out), len);
    ck_assert_int_eq(fchmod(fileno(out), 0600), 0);
    ck_assert_int_eq(fclose(out), 0);
}

void conf_fixture_text(struct conf_fixture *f, const char *name, const char *text)
{
    conf_fixture_write(f, name, text, strlen(text));
}

void conf_fixture_collect(void *fixture, const char *line)
{
    struct conf_fixture *f = fixture;
    size_t dir = strlen(f->dir);
    char **grown = realloc(f->lines, (f->n + 1) * sizeof *grown);

    ck_assert_ptr_nonnull(grown);
    f->lines = grown;
    if (strncmp(line, f->dir, dir) == 0)
        line += dir + 1;
    grown[f->n++] = strdup(line);
}

void conf_fixture_read(struct conf_fixture *f)
{
    char path[512];

    forget(f);
    snprintf(path, sizeof path, "%s/a.ini", f->dir);
    f->rc = settings_read(path, conf_fixture_collect, f, &f->s);
}

void conf_fixture_try(struct conf_fixture *f, const char *text)
{
    conf_fixture_text(f, "a.ini", text);
    conf_fixture_read(f);
}

const char *conf_fixture_all(const struct conf_fixture *f)
{
    static char all[4096];
    size_t len = 0;

    all[0] = '\0';
    for (size_t i = 0; i < f->n && len < sizeof all; i++)
        len += (size_t)snprintf(all + len, sizeof all - len, "\n  %s", f->lines[i]);
    return all;
}
