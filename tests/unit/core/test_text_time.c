/* test_text_time.c - dates and instants, against the C library's calendar. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include "core/rc.h"
#include "core/text.h"
#include "unit_main.h"

/* In long loops the condition is tested first: each ck_assert() writes to Check's pipe. */
#define ROWS(table) ((int)(sizeof(table) / sizeof(table)[0]))

static const struct {
    const char *sentence, *text;
    int rc;
    const char *same; /* the same instant as we write it */
} instant_rows[] = {
    {"UTC", "2026-10-01T08:00:00Z", RC_OK, "2026-10-01T08:00:00.000Z"},
    {"east is earlier in UTC", "2026-10-01T08:00:00+08:00", RC_OK, "2026-10-01T00:00:00.000Z"},
    {"west is later in UTC", "2026-10-01T20:00:00-05:30", RC_OK, "2026-10-02T01:30:00.000Z"},
    {"an offset without its colon", "2026-10-01T08:00:00+0800", RC_OK, "2026-10-01T00:00:00.000Z"},
    {"an offset of hours", "2026-10-01T08:00:00+08", RC_OK, "2026-10-01T00:00:00.000Z"},
    {"an offset over the new year", "2027-01-01T03:00:00+08:00", RC_OK, "2026-12-31T19:00:00.000Z"},
    {"minus nothing is nothing", "2026-10-01T08:00:00-00:00", RC_OK, "2026-10-01T08:00:00.000Z"},
    {"the largest offset", "2026-10-01T08:00:00+23:59", RC_OK, "2026-09-30T08:01:00.000Z"},
    {"an offset of a day", "2026-10-01T08:00:00+24:00", RC_RANGE, NULL},
    {"sixty minutes of offset", "2026-10-01T08:00:00+08:60", RC_RANGE, NULL},
    {"a blank instead of the T", "2026-10-01 08:00:00Z", RC_OK, "2026-10-01T08:00:00.000Z"},
    {"two blanks", "2026-10-01  08:00:00Z", RC_PARSE, NULL},
    {"seconds may be absent", "2026-10-01T08:00+08:00", RC_OK, "2026-10-01T00:00:00.000Z"},
    {"milliseconds", "2026-10-01T08:00:00.123Z", RC_OK, "2026-10-01T08:00:00.123Z"},
    {"tenths", "2026-10-01T08:00:00.5Z", RC_OK, "2026-10-01T08:00:00.500Z"},
    {"a long fraction is cut, not rounded", "2026-10-01T08:00:00.99999999999999999999Z", RC_OK,
     "2026-10-01T08:00:00.999Z"},
    {"a point without digits", "2026-10-01T08:00:00.Z", RC_PARSE, NULL},
    {"a fraction of a minute", "2026-10-01T08:00.5Z", RC_PARSE, NULL},
    {"no offset", "2026-10-01T08:00:00", RC_PARSE, NULL},
    {"a date alone", "2026-10-01", RC_PARSE, NULL},
    {"a small z", "2026-10-01T08:00:00z", RC_PARSE, NULL},
    {"something behind", "2026-10-01T08:00:00Z ", RC_PARSE, NULL},
    {"something before", " 2026-10-01T08:00:00Z", RC_PARSE, NULL},
    {"something behind the offset", "2026-10-01T08:00:00+08:00x", RC_PARSE, NULL},
    {"half an offset", "2026-10-01T08:00:00+8", RC_PARSE, NULL},
    {"an offset that ends in a colon", "2026-10-01T08:00:00+08:", RC_PARSE, NULL},
    {"a year of five digits", "12026-10-01T08:00:00Z", RC_PARSE, NULL},
    {"a month of one digit", "2026-1-01T08:00:00Z", RC_PARSE, NULL},
    {"month 13", "2026-13-01T08:00:00Z", RC_RANGE, NULL},
    {"month 0", "2026-00-01T08:00:00Z", RC_RANGE, NULL},
    {"day 0", "2026-10-00T08:00:00Z", RC_RANGE, NULL},
    {"31 September", "2026-09-31T08:00:00Z", RC_RANGE, NULL},
    {"a wrong date and a wrong text are a wrong text", "2026-13-01T08:00:00", RC_PARSE, NULL},
    {"29 February of a leap year", "2028-02-29T00:00:00Z", RC_OK, "2028-02-29T00:00:00.000Z"},
    {"29 February of a common year", "2027-02-29T00:00:00Z", RC_RANGE, NULL},
    {"29 February 2000", "2000-02-29T00:00:00Z", RC_OK, "2000-02-29T00:00:00.000Z"},
    {"29 February 2100", "2100-02-29T00:00:00Z", RC_RANGE, NULL},
    {"24:00 is written 00:00", "2026-10-01T24:00:00Z", RC_RANGE, NULL},
    {"minute 60", "2026-10-01T08:60:00Z", RC_RANGE, NULL},
    {"second 61", "2026-10-01T08:00:61Z", RC_RANGE, NULL},
    {"a leap second is the next second's start", "2016-12-31T23:59:60Z", RC_OK, "2017-01-01T00:00:00.000Z"},
    {"with any fraction", "2016-12-31T23:59:60.7Z", RC_OK, "2017-01-01T00:00:00.000Z"},
    {"before 1970", "1969-12-31T23:59:59.999Z", RC_OK, "1969-12-31T23:59:59.999Z"},
    {"the first we can write", "0000-01-01T00:00:00Z", RC_OK, "0000-01-01T00:00:00.000Z"},
    {"the last we can write", "9999-12-31T23:59:59.999Z", RC_OK, "9999-12-31T23:59:59.999Z"},
    {"before the first is written as the first", "0000-01-01T00:00:00+01:00", RC_OK,
     "0000-01-01T00:00:00.000Z"},
    {"after the last is written as the last", "9999-12-31T23:59:59-01:00", RC_OK, "9999-12-31T23:59:59.999Z"},
    {"nothing", "", RC_PARSE, NULL},
};

START_TEST(instants)
{
    int64_t ms = 4711;
    int rc = text_to_utc_ms(instant_rows[_i].text, &ms);
    ck_assert_msg(rc == instant_rows[_i].rc, "%s: rc %d", instant_rows[_i].sentence, rc);
    if (rc != RC_OK) {
        ck_assert_msg(ms == 4711, "%s: the result was touched", instant_rows[_i].sentence);
        return;
    }
    char text[TEXT_TS_SIZE];
    text_from_utc_ms(ms, text);
    ck_assert_msg(strcmp(text, instant_rows[_i].same) == 0, "%s: %s", instant_rows[_i].sentence, text);
}
END_TEST

START_TEST(known_instants)
{
    int64_t ms;
    ck_assert_int_eq(text_to_utc_ms("1970-01-01T00:00:00Z", &ms), RC_OK);
    ck_assert_int_eq(ms, 0);
    ck_assert_int_eq(text_to_utc_ms("2026-10-01T00:00:00.250+08:00", &ms), RC_OK);
    ck_assert_int_eq(ms, INT64_C(1790784000250));
}
END_TEST

START_TEST(what_cannot_be_written_is_clamped)
{
    char text[TEXT_TS_SIZE];
    text_from_utc_ms(INT64_MIN, text);
    ck_assert_str_eq(text, "0000-01-01T00:00:00.000Z");
    text_from_utc_ms(INT64_MAX, text);
    ck_assert_str_eq(text, "9999-12-31T23:59:59.999Z");
    text_from_utc_ms(-1, text);
    ck_assert_str_eq(text, "1969-12-31T23:59:59.999Z");
}
END_TEST

START_TEST(dates)
{
    int64_t days = 4711;
    ck_assert_int_eq(text_to_date("1970-01-02", &days), RC_OK);
    ck_assert_int_eq(days, 1);
    ck_assert_int_eq(text_to_date("2000-03-01", &days), RC_OK);
    ck_assert_int_eq(days, 11017);
    ck_assert_int_eq(text_to_date("2027-02-29", &days), RC_RANGE);
    static const char *const wrong[] = {
        "", "2026-10", "2026-10-1", "2026-10-01 ", "2026-10-01T00:00Z", "20261001", "*-10-01"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        ck_assert_msg(text_to_date(wrong[i], &days) == RC_PARSE, "%s", wrong[i]);
    ck_assert_int_eq(days, 11017);
}
END_TEST

/* Every day of 400 years and more: the day count goes up by one, and comes back as the date it was made from.
 */
START_TEST(days_follow_each_other)
{
    int64_t expected = text_days_from_civil(1899, 1, 1);
    for (int64_t year = 1899; year <= 2301; year++) {
        for (unsigned month = 1; month <= 12; month++) {
            for (unsigned day = 1; text_valid_date(year, month, day); day++) {
                int64_t y;
                unsigned m, d;
                text_civil_from_days(expected, &y, &m, &d);
                if (text_days_from_civil(year, month, day) != expected || y != year || m != month || d != day)
                    ck_abort_msg("%d-%02u-%02u", (int)year, month, day);
                expected++;
            }
        }
    }
    ck_assert_int_eq(text_days_from_civil(-1, 12, 31) + 1, text_days_from_civil(0, 1, 1));
    ck_assert_int_eq(text_days_from_civil(0, 1, 1), -719528);
    ck_assert_int_eq(text_days_from_civil(-400, 3, 1), -719468 - 146097);
}
END_TEST

START_TEST(valid_dates_come_in_pairs)
{
    ck_assert(text_valid_date(2026, 4, 30) && !text_valid_date(2026, 4, 31));
    ck_assert(text_valid_date(2026, 12, 31) && !text_valid_date(2026, 12, 32));
    ck_assert(text_valid_date(2024, 2, 29) && !text_valid_date(2026, 2, 29));
    ck_assert(text_valid_date(2000, 2, 29) && !text_valid_date(1900, 2, 29));
    ck_assert(text_valid_date(2026, 1, 1) && !text_valid_date(2026, 1, 0));
    ck_assert(text_valid_date(0, 2, 29) && !text_valid_date(1, 2, 29));
    ck_assert(!text_valid_date(2026, 0, 1) && !text_valid_date(2026, 13, 1));
    ck_assert(!text_valid_date(2026, UINT32_MAX, 1) && !text_valid_date(2026, 1, UINT32_MAX));
}
END_TEST

/* 200 000 instants of the years 0 to 9999: written as the C library writes them, and read back. */
START_TEST(the_c_library_agrees)
{
    uint64_t x = 88172645463325252u;
    const int64_t first = -719528 * INT64_C(86400), span = (2932897 + 719528) * INT64_C(86400);
    for (int i = 0; i < 200000; i++) {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        time_t s = first + (int64_t)(x % (uint64_t)span);
        int64_t ms = (int64_t)s * 1000 + (int64_t)(x >> 40) % 1000;
        struct tm tm;
        (void)gmtime_r(&s, &tm);
        char expected[96], text[TEXT_TS_SIZE];
        (void)snprintf(expected, sizeof expected, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", tm.tm_year + 1900,
                       tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, (int)((x >> 40) % 1000));
        text_from_utc_ms(ms, text);
        int64_t back = 0;
        if (strcmp(text, expected) != 0 || text_to_utc_ms(text, &back) != RC_OK || back != ms)
            ck_abort_msg("%s, not %s", text, expected);
    }
}
END_TEST

Suite *unit_suite(void)
{
    Suite *s = suite_create("text_time");
    TCase *c = tcase_create("text_time");
    tcase_set_timeout(c, 120); /* also under valgrind */
    tcase_add_loop_test(c, instants, 0, ROWS(instant_rows));
    tcase_add_test(c, known_instants);
    tcase_add_test(c, what_cannot_be_written_is_clamped);
    tcase_add_test(c, dates);
    tcase_add_test(c, days_follow_each_other);
    tcase_add_test(c, valid_dates_come_in_pairs);
    tcase_add_test(c, the_c_library_agrees);
    suite_add_tcase(s, c);
    return s;
}
