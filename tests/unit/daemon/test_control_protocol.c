/* test_control_protocol.c - requests of strangers and friends. */
#include <stdio.h>
#include <string.h>
#include "core/quantity.h"
#include "core/rc.h"
#include "daemon/control_protocol.h"
#include "unit_main.h"

static const struct {
    const char *line;
    enum control_kind kind;
    const char *meter;
    int n;
} good[] = {
    {"{\"version\":1,\"request\":\"status\"}", CONTROL_STATUS, "", 0},
    {" {\"request\":\"status\",\"version\":1,\"more\":[1]} \r", CONTROL_STATUS, "", 0},
    {"{\"version\":1,\"request\":\"reload\"}", CONTROL_RELOAD, "", 0},
    {"{\"version\":1,\"request\":\"read\",\"meter\":\"flat-1\"}", CONTROL_READ, "flat-1", 0},
    {"{\"version\":1,\"request\":\"read\",\"meter\":\"flat.1\",\"quantities\":[\"voltage\",\"active_energy_"
     "total\"]}",
     CONTROL_READ, "flat.1", 2},
    {"{\"version\":1,\"request\":\"relay\",\"meter\":\"flat-1\",\"state\":\"closed\"}", CONTROL_RELAY,
     "flat-1", 0},
    {"{\"version\":1,\"request\":\"trace\",\"bus\":\"north\"}", CONTROL_TRACE, "north", 0},
};

START_TEST(a_request_is_understood)
{
    struct control_request q;
    enum control_error error;
    char why[CONTROL_WHY];
    ck_assert_msg(control_parse(good[_i].line, strlen(good[_i].line), &q, &error, why), "%s: %s",
                  good[_i].line, why);
    ck_assert_int_eq(q.kind, good[_i].kind);
    ck_assert_str_eq(q.meter, good[_i].meter);
    ck_assert_int_eq((int)q.n_quantities, good[_i].n);
    if (good[_i].n > 0)
        ck_assert_int_eq(q.quantities[0], Q_VOLTAGE);
}
END_TEST

static const struct {
    const char *sentence, *line;
    enum control_error error;
} bad[] = {
    {"nothing", "", CONTROL_MALFORMED},
    {"not JSON", "hello", CONTROL_MALFORMED},
    {"half of it", "{\"version\":1,\"request\":\"sta", CONTROL_MALFORMED},
    {"a list", "[1]", CONTROL_MALFORMED},
    {"two objects", "{\"version\":1,\"request\":\"status\"}{}", CONTROL_MALFORMED},
    {"one key twice", "{\"version\":1,\"request\":\"status\",\"request\":\"reload\"}", CONTROL_MALFORMED},
    {"no version", "{\"request\":\"status\"}", CONTROL_MALFORMED},
    {"a version that is no integer", "{\"version\":1.0,\"request\":\"status\"}", CONTROL_MALFORMED},
    {"a later version", "{\"version\":2,\"request\":\"status\"}", CONTROL_OTHER_VERSION},
    {"a later version of an unknown request", "{\"version\":2,\"request\":\"dance\"}", CONTROL_OTHER_VERSION},
    {"an unknown request", "{\"version\":1,\"request\":\"dance\"}", CONTROL_MALFORMED},
    {"a read without meter", "{\"version\":1,\"request\":\"read\"}", CONTROL_MALFORMED},
    {"a relay without state", "{\"version\":1,\"request\":\"relay\",\"meter\":\"a\"}", CONTROL_MALFORMED},
    {"a relay in another state", "{\"version\":1,\"request\":\"relay\",\"meter\":\"a\",\"state\":\"off\"}",
     CONTROL_MALFORMED},
    {"a relay of nobody", "{\"version\":1,\"request\":\"relay\",\"state\":\"open\"}", CONTROL_MALFORMED},
    {"a trace without bus", "{\"version\":1,\"request\":\"trace\",\"meter\":\"a\"}", CONTROL_MALFORMED},
    {"a meter that is no name", "{\"version\":1,\"request\":\"read\",\"meter\":\"../x\"}", CONTROL_MALFORMED},
    {"a name with a NUL", "{\"version\":1,\"request\":\"read\",\"meter\":\"a\\u0000b\"}", CONTROL_MALFORMED},
    {"quantities that are no list", "{\"version\":1,\"request\":\"read\",\"meter\":\"a\",\"quantities\":1}",
     CONTROL_MALFORMED},
    {"a quantity that is no text", "{\"version\":1,\"request\":\"read\",\"meter\":\"a\",\"quantities\":[1]}",
     CONTROL_UNKNOWN},
    {"an unknown quantity", "{\"version\":1,\"request\":\"read\",\"meter\":\"a\",\"quantities\":[\"volts\"]}",
     CONTROL_UNKNOWN},
    {"five brackets deep", "{\"version\":1,\"request\":\"status\",\"x\":[[[[1]]]]}", CONTROL_MALFORMED},
    {"bad UTF-8", "{\"version\":1,\"request\":\"\xff\"}", CONTROL_MALFORMED},
};

START_TEST(anything_else_is_refused)
{
    struct control_request q;
    enum control_error error;
    char why[CONTROL_WHY] = "";
    ck_assert_msg(!control_parse(bad[_i].line, strlen(bad[_i].line), &q, &error, why), "%s: accepted",
                  bad[_i].sentence);
    ck_assert_msg(error == bad[_i].error, "%s: %s", bad[_i].sentence, control_error_name(error));
    ck_assert_msg(why[0] != '\0', "%s: no reason", bad[_i].sentence);
}
END_TEST

START_TEST(four_brackets_are_not_too_deep)
{
    const char line[] = "{\"version\":1,\"request\":\"status\",\"x\":[[[1]]]}";
    struct control_request q;
    enum control_error error;
    char why[CONTROL_WHY];
    ck_assert(control_parse(line, sizeof line - 1, &q, &error, why));
}
END_TEST

START_TEST(a_thousand_brackets_are_not_followed)
{
    char line[CONTROL_REQUEST_MAX];
    struct control_request q;
    enum control_error error;
    char why[CONTROL_WHY];
    memset(line, '[', sizeof line);
    ck_assert(!control_parse(line, sizeof line, &q, &error, why));
    ck_assert_int_eq(error, CONTROL_MALFORMED);
}
END_TEST

static size_t list_of(char *line, size_t size, int n)
{
    size_t len =
        (size_t)snprintf(line, size, "{\"version\":1,\"request\":\"read\",\"meter\":\"a\",\"quantities\":[");
    for (int i = 0; i < n; i++)
        len += (size_t)snprintf(line + len, size - len, "%s\"voltage\"", i > 0 ? "," : "");
    return len + (size_t)snprintf(line + len, size - len, "]}");
}

START_TEST(as_many_quantities_as_fit_and_one_more)
{
    char line[CONTROL_REQUEST_MAX];
    struct control_request q;
    enum control_error error;
    char why[CONTROL_WHY];
    size_t len = list_of(line, sizeof line, CONTROL_QUANTITIES);
    ck_assert(control_parse(line, len, &q, &error, why));
    ck_assert_uint_eq(q.n_quantities, CONTROL_QUANTITIES);
    len = list_of(line, sizeof line, CONTROL_QUANTITIES + 1);
    ck_assert(!control_parse(line, len, &q, &error, why));
}
END_TEST

START_TEST(an_error_is_a_line_and_its_word_has_an_exit_code)
{
    struct text_buf b = {.data = NULL};
    control_write_error(&b, CONTROL_SILENT, "flat-1: \"no\" answer");
    ck_assert_str_eq(
        b.data,
        "{\"version\":1,\"ok\":false,\"error\":\"silent\",\"detail\":\"flat-1: \\\"no\\\" answer\"}\n");
    text_buf_done(&b);
    ck_assert_int_eq(control_error_find("silent"), CONTROL_SILENT);
    ck_assert_int_eq(control_error_find("quiet"), -1);
    ck_assert_int_eq(control_error_exit(CONTROL_SILENT), EXIT_UNAVAILABLE);
    ck_assert_int_eq(control_error_exit(CONTROL_DENIED), EXIT_NOPERM);
    ck_assert_int_eq(control_error_exit(CONTROL_UNKNOWN), EXIT_USAGE);
    ck_assert_int_eq(control_error_exit(CONTROL_CONFIG), EXIT_CONFIG);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *s = suite_create("control_protocol");
    TCase *t = tcase_create("control_protocol");
    tcase_add_loop_test(t, a_request_is_understood, 0, sizeof good / sizeof good[0]);
    tcase_add_loop_test(t, anything_else_is_refused, 0, sizeof bad / sizeof bad[0]);
    tcase_add_test(t, four_brackets_are_not_too_deep);
    tcase_add_test(t, a_thousand_brackets_are_not_followed);
    tcase_add_test(t, as_many_quantities_as_fit_and_one_more);
    tcase_add_test(t, an_error_is_a_line_and_its_word_has_an_exit_code);
    suite_add_tcase(s, t);
    return s;
}
