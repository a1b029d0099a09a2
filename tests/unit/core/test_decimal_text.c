/* test_decimal_text.c - decimals from and to text, and to the nearest double. */
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "core/decimal.h"
#include "core/rc.h"
#include "unit_main.h"

#define ROWS(table) ((int)(sizeof(table) / sizeof(table)[0]))

static const struct {
    const char *sentence, *text;
    unsigned decimals;
    int rc;
    int64_t value;
} read_rows[] = {
    {"a number with its point", "-12.5", 6, RC_OK, -12500000},
    {"a whole number", "12345", 6, RC_OK, INT64_C(12345000000)},
    {"no decimals wanted", "12.4", 0, RC_OK, 12},
    {"half goes away from zero", "12.5", 0, RC_OK, 13},
    {"also below zero", "-12.5", 0, RC_OK, -13},
    {"only the first digit that is cut decides", "12.4999999", 0, RC_OK, 12},
    {"rounding may carry", "9.9999999", 6, RC_OK, 10000000},
    {"half of the last decimal", "0.0000005", 6, RC_OK, 1},
    {"less than half", "0.00000049", 6, RC_OK, 0},
    {"far below the last decimal", "0.00000009", 6, RC_OK, 0},
    {"nine tenths with no digit kept", "0.9", 0, RC_OK, 1},
    {"zero", "0", 6, RC_OK, 0},
    {"minus zero", "-0.0", 6, RC_OK, 0},
    {"leading zeros", "007.50", 2, RC_OK, 750},
    {"a plus", "+1.5", 1, RC_OK, 15},
    {"no digit before the point", ".5", 1, RC_OK, 5},
    {"no digit behind it", "5.", 1, RC_OK, 50},
    {"an exponent", "1.5e3", 2, RC_OK, 150000},
    {"a small one, as Python writes it", "1e-05", 6, RC_OK, 10},
    {"a capital one with a plus", "2E+2", 0, RC_OK, 200},
    {"zeros that an exponent makes up for", "0.0000000000000000000000000000015e30", 1, RC_OK, 15},
    {"digits that an exponent makes up for", "15000000000000000000000000000000e-31", 1, RC_OK, 15},
    {"zero with any exponent", "0e999999999999999999999", 6, RC_OK, 0},
    {"nothing with any exponent", "1e-999999999999999999999", 6, RC_OK, 0},
    {"too much with any exponent", "1e999999999999999999999", 6, RC_RANGE, 0},
    {"the largest", "9223372036854.775807", 6, RC_OK, INT64_MAX},
    {"one more", "9223372036854.775808", 6, RC_RANGE, 0},
    {"rounded to one more", "9223372036854.7758075", 6, RC_RANGE, 0},
    {"the least", "-9223372036854.775808", 6, RC_OK, INT64_MIN},
    {"one less", "-9223372036854.775809", 6, RC_RANGE, 0},
    {"more than 64 bits", "99999999999999999999", 0, RC_RANGE, 0},
    {"more than 64 bits with the decimals", "99999999999999999", 6, RC_RANGE, 0},
    {"nothing", "", 6, RC_PARSE, 0},
    {"a sign", "-", 6, RC_PARSE, 0},
    {"a point", ".", 6, RC_PARSE, 0},
    {"a signed point", "-.", 6, RC_PARSE, 0},
    {"two points", "1.2.3", 6, RC_PARSE, 0},
    {"a comma", "1,5", 6, RC_PARSE, 0},
    {"two signs", "--1", 6, RC_PARSE, 0},
    {"a blank before", " 1", 6, RC_PARSE, 0},
    {"a blank behind", "1 ", 6, RC_PARSE, 0},
    {"a blank inside", "1 000", 6, RC_PARSE, 0},
    {"not a number", "nan", 6, RC_PARSE, 0},
    {"infinity", "inf", 6, RC_PARSE, 0},
    {"hexadecimal", "0x10", 6, RC_PARSE, 0},
    {"an exponent without digits", "1e", 6, RC_PARSE, 0},
    {"an exponent with a sign alone", "1e-", 6, RC_PARSE, 0},
    {"an exponent with a fraction", "1e1.5", 6, RC_PARSE, 0},
    {"an exponent alone", "e5", 6, RC_PARSE, 0},
    {"a unit", "1kWh", 6, RC_PARSE, 0},
};

START_TEST(reading)
{
    int64_t value = 4711;
    int rc = decimal_from_text(read_rows[_i].text, read_rows[_i].decimals, &value);
    ck_assert_msg(rc == read_rows[_i].rc, "%s: rc %d", read_rows[_i].sentence, rc);
    ck_assert_msg(value == (rc == RC_OK ? read_rows[_i].value : 4711), "%s: %lld", read_rows[_i].sentence,
                  (long long)value);
}
END_TEST

static const struct {
    int64_t value;
    unsigned decimals;
    const char *text;
} write_rows[] = {
    {0, 0, "0"},
    {0, 6, "0"},
    {1, 6, "0.000001"},
    {-1, 6, "-0.000001"},
    {100000, 6, "0.1"},
    {1000000, 6, "1"},
    {-12500000, 6, "-12.5"},
    {INT64_C(12345670000), 6, "12345.67"},
    {1200, 0, "1200"},
    {1200, 1, "120"},
    {1200, 3, "1.2"},
    {1200, 9, "0.0000012"},
    {INT64_MAX, 0, "9223372036854775807"},
    {INT64_MIN, 0, "-9223372036854775808"},
    {INT64_MIN, 9, "-9223372036.854775808"},
    {INT64_MAX, 9, "9223372036.854775807"},
};

START_TEST(writing)
{
    char text[DECIMAL_SIZE];
    decimal_to_text(write_rows[_i].value, write_rows[_i].decimals, text);
    ck_assert_str_eq(text, write_rows[_i].text);
}
END_TEST

static uint64_t random_state = 88172645463325252u;

static uint64_t random_u64(void)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state;
}

START_TEST(what_is_written_is_read_and_is_the_nearest_double)
{
    for (int i = 0; i < 300000; i++) {
        int64_t value = (int64_t)(random_u64() >> (random_u64() % 64));
        value = random_u64() % 2 == 0 ? value : (int64_t)(0 - (uint64_t)value);
        unsigned decimals = (unsigned)(random_u64() % 10);
        char text[DECIMAL_SIZE];
        decimal_to_text(value, decimals, text);
        int64_t back = 0;
        bool reads_back = decimal_from_text(text, decimals, &back) == RC_OK && back == value;
        bool nearest = decimal_to_double(value, decimals) == strtod(text, NULL);
        bool short_form = strchr(text, '.') == NULL || text[strlen(text) - 1] != '0';
        if (!reads_back || !nearest || !short_form) /* each ck_assert() would write to Check's pipe */
            ck_abort_msg("%s: %d %d %d", text, reads_back, nearest, short_form);
    }
}
END_TEST

static const struct {
    const char *sentence;
    int64_t value;
    unsigned decimals;
} double_rows[] = {
    {"2^53 + 1 is a tie and goes to even", INT64_C(9007199254740993), 0},
    {"2^53 + 3 is a tie and goes up", INT64_C(9007199254740995), 0},
    {"a tie behind the point", INT64_C(9007199254740993), 1},
    {"the largest", INT64_MAX, 0},
    {"the largest with decimals", INT64_MAX, 9},
    {"the least", INT64_MIN, 0},
    {"the smallest step", 1, 9},
    {"a tenth", 1, 1},
};

START_TEST(doubles_at_the_edges)
{
    char text[DECIMAL_SIZE];
    decimal_to_text(double_rows[_i].value, double_rows[_i].decimals, text);
    ck_assert_msg(decimal_to_double(double_rows[_i].value, double_rows[_i].decimals) == strtod(text, NULL),
                  "%s", double_rows[_i].sentence);
}
END_TEST

START_TEST(zero_has_no_sign)
{
    ck_assert(!signbit(decimal_to_double(0, 6)));
    ck_assert(decimal_to_double(0, 6) == 0.0);
}
END_TEST

START_TEST(a_very_long_number)
{
    char text[10002];
    memset(text, '0', sizeof text);
    text[1] = '.';
    text[sizeof text - 1] = '\0';
    int64_t value;
    ck_assert_int_eq(decimal_from_text(text, 6, &value), RC_OK);
    ck_assert_int_eq(value, 0);
    memcpy(text + 9994, "15e9994", 8); /* 0.000…15 times 10^9994 */
    ck_assert_int_eq(decimal_from_text(text, 6, &value), RC_OK);
    ck_assert_int_eq(value, 15000000);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *s = suite_create("decimal_text");
    TCase *c = tcase_create("decimal_text");
    tcase_set_timeout(c, 300); /* also under valgrind */
    tcase_add_loop_test(c, reading, 0, ROWS(read_rows));
    tcase_add_loop_test(c, writing, 0, ROWS(write_rows));
    tcase_add_test(c, what_is_written_is_read_and_is_the_nearest_double);
    tcase_add_loop_test(c, doubles_at_the_edges, 0, ROWS(double_rows));
    tcase_add_test(c, zero_has_no_sign);
    tcase_add_test(c, a_very_long_number);
    suite_add_tcase(s, c);
    return s;
}
