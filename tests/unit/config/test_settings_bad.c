#include <stdio.h>
#include <string.h>
#include "conf_fixture.h"
#include "core/rc.h"
#include "unit_main.h"

/* One bad file a class of mistake: exactly one complaint, at the right line, with the right words. */

struct row {
    const char *text;
    const char *complaint; /* the whole line, or the beginning of it */
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

static void expect_one(const struct row *row)
{
    conf_fixture_try(&f, row->text);
    ck_assert_msg(f.n == 1, "%zu complaints for\n%s\n%s", f.n, row->text, conf_fixture_all(&f));
    ck_assert_msg(strncmp(f.lines[0], row->complaint, strlen(row->complaint)) == 0, "\n  %s\nis not\n  %s",
                  f.lines[0], row->complaint);
    ck_assert_int_eq(f.rc, RC_PARSE);
    ck_assert_ptr_null(f.s);
}

#define SITE_BUS   SITE BUS       /* 4 lines */
#define SITE_METER SITE BUS METER /* 8 lines */

static const struct row sections[] = {
    {"", "a.ini:1: [gateway] id: is missing"},
    {"[gateway]\n", "a.ini:1: [gateway] id: is missing"},
    {SITE "[gatway]\n", "a.ini:3: [gatway]: unknown section (did you mean gateway?)"},
    {SITE "[Bus b]\n", "a.ini:3: [Bus b]: unknown section (did you mean bus?)"},
    {SITE "[zebra]\nx = 1\n", "a.ini:3: [zebra]: unknown section"},
    {SITE "[bus]\ndevice = /dev/a\n", "a.ini:3: [bus]: needs a name: [bus NAME]"},
    {SITE "[poll all]\n", "a.ini:3: [poll all]: takes no name: [poll]"},
    {SITE "[bus a b]\ndevice = /dev/a\n", "a.ini:3: [bus a b]: 'a b' is no name"},
    {SITE "[bus \"a\"]\ndevice = /dev/a\n", "a.ini:3: [bus \"a\"]: '\"a\"' is no name"},
    {SITE "[bus a/b]\ndevice = /dev/a\n", "a.ini:3: [bus a/b]: 'a/b' is no name"},
    {SITE "[bus .a]\ndevice = /dev/a\n", "a.ini:3: [bus .a]: '.a' is no name"},
    {SITE "[]\n", "a.ini:3: []: says no section"},
    {SITE "[bus b\ndevice = /dev/a\n", "a.ini:3: [bus b]: is not closed: ']' is missing"},
    {SITE "[bus b ; north\ndevice = /dev/a\n", "a.ini:3: [bus b]: is not closed"},
    {SITE "[bus b]]\ndevice = /dev/a\n", "a.ini:3: [bus b]: after the ']' there may only be a comment"},
    {SITE "[bus b] x\ndevice = /dev/a\n", "a.ini:3: [bus b]: after the ']' there may only be a comment"},
    {SITE BUS "[bus b]\nbaud = 9600\n", "a.ini:5: [bus b]: given already at "},
    {SITE BUS "[bus  b]\n", "a.ini:5: [bus b]: given already at "},
    {SITE "[gateway]\n", "a.ini:3: [gateway]: given already at "},
    {SITE "[bus a123456789b123456789c123456789d123456789e]\ndevice = /dev/a\n",
     "a.ini:3: [bus a123456789b123456789c123456789d123456789e]: 'a123456789b123456789c123456789d123456789e' "
     "is no name"},
    {SITE "[bus a123456789b123456789c123456789d123456789e123456]\ndevice = /dev/a\n",
     "a.ini:3: [bus a123456789b123456789c123456789d123456789e1234]: is too long"},
};

static const struct row lines[] = {
    {"id = g\n[gateway]\nid = g\n", "a.ini:1: id: stands before the first [section]"},
    {SITE "timezone\n", "a.ini:3: [gateway]: neither key = value, nor a [section], nor a comment"},
    {SITE "  10:00 x\n", "a.ini:3: [gateway]: a key and its value are parted by '=', not by ':'"},
    {SITE "  and so on\n",
     "a.ini:3: [gateway]: neither key = value, nor a [section], nor a comment (a value cannot go on"},
    {SITE "clock: auto\n", "a.ini:3: [gateway]: a key and its value are parted by '='"},
    {SITE "= auto\n", "a.ini:3: [gateway]: there is no key before the '='"},
    {SITE "clock ; = auto\n", "a.ini:3: [gateway]: neither key = value"},
    {SITE "clock =\n", "a.ini:3: [gateway] clock: has no value"},
    {SITE "clock = ; auto\n", "a.ini:3: [gateway] clock: has no value"},
    {SITE "id = h\n", "a.ini:3: [gateway] id: given already in line 2"},
    {SITE TARIFF "day  1 = 00:00 flat\n", "a.ini:6: [tariff t] day 1: given already in line 5"},
    {SITE TARIFF "day\t1 = 00:00 flat\n", "a.ini:6: [tariff t] day 1: given already in line 5"},
    {SITE "clock = au\x01to\n", "a.ini:3: [gateway]: a control character in the line"},
    {SITE "clock = auto\rid = x\n", "a.ini:3: [gateway]: a control character in the line"},
    {SITE_BUS "label = \xff\n", "a.ini:5: [bus b]: not UTF-8"},
    {SITE_BUS "label = \xc0\xaf\n", "a.ini:5: [bus b]: not UTF-8"},
    {SITE_BUS "label = \xed\xa0\x80\n", "a.ini:5: [bus b]: not UTF-8"},
    {SITE_BUS "label = \xf4\x90\x80\x80\n", "a.ini:5: [bus b]: not UTF-8"},
};

static const struct row keys[] = {
    {SITE "clok = auto\n", "a.ini:3: [gateway] clok: unknown key (did you mean clock?)"},
    {SITE "Clock = auto\n", "a.ini:3: [gateway] Clock: unknown key (did you mean clock?)"},
    {SITE_BUS "boud = 9600\n", "a.ini:5: [bus b] boud: unknown key (did you mean baud?)"},
    {SITE_METER "retries = 1\n", "a.ini:9: [meter m] retries: unknown key (it is a key of [bus …])"},
    {SITE "zebra = 1\n", "a.ini:3: [gateway] zebra: unknown key"},
    {SITE "[bus b]\n", "a.ini:3: [bus b] device: is missing"},
    {SITE "[mqtt]\n", "a.ini:3: [mqtt] url: is missing"},
    {SITE_BUS "[meter m]\naddress = 1\nmodel = kpm31\n", "a.ini:5: [meter m] bus: is missing"},
    {SITE_BUS "[meter m]\nbus = b\nmodel = kpm31\n", "a.ini:5: [meter m] address: is missing"},
    {SITE_BUS "[meter m]\nbus = b\naddress = 1\n", "a.ini:5: [meter m] model: is missing"},
    {SITE_BUS "[meters m]\nbus = b\nmodel = kpm31\n", "a.ini:5: [meters m] addresses: is missing"},
    {SITE_BUS "[meters m]\nbus = b\nmodel = kpm31\naddress = 1-3\naddresses = 1-3\n",
     "a.ini:8: [meters m] address: unknown key (did you mean addresses?)"},
    {SITE "[tariff t]\nday 1 = 00:00 flat\n", "a.ini:3: [tariff t] utc_offset: is missing"},
    {SITE "[tariff t]\nutc_offset = +08:00\n",
     "a.ini:3: [tariff t] day 1: is missing: a tariff needs a day table"},
};

static const struct row values[] = {
    {"[gateway]\nid = a b\n", "a.ini:2: [gateway] id: must be a name of"},
    {SITE "clock = atuo\n",
     "a.ini:3: [gateway] clock: must be one of auto, system, ntp, not 'atuo' (did you mean auto?)"},
    {SITE "clock = auto;no\n",
     "a.ini:3: [gateway] clock: must be one of auto, system, ntp, not 'auto;no' (a comment after a value "
     "begins with ' ;')"},
    {SITE "timezone = Asia/Shangai\n",
     "a.ini:3: [gateway] timezone: must be a time zone of the system's database, such as "
     "Asia/Shanghai, not 'Asia/Shangai'"},
    {SITE "timezone = ../../../etc/passwd\n", "a.ini:3: [gateway] timezone: must be a time zone"},
    {SITE "timezone = Asia\n", "a.ini:3: [gateway] timezone: must be a time zone"},
    {SITE "models = /no/such/dir\n", "a.ini:3: [gateway] models: '/no/such/dir': No such file or directory"},
    {SITE "models = /etc/passwd\n", "a.ini:3: [gateway] models: '/etc/passwd' is not a directory"},
    {SITE "on_finding = /no/such/program\n",
     "a.ini:3: [gateway] on_finding: '/no/such/program': No such file"},
    {SITE "on_finding = /etc/passwd\n",
     "a.ini:3: [gateway] on_finding: cannot be run: no execute permission"},
    {SITE "on_finding = /etc\n", "a.ini:3: [gateway] on_finding: '/etc' is not a file"},
    {SITE_BUS "baud = 9600 # fast\n",
     "a.ini:5: [bus b] baud: must be 0 or a whole number from 300 to 921600, not "
     "'9600 # fast' (a comment after a value begins with ' ;')"},
    {SITE_BUS "baud = 299\n",
     "a.ini:5: [bus b] baud: must be 0 or a whole number from 300 to 921600, not '299'"},
    {SITE_BUS "baud = 921601\n", "a.ini:5: [bus b] baud: "},
    {SITE_BUS "baud = 09600\n", "a.ini:5: [bus b] baud: "},
    {SITE_BUS "baud = +9600\n", "a.ini:5: [bus b] baud: "},
    {SITE_BUS "baud = 0x2580\n", "a.ini:5: [bus b] baud: "},
    {SITE_BUS "baud = 99999999999999999999\n", "a.ini:5: [bus b] baud: "},
    {SITE_BUS "parity = E\n", "a.ini:5: [bus b] parity: must be one of even, odd, none, not 'E'"},
    {SITE_BUS "stop_bits = 3\n", "a.ini:5: [bus b] stop_bits: must be a whole number from 1 to 2, not '3'"},
    {SITE_BUS "timeout = 300\n",
     "a.ini:5: [bus b] timeout: must be a duration from 10ms to 1m (500ms, 10s, 5m, 1h, 7d), not '300'"},
    {SITE_BUS "timeout = 9ms\n", "a.ini:5: [bus b] timeout: must be a duration from 10ms"},
    {SITE_BUS "timeout = 61s\n", "a.ini:5: [bus b] timeout: must be a duration from 10ms"},
    {SITE_BUS "retries = 11\n", "a.ini:5: [bus b] retries: must be a whole number from 0 to 10"},
    {SITE_BUS "retries = -1\n", "a.ini:5: [bus b] retries: must be a whole number from 0 to 10"},
    {SITE_BUS "dead_share = 3\n",
     "a.ini:5: [bus b] dead_share: must be a share from 0.01 % to 100 %, not '3'"},
    {SITE_BUS "dead_share = 101 %\n", "a.ini:5: [bus b] dead_share: must be a share"},
    {SITE_BUS "live = 32d\n", "a.ini:5: [bus b] live: must be a duration from 0 to 31d"},
    {SITE "[poll]\nenergy = 1 minute\n", "a.ini:4: [poll] energy: must be a duration from 0 to 31d"},
    {SITE "[database]\nmax_size = 2GB\n",
     "a.ini:4: [database] max_size: must be a size from 1MiB to 16TiB (64MiB, 2GiB), not '2GB'"},
    {SITE "[database]\nflush = 99ms\n", "a.ini:4: [database] flush: must be a duration from 100ms to 1h"},
    {SITE "[database]\nkeep_live = 0\n", "a.ini:4: [database] keep_live: must be a duration from 1m"},
    {SITE "[bus b]\ndevice = ttyUSB0\n", "a.ini:4: [bus b] device: must be an absolute path such as"},
    {SITE "[bus b]\ndevice = rtutcp://host\n", "a.ini:4: [bus b] device: must be an absolute path"},
    {SITE "[bus b]\ndevice = rtutcp://host:0\n", "a.ini:4: [bus b] device: must be an absolute path"},
    {SITE "[bus b]\ndevice = rtutcp://host:65536\n", "a.ini:4: [bus b] device: must be an absolute path"},
    {SITE "[bus b]\ndevice = tcp://fe80::1:502\n", "a.ini:4: [bus b] device: must be an absolute path"},
    {SITE "[bus b]\ndevice = tcp://[fe80::g]:502\n", "a.ini:4: [bus b] device: must be an absolute path"},
    {SITE "[bus b]\ndevice = udp://host:502\n", "a.ini:4: [bus b] device: must be an absolute path"},
};

static const struct row mqtt[] = {
    {SITE "[mqtt]\nurl = broker\n",
     "a.ini:4: [mqtt] url: must be mqtt://HOST[:PORT] or mqtts://HOST[:PORT] (TLS)"},
    {SITE "[mqtt]\nurl = mqtt://\n", "a.ini:4: [mqtt] url: must be "},
    {SITE "[mqtt]\nurl = mqtt://h:\n", "a.ini:4: [mqtt] url: must be "},
    {SITE "[mqtt]\nurl = mqtt://h:18 83\n", "a.ini:4: [mqtt] url: must be "},
    {SITE "[mqtt]\nurl = mqtt://h/topic\n", "a.ini:4: [mqtt] url: must be "},
    {SITE "[mqtt]\nurl = mqtt://user:pw@h\n", "a.ini:4: [mqtt] url: must not hold a user or password"},
    {SITE "[mqtt]\nurl = mqtt://h\npassword = x\n",
     "a.ini:5: [mqtt] password: unknown key (did you mean password_file?)"},
    {SITE "[mqtt]\nurl = mqtt://h\nusername = u\npassword_file = /etc/passwd\n",
     "a.ini:6: [mqtt] password_file: '/etc/passwd': others can read it"},
    {SITE "[mqtt]\nurl = mqtt://h\nusername = u\npassword_file = /nope\n",
     "a.ini:6: [mqtt] password_file: '/nope': No such file"},
    {SITE "[mqtt]\nurl = mqtt://h\nca_file = /etc/passwd\n",
     "a.ini:5: [mqtt] ca_file: only together with an mqtts:// url"},
    {SITE "[mqtt]\nurl = mqtts://h\ncert_file = /etc/passwd\n",
     "a.ini:5: [mqtt] cert_file: only together with key_file"},
    {SITE "[mqtt]\nurl = mqtt://h\nprefix = a/#\n",
     "a.ini:5: [mqtt] prefix: must be the beginning of a topic"},
    {SITE "[mqtt]\nurl = mqtt://h\nprefix = $SYS\n",
     "a.ini:5: [mqtt] prefix: must be the beginning of a topic"},
    {SITE "[mqtt]\nurl = mqtt://h\nprefix = a/\n",
     "a.ini:5: [mqtt] prefix: must be the beginning of a topic"},
    {SITE "[mqtt]\nurl = mqtt://h\nhomeassistant = true\n",
     "a.ini:5: [mqtt] homeassistant: must be yes or no, not 'true'"},
};

static const struct row meters[] = {
    {SITE_METER BUS, "a.ini:9: [bus b]: given already at "},
    {SITE_BUS "[bus c]\ndevice = /dev/ttyS0\n", "a.ini:6: [bus c] device: is the line of [bus b] already"},
    {SITE_BUS "[meter m]\nbus = a\naddress = 1\nmodel = kpm31\n",
     "a.ini:6: [meter m] bus: there is no bus 'a'"},
    {SITE "[bus north]\ndevice = /dev/a\n[meter m]\nbus = nrth\naddress = 1\nmodel = kpm31\n",
     "a.ini:6: [meter m] bus: there is no bus 'nrth' (did you mean north?)"},
    {SITE_BUS "[meter m]\nbus = b\naddress = 0\nmodel = kpm31\n",
     "a.ini:7: [meter m] address: must be a whole number from 1 to 247"},
    {SITE_BUS "[meter m]\nbus = b\naddress = 248\nmodel = kpm31\n",
     "a.ini:7: [meter m] address: must be a whole number from 1 to 247"},
    {SITE_BUS "[meter m]\nbus = b\naddress = 1\nmodel = kpm13\n",
     "a.ini:8: [meter m] model: there is no model 'kpm13' (did you mean kpm31?)"},
    {SITE_METER "tariff = t\n", "a.ini:9: [meter m] tariff: there is no tariff 't'"},
    {SITE_METER "tariff = residntial\n[tariff residential]\nutc_offset = +08:00\nday 1 = 00:00 flat\n",
     "a.ini:9: [meter m] tariff: there is no tariff 'residntial' (did you mean residential?)"},
    {SITE_METER "tariff = 2026-07-01 t\n" TARIFF,
     "a.ini:9: [meter m] tariff: '2026-07-01 t': the first has no date"},
    {SITE_METER "tariff = t, t\n" TARIFF, "a.ini:9: [meter m] tariff: 't' must read YYYY-MM-DD NAME"},
    {SITE_METER "tariff = t, 2026-02-30 t\n" TARIFF, "a.ini:9: [meter m] tariff: '2026-02-30 t' must read"},
    {SITE_METER "tariff = t, 2026-07-01 t, 2026-07-01 t\n" TARIFF,
     "a.ini:9: [meter m] tariff: '2026-07-01 t': the dates must rise"},
    {SITE_METER "tariff = t, 2026-07-01 u\n" TARIFF "[tariff u]\nutc_offset = +09:00\nday 1 = 00:00 flat\n",
     "a.ini:9: [meter m] tariff: t and u have different utc_offset"},
    {SITE_METER "relay = maybe\n", "a.ini:9: [meter m] relay: must be yes, no, or a period"},
    {SITE_METER "combined = import-exports\n",
     "a.ini:9: [meter m] combined: must be one of auto, import+export, import, import-export, not "
     "'import-exports' (did you "
     "mean import-export?)"},
    {SITE_METER "[meter n]\nbus = b\naddress = 1\nmodel = kpm31\n",
     "a.ini:11: [meter n] address: address 1 on bus b is that of meter m already, by [meter m] ("},
    {SITE_METER "[meters n]\nbus = b\naddresses = 1-3\nmodel = kpm31\n",
     "a.ini:11: [meters n] addresses: address 1 on bus b is that of meter m already"},
    {SITE_METER "[meters n]\nbus = b\naddresses = 2\nname = m\nmodel = kpm31\n",
     "a.ini:12: [meters n] name: there is a meter m already, by [meter m] ("},
    {SITE_BUS "[meters n]\nbus = b\naddresses = 2-3\nname = m\nmodel = kpm31\n",
     "a.ini:8: [meters n] name: needs {address}: 2 meters cannot all be m"},
    {SITE_BUS "[meters n]\nbus = b\naddresses = 2-3\nname = m{adress}\nmodel = kpm31\n",
     "a.ini:8: [meters n] name: needs {address}"},
    {SITE_BUS "[meters n]\nbus = b\naddresses = 2-3\nname = m {address}\nmodel = kpm31\n",
     "a.ini:8: [meters n] name: 'm 2' is no name"},
    {SITE_BUS "[meters n]\nbus = b\naddresses = 3-2\nmodel = kpm31\n",
     "a.ini:7: [meters n] addresses: '3-2' is neither"},
    {SITE_BUS "[meters n]\nbus = b\naddresses = 0-2\nmodel = kpm31\n",
     "a.ini:7: [meters n] addresses: '0-2' is neither"},
    {SITE_BUS "[meters n]\nbus = b\naddresses = 1-248\nmodel = kpm31\n",
     "a.ini:7: [meters n] addresses: '1-248' is neither"},
    {SITE_BUS "[meters n]\nbus = b\naddresses = 1,,3\nmodel = kpm31\n",
     "a.ini:7: [meters n] addresses: '' is neither"},
    {SITE_BUS "[meters n]\nbus = b\naddresses = 1-5, 3\nmodel = kpm31\n",
     "a.ini:7: [meters n] addresses: address 3 stands there twice"},
    {SITE
     "[mqtt]\nurl = mqtt://h\nhomeassistant = yes\n" BUS
     "[meter a.b]\nbus = b\naddress = 1\nmodel = kpm31\n[meter a_b]\nbus = b\naddress = 2\nmodel = kpm31\n",
     "a.ini:12: [meter a_b]: a_b and a.b are one name for Home Assistant"},
};

#define TABLE(name)                                                                                          \
    START_TEST(bad_##name)                                                                                   \
    {                                                                                                        \
        expect_one(&name[_i]);                                                                               \
    }                                                                                                        \
    END_TEST
TABLE(sections)
TABLE(lines)
TABLE(keys)
TABLE(values)
TABLE(mqtt)
TABLE(meters)
#define ADD(name) tcase_add_loop_test(c, bad_##name, 0, (int)(sizeof name / sizeof name[0]))

Suite *unit_suite(void)
{
    Suite *s = suite_create("settings");
    TCase *c = tcase_create("one bad file a class of mistake");

    tcase_add_checked_fixture(c, set_up, tear_down);
    ADD(sections);
    ADD(lines);
    ADD(keys);
    ADD(values);
    ADD(mqtt);
    ADD(meters);
    suite_add_tcase(s, c);
    return s;
}
