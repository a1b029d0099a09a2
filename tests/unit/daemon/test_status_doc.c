/* test_status_doc.c - the status document is JSON that says what the copies say; the tool reads the same
 * words. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include "cli/status_view.h"
#include "core/rc.h"
#include "daemon/status_doc.h"
#include "unit_main.h"

static struct reg energy_reg = {.quantity = Q_ACTIVE_ENERGY_TOTAL, .klass = CLASS_ENERGY};
static struct regmap model = {.name = "kpm31", .regs = &energy_reg, .n_regs = 1};
static char device[] = "/dev/serial/by-id/usb-\"odd\"", label[] = "Flat 1, ground floor", none[] = "";
static char path[] = "/var/lib/meterfleet/meterfleet.db";
static struct settings_bus buses[] = {{.name = "north", .device = device}};
static struct settings_meter meters[] = {
    {.name = "flat-1", .address = 1, .model = &model, .label = label, .serial = none},
    {.name = "flat-2", .address = 2, .model = &model, .label = none, .serial = none}};
static struct settings settings = {.gateway = {.id = "site-a"},
                                   .database = {.path = path},
                                   .buses = buses,
                                   .n_buses = 1,
                                   .meters = meters,
                                   .n_meters = 2};
static struct board *board;
static struct store_status store;
static struct publish_status publisher;
static struct health health;
static struct status_input input;
static struct text_buf text;
static json_t *root;

#define NOW INT64_C(1790812800000) /* 2026-10-01T00:00:00Z */

static void set_meter(size_t i, enum meter_status status, int64_t seen)
{
    struct board_meter m = {
        .status = status, .first_seen_utc_ms = seen, .last_seen_utc_ms = seen, .relay = -1};
    m.wire.timeout = 3;
    board_set_meter(board, i, &m);
}

static void set_bus(enum bus_status status, const char *detail)
{
    struct board_bus b = {.status = status, .requests = 100, .elapsed_ns = 10000, .dead_ns = 500};
    b.wire_ns[CLASS_LIVE] = 2500;
    b.wire.ok = 97;
    text_format(b.detail, sizeof b.detail, "%s", detail);
    board_set_bus(board, 0, &b);
}

static void start(void)
{
    ck_assert_int_eq(board_new(1, 2, &board), RC_OK);
    set_meter(0, METER_ONLINE, NOW - 2000);
    set_meter(1, METER_ONLINE, NOW - 3000);
    set_bus(BUS_OPEN, "");
    store = (struct store_status){.database_bytes = 4096, .clock = "right", .last_flush_utc_ms = NOW - 12000};
    publisher = (struct publish_status){
        .enabled = true, .connected = true, .broker = "127.0.0.1:1883", .last_seq = 10, .acked_seq = 9};
    health = (struct health){.feed = true};
    input = (struct status_input){.settings = &settings,
                                  .board = board,
                                  .store = &store,
                                  .publish = &publisher,
                                  .health = &health,
                                  .now_utc_ms = NOW,
                                  .started_utc_ms = NOW - 7500000,
                                  .pid = 123};
}

static void stop(void)
{
    json_decref(root);
    root = NULL;
    text_buf_done(&text);
    board_free(board);
}

static const json_t *document(void)
{
    json_error_t error;
    text_buf_clear(&text);
    status_doc(&text, &input);
    ck_assert(!text.failed);
    json_decref(root);
    root = json_loadb(text.data, text.len, JSON_REJECT_DUPLICATES, &error);
    ck_assert_msg(root != NULL, "%s at %d in %s", error.text, error.position, text.data);
    return root;
}

START_TEST(every_part_is_there)
{
    const json_t *d = document(), *bus = json_array_get(json_object_get(d, "buses"), 0);
    const json_t *share = json_object_get(bus, "wire_share");
    ck_assert_str_eq(json_string_value(json_object_get(d, "gateway")), "site-a");
    ck_assert_str_eq(json_string_value(json_object_get(d, "ts")), "2026-10-01T00:00:00.000Z");
    ck_assert_str_eq(json_string_value(json_object_get(bus, "device")), device);
    ck_assert_int_eq(json_integer_value(json_object_get(json_object_get(bus, "counters"), "ok")), 97);
    ck_assert(json_real_value(json_object_get(share, "live")) > 0.2499);
    ck_assert(json_real_value(json_object_get(share, "live")) < 0.2501);
    ck_assert(json_real_value(json_object_get(share, "idle")) > 0.6999);
    ck_assert_uint_eq(json_array_size(json_object_get(d, "meters")), 2);
    ck_assert(json_is_null(json_object_get(json_array_get(json_object_get(d, "meters"), 0), "energy")));
    ck_assert_int_eq(json_integer_value(json_object_get(json_object_get(d, "broker"), "acked_seq")), 9);
}
END_TEST

START_TEST(a_site_without_buses_is_an_object_too)
{
    settings.n_buses = settings.n_meters = 0;
    const json_t *d = document();
    ck_assert_uint_eq(json_array_size(json_object_get(d, "buses")), 0);
    ck_assert(json_is_array(json_object_get(d, "meters")));
}
END_TEST

START_TEST(all_is_well)
{
    struct status_judgement j;
    struct text_buf line = {.data = NULL};
    const json_t *d = document();
    status_judge(d, &j);
    ck_assert_int_eq(j.level, MONITOR_OK);
    ck_assert_uint_eq(j.n, 0);
    status_line(d, &j, &line);
    ck_assert_str_eq(line.data, "METERFLEET OK - 2 of 2 meters online | online=2;;;0;2 offline=0;;;0;2 "
                                "unacknowledged=1;;;0 in_memory=0;;;0 findings=0;;;0 database=4096B;;;0\n");
    text_buf_done(&line);
}
END_TEST

/* What happens; how a monitor calls it, and what a person reads first. */
static void one_meter_silent(void)
{
    set_meter(1, METER_OFFLINE, NOW - 7500000);
}
static void all_meters_silent(void)
{
    set_meter(0, METER_OFFLINE, 0);
    set_meter(1, METER_OFFLINE, 0);
}
static void energy_refused(void)
{
    struct board_meter m;
    board_get_meter(board, 1, &m);
    meters[1].period_ms[CLASS_ENERGY] = 61000;
    m.energy_utc_ms = NOW - 720000;
    m.wire.exception = 12;
    board_set_meter(board, 1, &m);
}
static void energy_a_little_late(void)
{
    energy_refused();
    meters[1].period_ms[CLASS_ENERGY] = 220000; /* thrice that and a minute: just not over */
}
static void line_lost(void)
{
    set_bus(BUS_LOST, "no such device");
}
static void line_noisy(void)
{
    set_bus(BUS_NOISY, "");
}
static void broker_gone(void)
{
    publisher.connected = false;
    text_format(publisher.detail, sizeof publisher.detail, "connection refused");
}
static void no_broker(void)
{
    publisher = (struct publish_status){.enabled = false};
}
static void disk_full(void)
{
    text_format(store.trouble, sizeof store.trouble, "no room on the disk");
}
static void clock_unset(void)
{
    text_format(store.clock, sizeof store.clock, "unset");
}
static void finding(void)
{
    store.open_findings = 1;
}
static void stuck(void)
{
    health.degraded = true;
    text_format(health.text, sizeof health.text, "bus north stands still for 75 s");
}
static void dropped(void)
{
    input.dropped = 5;
}

static const struct {
    void (*happen)(void);
    enum monitor level;
    const char *sentence;
} troubles[] = {
    {one_meter_silent, MONITOR_WARNING, "meter flat-2 (bus north, address 2) has not answered for 2 h 5 min"},
    {all_meters_silent, MONITOR_CRITICAL,
     "meter flat-1 (bus north, address 1) has not answered since the start"},
    {energy_refused, MONITOR_WARNING,
     "meter flat-2 (bus north, address 2) answers, but gave no energy values for 12 min (12 exceptions, 0 "
     "values rejected)"},
    {energy_a_little_late, MONITOR_OK, NULL},
    {line_lost, MONITOR_CRITICAL, "bus north: its line is lost: no such device"},
    {line_noisy, MONITOR_WARNING, "bus north: noise on the line: check its cable and termination"},
    {broker_gone, MONITOR_WARNING,
     "broker 127.0.0.1:1883 is not connected: connection refused; messages wait"},
    {no_broker, MONITOR_OK, NULL},
    {disk_full, MONITOR_CRITICAL, "database: no room on the disk; readings wait in memory"},
    {clock_unset, MONITOR_WARNING, "the gateway's clock is not right yet (unset): readings wait to be dated"},
    {finding, MONITOR_WARNING, "1 finding is open about what the meters count"},
    {stuck, MONITOR_CRITICAL, "bus north stands still for 75 s"},
    {dropped, MONITOR_CRITICAL, "5 readings had no room in memory and are lost"},
};

START_TEST(what_needs_attention)
{
    struct status_judgement j;
    struct text_buf out = {.data = NULL};
    troubles[_i].happen();
    const json_t *d = document();
    status_judge(d, &j);
    ck_assert_int_eq(j.level, troubles[_i].level);
    if (troubles[_i].sentence != NULL)
        ck_assert_str_eq(j.sentence[0], troubles[_i].sentence);
    status_text(d, &j, false, &out);
    ck_assert(!out.failed);
    ck_assert((strstr(out.data, "Needs attention") != NULL) == (j.n > 0));
    for (const char *line = out.data; *line != '\0'; line += strcspn(line, "\n") + 1)
        ck_assert_msg(strcspn(line, "\n") <= 80, "%s", line);
    text_buf_done(&out);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *s = suite_create("status_doc");
    TCase *t = tcase_create("status_doc");
    tcase_add_checked_fixture(t, start, stop);
    tcase_add_test(t, every_part_is_there);
    tcase_add_test(t, a_site_without_buses_is_an_object_too);
    tcase_add_test(t, all_is_well);
    tcase_add_loop_test(t, what_needs_attention, 0, sizeof troubles / sizeof troubles[0]);
    suite_add_tcase(s, t);
    return s;
}
