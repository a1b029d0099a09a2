#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "bus/scan.h"
#include "core/log.h"
#include "core/rc.h"
#include "fake/fake_line.h"
#include "fake/fake_model.h"
#include "share/event.h"
#include "unit_main.h"

#define SETTINGS_MOST 3

static struct fake_meters fakes;
static struct fake_line *line;
static struct regmap *map, *likewise, *other;
static const struct regmap *models[3];
static struct scan_order order;
static struct scan_result found;
static struct scan_setting settings[SETTINGS_MOST] = {{115200, 'N', 1}, {115200, 'E', 1}, {57600, 'E', 1}};
static char why[LINE_WHY];
static int stop_fd;
static unsigned told[4];
static int64_t left_ns;
static atomic_uint total_asked;

/* A sound KPM31; unit 2 has no mains. */
static float sound(unsigned unit, unsigned address)
{
    switch (address) {
    case 0x30:
        return 230;
    case 0x3C:
        return unit == 2 ? 0 : 50;
    case 0x80:
    case 0x82:
        return 100;
    case 0x8C:
        return 100;
    default:
        return 0;
    }
}

/* Two meters take turns. */
static float twins(unsigned unit, unsigned address)
{
    return sound(unit, address) + (address == 0x80 ? (float)(atomic_fetch_add(&total_asked, 1) % 4 / 2) : 0);
}

/* A large consumer: 1 kWh between two reads. */
static float busy(unsigned unit, unsigned address)
{
    return sound(unit, address) + (address == 0x80 ? (float)(atomic_fetch_add(&total_asked, 1) / 2) : 0);
}

/* It starts: zeros, now and then. */
static float blinking(unsigned unit, unsigned address)
{
    unsigned n = address == 0x80 ? atomic_fetch_add(&total_asked, 1) / 2 : 0;
    return n % 2 == 1 ? 0 : sound(unit, address);
}

static void tell(void *arg, const struct scan_event *e)
{
    (void)arg;
    told[e->kind]++;
    left_ns = e->left_ns;
}

static void setup(void)
{
    log_open(false, LOG_LEVEL_ERROR);
    map = fake_kpm31();
    likewise = fake_kpm31();
    other = fake_empty(2);
    strcpy(other->name, "other");
    fake_reg(other, 0x0020, REG_F32, 2, CLASS_LIVE, Q_FREQUENCY, 0);
    models[0] = other;
    models[1] = map;
    models[2] = likewise;
    memset(&fakes, 0, sizeof fakes);
    memset(told, 0, sizeof told);
    atomic_store(&total_asked, 0);
    fakes.n = 3;
    fakes.value = sound;
    line = fake_line_meters(BUS_SERIAL, &fakes);
    stop_fd = event_new();
    order = (struct scan_order){.bus = fake_line_bus(line),
                                .settings = settings,
                                .n_settings = 1,
                                .n_sure = 1,
                                .models = models,
                                .n_models = 3,
                                .tell = tell};
    order.bus.timeout_ms = 60;
    for (unsigned a = 1; a <= 5; a++)
        address_set_add(&order.addresses, a);
}

static void teardown(void)
{
    scan_result_done(&found);
    fake_line_free(line);
    close(stop_fd);
    regmap_free(map);
    regmap_free(likewise);
    regmap_free(other);
}

static int scan(void)
{
    return scan_run(&order, stop_fd, &found, why);
}

static bool is_found(unsigned address)
{
    for (size_t i = 0; i < found.n; i++)
        if (found.finds[i].address == address)
            return true;
    return false;
}

static const struct scan_find *of(unsigned address)
{
    size_t i = 0;
    while (i < found.n && found.finds[i].address != address)
        i++;
    ck_assert_msg(i < found.n, "%u was not found", address);
    return &found.finds[i];
}

START_TEST(meters_are_found_and_named)
{
    ck_assert_int_eq(scan(), RC_OK);
    ck_assert_uint_eq(found.n, 3);
    const struct scan_find *f = of(1);
    ck_assert_int_eq(f->kind, SCAN_METER);
    ck_assert_ptr_eq(f->model, map);
    ck_assert_uint_eq(f->n_alike, 1);
    ck_assert_ptr_eq(f->alike[0], likewise);
    ck_assert_int_eq(f->coil[0], SCAN_COIL_CLOSED);
    ck_assert_int_eq(f->coil[1], SCAN_COIL_CLOSED);
    ck_assert_str_eq(f->why, "");
    ck_assert_uint_eq(f->damaged, 0);
    ck_assert_uint_eq(found.tried[0].asked, 5);
    ck_assert_uint_eq(found.tried[0].answered, 3);
    ck_assert_uint_eq(fakes.others, 0);
    ck_assert_uint_eq(found.strange, 0);
}
END_TEST

START_TEST(who_fits_no_model_is_told_with_the_reason)
{
    ck_assert_int_eq(scan(), RC_OK);
    const struct scan_find *f = of(2);
    ck_assert_int_eq(f->kind, SCAN_UNKNOWN);
    ck_assert_ptr_null(f->model);
    ck_assert_msg(strstr(f->why, "frequency 0 Hz") != NULL, "'%s'", f->why);
}
END_TEST

START_TEST(a_silent_address_is_asked_once)
{
    fakes.dead[3] = true;
    ck_assert_int_eq(scan(), RC_OK);
    ck_assert(!is_found(3));
    ck_assert_uint_eq(fakes.asked[3], 1);
    ck_assert_uint_eq(fakes.asked[5], 1);
}
END_TEST

START_TEST(or_again_if_that_is_wanted)
{
    order.retries = 2;
    ck_assert_int_eq(scan(), RC_OK);
    ck_assert_uint_eq(fakes.asked[5], 3);
}
END_TEST

START_TEST(what_has_answered_is_not_asked_in_another_format)
{
    order.n_settings = order.n_sure = 3;
    ck_assert_int_eq(scan(), RC_OK);
    ck_assert_uint_eq(found.n, 6);
    ck_assert_uint_eq(found.tried[0].asked, 5);
    ck_assert_uint_eq(found.tried[1].asked, 2);
    ck_assert_uint_eq(found.tried[2].asked, 5);
    ck_assert_uint_eq(told[SCAN_BEGINS], 3);
    ck_assert_uint_eq(told[SCAN_ASKED], 12);
    ck_assert_uint_eq(told[SCAN_FOUND], 6);
    ck_assert_uint_eq(told[SCAN_ENDS], 3);
    ck_assert_int_eq(left_ns, 0);
}
END_TEST

START_TEST(settings_in_reserve_are_tried_only_in_need)
{
    order.n_settings = 3;
    ck_assert_int_eq(scan(), RC_OK);
    ck_assert_uint_eq(found.tried[1].asked, 0);
    scan_result_done(&found);
    fakes.dead[1] = fakes.dead[2] = fakes.dead[3] = true;
    ck_assert_int_eq(scan(), RC_OK);
    ck_assert_uint_eq(found.n, 0);
    ck_assert_uint_eq(found.tried[2].asked, 5);
}
END_TEST

START_TEST(two_devices_with_one_address)
{
    fakes.value = twins;
    ck_assert_int_eq(scan(), RC_OK);
    const struct scan_find *f = of(1);
    ck_assert_int_eq(f->kind, SCAN_CLASH);
    ck_assert_msg(strstr(f->why, "the total is 101, then 100 kWh") != NULL, "'%s'", f->why);
}
END_TEST

START_TEST(much_energy_is_no_clash)
{
    fakes.value = busy;
    ck_assert_int_eq(scan(), RC_OK);
    ck_assert_int_eq(of(1)->kind, SCAN_METER);
    ck_assert_uint_ge(of(1)->asked, 14); /* it was looked at more closely */
}
END_TEST

START_TEST(nor_are_zeros)
{
    fakes.value = blinking;
    ck_assert_int_eq(scan(), RC_OK);
    ck_assert_int_eq(of(1)->kind, SCAN_METER);
}
END_TEST

START_TEST(a_bad_line_is_told_and_no_clash)
{
    fakes.noise = 6;
    ck_assert_int_eq(scan(), RC_OK);
    const struct scan_find *f = of(1);
    ck_assert_int_eq(f->kind, SCAN_METER);
    ck_assert_uint_gt(f->damaged, 0);
    ck_assert_msg(strstr(f->why, "replies came damaged") != NULL, "'%s'", f->why);
}
END_TEST

START_TEST(only_damage_is_not_nothing)
{
    fakes.noise = 1;
    fakes.n = 1;
    ck_assert_int_eq(scan(), RC_OK);
    ck_assert_uint_eq(found.n, 1);
    ck_assert_int_eq(found.finds[0].kind, SCAN_DAMAGED);
    ck_assert_uint_eq(found.tried[0].answered, 0);
}
END_TEST

START_TEST(a_slow_device_is_found_all_the_same)
{
    fakes.late = 1;
    fakes.late_ms = 90; /* the scan listens for 60 ms */
    fakes.n = 1;
    ck_assert_int_eq(scan(), RC_OK);
    ck_assert_uint_eq(found.n, 1);
    ck_assert_int_eq(found.finds[0].kind, SCAN_METER);
    ck_assert_uint_ge(found.finds[0].answer_ms, 89);
    ck_assert_uint_eq(found.strange, 0);
}
END_TEST

START_TEST(second_replies_are_no_strangers)
{
    fakes.dup = 1;
    order.bus.late_ms = 20;
    ck_assert_int_eq(scan(), RC_OK);
    ck_assert_int_eq(of(1)->kind, SCAN_METER);
    ck_assert_int_eq(of(3)->kind, SCAN_METER);
    ck_assert_uint_eq(of(1)->damaged, 0);
    ck_assert_uint_eq(found.strange, 0);
}
END_TEST

START_TEST(a_meter_without_relay)
{
    fakes.no_relay = true;
    ck_assert_int_eq(scan(), RC_OK);
    ck_assert_int_eq(of(1)->kind, SCAN_METER);
    ck_assert_int_eq(of(1)->coil[0], SCAN_COIL_SILENT);
    ck_assert_int_eq(of(1)->coil[1], SCAN_COIL_SILENT);
    ck_assert_uint_eq(fakes.asked_coil[1], 2);
}
END_TEST

static void stop_after_the_second(void *arg, const struct scan_event *e)
{
    (void)arg;
    if (e->kind == SCAN_ASKED && e->address == 2)
        event_set(stop_fd);
}

START_TEST(a_stop_keeps_what_was_found)
{
    order.tell = stop_after_the_second;
    ck_assert_int_eq(scan(), RC_OK);
    ck_assert(found.stopped);
    ck_assert_uint_eq(found.n, 2);
    ck_assert_uint_eq(found.tried[0].asked, 2);
}
END_TEST

START_TEST(a_line_of_another_is_left_alone)
{
    struct line *l;
    struct settings_bus bus = fake_line_bus(line);
    ck_assert_int_eq(line_open(&bus, -1, &l, why), RC_OK);
    ck_assert_int_eq(scan(), RC_BUSY);
    ck_assert_msg(strstr(why, "held by") != NULL, "'%s'", why);
    ck_assert_uint_eq(found.n, 0);
    line_close(l);
}
END_TEST

START_TEST(a_line_that_is_lost_keeps_what_was_found)
{
    fake_line_free(line);
    line = fake_line_new(BUS_SERIAL, "? 01 03 0001 0001; x");
    order.bus = fake_line_bus(line);
    ck_assert_int_eq(scan(), RC_LINK);
    ck_assert_str_ne(why, "");
}
END_TEST

START_TEST(the_estimate_is_what_silence_costs)
{
    /* 5 addresses, 60 ms and 15 characters of 10 bits each, 1.75 ms of silence */
    ck_assert_int_eq(scan_most_ns(&order) / 1000, 5 * (60000 + 15 * 86805 / 1000 + 1750));
}
END_TEST

Suite *unit_suite(void)
{
    Suite *s = suite_create("scan");
    TCase *c = tcase_create("scan");
    tcase_set_timeout(c, 30);
    tcase_add_checked_fixture(c, setup, teardown);
    tcase_add_test(c, meters_are_found_and_named);
    tcase_add_test(c, who_fits_no_model_is_told_with_the_reason);
    tcase_add_test(c, a_silent_address_is_asked_once);
    tcase_add_test(c, or_again_if_that_is_wanted);
    tcase_add_test(c, what_has_answered_is_not_asked_in_another_format);
    tcase_add_test(c, settings_in_reserve_are_tried_only_in_need);
    tcase_add_test(c, two_devices_with_one_address);
    tcase_add_test(c, much_energy_is_no_clash);
    tcase_add_test(c, nor_are_zeros);
    tcase_add_test(c, a_bad_line_is_told_and_no_clash);
    tcase_add_test(c, only_damage_is_not_nothing);
    tcase_add_test(c, a_slow_device_is_found_all_the_same);
    tcase_add_test(c, second_replies_are_no_strangers);
    tcase_add_test(c, a_meter_without_relay);
    tcase_add_test(c, a_stop_keeps_what_was_found);
    tcase_add_test(c, a_line_of_another_is_left_alone);
    tcase_add_test(c, a_line_that_is_lost_keeps_what_was_found);
    tcase_add_test(c, the_estimate_is_what_silence_costs);
    suite_add_tcase(s, c);
    return s;
}
