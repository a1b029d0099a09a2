#include "core/wire_time.h"

#define GAP_MOST         40      /* what lies unread for longer is perhaps not there at all */
#define FIXED_SILENCE_NS 1750000 /* above 19200 bd the standard no longer counts characters */

int64_t wire_char_ns(uint32_t baud, char parity, uint8_t stop_bits)
{
    if (baud == 0)
        return 0;
    int64_t bits = 1 + 8 + (parity == 'N' ? 0 : 1) + stop_bits;
    return bits * 1000000000 / baud;
}

int64_t wire_silence_ns(uint32_t baud, char parity, uint8_t stop_bits)
{
    if (baud > 19200)
        return FIXED_SILENCE_NS;
    return wire_char_ns(baud, parity, stop_bits) * 7 / 2;
}

unsigned wire_reply_chars(uint8_t function, uint16_t count)
{
    switch (function) {
    case 1:
        return 5u + (count + 7u) / 8u;
    case 3:
        return 5u + 2u * count;
    default:
        return WIRE_REQUEST_CHARS;
    }
}

uint16_t wire_gap_regs(int64_t char_ns, int64_t silence_ns, int64_t turnaround_ns)
{
    if (char_ns <= 0)
        return GAP_MOST;
    int64_t regs = wire_exchange_ns(char_ns, silence_ns, turnaround_ns, 3, 0) / (2 * char_ns);
    return regs < GAP_MOST ? (uint16_t)regs : GAP_MOST;
}

int64_t wire_exchange_ns(int64_t char_ns, int64_t silence_ns, int64_t turnaround_ns, uint8_t function,
                         uint16_t count)
{
    return (WIRE_REQUEST_CHARS + (int64_t)wire_reply_chars(function, count)) * char_ns + turnaround_ns +
           silence_ns;
}
