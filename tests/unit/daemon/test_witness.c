/* test_witness.c - changes on the board become events, once each. */
#include <string.h>
#include "core/rc.h"
#include "core/text.h"
#include "daemon/handover.h"
#include "daemon/witness.h"
#include "unit_main.h"

static struct settings_bus buses[] = {{.name = "north"}, {.name = "south"}};
static struct settings_meter meters[] = {{.name = "flat-1", .bus = 0, .address = 1},
                                         {.name = "flat-2", .bus = 0, .address = 2},
                                         {.name = "shop", .bus = 1, .address = 7}};
static struct settings settings = {.buses = buses, .n_buses = 2, .meters = meters, .n_meters = 3};
static struct board *board;
static struct witness *witness;
static struct text_buf told;

static void start(void)
{
    static char device[] = "/dev/ttyUSB0";
    buses[0].device = buses[1].device = device;
    ck_assert_int_eq(board_new(2, 3, &board), RC_OK);
    witness = witness_new(&settings, board);
    ck_assert_ptr_nonnull(witness);
}

static void stop(void)
{
    witness_free(witness);
    board_free(board);
    text_buf_done(&told);
}

static void note(void *arg, const char *subject, const char *kind, const char *detail)
{
    (void)arg;
    text_buf_addf(&told, "%s %s %s\n", subject, kind, detail);
}

/* What is told now; "" for nothing. */
static const char *look(void)
{
    text_buf_clear(&told);
    text_buf_add(&told, "");
    witness_look(witness, note, NULL);
    return told.data != NULL ? told.data : "";
}

static void meter_is(size_t i, enum meter_status status, int64_t last_seen)
{
    struct board_meter m;
    board_get_meter(board, i, &m);
    m.status = status;
    m.last_seen_utc_ms = last_seen;
    board_set_meter(board, i, &m);
}

static void bus_is(size_t i, enum bus_status status, const char *detail)
{
    struct board_bus b;
    board_get_bus(board, i, &b);
    b.status = status;
    text_format(b.detail, sizeof b.detail, "%s", detail);
    board_set_bus(board, i, &b);
}

START_TEST(nothing_happened)
{
    ck_assert_str_eq(look(), "");
}
END_TEST

START_TEST(a_meter_comes_goes_and_returns_once_each)
{
    meter_is(0, METER_ONLINE, 1000);
    ck_assert_str_eq(look(), "flat-1 meter_online {\"bus\":\"north\",\"address\":1,\"last_seen\":"
                             "\"1970-01-01T00:00:01.000Z\"}\n");
    ck_assert_str_eq(look(), "");
    meter_is(0, METER_OFFLINE, 1000);
    ck_assert_str_eq(look(), "flat-1 meter_offline {\"bus\":\"north\",\"address\":1,\"last_seen\":"
                             "\"1970-01-01T00:00:01.000Z\"}\n");
    ck_assert_str_eq(look(), "");
    meter_is(0, METER_ONLINE, 2000);
    ck_assert_str_eq(look(), "flat-1 meter_online {\"bus\":\"north\",\"address\":1,\"last_seen\":"
                             "\"1970-01-01T00:00:02.000Z\"}\n");
}
END_TEST

START_TEST(stale_is_no_event_and_neither_is_its_end)
{
    meter_is(2, METER_ONLINE, 1000);
    look();
    meter_is(2, METER_STALE, 1000);
    ck_assert_str_eq(look(), "");
    meter_is(2, METER_ONLINE, 2000);
    ck_assert_str_eq(look(), "");
}
END_TEST

START_TEST(a_meter_that_was_never_there)
{
    meter_is(2, METER_OFFLINE, 0);
    ck_assert_str_eq(look(), "shop meter_offline {\"bus\":\"south\",\"address\":7}\n");
}
END_TEST

START_TEST(who_is_online_is_counted)
{
    look();
    ck_assert_uint_eq(witness_online(witness), 0);
    meter_is(0, METER_ONLINE, 1);
    meter_is(1, METER_STALE, 1);
    meter_is(2, METER_ONLINE, 1);
    look();
    ck_assert_uint_eq(witness_online(witness), 2);
}
END_TEST

START_TEST(a_line_is_lost_and_back)
{
    bus_is(0, BUS_OPEN, "");
    ck_assert_str_eq(look(), "");
    bus_is(0, BUS_LOST, "no such \"device\"");
    ck_assert_str_eq(look(),
                     "north bus_lost {\"device\":\"/dev/ttyUSB0\",\"detail\":\"no such \\\"device\\\"\"}\n");
    bus_is(0, BUS_LOST, "another reason");
    ck_assert_str_eq(look(), "");
    bus_is(0, BUS_CLOSED, "");
    ck_assert_str_eq(look(), "");
    bus_is(0, BUS_OPEN, "");
    ck_assert_str_eq(look(), "north bus_back {\"device\":\"/dev/ttyUSB0\"}\n");
    bus_is(0, BUS_NOISY, "");
    ck_assert_str_eq(look(), "");
}
END_TEST

/* A reload puts the shop first and gives flat-2's name to another address. */
START_TEST(a_reload_is_no_change_of_what_stayed)
{
    static struct regmap model = {.name = "kpm31"};
    static struct settings_meter after_meters[] = {
        {.name = "shop", .bus = 1, .address = 7, .model = &model},
        {.name = "flat-1", .bus = 0, .address = 1, .model = &model},
        {.name = "flat-2", .bus = 0, .address = 3, .model = &model}};
    struct settings after = {.buses = buses, .n_buses = 2, .meters = after_meters, .n_meters = 3};
    for (size_t i = 0; i < 3; i++)
        meters[i].model = &model;
    struct board_meter m;
    meter_is(0, METER_ONLINE, 1000);
    meter_is(1, METER_ONLINE, 1000);
    meter_is(2, METER_OFFLINE, 500);
    board_get_meter(board, 0, &m);
    m.wire.ok = 99;
    board_set_meter(board, 0, &m);
    look();
    struct handover *past = handover_new(&settings, board);
    witness_free(witness);
    board_free(board);
    ck_assert_int_eq(board_new(2, 3, &board), RC_OK);
    handover_apply(past, &after, board);
    handover_free(past);
    witness = witness_new(&after, board);
    ck_assert_str_eq(look(), "");
    board_get_meter(board, 1, &m);
    ck_assert(m.status == METER_ONLINE && m.last_seen_utc_ms == 1000 && m.wire.ok == 0);
    board_get_meter(board, 2, &m);
    ck_assert_int_eq(m.status, METER_UNKNOWN); /* another meter stands there */
    meter_is(0, METER_ONLINE, 2000);
    ck_assert_ptr_nonnull(strstr(look(), "shop meter_online"));
}
END_TEST

Suite *unit_suite(void)
{
    Suite *s = suite_create("witness");
    TCase *t = tcase_create("witness");
    tcase_add_checked_fixture(t, start, stop);
    tcase_add_test(t, nothing_happened);
    tcase_add_test(t, a_meter_comes_goes_and_returns_once_each);
    tcase_add_test(t, stale_is_no_event_and_neither_is_its_end);
    tcase_add_test(t, a_meter_that_was_never_there);
    tcase_add_test(t, who_is_online_is_counted);
    tcase_add_test(t, a_line_is_lost_and_back);
    tcase_add_test(t, a_reload_is_no_change_of_what_stayed);
    suite_add_tcase(s, t);
    return s;
}
