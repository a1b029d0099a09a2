/* test_rtu_frame.c - where frames end, against the standard's words; their checksum against a plain one. */
#include <string.h>
#include "bus/rtu_frame.h"
#include "unit_main.h"

static const struct {
    const char *says;
    uint8_t bytes[4];
    unsigned n, length;
} rows[] = {
    {"of nothing the least that a frame can be", {0}, 0, 5},
    {"the unit alone says nothing", {1}, 1, 5},
    {"registers: not before their count is here", {1, 3}, 2, 5},
    {"two registers are four bytes between head and checksum", {1, 3, 4}, 3, 9},
    {"125 registers are the most that fits", {1, 3, 250}, 3, 255},
    {"what cannot be a frame is longer than the longest", {1, 3, 255}, 3, 260},
    {"no bytes", {1, 3, 0}, 3, 5},
    {"bits", {1, 1, 1}, 3, 6},
    {"a coil that was written", {1, 5}, 2, 8},
    {"registers that were written", {1, 16, 0, 9}, 4, 8},
    {"an exception", {1, 0x83, 2}, 3, 5},
    {"an exception to a function nobody asked", {1, 0xFF}, 2, 5},
    {"a function we do not know", {1, 0x44, 200}, 3, 5},
};

START_TEST(where_a_frame_ends)
{
    ck_assert_msg(rtu_frame_length(rows[_i].bytes, rows[_i].n) == rows[_i].length, "%s: %u", rows[_i].says,
                  rtu_frame_length(rows[_i].bytes, rows[_i].n));
}
END_TEST

/* Bit by bit, as the standard's appendix describes it. */
static unsigned plain_crc(const uint8_t *bytes, unsigned len)
{
    unsigned value = 0xFFFF;
    for (unsigned i = 0; i < len; i++) {
        value ^= bytes[i];
        for (int bit = 0; bit < 8; bit++)
            value = (value & 1) != 0 ? value >> 1 ^ 0xA001 : value >> 1;
    }
    return value;
}

START_TEST(the_checksum_is_that_of_the_standard)
{
    const uint8_t request[] = {0x01, 0x03, 0x00, 0x30, 0x00, 0x02, 0xC4, 0x04};
    uint8_t frame[RTU_FRAME_MOST];
    uint32_t random = 1;
    ck_assert(rtu_frame_whole(request, sizeof request));
    for (unsigned round = 0; round < 20000; round++) {
        unsigned len = 2 + round % (RTU_FRAME_MOST - 4);
        for (unsigned i = 0; i < len; i++) {
            random = random * 1664525u + 1013904223u;
            frame[i] = (uint8_t)(random >> 24);
        }
        rtu_frame_crc(frame, len, &frame[len]);
        ck_assert_uint_eq(frame[len] | (unsigned)frame[len + 1] << 8, plain_crc(frame, len));
        ck_assert(rtu_frame_whole(frame, len + 2));
        frame[round % (len + 2)] ^= (uint8_t)(1u << round % 8);
        ck_assert(!rtu_frame_whole(frame, len + 2));
    }
    ck_assert(!rtu_frame_whole(request, 0));
    ck_assert(!rtu_frame_whole(request, 3));
}
END_TEST

Suite *unit_suite(void)
{
    Suite *s = suite_create("rtu_frame");
    TCase *t = tcase_create("rtu_frame");
    tcase_add_loop_test(t, where_a_frame_ends, 0, sizeof rows / sizeof rows[0]);
    tcase_add_test(t, the_checksum_is_that_of_the_standard);
    suite_add_tcase(s, t);
    return s;
}
