#include <string.h>
#include "conf_fixture.h"
#include "core/rc.h"
#include "unit_main.h"

/* Several mistakes in one file: all of them are told in one run, each at its own line, none twice. */

#define MOST 8
static const struct {
    const char *sentence, *text;
    const char *complaints[MOST]; /* their beginnings, in order */
} rows[] = {
    {"a name that is taken does not hide a place that is",
     SITE BUS METER "[meters n]\nbus = b\naddresses = 1-2\nname = m{address}\nmodel = kpm31\n"
                    "[meters o]\nbus = b\naddresses = 2-3\nmodel = kpm31\nname = m{address}\n",
     {"a.ini:11: [meters n] addresses: address 1 on bus b is that of meter m already, by [meter m] (",
      "a.ini:16: [meters o] addresses: address 2 on bus b is that of meter m2 already, by [meters n] (",
      "a.ini:18: [meters o] name: there is a meter m2 already, by [meters n] ("}},
    {"of ranges all places and names that both have are in one line",
     SITE BUS "[meters n]\nbus = b\naddresses = 1-9\nname = m{address}\nmodel = kpm31\n"
              "[meters o]\nbus = b\naddresses = 2-4, 8\nname = m{address}\nmodel = kpm31\n",
     {"a.ini:12: [meters o] addresses: addresses 2-4, 8 on bus b are taken already, by [meters n] (",
      "a.ini:13: [meters o] name: there is a meter m2 already, by [meters n] ("}},
    {"one place on two buses is none",
     SITE BUS "[bus c]\ndevice = /dev/ttyS1\n" METER
              "[meter n]\nbus = c\naddress = 1\nmodel = kpm31\nrelay = x\n",
     {"a.ini:15: [meter n] relay: must be yes, no, or a period"}},
    {"every item of a list of addresses",
     SITE BUS "[meters n]\nbus = b\naddresses = 2-5,4, 0, 250, 9-7, x, 1-3\nmodel = kpm31\n",
     {"a.ini:7: [meters n] addresses: address 4 stands there twice",
      "a.ini:7: [meters n] addresses: '0' is neither", "a.ini:7: [meters n] addresses: '250' is neither",
      "a.ini:7: [meters n] addresses: '9-7' is neither", "a.ini:7: [meters n] addresses: 'x' is neither",
      "a.ini:7: [meters n] addresses: addresses 2, 3 stand there twice"}},
    {"a bad item does not hide that a good one is taken",
     SITE BUS METER "[meters n]\nbus = b\naddresses = 0, 1\nmodel = kpm31\n",
     {"a.ini:11: [meters n] addresses: '0' is neither",
      "a.ini:11: [meters n] addresses: address 1 on bus b is that of meter m already"}},
    {"neither does a name that cannot be",
     SITE BUS METER "[meters n]\nbus = b\naddresses = 1-3\nname = m\nmodel = kpm31\n",
     {"a.ini:11: [meters n] addresses: address 1 on bus b is that of meter m already",
      "a.ini:12: [meters n] name: needs {address}: 3 meters cannot all be m"}},
    {"a name that some addresses make too long is told once",
     SITE BUS METER "[meters n]\nbus = b\naddresses = 1, 98-102\n"
                    "name = m23456789m123456789m123456789m12345678{address}\nmodel = kpm31\n",
     {"a.ini:11: [meters n] addresses: address 1 on bus b is that of meter m already",
      "a.ini:12: [meters n] name: 'm23456789m123456789m123456789m12345678100' is no name"}},
    {"every tariff that is not there, once for a whole range",
     SITE BUS "[meters n]\nbus = b\naddresses = 1-9\nmodel = kpm31\ntariff = a, 2026-07-01 b, 2026-08-01 t, "
              "2026-09-01 c\n" TARIFF,
     {"a.ini:9: [meters n] tariff: there is no tariff 'a'",
      "a.ini:9: [meters n] tariff: there is no tariff 'b'",
      "a.ini:9: [meters n] tariff: there is no tariff 'c'"}},
    {"what is wrong with the dates does not hide it",
     SITE BUS METER "tariff = t, 2026-07-01 a, 2026-06-01 b, b, 2026-05-01 t\n" TARIFF,
     {"a.ini:9: [meter m] tariff: there is no tariff 'a'",
      "a.ini:9: [meter m] tariff: '2026-06-01 b': the dates must rise",
      "a.ini:9: [meter m] tariff: there is no tariff 'b'",
      "a.ini:9: [meter m] tariff: 'b' must read YYYY-MM-DD NAME",
      "a.ini:9: [meter m] tariff: '2026-05-01 t': the dates must rise"}},
    {"a tariff without a clock is not held against another",
     SITE BUS METER "tariff = t, 2026-07-01 u, 2026-08-01 v\n" TARIFF "[tariff u]\nday 1 = 00:00 flat\n"
                    "[tariff v]\nutc_offset = +15:00\nday 1 = 00:00 flat\n",
     {"a.ini:13: [tariff u] utc_offset: is missing",
      "a.ini:16: [tariff v] utc_offset: from -12:00 to +14:00"}},
    {"a range without addresses",
     SITE BUS "[meters n]\nbus = b\nmodel = kpm31\ntariff = a\nname = m{adress}\n",
     {"a.ini:5: [meters n] addresses: is missing", "a.ini:8: [meters n] tariff: there is no tariff 'a'"}},
};

START_TEST(all_are_told)
{
    struct conf_fixture f;
    size_t n = 0;
    conf_fixture_init(&f);
    conf_fixture_try(&f, rows[_i].text);
    while (n < MOST && rows[_i].complaints[n] != NULL)
        n++;
    ck_assert_msg(f.n == n, "%s: %zu complaints:\n%s", rows[_i].sentence, f.n, conf_fixture_all(&f));
    for (size_t i = 0; i < n; i++)
        ck_assert_msg(strncmp(f.lines[i], rows[_i].complaints[i], strlen(rows[_i].complaints[i])) == 0,
                      "%s:\n  %s\nis not\n  %s", rows[_i].sentence, f.lines[i], rows[_i].complaints[i]);
    ck_assert_int_eq(f.rc, RC_PARSE);
    conf_fixture_done(&f);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *s = suite_create("settings");
    TCase *c = tcase_create("several mistakes in one file");
    tcase_add_loop_test(c, all_are_told, 0, (int)(sizeof rows / sizeof rows[0]));
    suite_add_tcase(s, c);
    return s;
}
