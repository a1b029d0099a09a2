/* test_decimal_float.c - the shortest decimal of a float32, against the C library.
 *
 * The oracle shares nothing with decimal.c: it prints with 1, 2 … 9 digits until strtof() reads the same
 * float32 back, and moves the point and rounds in the printed characters.
 */
#include <fenv.h>
#include <float.h>
#include <locale.h>
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
#define RANDOM_RUNS 300000

static uint64_t random_state = 88172645463325252u;

static uint64_t random_u64(void)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state;
}

static float from_bits(uint32_t bits)
{
    float f;
    memcpy(&f, &bits, sizeof f);
    return f;
}

static uint32_t to_bits(float f)
{
    uint32_t bits;
    memcpy(&bits, &f, sizeof bits);
    return bits;
}

/* Digits "d.ddde±xx" of the shortest round trip, moved and rounded as text; false where it does not fit
 * int64. */
static bool oracle(float f, unsigned decimals, int64_t *out)
{
    char text[64];
    for (int precision = 0; precision < 9; precision++) {
        (void)snprintf(text, sizeof text, "%.*e", precision, (double)fabsf(f));
        if (strtof(text, NULL) == fabsf(f))
            break;
    }
    char digits[96] = "0"; /* a leading zero for the carry */
    size_t n = 1;
    char *p = text;
    for (; *p != 'e'; p++)
        if (*p != '.')
            digits[n++] = *p;
    int whole = atoi(p + 1) + 1 + (int)decimals; /* digits before the scaled integer's point */
    if (whole < 0)
        whole = 0, digits[1] = '0', n = 2;
    if (whole > 20)
        return false;
    while (n < (size_t)whole + 2)
        digits[n++] = '0';
    bool up = digits[whole + 1] >= '5';
    digits[whole + 1] = '\0';
    for (int i = whole; up; i--) {
        up = digits[i] == '9';
        digits[i] = up ? '0' : (char)(digits[i] + 1);
    }
    unsigned __int128 value = 0;
    for (p = digits; *p != '\0'; p++)
        value = value * 10 + (unsigned)(*p - '0');
    if (value > (unsigned __int128)INT64_MAX)
        return false;
    *out = signbit(f) ? -(int64_t)value : (int64_t)value;
    return true;
}

static void compare(float f, unsigned decimals)
{
    int64_t expected = 4711, got = 4711;
    bool fits = oracle(f, decimals, &expected);
    int rc = decimal_from_float(f, decimals, &got);
    if (rc != (fits ? RC_OK : RC_RANGE) || got != expected) /* each ck_assert() would write to Check's pipe */
        ck_abort_msg("%.9g (%08x), %u decimals: %lld, not %lld (rc %d)", (double)f, to_bits(f), decimals,
                     (long long)got, (long long)expected, rc);
}

static const struct {
    const char *sentence;
    float f;
    unsigned decimals;
    int rc;
    int64_t value;
} rows[] = {
    {"the shortest decimal, not the exact one", 0.1f, 6, RC_OK, 100000},
    {"a household's total", 12345.67f, 6, RC_OK, INT64_C(12345670000)},
    {"a voltage", 229.8f, 3, RC_OK, 229800},
    {"a negative power", -1234.5f, 2, RC_OK, -123450},
    {"half a unit goes away from zero", 0.125f, 2, RC_OK, 13},
    {"also below zero", -0.125f, 2, RC_OK, -13},
    {"less than half goes to zero", 0.124f, 2, RC_OK, 12},
    {"one third has eight digits", 1.0f / 3.0f, 9, RC_OK, 333333340},
    {"the largest whole float32 without gaps", 16777216.0f, 6, RC_OK, INT64_C(16777216000000)},
    {"10^8 kWh", 1e8f, 6, RC_OK, INT64_C(100000000000000)},
    {"zero", 0.0f, 6, RC_OK, 0},
    {"minus zero is zero", -0.0f, 6, RC_OK, 0},
    {"the smallest subnormal is zero", 1e-45f, 9, RC_OK, 0},
    {"half of the last decimal counts", 5e-7f, 6, RC_OK, 1},
    {"less does not", 4.9e-7f, 6, RC_OK, 0},
    {"9.2 * 10^18 fits", 9.2e18f, 0, RC_OK, INT64_C(9200000000000000000)},
    {"9.3 * 10^18 does not", 9.3e18f, 0, RC_RANGE, 0},
    {"nor below zero", -9.3e18f, 0, RC_RANGE, 0},
    {"2^64 does not", 18446744073709551616.0f, 0, RC_RANGE, 0},
    {"what fits without decimals may not with them", 9.2e18f, 1, RC_RANGE, 0},
    {"the largest float32", FLT_MAX, 0, RC_RANGE, 0},
    {"infinity", INFINITY, 6, RC_RANGE, 0},
    {"minus infinity", -INFINITY, 6, RC_RANGE, 0},
    {"not a number", NAN, 6, RC_RANGE, 0},
    {"minus not a number", -NAN, 6, RC_RANGE, 0},
};

START_TEST(known_floats)
{
    int64_t value = 4711;
    int rc = decimal_from_float(rows[_i].f, rows[_i].decimals, &value);
    ck_assert_msg(rc == rows[_i].rc, "%s: rc %d", rows[_i].sentence, rc);
    ck_assert_msg(value == (rc == RC_OK ? rows[_i].value : 4711), "%s: %lld", rows[_i].sentence,
                  (long long)value);
}
END_TEST

START_TEST(random_bit_patterns)
{
    for (int i = 0; i < RANDOM_RUNS; i++) {
        float f = from_bits((uint32_t)random_u64());
        if (isfinite(f))
            compare(f, (unsigned)(random_u64() % 10));
    }
}
END_TEST

/* The values meters have, at the decimals they are kept with. */
START_TEST(random_readings)
{
    static const unsigned kept[] = {2, 3, 4, 6};
    for (int i = 0; i < RANDOM_RUNS; i++) {
        uint32_t exponent = 127 - 20 + (uint32_t)(random_u64() % 47); /* 2^-20 to 2^27 */
        compare(from_bits(exponent << 23 | (uint32_t)(random_u64() & 0x7FFFFF)), kept[random_u64() % 4]);
    }
}
END_TEST

/* Where the steps below and above a float differ, and all neighbours; subnormals and the largest too. */
START_TEST(powers_of_two_and_their_neighbours)
{
    for (uint32_t exponent = 0; exponent < 255; exponent++) {
        for (int step = -2; step <= 2; step++) {
            uint32_t bits = (exponent << 23) + (uint32_t)step;
            for (unsigned decimals = 0; decimals <= 9 && bits < 0x7F800000; decimals++) {
                compare(from_bits(bits), decimals);
                compare(from_bits(bits | 0x80000000), decimals);
            }
        }
    }
}
END_TEST

START_TEST(short_decimals_come_back)
{
    for (int64_t n = 1; n < 200000;
         n++) { /* up to 7 digits: each such decimal is the shortest of its float32 */
        int64_t scaled = 0;
        char text[32];
        (void)snprintf(text, sizeof text, "%lld.%03d", (long long)(n / 1000), (int)(n % 1000));
        if (decimal_from_float(strtof(text, NULL), 3, &scaled) != RC_OK || scaled != n)
            ck_abort_msg("%s", text);
    }
}
END_TEST

static bool survives(float f)
{
    int64_t scaled;
    char text[DECIMAL_SIZE];
    if (decimal_from_float(f, 6, &scaled) != RC_OK)
        return false;
    decimal_to_text(scaled, 6, text);
    return strtof(text, NULL) == f;
}

START_TEST(from_16_kwh_up_every_energy_survives)
{
    const uint32_t first = to_bits(16.0f), last = to_bits(1e8f);
    for (uint32_t i = 0; i < 50000; i++)
        if (!survives(from_bits(first + i)))
            ck_abort_msg("%.9g", (double)from_bits(first + i));
    for (int i = 0; i < RANDOM_RUNS; i++) {
        float f = from_bits(first + (uint32_t)(random_u64() % (last - first + 1)));
        if (!survives(f))
            ck_abort_msg("%.9g", (double)f);
    }
}
END_TEST

START_TEST(below_16_kwh_to_a_millionth)
{
    int lost = 0;
    for (int i = 0; i < RANDOM_RUNS / 3; i++) {
        float f = from_bits((uint32_t)(random_u64() % to_bits(16.0f)));
        int64_t scaled = 0;
        double most = 0.5e-6 + (double)(nextafterf(f, 32.0f) - f);
        if (decimal_from_float(f, 6, &scaled) != RC_OK || fabs((double)scaled / 1e6 - (double)f) > most)
            ck_abort_msg("%.9g", (double)f);
        lost += !survives(f);
    }
    ck_assert_int_gt(lost, 0); /* so 16 is where it begins */
}
END_TEST

/* Neither the rounding mode nor a locale with a decimal comma (where one is installed) changes a digit. */
START_TEST(modes_and_locales_do_not_matter)
{
    static const int modes[] = {FE_UPWARD, FE_DOWNWARD, FE_TOWARDZERO};
    (void)setlocale(LC_ALL, "de_DE.UTF-8");
    for (int i = 0; i < 20000; i++) {
        float f = from_bits((uint32_t)random_u64());
        int64_t nearest = 0, other = 0;
        int rc = decimal_from_float(f, 6, &nearest);
        double d = decimal_to_double(nearest, 6);
        (void)fesetround(modes[i % 3]);
        int rc_other = decimal_from_float(f, 6, &other);
        double d_other = decimal_to_double(other, 6);
        (void)fesetround(FE_TONEAREST);
        if (rc != rc_other || nearest != other || memcmp(&d, &d_other, sizeof d) != 0)
            ck_abort_msg("%.9g in mode %d", (double)f, i % 3);
    }
    char text[DECIMAL_SIZE];
    decimal_to_text(-1500, 3, text);
    ck_assert_str_eq(text, "-1.5");
    (void)setlocale(LC_ALL, "C");
}
END_TEST

Suite *unit_suite(void)
{
    Suite *s = suite_create("decimal_float");
    TCase *c = tcase_create("decimal_float");
    tcase_set_timeout(c, 300); /* also under valgrind */
    tcase_add_loop_test(c, known_floats, 0, ROWS(rows));
    tcase_add_test(c, random_bit_patterns);
    tcase_add_test(c, random_readings);
    tcase_add_test(c, powers_of_two_and_their_neighbours);
    tcase_add_test(c, short_decimals_come_back);
    tcase_add_test(c, from_16_kwh_up_every_energy_survives);
    tcase_add_test(c, below_16_kwh_to_a_millionth);
    tcase_add_test(c, modes_and_locales_do_not_matter);
    suite_add_tcase(s, c);
    return s;
}
