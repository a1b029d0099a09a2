#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "bus/bus_worker.h"
#include "bus/read_once.h"
#include "core/clock.h"
#include "core/decimal.h"
#include "core/log.h"
#include "core/rc.h"
#include "fake/fake_line.h"
#include "fake/fake_model.h"
#include "unit_main.h"

#define METERS 4

static struct settings settings;
static struct settings_bus bus;
static struct settings_meter meters[METERS];
static struct fake_meters fakes;
static struct fake_line *line;
static struct rqueue *queue;
static struct board *board;
static struct bus_worker *worker;
static struct regmap *map;

/* Every register of every meter says where it comes from. */
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
        meters[i] = (struct settings_meter){.bus = 0, .address = (uint8_t)(i + 1), .model = map};
        meters[i].name[0] = (char)('a' + i);
        for (int c = 0; c < CLASS_COUNT; c++)
            meters[i].period_ms[c] = 3600000;
    }
    ck_assert_int_eq(rqueue_new(4096, &queue), RC_OK);
    ck_assert_int_eq(board_new(1, METERS, &board), RC_OK);
    worker = NULL;
}

static void stop(void)
{
    if (worker == NULL)
        return;
    bus_worker_stop(worker);
    bus_worker_join(worker);
    worker = NULL;
}

static void teardown(void)
{
    stop();
    fake_line_free(line);
    rqueue_free(queue);
    board_free(board);
    regmap_free(map);
}

static void start(void)
{
    ck_assert_int_eq(bus_worker_start(&settings, 0, queue, board, &worker), RC_OK);
}

static void sleep_ms(int ms)
{
    nanosleep(&(struct timespec){ms / 1000, ms % 1000 * 1000000L}, NULL);
}

static void period(enum reg_class klass, uint32_t ms)
{
    for (unsigned i = 0; i < METERS; i++)
        meters[i].period_ms[klass] = ms;
}

static void only(enum reg_class klass, uint32_t ms)
{
    for (int c = 0; c < CLASS_COUNT; c++)
        period((enum reg_class)c, 0);
    period(klass, ms);
}

/* The next reading within 5 s, with every value checked. */
static struct reading *take(void)
{
    struct reading *r = NULL;
    for (int i = 0; i < 1000 && (r = rqueue_take(queue)) == NULL; i++)
        sleep_ms(5);
    ck_assert_ptr_nonnull(r);
    for (unsigned i = 0; i < r->count; i++) {
        const struct reading_value *v = &r->values[i];
        const struct reg *reg = regmap_find(map, v->quantity);
        int64_t want;
        if (reg == NULL || reg->type != REG_F32)
            continue;
        ck_assert_int_eq(
            decimal_from_float(value(r->meter + 1, reg->address), quantity_at(v->quantity)->decimals, &want),
            RC_OK);
        ck_assert_msg(v->value == want, "meter %u %s: %lld", r->meter + 1, quantity_at(v->quantity)->name,
                      (long long)v->value);
    }
    return r;
}

static void drop_all(void)
{
    struct reading *r;
    while ((r = rqueue_take(queue)) != NULL)
        reading_free(r);
}

static enum meter_status status(size_t meter)
{
    struct board_meter m;
    board_get_meter(board, meter, &m);
    return m.status;
}

#define WAIT_FOR(condition)                                                                                  \
    do {                                                                                                     \
        for (int i_ = 0; i_ < 1200 && !(condition); i_++)                                                    \
            sleep_ms(5);                                                                                     \
        ck_assert(condition);                                                                                \
    } while (0)

START_TEST(everybodys_energy_comes_before_the_first_sweep)
{
    unsigned seen[CLASS_COUNT] = {0};
    start();
    while (seen[CLASS_SETTLEMENT] < METERS) {
        struct reading *r = take();
        ck_assert(r->klass != CLASS_SETTLEMENT || seen[CLASS_ENERGY] == METERS);
        ck_assert(r->klass != CLASS_LIVE || seen[CLASS_ENERGY] == METERS);
        ck_assert_uint_gt(r->window_ms, 0);
        ck_assert_int_eq(r->quality, QUALITY_OK);
        ck_assert_uint_eq(r->count, r->klass == CLASS_SETTLEMENT ? 144
                                    : r->klass == CLASS_ENERGY   ? 14
                                                                 : r->count);
        seen[r->klass]++;
        reading_free(r);
    }
    for (int c = 0; c < CLASS_COUNT; c++)
        ck_assert_uint_eq(seen[c], METERS);
    ck_assert_uint_eq(fakes.others, 0);
    for (size_t i = 0; i < METERS; i++)
        ck_assert_int_eq(status(i), METER_ONLINE);
}
END_TEST

START_TEST(a_meter_without_relay_is_asked_once_and_is_no_worse_for_it)
{
    fakes.no_relay = true;
    only(CLASS_RELAY, 50);
    period(CLASS_LIVE, 50);
    start();
    for (int i = 0; i < 100; i++)
        reading_free(take());
    for (unsigned i = 0; i < METERS; i++) {
        ck_assert_uint_eq(fakes.asked_coil[i + 1], 1);
        ck_assert_int_eq(status(i), METER_ONLINE);
    }
}
END_TEST

START_TEST(a_dead_meter_goes_stale_and_offline_and_comes_back)
{
    only(CLASS_ENERGY, 300);
    period(CLASS_LIVE, 100);
    start();
    WAIT_FOR(status(2) == METER_ONLINE);
    fakes.dead[3] = true;
    WAIT_FOR(status(2) == METER_STALE);
    ck_assert_int_eq(status(1), METER_ONLINE);
    fakes.dead[3] = false;
    WAIT_FOR(status(2) == METER_ONLINE);
}
END_TEST

START_TEST(late_and_doubled_and_damaged_answers_are_never_booked)
{
    only(CLASS_ENERGY, 10);
    period(CLASS_LIVE, 10);
    period(CLASS_DEMAND, 10);
    fakes.dup = 7;
    fakes.late = 31;
    fakes.late_ms = 350;
    fakes.noise = 23;
    fakes.soonest_ms = 1000000;
    bus.late_ms = 80; /* shorter than the answer is late: the hold-off alone does not help */
    start();
    for (int i = 0; i < 400; i++)
        reading_free(take()); /* which compares every value */
    struct board_bus b;
    board_get_bus(board, 0, &b);
    ck_assert_uint_gt(b.wire.timeout, 0);
    ck_assert_uint_gt(b.wire.foreign, 0);
    ck_assert_uint_gt(b.wire.crc, 0);
    ck_assert_uint_gt(b.wire.retried, 0);
    ck_assert_uint_ge(fakes.soonest_ms, bus.late_ms); /* who speaks unasked is left alone */
}
END_TEST

START_TEST(zeros_are_not_handed_over)
{
    only(CLASS_ENERGY, 100);
    start();
    struct reading *r = take();
    reading_free(r);
    fakes.zeros = true;
    struct board_meter m;
    do {
        board_get_meter(board, 0, &m);
        sleep_ms(5);
    } while (m.rejected.zero < 2);
    fakes.zeros = false;
    drop_all();
    for (int i = 0; i < METERS; i++)
        reading_free(take());
    ck_assert_int_eq(status(0), METER_ONLINE);
}
END_TEST

START_TEST(somebody_waits_for_a_reading)
{
    struct reading *out[CLASS_COUNT];
    start();
    WAIT_FOR(status(1) == METER_ONLINE);
    int rc = bus_worker_read(worker, 1, 1u << CLASS_LIVE | 1u << CLASS_ENERGY | 1u << CLASS_RELAY, 3000, out,
                             NULL);
    ck_assert_int_eq(rc, RC_OK);
    ck_assert_ptr_null(out[CLASS_DEMAND]);
    ck_assert_int_eq(*reading_get(out[CLASS_LIVE], Q_VOLTAGE), (2000 + 0x30) * 1000LL);
    for (int c = 0; c < CLASS_COUNT; c++)
        reading_free(out[c]);
    fakes.dead[2] = true;
    ck_assert_int_eq(bus_worker_read(worker, 1, 1u << CLASS_LIVE, 3000, out, NULL), RC_NOANSWER);
    ck_assert_ptr_null(out[CLASS_LIVE]);
    map->has_relay = false;
    ck_assert_int_eq(bus_worker_read(worker, 0, 1u << CLASS_RELAY, 3000, out, NULL), RC_NOREG);
}
END_TEST

START_TEST(an_unplugged_adapter_is_found_again)
{
    struct board_bus b;
    only(CLASS_LIVE, 50);
    start();
    WAIT_FOR(status(0) == METER_ONLINE);
    fake_line_replug(line);
    WAIT_FOR((board_get_bus(board, 0, &b), b.status == BUS_LOST));
    int64_t lost_ns = clock_wire_ns();
    WAIT_FOR((board_get_bus(board, 0, &b), b.status == BUS_OPEN));
    ck_assert_int_lt(clock_wire_ns() - lost_ns, 2000000000LL);
    drop_all();
    reading_free(take());
}
END_TEST

START_TEST(a_missing_device_is_waited_for)
{
    struct board_bus b;
    struct reading *out[CLASS_COUNT];
    char nowhere[] = "/dev/serial/by-id/nothing";
    bus.device = nowhere;
    start();
    WAIT_FOR((board_get_bus(board, 0, &b), b.status == BUS_LOST));
    ck_assert_str_eq(b.detail, "cannot be opened: No such file or directory");
    ck_assert_int_eq(bus_worker_read(worker, 0, 1u << CLASS_LIVE, 1000, out, NULL), RC_LINK);
    int64_t before_ns = clock_wire_ns();
    stop();
    ck_assert_int_lt(clock_wire_ns() - before_ns, 500000000);
}
END_TEST

START_TEST(a_stop_does_not_wait_for_silent_meters)
{
    bus.timeout_ms = 5000;
    for (unsigned i = 0; i < METERS; i++)
        fakes.dead[i + 1] = true;
    start();
    sleep_ms(50);
    int64_t before_ns = clock_wire_ns();
    stop();
    ck_assert_int_lt(clock_wire_ns() - before_ns, 500000000);
}
END_TEST

START_TEST(a_line_has_one_owner)
{
    struct board *other;
    struct board_bus b;
    struct bus_worker *second;
    start();
    WAIT_FOR(status(0) == METER_ONLINE);
    ck_assert_int_eq(board_new(1, METERS, &other), RC_OK);
    ck_assert_int_eq(bus_worker_start(&settings, 0, queue, other, &second), RC_OK);
    WAIT_FOR((board_get_bus(other, 0, &b), b.status == BUS_LOST));
    ck_assert_ptr_nonnull(strstr(b.detail, "held by "));
    ck_assert_ptr_nonnull(strstr(b.detail, "process "));
    bus_worker_stop(second);
    bus_worker_join(second);
    board_free(other);
}
END_TEST

START_TEST(the_tool_reads_without_a_daemon)
{
    struct reading *out[CLASS_COUNT];
    int rcs[CLASS_COUNT];
    char why[LINE_WHY];
    unsigned classes = 1u << CLASS_ENERGY | 1u << CLASS_SETTLEMENT | 1u << CLASS_RELAY;
    ck_assert_int_eq(bus_read_once(&bus, map, 3, classes, out, rcs, why), RC_OK);
    ck_assert_uint_eq(out[CLASS_SETTLEMENT]->count, 144);
    ck_assert_int_eq(*reading_get(out[CLASS_ENERGY], Q_ACTIVE_ENERGY_TOTAL), (3000 + 0x80) * 1000000LL);
    ck_assert_int_eq(*reading_get(out[CLASS_RELAY], Q_RELAY_DO1), 1);
    for (int c = 0; c < CLASS_COUNT; c++)
        reading_free(out[c]);
    fakes.dead[3] = true;
    ck_assert_int_eq(bus_read_once(&bus, map, 3, 1u << CLASS_LIVE, out, rcs, why), RC_NOANSWER);
    ck_assert_str_eq(why, "live: no answer");
    start();
    WAIT_FOR(status(0) == METER_ONLINE);
    ck_assert_int_eq(bus_read_once(&bus, map, 1, 1u << CLASS_LIVE, out, rcs, why), RC_BUSY);
    ck_assert_ptr_nonnull(strstr(why, "held by "));
}
END_TEST

Suite *unit_suite(void)
{
    Suite *s = suite_create("bus_worker");
    TCase *t = tcase_create("bus_worker");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_set_timeout(t, 30);
    tcase_add_test(t, everybodys_energy_comes_before_the_first_sweep);
    tcase_add_test(t, a_meter_without_relay_is_asked_once_and_is_no_worse_for_it);
    tcase_add_test(t, a_dead_meter_goes_stale_and_offline_and_comes_back);
    tcase_add_test(t, late_and_doubled_and_damaged_answers_are_never_booked);
    tcase_add_test(t, zeros_are_not_handed_over);
    tcase_add_test(t, somebody_waits_for_a_reading);
    tcase_add_test(t, an_unplugged_adapter_is_found_again);
    tcase_add_test(t, a_missing_device_is_waited_for);
    tcase_add_test(t, a_stop_does_not_wait_for_silent_meters);
    tcase_add_test(t, a_line_has_one_owner);
    tcase_add_test(t, the_tool_reads_without_a_daemon);
    suite_add_tcase(s, t);
    return s;
}
