/* Switching a relay on a bus with meters: written once, read back, and what it comes to when things go wrong
 * (FAULTS W20). */
#include <poll.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "bus/bus_worker.h"
#include "core/clock.h"
#include "core/log.h"
#include "core/rc.h"
#include "fake/fake_line.h"
#include "fake/fake_model.h"
#include "share/event.h"
#include "unit_main.h"

#define METERS 3

static struct settings settings;
static struct settings_bus bus;
static struct settings_meter meters[METERS];
static struct fake_meters fakes;
static struct fake_line *line;
static struct rqueue *queue;
static struct board *board;
static struct bus_worker *worker;
static struct regmap *map;
static int done_fd;

static float value(unsigned unit, unsigned address)
{
    return (float)(unit * 1000 + address);
}

static void setup(void)
{
    log_open(false, LOG_LEVEL_ERROR);
    map = fake_kpm31();
    memset(&fakes, 0, sizeof fakes);
    fakes.n = METERS;
    fakes.value = value;
    line = fake_line_meters(BUS_SERIAL, &fakes);
    bus = fake_line_bus(line);
    memset(&settings, 0, sizeof settings);
    settings.buses = &bus;
    settings.n_buses = 1;
    settings.meters = meters;
    settings.n_meters = METERS;
    for (unsigned i = 0; i < METERS; i++) {
        meters[i] = (struct settings_meter){.address = (uint8_t)(i + 1), .model = map, .relay = i != 2};
        meters[i].name[0] = (char)('a' + i);
    }
    ck_assert_int_eq(rqueue_new(4096, &queue), RC_OK);
    ck_assert_int_eq(board_new(1, METERS, &board), RC_OK);
    done_fd = event_new();
    ck_assert_int_eq(bus_worker_start(&settings, 0, queue, board, &worker), RC_OK);
}

static void teardown(void)
{
    if (worker != NULL)
        bus_worker_stop(worker);
    bus_worker_join(worker);
    fake_line_free(line);
    rqueue_free(queue);
    board_free(board);
    regmap_free(map);
    close(done_fd);
}

static unsigned give(size_t meter, bool close, int64_t expires_utc_ms)
{
    struct relay_order o = {meter, close, expires_utc_ms};
    unsigned slot = 99;
    ck_assert_int_eq(bus_worker_switch(worker, &o, done_fd, &slot), RC_OK);
    return slot;
}

static struct relay_report outcome(unsigned slot)
{
    struct relay_report r;
    for (int waited = 0; !bus_worker_switched(worker, slot, &r); waited++) {
        struct pollfd p = {.fd = done_fd, .events = POLLIN};
        ck_assert_msg(poll(&p, 1, 10000) == 1 && waited < 100, "no outcome");
        event_clear(done_fd);
    }
    return r;
}

static const struct {
    const char *says;
    enum fake_relay relay;
    enum relay_outcome outcome;
    int8_t state;
    uint8_t exception;
} rows[] = {
    {"it moves", FAKE_RELAY_WORKS, RELAY_SWITCHED, 0, 0},
    {"it takes its time", FAKE_RELAY_SLOW, RELAY_SWITCHED, 0, 0},
    {"the meter's control mode is Local", FAKE_RELAY_LOCAL, RELAY_NOT_SWITCHED, 1, 0},
    {"no answer, but it moved", FAKE_RELAY_SILENT, RELAY_SWITCHED, 0, 0},
    {"no answer, and it did not move", FAKE_RELAY_LOST, RELAY_NOT_SWITCHED, 1, 0},
    {"no answer, and none to any question after it", FAKE_RELAY_DEAF, RELAY_UNKNOWN, -1, 0},
    {"refused", FAKE_RELAY_REFUSES, RELAY_FAILED, 1, 4},
};

START_TEST(what_a_command_comes_to)
{
    fakes.relay = rows[_i].relay;
    struct relay_report r = outcome(give(0, false, 0));
    ck_assert_msg(r.outcome == rows[_i].outcome && r.state == rows[_i].state &&
                      r.exception == rows[_i].exception,
                  "%s: outcome %d, state %d, exception %u", rows[_i].says, r.outcome, r.state, r.exception);
    ck_assert_uint_eq(fakes.writes[1], 1); /* never again by itself */
    ck_assert_uint_eq(fakes.others, 0);
    if (r.state >= 0)
        ck_assert_int_ge(r.state_utc_ms, clock_utc_ms() - 10000);
}
END_TEST

START_TEST(the_reading_says_that_it_follows_from_a_command)
{
    outcome(give(1, false, 0));
    struct reading *r = rqueue_take(queue);
    for (int i = 0; i < 100 && r == NULL; i++) {
        nanosleep(&(struct timespec){0, 10000000}, NULL);
        r = rqueue_take(queue);
    }
    ck_assert_ptr_nonnull(r);
    ck_assert_int_eq(r->klass, CLASS_RELAY);
    ck_assert_int_eq(r->command, READING_BACK);
    ck_assert_int_eq(r->values[0].value, 0);
    reading_free(r);
    struct board_meter m;
    board_get_meter(board, 1, &m);
    ck_assert_int_eq(m.relay, 0);
}
END_TEST

START_TEST(a_meter_that_may_not_be_switched_is_not)
{
    struct relay_report r = outcome(give(2, false, 0));
    ck_assert_int_eq(r.outcome, RELAY_UNREACHED);
    ck_assert_int_eq(r.rc, RC_DENIED);
    r = outcome(give(77, false, 0));
    ck_assert_int_eq(r.outcome, RELAY_UNREACHED);
    for (unsigned unit = 0; unit < 248; unit++)
        ck_assert_uint_eq(fakes.writes[unit], 0);
}
END_TEST

START_TEST(an_expired_command_is_not_sent)
{
    ck_assert_int_eq(outcome(give(0, false, clock_utc_ms() - 1)).outcome, RELAY_EXPIRED);
    ck_assert_uint_eq(fakes.writes[1], 0);
    ck_assert_int_eq(outcome(give(0, false, clock_utc_ms() + 60000)).outcome, RELAY_SWITCHED);
    ck_assert_uint_eq(fakes.writes[1], 1);
}
END_TEST

START_TEST(commands_of_one_meter_go_one_after_the_other)
{
    unsigned slots[4];
    for (int i = 0; i < 4; i++)
        slots[i] = give(0, i % 2 == 1, 0);
    for (int i = 0; i < 4; i++) {
        struct relay_report r = outcome(slots[i]);
        ck_assert_int_eq(r.outcome, RELAY_SWITCHED);
        ck_assert_int_eq(r.state, i % 2);
    }
    ck_assert_uint_eq(fakes.writes[1], 4);
}
END_TEST

START_TEST(a_stop_leaves_no_command_without_an_outcome)
{
    struct relay_order o = {0, false, 0};
    struct relay_report r;
    unsigned slots[RELAY_TRAY], n = 0;
    fakes.dead[1] = fakes.dead[2] = true;
    for (; n < RELAY_TRAY; n++)
        slots[n] = give(n % 2, false, 0);
    ck_assert_int_eq(bus_worker_switch(worker, &o, done_fd, &slots[0]), RC_FULL);
    bus_worker_stop(worker);
    for (unsigned i = 0; i < n; i++) {
        r = outcome(i);
        ck_assert(r.outcome == RELAY_UNREACHED || r.outcome == RELAY_UNKNOWN);
    }
    ck_assert_int_eq(bus_worker_switch(worker, &o, done_fd, &slots[0]), RC_STOPPED);
}
END_TEST

START_TEST(what_was_taken_back_is_never_sent)
{
    fakes.dead[1] = true;
    unsigned first = give(0, false, 0), second = give(0, true, 0);
    bool back = bus_worker_withdraw(worker, second); /* the first one holds the meter for a while */
    ck_assert(back);
    ck_assert_int_eq(outcome(first).outcome, RELAY_UNKNOWN);
    ck_assert(!bus_worker_withdraw(worker, first));
    fakes.dead[1] = false;
    ck_assert_int_eq(outcome(give(0, false, 0)).outcome, RELAY_SWITCHED);
    ck_assert(fakes.relay_open[1]);
    ck_assert_uint_eq(fakes.writes[1], 1);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *s = suite_create("bus_worker_relay");
    TCase *t = tcase_create("bus_worker_relay");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_loop_test(t, what_a_command_comes_to, 0, sizeof rows / sizeof rows[0]);
    tcase_add_test(t, the_reading_says_that_it_follows_from_a_command);
    tcase_add_test(t, a_meter_that_may_not_be_switched_is_not);
    tcase_add_test(t, an_expired_command_is_not_sent);
    tcase_add_test(t, commands_of_one_meter_go_one_after_the_other);
    tcase_add_test(t, a_stop_leaves_no_command_without_an_outcome);
    tcase_add_test(t, what_was_taken_back_is_never_sent);
    tcase_set_timeout(t, 30);
    suite_add_tcase(s, t);
    return s;
}
