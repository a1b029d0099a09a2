#include "sim/sim_tariff_parse.h"

#include <ini.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/log.h"
#include "core/rc.h"
#include "core/text.h"

void sim_tariff_complain(struct sim_tariff_parse *p, const char *format, ...)
{
    char what[200];
    va_list args;
    va_start(args, format);
    vsnprintf(what, sizeof what, format, args);
    va_end(args);
    log_error("%s:%u: [tariff %s] %s: %s", p->path, p->source.line, p->t.name, p->key, what);
    p->errors++;
}

static int on_key(void *user, const char *section, const char *key, const char *value)
{
    struct sim_tariff_parse *p = user;
    if (strncmp(section, "tariff ", 7) != 0)
        return 1;
    const char *name = section + 7;
    p->key = key;
    if (p->sections == 0 || strcmp(p->t.name, name) != 0) {
        p->sections++;
        if (p->sections > 1) {
            sim_tariff_complain(p, "a second tariff, [%s]: the file must hold one", section);
            return 1;
        }
        text_format(p->t.name, sizeof p->t.name, "%s", name);
    }
    for (unsigned i = 0; i < p->n_seen; i++) {
        if (strcmp(p->seen[i], key) == 0) {
            sim_tariff_complain(p, "stands here twice");
            return 1;
        }
    }
    if (p->n_seen < 64)
        text_format(p->seen[p->n_seen++], sizeof p->seen[0], "%s", key);
    char *copy = strdup(value);
    if (copy == NULL)
        return 0;
    sim_tariff_read_key(p, key, copy);
    free(copy);
    return 1;
}

static char *read_line(char *out, int size, void *stream)
{
    struct sim_tariff_source *s = stream;
    char *line = fgets(out, size, s->file);
    if (line == NULL)
        return NULL;
    if (!s->in_middle)
        s->line++;
    size_t n = strlen(line);
    s->in_middle = n == 0 || line[n - 1] != '\n';
    return line;
}

/* What needs the whole section: numbers into rates, tables that must exist. */
static void finish(struct sim_tariff_parse *p)
{
    struct sim_tariff *t = &p->t;
    bool given[SIM_TABLES] = {false};
    for (unsigned set = 0; set < 2; set++) {
        for (unsigned i = 0; i < SIM_TABLES; i++) {
            struct sim_day *d = &t->table[set][i];
            given[i] = given[i] || d->n > 0;
            for (unsigned k = 0; k < d->n; k++)
                if (d->period[k].rate > SIM_RATE_NUMBERED)
                    d->period[k].rate = p->rate_of_number[d->period[k].rate - SIM_RATE_NUMBERED - 1];
        }
    }
    p->key = "day 1";
    if (t->table[0][0].n == 0)
        sim_tariff_complain(p, "day table 1 is missing");
    for (unsigned set = 0; set < 2; set++) {
        p->key = set == 0 ? "zones" : "zones.2";
        for (unsigned i = 0; i < t->zones[set].n; i++)
            if (!given[t->zones[set].zone[i].table - 1])
                sim_tariff_complain(p, "day table %d is not given", t->zones[set].zone[i].table);
    }
    p->key = "holidays";
    for (unsigned i = 0; i < t->n_holidays; i++)
        if (!given[t->holiday[i].table - 1])
            sim_tariff_complain(p, "day table %d is not given", t->holiday[i].table);
    p->key = "rest_days";
    if ((t->rest_mask != 0) != (t->rest_table != 0))
        sim_tariff_complain(p, "rest_days and rest_table belong together");
    else if (t->rest_table != 0 && !given[t->rest_table - 1])
        sim_tariff_complain(p, "day table %d is not given", t->rest_table);
}

int sim_tariff_read(const char *path, struct sim_tariff *out)
{
    struct sim_tariff_parse *p = calloc(1, sizeof *p);
    int rc = p == NULL ? RC_NOMEM : RC_PARSE;
    if (p == NULL)
        goto done;
    *p = (struct sim_tariff_parse){.path = path, .key = "", .rate_of_number = {0, 1, 2, 3}};
    sim_tariff_default(&p->t);
    memset(p->t.table, 0, sizeof p->t.table);
    p->t.name[0] = '\0';
    p->t.utc_offset_s = INT32_MIN;

    struct stat st;
    p->source.file = fopen(path, "re");
    if (p->source.file == NULL || fstat(fileno(p->source.file), &st) != 0 || !S_ISREG(st.st_mode)) {
        log_error("%s: tariff: %s", path, p->source.file == NULL ? "cannot be opened" : "is not a file");
        goto done;
    }
    ini_use_stack = 0;
    ini_allow_realloc = 1;
    ini_max_line = 8192;
    ini_allow_multiline = 0;
    int bad_line = ini_parse_stream(read_line, &p->source, on_key, p);
    if (bad_line != 0) {
        log_error("%s:%d: tariff: this line is neither a section nor a key", path, bad_line);
        p->errors++;
    }
    if (p->sections == 0) {
        log_error("%s: tariff: no [tariff NAME] section", path);
        goto done;
    }
    p->key = "utc_offset";
    if (p->t.utc_offset_s == INT32_MIN)
        sim_tariff_complain(p, "is required");
    finish(p);
    if (p->errors > 0)
        goto done;
    *out = p->t;
    rc = RC_OK;
done:
    if (p != NULL && p->source.file != NULL)
        fclose(p->source.file);
    free(p);
    return rc;
}
