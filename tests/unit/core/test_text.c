/* test_text.c - numbers, durations, sizes, shares, booleans and names, strictly. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include "core/rc.h"
#include "core/text.h"
#include "unit_main.h"

#define ROWS(table) ((int)(sizeof(table) / sizeof(table)[0]))

static const struct {
    const char *sentence, *text;
    uint64_t lo, hi;
    int rc;
    uint64_t value;
} unsigned_rows[] = {
    {"zero is a number", "0", 0, 10, RC_OK, 0},
    {"digits are a number", "247", 1, 247, RC_OK, 247},
    {"one more than the most is out of range", "248", 1, 247, RC_RANGE, 0},
    {"the least is in range", "1", 1, 247, RC_OK, 1},
    {"one less is not", "0", 1, 247, RC_RANGE, 0},
    {"the largest 64-bit number", "18446744073709551615", 0, UINT64_MAX, RC_OK, UINT64_MAX},
    {"the next one does not wrap", "18446744073709551616", 0, UINT64_MAX, RC_RANGE, 0},
    {"a digit more behind it does not hide that", "184467440737095516160", 0, UINT64_MAX, RC_RANGE, 0},
    {"thirty digits do not wrap", "999999999999999999999999999999", 0, UINT64_MAX, RC_RANGE, 0},
    {"thirty digits and a word are no number", "999999999999999999999999999999x", 0, UINT64_MAX, RC_PARSE, 0},
    {"nothing is no number", "", 0, 10, RC_PARSE, 0},
    {"a leading blank is refused", " 1", 0, 10, RC_PARSE, 0},
    {"a trailing blank is refused", "1 ", 0, 10, RC_PARSE, 0},
    {"a plus is refused", "+1", 0, 10, RC_PARSE, 0},
    {"a minus is refused", "-1", 0, 10, RC_PARSE, 0},
    {"a minus zero is refused", "-0", 0, 10, RC_PARSE, 0},
    {"a leading zero is refused", "01", 0, 10, RC_PARSE, 0},
    {"two zeros are refused", "00", 0, 10, RC_PARSE, 0},
    {"hexadecimal is refused", "0x10", 0, 100, RC_PARSE, 0},
    {"a fraction is refused", "1.0", 0, 10, RC_PARSE, 0},
    {"an exponent is refused", "1e1", 0, 10, RC_PARSE, 0},
    {"a trailing word is refused", "1s", 0, 10, RC_PARSE, 0},
};

START_TEST(unsigned_numbers)
{
    uint64_t value = 4711;
    int rc = text_to_u64(unsigned_rows[_i].text, unsigned_rows[_i].lo, unsigned_rows[_i].hi, &value);
    ck_assert_msg(rc == unsigned_rows[_i].rc, "%s: rc %d", unsigned_rows[_i].sentence, rc);
    ck_assert_msg(value == (rc == RC_OK ? unsigned_rows[_i].value : 4711), "%s: value",
                  unsigned_rows[_i].sentence);
}
END_TEST

START_TEST(sixteen_bits_keep_their_range)
{
    uint16_t value = 7;
    ck_assert_int_eq(text_to_u16("65535", 0, UINT16_MAX, &value), RC_OK);
    ck_assert_uint_eq(value, 65535);
    ck_assert_int_eq(text_to_u16("65536", 0, UINT16_MAX, &value), RC_RANGE);
    ck_assert_int_eq(text_to_u16("65537", 0, UINT16_MAX, &value), RC_RANGE);
    ck_assert_uint_eq(value, 65535);
}
END_TEST

static const struct {
    const char *sentence, *text;
    int64_t lo, hi;
    int rc;
    int64_t value;
} signed_rows[] = {
    {"a minus is a sign", "-12", -20, 20, RC_OK, -12},
    {"no minus is none", "12", -20, 20, RC_OK, 12},
    {"the least 64-bit number", "-9223372036854775808", INT64_MIN, INT64_MAX, RC_OK, INT64_MIN},
    {"one below it does not wrap", "-9223372036854775809", INT64_MIN, INT64_MAX, RC_RANGE, 0},
    {"the largest 64-bit number", "9223372036854775807", INT64_MIN, INT64_MAX, RC_OK, INT64_MAX},
    {"one above it does not wrap", "9223372036854775808", INT64_MIN, INT64_MAX, RC_RANGE, 0},
    {"below the range", "-21", -20, 20, RC_RANGE, 0},
    {"above the range", "21", -20, 20, RC_RANGE, 0},
    {"a sign alone is no number", "-", -20, 20, RC_PARSE, 0},
    {"two signs are none", "--1", -20, 20, RC_PARSE, 0},
    {"a plus is refused", "+1", -20, 20, RC_PARSE, 0},
    {"a blank behind the sign is refused", "- 1", -20, 20, RC_PARSE, 0},
    {"a leading zero is refused", "-01", -20, 20, RC_PARSE, 0},
    {"nothing is no number", "", -20, 20, RC_PARSE, 0},
};

START_TEST(signed_numbers)
{
    int64_t value = 4711;
    int rc = text_to_i64(signed_rows[_i].text, signed_rows[_i].lo, signed_rows[_i].hi, &value);
    ck_assert_msg(rc == signed_rows[_i].rc, "%s: rc %d", signed_rows[_i].sentence, rc);
    ck_assert_msg(value == (rc == RC_OK ? signed_rows[_i].value : 4711), "%s: value",
                  signed_rows[_i].sentence);
}
END_TEST

#define DAY_MS INT64_C(86400000)

static const struct {
    const char *sentence, *text;
    int64_t lo, hi;
    int rc;
    int64_t ms;
} duration_rows[] = {
    {"milliseconds", "500ms", 0, DAY_MS, RC_OK, 500},
    {"seconds", "10s", 0, DAY_MS, RC_OK, 10000},
    {"minutes", "5m", 0, DAY_MS, RC_OK, 300000},
    {"hours", "1h", 0, DAY_MS, RC_OK, 3600000},
    {"days", "7d", 0, 7 * DAY_MS, RC_OK, 7 * DAY_MS},
    {"a bare zero switches off", "0", 0, DAY_MS, RC_OK, 0},
    {"a zero with a unit does too", "0s", 0, DAY_MS, RC_OK, 0},
    {"a bare zero outside the range", "0", 1, DAY_MS, RC_RANGE, 0},
    {"a bare number is no duration", "10", 0, DAY_MS, RC_PARSE, 0},
    {"a unit is no duration", "s", 0, DAY_MS, RC_PARSE, 0},
    {"a blank between is refused", "10 s", 0, DAY_MS, RC_PARSE, 0},
    {"capitals are other units", "10S", 0, DAY_MS, RC_PARSE, 0},
    {"an unknown unit", "10w", 0, 70 * DAY_MS, RC_PARSE, 0},
    {"a fraction is refused", "1.5h", 0, DAY_MS, RC_PARSE, 0},
    {"two units are refused", "1h30m", 0, DAY_MS, RC_PARSE, 0},
    {"a sign is refused", "-1s", 0, DAY_MS, RC_PARSE, 0},
    {"above the range", "25h", 0, DAY_MS, RC_RANGE, 0},
    {"more days than 64 bits of milliseconds hold", "213503982335d", 0, INT64_MAX, RC_RANGE, 0},
    {"more milliseconds than a signed number holds", "9223372036854775808ms", 0, INT64_MAX, RC_RANGE, 0},
    {"a number that is too long", "99999999999999999999999s", 0, INT64_MAX, RC_RANGE, 0},
    {"nothing", "", 0, DAY_MS, RC_PARSE, 0},
};

START_TEST(durations)
{
    int64_t ms = 4711;
    int rc = text_to_duration_ms(duration_rows[_i].text, duration_rows[_i].lo, duration_rows[_i].hi, &ms);
    ck_assert_msg(rc == duration_rows[_i].rc, "%s: rc %d", duration_rows[_i].sentence, rc);
    ck_assert_msg(ms == (rc == RC_OK ? duration_rows[_i].ms : 4711), "%s: value", duration_rows[_i].sentence);
}
END_TEST

static const struct {
    const char *sentence, *text;
    int rc;
    uint64_t bytes;
} size_rows[] = {
    {"bytes", "512B", RC_OK, 512},
    {"KiB are 1024", "1KiB", RC_OK, 1024},
    {"MiB", "64MiB", RC_OK, 64ull << 20},
    {"GiB", "2GiB", RC_OK, 2ull << 30},
    {"TiB", "1TiB", RC_OK, 1ull << 40},
    {"zero", "0B", RC_OK, 0},
    {"a bare number has no unit", "64", RC_PARSE, 0},
    {"a bare zero has none either", "0", RC_PARSE, 0},
    {"powers of ten are not meant", "64MB", RC_PARSE, 0},
    {"letter case counts", "64mib", RC_PARSE, 0},
    {"what does not fit 64 bits", "16777216TiB", RC_RANGE, 0},
    {"what just fits them", "16777215TiB", RC_OK, 16777215ull << 40},
};

START_TEST(sizes)
{
    uint64_t bytes = 4711;
    int rc = text_to_size(size_rows[_i].text, 0, UINT64_MAX, &bytes);
    ck_assert_msg(rc == size_rows[_i].rc, "%s: rc %d", size_rows[_i].sentence, rc);
    ck_assert_msg(bytes == (rc == RC_OK ? size_rows[_i].bytes : 4711), "%s: value", size_rows[_i].sentence);
}
END_TEST

static const struct {
    const char *sentence, *text;
    int rc;
    uint32_t bp;
} share_rows[] = {
    {"a share as the example shows it", "3 %", RC_OK, 300},
    {"without the blank", "3%", RC_OK, 300},
    {"one decimal", "2.5%", RC_OK, 250},
    {"two decimals", "0.25 %", RC_OK, 25},
    {"all of it", "100 %", RC_OK, 10000},
    {"more than all", "100.01 %", RC_RANGE, 0},
    {"nothing of it", "0 %", RC_OK, 0},
    {"three decimals are too many", "1.234 %", RC_PARSE, 0},
    {"a point needs digits", "1. %", RC_PARSE, 0},
    {"and digits before it", ".5 %", RC_PARSE, 0},
    {"without its sign it is no share", "3", RC_PARSE, 0},
    {"two blanks", "3  %", RC_PARSE, 0},
    {"a long number", "99999999999999999999 %", RC_RANGE, 0},
};

START_TEST(shares)
{
    uint32_t bp = 4711;
    int rc = text_to_share_bp(share_rows[_i].text, 0, 10000, &bp);
    ck_assert_msg(rc == share_rows[_i].rc, "%s: rc %d", share_rows[_i].sentence, rc);
    ck_assert_msg(bp == (rc == RC_OK ? share_rows[_i].bp : 4711), "%s: value %u", share_rows[_i].sentence,
                  bp);
}
END_TEST

START_TEST(booleans_are_yes_and_no)
{
    bool yes = false;
    ck_assert_int_eq(text_to_bool("yes", &yes), RC_OK);
    ck_assert(yes);
    ck_assert_int_eq(text_to_bool("no", &yes), RC_OK);
    ck_assert(!yes);
    static const char *const others[] = {"", "Yes", "true", "1", "on", "yes ", "n"};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        ck_assert_int_eq(text_to_bool(others[i], &yes), RC_PARSE);
    ck_assert(!yes);
}
END_TEST

static const struct {
    const char *sentence, *text;
    bool is_name;
} name_rows[] = {
    {"letters, digits, dash, underscore", "Flat_1-b", true},
    {"a point inside", "house.flat", true},
    {"two points inside", "a..b", true},
    {"a point in front", ".flat", false},
    {"a point at the end", "flat.", false},
    {"a point alone", ".", false},
    {"nothing", "", false},
    {"40 characters", "aaaaaaaaaabbbbbbbbbbccccccccccdddddddddd", true},
    {"41 characters", "aaaaaaaaaabbbbbbbbbbccccccccccdddddddddde", false},
    {"a blank", "flat 1", false},
    {"a slash would be a level of a topic", "flat/1", false},
    {"a plus would be a wildcard", "flat+", false},
    {"letters beyond ASCII", "caf\xC3\xA9", false},
    {"a control character", "a\nb", false},
};

START_TEST(names)
{
    ck_assert_msg(text_is_name(name_rows[_i].text) == name_rows[_i].is_name, "%s", name_rows[_i].sentence);
}
END_TEST

START_TEST(nearest_word)
{
    static const char *const keys[] = {"baud", "parity", "timeout", "stop_bits", "device", "late"};
    const size_t n = sizeof keys / sizeof keys[0];
    ck_assert_pstr_eq(text_nearest("baud", keys, n), "baud");
    ck_assert_pstr_eq(text_nearest("bauds", keys, n), "baud");
    ck_assert_pstr_eq(text_nearest("buad", keys, n), "baud"); /* neighbours swapped are one slip */
    ck_assert_pstr_eq(text_nearest("BAUD", keys, n), "baud"); /* letter case is no edit */
    ck_assert_pstr_eq(text_nearest("partiy", keys, n), "parity");
    ck_assert_pstr_eq(text_nearest("stopbits", keys, n), "stop_bits");
    ck_assert_pstr_eq(text_nearest("tiemuot", keys, n), "timeout"); /* two edits of seven letters */
    ck_assert_ptr_null(text_nearest("tixxoxt", keys, n));           /* three are another word */
    ck_assert_ptr_null(text_nearest("speed", keys, n));
    ck_assert_ptr_null(text_nearest("", keys, n));
    ck_assert_ptr_null(text_nearest("baud", keys, 0));
    char longer[300];
    memset(longer, 'x', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    const char *const one[] = {longer};
    ck_assert_ptr_null(text_nearest("xxxx", one, 1));
    ck_assert_ptr_null(text_nearest(longer, keys, n));
}
END_TEST

START_TEST(format_says_whether_it_fitted)
{
    char out[6];
    ck_assert(text_format(out, sizeof out, "%d", 12345));
    ck_assert_str_eq(out, "12345");
    ck_assert(!text_format(out, sizeof out, "%d", 123456));
    ck_assert_str_eq(out, "12345");
}
END_TEST

START_TEST(every_code_has_words)
{
    for (int rc = RC_CORRUPT; rc <= RC_OK; rc++)
        ck_assert_str_ne(rc_text(rc), "unknown error");
    ck_assert_str_eq(rc_text(RC_NOANSWER), "no answer");
    ck_assert_str_eq(rc_text(RC_CORRUPT - 1), "unknown error");
    ck_assert_str_eq(rc_text(1), "unknown error");
}
END_TEST

Suite *unit_suite(void)
{
    Suite *s = suite_create("text");
    TCase *c = tcase_create("text");
    tcase_add_loop_test(c, unsigned_numbers, 0, ROWS(unsigned_rows));
    tcase_add_test(c, sixteen_bits_keep_their_range);
    tcase_add_loop_test(c, signed_numbers, 0, ROWS(signed_rows));
    tcase_add_loop_test(c, durations, 0, ROWS(duration_rows));
    tcase_add_loop_test(c, sizes, 0, ROWS(size_rows));
    tcase_add_loop_test(c, shares, 0, ROWS(share_rows));
    tcase_add_test(c, booleans_are_yes_and_no);
    tcase_add_loop_test(c, names, 0, ROWS(name_rows));
    tcase_add_test(c, nearest_word);
    tcase_add_test(c, format_says_whether_it_fitted);
    tcase_add_test(c, every_code_has_words);
    suite_add_tcase(s, c);
    return s;
}
