/* test_quantity.c - the catalogue, against the KPM31's register table row by row. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "core/quantity.h"
#include "unit_main.h"

#define ROWS(table) ((int)(sizeof(table) / sizeof(table)[0]))

START_TEST(every_row_is_filled_and_found)
{
    for (int q = 0; q < Q_COUNT; q++) {
        const struct quantity *row = quantity_at((enum quantity_id)q);
        ck_assert_msg(row->name[0] != '\0', "quantity %d has no name", q);
        ck_assert_msg(row->unit != NULL, "%s has no unit", row->name);
        ck_assert_msg(quantity_find(row->name) == q, "%s is there twice", row->name);
        for (const char *c = row->name; *c != '\0'; c++)
            ck_assert_msg(strchr("abcdefghijklmnopqrstuvwxyz0123456789_", *c) != NULL, "%s", row->name);
    }
    ck_assert_int_eq(quantity_find("voltage_l4"), -1);
    ck_assert_int_eq(quantity_find("Voltage"), -1);
    ck_assert_int_eq(quantity_find(""), -1);
}
END_TEST

static int decimals_of(const char *unit)
{
    static const struct {
        const char *unit;
        int decimals;
    } rows[] = {{"kWh", 6}, {"kvarh", 6}, {"V", 3},  {"A", 3}, {"W", 2},
                {"var", 2}, {"VA", 2},    {"Hz", 4}, {"1", 4}, {"", 0}};
    for (int i = 0; i < ROWS(rows); i++)
        if (strcmp(rows[i].unit, unit) == 0)
            return rows[i].decimals;
    return -1;
}

START_TEST(decimals_follow_the_unit)
{
    for (int q = 0; q < Q_COUNT; q++) {
        const struct quantity *row = quantity_at((enum quantity_id)q);
        ck_assert_msg((int)row->decimals == decimals_of(row->unit), "%s: %u decimals", row->name,
                      row->decimals);
    }
}
END_TEST

static void check_settlement_row(const char *name, const char *rate, const char *slot, const char *unit)
{
    int q = quantity_find(name);
    ck_assert_msg(quantity_is_settlement(q), "%s is in no settlement family", name);
    unsigned family = quantity_family(q);
    ck_assert_msg(quantity_slot(q) == (unsigned)atoi(slot), "%s: slot %u", name, quantity_slot(q));
    ck_assert_msg(strcmp(rate_name(quantity_family_rate(family)), rate) == 0, "%s: rate", name);
    ck_assert_msg(quantity_family_is_reactive(family) == (strcmp(unit, "kvarh") == 0), "%s: energy", name);
    ck_assert_int_eq(quantity_settlement(family, quantity_slot(q)), q);
}

/* Rows whose registers hold no quantity: secrets and commands. */
static bool is_denied(const char *name)
{
    return strcmp(name, "password") == 0 || strcmp(name, "clear_energy") == 0;
}

START_TEST(the_register_table_agrees)
{
    FILE *f = fopen(TEST_DATA "/kpm31-registers.tsv", "r");
    ck_assert_ptr_nonnull(f);
    char line[1024];
    ck_assert_ptr_nonnull(fgets(line, sizeof line, f)); /* the header */
    int rows = 0, settlements = 0, next_energy = Q_ENERGY_FIRST, next_settlement = Q_SETTLEMENT_FIRST;
    while (fgets(line, sizeof line, f) != NULL) {
        char *cell[8], *rest = line;
        for (size_t i = 0; i < 8; i++) {
            cell[i] = strsep(&rest, "\t");
            ck_assert_ptr_nonnull(cell[i]);
        }
        const char *name = cell[2], *rate = cell[4], *slot = cell[5],
                   *unit = strcmp(cell[6], "-") == 0 ? "" : cell[6];
        rows++;
        int q = quantity_find(name);
        if (is_denied(name)) {
            ck_assert_int_eq(q, -1);
            continue;
        }
        ck_assert_msg(q >= 0, "%s is not in the catalogue", name);
        ck_assert_msg(strcmp(quantity_at((enum quantity_id)q)->unit, unit) == 0, "%s: unit", name);
        bool energy = strstr(name, "_energy_") != NULL;
        ck_assert_msg((quantity_is_energy(q) || quantity_is_settlement(q)) == energy, "%s: kind", name);
        if (energy && strcmp(slot, "cum") == 0) {
            ck_assert_msg(q == next_energy++, "%s: out of the block's order", name);
        } else if (energy) {
            check_settlement_row(name, rate, slot, unit);
            ck_assert_msg(q == next_settlement++, "%s: out of the block's order", name);
            settlements++;
        }
    }
    (void)fclose(f);
    ck_assert_int_eq(rows, 157);
    ck_assert_int_eq(settlements, SETTLEMENT_FAMILIES * SETTLEMENT_SLOTS);
    ck_assert_int_eq(next_settlement, Q_SETTLEMENT_END);
    ck_assert_int_eq(next_energy, Q_ENERGY_FIRST + 14);
}
END_TEST

static const struct {
    const char *name, *unit;
    enum reg_class klass;
} sibling_rows[] = {
    {"voltage_l1", "V", CLASS_LIVE},
    {"voltage_l12", "V", CLASS_LIVE},
    {"voltage_l31", "V", CLASS_LIVE},
    {"current_l3", "A", CLASS_LIVE},
    {"active_power_l2", "W", CLASS_LIVE},
    {"reactive_power_l1", "var", CLASS_LIVE},
    {"apparent_power_l3", "VA", CLASS_LIVE},
    {"power_factor_l1", "1", CLASS_LIVE},
    {"apparent_demand_l2", "VA", CLASS_DEMAND},
    {"active_energy_import_l1", "kWh", CLASS_ENERGY},
    {"active_energy_export_l3", "kWh", CLASS_ENERGY},
    {"reactive_energy_import_l2", "kvarh", CLASS_ENERGY},
    {"reactive_energy_export_l3", "kvarh", CLASS_ENERGY},
    {"active_energy_valley_prev12", "kWh", CLASS_SETTLEMENT},
    {"serial_number", "", CLASS_IDENTITY},
    {"clock", "", CLASS_IDENTITY},
    {"relay_do1", "", CLASS_RELAY},
};

START_TEST(the_three_phase_sibling)
{
    int q = quantity_find(sibling_rows[_i].name);
    ck_assert_msg(q >= 0, "%s is not in the catalogue", sibling_rows[_i].name);
    ck_assert_str_eq(quantity_at((enum quantity_id)q)->unit, sibling_rows[_i].unit);
    ck_assert_int_eq(quantity_at((enum quantity_id)q)->klass, sibling_rows[_i].klass);
}
END_TEST

START_TEST(signs)
{
    for (int q = 0; q < Q_COUNT; q++) {
        const struct quantity *row = quantity_at((enum quantity_id)q);
        bool power = strncmp(row->name, "active_power", 12) == 0 ||
                     strncmp(row->name, "reactive_power", 14) == 0 ||
                     strncmp(row->name, "power_factor", 12) == 0;
        bool one_way = strstr(row->name, "_import") != NULL || strstr(row->name, "_export") != NULL;
        bool energy = strstr(row->name, "_energy_") != NULL;
        ck_assert_msg(row->may_be_negative == power, "%s: negative", row->name);
        ck_assert_msg(row->may_be_net == (energy && !one_way), "%s: net", row->name);
    }
}
END_TEST

START_TEST(classes_and_rates_by_name)
{
    for (int c = 0; c < CLASS_COUNT; c++)
        ck_assert_int_eq(reg_class_find(reg_class_name((enum reg_class)c)), c);
    ck_assert_int_eq(reg_class_find("lives"), -1);
    for (int r = 0; r < RATE_COUNT; r++)
        ck_assert_int_eq(rate_find(rate_name((enum rate)r)), r);
    ck_assert_str_eq(rate_name(RATE_COMBINED), "combined");
    ck_assert_int_eq(rate_find("combined"), -1); /* no rate of a tariff */
    ck_assert_int_eq(rate_find("Sharp"), -1);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *s = suite_create("quantity");
    TCase *c = tcase_create("quantity");
    tcase_add_test(c, every_row_is_filled_and_found);
    tcase_add_test(c, decimals_follow_the_unit);
    tcase_add_test(c, the_register_table_agrees);
    tcase_add_loop_test(c, the_three_phase_sibling, 0, ROWS(sibling_rows));
    tcase_add_test(c, signs);
    tcase_add_test(c, classes_and_rates_by_name);
    suite_add_tcase(s, c);
    return s;
}
