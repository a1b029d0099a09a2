#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "config/model_draft.h"
#include "core/rc.h"

static void release(struct model_draft *d)
{
    free(d->regs);
    free(d->snapshots);
    free(d->denied);
    free(d->map.commission);
    free(d);
}

void model_draft_free(struct model_draft *d)
{
    if (d == NULL)
        return;
    free(d->file);
    release(d);
}

int model_draft_add_reg(struct conf_report *r, struct model_draft *d, const struct model_reg *reg)
{
    struct model_reg *grown = conf_append(r, d->regs, &d->n_regs, sizeof *grown);

    if (grown == NULL)
        return RC_NOMEM;
    d->regs = grown;
    grown[d->n_regs - 1] = *reg;
    return RC_OK;
}

/* A model overrides a register by naming its quantity again. */
static int put_reg(struct conf_report *r, struct model_draft *d, const struct model_reg *reg)
{
    for (size_t i = 0; i < d->n_regs; i++)
        if (d->regs[i].reg.quantity == reg->reg.quantity) {
            d->regs[i] = *reg;
            return RC_OK;
        }
    return model_draft_add_reg(r, d, reg);
}

static int put_snapshot(struct conf_report *r, struct model_draft *d, const struct model_snapshot *s)
{
    for (size_t i = 0; i < d->n_snapshots; i++)
        if (d->snapshots[i].block.address == s->block.address) {
            d->snapshots[i] = *s;
            return RC_OK;
        }
    struct model_snapshot *grown = conf_append(r, d->snapshots, &d->n_snapshots, sizeof *grown);
    if (grown == NULL)
        return RC_NOMEM;
    d->snapshots = grown;
    grown[d->n_snapshots - 1] = *s;
    return RC_OK;
}

/* Never taken back: what one file denies stays denied. */
static int put_denied(struct conf_report *r, struct model_draft *d, const struct model_denied *m)
{
    for (size_t i = 0; i < d->n_denied; i++)
        if (d->denied[i].denied.address == m->denied.address &&
            d->denied[i].denied.len_regs >= m->denied.len_regs)
            return RC_OK;
    struct model_denied *grown = conf_append(r, d->denied, &d->n_denied, sizeof *grown);
    if (grown == NULL)
        return RC_NOMEM;
    d->denied = grown;
    grown[d->n_denied - 1] = *m;
    return RC_OK;
}

static int put_commission(struct conf_report *r, struct regmap *map, const struct reg_commission *c)
{
    for (size_t i = 0; i < map->n_commission; i++)
        if (strcmp(map->commission[i].name, c->name) == 0) {
            map->commission[i] = *c;
            return RC_OK;
        }
    struct reg_commission *grown = conf_append(r, map->commission, &map->n_commission, sizeof *grown);
    if (grown == NULL)
        return RC_NOMEM;
    map->commission = grown;
    grown[map->n_commission - 1] = *c;
    return RC_OK;
}

static void put_plain(struct model_draft *d, const struct model_draft *over)
{
    const struct regmap *o = &over->map;
    struct regmap *m = &d->map;
    unsigned given = over->given;

    if (given & GIVEN_TITLE)
        memcpy(m->title, o->title, sizeof m->title);
    if (given & GIVEN_MAX_REGISTERS)
        m->max_registers = o->max_registers;
    if (given & GIVEN_WORD_ORDER)
        m->word_order = o->word_order;
    if (given & GIVEN_VOLTAGE)
        m->rated_voltage_mv = o->rated_voltage_mv;
    if (given & GIVEN_CURRENT)
        m->rated_current_ma = o->rated_current_ma;
    if (given & GIVEN_PULSES)
        m->pulses_per_kwh = o->pulses_per_kwh;
    if (given & GIVEN_ACCURACY)
        memcpy(m->accuracy_class, o->accuracy_class, sizeof m->accuracy_class);
    if (given & GIVEN_DUAL_SOURCE)
        m->dual_source = o->dual_source;
    if (given & GIVEN_SERIAL) {
        m->baud = o->baud;
        m->parity = o->parity;
        m->stop_bits = o->stop_bits;
    }
    if (given & GIVEN_RELAY) {
        m->has_relay = true;
        m->relay_coil = o->relay_coil;
        memcpy(m->relay_obis, o->relay_obis, sizeof m->relay_obis);
    }
    d->given |= given;
    d->odd_floats = d->odd_floats || over->odd_floats;
}

int model_draft_merge(struct conf_report *r, struct model_draft *d, const struct model_draft *over)
{
    int rc = RC_OK;

    put_plain(d, over);
    d->bad = d->bad || over->bad;
    for (size_t i = 0; i < over->n_regs && rc == RC_OK; i++)
        rc = put_reg(r, d, &over->regs[i]);
    for (size_t i = 0; i < over->n_snapshots && rc == RC_OK; i++)
        rc = put_snapshot(r, d, &over->snapshots[i]);
    for (size_t i = 0; i < over->n_denied && rc == RC_OK; i++)
        rc = put_denied(r, d, &over->denied[i]);
    for (size_t i = 0; i < over->map.n_commission && rc == RC_OK; i++)
        rc = put_commission(r, &d->map, &over->map.commission[i]);
    return rc;
}

struct model_draft *model_draft_copy(struct conf_report *r, const struct model_draft *d)
{
    struct model_draft *copy = malloc(sizeof *copy);

    if (copy == NULL) {
        r->nomem = true;
        return NULL;
    }
    *copy = *d;
    copy->file = NULL; /* the places still point to the original's, which lives as long as the set */
    copy->regs = NULL;
    copy->snapshots = NULL;
    copy->denied = NULL;
    copy->map.commission = NULL;
    copy->n_regs = copy->n_snapshots = copy->n_denied = copy->map.n_commission = 0;
    if (model_draft_merge(r, copy, d) != RC_OK) {
        release(copy);
        return NULL;
    }
    return copy;
}
