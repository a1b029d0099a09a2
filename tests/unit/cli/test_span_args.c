/* test_span_args.c - a date is 00:00 of the meter's clock, an instant is an instant. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "cli/span_args.h"
#include "core/rc.h"
#include "core/text.h"
#include "unit_main.h"

static struct tariff tariffs[] = {{.name = "china", .utc_offset_s = 8 * 3600},
                                  {.name = "nepal", .utc_offset_s = 20700}};
static struct settings_dated_tariff china = {INT64_MIN, 0}, nepal = {INT64_MIN, 1};
static struct settings_meter meters[] = {{.name = "east", .tariffs = &china, .n_tariffs = 1},
                                         {.name = "hill", .tariffs = &nepal, .n_tariffs = 1},
                                         {.name = "bare"}};
static char zone[] = "Europe/Berlin";
static struct settings site = {
    .gateway = {.timezone = zone}, .meters = meters, .n_meters = 3, .tariffs = tariffs, .n_tariffs = 2};

static const struct {
    const char *sentence, *from;
    int meter;
    const char *utc;
} cases[] = {
    {"a date in the meter's time", "2026-10-01", 0, "2026-09-30T16:00:00.000Z"},
    {"an offset of quarter hours", "2026-10-01", 1, "2026-09-30T18:15:00.000Z"},
    {"without a tariff in the gateway's summer time", "2026-10-01", 2, "2026-09-30T22:00:00.000Z"},
    {"and in its winter time", "2026-12-01", 2, "2026-11-30T23:00:00.000Z"},
    {"a meter that is configured no more", "2026-12-01", -1, "2026-11-30T23:00:00.000Z"},
    {"an instant in Z", "2026-10-01T00:00:00Z", 0, "2026-10-01T00:00:00.000Z"},
    {"an instant with an offset", "2026-10-01T00:00:00+08:00", 2, "2026-09-30T16:00:00.000Z"},
};

START_TEST(from_means)
{
    struct span_args a;
    struct span_ms span;
    char why[SPAN_WHY], text[TEXT_TS_SIZE];
    ck_assert_int_eq(span_args_parse(cases[_i].from, NULL, &a, why), RC_OK);
    span_args_for(&a, &site, cases[_i].meter, &span);
    text_from_utc_ms(span.from_utc_ms, text);
    ck_assert_msg(strcmp(text, cases[_i].utc) == 0, "%s: %s", cases[_i].sentence, text);
    ck_assert_msg(span.to_utc_ms == INT64_MAX, "%s: ends", cases[_i].sentence);
}
END_TEST

static const struct {
    const char *from, *to;
} bad[] = {
    {"2026-10", NULL},
    {"2026-10-01T00:00:00", NULL}, /* no zone: refused, not guessed */
    {"2026-02-30", NULL},
    {"", NULL},
    {"yesterday", NULL},
    {NULL, "2026-13-01"},
    {"2026-10-02", "2026-10-01"},
    {"2026-10-01", "2026-10-01"}, /* an empty span is a slip */
    {"2026-10-01T00:00:00Z", "2026-10-01T08:00:00+08:00"},
};

START_TEST(what_cannot_be_meant)
{
    struct span_args a;
    char why[SPAN_WHY] = "";
    ck_assert_int_eq(span_args_parse(bad[_i].from, bad[_i].to, &a, why), RC_PARSE);
    ck_assert_str_ne(why, "");
}
END_TEST

START_TEST(nothing_given_is_everything)
{
    struct span_args a;
    struct span_ms span;
    char why[SPAN_WHY];
    ck_assert_int_eq(span_args_parse(NULL, NULL, &a, why), RC_OK);
    span_args_for(&a, &site, 0, &span);
    ck_assert(span.from_utc_ms == INT64_MIN && span.to_utc_ms == INT64_MAX);
    ck_assert_int_eq(span.offset_s, 8 * 3600);
}
END_TEST

START_TEST(a_date_and_an_instant_go_together)
{
    struct span_args a;
    struct span_ms span;
    char why[SPAN_WHY];
    ck_assert_int_eq(span_args_parse("2026-10-01", "2026-09-30T16:00:01Z", &a, why), RC_OK);
    span_args_for(&a, &site, 0, &span);
    ck_assert_int_eq(span.to_utc_ms - span.from_utc_ms, 1000);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *s = suite_create("span_args");
    TCase *t = tcase_create("span_args");
    tcase_add_loop_test(t, from_means, 0, sizeof cases / sizeof cases[0]);
    tcase_add_loop_test(t, what_cannot_be_meant, 0, sizeof bad / sizeof bad[0]);
    tcase_add_test(t, nothing_given_is_everything);
    tcase_add_test(t, a_date_and_an_instant_go_together);
    suite_add_tcase(s, t);
    return s;
}
