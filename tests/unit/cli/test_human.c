/* test_human.c - spans, sizes and tables as people read them. */
#include <string.h>
#include "cli/human.h"
#include "unit_main.h"

static const struct {
    int64_t ms;
    const char *text;
} spans[] = {
    {-5, "0 s"},
    {0, "0 s"},
    {1, "1 ms"},
    {999, "999 ms"},
    {1000, "1 s"},
    {59999, "59 s"},
    {60000, "1 min"},
    {61000, "1 min 1 s"},
    {3599999, "59 min 59 s"},
    {3600000, "1 h"},
    {7500000, "2 h 5 min"},
    {3601000, "1 h"},
    {86400000, "1 d"},
    {90000000, "1 d 1 h"},
    {INT64_MAX, "106751991167 d 7 h"},
};

START_TEST(a_span_in_its_two_largest_units)
{
    char text[HUMAN_SIZE];
    human_span(spans[_i].ms, text);
    ck_assert_str_eq(text, spans[_i].text);
}
END_TEST

static const struct {
    uint64_t bytes;
    const char *text;
} sizes[] = {
    {0, "0 B"},
    {1023, "1023 B"},
    {1024, "1.0 KiB"},
    {1536, "1.5 KiB"},
    {1048575, "1023.9 KiB"},
    {1048576, "1.0 MiB"},
    {UINT64_C(2) << 30, "2.0 GiB"},
};

START_TEST(a_size_with_one_decimal)
{
    char text[HUMAN_SIZE];
    human_bytes(sizes[_i].bytes, text);
    ck_assert_str_eq(text, sizes[_i].text);
}
END_TEST

static const struct human_column columns[] = {{"name", 8, false}, {"n", 6, true}, {"where", 5, false}};

START_TEST(columns_are_as_wide_as_they_need)
{
    struct human_table t = {.columns = columns, .n_columns = 3};
    struct text_buf out = {.data = NULL};
    human_table_add(&t, "flat-1");
    human_table_add(&t, "%d", 12);
    human_table_add(&t, "here");
    human_table_add(&t, "%s", "a-long-name");
    human_table_add(&t, "%d", 1234567);
    human_table_add(&t, "elsewhere");
    human_table_write(&t, &out);
    ck_assert_str_eq(out.data, "name           n  where\n"
                               "flat-1        12  here\n"
                               "a-long-~  12345~  else~\n");
    text_buf_done(&out);
}
END_TEST

START_TEST(a_table_without_rows_is_its_titles)
{
    struct human_table t = {.columns = columns, .n_columns = 3};
    struct text_buf out = {.data = NULL};
    human_table_write(&t, &out);
    ck_assert_str_eq(out.data, "name  n  where\n");
    text_buf_done(&out);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *s = suite_create("human");
    TCase *t = tcase_create("human");
    tcase_add_loop_test(t, a_span_in_its_two_largest_units, 0, sizeof spans / sizeof spans[0]);
    tcase_add_loop_test(t, a_size_with_one_decimal, 0, sizeof sizes / sizeof sizes[0]);
    tcase_add_test(t, columns_are_as_wide_as_they_need);
    tcase_add_test(t, a_table_without_rows_is_its_titles);
    suite_add_tcase(s, t);
    return s;
}
