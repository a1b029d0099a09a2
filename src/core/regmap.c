/* regmap.c - look-ups in a meter model. */
#include "core/regmap.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static const char *const type_names[REG_TYPE_COUNT] = {
    [REG_U16] = "u16", [REG_S16] = "s16", [REG_U32] = "u32",   [REG_S32] = "s32",
    [REG_F32] = "f32", [REG_BCD] = "bcd", [REG_TEXT] = "text", [REG_CLOCK] = "clock",
};

const char *reg_type_name(enum reg_type t)
{
    assert((unsigned)t < REG_TYPE_COUNT);
    return type_names[t];
}

int reg_type_find(const char *name)
{
    for (int t = 0; t < REG_TYPE_COUNT; t++)
        if (strcmp(name, type_names[t]) == 0)
            return t;
    return -1;
}

void regmap_free(struct regmap *m)
{
    if (m == NULL)
        return;
    free(m->regs);
    free(m->snapshots);
    free(m->denied);
    free(m->commission);
    free(m);
}

const struct reg *regmap_find(const struct regmap *m, int quantity)
{
    for (size_t i = 0; i < m->n_regs; i++)
        if (m->regs[i].quantity == quantity)
            return &m->regs[i];
    return NULL;
}

bool regmap_denied(const struct regmap *m, uint16_t address, uint16_t len_regs)
{
    uint32_t end = (uint32_t)address + len_regs;
    for (size_t i = 0; i < m->n_denied; i++) {
        const struct reg_denied *d = &m->denied[i];
        if (address < (uint32_t)d->address + d->len_regs && d->address < end)
            return true;
    }
    return false;
}
