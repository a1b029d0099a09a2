#include <string.h>
#include <time.h>
#include "bus/exchange.h"
#include "bus/line.h"
#include "core/rc.h"
#include "fake/fake_line.h"
#include "fake/fake_model.h"
#include "share/event.h"
#include "unit_main.h"

#define ASK   "? 01 03 0030 0002;"
#define GOOD  "! 01 03 04 4366 0000;" /* 230.0 */
#define OTHER "! 02 03 04 4120 0000;"

struct row {
    const char *says, *script;
    int rc;
    uint8_t exception;
    enum exchange_fault fault;
    uint32_t foreign;
};

static const struct row rtu_rows[] = {
    {"an answer", ASK GOOD, RC_OK, 0, FAULT_NONE, 0},
    {"an answer byte by byte", ASK ". 1;" GOOD, RC_OK, 0, FAULT_NONE, 0},
    {"an answer at the last moment", ASK "~ 120;" GOOD, RC_OK, 0, FAULT_NONE, 0},
    {"silence", ASK, RC_NOANSWER, 0, FAULT_NONE, 0},
    {"half an answer", ASK "= 01 03 04 43;", RC_BADFRAME, 0, FAULT_SHORT, 0},
    {"dripping bytes end with the time allowed", ASK ". 40; = 01 03 04 43 66 00 00 00 00;", RC_BADFRAME, 0,
     FAULT_SHORT, 0},
    {"a wrong CRC", ASK "= 01 03 04 43 66 00 00 12 34;", RC_BADFRAME, 0, FAULT_CRC, 0},
    {"another meter's answer alone", ASK OTHER, RC_NOANSWER, 0, FAULT_NONE, 1},
    {"another meter's answer, then the right one", ASK OTHER GOOD, RC_OK, 0, FAULT_NONE, 1},
    {"two of another meter, a pause, the right one", ASK OTHER OTHER "~ 10;" GOOD, RC_OK, 0, FAULT_NONE, 2},
    {"another length, then the right one", ASK "! 01 03 08 4120 0000 4120 0000;" GOOD, RC_OK, 0, FAULT_NONE,
     1},
    {"another length alone", ASK "! 01 03 02 4120;", RC_NOANSWER, 0, FAULT_NONE, 1},
    {"another function, then the right one", ASK "! 01 01 01 01;" GOOD, RC_OK, 0, FAULT_NONE, 1},
    {"the exception of another function", ASK "! 01 81 02;" GOOD, RC_OK, 0, FAULT_NONE, 1},
    {"the echo of our request, then the answer", ASK "! 01 03 0030 0002;" GOOD, RC_OK, 0, FAULT_NONE, 1},
    {"the echo alone", ASK "! 01 03 0030 0002;", RC_NOANSWER, 0, FAULT_NONE, 1},
    {"a 0x00 before the answer", ASK "= 00;" GOOD, RC_BADFRAME, 0, FAULT_CRC, 0},
    {"three bytes of garbage before the answer", ASK "= 55 AA 0F;" GOOD, RC_BADFRAME, 0, FAULT_SHORT, 2},
    {"no such register", ASK "! 01 83 02;", RC_NOREG, 2, FAULT_NONE, 0},
    {"no such function", ASK "! 01 83 01;", RC_NOREG, 1, FAULT_NONE, 0},
    {"busy", ASK "! 01 83 06;", RC_REFUSED, 6, FAULT_NONE, 0},
    {"an exception nobody knows", ASK "! 01 83 55;", RC_REFUSED, 0x55, FAULT_NONE, 0},
    {"a gateway says that its meter is silent", ASK "! 01 83 0B;", RC_NOANSWER, 0x0B, FAULT_NONE, 0},
    {"exception 0 is none", ASK "! 01 83 00;", RC_NOANSWER, 0, FAULT_NONE, 1},
    {"the line hangs up", ASK "x", RC_LINK, 0, FAULT_NONE, 0},
};

static const struct row tcp_rows[] = {
    {"an answer", ASK GOOD, RC_OK, 0, FAULT_NONE, 0},
    {"an answer byte by byte", ASK ". 1;" GOOD, RC_OK, 0, FAULT_NONE, 0},
    {"silence", ASK, RC_NOANSWER, 0, FAULT_NONE, 0},
    {"half an answer", ASK "= 00 01 00 00 00;", RC_NOANSWER, 0, FAULT_SHORT, 0},
    {"a stale id, then the right one", ASK "s 01 03 04 4120 0000;" GOOD, RC_OK, 0, FAULT_NONE, 1},
    {"a stale id alone", ASK "s 01 03 04 4120 0000;", RC_NOANSWER, 0, FAULT_NONE, 1},
    {"another unit", ASK OTHER GOOD, RC_OK, 0, FAULT_NONE, 1},
    {"our id on another length: not to be believed", ASK "! 01 03 02 4120;", RC_LINK, 0, FAULT_NONE, 1},
    {"a length that lies", ASK "= 00 01 00 00 01 2C 01 03;", RC_LINK, 0, FAULT_NONE, 0},
    {"another protocol", ASK "= 00 01 00 07 00 03 01 03 00;", RC_LINK, 0, FAULT_NONE, 0},
    {"two frames in one piece", ASK "= 00 00 00 00 00 03 01 83 02 00 01 00 00 00 07 01 03 04 43 66 00 00;",
     RC_OK, 0, FAULT_NONE, 1},
    {"no such register", ASK "! 01 83 02;", RC_NOREG, 2, FAULT_NONE, 0},
    {"the gateway's meter is silent", ASK "! 01 83 0B;", RC_NOANSWER, 0x0B, FAULT_NONE, 0},
    {"the peer hangs up", ASK "x", RC_LINK, 0, FAULT_NONE, 0},
};

static struct regmap *map;
static struct exchange_reply reply;

static void setup(void)
{
    map = fake_kpm31();
}
static void teardown(void)
{
    regmap_free(map);
}

static struct exchange_request ask(void)
{
    return (struct exchange_request){.unit = 1, .function = 3, .address = 0x30, .count = 2, .model = map};
}

static void play(enum bus_kind kind, const struct row *row)
{
    char why[LINE_WHY];
    struct line *line;
    struct fake_line *fake = fake_line_new(kind, row->script);
    struct settings_bus bus = fake_line_bus(fake);
    ck_assert_msg(line_open(&bus, -1, &line, why) == RC_OK, "%s: %s", row->says, why);
    struct exchange_request q = ask();
    int rc = exchange_run(line, &q, &reply);
    ck_assert_msg(rc == row->rc, "%s: %s", row->says, rc_text(rc));
    ck_assert_msg(reply.exception == row->exception, "%s: exception %u", row->says, reply.exception);
    ck_assert_msg(reply.fault == row->fault, "%s: fault %d", row->says, (int)reply.fault);
    ck_assert_msg(reply.foreign == row->foreign, "%s: %u foreign", row->says, reply.foreign);
    if (rc == RC_OK)
        ck_assert_msg(reply.regs[0] == 0x4366 && reply.regs[1] == 0, "%s: wrong value", row->says);
    ck_assert_int_ge(reply.done_ns, reply.sent_ns);
    ck_assert_int_le(reply.done_ns - reply.sent_ns, 1000000000); /* a busy machine may add to the 200 ms */
    const char *failure = fake_line_failure(fake);
    ck_assert_msg(failure[0] == '\0', "%s: %s", row->says, failure);
    line_close(line);
    fake_line_free(fake);
}

START_TEST(rtu_on_a_serial_line)
{
    play(BUS_SERIAL, &rtu_rows[_i]);
}
END_TEST

START_TEST(rtu_over_tcp)
{
    play(BUS_RTU_TCP, &rtu_rows[_i]);
}
END_TEST

START_TEST(modbus_tcp)
{
    play(BUS_TCP, &tcp_rows[_i]);
}
END_TEST

START_TEST(coils)
{
    char why[LINE_WHY];
    struct line *line;
    struct fake_line *fake = fake_line_new(BUS_SERIAL, "? 01 01 0001 0001; ! 01 01 01 01;"
                                                       "? 01 01 0001 0001; = 01 01 00 01 00 01;"
                                                       "? 01 05 0001 FF00; ! 01 05 0001 FF00;"
                                                       "? 01 05 0001 0000; ! 01 05 0001 FF00");
    struct settings_bus bus = fake_line_bus(fake);
    ck_assert_int_eq(line_open(&bus, -1, &line, why), RC_OK);
    struct exchange_request q = {.unit = 1, .function = 1, .address = 1, .count = 1, .model = map};
    ck_assert_int_eq(exchange_run(line, &q, &reply), RC_OK);
    ck_assert(reply.relay_closed);
    ck_assert_int_eq(exchange_run(line, &q, &reply), RC_BADFRAME);
    struct settings_meter meter = {.address = 1, .model = map, .relay = true};
    q.function = 5;
    q.permit = &meter;
    q.close_relay = true;
    ck_assert_int_eq(exchange_run(line, &q, &reply), RC_OK);
    q.close_relay = false; /* the meter confirms something else than was asked */
    ck_assert_int_eq(exchange_run(line, &q, &reply), RC_NOANSWER);
    ck_assert_uint_eq(reply.foreign, 1);
    ck_assert_str_eq(fake_line_failure(fake), "");
    line_close(line);
    fake_line_free(fake);
}
END_TEST

START_TEST(requests_no_meter_can_answer)
{
    static const struct exchange_request rows[] = {
        {.unit = 0, .function = 3, .address = 0x30, .count = 2},
        {.unit = 248, .function = 3, .address = 0x30, .count = 2},
        {.unit = 1, .function = 3, .address = 0x30, .count = 0},
        {.unit = 1, .function = 3, .address = 0x30, .count = 126},
        {.unit = 1, .function = 3, .address = 0xFFFF, .count = 2},
        {.unit = 1, .function = 1, .address = 1, .count = 2},
    };
    char why[LINE_WHY];
    struct line *line;
    struct fake_line *fake = fake_line_new(BUS_SERIAL, "");
    struct settings_bus bus = fake_line_bus(fake);
    ck_assert_int_eq(line_open(&bus, -1, &line, why), RC_OK);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        ck_assert_int_eq(exchange_run(line, &rows[i], &reply), RC_RANGE);
    line_close(line);
    fake_line_free(fake);
}
END_TEST

START_TEST(silence_is_kept_after_an_answer)
{
    char why[LINE_WHY];
    struct line *line;
    struct fake_line *fake = fake_line_new(BUS_SERIAL, ASK GOOD ASK GOOD "~ 1; = 55;" ASK GOOD);
    struct settings_bus bus = fake_line_bus(fake);
    bus.baud = 2400; /* 3.5 characters are 14.6 ms */
    struct exchange_request q = ask();
    ck_assert_int_eq(line_open(&bus, -1, &line, why), RC_OK);
    int64_t last = 0;
    for (int i = 0; i < 3; i++) {
        ck_assert_int_eq(exchange_run(line, &q, &reply), RC_OK);
        if (i > 0)
            ck_assert_int_ge(reply.sent_ns - last, line_silence_ns(line));
        ck_assert_uint_eq(reply.stray_bytes, i == 2 ? 1 : 0); /* a stray byte begins the silence anew */
        last = reply.done_ns;
    }
    ck_assert_str_eq(fake_line_failure(fake), "");
    line_close(line);
    fake_line_free(fake);
}
END_TEST

/* Waits until what the other end sends by itself is here. */
static void let_it_come(void)
{
    nanosleep(&(struct timespec){0, 50000000}, NULL);
}

START_TEST(a_second_copy_of_an_answer_is_not_the_next_one)
{
    char why[LINE_WHY];
    struct line *line;
    struct fake_line *fake =
        fake_line_new(BUS_SERIAL, ASK GOOD GOOD "? 01 03 0032 0002; ! 01 03 04 4120 0000;" ASK GOOD
                                                "~ 60;" GOOD "? 02 03 0032 0002; ! 02 03 04 4120 0000;");
    struct settings_bus bus = fake_line_bus(fake);
    struct exchange_request first = ask(), second = ask();
    second.address = 0x32;
    ck_assert_int_eq(line_open(&bus, -1, &line, why), RC_OK);

    ck_assert_int_eq(exchange_run(line, &first, &reply), RC_OK);
    let_it_come();
    ck_assert_int_eq(exchange_run(line, &second, &reply), RC_BADFRAME); /* who has just spoken is not asked */
    ck_assert_int_eq(reply.sent_ns, 0);
    ck_assert_uint_eq(reply.strangers[0], 1);
    ck_assert_int_eq(exchange_run(line, &second, &reply), RC_OK);
    ck_assert_uint_eq(reply.regs[0], 0x4120);

    ck_assert_int_eq(exchange_run(line, &first, &reply), RC_OK);
    ck_assert_uint_eq(reply.regs[0], 0x4366);
    second.unit = 2; /* this time the copy comes while another meter is asked */
    ck_assert_int_eq(exchange_run(line, &second, &reply), RC_OK);
    ck_assert_uint_eq(reply.regs[0], 0x4120);
    ck_assert_uint_eq(reply.foreign, 1);
    ck_assert_uint_eq(reply.strangers[0], 1);
    ck_assert_str_eq(fake_line_failure(fake), "");
    line_close(line);
    fake_line_free(fake);
}
END_TEST

START_TEST(the_stop_event_ends_every_wait)
{
    char why[LINE_WHY];
    struct line *line;
    int stop = event_new();
    struct fake_line *fake = fake_line_new(BUS_SERIAL, ASK);
    struct settings_bus bus = fake_line_bus(fake);
    bus.timeout_ms = 10000;
    struct exchange_request q = ask();
    ck_assert_int_eq(line_open(&bus, stop, &line, why), RC_OK);
    event_set(stop);
    ck_assert_int_eq(exchange_run(line, &q, &reply), RC_STOPPED);
    line_close(line);
    fake_line_free(fake);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *s = suite_create("exchange");
    TCase *t = tcase_create("exchange");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_loop_test(t, rtu_on_a_serial_line, 0, sizeof rtu_rows / sizeof rtu_rows[0]);
    tcase_add_loop_test(t, rtu_over_tcp, 0, sizeof rtu_rows / sizeof rtu_rows[0]);
    tcase_add_loop_test(t, modbus_tcp, 0, sizeof tcp_rows / sizeof tcp_rows[0]);
    tcase_add_test(t, coils);
    tcase_add_test(t, requests_no_meter_can_answer);
    tcase_add_test(t, silence_is_kept_after_an_answer);
    tcase_add_test(t, a_second_copy_of_an_answer_is_not_the_next_one);
    tcase_add_test(t, the_stop_event_ends_every_wait);
    tcase_set_timeout(t, 30);
    suite_add_tcase(s, t);
    return s;
}
