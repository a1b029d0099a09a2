#include <stdlib.h>
#include <string.h>
#include "core/quantity.h"
#include "publish/payload.h"
#include "unit_main.h"

#define LEDGER "0badcafe"
#define AT_MS  INT64_C(1793491200123) /* 2026-11-01T00:00:00.123Z */
#define AT     "2026-11-01T00:00:00.123Z"

static struct text_buf text;

static void end(void)
{
    text_buf_done(&text);
    text = (struct text_buf){0};
}

static struct reading *reading(enum reg_class klass)
{
    struct reading *r = reading_new(8);
    ck_assert_ptr_nonnull(r);
    r->klass = klass;
    r->taken_utc_ms = AT_MS;
    r->window_ms = 97;
    return r;
}

START_TEST(live_has_its_values_as_digits)
{
    struct reading *r = reading(CLASS_LIVE);
    ck_assert_int_eq(reading_add(r, Q_VOLTAGE, 229800), 0);
    ck_assert_int_eq(reading_add(r, Q_CURRENT, 0), 0);
    ck_assert_int_eq(reading_add(r, Q_ACTIVE_POWER, -123450), 0);
    ck_assert_int_eq(reading_add(r, Q_POWER_FACTOR, 9990), 0);
    payload_live(&text, r);
    ck_assert_str_eq(text.data,
                     "{\"ts\":\"" AT "\",\"ts_ms\":1793491200123,\"quality\":\"ok\",\"voltage\":229.8,"
                     "\"current\":0,\"active_power\":-1234.5,\"power_factor\":0.999}");
    reading_free(r);
}
END_TEST

START_TEST(live_leaves_out_what_was_not_read)
{
    struct reading *r = reading(CLASS_LIVE);
    r->quality = QUALITY_SUSPECT;
    payload_live(&text, r);
    ck_assert_str_eq(text.data, "{\"ts\":\"" AT "\",\"ts_ms\":1793491200123,\"quality\":\"suspect\"}");
    reading_free(r);
}
END_TEST

START_TEST(a_clock_a_serial_number_and_a_relay_are_no_numbers_of_a_reading)
{
    struct reading *r = reading(CLASS_LIVE);
    ck_assert_int_eq(reading_add(r, Q_VOLTAGE, 230000), 0);
    ck_assert_int_eq(reading_add(r, Q_CLOCK, 5), 0);
    ck_assert_int_eq(reading_add(r, Q_RELAY_DO1, 1), 0);
    payload_live(&text, r);
    ck_assert_str_eq(text.data,
                     "{\"ts\":\"" AT "\",\"ts_ms\":1793491200123,\"quality\":\"ok\",\"voltage\":230}");
    reading_free(r);
}
END_TEST

START_TEST(energy_has_ledger_seq_and_window)
{
    struct reading *r = reading(CLASS_ENERGY);
    ck_assert_int_eq(reading_add(r, Q_ACTIVE_ENERGY_TOTAL, INT64_C(12345670000)), 0);
    ck_assert_int_eq(reading_add(r, Q_ACTIVE_ENERGY_VALLEY, 1), 0);
    payload_energy(&text, LEDGER, UINT64_C(9007199254740993), r);
    ck_assert_str_eq(text.data, "{\"ledger\":\"" LEDGER "\",\"seq\":9007199254740993,\"ts\":\"" AT
                                "\",\"ts_ms\":1793491200123,\"window_ms\":97,\"quality\":\"ok\","
                                "\"active_energy_total\":12345.67,\"active_energy_valley\":0.000001}");
    reading_free(r);
}
END_TEST

START_TEST(the_same_reading_gives_the_same_text_again)
{
    struct reading *r = reading(CLASS_ENERGY);
    struct text_buf again = {0};
    ck_assert_int_eq(reading_add(r, Q_ACTIVE_ENERGY_TOTAL, 7), 0);
    payload_energy(&text, LEDGER, 1, r);
    payload_energy(&again, LEDGER, 1, r);
    ck_assert_str_eq(text.data, again.data);
    text_buf_done(&again);
    reading_free(r);
}
END_TEST

START_TEST(relay_says_closed_or_open)
{
    payload_relay(&text, true, AT_MS);
    ck_assert_str_eq(text.data, "{\"state\":\"closed\",\"ts\":\"" AT "\"}");
    text_buf_clear(&text);
    payload_relay(&text, false, 0);
    ck_assert_str_eq(text.data, "{\"state\":\"open\",\"ts\":\"1970-01-01T00:00:00.000Z\"}");
}
END_TEST

START_TEST(settlement_names_its_ten_families)
{
    struct payload_settlement p = {
        .period_end = "2026-11-01", .meaning = "period", .origin = "observed", .status = "confirmed"};
    for (unsigned f = 0; f < SETTLEMENT_FAMILIES; f++) {
        p.has[f] = true;
        p.value[f] = (f + 1) * INT64_C(1500000);
    }
    payload_settlement(&text, LEDGER, 17, AT_MS, &p);
    ck_assert_str_eq(text.data,
                     "{\"ledger\":\"" LEDGER "\",\"seq\":17,\"ts\":\"" AT "\",\"period_end\":\"2026-11-01\","
                     "\"meaning\":\"period\",\"origin\":\"observed\",\"status\":\"confirmed\","
                     "\"active_energy_combined\":1.5,\"reactive_energy_combined\":3,"
                     "\"active_energy_sharp\":4.5,\"reactive_energy_sharp\":6,"
                     "\"active_energy_peak\":7.5,\"reactive_energy_peak\":9,"
                     "\"active_energy_flat\":10.5,\"reactive_energy_flat\":12,"
                     "\"active_energy_valley\":13.5,\"reactive_energy_valley\":15}");
}
END_TEST

START_TEST(settlement_leaves_out_a_family_that_was_not_read)
{
    struct payload_settlement p = {.period_end = "2026-11-01T08",
                                   .meaning = "undetermined",
                                   .origin = "backfill",
                                   .status = "confirmed"};
    p.has[9] = true;
    payload_settlement(&text, LEDGER, 1, AT_MS, &p);
    ck_assert_str_eq(
        text.data, "{\"ledger\":\"" LEDGER "\",\"seq\":1,\"ts\":\"" AT "\",\"period_end\":\"2026-11-01T08\","
                   "\"meaning\":\"undetermined\",\"origin\":\"backfill\",\"status\":\"confirmed\","
                   "\"reactive_energy_valley\":0}");
}
END_TEST

START_TEST(gap_with_and_without_a_number)
{
    payload_gap(&text, LEDGER, 12, AT_MS, 3, 9, "retention");
    ck_assert_str_eq(text.data, "{\"ledger\":\"" LEDGER "\",\"seq\":12,\"ts\":\"" AT
                                "\",\"gap\":{\"from\":3,\"to\":9,\"reason\":\"retention\"}}");
    text_buf_clear(&text);
    payload_gap(&text, LEDGER, 0, AT_MS, 3, 3, "ledger");
    ck_assert_str_eq(text.data, "{\"ledger\":\"" LEDGER "\",\"ts\":\"" AT
                                "\",\"gap\":{\"from\":3,\"to\":3,\"reason\":\"ledger\"}}");
}
END_TEST

static const struct payload_finding open_finding = {.id = 4,
                                                    .meter = "flat-1",
                                                    .rule = "T2",
                                                    .severity = "error",
                                                    .register_name = NULL,
                                                    .summary = "rates do not \"sum\" up",
                                                    .opened_utc_ms = AT_MS,
                                                    .ts_utc_ms = AT_MS,
                                                    .last_ts_utc_ms = AT_MS + 1,
                                                    .count = 2,
                                                    .has_excess = true,
                                                    .excess = 250000,
                                                    .window_utc_ms = {AT_MS - 1, AT_MS},
                                                    .possible_rates = "[\"peak\"]",
                                                    .before = "{\"active_energy_total\":1}",
                                                    .after = "{\"active_energy_total\":2}"};

START_TEST(finding_has_every_key_and_null_where_there_is_nothing)
{
    payload_finding(&text, LEDGER, 5, &open_finding);
    ck_assert_str_eq(text.data,
                     "{\"ledger\":\"" LEDGER "\",\"seq\":5,\"id\":4,\"meter\":\"flat-1\",\"opened\":\"" AT
                     "\",\"closed\":null,\"rule\":\"T2\",\"severity\":\"error\",\"ts\":\"" AT
                     "\",\"last_ts\":\"2026-11-01T00:00:00.124Z\",\"count\":2,\"register\":null,"
                     "\"excess_kwh\":0.25,\"window\":[\"2026-11-01T00:00:00.122Z\",\"" AT
                     "\"],\"possible_rates\":[\"peak\"],\"before\":{\"active_energy_total\":1},"
                     "\"after\":{\"active_energy_total\":2},\"summary\":\"rates do not \\\"sum\\\" up\"}");
}
END_TEST

START_TEST(finding_of_reactive_energy_that_was_closed)
{
    struct payload_finding f = open_finding;
    f.reactive = true;
    f.has_excess = false;
    f.closed_utc_ms = AT_MS;
    f.register_name = "reactive_energy_total";
    f.possible_rates = NULL;
    f.before = NULL;
    payload_finding(&text, LEDGER, 6, &f);
    ck_assert_ptr_nonnull(strstr(text.data, "\"closed\":\"" AT "\""));
    ck_assert_ptr_nonnull(strstr(text.data, "\"register\":\"reactive_energy_total\",\"excess_kvarh\":null"));
    ck_assert_ptr_nonnull(strstr(text.data, "\"possible_rates\":null,\"before\":null,\"after\":{"));
}
END_TEST

START_TEST(history_wraps_topic_and_payload)
{
    payload_history(&text, "meterfleet/site-a/meter/flat-1/energy", "{\"seq\":1}");
    ck_assert_str_eq(text.data,
                     "{\"topic\":\"meterfleet/site-a/meter/flat-1/energy\",\"payload\":{\"seq\":1}}");
}
END_TEST

START_TEST(answer_ends_with_rows_or_an_error)
{
    struct payload_answer a = {
        .ledger = LEDGER, .ts_utc_ms = AT_MS, .has_range = true, .from = 1, .to = 900, .rows = 899};
    payload_answer(&text, &a);
    ck_assert_str_eq(text.data, "{\"ledger\":\"" LEDGER "\",\"ts\":\"" AT
                                "\",\"get\":{\"from\":1,\"to\":900},\"rows\":899}");
    text_buf_clear(&text);
    a.error = "range";
    a.from = -5;
    payload_answer(&text, &a);
    ck_assert_str_eq(text.data, "{\"ledger\":\"" LEDGER "\",\"ts\":\"" AT
                                "\",\"get\":{\"from\":-5,\"to\":900},\"error\":\"range\"}");
    text_buf_clear(&text);
    a.error = "malformed";
    a.has_range = false;
    payload_answer(&text, &a);
    ck_assert_str_eq(text.data,
                     "{\"ledger\":\"" LEDGER "\",\"ts\":\"" AT "\",\"get\":{},\"error\":\"malformed\"}");
}
END_TEST

Suite *unit_suite(void)
{
    Suite *s = suite_create("payload");
    TCase *t = tcase_create("texts");
    tcase_add_checked_fixture(t, NULL, end);
    tcase_add_test(t, live_has_its_values_as_digits);
    tcase_add_test(t, live_leaves_out_what_was_not_read);
    tcase_add_test(t, a_clock_a_serial_number_and_a_relay_are_no_numbers_of_a_reading);
    tcase_add_test(t, energy_has_ledger_seq_and_window);
    tcase_add_test(t, the_same_reading_gives_the_same_text_again);
    tcase_add_test(t, relay_says_closed_or_open);
    tcase_add_test(t, settlement_names_its_ten_families);
    tcase_add_test(t, settlement_leaves_out_a_family_that_was_not_read);
    tcase_add_test(t, gap_with_and_without_a_number);
    tcase_add_test(t, finding_has_every_key_and_null_where_there_is_nothing);
    tcase_add_test(t, finding_of_reactive_energy_that_was_closed);
    tcase_add_test(t, history_wraps_topic_and_payload);
    tcase_add_test(t, answer_ends_with_rows_or_an_error);
    suite_add_tcase(s, t);
    return s;
}
