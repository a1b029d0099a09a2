/* test_health.c - what stands still is told; only what stops the house stops the watchdog. */
#include <string.h>
#include "daemon/health.h"
#include "unit_main.h"

#define S   INT64_C(1000000000)
#define NOW (10000 * S)

/* Seconds since each last moved; -1: has not moved since the start, `started` seconds ago. */
static const struct {
    const char *sentence;
    int64_t started, bus[3], store, publisher; /* publisher -2: none configured */
    bool feed, degraded;
    const char *text;
} cases[] = {
    {"all move", 900, {1, 1, 1}, 1, 1, true, false, ""},
    {"a bus 59 s ago is well", 900, {59, 1, 1}, 1, 1, true, false, ""},
    {"a bus 60 s ago is not", 900, {60, 1, 1}, 1, 1, true, true, "bus b0 stands still for 60 s"},
    {"two of three", 900, {1, 75, 61}, 1, 1, true, true, "bus b1 stands still for 75 s, and 1 more"},
    {"all buses: restart us",
     900,
     {60, 60, 60},
     1,
     1,
     false,
     true,
     "bus b0 stands still for 60 s, and 2 more"},
    {"a store 119 s ago is slow", 900, {1, 1, 1}, 119, 1, true, false, ""},
    {"a store 120 s ago is stuck", 900, {1, 1, 1}, 120, 1, false, true, "the store stands still for 120 s"},
    {"a publisher 179 s ago", 900, {1, 1, 1}, 1, 179, true, false, ""},
    {"a publisher 3 minutes ago", 900, {1, 1, 1}, 1, 180, true, true, "the publisher stands still for 180 s"},
    {"a publisher 599 s ago", 900, {1, 1, 1}, 1, 599, true, true, "the publisher stands still for 599 s"},
    {"a publisher 10 minutes ago",
     900,
     {1, 1, 1},
     1,
     600,
     false,
     true,
     "the publisher stands still for 600 s"},
    {"no broker, no publisher", 900, {1, 1, 1}, 1, -2, true, false, ""},
    {"just started, none moved", 5, {-1, -1, -1}, -1, -1, true, false, ""},
    {"started, and one never moves", 61, {-1, 1, 1}, 1, 1, true, true, "bus b0 stands still for 61 s"},
};

static int64_t moved(int64_t seconds)
{
    return seconds < 0 ? 0 : NOW - seconds * S;
}

START_TEST(the_rule)
{
    const struct health_bus buses[] = {
        {"b0", moved(cases[_i].bus[0])}, {"b1", moved(cases[_i].bus[1])}, {"b2", moved(cases[_i].bus[2])}};
    struct health_input in = {.now_wire_ns = NOW,
                              .started_wire_ns = NOW - cases[_i].started * S,
                              .buses = buses,
                              .n_buses = 3,
                              .store_wire_ns = moved(cases[_i].store),
                              .publisher_enabled = cases[_i].publisher != -2,
                              .publisher_wire_ns = moved(cases[_i].publisher)};
    struct health h;
    health_judge(&in, &h);
    ck_assert_msg(h.feed == cases[_i].feed, "%s: feed %d", cases[_i].sentence, h.feed);
    ck_assert_msg(h.degraded == cases[_i].degraded, "%s: degraded %d", cases[_i].sentence, h.degraded);
    ck_assert_msg(strcmp(h.text, cases[_i].text) == 0, "%s: %s", cases[_i].sentence, h.text);
}
END_TEST

START_TEST(without_buses_the_store_decides)
{
    struct health_input in = {.now_wire_ns = NOW, .started_wire_ns = NOW - 900 * S, .store_wire_ns = NOW - S};
    struct health h;
    health_judge(&in, &h);
    ck_assert(h.feed && !h.degraded);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *s = suite_create("health");
    TCase *t = tcase_create("health");
    tcase_add_loop_test(t, the_rule, 0, sizeof cases / sizeof cases[0]);
    tcase_add_test(t, without_buses_the_store_decides);
    suite_add_tcase(s, t);
    return s;
}
