/* regmap.h - a meter model in memory: which register holds which quantity, and what may never be touched.
 *
 * Made by config/models.c from etc/models/NAME.cfg; registers and commands belong to a model file, never to code.
 *
 * Units:   addresses and lengths count 16-bit registers. Addresses are protocol addresses (first = 0).
 * Threads: constant once loaded, shared by all.
 * Source:  MODBUS Application Protocol V1.1b3, 6.3 (1 to 125 registers a request).
 */
#ifndef METERFLEET_CORE_REGMAP_H
#define METERFLEET_CORE_REGMAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "core/quantity.h"

enum reg_type { REG_U16, REG_S16, REG_U32, REG_S32, REG_F32, REG_BCD, REG_TEXT, REG_CLOCK, REG_TYPE_COUNT };
const char *reg_type_name(enum reg_type t); /* "u16" … */
int reg_type_find(const char *name);        /* or -1 */

enum word_order { WORD_ABCD, WORD_CDAB, WORD_BADC, WORD_DCBA };

struct reg {
    uint16_t address;
    uint8_t len_regs;     /* u16 s16: 1; u32 s32 f32: 2; bcd text clock: as the model says */
    uint8_t type;         /* enum reg_type */
    uint8_t klass;        /* enum reg_class */
    uint16_t quantity;    /* enum quantity_id */
    int8_t scale;         /* integers and bcd: value * 10^scale of the unit; 0 for f32 */
    char obis[20];        /* "1-0:15.8.0*255", "" where there is none */
};

struct reg_block {
    uint16_t address, len_regs;
};

/* A register that is known and never read, written, logged or published (password, clear command). */
struct reg_denied {
    char name[40];
    uint16_t address, len_regs;
};

/* What `meterfleet commission` may write; nothing else does. */
struct reg_commission {
    char name[16]; /* "address" or "baud" */
    uint16_t address, min, max;
    char codes[64]; /* "1=1200 2=2400 …", "" for a plain number */
};

#define REGMAP_NAME 41
struct regmap {
    char name[REGMAP_NAME];
    char title[64];
    uint16_t max_registers;   /* longest FC03 read */
    enum word_order word_order;
    uint32_t rated_voltage_mv, rated_current_ma, pulses_per_kwh;
    char accuracy_class[8];
    uint32_t baud;            /* factory setting, for scan and simulator; 0 unknown */
    char parity;              /* 'E' 'O' 'N' */
    uint8_t stop_bits;
    bool has_relay;
    uint16_t relay_coil;      /* the only address the daemon may ever write (FC05) */
    char relay_obis[20];      /* of relay_do1; "" where there is none */
    bool dual_source;         /* KPM31BK: rate registers may not be compared */
    struct reg *regs;         /* ascending by address, no overlap */
    size_t n_regs;
    struct reg_block *snapshots;
    size_t n_snapshots;
    struct reg_denied *denied;
    size_t n_denied;
    struct reg_commission *commission;
    size_t n_commission;
};

void regmap_free(struct regmap *m); /* NULL is fine; frees the arrays and the map itself */
/* The register of a quantity, or NULL. */
const struct reg *regmap_find(const struct regmap *m, int quantity);
/* True when the block touches a denied register. */
bool regmap_denied(const struct regmap *m, uint16_t address, uint16_t len_regs);

#endif
