/* test_trace_line.c - a frame as a line of JSON that says what it means. */
#include <jansson.h>
#include <string.h>
#include "daemon/trace_line.h"
#include "fake/fake_model.h"
#include "unit_main.h"

static struct settings settings;
static struct settings_bus buses[2];
static struct settings_meter meter;
static struct regmap *map;

static void setup(void)
{
    map = fake_kpm31();
    memset(buses, 0, sizeof buses);
    strcpy(buses[0].name, "north");
    buses[0].timeout_ms = 300;
    strcpy(buses[1].name, "tcp");
    buses[1].kind = BUS_TCP;
    meter = (struct settings_meter){.address = 1, .model = map};
    strcpy(meter.name, "flat-1");
    settings = (struct settings){.buses = buses, .n_buses = 2, .meters = &meter, .n_meters = 1};
}

static void teardown(void)
{
    regmap_free(map);
}

static const struct {
    const char *says;
    size_t bus;
    struct trace_frame f;
    const char *text, *also; /* members that must stand there */
} rows[] = {
    {"a question",
     0,
     {.kind = TRACE_REQUEST,
      .tag = {0, CLASS_ENERGY, TRACE_RETRY, 1},
      .unit = 1,
      .function = 3,
      .address = 0x80,
      .count = 4,
      .silence_ns = 4010000,
      .duration_ns = 9166000,
      .len = 8,
      .bytes = {1, 3, 0, 0x80, 0, 4, 0x45, 0xE1}},
     "read 4 registers at 0x0080: active_energy_total, active_energy_import",
     "\"cause\":\"retry\",\"attempt\":2,\"bytes\":\"01030080000445e1\",\"silence_ms\":4.010,\"duration_ms\":"
     "9.166"},
    {"its answer",
     0,
     {.kind = TRACE_REPLY,
      .unit = 1,
      .function = 3,
      .address = 0x80,
      .count = 4,
      .turnaround_ns = 5000000,
      .len = 13,
      .bytes = {1, 3, 8, 0x41, 0xA0, 0, 0, 0x41, 0x20, 0, 0, 0, 0}},
     "active_energy_total 20 kWh, active_energy_import 10 kWh",
     "\"values\":{\"active_energy_total\":20,\"active_energy_import\":10}"},
    {"an exception",
     0,
     {.kind = TRACE_REPLY,
      .unit = 1,
      .function = 3,
      .address = 0x80,
      .count = 4,
      .len = 5,
      .bytes = {1, 0x83, 2, 0xC0, 0xF1}},
     "exception 2",
     "\"exception\":2"},
    {"a relay's state",
     0,
     {.kind = TRACE_REPLY,
      .unit = 1,
      .function = 1,
      .address = 1,
      .count = 1,
      .len = 6,
      .bytes = {1, 1, 1, 0, 0x51, 0x88}},
     "relay open",
     "\"values\":{\"relay_do1\":\"open\"}"},
    {"a command",
     0,
     {.kind = TRACE_REQUEST,
      .tag = {0, CLASS_RELAY, TRACE_COMMAND, 0},
      .unit = 1,
      .function = 5,
      .address = 1,
      .count = 1,
      .len = 8,
      .bytes = {1, 5, 0, 1, 0xFF, 0, 0xDD, 0xFA}},
     "write coil 0x0001: relay close",
     "\"cause\":\"command\""},
    {"a command over TCP",
     1,
     {.kind = TRACE_REQUEST,
      .unit = 1,
      .function = 5,
      .address = 1,
      .count = 1,
      .len = 12,
      .bytes = {0, 9, 0, 0, 0, 6, 1, 5, 0, 1, 0, 0}},
     "write coil 0x0001: relay open",
     "\"bytes\":\"000900000006010500010000\""},
    {"an answer over TCP",
     1,
     {.kind = TRACE_REPLY,
      .unit = 1,
      .function = 5,
      .address = 1,
      .count = 1,
      .len = 12,
      .bytes = {0, 9, 0, 0, 0, 6, 1, 5, 0, 1, 0xFF, 0}},
     "confirmed: relay close",
     ""},
    {"silence",
     0,
     {.kind = TRACE_SILENCE, .unit = 1, .function = 3, .turnaround_ns = 300000000},
     "no answer in 300 ms",
     "\"turnaround_ms\":300.000"},
    {"damage",
     0,
     {.kind = TRACE_DROPPED, .why = TRACE_CRC, .len = 2, .bytes = {1, 3}},
     "thrown away: wrong CRC",
     "\"why\":\"wrong CRC\""},
    {"an answer that is too short for its count",
     0,
     {.kind = TRACE_REPLY,
      .unit = 1,
      .function = 3,
      .address = 0x80,
      .count = 125,
      .len = 13,
      .bytes = {1, 3, 8}},
     "",
     "\"frame\":\"reply\""},
    {"hardly anything",
     0,
     {.kind = TRACE_REPLY, .function = 3, .count = 2, .len = 1, .bytes = {1}},
     "",
     "\"bytes\":\"01\""},
    {"a meter that nobody knows",
     0,
     {.kind = TRACE_REQUEST, .tag = {7, 0, 0, 0}, .function = 3, .address = 0x80, .count = 1},
     "read 1 register at 0x0080",
     "\"unit\":0"},
};

START_TEST(a_frame_says_what_it_means)
{
    struct text_buf b = {.data = NULL};
    trace_line(&settings, rows[_i].bus, &rows[_i].f, &b);
    json_t *o = json_loadb(b.data, b.len, JSON_REJECT_DUPLICATES, NULL);
    ck_assert_msg(json_is_object(o) && b.data[b.len - 1] == '\n', "%s: no JSON: %s", rows[_i].says, b.data);
    ck_assert_str_eq(json_string_value(json_object_get(o, "text")), rows[_i].text);
    ck_assert_msg(strstr(b.data, rows[_i].also) != NULL, "%s: %s", rows[_i].says, b.data);
    ck_assert_int_eq(json_object_get(o, "meter") != NULL, rows[_i].f.tag.meter == 0);
    json_decref(o);
    text_buf_done(&b);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *s = suite_create("trace_line");
    TCase *t = tcase_create("trace_line");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_loop_test(t, a_frame_says_what_it_means, 0, sizeof rows / sizeof rows[0]);
    suite_add_tcase(s, t);
    return s;
}
