#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "config/build.h"
#include "core/address_set.h"

/* The meters of one section stand side by side: [from, to) of b->s->meters. */
struct run {
    const struct build_section *section;
    size_t from, to;
};

static struct conf_place place_of(const struct run *r, unsigned key)
{
    const struct ini_entry *at = r->section->v[key].at;

    return at != NULL ? at->at : r->section->ini->at;
}

/* One line for all names that two sections have in common: a range may have hundreds. */
static void check_names(struct build *b, const struct run *first, const struct run *second)
{
    bool range = second->section->type == SECTION_METERS;
    const struct ini_section *before = first->section->ini, *here = second->section->ini;
    const char *name = NULL;
    char where[INI_WHERE_SIZE], more[40] = "";
    unsigned n = 0;

    for (size_t i = second->from; i < second->to; i++)
        for (size_t k = first->from; k < first->to; k++) {
            const char *word = b->s->meters[i].name;
            if (word[0] == '\0' || strcmp(word, b->s->meters[k].name) != 0)
                continue;
            name = name == NULL ? word : name;
            n++;
        }
    if (n == 0)
        return;
    if (n > 1)
        snprintf(more, sizeof more, "; so it is with %u more names", n - 1);
    conf_error(b->r, range ? place_of(second, METERS_NAME) : here->at,
               ini_where(where, here, range ? "name" : NULL),
               "there is a meter %s already, by [%s] (%s:%u)%s", name, before->title, before->at.file,
               before->at.line, more);
}

static void say_places(struct build *b, const struct run *first, const struct run *second,
                       const struct address_set *both, const struct settings_meter *taken)
{
    bool range = second->section->type == SECTION_METERS;
    const struct ini_section *before = first->section->ini, *here = second->section->ini;
    const char *bus = b->s->buses[b->s->meters[second->from].bus].name;
    struct conf_place at = place_of(second, range ? METERS_ADDRESSES : METER_ADDRESS);
    struct text_buf list = {.data = NULL};
    char where[INI_WHERE_SIZE];

    ini_where(where, here, range ? "addresses" : "address");
    address_set_text(both, &list);
    if (list.failed)
        b->r->nomem = true;
    else if (address_set_count(both) == 1)
        conf_error(b->r, at, where, "address %s on bus %s is that of meter %s already, by [%s] (%s:%u)",
                   list.data, bus, taken->name, before->title, before->at.file, before->at.line);
    else
        conf_error(b->r, at, where, "addresses %s on bus %s are taken already, by [%s] (%s:%u)", list.data,
                   bus, before->title, before->at.file, before->at.line);
    text_buf_done(&list);
}

static void check_places(struct build *b, const struct run *first, const struct run *second)
{
    const struct settings_meter *m = b->s->meters, *taken = NULL;
    struct address_set there = {{0}}, both = {{0}};

    if (m[second->from].bus == UINT16_MAX || m[second->from].bus != m[first->from].bus)
        return;
    for (size_t k = first->from; k < first->to; k++)
        address_set_add(&there, m[k].address);
    for (size_t i = second->from; i < second->to; i++)
        if (address_set_has(&there, m[i].address))
            address_set_add(&both, m[i].address);
    for (size_t k = first->from; k < first->to && taken == NULL; k++)
        if (address_set_has(&both, m[k].address))
            taken = &m[k];
    if (taken != NULL)
        say_places(b, first, second, &both, taken);
}

static void check_serials(struct build *b, const struct run *first, const struct run *second)
{
    const struct settings_meter *m = &b->s->meters[second->from], *other = &b->s->meters[first->from];
    char where[INI_WHERE_SIZE];

    /* Only a meter of its own section has a serial number. */
    if (m->serial == NULL || m->serial[0] == '\0' || other->serial == NULL ||
        strcmp(m->serial, other->serial) != 0)
        return;
    conf_warn(b->r, place_of(second, METER_SERIAL), ini_where(where, second->section->ini, "serial"),
              "%s stands on meter %s too", m->serial, other->name);
}

void build_clashes(struct build *b)
{
    size_t n = b->s->n_meters, n_runs = 0;
    struct run *runs = calloc(n + 1, sizeof *runs);

    if (runs == NULL) {
        b->r->nomem = true;
        return;
    }
    for (size_t i = 0; i < n; i++) {
        if (i == 0 || b->meter_section[i] != b->meter_section[i - 1])
            runs[n_runs++] = (struct run){b->meter_section[i], i, i};
        runs[n_runs - 1].to = i + 1;
    }
    for (size_t i = 0; i < n_runs; i++)
        for (size_t k = 0; k < i; k++) {
            check_names(b, &runs[k], &runs[i]);
            check_places(b, &runs[k], &runs[i]);
            check_serials(b, &runs[k], &runs[i]);
        }
    free(runs);
}
