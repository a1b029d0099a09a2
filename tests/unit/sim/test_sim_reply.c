/* What a meter with a fault puts on the wire. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/rc.h"
#include "sim/sim_modbus.h"
#include "sim/sim_reply.h"
#include "unit_main.h"

#define NOW_MS  INT64_C(1792000000000)
#define CHAR_NS 1145833
#define MS      1000000

static struct sim_load load;
static struct sim_tariff tariff;
static struct sim_unit unit;
static uint8_t request[8];
static struct sim_asked q;
static struct sim_reply r;
static uint8_t healthy[SIM_FRAME_MAX]; /* the answer without faults */
static size_t healthy_n;

static void set_up(void)
{
    ck_assert_int_eq(sim_load_default(&load), 0);
    sim_tariff_default(&tariff);
    sim_unit_init(&unit, 1, 9600, 7, &load, &tariff, SIM_FREEZE_PERIOD, NOW_MS);
    sim_unit_advance(&unit, NOW_MS + 1000);
    memcpy(request, "\1\3\0\x80\0\x1c", 6);
    sim_modbus_seal(request, 6);
    q = (struct sim_asked){request, 8, 100 * MS, CHAR_NS, CHAR_NS * 7 / 2, 5 * MS, 0, &unit};
    healthy_n = sim_modbus_answer(&unit.meter, 0, request, 8, healthy);
}

static void tear_down(void)
{
    sim_unit_done(&unit);
    sim_load_done(&load);
}

static void fault(const char *line)
{
    char wrong[160];
    struct sim_event e;
    ck_assert_msg(sim_fault_parse(line, &e, wrong) == RC_OK, "%s: %s", line, wrong);
    ck_assert_int_eq(sim_unit_happen(&unit, &e), RC_OK);
}

static void ask(void)
{
    memset(&r, 0, sizeof r);
    sim_reply_make(&unit, &q, &r);
}

static void ask_fc05(uint8_t high)
{
    memcpy(request, "\1\5\0\1", 4);
    request[4] = high;
    request[5] = 0;
    sim_modbus_seal(request, 6);
    ask();
}

static double float_of(const struct sim_out *o, size_t i)
{
    const uint8_t *at = o->bytes + 3 + 4 * i;
    uint32_t bits = (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
    float value;
    memcpy(&value, &bits, sizeof value);
    return (double)value;
}

START_TEST(a_healthy_meter_answers_once_after_its_turnaround)
{
    ask();
    ck_assert_uint_eq(r.n, 1);
    ck_assert_uint_eq(r.out[0].n, healthy_n);
    ck_assert_mem_eq(r.out[0].bytes, healthy, healthy_n);
    ck_assert_int_eq(r.out[0].start_ns, 105 * MS);
    ck_assert_str_eq(r.out[0].verdict, "answer");
    ck_assert(r.out[0].answers);
    ck_assert_int_eq(r.out[0].credit_ns, (8 + 61) * CHAR_NS + 5 * MS + CHAR_NS * 7 / 2);
}
END_TEST

START_TEST(no_answer_begins_before_the_silence_is_over)
{
    q.turnaround_ns = 0;
    ask();
    ck_assert_int_eq(r.out[0].start_ns, 100 * MS + CHAR_NS * 7 / 2);
}
END_TEST

START_TEST(dead_and_alive)
{
    fault("+0 * dead");
    ask();
    ck_assert_uint_eq(r.n, 0);
    ck_assert_str_eq(r.silent, "fault:dead");
    fault("+0 * alive");
    ask();
    ck_assert_str_eq(r.out[0].verdict, "answer");
}
END_TEST

START_TEST(slow_is_an_answer_and_late_is_none)
{
    fault("+0 * slow 270ms");
    ask();
    ck_assert_int_eq(r.out[0].start_ns, 370 * MS);
    ck_assert(r.out[0].answers);
    fault("+0 * late 1s 2s");
    ask();
    ck_assert(r.out[0].start_ns >= 1100 * MS && r.out[0].start_ns <= INT64_C(2100) * MS);
    ck_assert(!r.out[0].answers);
    ck_assert_str_eq(r.out[0].verdict, "fault:slow+late");
}
END_TEST

START_TEST(dup_and_echo_are_further_frames)
{
    fault("+0 * dup 10ms");
    fault("+0 * echo");
    ask();
    ck_assert_uint_eq(r.n, 3);
    ck_assert_mem_eq(r.out[0].bytes, request, 8);
    ck_assert(!r.out[0].wired && r.out[0].start_ns == 100 * MS);
    ck_assert_mem_eq(r.out[2].bytes, r.out[1].bytes, r.out[1].n);
    ck_assert_int_eq(r.out[2].start_ns, 105 * MS + 61 * CHAR_NS + 10 * MS);
    ck_assert(r.out[1].answers && !r.out[2].answers && !r.out[0].answers);
}
END_TEST

START_TEST(drip_is_byte_by_byte)
{
    fault("+0 * drip 50ms");
    ask();
    ck_assert(r.out[0].byte_ns == 50 * MS && r.out[0].piece == 1);
}
END_TEST

START_TEST(damaged_frames)
{
    fault("+0 * crc x1");
    ask();
    ck_assert_uint_eq(r.out[0].n, healthy_n);
    ck_assert(!sim_modbus_sealed(r.out[0].bytes, r.out[0].n));
    fault("+0 * short x1");
    ask();
    ck_assert_uint_eq(r.out[0].n, healthy_n / 2);
    fault("+0 * short 7 x1");
    ask();
    ck_assert_uint_eq(r.out[0].n, 7);
    ck_assert_mem_eq(r.out[0].bytes, healthy, 7);
    ask(); /* x1: it is over */
    ck_assert_str_eq(r.out[0].verdict, "answer");
}
END_TEST

START_TEST(noise_before_after_and_inside)
{
    fault("+0 * noise before 1 0x00 x1");
    ask();
    ck_assert(r.out[0].n == healthy_n + 1 && r.out[0].bytes[0] == 0);
    ck_assert_mem_eq(r.out[0].bytes + 1, healthy, healthy_n);
    fault("+0 * noise after 5 x1");
    ask();
    ck_assert_uint_eq(r.out[0].n, healthy_n + 5);
    ck_assert_mem_eq(r.out[0].bytes, healthy, healthy_n);
    fault("+0 * noise inside 128 x1");
    ask();
    ck_assert_uint_eq(r.out[0].n, healthy_n + 128);
    ck_assert_mem_eq(r.out[0].bytes + healthy_n / 2 + 128, healthy + healthy_n / 2,
                     healthy_n - healthy_n / 2);
}
END_TEST

START_TEST(a_foreign_frame_comes_first_and_is_right_in_itself)
{
    fault("+0 * foreign x1");
    ask();
    ck_assert_uint_eq(r.n, 2);
    ck_assert(r.out[0].bytes[0] == 2 && sim_modbus_sealed(r.out[0].bytes, r.out[0].n));
    ck_assert_mem_eq(r.out[1].bytes, healthy, healthy_n);
    ck_assert_int_ge(r.out[1].start_ns, r.out[0].start_ns + 61 * CHAR_NS + CHAR_NS * 7 / 2);
    ck_assert(r.out[1].answers);
    fault("+0 * foreign function x1");
    ask();
    ck_assert(r.out[0].bytes[0] == 1 && r.out[0].bytes[1] == 4 &&
              sim_modbus_sealed(r.out[0].bytes, r.out[0].n));
    fault("+0 * foreign only x1");
    ask();
    ck_assert(r.n == 1 && r.out[0].bytes[0] == 2);
}
END_TEST

START_TEST(exceptions_of_all_codes)
{
    fault("+0 * exc 0x55");
    ask();
    ck_assert(r.out[0].n == 5 && r.out[0].bytes[1] == 0x83 && r.out[0].bytes[2] == 0x55);
    ck_assert(sim_modbus_sealed(r.out[0].bytes, 5));
}
END_TEST

START_TEST(absurd_values_have_a_good_crc)
{
    fault("+0 * zero x1");
    ask();
    for (size_t i = 0; i < 14; i++)
        ck_assert(float_of(&r.out[0], i) == 0);
    ck_assert(sim_modbus_sealed(r.out[0].bytes, r.out[0].n));
    static const char *const line[] = {"+0 * nan x1", "+0 * nan inf x1", "+0 * nan -inf x1",
                                       "+0 * nan negative x1", "+0 * nan huge x1"};
    for (int k = 0; k < 5; k++) {
        fault(line[k]);
        ask();
        double v = float_of(&r.out[0], 13);
        bool right[] = {isnan(v), isinf(v) && v > 0, isinf(v) && v < 0, v<0, v> 1e11 && isfinite(v)};
        ck_assert_msg(right[k], "%s: %f", line[k], v);
        ck_assert(sim_modbus_sealed(r.out[0].bytes, r.out[0].n));
    }
}
END_TEST

START_TEST(forged_values_have_a_good_crc)
{
    fault("+0 * forge 0x008c 123.5 x1");
    ask();
    ck_assert(float_of(&r.out[0], 6) == 123.5);
    ck_assert_mem_eq(r.out[0].bytes, healthy, 3 + 6 * 4);
    ck_assert(sim_modbus_sealed(r.out[0].bytes, r.out[0].n));
    fault("+0 * forge 0x009b 123.5 x1"); /* only half of it is asked for */
    ask();
    ck_assert_mem_eq(r.out[0].bytes, healthy, healthy_n);
    fault("+0 * forge x1");
    ask();
    int differ = 0;
    for (size_t i = 0; i < healthy_n - 2; i++)
        differ += r.out[0].bytes[i] != healthy[i];
    ck_assert_int_eq(differ, 1);
    ck_assert(sim_modbus_sealed(r.out[0].bytes, r.out[0].n));
}
END_TEST

START_TEST(a_twin_answers_too)
{
    int own = 0, others = 0, spoiled = 0;
    fault("+0 * twin");
    for (int i = 0; i < 300; i++) {
        ask();
        bool sealed = sim_modbus_sealed(r.out[0].bytes, r.out[0].n);
        spoiled += !sealed;
        own += sealed && memcmp(r.out[0].bytes, healthy, healthy_n) == 0;
        others += sealed && memcmp(r.out[0].bytes, healthy, healthy_n) != 0;
    }
    ck_assert_msg(own > 50 && others > 50 && spoiled > 50, "%d own, %d others, %d spoiled", own, others,
                  spoiled);
}
END_TEST

START_TEST(relays_that_fail)
{
    fault("+0 * relay stuck");
    ask_fc05(0);
    ck_assert(r.n == 1 && r.out[0].bytes[1] == 5 && unit.meter.relay_closed);
    fault("+0 * relay silent");
    ask_fc05(0);
    ck_assert(r.n == 0 && !unit.meter.relay_closed);
    ck_assert_str_eq(r.silent, "fault:relay");
    fault("+0 * relay lost");
    ask_fc05(0xFF);
    ck_assert(r.n == 0 && !unit.meter.relay_closed);
    fault("+0 * relay exc 6");
    ask_fc05(0xFF);
    ck_assert(r.out[0].n == 5 && r.out[0].bytes[2] == 6 && !unit.meter.relay_closed);
}
END_TEST

START_TEST(a_share_of_the_replies_is_hit)
{
    int hits = 0;
    fault("+0 * crc 10%");
    for (int i = 0; i < 2000; i++) {
        ask();
        hits += !r.out[0].answers;
    }
    ck_assert(hits > 140 && hits < 260);
}
END_TEST

START_TEST(what_happens_to_the_meter_itself)
{
    uint64_t sum = unit.meter.active.sum[0];
    fault("+0 * stuck");
    sim_unit_advance(&unit, NOW_MS + 86400000);
    ck_assert_uint_eq(unit.meter.active.sum[0], sum);
    ck_assert_int_gt(sim_meter_power(&unit.meter).p_mw, 0);
    fault("+0 * clock -12m");
    fault("+0 * clock +2m");
    ck_assert_int_eq(unit.meter.step_ms, -600000);
    fault("+0 * clock 2005-01-01T00:00");
    ck_assert_int_eq(sim_meter_local_ms(&unit.meter, unit.meter.at_ms), INT64_C(1104537600000));
    fault("+0 * table one peak");
    ck_assert_ptr_ne(unit.meter.tariff, &tariff);
    fault("+0 * repaired");
    ck_assert(unit.meter.tariff == &tariff && unit.meter.step_ms == 0 && !unit.meter.stuck);
    uint64_t first = sim_meter_month(&unit.meter, false, 0, 1);
    fault("+0 * freeze_reversed");
    ck_assert_uint_eq(sim_meter_month(&unit.meter, false, 0, 12), first);
    fault("+0 * replace 10");
    ck_assert_uint_eq(unit.meter.active.sum[0], 16000);
    fault("+0 * clear");
    ck_assert_uint_eq(unit.meter.active.sum[0], 0);
}
END_TEST

START_TEST(a_written_speed_counts_from_the_next_request_on)
{
    unit.meter.baud_code = 1;
    ck_assert_uint_eq(unit.baud, 9600);
    sim_unit_advance(&unit, NOW_MS + 2000);
    ck_assert_uint_eq(unit.baud, 1200);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *suite = suite_create("sim_reply");
    TCase *c = tcase_create("faults");
    tcase_add_checked_fixture(c, set_up, tear_down);
    tcase_add_test(c, a_healthy_meter_answers_once_after_its_turnaround);
    tcase_add_test(c, no_answer_begins_before_the_silence_is_over);
    tcase_add_test(c, dead_and_alive);
    tcase_add_test(c, slow_is_an_answer_and_late_is_none);
    tcase_add_test(c, dup_and_echo_are_further_frames);
    tcase_add_test(c, drip_is_byte_by_byte);
    tcase_add_test(c, damaged_frames);
    tcase_add_test(c, noise_before_after_and_inside);
    tcase_add_test(c, a_foreign_frame_comes_first_and_is_right_in_itself);
    tcase_add_test(c, exceptions_of_all_codes);
    tcase_add_test(c, absurd_values_have_a_good_crc);
    tcase_add_test(c, forged_values_have_a_good_crc);
    tcase_add_test(c, a_twin_answers_too);
    tcase_add_test(c, relays_that_fail);
    tcase_add_test(c, a_share_of_the_replies_is_hit);
    tcase_add_test(c, what_happens_to_the_meter_itself);
    tcase_add_test(c, a_written_speed_counts_from_the_next_request_on);
    suite_add_tcase(suite, c);
    return suite;
}
