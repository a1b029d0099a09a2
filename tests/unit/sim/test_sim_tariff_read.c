/* What --tariff takes and what it refuses. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/rc.h"
#include "core/text.h"
#include "sim/sim_tariff.h"
#include "unit_main.h"

#define HEAD "[tariff t]\nutc_offset = +08:00\n"
#define BODY HEAD "day 1 = 00:00 flat\n"

static int read_text(const char *text, struct sim_tariff *out)
{
    char path[] = "tariff.XXXXXX";
    int fd = mkstemp(path);
    ck_assert(fd >= 0);
    ck_assert(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
    close(fd);
    int rc = sim_tariff_read(path, out);
    unlink(path);
    return rc;
}

START_TEST(the_example_of_the_contract_is_understood)
{
    struct sim_tariff t;
    ck_assert_int_eq(
        read_text("[gateway]\nid = site-a\n"
                  "[tariff residential-2026] ; after DL/T 645\n"
                  "utc_offset = +08:00 ; required\n"
                  "day 1 = 06:00 sharp, 10:00 peak, 12:00 sharp, 15:00 flat, 23:00 valley\n"
                  "day 2 = 00:00 2\n"
                  "zones = 01-01 day 1, 07-15 day 2\n"
                  "rest_days = sat, sun\nrest_table = 2\n"
                  "holidays = 2027-01-01 day 2, *-10-01 day 2\n"
                  "holidays.1 = *-02-29 day 1\n"
                  "settlement = 1 00:00, 15 08:00\n"
                  "rates = sharp, valley, flat, peak\n"
                  "clock_tolerance = 5m\nswitching_lag = 60s\nregister_lag = 2s\nclock_drift = 2s\n"
                  "wrap = previous_day\n"
                  "zones.2 = 01-01 day 1\nday.2 1 = 00:00 valley\n"
                  "switch_zones = 2027-01-01 00:00\nswitch_days = 2027-02-01 12:30\n",
                  &t),
        RC_OK);
    ck_assert_str_eq(t.name, "residential-2026");
    ck_assert_int_eq(t.utc_offset_s, 8 * 3600);
    ck_assert_int_eq(t.table[0][0].n, 5);
    ck_assert_int_eq(t.table[0][0].period[4].minute, 23 * 60);
    ck_assert_int_eq(t.table[0][0].period[4].rate, 3);
    ck_assert_int_eq(t.table[0][1].period[0].rate, 3); /* number 2 is valley by `rates`, which stands below */
    ck_assert_int_eq(t.zones[0].n, 2);
    ck_assert_int_eq(t.zones[0].zone[1].day, 15);
    ck_assert_int_eq(t.rest_mask, 1 | 1 << 6);
    ck_assert_int_eq(t.n_holidays, 3);
    ck_assert_int_eq(t.holiday[0].year, 2027);
    ck_assert_int_eq(t.holiday[1].year, 0);
    ck_assert_int_eq(t.n_settlements, 2);
    ck_assert_int_eq(t.settlement[1].hour, 8);
    ck_assert(t.wrap_previous);
    ck_assert_int_eq(t.table[1][0].period[0].rate, 3);
    ck_assert_int_eq(t.switch_days_s, text_days_from_civil(2027, 2, 1) * 86400 + 12 * 3600 + 30 * 60);
}
END_TEST

START_TEST(defaults_are_those_of_the_contract)
{
    struct sim_tariff t;
    ck_assert_int_eq(read_text(BODY, &t), RC_OK);
    ck_assert_int_eq(t.zones[0].n, 1);
    ck_assert_int_eq(t.zones[0].zone[0].month, 1);
    ck_assert_int_eq(t.n_settlements, 1);
    ck_assert_int_eq(t.settlement[0].day, 1);
    ck_assert(!t.wrap_previous);
    ck_assert(t.switch_days_s == INT64_MAX && t.switch_zones_s == INT64_MAX);
    ck_assert_int_eq(t.rest_mask, 0);
}
END_TEST

static const struct {
    const char *sentence, *text;
} refused[] = {
    {"no tariff at all", "[gateway]\nid = a\n"},
    {"two tariffs", BODY "[tariff u]\nutc_offset = +08:00\nday 1 = 00:00 flat\n"},
    {"two tariffs that share no key", BODY "[tariff u]\nzones = 01-01 day 1\n"},
    {"no offset", "[tariff t]\nday 1 = 00:00 flat\n"},
    {"an offset without minutes", "[tariff t]\nutc_offset = +8\nday 1 = 00:00 flat\n"},
    {"no day table 1", HEAD "day 2 = 00:00 flat\n"},
    {"day table 9", BODY "day 9 = 00:00 flat\n"},
    {"24:00 is no start", HEAD "day 1 = 00:00 flat, 24:00 peak\n"},
    {"starts that fall", HEAD "day 1 = 10:00 flat, 09:59 peak\n"},
    {"the same start twice", HEAD "day 1 = 10:00 flat, 10:00 peak\n"},
    {"fifteen periods",
     HEAD "day 1 = 00:00 1, 01:00 2, 02:00 1, 03:00 2, 04:00 1, 05:00 2, 06:00 1, 07:00 2, 08:00 1, "
          "09:00 2, 10:00 1, 11:00 2, 12:00 1, 13:00 2, 14:00 1\n"},
    {"a fifth rate", HEAD "day 1 = 00:00 deep\n"},
    {"rate number 5", HEAD "day 1 = 00:00 5\n"},
    {"a zone on 02-29 and not a date", BODY "zones = 02-30 day 1\n"},
    {"a zone on the day that comes every four years", BODY "zones = 02-29 day 1\n"},
    {"a zone with a table that is not there", BODY "zones = 01-01 day 3\n"},
    {"zones that fall", BODY "zones = 07-01 day 1, 01-01 day 1\n"},
    {"rest days without a table", BODY "rest_days = sat\n"},
    {"a rest day of no week", BODY "rest_days = day\nrest_table = 1\n"},
    {"a holiday with a table that is not there", BODY "holidays = *-10-01 day 4\n"},
    {"a holiday of no calendar", BODY "holidays = 2027-02-29 day 1\n"},
    {"settlement on the 29th", BODY "settlement = 29 00:00\n"},
    {"settlement at half past", BODY "settlement = 1 00:30\n"},
    {"four settlements", BODY "settlement = 1 00:00, 8 00:00, 15 00:00, 22 00:00\n"},
    {"a key that does not exist", BODY "zone = 01-01 day 1\n"},
    {"a key that stands there twice", BODY "day 1 = 00:00 peak\n"},
    {"a wrap of no kind", BODY "wrap = yes\n"},
    {"a switch-over without a date", BODY "switch_days = soon\n"},
    {"a line that is nothing", BODY "what\n"},
};

START_TEST(what_cannot_be_a_tariff_is_refused)
{
    struct sim_tariff t = {.n_holidays = 77};
    ck_assert_msg(read_text(refused[_i].text, &t) == RC_PARSE, "%s: taken", refused[_i].sentence);
    ck_assert_msg(t.n_holidays == 77, "%s: the output was touched", refused[_i].sentence);
}
END_TEST

START_TEST(no_file_a_directory_and_an_endless_line_are_refused)
{
    struct sim_tariff t;
    ck_assert_int_eq(sim_tariff_read("there-is-no-such-file", &t), RC_PARSE);
    ck_assert_int_eq(sim_tariff_read(".", &t), RC_PARSE);
    char *text = malloc(100000);
    ck_assert_ptr_nonnull(text);
    memset(text, 'x', 99999);
    text[99999] = '\0';
    ck_assert_int_eq(read_text(text, &t), RC_PARSE);
    free(text);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *suite = suite_create("sim_tariff_read");
    TCase *c = tcase_create("file");
    tcase_add_test(c, the_example_of_the_contract_is_understood);
    tcase_add_test(c, defaults_are_those_of_the_contract);
    tcase_add_loop_test(c, what_cannot_be_a_tariff_is_refused, 0, (int)(sizeof refused / sizeof refused[0]));
    tcase_add_test(c, no_file_a_directory_and_an_endless_line_are_refused);
    suite_add_tcase(suite, c);
    return suite;
}
