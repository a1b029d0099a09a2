#include <stdlib.h>
#include <string.h>
#include "core/rc.h"
#include "publish/announce.h"
#include "publish/bus_payload.h"
#include "publish/stray.h"
#include "unit_main.h"

static struct settings_bus buses[] = {{.name = "north"}, {.name = "south"}};
static struct settings_meter meters[] = {{.name = "m1"}, {.name = "m2"}, {.name = "m.3"}};
static struct settings settings = {.buses = buses, .n_buses = 2, .meters = meters, .n_meters = 3};
static struct board *board;
static struct announce *announce;
static struct stray *stray;
static struct text_buf text;

static void begin(void)
{
    ck_assert_int_eq(board_new(2, 3, &board), RC_OK);
    ck_assert_int_eq(announce_new(&settings, board, &announce), RC_OK);
    ck_assert_int_eq(stray_new(&settings, &stray), RC_OK);
}

static void end(void)
{
    announce_free(announce);
    stray_free(stray);
    board_free(board);
    text_buf_done(&text);
    text = (struct text_buf){0};
}

static void set(size_t meter, enum meter_status status, int8_t relay, int64_t relay_utc_ms)
{
    struct board_meter m;
    board_get_meter(board, meter, &m);
    m.status = status;
    m.relay = relay;
    m.relay_utc_ms = relay_utc_ms;
    board_set_meter(board, meter, &m);
}

static void expect(const char *topic, const char *payload)
{
    char got[ANNOUNCE_TOPIC];
    text_buf_clear(&text);
    ck_assert_msg(announce_next(announce, got, &text), "nothing instead of %s", topic);
    ck_assert_str_eq(got, topic);
    ck_assert_str_eq(text.data, payload);
}

static void expect_nothing(void)
{
    char got[ANNOUNCE_TOPIC];
    ck_assert(!announce_waiting(announce));
    ck_assert(!announce_next(announce, got, &text));
}

START_TEST(at_a_connect_all_that_is_known_is_said)
{
    set(0, METER_ONLINE, -1, 0);
    set(2, METER_OFFLINE, 1, 1000);
    announce_all(announce, 0);
    expect("meter/m1/status", "online");
    expect("meter/m.3/status", "offline");
    expect("meter/m.3/relay", "{\"state\":\"closed\",\"ts\":\"1970-01-01T00:00:01.000Z\"}");
    expect_nothing();
    announce_all(announce, 0);
    expect("meter/m1/status", "online");
}
END_TEST

START_TEST(a_change_is_said_once_and_only_the_newest)
{
    announce_all(announce, 0);
    expect_nothing();
    set(1, METER_ONLINE, -1, 0);
    announce_look(announce);
    set(1, METER_STALE, -1, 0);
    announce_look(announce);
    announce_look(announce);
    expect("meter/m2/status", "stale");
    expect_nothing();
}
END_TEST

START_TEST(a_relay_is_said_when_it_was_read_back)
{
    announce_relay(announce, 0, false, 2000);
    announce_relay(announce, 99, true, 2000); /* no such meter */
    expect("meter/m1/relay", "{\"state\":\"open\",\"ts\":\"1970-01-01T00:00:02.000Z\"}");
    announce_relay(announce, 0, false, 3000);
    expect("meter/m1/relay", "{\"state\":\"open\",\"ts\":\"1970-01-01T00:00:03.000Z\"}");
    set(0, METER_UNKNOWN, 0, 2500); /* the board is behind the reading */
    announce_look(announce);
    expect_nothing();
    set(0, METER_UNKNOWN, 1, 4000);
    announce_look(announce);
    expect("meter/m1/relay", "{\"state\":\"closed\",\"ts\":\"1970-01-01T00:00:04.000Z\"}");
}
END_TEST

START_TEST(buses_are_said_at_a_connect_and_every_60_s)
{
    char topic[ANNOUNCE_TOPIC];
    announce_all(announce, 1000);
    ck_assert(announce_bus(announce, 1000, 0, topic, &text));
    ck_assert_str_eq(topic, "bus/north");
    ck_assert(announce_bus(announce, 1000, 0, topic, &text));
    ck_assert_str_eq(topic, "bus/south");
    ck_assert(!announce_bus(announce, 1000, 0, topic, &text));
    ck_assert_int_eq(announce_due_mono_ms(announce), 61000);
    ck_assert(!announce_bus(announce, 60999, 0, topic, &text));
    ck_assert(announce_bus(announce, 61000, 0, topic, &text));
}
END_TEST

START_TEST(a_bus_in_words_and_shares)
{
    struct board_bus bus = {
        .rtt_p50_ms = 12, .rtt_p99_ms = 40, .elapsed_ns = 3000000000u, .dead_ns = 100000000};
    bus.wire_ns[CLASS_LIVE] = 1000000000;
    bus.wire.ok = 9;
    bus.wire.shortened = 2;
    bus_payload(&text, &bus, 1000);
    ck_assert_str_eq(
        text.data,
        "{\"ts\":\"1970-01-01T00:00:01.000Z\",\"since\":\"1970-01-01T00:00:00.000Z\",\"counters\":{\"ok\":9,"
        "\"timeout\":0,\"crc\":0,\"short\":2,\"foreign\":0,\"exception\":0,\"late\":0,\"retried\":0,"
        "\"missed\":0},"
        "\"rtt_ms\":{\"p50\":12,\"p99\":40},\"wire_share\":{\"live\":0.3333,\"energy\":0,\"demand\":0,"
        "\"settlement\":0,\"identity\":0,\"relay\":0,\"dead\":0.0333,\"idle\":0.6334}}");
    text_buf_clear(&text);
    bus.wire.exception = 6;
    bus.wire.by_exception[2] = 3;
    bus.wire.by_exception[11] = 2;
    bus.wire.by_exception[0] = 1;
    bus_payload(&text, &bus, 0);
    ck_assert_ptr_nonnull(
        strstr(text.data, "\"missed\":0},\"exceptions\":{\"2\":3,\"11\":2,\"other\":1},\"rtt_ms\""));
    text_buf_clear(&text);
    bus = (struct board_bus){0};
    bus_payload(&text, &bus, 0);
    ck_assert_ptr_nonnull(strstr(text.data, "\"dead\":0,\"idle\":1}"));
    text_buf_clear(&text);
    bus.elapsed_ns = UINT64_MAX;
    bus.wire_ns[CLASS_ENERGY] = UINT64_MAX;
    bus.dead_ns = UINT64_MAX;
    bus_payload(&text, &bus, 0);
    ck_assert_ptr_nonnull(strstr(text.data, "\"energy\":1,"));
    ck_assert_ptr_nonnull(strstr(text.data, "\"idle\":0}"));
}
END_TEST

START_TEST(topics_of_a_meter_that_is_gone_are_looked_for_and_cleared)
{
    char *got = NULL;
    stray_heard(stray, "meter/m1/status"); /* ours */
    stray_heard(stray, "meter/m.3/energy");
    stray_heard(stray, "bus/north");
    stray_heard(stray, "meter/nothing-behind-it");
    stray_heard(stray, "status");
    ck_assert(!stray_waiting(stray));
    ck_assert(!stray_next_filter(stray, &got));
    stray_heard(stray, "meter/m11/status"); /* begins like ours */
    stray_heard(stray, "bus/west");
    ck_assert(stray_next_filter(stray, &got));
    ck_assert_str_eq(got, "meter/m11/#");
    free(got);
    stray_heard(stray, "meter/m11/status"); /* the broker says it again */
    stray_heard(stray, "meter/m11/energy");
    ck_assert_msg(!stray_next_filter(stray, &got), "one question a connection");
    static const char *const cleared[] = {"meter/m11/status", "bus/west", "meter/m11/energy"};
    for (size_t i = 0; i < 3; i++) {
        ck_assert(stray_next_topic(stray, &got));
        ck_assert_str_eq(got, cleared[i]);
        free(got);
    }
    ck_assert(!stray_waiting(stray) && !stray_next_topic(stray, &got));
    stray_begin(stray);
    stray_heard(stray, "meter/m11/status");
    ck_assert_msg(stray_next_filter(stray, &got), "the next connection asks again");
    free(got);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *s = suite_create("announce");
    TCase *t = tcase_create("announce");
    tcase_add_checked_fixture(t, begin, end);
    tcase_add_test(t, at_a_connect_all_that_is_known_is_said);
    tcase_add_test(t, a_change_is_said_once_and_only_the_newest);
    tcase_add_test(t, a_relay_is_said_when_it_was_read_back);
    tcase_add_test(t, buses_are_said_at_a_connect_and_every_60_s);
    tcase_add_test(t, a_bus_in_words_and_shares);
    tcase_add_test(t, topics_of_a_meter_that_is_gone_are_looked_for_and_cleared);
    suite_add_tcase(s, t);
    return s;
}
