#include "config/model_check.h"

#include <stdlib.h>
#include <string.h>
#include "core/rc.h"

struct check {
    struct conf_report *r;
    const struct model_draft *d;
    const struct model_reg **sorted; /* d's registers, ascending by address */
    unsigned errors_before;
};

static uint32_t end_of(const struct reg *reg)
{
    return (uint32_t)reg->address + reg->len_regs;
}

static const char *name_of(const struct reg *reg)
{
    return quantity_at((enum quantity_id)reg->quantity)->name;
}

static int by_address(const void *a, const void *b)
{
    const struct model_reg *x = *(const struct model_reg *const *)a, *y = *(const struct model_reg *const *)b;

    if (x->reg.address != y->reg.address)
        return x->reg.address < y->reg.address ? -1 : 1;
    return x < y ? -1 : x > y; /* the one written later comes later */
}

/* The later one in the draft is the newer text (an overlay's), so it is the one to be complained about. */
static void say_overlap(struct check *c, const struct model_reg *a, const struct model_reg *b)
{
    const struct model_reg *newer = a > b ? a : b, *older = a > b ? b : a;

    conf_error(c->r, newer->from.place, newer->from.path, "%s at 0x%04X overlaps %s at 0x%04X (%s:%u)",
               name_of(&newer->reg), newer->reg.address, name_of(&older->reg), older->reg.address,
               older->from.place.file, older->from.place.line);
}

static void check_overlaps(struct check *c)
{
    const struct model_reg *widest = NULL; /* ends last of those so far */

    for (size_t i = 0; i < c->d->n_regs; i++) {
        const struct model_reg *m = c->sorted[i];
        if (widest != NULL && m->reg.address < end_of(&widest->reg))
            say_overlap(c, widest, m);
        if (widest == NULL || end_of(&m->reg) > end_of(&widest->reg))
            widest = m;
    }
    for (size_t k = 0; k < c->d->n_denied; k++) {
        const struct model_denied *m = &c->d->denied[k];
        for (size_t i = 0; i < c->d->n_regs; i++) {
            const struct reg *reg = &c->d->regs[i].reg;
            if (reg->address < (uint32_t)m->denied.address + m->denied.len_regs &&
                m->denied.address < end_of(reg))
                conf_error(c->r, c->d->regs[i].from.place, c->d->regs[i].from.path,
                           "%s at 0x%04X is denied as %s (%s:%u)", name_of(reg), reg->address, m->denied.name,
                           m->from.place.file, m->from.place.line);
        }
    }
}

/* A snapshot begins where a register begins, ends where one ends, cuts none and touches nothing denied. */
static void check_snapshot(struct check *c, const struct model_snapshot *s)
{
    uint32_t begin = s->block.address, end = begin + s->block.len_regs;
    bool begins = false, ends = false;

    if (s->block.len_regs > c->d->map.max_registers) {
        conf_error(c->r, s->from.place, s->from.path,
                   "%u registers do not come in one reply: max_registers is %u", s->block.len_regs,
                   c->d->map.max_registers);
        return;
    }
    for (size_t i = 0; i < c->d->n_regs; i++) {
        const struct reg *reg = &c->d->regs[i].reg;
        if (end_of(reg) <= begin || reg->address >= end)
            continue;
        if (reg->address < begin || end_of(reg) > end) {
            conf_error(c->r, s->from.place, s->from.path, "cuts %s at 0x%04X in two", name_of(reg),
                       reg->address);
            return;
        }
        begins = begins || reg->address == begin;
        ends = ends || end_of(reg) == end;
    }
    if (!begins || !ends)
        conf_error(c->r, s->from.place, s->from.path, "must begin and end with a register of this model");
    for (size_t k = 0; k < c->d->n_denied; k++) {
        const struct reg_denied *m = &c->d->denied[k].denied;
        if (m->address < end && begin < (uint32_t)m->address + m->len_regs)
            conf_error(c->r, s->from.place, s->from.path, "touches %s at 0x%04X, which is denied", m->name,
                       m->address);
    }
}

static void check_snapshots(struct check *c)
{
    const struct model_draft *d = c->d;

    for (size_t i = 0; i < d->n_snapshots; i++) {
        check_snapshot(c, &d->snapshots[i]);
        for (size_t k = 0; k < i; k++) {
            const struct reg_block *a = &d->snapshots[i].block, *b = &d->snapshots[k].block;
            if (a->address < (uint32_t)b->address + b->len_regs &&
                b->address < (uint32_t)a->address + a->len_regs)
                conf_error(c->r, d->snapshots[i].from.place, d->snapshots[i].from.path,
                           "overlaps the snapshot at 0x%04X (%s:%u)", b->address,
                           d->snapshots[k].from.place.file, d->snapshots[k].from.place.line);
        }
    }
}

static void check_lengths(struct check *c)
{
    if (c->d->n_regs == 0)
        conf_error(c->r, c->d->model_at, "registers", "the model has none");
    for (size_t i = 0; i < c->d->n_regs; i++) {
        const struct model_reg *m = &c->d->regs[i];
        if (m->reg.len_regs > c->d->map.max_registers)
            conf_error(c->r, m->from.place, m->from.path,
                       "%u registers do not come in one reply: max_registers is %u", m->reg.len_regs,
                       c->d->map.max_registers);
    }
}

static int by_block(const void *a, const void *b)
{
    return (int)((const struct reg_block *)a)->address - (int)((const struct reg_block *)b)->address;
}

/* Copies what the draft holds; the arrays of an empty list stay NULL. */
static struct regmap *map_of(const struct check *c)
{
    const struct model_draft *d = c->d;
    struct regmap *m = malloc(sizeof *m);

    if (m == NULL)
        return NULL;
    *m = d->map;
    m->regs = calloc(d->n_regs + 1, sizeof *m->regs);
    m->snapshots = calloc(d->n_snapshots + 1, sizeof *m->snapshots);
    m->denied = calloc(d->n_denied + 1, sizeof *m->denied);
    m->commission = calloc(d->map.n_commission + 1, sizeof *m->commission);
    if (m->regs == NULL || m->snapshots == NULL || m->denied == NULL || m->commission == NULL) {
        regmap_free(m);
        return NULL;
    }
    for (size_t i = 0; i < d->n_regs; i++)
        m->regs[i] = c->sorted[i]->reg;
    for (size_t i = 0; i < d->n_snapshots; i++)
        m->snapshots[i] = d->snapshots[i].block;
    for (size_t i = 0; i < d->n_denied; i++)
        m->denied[i] = d->denied[i].denied;
    if (d->map.n_commission > 0)
        memcpy(m->commission, d->map.commission, d->map.n_commission * sizeof *m->commission);
    m->n_regs = d->n_regs;
    m->n_snapshots = d->n_snapshots;
    m->n_denied = d->n_denied;
    qsort(m->snapshots, m->n_snapshots, sizeof *m->snapshots, by_block);
    return m;
}

int model_check(struct conf_report *r, const struct model_draft *d, struct regmap **out)
{
    struct check c = {r, d, calloc(d->n_regs + 1, sizeof *c.sorted), r->errors};
    struct regmap *m = NULL;
    int rc = RC_NOMEM;

    if (c.sorted == NULL)
        goto done;
    for (size_t i = 0; i < d->n_regs; i++)
        c.sorted[i] = &d->regs[i];
    qsort(c.sorted, d->n_regs, sizeof *c.sorted, by_address);
    check_lengths(&c);
    check_overlaps(&c);
    check_snapshots(&c);
    rc = RC_PARSE;
    if (r->errors != c.errors_before)
        goto done;
    m = map_of(&c);
    rc = m != NULL ? RC_OK : RC_NOMEM;
    if (m != NULL)
        *out = m;
done:
    if (rc == RC_NOMEM)
        r->nomem = true;
    free(c.sorted);
    return rc;
}
