#include "fake/fake_model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct regmap *fake_empty(size_t room)
{
    struct regmap *m = calloc(1, sizeof *m);
    m->regs = calloc(room, sizeof *m->regs);
    m->snapshots = calloc(4, sizeof *m->snapshots);
    m->denied = calloc(4, sizeof *m->denied);
    m->max_registers = 125;
    m->word_order = WORD_ABCD;
    return m;
}

void fake_reg(struct regmap *m, uint16_t address, enum reg_type type, uint8_t len_regs, enum reg_class klass,
              enum quantity_id quantity, int8_t scale)
{
    m->regs[m->n_regs++] = (struct reg){.address = address,
                                        .len_regs = len_regs,
                                        .type = (uint8_t)type,
                                        .klass = (uint8_t)klass,
                                        .quantity = (uint16_t)quantity,
                                        .scale = scale};
}

void fake_snapshot(struct regmap *m, uint16_t address, uint16_t len_regs)
{
    m->snapshots[m->n_snapshots++] = (struct reg_block){address, len_regs};
}

static void floats(struct regmap *m, unsigned address, unsigned n, enum reg_class klass, unsigned quantity)
{
    for (unsigned i = 0; i < n; i++)
        fake_reg(m, (uint16_t)(address + 2 * i), REG_F32, 2, klass, (enum quantity_id)(quantity + i), 0);
}

struct regmap *fake_kpm31(void)
{
    struct regmap *m = fake_empty(160);
    snprintf(m->name, sizeof m->name, "kpm31");
    m->denied[m->n_denied++] = (struct reg_denied){"password", 0x0000, 1};
    m->denied[m->n_denied++] = (struct reg_denied){"clear_energy", 0x000C, 1};
    fake_reg(m, 0x0001, REG_U16, 1, CLASS_IDENTITY, Q_COMM_ADDRESS, 0);
    fake_reg(m, 0x0002, REG_U16, 1, CLASS_IDENTITY, Q_BAUD_CODE, 0);
    floats(m, 0x0030, 7, CLASS_LIVE, Q_VOLTAGE);
    floats(m, 0x0070, 1, CLASS_DEMAND, Q_APPARENT_DEMAND);
    floats(m, 0x0080, 14, CLASS_ENERGY, Q_ENERGY_FIRST);
    floats(m, 0x009C, SETTLEMENT_FAMILIES * SETTLEMENT_SLOTS, CLASS_SETTLEMENT, Q_SETTLEMENT_FIRST);
    fake_snapshot(m, 0x0080, 28);
    m->has_relay = true;
    m->relay_coil = 0x0001;
    return m;
}

void fake_float(uint16_t regs[2], float f)
{
    uint32_t bits;
    memcpy(&bits, &f, sizeof bits);
    regs[0] = (uint16_t)(bits >> 16);
    regs[1] = (uint16_t)bits;
}
