#include <math.h>
#include <string.h>
#include "core/decode.h"
#include "core/rc.h"
#include "fake/fake_model.h"
#include "unit_main.h"

#define ENERGY SPAN_CLASS(CLASS_ENERGY)
#define LIVE   SPAN_CLASS(CLASS_LIVE)

static struct regmap *map;
static uint16_t regs[288];
static struct decode_state state;
static struct decode_rejects rejects;
static struct reading *reading;

static void setup(void)
{
    map = fake_kpm31();
    memset(regs, 0, sizeof regs);
    memset(&state, 0, sizeof state);
    memset(&rejects, 0, sizeof rejects);
    reading = NULL;
}
static void teardown(void)
{
    regmap_free(map);
    reading_free(reading);
}

static int read_span(unsigned classes, uint16_t address, uint16_t len)
{
    struct span s = {address, len};
    reading_free(reading);
    reading = reading_new(span_values(map, classes));
    int rc = decode_regs(map, classes, &s, regs, reading, &rejects);
    return rc == RC_OK ? decode_finish(&state, reading, &rejects) : rc;
}
static int energy(void)
{
    return read_span(ENERGY, 0x80, 28);
}
static int sweep(void)
{
    return read_span(SPAN_SWEEP, 0x80, 288);
}
static int64_t value(int quantity)
{
    const int64_t *v = reading_get(reading, quantity);
    ck_assert_ptr_nonnull(v);
    return *v;
}

START_TEST(names_and_decimals)
{
    fake_float(&regs[0], 12345.67f);
    fake_float(&regs[2], 12345.67f);
    fake_float(&regs[12], 0.1f);
    ck_assert_int_eq(energy(), RC_OK);
    ck_assert_int_eq(value(Q_ACTIVE_ENERGY_TOTAL), 12345670000);
    ck_assert_int_eq(value(Q_ACTIVE_ENERGY_SHARP), 100000);
    ck_assert_int_eq(value(Q_REACTIVE_ENERGY_VALLEY), 0);
    ck_assert_uint_eq(reading->count, 14);
    ck_assert_int_eq(reading->quality, QUALITY_OK);
}
END_TEST

START_TEST(a_sweep_names_every_slot)
{
    for (unsigned i = 0; i < 144; i++)
        fake_float(&regs[2 * i], (float)(i + 1));
    ck_assert_int_eq(sweep(), RC_OK);
    ck_assert_uint_eq(reading->count, 144);
    ck_assert_int_eq(value(quantity_find("active_energy_sharp_month")),
                     (0xD0 - 0x80) / 2 * 1000000LL + 1000000);
    ck_assert_int_eq(value(quantity_find("reactive_energy_valley_prev12")), 144000000);
}
END_TEST

struct wrong {
    const char *says;
    float value;
    int rc;
    unsigned not_a_number, range;
};
static const struct wrong wrongs[] = {
    {"NaN is no energy", NAN, RC_PARSE, 1, 0},
    {"infinity is no energy", INFINITY, RC_PARSE, 1, 0},
    {"energy is not negative", -0.1f, RC_PARSE, 0, 1},
    {"minus zero is zero", -0.0f, RC_OK, 0, 0},
    {"a subnormal is no energy", 1e-40f, RC_PARSE, 0, 1},
    {"the smallest normal number is (almost) zero", 1.2e-38f, RC_OK, 0, 0},
    {"1e8 is the most", 1e8f, RC_OK, 0, 0},
    {"above 1e8 nothing is believed", 1.0000001e8f, RC_PARSE, 0, 1},
};

START_TEST(one_impossible_energy_drops_the_reply)
{
    const struct wrong *w = &wrongs[_i];
    fake_float(&regs[0], 10.0f);
    fake_float(&regs[4], w->value); /* export: never net */
    ck_assert_msg(energy() == w->rc, "%s", w->says);
    ck_assert_msg(rejects.not_a_number == w->not_a_number && rejects.range == w->range, "%s", w->says);
    enum reject why;
    ck_assert_msg(reading->rejected == (w->rc == RC_OK ? 0 : 1), "%s: %u named", w->says, reading->rejected);
    if (w->rc != RC_OK) {
        ck_assert_int_eq(reading_rejected(reading, 0, &why), Q_ACTIVE_ENERGY_EXPORT);
        ck_assert_msg(why == (w->not_a_number > 0 ? REJECT_NOT_A_NUMBER : REJECT_RANGE), "%s: why", w->says);
    }
}
END_TEST

START_TEST(of_live_values_only_the_impossible_is_missing)
{
    fake_float(&regs[0], 229.8f);
    fake_float(&regs[2], -1.0f);  /* a current is not negative */
    fake_float(&regs[4], -12.5f); /* power may be */
    fake_float(&regs[10], NAN);
    ck_assert_int_eq(read_span(LIVE, 0x30, 14), RC_OK);
    ck_assert_int_eq(value(Q_VOLTAGE), 229800);
    ck_assert_int_eq(value(Q_ACTIVE_POWER), -1250);
    ck_assert_ptr_null(reading_get(reading, Q_CURRENT));
    ck_assert_ptr_null(reading_get(reading, Q_POWER_FACTOR));
    enum reject why;
    ck_assert_uint_eq(reading->rejected, 2);
    ck_assert_int_eq(reading_rejected(reading, 0, &why), Q_CURRENT);
    ck_assert_int_eq(why, REJECT_RANGE);
    ck_assert_int_eq(reading_rejected(reading, 1, &why), Q_POWER_FACTOR);
    ck_assert_int_eq(why, REJECT_NOT_A_NUMBER);
    ck_assert_uint_eq(rejects.not_a_number, 1);
    ck_assert_uint_eq(rejects.range, 1);
}
END_TEST

START_TEST(a_reply_without_one_possible_value_is_no_reading)
{
    for (int i = 0; i < 14; i += 2)
        fake_float(&regs[i], NAN);
    ck_assert_int_eq(read_span(LIVE, 0x30, 14), RC_PARSE);
    ck_assert_uint_eq(rejects.not_a_number, 7);
}
END_TEST

START_TEST(live_values_of_nothing_but_zeros_are_a_phantom)
{
    memset(regs, 0, sizeof regs);
    ck_assert_int_eq(read_span(LIVE, 0x30, 14), RC_PARSE);
    ck_assert_uint_eq(rejects.zero, 1);
    fake_float(&regs[0], 229.8f); /* no load, but mains */
    ck_assert_int_eq(read_span(LIVE, 0x30, 14), RC_OK);
}
END_TEST

START_TEST(zeros_are_not_believed_of_a_meter_that_counted)
{
    fake_float(&regs[0], 5.0f);
    ck_assert_int_eq(energy(), RC_OK);
    memset(regs, 0, sizeof regs);
    for (unsigned i = 1; i <= 5; i++) {
        ck_assert_int_eq(energy(), RC_PARSE);
        ck_assert_uint_eq(rejects.zero, i);
    }
    fake_float(&regs[0], 0.01f); /* it counts up again: it was cleared, and says so */
    ck_assert_int_eq(energy(), RC_OK);
}
END_TEST

START_TEST(zeros_are_not_believed_at_first_sight)
{
    ck_assert_int_eq(energy(), RC_PARSE);
    ck_assert_uint_eq(rejects.zero, 1);
    fake_float(&regs[(0x9E - 0x80)], 3.0f); /* last month it counted: the zeros are a phantom */
    ck_assert_int_eq(sweep(), RC_PARSE);
    memset(regs, 0, sizeof regs);
    ck_assert_int_eq(sweep(), RC_PARSE);
    ck_assert_int_eq(energy(), RC_PARSE);
}
END_TEST

START_TEST(a_new_meter_is_zero_in_its_whole_sweep)
{
    ck_assert_int_eq(energy(), RC_PARSE);
    ck_assert_int_eq(sweep(), RC_OK);
    ck_assert_int_eq(reading->quality, QUALITY_SUSPECT);
    ck_assert_int_eq(energy(), RC_OK);
    ck_assert_int_eq(reading->quality, QUALITY_SUSPECT);
    fake_float(&regs[0], 0.001f);
    ck_assert_int_eq(energy(), RC_OK);
    ck_assert_int_eq(reading->quality, QUALITY_OK);
}
END_TEST

START_TEST(families_that_vanish_together_are_a_phantom_until_they_insist)
{
    for (unsigned i = 0; i < 144; i++)
        fake_float(&regs[2 * i], 7.0f);
    ck_assert_int_eq(sweep(), RC_OK);
    memset(&regs[0x16C - 0x80], 0, 2 * 26); /* one family may expire */
    ck_assert_int_eq(sweep(), RC_OK);
    memset(&regs[0xEA - 0x80], 0, 2 * 104);
    for (unsigned i = 1; i <= 3; i++) {
        ck_assert_int_eq(sweep(), RC_PARSE);
        ck_assert_uint_eq(rejects.zero, i);
    }
    ck_assert_int_eq(sweep(), RC_OK);
}
END_TEST

START_TEST(net_registers_may_be_negative_when_the_reply_shows_it)
{
    fake_float(&regs[0], -7.5f);
    fake_float(&regs[2], 2.5f);
    fake_float(&regs[4], 10.0f);
    fake_float(&regs[12], -7.5f);
    ck_assert_int_eq(energy(), RC_OK);
    ck_assert_int_eq(value(Q_ACTIVE_ENERGY_TOTAL), -7500000);
    state.net = DECODE_NET_NO;
    ck_assert_int_eq(energy(), RC_PARSE);
    state.net = DECODE_NET_YES;
    fake_float(&regs[0], -6.0f);
    ck_assert_int_eq(energy(), RC_OK);
    state.net = DECODE_NET_AUTO; /* total is not import - export: an error */
    ck_assert_int_eq(energy(), RC_PARSE);
    ck_assert_uint_eq(rejects.range, 2);
}
END_TEST

START_TEST(an_empty_slot_is_left_out_not_the_sweep)
{
    fake_float(&regs[0], 5.0f);
    regs[0x19E - 0x80] = regs[0x19F - 0x80] = 0xFFFF;
    fake_float(&regs[0x9E - 0x80], -3.0f);
    ck_assert_int_eq(sweep(), RC_OK);
    ck_assert_uint_eq(reading->count, 142);
    ck_assert_uint_eq(rejects.not_a_number, 1);
    ck_assert_uint_eq(rejects.range, 1);
}
END_TEST

START_TEST(word_orders)
{
    static const uint16_t words[4][2] = {[WORD_ABCD] = {0x4365, 0xCCCD},
                                         [WORD_CDAB] = {0xCCCD, 0x4365},
                                         [WORD_BADC] = {0x6543, 0xCDCC},
                                         [WORD_DCBA] = {0xCDCC, 0x6543}}; /* 229.8 */
    for (int o = WORD_ABCD; o <= WORD_DCBA; o++) {
        map->word_order = (enum word_order)o;
        memcpy(regs, words[o], sizeof words[o]);
        ck_assert_int_eq(read_span(LIVE, 0x30, 2), RC_OK);
        ck_assert_int_eq(value(Q_VOLTAGE), 229800);
    }
}
END_TEST

START_TEST(integers_bcd_text_and_clock)
{
    struct regmap *m = fake_empty(8);
    fake_reg(m, 0, REG_U16, 1, CLASS_LIVE, Q_VOLTAGE, -1);     /* 2298 * 0.1 V */
    fake_reg(m, 1, REG_S16, 1, CLASS_LIVE, Q_ACTIVE_POWER, 1); /* tens of watts */
    fake_reg(m, 2, REG_U32, 2, CLASS_ENERGY, Q_ACTIVE_ENERGY_TOTAL, -2);
    fake_reg(m, 4, REG_BCD, 2, CLASS_ENERGY, Q_ACTIVE_ENERGY_IMPORT, -2);
    fake_reg(m, 6, REG_TEXT, 7, CLASS_IDENTITY, Q_SERIAL_NUMBER, 0);
    fake_reg(m, 13, REG_CLOCK, 3, CLASS_IDENTITY, Q_CLOCK, 0);
    fake_reg(m, 16, REG_S32, 2, CLASS_LIVE, Q_REACTIVE_POWER, -2);
    const uint16_t image[] = {2298,   0xFFFE, 0x0001, 0x86A0, 0x0012, 0x3456, 0x3333, 0x4231, 0x3232,
                              0x3539, 0x3530, 0x3032, 0x3700, 0x1A0C, 0x1F17, 0x3B3A, 0xFFFF, 0xFFFF};
    struct span s = {0, 18};
    struct reading *r = reading_new(8);
    ck_assert_int_eq(decode_regs(m, ~0u, &s, image, r, &rejects), RC_OK);
    ck_assert_int_eq(*reading_get(r, Q_VOLTAGE), 229800);
    ck_assert_int_eq(*reading_get(r, Q_ACTIVE_POWER), -2000);
    ck_assert_int_eq(*reading_get(r, Q_ACTIVE_ENERGY_TOTAL), 1000000000);
    ck_assert_int_eq(*reading_get(r, Q_ACTIVE_ENERGY_IMPORT), 1234560000);
    ck_assert_int_eq(*reading_get(r, Q_REACTIVE_POWER), -1);
    ck_assert_int_eq(*reading_get(r, Q_CLOCK), 1798761598); /* 2026-12-31 23:59:58 */
    ck_assert_str_eq(r->text, "33B1225950027");
    reading_free(r);
    regmap_free(m);
}
END_TEST

START_TEST(bad_bcd_and_bad_dates_are_no_values)
{
    struct regmap *m = fake_empty(4);
    fake_reg(m, 0, REG_BCD, 1, CLASS_LIVE, Q_VOLTAGE, 0);
    fake_reg(m, 1, REG_CLOCK, 3, CLASS_LIVE, Q_CLOCK, 0);
    fake_reg(m, 4, REG_TEXT, 2, CLASS_LIVE, Q_SERIAL_NUMBER, 0);
    const uint16_t image[] = {0x12A4, 0x1A02, 0x1D00,
                              0x0000, 0x1B5B, 0x2020}; /* 29 February 2026, an escape code */
    struct span s = {0, 6};
    struct reading *r = reading_new(4);
    ck_assert_int_eq(decode_regs(m, LIVE, &s, image, r, &rejects), RC_OK);
    ck_assert_uint_eq(r->count, 0);
    ck_assert_uint_eq(rejects.not_a_number, 1);
    ck_assert_uint_eq(rejects.range, 1);
    ck_assert_str_eq(r->text, "?[");
    reading_free(r);
    regmap_free(m);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *s = suite_create("decode");
    TCase *t = tcase_create("decode");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, names_and_decimals);
    tcase_add_test(t, a_sweep_names_every_slot);
    tcase_add_loop_test(t, one_impossible_energy_drops_the_reply, 0, sizeof wrongs / sizeof wrongs[0]);
    tcase_add_test(t, of_live_values_only_the_impossible_is_missing);
    tcase_add_test(t, a_reply_without_one_possible_value_is_no_reading);
    tcase_add_test(t, live_values_of_nothing_but_zeros_are_a_phantom);
    tcase_add_test(t, zeros_are_not_believed_of_a_meter_that_counted);
    tcase_add_test(t, zeros_are_not_believed_at_first_sight);
    tcase_add_test(t, a_new_meter_is_zero_in_its_whole_sweep);
    tcase_add_test(t, families_that_vanish_together_are_a_phantom_until_they_insist);
    tcase_add_test(t, net_registers_may_be_negative_when_the_reply_shows_it);
    tcase_add_test(t, an_empty_slot_is_left_out_not_the_sweep);
    tcase_add_test(t, word_orders);
    tcase_add_test(t, integers_bcd_text_and_clock);
    tcase_add_test(t, bad_bcd_and_bad_dates_are_no_values);
    suite_add_tcase(s, t);
    return s;
}
