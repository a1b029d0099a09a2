/* fake_model.h - meter models built in memory, so that tests of planning and decoding need no model files.
 *
 * Threads: each call makes a model of its own; regmap_free() it.
 */
#ifndef METERFLEET_TESTS_FAKE_MODEL_H
#define METERFLEET_TESTS_FAKE_MODEL_H

#include "core/regmap.h"

/* The KPM31's map: live 0x30..0x3C, demand 0x70, energy 0x80..0x9A (a snapshot), ten families from 0x9C,
 * identity 0x01 0x02, denied 0x00 and 0x0C, relay coil 1. */
struct regmap *fake_kpm31(void);
/* An empty model with room for registers; fake_reg() appends one (call in ascending order). */
struct regmap *fake_empty(size_t room);
void fake_reg(struct regmap *m, uint16_t address, enum reg_type type, uint8_t len_regs, enum reg_class klass,
              enum quantity_id quantity, int8_t scale);
void fake_snapshot(struct regmap *m, uint16_t address, uint16_t len_regs);
/* The two registers of a float, most significant word first. */
void fake_float(uint16_t regs[2], float f);

#endif
