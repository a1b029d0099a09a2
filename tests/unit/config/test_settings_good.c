#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "conf_fixture.h"
#include "core/rc.h"
#include "core/text.h"
#include "unit_main.h"

/* What a sound configuration becomes: values, defaults, inheritance, ranges, order. */

#define SITE_TARIFFS                                                                                         \
    SITE "[bus b]\ndevice = /dev/b\n[meter m]\nbus = b\naddress = 1\nmodel = kpm31\n"                        \
         "tariff = old, 2026-07-01 new, 2026-12-01 06:00 newest\n"                                           \
         "[meter plain]\nbus = b\naddress = 2\nmodel = kpm31\ntariff = old\n"                                \
         "[meter none]\nbus = b\naddress = 3\nmodel = kpm31\n"                                               \
         "[tariff old]\nutc_offset = +08:00\nday 1 = 00:00 flat\n"                                           \
         "[tariff new]\nutc_offset = +08:00\nday 1 = 00:00 peak\n"                                           \
         "[tariff newest]\nutc_offset = +08:00\nday 1 = 00:00 peak, 12:00 flat\n"

static struct conf_fixture f;

static void set_up(void)
{
    conf_fixture_init(&f);
}

static void tear_down(void)
{
    conf_fixture_done(&f);
}

static const struct settings *good(const char *text)
{
    conf_fixture_try(&f, text);
    ck_assert_msg(f.rc == RC_OK, "%s", conf_fixture_all(&f));
    ck_assert_uint_eq(f.n, 0);
    return f.s;
}

START_TEST(an_id_is_enough_and_everything_else_has_a_default)
{
    const struct settings *s = good(SITE);

    ck_assert_str_eq(s->gateway.id, "g");
    ck_assert_ptr_null(s->gateway.timezone);
    ck_assert_int_eq(s->gateway.clock, CLOCK_AUTO);
    ck_assert_ptr_null(s->gateway.on_finding);
    ck_assert_ptr_null(s->gateway.models);
    ck_assert_str_eq(s->control_path, RUNSTATEDIR "/meterfleet/control.sock");
    ck_assert_str_eq(s->database.path, LOCALSTATEDIR "/lib/meterfleet/meterfleet.db");
    ck_assert_int_eq(s->database.flush_ms, 30000);
    ck_assert_int_eq(s->database.keep_live_ms, INT64_C(30) * 86400000);
    ck_assert_int_eq(s->database.keep_energy_ms, INT64_C(62) * 86400000);
    ck_assert_uint_eq(s->database.max_bytes, UINT64_C(2) << 30);
    ck_assert(!s->mqtt.enabled);
    ck_assert_uint_eq(s->n_buses + s->n_meters + s->n_tariffs + s->n_models, 0);
}
END_TEST

START_TEST(every_key_of_gateway_database_and_mqtt_is_taken)
{
    conf_fixture_text(&f, "pw", "secret\n");
    char text[2000];
    snprintf(
        text, sizeof text,
        "[gateway]\nid = site.a-1_X\ntimezone = Asia/Shanghai\nclock = ntp\non_finding = /bin/sh\ncontrol = "
        "/run/c.sock\n"
        "models = %s\n[database]\npath = /x/y.db\nflush = 500ms\nkeep_live = 1h\nkeep_energy = 7d\nmax_size "
        "= 64MiB\n"
        "[mqtt]\nurl = mqtts://[2001:db8::1]:8884\nclient_id = cid\nusername = u v\npassword_file = %s/pw\n"
        "ca_file = /etc/passwd\nprefix = a/b\nhomeassistant = yes\ncommands = yes\n",
        f.dir, f.dir);
    const struct settings *s = good(text);

    ck_assert_str_eq(s->gateway.id, "site.a-1_X");
    ck_assert_str_eq(s->gateway.timezone, "Asia/Shanghai");
    ck_assert_int_eq(s->gateway.clock, CLOCK_NTP);
    ck_assert_str_eq(s->gateway.on_finding, "/bin/sh");
    ck_assert_str_eq(s->gateway.models, f.dir);
    ck_assert_str_eq(s->control_path, "/run/c.sock");
    ck_assert_str_eq(s->database.path, "/x/y.db");
    ck_assert_int_eq(s->database.flush_ms, 500);
    ck_assert_int_eq(s->database.keep_live_ms, 3600000);
    ck_assert_int_eq(s->database.keep_energy_ms, 7 * 86400000);
    ck_assert_uint_eq(s->database.max_bytes, 64u << 20);
    ck_assert(s->mqtt.enabled && s->mqtt.tls && s->mqtt.homeassistant && s->mqtt.commands);
    ck_assert_str_eq(s->mqtt.host, "2001:db8::1");
    ck_assert_uint_eq(s->mqtt.port, 8884);
    ck_assert_str_eq(s->mqtt.client_id, "cid");
    ck_assert_str_eq(s->mqtt.username, "u v");
    ck_assert_str_eq(s->mqtt.ca_file, "/etc/passwd");
    ck_assert_str_eq(s->mqtt.prefix, "a/b");
}
END_TEST

static const struct {
    const char *url, *host;
    uint16_t port;
    bool tls;
} urls[] = {
    {"mqtt://broker.example", "broker.example", 1883, false},
    {"mqtts://broker.example", "broker.example", 8883, true},
    {"mqtt://10.0.0.1:1", "10.0.0.1", 1, false},
    {"mqtt://h:65535", "h", 65535, false},
    {"mqtt://[::1]", "::1", 1883, false},
    {"mqtt://my_host/", "my_host", 1883, false},
};

START_TEST(an_mqtt_url_gives_host_port_and_tls)
{
    char text[200];
    snprintf(text, sizeof text, SITE "[mqtt]\nurl = %s\n", urls[_i].url);
    const struct settings *s = good(text);

    ck_assert_str_eq(s->mqtt.host, urls[_i].host);
    ck_assert_uint_eq(s->mqtt.port, urls[_i].port);
    ck_assert(s->mqtt.tls == urls[_i].tls);
    ck_assert_str_eq(s->mqtt.client_id, "meterfleet-g");
    ck_assert_str_eq(s->mqtt.prefix, "meterfleet");
    ck_assert_ptr_null(s->mqtt.username);
}
END_TEST

static const struct {
    const char *device;
    enum bus_kind kind;
    const char *name;
    uint16_t port;
} devices[] = {
    {"/dev/serial/by-id/usb-FTDI_FT232R; x", BUS_SERIAL, "/dev/serial/by-id/usb-FTDI_FT232R; x", 0},
    {"rtutcp://gw.example:4001", BUS_RTU_TCP, "gw.example", 4001},
    {"tcp://192.168.1.5:503", BUS_TCP, "192.168.1.5", 503},
    {"tcp://192.168.1.5", BUS_TCP, "192.168.1.5", 502},
    {"tcp://[fe80::1]", BUS_TCP, "fe80::1", 502},
};

START_TEST(a_bus_has_a_path_or_a_host)
{
    char text[200];
    snprintf(text, sizeof text, SITE "[bus b]\ndevice = %s\n", devices[_i].device);
    const struct settings *s = good(text);
    const struct settings_bus *b = &s->buses[0];

    ck_assert_int_eq(b->kind, devices[_i].kind);
    /* " ;" begins a comment, as everywhere */
    ck_assert(strncmp(b->device, devices[_i].name, strlen(b->device)) == 0);
    ck_assert_uint_eq(b->port, devices[_i].port);
    ck_assert_uint_eq(b->baud, 9600);
    ck_assert_int_eq(b->parity, 'E');
    ck_assert_uint_eq(b->stop_bits, 1);
    ck_assert_uint_eq(b->timeout_ms, 300);
    ck_assert_uint_eq(b->late_ms, 1000);
    ck_assert_uint_eq(b->retries, 2);
    ck_assert_uint_eq(b->dead_share_bp, 300);
}
END_TEST

START_TEST(periods_come_from_the_meter_else_the_bus_else_poll)
{
    const struct settings *s =
        good(SITE "[poll]\nlive = 10s\nenergy = 67s\nrelay = 0\n"
                  "[bus b]\ndevice = /dev/a\nbaud = 0\nenergy = 71s\nrelay = 30s\n"
                  "[meter m]\nbus = b\naddress = 1\nmodel = kpm31\nlive = 5s\nidentity = 0\n"
                  "[meter n]\nbus = b\naddress = 2\nmodel = kpm31\nrelay = 90s\n"
                  "[meter o]\nbus = b\naddress = 3\nmodel = kpm31\nrelay = yes\n");
    const uint32_t *m = s->meters[0].period_ms, *n = s->meters[1].period_ms, *o = s->meters[2].period_ms;

    ck_assert_uint_eq(s->buses[0].baud, 0);
    ck_assert_uint_eq(m[CLASS_LIVE], 5000);     /* its own */
    ck_assert_uint_eq(n[CLASS_LIVE], 10000);    /* [poll] */
    ck_assert_uint_eq(m[CLASS_ENERGY], 71000);  /* the bus's */
    ck_assert_uint_eq(m[CLASS_DEMAND], 300000); /* the default */
    ck_assert_uint_eq(m[CLASS_SETTLEMENT], 86400000);
    ck_assert_uint_eq(m[CLASS_IDENTITY], 0); /* off */
    ck_assert_uint_eq(n[CLASS_IDENTITY], 86400000);
    ck_assert_uint_eq(m[CLASS_RELAY], 30000);
    ck_assert_uint_eq(n[CLASS_RELAY], 90000); /* relay = PERIOD */
    ck_assert_uint_eq(o[CLASS_RELAY], 30000);
    ck_assert(!s->meters[0].relay && !s->meters[1].relay && s->meters[2].relay); /* relay = yes */
}
END_TEST

START_TEST(a_range_becomes_meters_in_the_order_of_bus_and_address)
{
    const struct settings *s =
        good(SITE "[bus b]\ndevice = /dev/b\n[bus a]\ndevice = /dev/a\n"
                  "[meters x]\nbus = a\naddresses = 27 - 28, 2-3,5\nname = f.{address}x\nmodel = kpm31\n"
                  "label = Flat {address}\n"
                  "[meter single]\nbus = b\naddress = 247\nmodel = kpm33b\nserial = 33B1\nlabel = Größe, Ω\n"
                  "[meters y]\nbus = a\naddresses = 4\nmodel = kpm31bk\ndual_source = no\n");
    static const char *const names[] = {"single", "f.2x", "f.3x", "y-4", "f.5x", "f.27x", "f.28x"};

    ck_assert_uint_eq(s->n_meters, 7);
    for (size_t i = 0; i < 7; i++) {
        ck_assert_str_eq(s->meters[i].name, names[i]);
        ck_assert_int_eq(settings_meter_find(s, names[i]), (int)i);
        ck_assert_ptr_nonnull(s->meters[i].model);
    }
    ck_assert_int_eq(settings_meter_find(s, "f.4x"), -1);
    ck_assert_int_eq(settings_bus_find(s, "a"), 1);
    ck_assert_int_eq(settings_tariff_find(s, "a"), -1);
    ck_assert_str_eq(s->meters[0].serial, "33B1");
    ck_assert_str_eq(s->meters[0].label, "Größe, Ω");
    ck_assert_str_eq(s->meters[1].label, "Flat 2");
    ck_assert_str_eq(s->meters[1].serial, "");
    ck_assert_int_eq(s->meters[3].dual_source, DUAL_NO);
    ck_assert(s->meters[3].model->dual_source);
    ck_assert_uint_eq(s->n_models, 3);
}
END_TEST

START_TEST(a_dated_tariff_holds_from_its_date_in_the_meters_time)
{
    const struct settings *s = good(SITE_TARIFFS);
    const struct settings_meter *m = &s->meters[0], *plain = &s->meters[1], *none = &s->meters[2];
    int64_t change = 0;

    ck_assert_int_eq(text_to_utc_ms("2026-06-30T16:00:00Z", &change), RC_OK); /* 2026-07-01 00:00 +08:00 */
    ck_assert_uint_eq(m->n_tariffs, 3);
    ck_assert_str_eq(settings_meter_tariff(s, m, change - 1)->name, "old");
    ck_assert_str_eq(settings_meter_tariff(s, m, change)->name, "new");
    ck_assert_str_eq(settings_meter_tariff(s, m, INT64_MIN)->name, "old");
    ck_assert_str_eq(settings_meter_tariff(s, m, change + INT64_C(86400000) * 200)->name, "newest");
    ck_assert_str_eq(settings_meter_tariff(s, plain, 0)->name, "old");
    ck_assert_ptr_null(settings_meter_tariff(s, none, change));
}
END_TEST

START_TEST(a_tariff_becomes_a_structure)
{
    const struct settings *s =
        good("[gateway]\nid = g\n[tariff t]\nutc_offset = -03:30\nrates = peak, sharp, valley, flat\n"
             "day 1 = 06:00 sharp, 10:00 1, 12:00 2, 15:00 3, 23:59 4\nday 8 = 00:00 valley\nday.2 1 = 00:00 "
             "flat\nday.2 8 = 01:30 peak\n"
             "zones = 01-01 day 1, 07-15 day 8\nzones.2 = 03-01 day 8\nswitch_zones = 2027-01-01 "
             "00:00\nswitch_days = 2027-02-01T12:30\n"
             "rest_days = sat, sun\nrest_table = 8\nholidays = 2028-02-29 day 8, *-10-01 day 1\nholidays.2 = "
             "*-05-01 day 1\n"
             "settlement = 15 12:00, 1 00:00\nclock_tolerance = 30s\nswitching_lag = 0\nregister_lag = "
             "1500ms\nclock_drift = 1s\n"
             "wrap = previous_day\n");
    const struct tariff *t = &s->tariffs[0];

    ck_assert_int_eq(t->utc_offset_s, -12600);
    ck_assert_uint_eq(t->tables[0][0].n, 5);
    ck_assert_uint_eq(t->tables[0][0].period[0].minute, 360);
    ck_assert_uint_eq(t->tables[0][0].period[0].rate,
                      RATE_SHARP); /* a name is the register, whatever rates says */
    ck_assert_uint_eq(t->tables[0][0].period[1].rate, RATE_PEAK); /* a number is translated */
    ck_assert_uint_eq(t->tables[0][0].period[2].rate, RATE_SHARP);
    ck_assert_uint_eq(t->tables[0][0].period[3].rate, RATE_VALLEY);
    ck_assert_uint_eq(t->tables[0][0].period[4].rate, RATE_FLAT);
    ck_assert_uint_eq(t->tables[0][0].period[4].minute, 1439);
    ck_assert_uint_eq(t->tables[1][7].period[0].minute, 90);
    ck_assert_uint_eq(t->zones[0].n, 2);
    ck_assert_uint_eq(t->zones[0].zone[1].month * 100u + t->zones[0].zone[1].day, 715);
    ck_assert_uint_eq(t->zones[1].zone[0].table, 8);
    ck_assert_int_eq(t->switch_zones_local_s, text_days_from_civil(2027, 1, 1) * 86400);
    ck_assert_int_eq(t->switch_tables_local_s, text_days_from_civil(2027, 2, 1) * 86400 + 45000);
    ck_assert_uint_eq(t->rest_mask, 0x41);
    ck_assert_uint_eq(t->n_holidays, 3);
    ck_assert_int_eq(t->holidays[0].year, 2028);
    ck_assert_int_eq(t->holidays[1].year, 0);
    ck_assert_uint_eq(t->n_settlements, 2);
    ck_assert_uint_eq(t->settlement[0].day, 15);
    ck_assert_int_eq(t->register_lag_ms, 1500);
    ck_assert_int_eq(t->switching_lag_ms, 0);
    ck_assert_int_eq(t->wrap, WRAP_PREVIOUS_DAY);
}
END_TEST

START_TEST(the_canonical_text_reads_back_as_itself)
{
    char *first, text[8000];
    size_t len = (size_t)snprintf(text, sizeof text,
                                  SITE "[tariff t]\nutc_offset = +08:00\nday 2 = 06:00 1, 23:00 4\n"
                                       "zones = 01-01 day 2\nsettlement = 15 00:00, 1 00:00\n"
                                       "rest_days = sat, sun\nrest_table = 2\nholidays = ");
    for (unsigned i = 0; i < 254; i++) {
        int64_t year;
        unsigned month, day;
        text_civil_from_days(20000 + i * 3, &year, &month, &day);
        len += (size_t)snprintf(text + len, sizeof text - len, "%s%04d-%02u-%02u day 2", i > 0 ? ", " : "",
                                (int)year, month, day);
    }
    const struct settings *s = good(text);
    first = strdup(s->tariff_texts[0]);
    ck_assert_ptr_nonnull(first);
    for (const char *p = first, *next; (next = strchr(p, '\n')) != NULL && next[1] != '\0'; p = next + 1)
        ck_assert_msg(strcmp(p, next + 1) < 0, "not sorted: %.30s", p);
    ck_assert_ptr_nonnull(strstr(first, "settlement = 1 00:00, 15 00:00\n"));
    ck_assert_ptr_nonnull(strstr(first, "day 2 = 06:00 sharp, 23:00 valley\n"));
    snprintf(text, sizeof text, SITE "[tariff t]\n%s", first);
    s = good(text);
    ck_assert_str_eq(s->tariff_texts[0], first);
    free(first);
}
END_TEST

START_TEST(what_is_hardly_meant_is_a_warning)
{
    const struct settings *s = good(SITE "[tariff t]\nutc_offset = +08:00\nday 1 = 00:00 flat, 08:00 flat\n");

    ck_assert_uint_eq(s->n_warnings, 1);
    ck_assert_str_eq(s->tariffs[0].name, "t");
    ck_assert_ptr_nonnull(strstr(s->warnings[0], "a.ini:5: [tariff t] day 1: at 08:00 nothing changes"));
}
END_TEST

START_TEST(a_serial_number_that_stands_on_two_meters_is_a_warning)
{
    const struct settings *s =
        good(SITE BUS METER "serial = 31A1\n[meter n]\nbus = b\naddress = 2\nmodel = kpm31\nserial = 31A1\n");

    ck_assert_uint_eq(s->n_warnings, 1);
    ck_assert_ptr_nonnull(strstr(s->warnings[0], "a.ini:14: [meter n] serial: 31A1 stands on meter m too"));
}
END_TEST

Suite *unit_suite(void)
{
    Suite *s = suite_create("settings");
    TCase *c = tcase_create("good");

    tcase_add_checked_fixture(c, set_up, tear_down);
    tcase_add_test(c, an_id_is_enough_and_everything_else_has_a_default);
    tcase_add_test(c, every_key_of_gateway_database_and_mqtt_is_taken);
    tcase_add_loop_test(c, an_mqtt_url_gives_host_port_and_tls, 0, (int)(sizeof urls / sizeof urls[0]));
    tcase_add_loop_test(c, a_bus_has_a_path_or_a_host, 0, (int)(sizeof devices / sizeof devices[0]));
    tcase_add_test(c, periods_come_from_the_meter_else_the_bus_else_poll);
    tcase_add_test(c, a_range_becomes_meters_in_the_order_of_bus_and_address);
    tcase_add_test(c, a_dated_tariff_holds_from_its_date_in_the_meters_time);
    tcase_add_test(c, a_tariff_becomes_a_structure);
    tcase_add_test(c, the_canonical_text_reads_back_as_itself);
    tcase_add_test(c, what_is_hardly_meant_is_a_warning);
    tcase_add_test(c, a_serial_number_that_stands_on_two_meters_is_a_warning);
    suite_add_tcase(s, c);
    return s;
}
