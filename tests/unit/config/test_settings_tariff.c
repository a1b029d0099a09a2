#include <stdio.h>
#include <string.h>
#include "conf_fixture.h"
#include "core/rc.h"
#include "unit_main.h"

/* Tariffs that no meter could hold: one complaint each, at its line. Lines 1 to 3 are section, offset, day 1.
 */

struct row {
    const char *text; /* after TARIFF */
    const char *complaint;
};

static struct conf_fixture f;

static void set_up(void)
{
    conf_fixture_init(&f);
}

static void tear_down(void)
{
    conf_fixture_done(&f);
}

static void try_tariff(const char *text)
{
    char path[600];

    conf_fixture_text(&f, "a.ini", text);
    snprintf(path, sizeof path, "%s", conf_fixture_path(&f, "a.ini"));
    f.rc = settings_read_tariffs(path, conf_fixture_collect, &f, &f.s);
}

static void expect_one(const char *text, const char *complaint)
{
    try_tariff(text);
    ck_assert_msg(f.n == 1, "%zu complaints for\n%s\n%s", f.n, text, conf_fixture_all(&f));
    ck_assert_msg(strncmp(f.lines[0], complaint, strlen(complaint)) == 0, "\n  %s\nis not\n  %s", f.lines[0],
                  complaint);
    ck_assert_int_eq(f.rc, RC_PARSE);
}

#define P13                                                                                                  \
    "00:00 flat, 01:00 peak, 02:00 flat, 03:00 peak, 04:00 flat, 05:00 peak, 06:00 flat, 07:00 peak, 08:00 " \
    "flat, "                                                                                                 \
    "09:00 peak, 10:00 flat, 11:00 peak, 12:00 flat"
#define Z13                                                                                                  \
    "01-01 day 1, 01-02 day 1, 01-03 day 1, 01-04 day 1, 01-05 day 1, 01-06 day 1, 01-07 day 1, 01-08 day "  \
    "1, "                                                                                                    \
    "01-09 day 1, 01-10 day 1, 01-11 day 1, 01-12 day 1, 01-13 day 1"
#define DAY_2   "day 2 = 00:00 peak\n"
#define DAY_2_1 "day.2 1 = 00:00 peak\n"

static const struct row tables[] = {
    {"day 2 = 24:00 flat\n",
     "a.ini:4: [tariff t] day 2: 24:00 is no time of a day: what begins at midnight begins at 00:00"},
    {"day 2 = 24:01 flat\n", "a.ini:4: [tariff t] day 2: 24:01 is no time of a day"},
    {"day 2 = 25:00 flat\n", "a.ini:4: [tariff t] day 2: '25:00 flat' must read HH:MM RATE"},
    {"day 2 = 12:60 flat\n", "a.ini:4: [tariff t] day 2: '12:60 flat' must read HH:MM RATE"},
    {"day 2 = 6:00 flat\n", "a.ini:4: [tariff t] day 2: '6:00 flat' must read HH:MM RATE"},
    {"day 2 = 06:00\n", "a.ini:4: [tariff t] day 2: '06:00' must read HH:MM RATE"},
    {"day 2 = 06:00 flat,\n", "a.ini:4: [tariff t] day 2: '' must read HH:MM RATE"},
    {"day 2 = 06:00 flat 08:00 peak\n", "a.ini:4: [tariff t] day 2: 'flat 08:00 peak' is no rate"},
    {"day 2 = 06:00 plat\n", "a.ini:4: [tariff t] day 2: 'plat' is no rate: sharp, peak, flat, valley, or 1 "
                             "to 4 (did you mean flat?)"},
    {"day 2 = 06:00 0\n", "a.ini:4: [tariff t] day 2: '0' is no rate"},
    {"day 2 = 06:00 5\n", "a.ini:4: [tariff t] day 2: '5' is no rate"},
    {"day 2 = 06:00 deep_valley\n", "a.ini:4: [tariff t] day 2: 'deep_valley' is no rate"},
    {"day 2 = 10:00 flat, 06:00 peak\n",
     "a.ini:4: [tariff t] day 2: 06:00 comes after 10:00: the starts must rise"},
    {"day 2 = 10:00 flat, 10:00 peak\n", "a.ini:4: [tariff t] day 2: 10:00 stands there twice"},
    {"day 2 = " P13 ", 13:00 peak, 14:00 flat\n", "a.ini:4: [tariff t] day 2: more than 14 periods"},
    {"day 9 = 00:00 flat\n", "a.ini:4: [tariff t] day 9: unknown key: day N goes from 1 to 8"},
    {"day 0 = 00:00 flat\n", "a.ini:4: [tariff t] day 0: unknown key: day N goes from 1 to 8"},
    {"day 02 = 00:00 flat\n", "a.ini:4: [tariff t] day 02: unknown key: day N goes from 1 to 8"},
    {"day.3 1 = 00:00 flat\n", "a.ini:4: [tariff t] day.3 1: unknown key (did you mean day.2 1?)"},
    {"dya 2 = 00:00 flat\n", "a.ini:4: [tariff t] dya 2: unknown key (did you mean day 2?)"},
};

static const struct row zones[] = {
    {"zones = 02-29 day 1\n",
     "a.ini:4: [tariff t] zones: 02-29 does not begin a zone: most years do not have it"},
    {"zones = 02-30 day 1\n", "a.ini:4: [tariff t] zones: 02-30 is no day of a year"},
    {"zones = 13-01 day 1\n", "a.ini:4: [tariff t] zones: 13-01 is no day of a year"},
    {"zones = 00-01 day 1\n", "a.ini:4: [tariff t] zones: 00-01 is no day of a year"},
    {"zones = 01-01 day 2\n",
     "a.ini:4: [tariff t] zones: day 2 is meant here, but there is no such day table"},
    {"zones = 01-01 day 9\n", "a.ini:4: [tariff t] zones: '01-01 day 9' must read MM-DD day N"},
    {"zones = 01-01 1\n", "a.ini:4: [tariff t] zones: '01-01 1' must read MM-DD day N"},
    {"zones = 1-1 day 1\n", "a.ini:4: [tariff t] zones: '1-1 day 1' must read MM-DD day N"},
    {"zones = 07-01 day 1, 02-01 day 1\n",
     "a.ini:4: [tariff t] zones: 02-01 comes after 07-01: the dates must rise"},
    {"zones = 07-01 day 1, 07-01 day 1\n", "a.ini:4: [tariff t] zones: 07-01 stands there twice"},
    {"zones = " Z13 ", 01-14 day 1, 01-15 day 1\n", "a.ini:4: [tariff t] zones: more than 14 zones"},
    {"zones.2 = 01-01 day 1\n", "a.ini:4: [tariff t] zones.2: never takes over: switch_zones is missing"},
    {"switch_zones = 2027-01-01 00:00\n",
     "a.ini:4: [tariff t] switch_zones: there is no zones.2 that could take over"},
    {DAY_2_1, "a.ini:4: [tariff t] day.2 1: never takes over: switch_days is missing"},
    {"switch_days = 2027-01-01 00:00\n",
     "a.ini:4: [tariff t] switch_days: there is no day.2 table that could take over"},
    {"switch_days = 2027-13-01 00:00\n" DAY_2_1,
     "a.ini:4: [tariff t] switch_days: must read YYYY-MM-DD HH:MM"},
    {"switch_days = 2027-01-01 24:00\n" DAY_2_1,
     "a.ini:4: [tariff t] switch_days: must read YYYY-MM-DD HH:MM"},
    {"switch_days = tomorrow\n" DAY_2_1, "a.ini:4: [tariff t] switch_days: must read YYYY-MM-DD HH:MM"},
    /* zones of the first set meet the second set of days only when those switch first */
    {"day.2 2 = 00:00 flat\nswitch_days = 2027-01-01 00:00\n",
     "a.ini:1: [tariff t] zones: day 1 is meant here, but there is no day.2 1, and switch_days makes the "
     "second set take over"},
    {DAY_2_1 "switch_days = 2027-01-01 00:00\nzones.2 = 01-01 day 2\nswitch_zones = 2027-01-01 00:00\n",
     "a.ini:6: [tariff t] zones.2: day 2 is meant here, but there is no day.2 2"},
};

static const struct row others[] = {
    {"rest_days = sat, sun\n", "a.ini:4: [tariff t] rest_days: only together with rest_table"},
    {"rest_table = 1\n", "a.ini:4: [tariff t] rest_table: only together with rest_days"},
    {"rest_days = sat\nrest_table = 2\n",
     "a.ini:5: [tariff t] rest_table: day 2 is meant here, but there is no such day table"},
    {"rest_days = sat\nrest_table = 9\n",
     "a.ini:5: [tariff t] rest_table: must be a whole number from 1 to 8"},
    {"rest_days = sta\nrest_table = 1\n",
     "a.ini:4: [tariff t] rest_days: 'sta' is no day: sun, mon, tue, wed, thu, fri, sat"},
    {"rest_days = sat, sat\nrest_table = 1\n", "a.ini:4: [tariff t] rest_days: sat stands there twice"},
    {"holidays = 2027-02-29 day 1\n", "a.ini:4: [tariff t] holidays: 2027-02-29 is no day"},
    {"holidays = *-02-30 day 1\n", "a.ini:4: [tariff t] holidays: *-02-30 is no day"},
    {"holidays = 10-01 day 1\n",
     "a.ini:4: [tariff t] holidays: '10-01 day 1' must read YYYY-MM-DD day N or *-MM-DD day N"},
    {"holidays = 2027-10-01\n", "a.ini:4: [tariff t] holidays: '2027-10-01' must read YYYY-MM-DD day N"},
    {"holidays.7 = 2027-10-01 day 2\n",
     "a.ini:4: [tariff t] holidays.7: day 2 is meant here, but there is no such day table"},
    {"holidays.255 = 2027-10-01 day 1\n",
     "a.ini:4: [tariff t] holidays.255: unknown key: holidays.N goes from 1 to 254"},
    {"holidays = 2027-10-01 day 1\nholidays.1 = 2027-10-01 day 1\n",
     "a.ini:5: [tariff t] holidays.1: 2027-10-01 stands there twice"},
    {"holidays = *-10-01 day 1, 2027-10-01 day 1, *-10-01 day 1\n",
     "a.ini:4: [tariff t] holidays: *-10-01 stands there twice"},
    {"settlement = 0 00:00\n", "a.ini:4: [tariff t] settlement: day 0: from 1 to 28, which every month has"},
    {"settlement = 29 00:00\n", "a.ini:4: [tariff t] settlement: day 29: from 1 to 28"},
    {"settlement = 1 24:00\n", "a.ini:4: [tariff t] settlement: 24:00 is no hour of a day"},
    {"settlement = 1 00:30\n", "a.ini:4: [tariff t] settlement: '1 00:30': a meter settles at full hours"},
    {"settlement = 1\n", "a.ini:4: [tariff t] settlement: '1' must read DAY HH:00"},
    {"settlement = 01 00:00\n", "a.ini:4: [tariff t] settlement: '01 00:00' must read DAY HH:00"},
    {"settlement = 1 00:00, 1 00:00\n", "a.ini:4: [tariff t] settlement: 1 00:00 stands there twice"},
    {"settlement = 1 00:00, 2 00:00, 3 00:00, 4 00:00\n",
     "a.ini:4: [tariff t] settlement: more than 3 settlement days"},
    {"rates = sharp, peak, flat\n", "a.ini:4: [tariff t] rates: names 3 rates, not four"},
    {"rates = sharp, peak, flat, valey\n",
     "a.ini:4: [tariff t] rates: 'valey' is no rate: sharp, peak, flat, valley (did you mean valley?)"},
    {"rates = sharp, peak, flat, flat\n",
     "a.ini:4: [tariff t] rates: each of the four rates must stand there once"},
    {"rates = sharp, peak, flat, valley, deep\n", "a.ini:4: [tariff t] rates: 'deep' is no rate"},
    {"wrap = next_day\n", "a.ini:4: [tariff t] wrap: must be same_day or previous_day, not 'next_day'"},
    {"clock_tolerance = 13h\n", "a.ini:4: [tariff t] clock_tolerance: must be a duration from 0 to 12h"},
    {"register_lag = 2\n", "a.ini:4: [tariff t] register_lag: must be a duration from 0 to 10m"},
};

static const struct row offsets[] = {
    {"8", "must read +HH:MM or -HH:MM, not '8'"},
    {"08:00", "must read +HH:MM or -HH:MM, not '08:00'"},
    {"+8:00", "must read +HH:MM or -HH:MM"},
    {"+08:00 x", "must read +HH:MM or -HH:MM"},
    {"+14:01", "from -12:00 to +14:00"},
    {"-12:01", "from -12:00 to +14:00"},
    {"Asia/Shanghai", "must read +HH:MM or -HH:MM"},
    {"Z", "must read +HH:MM or -HH:MM"},
};

START_TEST(bad_offset)
{
    char text[200], complaint[200];

    snprintf(text, sizeof text, "[tariff t]\nutc_offset = %s\nday 1 = 00:00 flat\n", offsets[_i].text);
    snprintf(complaint, sizeof complaint, "a.ini:2: [tariff t] utc_offset: %s", offsets[_i].complaint);
    expect_one(text, complaint);
}
END_TEST

static const char *const good[] = {
    "utc_offset = +14:00\nday 1 = 23:59 flat\n",
    "utc_offset = -12:00\nday 1 = 00:00 1\n",
    "utc_offset = +00:00\nday 1 = " P13 ", 13:00 peak\n",
    "utc_offset = +05:45\nday 1 = 00:00 flat\nzones = " Z13 ", 12-31 day 1\n",
    "utc_offset = +08:00\nday 8 = 02:00 flat\nzones = 02-01 day 8\n", /* no day 1 needed, no 00:00, no 01-01
                                                                       */
    "utc_offset = +08:00\nday 1 = 00:00 flat\nsettlement = 1 23:00, 15 00:00, 28 12:00\n",
    "utc_offset = +08:00\nday 1 = 00:00 flat\nholidays = *-02-29 day 1, 2028-02-29 day 1\n",
    "utc_offset = +08:00\nday 1 = 00:00 flat\nday 2 = 00:00 peak\nholidays = *-10-01 day 1, 2027-10-01 day "
    "2\n",
    "utc_offset = +08:00\nday 1 = 00:00 flat\nday.2 2 = 00:00 peak\nzones.2 = 01-01 day 2\n"
    "switch_zones = 2027-01-01 00:00\nswitch_days = 2027-01-01 00:00\n",
    "utc_offset = +08:00\nday 1 = 00:00 flat\nrates = valley, flat, peak, sharp\n",
};

START_TEST(good_tariff)
{
    char text[2000];

    snprintf(text, sizeof text, "[tariff t]\n%s", good[_i]);
    try_tariff(text);
    ck_assert_msg(f.rc == RC_OK, "%s\n%s", text, conf_fixture_all(&f));
}
END_TEST

/* Everything wrong in one section is told in one run, and nothing else is. */
START_TEST(all_mistakes_of_a_tariff_are_told_at_once)
{
    static const char *const lines[] = {
        "a.ini:2: [tariff t] utc_offset: must read",
        "a.ini:3: [tariff t] day 1: '6:00 flat' must read HH:MM RATE",
        "a.ini:3: [tariff t] day 1: 'plat' is no rate",
        "a.ini:4: [tariff t] day 2: 24:00 is no time of a day",
        "a.ini:5: [tariff t] zones: '1-1 day 1' must read MM-DD day N",
        "a.ini:5: [tariff t] zones: 02-29 does not begin a zone",
        "a.ini:6: [tariff t] zones.2: '1-1 day 3' must read MM-DD day N",
        "a.ini:8: [tariff t] rest_days: 'sta' is no day",
        "a.ini:9: [tariff t] rest_table: must be a whole number from 1 to 8",
        "a.ini:10: [tariff t] settlement: '1' must read DAY HH:00",
        "a.ini:11: [tariff t] rates: 'shrap' is no rate",
        "a.ini:12: [tariff t] wrap: must be same_day or previous_day",
    };

    try_tariff("[tariff t]\nutc_offset = 8\nday 1 = 6:00 flat, 08:00 plat\nday 2 = 10:00 flat, 24:00 peak\n"
               "zones = 1-1 day 1, 02-29 day 2\nzones.2 = 1-1 day 3\nswitch_zones = 2027-01-01 "
               "00:00\nrest_days = sta\n"
               "rest_table = 9\nsettlement = 1\nrates = shrap, peak, flat, valley\nwrap = x\n");
    ck_assert_msg(f.n == sizeof lines / sizeof lines[0], "%zu:%s", f.n, conf_fixture_all(&f));
    for (size_t i = 0; i < f.n; i++)
        ck_assert_msg(strncmp(f.lines[i], lines[i], strlen(lines[i])) == 0, "\n  %s\nis not\n  %s",
                      f.lines[i], lines[i]);
}
END_TEST

#define TABLE(name)                                                                                          \
    START_TEST(bad_##name)                                                                                   \
    {                                                                                                        \
        char text[2000];                                                                                     \
        snprintf(text, sizeof text, TARIFF "%s", name[_i].text);                                             \
        expect_one(text, name[_i].complaint);                                                                \
    }                                                                                                        \
    END_TEST
TABLE(tables)
TABLE(zones)
TABLE(others)
#define ADD(test, rows) tcase_add_loop_test(c, test, 0, (int)(sizeof rows / sizeof rows[0]))

Suite *unit_suite(void)
{
    Suite *s = suite_create("settings");
    TCase *c = tcase_create("tariffs");

    tcase_add_checked_fixture(c, set_up, tear_down);
    ADD(bad_tables, tables);
    ADD(bad_zones, zones);
    ADD(bad_others, others);
    ADD(bad_offset, offsets);
    ADD(good_tariff, good);
    tcase_add_test(c, all_mistakes_of_a_tariff_are_told_at_once);
    suite_add_tcase(s, c);
    return s;
}
