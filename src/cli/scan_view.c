/* scan_view.c - sections of a configuration. */
#include "cli/scan_view.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "cli/scan_progress.h"

#define BY_ID        "/dev/serial/by-id"
#define USUAL_MS     300 /* [bus] timeout */
#define MODEL_IN_BUS 14  /* characters of a model's name that fit behind the bus's in a section's name */

static void link_in(const char *dir, const char *name, const char *wanted, char out[SCAN_PATH])
{
    char path[SCAN_PATH];
    if (!text_format(path, sizeof path, "%s/%s", dir, name))
        return;
    char *real = realpath(path, NULL);
    if (real != NULL && strcmp(real, wanted) == 0)
        memcpy(out, path, sizeof path);
    free(real);
}

void scan_stable_path(const char *path, const char *dir, char out[SCAN_PATH])
{
    char *real = realpath(path, NULL), here[SCAN_PATH];
    DIR *d = real != NULL && strncmp(path, dir, strlen(dir)) != 0 ? opendir(dir) : NULL;
    bool absolute = path[0] == '/' || getcwd(here, sizeof here) == NULL;
    text_format(out, SCAN_PATH, "%s%s%s", absolute ? "" : here, absolute ? "" : "/", path);
    for (struct dirent *e = d != NULL ? readdir(d) : NULL; e != NULL; e = readdir(d))
        if (e->d_name[0] != '.')
            link_in(dir, e->d_name, real, out);
    if (d != NULL)
        closedir(d);
    free(real);
}

const char *scan_coil_word(enum scan_coil c)
{
    static const char *const words[] = {[SCAN_COIL_SILENT] = "silent",
                                        [SCAN_COIL_REFUSED] = "refused",
                                        [SCAN_COIL_OPEN] = "open",
                                        [SCAN_COIL_CLOSED] = "closed"};
    return words[c];
}

const char *scan_parity_word(const struct scan_setting *t)
{
    return t->parity == 'E' ? "even" : t->parity == 'O' ? "odd" : "none";
}

void scan_find_text(const struct scan_find *f, struct text_buf *out)
{
    if (f->kind == SCAN_METER)
        text_buf_add(out, f->model->name);
    for (size_t i = 0; i < f->n_alike; i++)
        text_buf_addf(out, "%s%s%s", i == 0 ? " (or " : ", ", f->alike[i]->name,
                      i + 1 == f->n_alike ? ")" : "");
    if (f->kind == SCAN_UNKNOWN)
        text_buf_addf(out, "answers, but no model fits: %s", f->why[0] != '\0' ? f->why : "none is known");
    if (f->kind == SCAN_CLASH || f->kind == SCAN_DAMAGED)
        text_buf_add(out, f->why);
    if (f->serial[0] != '\0')
        text_buf_addf(out, ", serial %s", f->serial);
    if (f->kind != SCAN_DAMAGED)
        text_buf_addf(out, "; relay coil 0 %s, coil 1 %s", scan_coil_word(f->coil[0]),
                      scan_coil_word(f->coil[1]));
    if (f->kind == SCAN_METER && f->why[0] != '\0')
        text_buf_addf(out, "; %s", f->why);
}

static size_t count_at(const struct scan_result *r, size_t setting, bool meters_only)
{
    size_t n = 0;
    for (size_t i = 0; i < r->n; i++)
        n += r->finds[i].setting == setting &&
             (meters_only ? r->finds[i].kind == SCAN_METER : r->finds[i].kind != SCAN_DAMAGED);
    return n;
}

/* Where most meters are; without any, where most answer. */
static size_t best_setting(const struct scan_args *s, const struct scan_result *r)
{
    size_t best = 0;
    for (int meters_only = 0; meters_only < 2; meters_only++)
        for (size_t i = 0; i < s->order.n_settings; i++)
            if (count_at(r, i, meters_only != 0) > count_at(r, best, meters_only != 0))
                best = i;
    return best;
}

/* A meter that needs longer than usual gets twice the time it took. */
static uint32_t timeout_needed_ms(const struct scan_result *r, size_t setting)
{
    uint32_t longest = 0;
    for (size_t i = 0; i < r->n; i++)
        if (r->finds[i].setting == setting && r->finds[i].answer_ms > longest)
            longest = r->finds[i].answer_ms;
    return longest * 3 / 2 <= USUAL_MS ? 0 : (longest * 2 + 99) / 100 * 100;
}

static void add_comments(const struct scan_args *s, const struct scan_result *r, struct text_buf *out)
{
    text_buf_addf(out, "; meterfleet scan of %s%s\n", s->device,
                  r->stopped ? ", stopped before its end" : "");
    for (size_t i = 0; i < r->n; i++) {
        char setting[SCAN_SETTING_TEXT];
        scan_setting_text(&s->order, r->finds[i].setting, setting);
        text_buf_addf(out, "; %s address %u: ", setting, r->finds[i].address);
        scan_find_text(&r->finds[i], out);
        text_buf_add(out, "\n");
    }
}

static void add_bus(const struct scan_args *s, const struct scan_result *r, size_t setting,
                    struct text_buf *out)
{
    const struct scan_setting *t = &s->order.settings[setting];
    char path[SCAN_PATH];
    uint32_t timeout_ms = timeout_needed_ms(r, setting);
    if (s->order.bus.kind == BUS_SERIAL)
        scan_stable_path(s->device, BY_ID, path);
    text_buf_addf(out, "\n[bus %s]\ndevice = %s\n", s->bus_name,
                  s->order.bus.kind == BUS_SERIAL ? path : s->device);
    if (s->order.bus.kind != BUS_TCP)
        text_buf_addf(out, "baud = %u\nparity = %s\nstop_bits = %u\n", t->baud, scan_parity_word(t),
                      t->stop_bits);
    if (timeout_ms != 0)
        text_buf_addf(out, "timeout = %ums\n", timeout_ms);
}

static struct address_set of_model(const struct scan_result *r, size_t setting, const struct regmap *m)
{
    struct address_set set = {{0}};
    for (size_t i = 0; i < r->n; i++)
        if (r->finds[i].setting == setting && r->finds[i].kind == SCAN_METER && r->finds[i].model == m)
            address_set_add(&set, r->finds[i].address);
    return set;
}

static void add_meters(const struct scan_args *s, const struct scan_result *r, size_t setting,
                       struct text_buf *out)
{
    for (size_t i = 0; i < s->order.n_models; i++) {
        const struct regmap *m = s->order.models[i];
        const struct address_set set = of_model(r, setting, m);
        if (address_set_count(&set) == 0)
            continue;
        if (strlen(m->name) <= MODEL_IN_BUS)
            text_buf_addf(out, "\n[meters %s-%s]\n", s->bus_name, m->name);
        else
            text_buf_addf(out, "\n[meters %s-%zu]\n", s->bus_name, i);
        text_buf_addf(out, "bus = %s\naddresses = ", s->bus_name);
        address_set_text(&set, out);
        text_buf_addf(out, "\nname = %s-{address}\nmodel = %s\n", s->bus_name, m->name);
        text_buf_add(out, "; tariff = NAME: without one they are read and stored, their rates not judged\n");
    }
}

/* A line has one speed: who is at another has to be set to it first. */
static void add_elsewhere(const struct scan_args *s, const struct scan_result *r, size_t best,
                          struct text_buf *out)
{
    for (size_t k = 0; k < s->order.n_settings; k++) {
        struct address_set set = {{0}};
        char setting[SCAN_SETTING_TEXT], own[SCAN_SETTING_TEXT];
        for (size_t i = 0; i < r->n; i++)
            if (r->finds[i].setting == k && r->finds[i].kind == SCAN_METER)
                address_set_add(&set, r->finds[i].address);
        if (k == best || address_set_count(&set) == 0)
            continue;
        scan_setting_text(&s->order, k, setting);
        scan_setting_text(&s->order, best, own);
        text_buf_addf(out, "\n; at %s: ", setting);
        address_set_text(&set, out);
        text_buf_addf(out, ": a line has one speed and format: set them to %s, then scan again\n", own);
    }
}

void scan_view_text(const struct scan_args *s, const struct scan_result *r, struct text_buf *out)
{
    size_t best = best_setting(s, r);
    add_comments(s, r, out);
    add_bus(s, r, best, out);
    add_meters(s, r, best, out);
    add_elsewhere(s, r, best, out);
}
