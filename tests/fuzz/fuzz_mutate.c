#include "fuzz/fuzz_mutate.h"

#include <string.h>

#define LONGEST_PIECE 64

/* What parsers stumble over, and the words of our formats. */
static const char *const words[] = {"0",
                                    "-1",
                                    "1e9",
                                    "99999999999999999999",
                                    "100000000",
                                    "100000000.000001",
                                    "nan",
                                    "-inf",
                                    "0x10",
                                    ".",
                                    "-",
                                    "00:00",
                                    "24:00",
                                    "23:59",
                                    "24:01",
                                    "02-29",
                                    "12-31",
                                    "2026-02-29",
                                    "9999-12-31T23:59:59Z",
                                    "0000-01-01T00:00Z",
                                    "1969-12-31T23:59:59.9999+14:00",
                                    "2026-11-01T00:00:00Z",
                                    "\r\n",
                                    "\n",
                                    "\"",
                                    "\"\"",
                                    ",",
                                    ";",
                                    " ;",
                                    "#",
                                    "=",
                                    "[",
                                    "]",
                                    "*",
                                    "\xEF\xBB\xBF",
                                    "\xC0\x80",
                                    "day 1 = ",
                                    "day.2 8 = ",
                                    "zones.2 = ",
                                    "switch_days = 2026-11-01 00:00",
                                    "switch_zones = ",
                                    "holidays.1 = *-02-29 day 1",
                                    "rest_days = sun",
                                    "rest_table = 1",
                                    "settlement = 28 23:00",
                                    "sharp",
                                    "peak",
                                    "flat",
                                    "valley",
                                    "rates = ",
                                    "wrap = previous_day",
                                    "active_energy_total",
                                    "active_energy_sharp_prev12",
                                    "reactive_energy_export",
                                    "window_ms",
                                    "time",
                                    "meter"};

uint64_t fuzz_random(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u; /* SplitMix64 */
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

static size_t below(uint64_t *random, size_t n)
{
    return n == 0 ? 0 : (size_t)(fuzz_random(random) % n);
}

/* Puts n bytes in at a place, or over what is there; what no longer fits is cut off. */
static size_t put(uint8_t *data, size_t size, size_t most, size_t at, const void *piece, size_t n, int over)
{
    if (n > most - at)
        n = most - at;
    if (over) {
        memcpy(data + at, piece, n);
        return at + n > size ? at + n : size;
    }
    size_t tail = size - at;
    if (tail > most - at - n)
        tail = most - at - n;
    memmove(data + at + n, data + at, tail);
    memcpy(data + at, piece, n);
    return at + n + tail;
}

static size_t take_out(uint8_t *data, size_t size, size_t at, size_t n)
{
    n = n > size - at ? size - at : n;
    memmove(data + at, data + at + n, size - at - n);
    return size - n;
}

/* A run of digits becomes another number. */
static size_t change_number(uint64_t *random, uint8_t *data, size_t size, size_t most)
{
    size_t at = below(random, size);
    while (at < size && (data[at] < '0' || data[at] > '9'))
        at++;
    size_t n = 0;
    while (at + n < size && data[at + n] >= '0' && data[at + n] <= '9')
        n++;
    if (n == 0)
        return size;
    if (below(random, 2) == 0) {
        data[at + below(random, n)] = (uint8_t)('0' + below(random, 10));
        return size;
    }
    size = take_out(data, size, at, n);
    const char *word = words[below(random, 11)];
    return put(data, size, most, at, word, strlen(word), 0);
}

static size_t change_once(uint64_t *random, uint8_t *data, size_t size, size_t most, const uint8_t *other,
                          size_t other_size)
{
    static const uint8_t edges[] = {0, 1, 0x7F, 0x80, 0xFF, ' ', '\n', ',', '0', '9'};
    uint8_t piece[LONGEST_PIECE];
    size_t at = below(random, size + 1), n = 1 + below(random, LONGEST_PIECE);
    switch (below(random, 10)) {
    case 0:
        if (at < size)
            data[at] ^= (uint8_t)(1u << below(random, 8));
        return size;
    case 1:
        if (at < size)
            data[at] = edges[below(random, sizeof edges)];
        return size;
    case 2:
        if (at < size)
            data[at] = (uint8_t)fuzz_random(random);
        return size;
    case 3:
        return take_out(data, size, at, n);
    case 4: /* a piece of itself, elsewhere */
        n = n > size - at ? size - at : n;
        memcpy(piece, data + at, n);
        return put(data, size, most, below(random, size + 1), piece, n, below(random, 2) == 0);
    case 5: {
        const char *word = words[below(random, sizeof words / sizeof words[0])];
        return put(data, size, most, at, word, strlen(word), below(random, 2) == 0);
    }
    case 6:
        return change_number(random, data, size, most);
    case 7: /* a piece of another */
        if (other == NULL || other_size == 0)
            return size;
        {
            size_t from = below(random, other_size);
            n = n > other_size - from ? other_size - from : n;
            return put(data, size, most, at, other + from, n, below(random, 2) == 0);
        }
    case 8:
        return below(random, 4) == 0 ? at : size; /* cut off */
    default:
        if (size - at >= 8) { /* eight bytes at once: what a state is made of */
            static const int64_t values[] = {INT64_MIN, INT64_MAX,        -1,
                                             0,         (int64_t)1 << 50, -((int64_t)1 << 60)};
            memcpy(data + at, &values[below(random, sizeof values / sizeof values[0])], 8);
        }
        return size;
    }
}

size_t fuzz_mutate(uint64_t *random, uint8_t *data, size_t size, size_t most, const uint8_t *other,
                   size_t other_size)
{
    size_t times = (size_t)1 << below(random, 4);
    for (size_t i = 0; i < times; i++)
        size = change_once(random, data, size, most, other, other_size);
    return size;
}
