#include "bus/rtu_frame.h"

#define HEAD_AND_CRC 5 /* unit, function, count of bytes; CRC */

unsigned rtu_frame_length(const uint8_t *bytes, unsigned n)
{
    if (n < 2)
        return RTU_FRAME_LEAST;
    switch (bytes[1]) {
    case 0x01: /* the bits and registers read, and the server's identity, behind their count */
    case 0x02:
    case 0x03:
    case 0x04:
    case 0x11:
    case 0x17:
        return n < 3 ? RTU_FRAME_LEAST : HEAD_AND_CRC + bytes[2];
    case 0x05: /* what was written */
    case 0x06:
    case 0x0F:
    case 0x10:
        return 8;
    case 0x16:
        return 10;
    default: /* an exception, or what we cannot know */
        return RTU_FRAME_LEAST;
    }
}

void rtu_frame_crc(const uint8_t *bytes, unsigned len, uint8_t crc[2])
{
    static const uint16_t of_half[16] = {/* of the reflected polynomial 0xA001, for four bits */
                                         0x0000, 0xCC01, 0xD801, 0x1400, 0xF001, 0x3C00, 0x2800, 0xE401,
                                         0xA001, 0x6C00, 0x7800, 0xB401, 0x5000, 0x9C01, 0x8801, 0x4400};
    uint16_t value = 0xFFFF;
    for (unsigned i = 0; i < len; i++) {
        value = (uint16_t)(value >> 4 ^ of_half[(value ^ bytes[i]) & 15]);
        value = (uint16_t)(value >> 4 ^ of_half[(value ^ bytes[i] >> 4) & 15]);
    }
    crc[0] = (uint8_t)value;
    crc[1] = (uint8_t)(value >> 8);
}

bool rtu_frame_whole(const uint8_t *frame, unsigned len)
{
    uint8_t crc[2];
    if (len < RTU_FRAME_LEAST - 1)
        return false;
    rtu_frame_crc(frame, len - 2, crc);
    return frame[len - 2] == crc[0] && frame[len - 1] == crc[1];
}
