/* test_text_buf.c - a text that grows, and JSON strings in it. */
#include <stdlib.h>
#include <string.h>
#include "core/text.h"
#include "unit_main.h"

#define ROWS(table) ((int)(sizeof(table) / sizeof(table)[0]))
#define REPLACEMENT "\xEF\xBF\xBD"

START_TEST(it_grows)
{
    struct text_buf b = {0};
    ck_assert_ptr_null(b.data);
    text_buf_add(&b, "");
    ck_assert_str_eq(b.data, "");
    for (int i = 0; i < 10000; i++) {
        text_buf_add(&b, "ab");
        text_buf_addf(&b, "%d", i % 10);
        text_buf_add_n(&b, "cdx", 2);
    }
    ck_assert(!b.failed);
    ck_assert_uint_eq(b.len, 50000);
    ck_assert_uint_eq(strlen(b.data), b.len);
    for (int i = 0; i < 10000; i++) {
        char piece[6] = {'a', 'b', (char)('0' + i % 10), 'c', 'd', '\0'};
        ck_assert_int_eq(strncmp(b.data + (size_t)i * 5, piece, 5), 0);
    }
    text_buf_done(&b);
    ck_assert_ptr_null(b.data);
}
END_TEST

/* Around the sizes at which it grows, a formatted piece must be neither cut nor lack its end. */
START_TEST(formatted_pieces_of_every_length)
{
    for (int length = 0; length < 1100; length++) {
        struct text_buf b = {0};
        text_buf_addf(&b, "%*s", length, "");
        text_buf_add(&b, "!");
        ck_assert_uint_eq(b.len, (size_t)length + 1);
        ck_assert_int_eq(b.data[length], '!');
        ck_assert_uint_eq(strlen(b.data), b.len);
        text_buf_done(&b);
    }
}
END_TEST

START_TEST(clear_keeps_the_memory)
{
    struct text_buf b = {0};
    text_buf_clear(&b);
    text_buf_add(&b, "something");
    size_t size = b.size;
    text_buf_clear(&b);
    ck_assert_str_eq(b.data, "");
    ck_assert_uint_eq(b.len, 0);
    ck_assert_uint_eq(b.size, size);
    text_buf_done(&b);
}
END_TEST

START_TEST(a_failure_stays)
{
    struct text_buf b = {0};
    text_buf_add(&b, "kept");
    text_buf_add_n(&b, "x", SIZE_MAX - 2); /* no machine has that much */
    ck_assert(b.failed);
    text_buf_add(&b, " and no more");
    text_buf_addf(&b, "%d", 1);
    text_buf_add_json(&b, "x");
    ck_assert_str_eq(b.data, "kept");
    text_buf_done(&b);
    ck_assert(!b.failed);
}
END_TEST

static const struct {
    const char *sentence, *text, *json;
} json_rows[] = {
    {"nothing", "", "\"\""},
    {"plain text", "Flat 1, ground floor", "\"Flat 1, ground floor\""},
    {"quote and backslash", "a\"b\\c", "\"a\\\"b\\\\c\""},
    {"a slash needs no escape", "a/b", "\"a/b\""},
    {"line ends and tabs", "\b\f\n\r\t", "\"\\b\\f\\n\\r\\t\""},
    {"other control characters", "\x01\x1f", "\"\\u0001\\u001f\""},
    {"DEL is no control character of JSON", "\x7f", "\"\x7f\""},
    {"two, three and four bytes", "\xC3\xA9\xE5\xB0\x96\xF0\x9F\x94\x8C",
     "\"\xC3\xA9\xE5\xB0\x96\xF0\x9F\x94\x8C\""},
    {"a lonely continuation", "a\x80z", "\"a" REPLACEMENT "z\""},
    {"a character cut by the end", "a\xE5\xB0", "\"a" REPLACEMENT REPLACEMENT "\""},
    {"a character cut by another", "\xC3\"", "\"" REPLACEMENT "\\\"\""},
    {"an overlong slash", "\xC0\xAF", "\"" REPLACEMENT REPLACEMENT "\""},
    {"an overlong form of three bytes", "\xE0\x9F\xBF", "\"" REPLACEMENT REPLACEMENT REPLACEMENT "\""},
    {"the first of three bytes", "\xE0\xA0\x80", "\"\xE0\xA0\x80\""},
    {"the last before the surrogates", "\xED\x9F\xBF", "\"\xED\x9F\xBF\""},
    {"a surrogate", "\xED\xA0\x80", "\"" REPLACEMENT REPLACEMENT REPLACEMENT "\""},
    {"the last character there is", "\xF4\x8F\xBF\xBF", "\"\xF4\x8F\xBF\xBF\""},
    {"one beyond it", "\xF4\x90\x80\x80", "\"" REPLACEMENT REPLACEMENT REPLACEMENT REPLACEMENT "\""},
    {"an overlong form of four bytes", "\xF0\x8F\xBF\xBF",
     "\"" REPLACEMENT REPLACEMENT REPLACEMENT REPLACEMENT "\""},
    {"bytes that are never UTF-8", "\xFE\xFF", "\"" REPLACEMENT REPLACEMENT "\""},
};

START_TEST(json_strings)
{
    struct text_buf b = {0};
    text_buf_add_json(&b, json_rows[_i].text);
    ck_assert_msg(strcmp(b.data, json_rows[_i].json) == 0, "%s: %s", json_rows[_i].sentence, b.data);
    text_buf_done(&b);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *s = suite_create("text_buf");
    TCase *c = tcase_create("text_buf");
    tcase_set_timeout(c, 60);
    tcase_add_test(c, it_grows);
    tcase_add_test(c, formatted_pieces_of_every_length);
    tcase_add_test(c, clear_keeps_the_memory);
    tcase_add_test(c, a_failure_stays);
    tcase_add_loop_test(c, json_strings, 0, ROWS(json_rows));
    suite_add_tcase(s, c);
    return s;
}
