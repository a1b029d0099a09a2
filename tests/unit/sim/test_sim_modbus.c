/* Requests as frames, replies as frames. The frames with their CRCs were computed by hand or taken from
 * standards. */
#include <stdlib.h>
#include <string.h>

#include "sim/sim_image.h"
#include "sim/sim_modbus.h"
#include "unit_main.h"

static struct sim_load load;
static struct sim_tariff tariff;
static struct sim_meter m;

static void set_up(void)
{
    ck_assert_int_eq(sim_load_default(&load), 0);
    sim_tariff_default(&tariff);
    sim_meter_init(&m, 1, 99, &load, &tariff, SIM_FREEZE_PERIOD, INT64_C(1792000000000));
}

static void tear_down(void)
{
    sim_load_done(&load);
}

static size_t ask(const char *bytes, size_t n, uint8_t *reply)
{
    uint8_t q[SIM_FRAME_MAX];
    memcpy(q, bytes, n);
    n = sim_modbus_seal(q, n);
    size_t len = sim_modbus_answer(&m, 0, q, n, reply);
    ck_assert(sim_modbus_sealed(reply, len));
    return len;
}

START_TEST(the_crc_is_the_one_of_the_standard)
{
    static const uint8_t known[] = {0x02, 0x07, 0x41, 0x12}; /* Modbus over Serial Line V1.02, appendix B */
    ck_assert(sim_modbus_sealed(known, 4));
    static const uint8_t broken[] = {0x02, 0x07, 0x41, 0x13};
    ck_assert(!sim_modbus_sealed(broken, 4));
    ck_assert(!sim_modbus_sealed(known, 3));
}
END_TEST

static const struct {
    const char *sentence;
    uint8_t bytes[8];
    size_t n, length;
} beginnings[] = {
    {"one byte says nothing", {1}, 1, 0},
    {"a read is eight", {1, 3}, 2, 8},
    {"a coil write is eight", {1, 5}, 2, 8},
    {"a write of registers before its byte count", {1, 16, 0, 0, 0, 1}, 6, 0},
    {"with its byte count", {1, 16, 0, 0, 0, 1, 2}, 7, 11},
    {"a function nobody knows", {1, 23}, 2, SIZE_MAX},
};

START_TEST(the_length_of_a_request_is_known_as_early_as_can_be)
{
    ck_assert_msg(sim_modbus_request_length(beginnings[_i].bytes, beginnings[_i].n) == beginnings[_i].length,
                  "%s", beginnings[_i].sentence);
}
END_TEST

static const struct {
    const char *sentence, *request;
    size_t n;
    int exception;
} refused[] = {
    {"function 2", "\1\2\0\1\0\1", 6, 1},
    {"function 4", "\1\4\0\x30\0\2", 6, 1},
    {"function 6", "\1\6\0\1\0\2", 6, 1},
    {"function 23", "\1\x17\0\0\0\1\0\0\0\1\2\0\0", 13, 1},
    {"coil 0", "\1\1\0\0\0\1", 6, 2},
    {"two coils from 1", "\1\1\0\1\0\2", 6, 2},
    {"no coil", "\1\1\0\1\0\0", 6, 3},
    {"coils without number", "\1\1\0\1\x07\xd1", 6, 3},
    {"no register", "\1\3\0\x30\0\0", 6, 3},
    {"126 registers", "\1\3\0\x80\0\x7e", 6, 3},
    {"a register that is not there", "\1\3\0\x20\0\1", 6, 2},
    {"a coil that is not there", "\1\5\0\2\xff\0", 6, 2},
    {"a coil half closed", "\1\5\0\1\xff\1", 6, 3},
    {"a write whose counts differ", "\1\x10\0\1\0\1\4\0\5\0\0", 11, 3},
    {"a write that is shorter than it says", "\1\x10\0\1\0\2\4\0\5", 9, 3},
    {"a write of nothing", "\1\x10\0\1\0\0\0", 7, 3},
    {"a write of a measured value", "\1\x10\0\x80\0\1\2\0\5", 9, 2},
    {"a read with a byte too many", "\1\3\0\x30\0\2\0", 7, 3},
};

START_TEST(exceptions)
{
    uint8_t reply[SIM_FRAME_MAX];
    size_t n = ask(refused[_i].request, refused[_i].n, reply);
    ck_assert_msg(n == 5 && reply[0] == 1 && reply[1] == ((uint8_t)refused[_i].request[1] | 0x80), "%s",
                  refused[_i].sentence);
    ck_assert_msg(reply[2] == refused[_i].exception, "%s: exception %d", refused[_i].sentence, reply[2]);
    ck_assert(m.relay_closed && m.address == 1);
}
END_TEST

START_TEST(registers_come_high_byte_first)
{
    uint8_t reply[SIM_FRAME_MAX];
    ck_assert_uint_eq(ask("\1\3\0\0\0\3", 6, reply), 11);
    static const uint8_t wanted[] = {1, 3, 6, 6666 >> 8, 6666 & 255, 0, 1, 0, 4};
    ck_assert_mem_eq(reply, wanted, sizeof wanted);
    ck_assert_uint_eq(ask("\1\3\0\x80\0\x7d", 6, reply), 255);
}
END_TEST

START_TEST(the_relay_is_switched_and_read_back)
{
    uint8_t reply[SIM_FRAME_MAX];
    ck_assert_uint_eq(ask("\1\5\0\1\0\0", 6, reply), 8);
    ck_assert_mem_eq(reply, "\1\5\0\1\0\0", 6);
    ck_assert(!m.relay_closed);
    ck_assert_uint_eq(ask("\1\1\0\1\0\1", 6, reply), 6);
    ck_assert_mem_eq(reply, "\1\1\1\0", 4);
    ask("\1\5\0\1\xff\0", 6, reply);
    ck_assert_uint_eq(ask("\1\1\0\1\0\1", 6, reply), 6);
    ck_assert_mem_eq(reply, "\1\1\1\1", 4);
}
END_TEST

START_TEST(a_new_address_is_acknowledged_from_the_old_one)
{
    uint8_t reply[SIM_FRAME_MAX];
    ck_assert_uint_eq(ask("\1\x10\0\1\0\1\2\0\x2a", 9, reply), 8);
    ck_assert_mem_eq(reply, "\1\x10\0\1\0\1", 6);
    ck_assert_uint_eq(m.address, 42);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *suite = suite_create("sim_modbus");
    TCase *c = tcase_create("frames");
    tcase_add_checked_fixture(c, set_up, tear_down);
    tcase_add_test(c, the_crc_is_the_one_of_the_standard);
    tcase_add_loop_test(c, the_length_of_a_request_is_known_as_early_as_can_be, 0,
                        (int)(sizeof beginnings / sizeof beginnings[0]));
    tcase_add_loop_test(c, exceptions, 0, (int)(sizeof refused / sizeof refused[0]));
    tcase_add_test(c, registers_come_high_byte_first);
    tcase_add_test(c, the_relay_is_switched_and_read_back);
    tcase_add_test(c, a_new_address_is_acknowledged_from_the_old_one);
    suite_add_tcase(suite, c);
    return suite;
}
