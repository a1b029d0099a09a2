/* text.c - numbers, durations, sizes, shares and names, strictly. Times: text_time.c; growing texts:
 * text_buf.c. */
#include "core/text.h"

#include <stdio.h>
#include <string.h>
#include "core/rc.h"

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* The digits at *s as a number; *s moves behind them. A number beyond 64 bits is RC_RANGE, but still
 * consumed, so that the caller may find that what follows is no number at all. */
static int take_digits(const char **s, uint64_t *out)
{
    const char *p = *s;
    if (!is_digit(*p) || (*p == '0' && is_digit(p[1])))
        return RC_PARSE;
    uint64_t value = 0;
    bool overflow = false;
    for (; is_digit(*p); p++)
        overflow |= __builtin_mul_overflow(value, 10u, &value) ||
                    __builtin_add_overflow(value, (uint64_t)(*p - '0'), &value);
    *s = p;
    *out = value;
    return overflow ? RC_RANGE : RC_OK;
}

int text_to_u64(const char *s, uint64_t lo, uint64_t hi, uint64_t *out)
{
    uint64_t value;
    int rc = take_digits(&s, &value);
    if (rc == RC_PARSE || *s != '\0')
        return RC_PARSE;
    if (rc != RC_OK || value < lo || value > hi)
        return RC_RANGE;
    *out = value;
    return RC_OK;
}

int text_to_u16(const char *s, uint16_t lo, uint16_t hi, uint16_t *out)
{
    uint64_t value;
    int rc = text_to_u64(s, lo, hi, &value);
    if (rc == RC_OK)
        *out = (uint16_t)value;
    return rc;
}

int text_to_i64(const char *s, int64_t lo, int64_t hi, int64_t *out)
{
    bool negative = *s == '-';
    uint64_t most = negative ? (uint64_t)INT64_MAX + 1 : (uint64_t)INT64_MAX;
    uint64_t magnitude;
    int rc = text_to_u64(s + (negative ? 1 : 0), 0, most, &magnitude);
    if (rc != RC_OK)
        return rc;
    int64_t value = negative ? (int64_t)(0 - magnitude) : (int64_t)magnitude;
    if (value < lo || value > hi)
        return RC_RANGE;
    *out = value;
    return RC_OK;
}

struct unit {
    const char *name;
    uint64_t factor;
};

/* A number directly followed by one of the units. */
static int take_with_unit(const char *s, const struct unit *units, size_t n, uint64_t *out)
{
    uint64_t value;
    int rc = take_digits(&s, &value);
    if (rc == RC_PARSE)
        return RC_PARSE;
    for (size_t i = 0; i < n; i++) {
        if (strcmp(s, units[i].name) != 0)
            continue;
        if (rc != RC_OK || __builtin_mul_overflow(value, units[i].factor, &value))
            return RC_RANGE;
        *out = value;
        return RC_OK;
    }
    return RC_PARSE;
}

int text_to_duration_ms(const char *s, int64_t lo_ms, int64_t hi_ms, int64_t *out_ms)
{
    static const struct unit units[] = {
        {"ms", 1}, {"s", 1000}, {"m", 60 * 1000}, {"h", 3600 * 1000}, {"d", 86400 * 1000},
    };
    uint64_t value = 0;
    int rc = strcmp(s, "0") == 0 ? RC_OK : take_with_unit(s, units, sizeof units / sizeof units[0], &value);
    if (rc != RC_OK)
        return rc;
    if (value > (uint64_t)INT64_MAX || (int64_t)value < lo_ms || (int64_t)value > hi_ms)
        return RC_RANGE;
    *out_ms = (int64_t)value;
    return RC_OK;
}

int text_to_size(const char *s, uint64_t lo, uint64_t hi, uint64_t *out_bytes)
{
    static const struct unit units[] = {
        {"B", 1}, {"KiB", 1ull << 10}, {"MiB", 1ull << 20}, {"GiB", 1ull << 30}, {"TiB", 1ull << 40},
    };
    uint64_t value;
    int rc = take_with_unit(s, units, sizeof units / sizeof units[0], &value);
    if (rc != RC_OK)
        return rc;
    if (value < lo || value > hi)
        return RC_RANGE;
    *out_bytes = value;
    return RC_OK;
}

int text_to_share_bp(const char *s, uint32_t lo, uint32_t hi, uint32_t *out_bp)
{
    uint64_t bp;
    int rc = take_digits(&s, &bp);
    if (rc == RC_PARSE)
        return RC_PARSE;
    bool overflow = rc != RC_OK || __builtin_mul_overflow(bp, 100u, &bp);
    if (*s == '.') {
        if (!is_digit(s[1]))
            return RC_PARSE;
        uint64_t hundredths = (uint64_t)(s[1] - '0') * 10;
        s += 2;
        if (is_digit(*s))
            hundredths += (uint64_t)(*s++ - '0');
        overflow |= __builtin_add_overflow(bp, hundredths, &bp);
    }
    s += *s == ' ';
    if (strcmp(s, "%") != 0)
        return RC_PARSE;
    if (overflow || bp < lo || bp > hi)
        return RC_RANGE;
    *out_bp = (uint32_t)bp;
    return RC_OK;
}

int text_to_bool(const char *s, bool *out)
{
    bool yes = strcmp(s, "yes") == 0;
    if (!yes && strcmp(s, "no") != 0)
        return RC_PARSE;
    *out = yes;
    return RC_OK;
}

bool text_is_name(const char *s)
{
    size_t n = 0;
    for (; s[n] != '\0'; n++) {
        char c = s[n];
        bool plain = is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '-';
        bool inside = c == '.' && n > 0 && s[n + 1] != '\0';
        if (n >= TEXT_NAME_MAX || !(plain || inside))
            return false;
    }
    return n > 0;
}

#define NEAREST_MAX 64 /* longer words are no misspelt key */

static char fold(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* Edits (insert, delete, replace, swap two neighbours) between two words, letter case aside; `most` + 1 when
 * the lengths alone say more than `most`. */
static size_t edit_distance(const char *a, size_t a_len, const char *b, size_t b_len, size_t most)
{
    if (b_len > NEAREST_MAX || a_len > b_len + most || b_len > a_len + most)
        return most + 1;
    size_t rows[3][NEAREST_MAX + 1];
    size_t *before = rows[0], *last = rows[1], *now = rows[2];
    for (size_t j = 0; j <= b_len; j++)
        last[j] = j;
    for (size_t i = 1; i <= a_len; i++) {
        now[0] = i;
        for (size_t j = 1; j <= b_len; j++) {
            char x = fold(a[i - 1]), y = fold(b[j - 1]);
            size_t d = last[j - 1] + (x != y);
            d = last[j] + 1 < d ? last[j] + 1 : d;
            d = now[j - 1] + 1 < d ? now[j - 1] + 1 : d;
            if (i > 1 && j > 1 && x == fold(b[j - 2]) && fold(a[i - 2]) == y && before[j - 2] + 1 < d)
                d = before[j - 2] + 1;
            now[j] = d;
        }
        size_t *spare = before;
        before = last;
        last = now;
        now = spare;
    }
    return last[b_len];
}

const char *text_nearest(const char *word, const char *const *words, size_t n)
{
    size_t len = strlen(word);
    if (len == 0 || len > NEAREST_MAX)
        return NULL;
    size_t most = len / 3 > 0 ? len / 3 : 1;
    size_t best = most + 1;
    const char *nearest = NULL;
    for (size_t i = 0; i < n; i++) {
        size_t d = edit_distance(word, len, words[i], strlen(words[i]), most);
        if (d < best) {
            best = d;
            nearest = words[i];
        }
    }
    return nearest;
}

bool text_format(char *out, size_t size, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int n = vsnprintf(out, size, format, args);
    va_end(args);
    return n >= 0 && (size_t)n < size;
}
