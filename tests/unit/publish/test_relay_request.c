/* Relay commands as strangers send them. */
#include <stdio.h>
#include <string.h>
#include "core/rc.h"
#include "publish/relay_request.h"
#include "unit_main.h"

#define GOOD "{\"id\":\"a\",\"state\":\"open\",\"expires\":\"2026-11-01T00:00:00Z\"}"

static const struct {
    const char *says, *text, *id, *why; /* why NULL: understood */
} rows[] = {
    {"a command", GOOD, "a", NULL},
    {"close, with an offset, and members nobody knows",
     "{\"x\":[1],\"id\":\"b\",\"state\":\"closed\",\"expires\":\"2026-11-01T08:00+08:00\"}", "b", NULL},
    {"no id", "{\"state\":\"open\",\"expires\":\"2026-11-01T00:00:00Z\"}", "", "id"},
    {"an empty id", "{\"id\":\"\",\"state\":\"open\",\"expires\":\"2026-11-01T00:00:00Z\"}", "", "id"},
    {"an id that is a number", "{\"id\":7,\"state\":\"open\",\"expires\":\"2026-11-01T00:00:00Z\"}", "",
     "id"},
    {"an id with a NUL", "{\"id\":\"a\\u0000b\",\"state\":\"open\",\"expires\":\"2026-11-01T00:00:00Z\"}", "",
     "not a JSON"},
    {"no state", "{\"id\":\"a\",\"expires\":\"2026-11-01T00:00:00Z\"}", "a", "state"},
    {"another state", "{\"id\":\"a\",\"state\":\"close\",\"expires\":\"2026-11-01T00:00:00Z\"}", "a",
     "state"},
    {"a state that is true", "{\"id\":\"a\",\"state\":true,\"expires\":\"2026-11-01T00:00:00Z\"}", "a",
     "state"},
    {"no expiry", "{\"id\":\"a\",\"state\":\"open\"}", "a", "expires"},
    {"an expiry of null", "{\"id\":\"a\",\"state\":\"open\",\"expires\":null}", "a", "expires"},
    {"an expiry without offset", "{\"id\":\"a\",\"state\":\"open\",\"expires\":\"2026-11-01T00:00:00\"}", "a",
     "expires"},
    {"an expiry that never was", "{\"id\":\"a\",\"state\":\"open\",\"expires\":\"2026-02-30T00:00:00Z\"}",
     "a", "expires"},
    {"an expiry in seconds", "{\"id\":\"a\",\"state\":\"open\",\"expires\":1793491200}", "a", "expires"},
    {"one key twice", "{\"id\":\"a\",\"id\":\"b\",\"state\":\"open\",\"expires\":\"2026-11-01T00:00:00Z\"}",
     "", "not a JSON"},
    {"a list", "[]", "", "not a JSON"},
    {"nothing", "", "", "not a JSON"},
    {"half of it", "{\"id\":\"a\"", "", "not a JSON"},
    {"two of them", GOOD GOOD, "", "not a JSON"},
};

START_TEST(a_command_is_understood_or_told_why_not)
{
    struct relay_command c;
    const char *why = "?";
    const int rc = relay_request_parse(rows[_i].text, strlen(rows[_i].text), &c, &why);
    ck_assert_msg((rc == RC_OK) == (rows[_i].why == NULL), "%s: %s", rows[_i].says, why);
    ck_assert_str_eq(c.id, rows[_i].id);
    if (rc == RC_OK) {
        ck_assert_int_eq(c.expires_utc_ms, 1793491200000);
        ck_assert_int_eq(c.close, _i == 1);
    } else {
        ck_assert_msg(strncmp(why, rows[_i].why, strlen(rows[_i].why)) == 0, "%s: %s", rows[_i].says, why);
    }
}
END_TEST

START_TEST(an_id_has_its_length)
{
    char text[400], id[200];
    struct relay_command c;
    const char *why;
    for (size_t n = 127; n <= 130; n++) {
        memset(id, 'x', n);
        id[n] = '\0';
        snprintf(text, sizeof text, "{\"id\":\"%s\",\"state\":\"open\",\"expires\":\"2026-11-01T00:00:00Z\"}",
                 id);
        ck_assert_int_eq(relay_request_parse(text, strlen(text), &c, &why), n <= 128 ? RC_OK : RC_PARSE);
    }
}
END_TEST

START_TEST(huge_and_deep_ones_cost_nothing)
{
    static char text[70000];
    struct relay_command c;
    const char *why;
    memset(text, '[', sizeof text);
    for (size_t n = 1; n < sizeof text; n = n * 3 + 1)
        ck_assert_int_eq(relay_request_parse(text, n, &c, &why), RC_PARSE);
    ck_assert_int_eq(relay_request_parse("{\0}", 3, &c, &why), RC_PARSE);
}
END_TEST

static const struct {
    const char *topic, *name; /* NULL: another topic */
} topics[] = {
    {"meter/flat-1/relay/set", "flat-1"},
    {"meter/a/relay/set", "a"},
    {"meter/a234567890123456789012345678901234567890/relay/set", "a234567890123456789012345678901234567890"},
    {"meter/a2345678901234567890123456789012345678901/relay/set", NULL},
    {"meter//relay/set", NULL},
    {"meter/relay/set", NULL},
    {"meter/a/b/relay/set", NULL},
    {"meter/../relay/set", NULL},
    {"meter/flat-1/relay/result", NULL},
    {"meter/flat-1/relay", NULL},
    {"bus/flat-1/relay/set", NULL},
    {"", NULL},
};

START_TEST(only_the_topic_of_a_meter_is_heard)
{
    char name[41] = "";
    const bool is = relay_request_topic(topics[_i].topic, name);
    ck_assert_msg(is == (topics[_i].name != NULL), "%s", topics[_i].topic);
    if (is)
        ck_assert_str_eq(name, topics[_i].name);
}
END_TEST

START_TEST(a_flood_is_cut_off)
{
    struct relay_gate g = {0};
    int64_t t = INT64_C(5000000000);
    unsigned passed = 0;
    for (int i = 0; i < 10000; i++)
        passed += relay_gate_pass(&g, t + i * 100000); /* 10 000 in a second */
    ck_assert_uint_ge(passed, RELAY_GATE_BURST + RELAY_GATE_RATE - 1);
    ck_assert_uint_le(passed, RELAY_GATE_BURST + RELAY_GATE_RATE + 1);
    ck_assert_uint_eq(g.dropped, 10000 - passed);
    ck_assert(relay_gate_pass(&g, t + INT64_C(60000000000)));
}
END_TEST

#define N(rows) (int)(sizeof rows / sizeof rows[0])

Suite *unit_suite(void)
{
    Suite *s = suite_create("relay_request");
    TCase *t = tcase_create("relay_request");
    tcase_add_loop_test(t, a_command_is_understood_or_told_why_not, 0, N(rows));
    tcase_add_test(t, an_id_has_its_length);
    tcase_add_test(t, huge_and_deep_ones_cost_nothing);
    tcase_add_loop_test(t, only_the_topic_of_a_meter_is_heard, 0, N(topics));
    tcase_add_test(t, a_flood_is_cut_off);
    suite_add_tcase(s, t);
    return s;
}
