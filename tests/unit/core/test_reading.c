/* test_reading.c - readings keep their values in order, each once; and register maps are looked up. */
#include <stdlib.h>
#include <string.h>
#include "core/rc.h"
#include "core/reading.h"
#include "core/regmap.h"
#include "unit_main.h"

#define ROWS(table) ((int)(sizeof(table) / sizeof(table)[0]))

START_TEST(values_are_kept_in_order)
{
    struct reading *r = reading_new(4);
    ck_assert_ptr_nonnull(r);
    ck_assert_int_eq(reading_add(r, Q_FREQUENCY, 500000), RC_OK);
    ck_assert_int_eq(reading_add(r, Q_VOLTAGE, 229800), RC_OK);
    ck_assert_int_eq(reading_add(r, Q_RELAY_DO1, 1), RC_OK);
    ck_assert_int_eq(reading_add(r, Q_CURRENT, -1), RC_OK);
    ck_assert_uint_eq(r->count, 4);
    for (size_t i = 1; i < r->count; i++)
        ck_assert_uint_lt(r->values[i - 1].quantity, r->values[i].quantity);
    ck_assert_int_eq(*reading_get(r, Q_VOLTAGE), 229800);
    ck_assert_int_eq(*reading_get(r, Q_CURRENT), -1);
    ck_assert_int_eq(*reading_get(r, Q_FREQUENCY), 500000);
    ck_assert_int_eq(*reading_get(r, Q_RELAY_DO1), 1);
    ck_assert_ptr_null(reading_get(r, Q_ACTIVE_POWER));
    ck_assert_ptr_null(reading_get(r, -1));
    ck_assert_ptr_null(reading_get(r, Q_COUNT));
    reading_free(r);
}
END_TEST

START_TEST(a_quantity_is_there_once)
{
    struct reading *r = reading_new(2);
    ck_assert_int_eq(reading_add(r, Q_VOLTAGE, 1), RC_OK);
    ck_assert_int_eq(reading_add(r, Q_VOLTAGE, 2), RC_RANGE);
    ck_assert_int_eq(reading_add(r, Q_CURRENT, 3), RC_OK);
    ck_assert_int_eq(reading_add(r, Q_CURRENT, 4), RC_RANGE); /* twice is worse than full */
    ck_assert_int_eq(reading_add(r, Q_FREQUENCY, 5), RC_FULL);
    ck_assert_int_eq(*reading_get(r, Q_VOLTAGE), 1);
    ck_assert_int_eq(*reading_get(r, Q_CURRENT), 3);
    ck_assert_uint_eq(r->count, 2);
    reading_free(r);
}
END_TEST

START_TEST(all_quantities_from_the_last_to_the_first)
{
    struct reading *r = reading_new(Q_COUNT);
    for (int q = Q_COUNT - 1; q >= 0; q--)
        ck_assert_int_eq(reading_add(r, q, q * 10), RC_OK);
    for (int q = 0; q < Q_COUNT; q++)
        ck_assert_int_eq(*reading_get(r, q), q * 10);
    reading_free(r);
}
END_TEST

START_TEST(an_empty_reading)
{
    struct reading *r = reading_new(0);
    ck_assert_ptr_nonnull(r);
    ck_assert_int_eq(reading_add(r, Q_VOLTAGE, 1), RC_FULL);
    ck_assert_ptr_null(reading_get(r, Q_VOLTAGE));
    struct reading *copy = reading_copy(r);
    ck_assert_ptr_nonnull(copy);
    reading_free(copy);
    reading_free(r);
    reading_free(NULL);
    ck_assert_ptr_null(reading_new(65536));
}
END_TEST

START_TEST(a_copy_is_its_own)
{
    struct reading *r = reading_new(10);
    r->meter = 7;
    r->klass = CLASS_IDENTITY;
    r->taken_utc_ms = 123;
    strcpy(r->text, "31A12345");
    ck_assert_int_eq(reading_add(r, Q_COMM_ADDRESS, 5), RC_OK);
    struct reading *copy = reading_copy(r);
    r->values[0].value = 6;
    ck_assert_uint_eq(copy->meter, 7);
    ck_assert_int_eq(copy->klass, CLASS_IDENTITY);
    ck_assert_int_eq(copy->taken_utc_ms, 123);
    ck_assert_str_eq(copy->text, "31A12345");
    ck_assert_int_eq(*reading_get(copy, Q_COMM_ADDRESS), 5);
    ck_assert_int_eq(reading_add(copy, Q_BAUD_CODE, 4), RC_FULL);
    reading_free(r);
    reading_free(copy);
}
END_TEST

START_TEST(qualities_have_names)
{
    ck_assert_str_eq(quality_name(QUALITY_OK), "ok");
    ck_assert_str_eq(quality_name(QUALITY_SUSPECT), "suspect");
    ck_assert_str_eq(quality_name(QUALITY_ESTIMATED), "estimated");
}
END_TEST

START_TEST(register_types_by_name)
{
    static const char *const names[REG_TYPE_COUNT] = {"u16", "s16", "u32",  "s32",
                                                      "f32", "bcd", "text", "clock"};
    for (int t = 0; t < REG_TYPE_COUNT; t++) {
        ck_assert_str_eq(reg_type_name((enum reg_type)t), names[t]);
        ck_assert_int_eq(reg_type_find(names[t]), t);
    }
    ck_assert_int_eq(reg_type_find("f64"), -1);
    ck_assert_int_eq(reg_type_find(""), -1);
}
END_TEST

static struct regmap *small_map(void)
{
    struct regmap *m = calloc(1, sizeof *m);
    m->regs = calloc(2, sizeof m->regs[0]);
    m->n_regs = 2;
    m->regs[0] = (struct reg){.address = 0x30, .len_regs = 2, .type = REG_F32, .quantity = Q_VOLTAGE};
    m->regs[1] = (struct reg){.address = 0x32, .len_regs = 2, .type = REG_F32, .quantity = Q_CURRENT};
    m->denied = calloc(3, sizeof m->denied[0]);
    m->n_denied = 3;
    m->denied[0] = (struct reg_denied){.name = "password", .address = 0, .len_regs = 1};
    m->denied[1] = (struct reg_denied){.name = "clear", .address = 0x0C, .len_regs = 2};
    m->denied[2] = (struct reg_denied){.name = "last", .address = 0xFFFF, .len_regs = 1};
    return m;
}

START_TEST(registers_by_quantity)
{
    struct regmap *m = small_map();
    ck_assert_uint_eq(regmap_find(m, Q_CURRENT)->address, 0x32);
    ck_assert_ptr_null(regmap_find(m, Q_FREQUENCY));
    ck_assert_ptr_null(regmap_find(m, -1));
    regmap_free(m);
    regmap_free(NULL);
}
END_TEST

static const struct {
    const char *sentence;
    uint16_t address, len;
    bool denied;
} denied_rows[] = {
    {"the password itself", 0, 1, true},
    {"a block that begins with it", 0, 3, true},
    {"behind the password", 1, 2, false},
    {"up to the clear command", 1, 11, false},
    {"one more", 1, 12, true},
    {"its second register", 0x0D, 1, true},
    {"behind it", 0x0E, 1, false},
    {"around it", 1, 100, true},
    {"up to the last address", 0xFFFE, 1, false},
    {"with the last address", 0xFFFE, 2, true},
    {"beyond the last address", 0xFFF0, 0xFFFF, true},
};

START_TEST(denied_registers)
{
    struct regmap *m = small_map();
    bool denied = regmap_denied(m, denied_rows[_i].address, denied_rows[_i].len);
    ck_assert_msg(denied == denied_rows[_i].denied, "%s", denied_rows[_i].sentence);
    regmap_free(m);
}
END_TEST

START_TEST(each_value_of_a_reply_is_believed_or_rejected)
{
    struct reading *r = reading_new(3);
    enum reject why;
    ck_assert_int_eq(reading_add(r, Q_VOLTAGE, 1), RC_OK);
    ck_assert_int_eq(reading_reject(r, Q_CURRENT, REJECT_RANGE), RC_OK);
    ck_assert_int_eq(reading_add(r, Q_FREQUENCY, 5), RC_OK);
    ck_assert_int_eq(reading_add(r, Q_ACTIVE_POWER, 5), RC_FULL);
    ck_assert_int_eq(reading_reject(r, Q_ACTIVE_POWER, REJECT_RANGE), RC_FULL);
    reading_retract(r, 0, REJECT_NOT_A_NUMBER); /* in a full reading, too */
    ck_assert_uint_eq(r->count, 1);
    ck_assert_uint_eq(r->rejected, 2);
    ck_assert_int_eq(*reading_get(r, Q_FREQUENCY), 5);
    struct reading *whole = reading_copy_whole(r), *copy = reading_copy(r);
    reading_free(r);
    ck_assert_int_eq(reading_rejected(whole, 0, &why), Q_CURRENT);
    ck_assert_int_eq(why, REJECT_RANGE);
    ck_assert_int_eq(reading_rejected(whole, 1, &why), Q_VOLTAGE);
    ck_assert_int_eq(why, REJECT_NOT_A_NUMBER);
    ck_assert_int_eq(*reading_get(whole, Q_FREQUENCY), 5);
    ck_assert(copy->rejected == 0 && copy->room == 1 && *reading_get(copy, Q_FREQUENCY) == 5);
    ck_assert_str_eq(reject_text(REJECT_RANGE), "out of range");
    reading_free(whole);
    reading_free(copy);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *s = suite_create("reading");
    TCase *c = tcase_create("reading and regmap");
    tcase_add_test(c, values_are_kept_in_order);
    tcase_add_test(c, a_quantity_is_there_once);
    tcase_add_test(c, all_quantities_from_the_last_to_the_first);
    tcase_add_test(c, an_empty_reading);
    tcase_add_test(c, a_copy_is_its_own);
    tcase_add_test(c, each_value_of_a_reply_is_believed_or_rejected);
    tcase_add_test(c, qualities_have_names);
    tcase_add_test(c, register_types_by_name);
    tcase_add_test(c, registers_by_quantity);
    tcase_add_loop_test(c, denied_registers, 0, ROWS(denied_rows));
    suite_add_tcase(s, c);
    return s;
}
