#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "config/models.h"
#include "unit_main.h"

/* The shipped models say what the makers' documents say. */

static void say(void *arg, const char *line)
{
    (void)arg;
    printf("# %s\n", line);
}

static struct model_set *shipped(void)
{
    struct model_set *set = NULL;

    setenv("METERFLEET_MODELS", MODELS_DIR, 1);
    ck_assert_int_eq(models_read(NULL, say, NULL, &set), 0);
    return set;
}

static const struct regmap *model(const struct model_set *set, const char *name)
{
    int i = models_find(set, name);

    ck_assert_msg(i >= 0, "no model %s", name);
    ck_assert_ptr_nonnull(models_at(set, (size_t)i));
    return models_at(set, (size_t)i);
}

enum {
    ADDRESS,
    FC,
    NAME,
    QUANTITY,
    RATE,
    PERIOD,
    UNIT,
    TYPE,
    ACCESS,
    WORDS,
    SOURCE,
    OBIS,
    COLUMNS = OBIS + 2
};

static size_t split(char *line, char *cell[COLUMNS])
{
    size_t n = 0;

    line[strcspn(line, "\n")] = '\0';
    for (char *p; n < COLUMNS && (p = strsep(&line, "\t")) != NULL; n++)
        cell[n] = p;
    return n;
}

/* The class is not a column: the map's structure gives it (live block, demand, cumulative, months). */
static enum reg_class class_of(unsigned address)
{
    if (address >= 0x9C)
        return CLASS_SETTLEMENT;
    if (address >= 0x80)
        return CLASS_ENERGY;
    if (address == 0x70)
        return CLASS_DEMAND;
    return address >= 0x30 ? CLASS_LIVE : CLASS_IDENTITY;
}

static const char *dash(const char *text)
{
    return text[0] == '\0' ? "-" : text;
}

static bool is_denied(const struct regmap *m, const char *name, unsigned address)
{
    for (size_t i = 0; i < m->n_denied; i++)
        if (strcmp(m->denied[i].name, name) == 0 && m->denied[i].address == address)
            return true;
    return false;
}

static bool is_commissioned(const struct regmap *m, unsigned address)
{
    for (size_t i = 0; i < m->n_commission; i++)
        if (m->commission[i].address == address)
            return true;
    return false;
}

static void compare_row(const struct regmap *m, char *cell[COLUMNS])
{
    unsigned address = (unsigned)strtoul(cell[ADDRESS], NULL, 16);
    int q = quantity_find(cell[NAME]);

    if (strcmp(cell[TYPE], "bit") == 0) {
        ck_assert(m->has_relay);
        ck_assert_uint_eq(m->relay_coil, address);
        ck_assert_int_eq(q, Q_RELAY_DO1);
        ck_assert_str_eq(dash(m->relay_obis), cell[OBIS]);
        return;
    }
    if (q < 0) { /* the password and the command that clears all energy */
        ck_assert_msg(is_denied(m, cell[NAME], address), "%s is not denied", cell[NAME]);
        return;
    }
    const struct reg *reg = regmap_find(m, q);
    ck_assert_msg(reg != NULL, "%s is missing", cell[NAME]);
    ck_assert_msg(reg->address == address, "%s: 0x%04X", cell[NAME], reg->address);
    ck_assert_str_eq(reg_type_name((enum reg_type)reg->type), cell[TYPE]);
    ck_assert_str_eq(dash(quantity_at((enum quantity_id)q)->unit), cell[UNIT]);
    ck_assert_uint_eq(reg->len_regs, strtoul(cell[WORDS], NULL, 10));
    ck_assert_str_eq(dash(reg->obis), cell[OBIS]);
    ck_assert_int_eq(reg->klass, class_of(address));
    ck_assert_int_eq(reg->scale, 0);
    ck_assert_msg(is_commissioned(m, address) == (strcmp(cell[ACCESS], "RW") == 0), "%s: access", cell[NAME]);
}

START_TEST(kpm31_is_its_register_map)
{
    struct model_set *set = shipped();
    const struct regmap *m = model(set, "kpm31");
    FILE *f = fopen(TEST_DATA "/kpm31-registers.tsv", "r");
    char line[512], *cell[COLUMNS];
    size_t rows = 0;

    ck_assert_ptr_nonnull(f);
    ck_assert_ptr_nonnull(fgets(line, sizeof line, f));
    while (fgets(line, sizeof line, f) != NULL) {
        ck_assert_uint_ge(split(line, cell), OBIS + 1);
        compare_row(m, cell);
        rows++;
    }
    fclose(f);
    ck_assert_uint_eq(rows, 157);
    ck_assert_uint_eq(m->n_regs + m->n_denied + 1, rows); /* and nothing else: one of them is the relay */
    ck_assert_uint_eq(m->n_snapshots, 1);
    ck_assert_uint_eq(m->snapshots[0].address, 0x80);
    ck_assert_uint_eq(m->snapshots[0].len_regs, 28);
    ck_assert_uint_eq(m->max_registers, 125);
    ck_assert_uint_eq(m->rated_voltage_mv, 220000);
    ck_assert_uint_eq(m->rated_current_ma, 60000);
    ck_assert_uint_eq(m->pulses_per_kwh, 1600);
    ck_assert_int_eq(m->parity, 'E');
    ck_assert(!m->dual_source);
    models_free(set);
}
END_TEST

START_TEST(kpm31bk_is_a_kpm31_with_two_sources)
{
    struct model_set *set = shipped();
    const struct regmap *m = model(set, "kpm31bk"), *base = model(set, "kpm31");

    ck_assert_str_eq(m->name, "kpm31bk");
    ck_assert_str_eq(m->title, "Compere KPM31BK");
    ck_assert(m->dual_source);
    ck_assert_uint_eq(m->n_regs, base->n_regs);
    ck_assert_mem_eq(m->regs, base->regs, base->n_regs * sizeof *base->regs);
    ck_assert_uint_eq(m->n_denied, base->n_denied);
    ck_assert_uint_eq(m->n_commission, 2);
    ck_assert(m->has_relay);
    models_free(set);
}
END_TEST

/* Rows of the KPM33B's manual: first register and quantity of each block, and its last. */
static const struct {
    unsigned address;
    const char *name;
    enum reg_type type;
    unsigned len;
    enum reg_class klass;
} kpm33b_rows[] = {
    {0x0001, "comm_address", REG_U16, 1, CLASS_IDENTITY},
    {0x0002, "baud_code", REG_U16, 1, CLASS_IDENTITY},
    {0x0012, "serial_number", REG_TEXT, 7, CLASS_IDENTITY},
    {0x0023, "clock", REG_CLOCK, 3, CLASS_IDENTITY},
    {0x0030, "voltage_l1", REG_F32, 2, CLASS_LIVE},
    {0x0034, "voltage_l3", REG_F32, 2, CLASS_LIVE},
    {0x0036, "current_l1", REG_F32, 2, CLASS_LIVE},
    {0x003C, "voltage_l12", REG_F32, 2, CLASS_LIVE},
    {0x0040, "voltage_l31", REG_F32, 2, CLASS_LIVE},
    {0x0042, "active_power_l1", REG_F32, 2, CLASS_LIVE},
    {0x0048, "active_power", REG_F32, 2, CLASS_LIVE},
    {0x004A, "reactive_power_l1", REG_F32, 2, CLASS_LIVE},
    {0x0050, "reactive_power", REG_F32, 2, CLASS_LIVE},
    {0x0052, "apparent_power_l1", REG_F32, 2, CLASS_LIVE},
    {0x0058, "apparent_power", REG_F32, 2, CLASS_LIVE},
    {0x005A, "power_factor_l1", REG_F32, 2, CLASS_LIVE},
    {0x0060, "power_factor", REG_F32, 2, CLASS_LIVE},
    {0x0062, "frequency", REG_F32, 2, CLASS_LIVE},
    {0x0068, "active_energy_import_l1", REG_F32, 2, CLASS_ENERGY},
    {0x006E, "active_energy_export_l1", REG_F32, 2, CLASS_ENERGY},
    {0x0074, "reactive_energy_import_l1", REG_F32, 2, CLASS_ENERGY},
    {0x007A, "reactive_energy_export_l1", REG_F32, 2, CLASS_ENERGY},
    {0x007E, "reactive_energy_export_l3", REG_F32, 2, CLASS_ENERGY},
    {0x0200, "apparent_demand_l1", REG_F32, 2, CLASS_DEMAND},
    {0x0204, "apparent_demand_l3", REG_F32, 2, CLASS_DEMAND},
};

START_TEST(kpm33b_holds_the_rows_of_its_manual)
{
    struct model_set *set = shipped();
    const struct regmap *m = model(set, "kpm33b"), *single = model(set, "kpm31");
    size_t shared = 0;

    for (size_t i = 0; i < sizeof kpm33b_rows / sizeof kpm33b_rows[0]; i++) {
        const struct reg *reg = regmap_find(m, quantity_find(kpm33b_rows[i].name));
        ck_assert_msg(reg != NULL, "%s is missing", kpm33b_rows[i].name);
        ck_assert_msg(reg->address == kpm33b_rows[i].address, "%s: 0x%04X", kpm33b_rows[i].name,
                      reg->address);
        ck_assert_int_eq(reg->type, kpm33b_rows[i].type);
        ck_assert_uint_eq(reg->len_regs, kpm33b_rows[i].len);
        ck_assert_int_eq(reg->klass, kpm33b_rows[i].klass);
    }
    for (size_t i = 0; i < single->n_regs; i++) { /* 0x0080 to 0x019F exactly as in the KPM31 */
        const struct reg *a = &single->regs[i];
        if (a->address < 0x80)
            continue;
        const struct reg *b = regmap_find(m, a->quantity);
        ck_assert_ptr_nonnull(b);
        ck_assert_mem_eq(a, b, sizeof *a);
        shared++;
    }
    ck_assert_uint_eq(shared, 144);
    ck_assert_uint_eq(m->n_regs, 144 + 4 + 26 + 12 + 3);
    for (size_t i = 0; i < m->n_regs; i++)
        ck_assert(!regmap_denied(m, m->regs[i].address, m->regs[i].len_regs));
    ck_assert(regmap_denied(m, 0x0000, 1));
    ck_assert(regmap_denied(m, 0x000C, 1));
    models_free(set);
}
END_TEST

START_TEST(registers_come_in_the_order_of_their_addresses)
{
    struct model_set *set = shipped();

    ck_assert_uint_ge(models_count(set), 3);
    for (size_t k = 0; k < models_count(set); k++) {
        const struct regmap *m = models_at(set, k);
        ck_assert_ptr_nonnull(m);
        for (size_t i = 1; i < m->n_regs; i++)
            ck_assert_uint_ge(m->regs[i].address, (unsigned)m->regs[i - 1].address + m->regs[i - 1].len_regs);
    }
    models_free(set);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *s = suite_create("models");
    TCase *c = tcase_create("shipped");

    tcase_add_test(c, kpm31_is_its_register_map);
    tcase_add_test(c, kpm31bk_is_a_kpm31_with_two_sources);
    tcase_add_test(c, kpm33b_holds_the_rows_of_its_manual);
    tcase_add_test(c, registers_come_in_the_order_of_their_addresses);
    suite_add_tcase(s, c);
    return s;
}
