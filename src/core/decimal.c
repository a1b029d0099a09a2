/* decimal.c - float32 to its shortest decimal and back to text, in integers only.
 *
 * A float32 is m * 2^e. Every real number nearer to it than to its neighbours reads back as it: an interval
 * from half a step below to half a step above, its ends included when m is even (ties go to even). The
 * shortest decimal is the multiple of the largest power of ten in that interval; where there are several, the
 * nearest. Scaled by a power of ten that makes the interval a few units wide, the search is a handful of
 * divisions.
 */
#include "core/decimal.h"

#include <assert.h>
#include <limits.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>
#include "core/rc.h"

#define DECIMALS_MAX 9
#define E_ZERO       (-63) /* m * 2^e below 2^-39: rounds to 0 at nine decimals, whatever its digits */
#define EXPONENT_MAX                                                                                         \
    INT64_C(1000000000) /* of a text: far above any length of its digits that could make up for it */
#define E_TOO_LARGE 40  /* above 2^64 */

static const uint64_t pow10_u64[] = {
    1u,
    10u,
    100u,
    1000u,
    10000u,
    100000u,
    1000000u,
    10000000u,
    100000000u,
    1000000000u,
    10000000000u,
    100000000000u,
    1000000000000u,
    10000000000000u,
    100000000000000u,
    1000000000000000u,
    10000000000000000u,
    100000000000000000u,
    1000000000000000000u,
    10000000000000000000u,
};
static const uint64_t pow5_u64[] = {
    /* up to fine_interval()'s largest k */
    1u,
    5u,
    25u,
    125u,
    625u,
    3125u,
    15625u,
    78125u,
    390625u,
    1953125u,
    9765625u,
    48828125u,
    244140625u,
    1220703125u,
    6103515625u,
    30517578125u,
    152587890625u,
    762939453125u,
    3814697265625u,
    19073486328125u,
    95367431640625u,
    476837158203125u,
};
#define POW10_COUNT (sizeof pow10_u64 / sizeof pow10_u64[0])

/* The interval in units of 10^-scale: lo and hi are the outermost whole units in it; the float itself is
 * `units`, and a bit more when `more`. */
struct interval {
    uint64_t lo, hi, units;
    bool more;
    int scale;
};

/* m * 5^k / 2^s rounded down, exactly: the product has up to 90 bits, so in two parts. */
static uint64_t mul_shift(uint32_t m, uint64_t pow5, int s, bool *rest)
{
    uint64_t low = m * (pow5 & UINT32_MAX);
    uint64_t high = m * (pow5 >> 32) + (low >> 32);
    low &= UINT32_MAX;
    if (s >= 32) {
        *rest = low != 0 || (high & ((UINT64_C(1) << (s - 32)) - 1)) != 0;
        return high >> (s - 32);
    }
    *rest = (low & ((UINT64_C(1) << s) - 1)) != 0;
    return (high << (32 - s)) | (low >> s);
}

/* e <= 0: the interval is at most 1 wide, so it is looked at in units of 10^-scale. */
static void fine_interval(uint32_t m, int e, struct interval *out)
{
    /* 10^k >= 10 * 2^(2 - e): the interval is 30 to 400 units wide, so a multiple of 10 is in it */
    int k = (2 - e) * 30103 / 100000 + 2;
    int s = 2 - e - k; /* 4m * 2^(e - 2) * 10^k = 4m * 5^k / 2^s */
    uint64_t pow5 = pow5_u64[k];
    bool even = m % 2 == 0, rest;
    uint32_t below = m == UINT32_C(1) << 23 ? 1 : 2; /* the step below a power of two is half as long */
    out->lo = mul_shift(4 * m - below, pow5, s, &rest);
    out->lo += rest || !even;
    out->hi = mul_shift(4 * m + 2, pow5, s, &rest);
    out->hi -= !rest && !even;
    out->units = mul_shift(4 * m, pow5, s, &out->more);
    out->scale = k;
}

/* e >= 1: the ends are whole numbers, but for the lower one of 2^24, which is then rounded up into the
 * interval. */
static void coarse_interval(uint32_t m, int e, struct interval *out)
{
    bool even = m % 2 == 0;
    uint64_t half = UINT64_C(1) << (e - 1);
    out->units = (uint64_t)m << e;
    uint64_t half_below = m == UINT32_C(1) << 23 ? half / 2 : half;
    out->lo = out->units - half_below + !even;
    out->hi = out->units + half - !even;
    out->more = false;
    out->scale = 0;
}

/* The shortest decimal in the interval: *digits * 10^*exponent. */
static void shortest(const struct interval *v, uint64_t *digits, int *exponent)
{
    uint64_t lo = v->lo, hi = v->hi, unit = 1;
    int zeros = 0;
    for (;;) { /* as long as a multiple of ten times as much lies inside */
        uint64_t next_lo = lo / 10 + (lo % 10 != 0), next_hi = hi / 10;
        if (next_lo > next_hi)
            break;
        lo = next_lo;
        hi = next_hi;
        unit *= 10;
        zeros++;
    }
    uint64_t nearest = v->units / unit, twice_rest = v->units % unit * 2;
    if (twice_rest > unit || (twice_rest == unit && (v->more || nearest % 2 == 1)))
        nearest++;
    *digits = nearest < lo ? lo : nearest > hi ? hi : nearest;
    *exponent = zeros - v->scale;
}

/* digits * 10^exponent, rounded half away from zero to an integer with this sign. */
static int scaled_integer(uint64_t digits, int exponent, bool negative, int64_t *out)
{
    uint64_t value = digits;
    if (exponent < 0 && (size_t)-exponent >= POW10_COUNT) {
        value = 0;
    } else if (exponent < 0) {
        uint64_t unit = pow10_u64[-exponent], rest = digits % unit;
        value = digits / unit + (rest >= unit - rest);
    } else if (value != 0 && ((size_t)exponent >= POW10_COUNT ||
                              __builtin_mul_overflow(value, pow10_u64[exponent], &value))) {
        return RC_RANGE;
    }
    if (value > (uint64_t)INT64_MAX + negative)
        return RC_RANGE;
    *out = negative ? (int64_t)(0 - value) : (int64_t)value;
    return RC_OK;
}

int decimal_from_float(float f, unsigned decimals, int64_t *out)
{
    assert(decimals <= DECIMALS_MAX);
    uint32_t bits;
    memcpy(&bits, &f, sizeof bits);
    bool negative = bits >> 31;
    int e = (int)(bits >> 23 & 0xFF) - 150;
    uint32_t m = (bits & 0x7FFFFF) | 0x800000;
    if (e > E_TOO_LARGE) /* also NaN and infinities */
        return RC_RANGE;
    if (e < E_ZERO) { /* also zero and subnormals */
        *out = 0;
        return RC_OK;
    }
    struct interval v;
    if (e > 0)
        coarse_interval(m, e, &v);
    else
        fine_interval(m, e, &v);
    uint64_t digits;
    int exponent;
    shortest(&v, &digits, &exponent);
    return scaled_integer(digits, exponent + (int)decimals, negative, out);
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* The text cut into sign, digits with at most one point, and exponent; false when it is no decimal. */
static bool cut(const char *s, bool *negative, const char **digits, const char **end, int64_t *point,
                int64_t *exponent)
{
    *negative = *s == '-';
    s += *s == '-' || *s == '+';
    *digits = s;
    *point = -1;
    int64_t n = 0;
    for (; is_digit(*s) || (*s == '.' && *point < 0); s++) {
        if (*s == '.')
            *point = n;
        else
            n++;
    }
    *end = s;
    if (n == 0)
        return false;
    if (*point < 0)
        *point = n;
    *exponent = 0;
    if (*s == 'e' || *s == 'E') {
        bool down = s[1] == '-';
        s += 1 + (s[1] == '-' || s[1] == '+');
        if (!is_digit(*s))
            return false;
        for (; is_digit(*s); s++)
            if (*exponent < EXPONENT_MAX)
                *exponent = *exponent * 10 + (*s - '0');
        if (down)
            *exponent = -*exponent;
    }
    return *s == '\0';
}

int decimal_from_text(const char *s, unsigned decimals, int64_t *out)
{
    assert(decimals <= DECIMALS_MAX);
    bool negative;
    const char *digits, *end;
    int64_t point, exponent;
    if (!cut(s, &negative, &digits, &end, &point, &exponent))
        return RC_PARSE;
    int64_t keep =
        point + exponent + (int64_t)decimals; /* so many digits stand before the scaled integer's point */
    uint64_t value = 0;
    bool started = false;
    for (; digits < end && keep >= 0; digits++) {
        if (*digits == '.')
            continue;
        uint64_t digit = (uint64_t)(*digits - '0');
        if (keep == 0) { /* the first digit that is cut decides */
            value += digit >= 5;
        } else {
            started |= digit != 0;
            if (started &&
                (__builtin_mul_overflow(value, 10u, &value) || __builtin_add_overflow(value, digit, &value)))
                return RC_RANGE;
        }
        keep--;
    }
    for (; started && keep > 0; keep--)
        if (__builtin_mul_overflow(value, 10u, &value))
            return RC_RANGE;
    if (value > (uint64_t)INT64_MAX + negative)
        return RC_RANGE;
    *out = negative ? (int64_t)(0 - value) : (int64_t)value;
    return RC_OK;
}

void decimal_to_text(int64_t value, unsigned decimals, char out[DECIMAL_SIZE])
{
    assert(decimals <= DECIMALS_MAX);
    bool negative = value < 0;
    uint64_t rest = negative ? 0 - (uint64_t)value : (uint64_t)value;
    char backwards[DECIMAL_SIZE];
    size_t n = 0;
    unsigned place = 0;
    for (; place < decimals && rest % 10 == 0; place++) /* trailing zeros are not written */
        rest /= 10;
    for (; place < decimals; place++) {
        backwards[n++] = (char)('0' + rest % 10);
        rest /= 10;
    }
    if (n > 0)
        backwards[n++] = '.';
    do {
        backwards[n++] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    if (negative)
        backwards[n++] = '-';
    for (size_t i = 0; i < n; i++)
        out[i] = backwards[n - 1 - i];
    out[n] = '\0';
}

double decimal_to_double(int64_t value, unsigned decimals)
{
    assert(decimals <= DECIMALS_MAX);
    if (value == 0)
        return 0.0;
    /* 62 or more bits of value / 10^decimals by long division, then rounded to 53, ties to even: a plain
     * division of doubles would round twice for integers above 2^53. */
    uint64_t magnitude = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    int up = __builtin_clzll(magnitude);
    magnitude <<= up;
    uint64_t unit = pow10_u64[decimals];
    uint64_t quotient = magnitude / unit, rest = magnitude % unit;
    int more = __builtin_clzll(quotient); /* at most 30: unit < 2^30 */
    quotient = quotient << more | (rest << more) / unit;
    bool inexact = (rest << more) % unit != 0;
    uint64_t cut_off = quotient & 0x7FF, mantissa = quotient >> 11;
    if (cut_off > 0x400 || (cut_off == 0x400 && (inexact || mantissa % 2 == 1)))
        mantissa++;
    double nearest = ldexp((double)mantissa, 11 - up - more);
    return value < 0 ? -nearest : nearest;
}
