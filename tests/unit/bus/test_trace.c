/* Frames as they pass: who listens hears all of them or is told how many are missing; the bus never waits. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include "bus/exchange.h"
#include "bus/line.h"
#include "bus/trace.h"
#include "core/rc.h"
#include "fake/fake_line.h"
#include "fake/fake_model.h"
#include "share/event.h"
#include "unit_main.h"

static struct trace *trace;
static struct trace_frame frame;

static void setup(void)
{
    trace = trace_new();
    ck_assert_ptr_nonnull(trace);
}

static void teardown(void)
{
    trace_drop(trace);
}

static void put(unsigned number)
{
    struct trace_frame f = {.kind = TRACE_REQUEST, .address = (uint16_t)number};
    trace_put(trace, &f);
}

START_TEST(nobody_listens_at_first_and_whoever_does_hears_what_comes_then)
{
    ck_assert(!trace_wanted(NULL));
    ck_assert(!trace_wanted(trace));
    put(1);
    struct trace_ear *e = trace_listen(trace);
    ck_assert(trace_wanted(trace));
    ck_assert(!trace_take(e, &frame));
    ck_assert(!event_is_set(trace_fd(e)));
    put(2);
    ck_assert(event_is_set(trace_fd(e)));
    ck_assert(trace_take(e, &frame));
    ck_assert_uint_eq(frame.address, 2);
    ck_assert(!trace_take(e, &frame));
    ck_assert(!event_is_set(trace_fd(e)));
    trace_leave(e);
    ck_assert(!trace_wanted(trace));
}
END_TEST

START_TEST(a_slow_listener_loses_the_newest_and_is_told_how_many)
{
    struct trace_ear *slow = trace_listen(trace), *quick = trace_listen(trace);
    for (unsigned i = 0; i < TRACE_RING + 10; i++) {
        put(i);
        ck_assert(trace_take(quick, &frame) && frame.address == i);
    }
    for (unsigned i = 0; i < TRACE_RING; i++)
        ck_assert(trace_take(slow, &frame) && frame.address == i);
    ck_assert(!trace_take(slow, &frame));
    ck_assert_uint_eq(trace_lost(slow), 10);
    ck_assert_uint_eq(trace_lost(slow), 0);
    ck_assert_uint_eq(trace_lost(quick), 0);
    put(7);
    ck_assert(trace_take(slow, &frame) && frame.address == 7);
    trace_leave(slow);
    trace_leave(quick);
}
END_TEST

START_TEST(only_so_many_listen_and_a_place_is_free_again_after_one_has_left)
{
    struct trace_ear *ears[TRACE_EARS];
    for (int i = 0; i < TRACE_EARS; i++)
        ck_assert_ptr_nonnull(ears[i] = trace_listen(trace));
    ck_assert_ptr_null(trace_listen(trace));
    trace_leave(ears[1]);
    ck_assert_ptr_nonnull(ears[1] = trace_listen(trace));
    for (int i = 0; i < TRACE_EARS; i++)
        trace_leave(ears[i]);
}
END_TEST

START_TEST(the_end_is_heard_after_the_last_frame_and_the_ear_outlives_the_bus)
{
    struct trace_ear *e = trace_listen(trace);
    put(5);
    trace_drop(trace);
    ck_assert(trace_ended(e));
    ck_assert(trace_take(e, &frame) && frame.address == 5);
    ck_assert(!trace_take(e, &frame));
    ck_assert(event_is_set(trace_fd(e)));
    trace_leave(e);
    trace = trace_new();
}
END_TEST

static void *listen_and_leave(void *arg)
{
    unsigned long *heard = arg;
    for (int i = 0; i < 300; i++) {
        struct trace_ear *e = trace_listen(trace);
        struct trace_frame f;
        uint16_t last = 0;
        for (int k = 0; e != NULL && k < 50; k++) {
            if (!trace_take(e, &f))
                continue;
            ck_assert_msg(*heard == 0 || last == 0 || (uint16_t)(f.address - last) < 0x8000, "out of order");
            last = f.address;
            ++*heard;
        }
        trace_leave(e);
    }
    return NULL;
}

START_TEST(listeners_come_and_go_while_frames_pass)
{
    pthread_t threads[3];
    unsigned long heard[3] = {0};
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, listen_and_leave, &heard[i]), 0);
    for (unsigned i = 1; i < 200000; i++)
        if (trace_wanted(trace))
            put(i);
    for (int i = 0; i < 3; i++)
        pthread_join(threads[i], NULL);
    ck_assert(!trace_wanted(trace));
}
END_TEST

/* What an exchange tells ----------------------------------------------------------------------------------
 */

#define ASK   "? 01 03 0030 0002;"
#define GOOD  "! 01 03 04 4366 0000;"
#define OTHER "! 02 03 04 4120 0000;"

static const struct {
    const char *says;
    enum bus_kind kind;
    const char *script;
    struct {
        enum trace_kind kind;
        enum trace_why why;
        unsigned len;
    } told[4];
} rows[] = {
    {"an answer", BUS_SERIAL, ASK GOOD, {{TRACE_REQUEST, 0, 8}, {TRACE_REPLY, 0, 9}}},
    {"an exception", BUS_SERIAL, ASK "! 01 83 02;", {{TRACE_REQUEST, 0, 8}, {TRACE_REPLY, 0, 5}}},
    {"silence", BUS_SERIAL, ASK, {{TRACE_REQUEST, 0, 8}, {TRACE_SILENCE, 0, 0}}},
    {"a wrong CRC",
     BUS_SERIAL,
     ASK "= 01 03 04 43 66 00 00 12 34;",
     {{TRACE_REQUEST, 0, 8}, {TRACE_DROPPED, TRACE_CRC, 9}}},
    {"half an answer",
     BUS_SERIAL,
     ASK "= 01 03 04 43;",
     {{TRACE_REQUEST, 0, 8}, {TRACE_DROPPED, TRACE_SHORT, 4}}},
    {"another meter's answer first",
     BUS_SERIAL,
     ASK OTHER GOOD,
     {{TRACE_REQUEST, 0, 8}, {TRACE_DROPPED, TRACE_OTHER_UNIT, 9}, {TRACE_REPLY, 0, 9}}},
    {"another length first",
     BUS_SERIAL,
     ASK "! 01 03 02 4120;" GOOD,
     {{TRACE_REQUEST, 0, 8}, {TRACE_DROPPED, TRACE_OTHER_ANSWER, 7}, {TRACE_REPLY, 0, 9}}},
    {"an echo first",
     BUS_SERIAL,
     ASK "! 01 03 0030 0002;" GOOD,
     {{TRACE_REQUEST, 0, 8}, {TRACE_DROPPED, TRACE_ECHO, 8}, {TRACE_REPLY, 0, 9}}},
    {"an answer over TCP", BUS_TCP, ASK GOOD, {{TRACE_REQUEST, 0, 12}, {TRACE_REPLY, 0, 13}}},
    {"a stale id first",
     BUS_TCP,
     ASK "s 01 03 04 4120 0000;" GOOD,
     {{TRACE_REQUEST, 0, 12}, {TRACE_DROPPED, TRACE_STALE, 13}, {TRACE_REPLY, 0, 13}}},
    {"a lie",
     BUS_TCP,
     ASK "= 00 01 00 00 01 2C 01 03;",
     {{TRACE_REQUEST, 0, 12}, {TRACE_DROPPED, TRACE_LIE, 8}}},
};

START_TEST(an_exchange_tells_what_passed)
{
    char why[LINE_WHY];
    struct line *line;
    struct fake_line *fake = fake_line_new(rows[_i].kind, rows[_i].script);
    struct settings_bus bus = fake_line_bus(fake);
    struct regmap *map = fake_kpm31();
    struct exchange_request q = {.unit = 1, .function = 3, .address = 0x30, .count = 2, .model = map};
    struct exchange_reply reply;
    struct trace_ear *e = trace_listen(trace);
    q.tag = (struct trace_tag){7, CLASS_LIVE, TRACE_RETRY, 2};
    ck_assert_int_eq(line_open(&bus, -1, &line, why), RC_OK);
    line_listen(line, trace);
    exchange_run(line, &q, &reply);
    for (int i = 0; i < 4 && (rows[_i].told[i].len > 0 || rows[_i].told[i].kind == TRACE_SILENCE); i++) {
        ck_assert_msg(trace_take(e, &frame), "%s: %d told", rows[_i].says, i);
        ck_assert_msg(frame.kind == rows[_i].told[i].kind && frame.why == rows[_i].told[i].why &&
                          frame.len == rows[_i].told[i].len,
                      "%s: %d: %s, %s, %u bytes", rows[_i].says, i, trace_kind_name(frame.kind),
                      trace_why_text(frame.why), frame.len);
        ck_assert_uint_eq(frame.tag.meter, 7);
        ck_assert_uint_eq(frame.tag.attempt, 2);
        ck_assert_uint_eq(frame.address, 0x30);
    }
    ck_assert(!trace_take(e, &frame));
    line_close(line);
    fake_line_free(fake);
    regmap_free(map);
    trace_leave(e);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *s = suite_create("trace");
    TCase *t = tcase_create("trace");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, nobody_listens_at_first_and_whoever_does_hears_what_comes_then);
    tcase_add_test(t, a_slow_listener_loses_the_newest_and_is_told_how_many);
    tcase_add_test(t, only_so_many_listen_and_a_place_is_free_again_after_one_has_left);
    tcase_add_test(t, the_end_is_heard_after_the_last_frame_and_the_ear_outlives_the_bus);
    tcase_add_test(t, listeners_come_and_go_while_frames_pass);
    tcase_add_loop_test(t, an_exchange_tells_what_passed, 0, sizeof rows / sizeof rows[0]);
    tcase_set_timeout(t, 30);
    suite_add_tcase(s, t);
    return s;
}
