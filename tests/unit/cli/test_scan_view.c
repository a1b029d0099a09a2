#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "cli/read_raw_view.h"
#include "cli/scan_args.h"
#include "cli/scan_view.h"
#include "unit_main.h"

/* What is tried, in which order; and what is printed of what was found. */

static struct model_set *models;
static struct scan_args args;
static const struct regmap *maps[4];
static struct text_buf out;

static const struct option_row rows[] = {SCAN_ARGS_ROWS};
#define N_ROWS (sizeof rows / sizeof rows[0])

static void setup(void)
{
    setenv("METERFLEET_MODELS", MODELS_DIR, 1);
    ck_assert_int_eq(models_read(NULL, NULL, NULL, &models), RC_OK);
    for (size_t i = 0; i < 3; i++)
        maps[i] = models_at(models, i);
    memset(&out, 0, sizeof out);
}

static void teardown(void)
{
    text_buf_done(&out);
    scan_args_done(&args);
    models_free(models);
}

static void read_args(const char *device, const char *baud, const char *parity)
{
    struct cli_args a = {.config = "", .rows = rows, .n_rows = N_ROWS};
    for (size_t i = 0; i < N_ROWS; i++) {
        if (strcmp(rows[i].name, "device") == 0)
            a.given.value[i] = device;
        if (strcmp(rows[i].name, "baud") == 0)
            a.given.value[i] = baud;
        if (strcmp(rows[i].name, "parity") == 0)
            a.given.value[i] = parity;
    }
    ck_assert_int_eq(scan_args_read(&a, models, &args), EXIT_DONE);
    args.order.models = maps;
    args.order.n_models = 3;
}

struct order_row {
    const char *says, *device, *baud, *parity;
    const char *settings; /* "|" before those in reserve */
};

static const struct order_row order_rows[] = {
    {"the makers' setting, and no parity if nobody answers", "/dev/x", NULL, NULL, "9600 8E1, | 9600 8N1, "},
    {"every speed a model can be set to, the likely first", "/dev/x", "all", "8E1",
     "9600 8E1, 19200 8E1, 4800 8E1, 2400 8E1, 1200 8E1, "},
    {"every format", "/dev/x", NULL, "all", "9600 8E1, 9600 8N1, 9600 8N2, 9600 8O1, "},
    {"likely pairs first", "/dev/x", "9600,4800", "8E1,8N1", "9600 8E1, 4800 8E1, 9600 8N1, 4800 8N1, "},
    {"a list in its own order, once each", "/dev/x", "1200,9600,1200", "even", "1200 8E1, 9600 8E1, "},
    {"words of the configuration", "/dev/x", "300", "none,odd,8n2", "300 8N1, 300 8O1, 300 8N2, "},
    {"every speed, formats in reserve behind all of them", "/dev/x", "9600,19200", NULL,
     "9600 8E1, 19200 8E1, | 9600 8N1, 19200 8N1, "},
    {"a gateway has one", "tcp://gate", NULL, NULL, "Modbus TCP, "},
    {"also with frames of a line", "rtutcp://gate:502", NULL, NULL, "RTU over TCP, "},
    {"whose speed may be told", "rtutcp://gate:502", "1200", "8N1", "RTU over TCP, "},
};

START_TEST(settings_in_their_order)
{
    for (size_t i = 0; i < sizeof order_rows / sizeof order_rows[0]; i++) {
        const struct order_row *r = &order_rows[i];
        char text[SCAN_SETTING_TEXT];
        text_buf_clear(&out);
        read_args(r->device, r->baud, r->parity);
        for (size_t k = 0; k < args.order.n_settings; k++) {
            scan_setting_text(&args.order, k, text);
            text_buf_addf(&out, "%s%s, ", k == args.order.n_sure ? "| " : "", text);
        }
        ck_assert_msg(strcmp(out.data, r->settings) == 0, "%s: %s", r->says, out.data);
        scan_args_done(&args);
    }
    read_args("rtutcp://gate:502", "1200", "8N1");
    ck_assert_uint_eq(args.settings[0].baud, 1200); /* pauses and patience go by it */
}
END_TEST

START_TEST(a_bus_is_called_after_its_device)
{
    static const char *const names[][2] = {
        {"/dev/ttyUSB0", "ttyUSB0"},
        {"tcp://192.168.1.7", "192-168-1-7"},
        {"rtutcp://[fe80::1]:502", "fe80--1"},
        {"/dev/serial/by-id/usb-FTDI_FT232R_USB_UART_A5-port0", "usb-FTDI_FT232R_USB"},
        {"/dev/...", "bus"}};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        read_args(names[i][0], NULL, NULL);
        ck_assert_str_eq(args.bus_name, names[i][1]);
        ck_assert(text_is_name(args.bus_name));
        scan_args_done(&args);
    }
    read_args("/dev/ttyUSB0", NULL, NULL);
}
END_TEST

static struct scan_find meter(uint8_t address, size_t setting, const struct regmap *m)
{
    return (struct scan_find){.address = address, .setting = setting, .kind = SCAN_METER, .model = m};
}

static bool says(const char *text)
{
    return strstr(out.data, text) != NULL;
}

START_TEST(the_setting_of_most_meters_becomes_the_bus)
{
    struct scan_tried tried[SCAN_SETTINGS] = {{0}};
    read_args("/dev/ttyUSB0", "9600,4800", "8E1");
    struct scan_find finds[] = {meter(1, 0, maps[0]), meter(5, 1, maps[0]), meter(6, 1, maps[0]),
                                meter(7, 1, maps[0]), meter(9, 1, maps[2]), meter(8, 1, NULL)};
    finds[5].kind = SCAN_CLASH;
    finds[3].answer_ms = 200;
    const struct scan_result r = {.finds = finds, .n = 6, .tried = tried};
    scan_view_text(&args, &r, &out);
    ck_assert_msg(says("\nbaud = 4800\nparity = even\nstop_bits = 1\n"), "%s", out.data);
    ck_assert_msg(says("[meters ttyUSB0-kpm31]\nbus = ttyUSB0\naddresses = 5-7\n"), "%s", out.data);
    ck_assert_msg(says("[meters ttyUSB0-kpm33b]\nbus = ttyUSB0\naddresses = 9\n"), "%s", out.data);
    ck_assert_msg(says("\n; at 9600 8E1: 1: a line has one speed"), "%s", out.data);
    ck_assert_msg(!says("timeout"), "%s", out.data);
    text_buf_clear(&out);
    finds[3].answer_ms = 201; /* half as much again would be too late */
    scan_view_text(&args, &r, &out);
    ck_assert_msg(says("\ntimeout = 500ms\n"), "%s", out.data);
}
END_TEST

START_TEST(lasting_names_of_adapters)
{
    char dir[] = "/tmp/by-id-XXXXXX", link[64], file[64], found[SCAN_PATH];
    ck_assert_ptr_nonnull(mkdtemp(dir));
    snprintf(file, sizeof file, "%s/.tty", dir);
    snprintf(link, sizeof link, "%s/usb-one", dir);
    FILE *f = fopen(file, "w");
    ck_assert_ptr_nonnull(f);
    fclose(f);
    ck_assert_int_eq(symlink(file, link), 0);
    char elsewhere[80]; /* the adapter by another name */
    snprintf(elsewhere, sizeof elsewhere, "/dev/..%s", file);
    scan_stable_path(elsewhere, dir, found);
    ck_assert_str_eq(found, link);
    scan_stable_path(link, dir, found);
    ck_assert_str_eq(found, link);
    scan_stable_path("/dev/null", dir, found);
    ck_assert_str_eq(found, "/dev/null");
    scan_stable_path("/not/there", "/not/there/either", found);
    ck_assert_str_eq(found, "/not/there");
    ck_assert_int_eq(chdir("/"), 0);
    scan_stable_path("dev/null", dir, found);
    ck_assert_str_eq(found, "//dev/null");
    unlink(link);
    unlink(file);
    rmdir(dir);
}
END_TEST

START_TEST(floats_at_their_shortest)
{
    static const struct {
        uint32_t bits;
        const char *text;
    } floats[] = {{0x43660000, "230"},   {0x3DCCCCCD, "0.1"},      {0xFF7FFFFF, "-3.4028235e+38"},
                  {0x00000001, "1e-45"}, {0x7FC00000, "nan"},      {0xFF800000, "-inf"},
                  {0x80000000, "-0"},    {0x4B7FFFFF, "16777215"}, {0x435B3333, "219.2"}};
    for (size_t i = 0; i < sizeof floats / sizeof floats[0]; i++) {
        char text[RAW_FLOAT];
        float f;
        memcpy(&f, &floats[i].bits, sizeof f);
        raw_view_float(f, text);
        ck_assert_str_eq(text, floats[i].text);
    }
}
END_TEST

Suite *unit_suite(void)
{
    Suite *s = suite_create("scan_view");
    TCase *c = tcase_create("scan_view");
    tcase_add_checked_fixture(c, setup, teardown);
    tcase_add_test(c, settings_in_their_order);
    tcase_add_test(c, a_bus_is_called_after_its_device);
    tcase_add_test(c, the_setting_of_most_meters_becomes_the_bus);
    tcase_add_test(c, lasting_names_of_adapters);
    tcase_add_test(c, floats_at_their_shortest);
    suite_add_tcase(s, c);
    return s;
}
