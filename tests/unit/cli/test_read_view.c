/* test_read_view.c - a reading in columns and as a document. */
#include <string.h>
#include "cli/read_view.h"
#include "unit_main.h"

static struct read_view view;

static void start(void)
{
    view = (struct read_view){.meter = "flat-1",
                              .lacks = {{Q_CURRENT, CLASS_LIVE, true, "not a number"},
                                        {Q_ACTIVE_ENERGY_TOTAL, CLASS_ENERGY, true, "out of range"},
                                        {Q_ACTIVE_ENERGY_SHARP, CLASS_ENERGY, false, "no answer"},
                                        {-1, CLASS_DEMAND, false, "no answer"}},
                              .n_lacks = 4};
    struct reading *live = reading_new(2), *relay = reading_new(2);
    live->klass = CLASS_LIVE;
    live->taken_utc_ms = 1790812800250;
    live->window_ms = 81;
    reading_add(live, Q_VOLTAGE, 229800);
    reading_add(live, Q_POWER_FACTOR, -10000);
    relay->klass = CLASS_IDENTITY;
    relay->quality = QUALITY_SUSPECT;
    relay->taken_utc_ms = 0;
    strcpy(relay->text, "31A\"1");
    reading_add(relay, Q_RELAY_DO1, 1);
    reading_add(relay, Q_CLOCK, 1790812800);
    view.readings[CLASS_LIVE] = live;
    view.readings[CLASS_IDENTITY] = relay;
}

static void stop(void)
{
    read_view_done(&view);
}

START_TEST(as_text)
{
    struct text_buf out = {.data = NULL};
    read_view_text(&view, &out);
    ck_assert_str_eq(out.data, "flat-1\n"
                               "\nlive, read 2026-10-01T00:00:00.250Z\n"
                               "  voltage                                        229.8 V\n"
                               "  power_factor                                      -1\n"
                               "  current                           rejected: not a number\n"
                               "\nenergy, not read\n"
                               "  active_energy_total               rejected: out of range\n"
                               "  active_energy_sharp               no answer\n"
                               "\ndemand: not read: no answer\n"
                               "\nidentity, read 1970-01-01T00:00:00.000Z, suspect\n"
                               "  serial_number                                  31A\"1\n"
                               "  clock                            2026-10-01T00:00:00\n"
                               "  relay_do1                                     closed\n");
    text_buf_done(&out);
}
END_TEST

START_TEST(as_json)
{
    struct text_buf out = {.data = NULL};
    read_view_json(&view, &out);
    ck_assert_str_eq(
        out.data,
        "{\"meter\":\"flat-1\",\"readings\":["
        "{\"class\":\"live\",\"ts\":\"2026-10-01T00:00:00.250Z\",\"ts_ms\":1790812800250,\"window_ms\":81,"
        "\"quality\":\"ok\",\"values\":{\"voltage\":229.8,\"power_factor\":-1}},"
        "{\"class\":\"identity\",\"ts\":\"1970-01-01T00:00:00.000Z\",\"ts_ms\":0,\"window_ms\":0,"
        "\"quality\":\"suspect\",\"serial_number\":\"31A\\\"1\",\"values\":{\"clock\":\"2026-10-01T00:00:"
        "00\","
        "\"relay_do1\":\"closed\"}}],\"missing\":[\"current\",\"active_energy_total\",\"active_energy_"
        "sharp\","
        "\"demand\"],\"reasons\":{\"current\":\"rejected: not a number\",\"active_energy_total\":\"rejected: "
        "out of "
        "range\",\"active_energy_sharp\":\"no answer\",\"demand\":\"no answer\"}}\n");
    text_buf_done(&out);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *s = suite_create("read_view");
    TCase *t = tcase_create("read_view");
    tcase_add_checked_fixture(t, start, stop);
    tcase_add_test(t, as_text);
    tcase_add_test(t, as_json);
    suite_add_tcase(s, t);
    return s;
}
