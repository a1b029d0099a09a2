#include <string.h>
#include <time.h>
#include "bus/exchange.h"
#include "bus/line.h"
#include "core/rc.h"
#include "fake/fake_line.h"
#include "fake/fake_model.h"
#include "share/event.h"
#include "unit_main.h"

#define ASK  "? 01 03 0030 0002;"
#define GOOD "! 01 03 04 4366 0000;" /* 230.0 */

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
    struct fake_line *fake = fake_line_new(BUS_SERIAL, ASK GOOD ASK GOOD "~ 170; = 55;" ASK GOOD);
    struct settings_bus bus = fake_line_bus(fake);
    bus.baud = 300; /* 3.5 characters are 128 ms */
    struct exchange_request q = ask();
    ck_assert_int_eq(line_open(&bus, -1, &line, why), RC_OK);
    int64_t last = 0;
    for (int i = 0; i < 3; i++) {
        if (i == 2) /* until the stray byte is here */
            nanosleep(&(struct timespec){0, 400000000}, NULL);
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
        fake_line_new(BUS_SERIAL, ASK GOOD "~ 20;" GOOD "? 01 03 0032 0002; ! 01 03 04 4120 0000;" ASK GOOD
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
    tcase_add_test(t, coils);
    tcase_add_test(t, requests_no_meter_can_answer);
    tcase_add_test(t, silence_is_kept_after_an_answer);
    tcase_add_test(t, a_second_copy_of_an_answer_is_not_the_next_one);
    tcase_add_test(t, the_stop_event_ends_every_wait);
    tcase_set_timeout(t, 30);
    suite_add_tcase(s, t);
    return s;
}
