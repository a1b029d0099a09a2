/* Ledger messages: settlements by the period they mean, T2 findings, and the reader that gives them to the
 * publisher. */
#include "core/rc.h"
#include "place.h"
#include "scratch.h"
#include "store/ledger_reader.h"
#include "unit_main.h"

#define DAY    86400000LL
#define MINUTE 60000LL
#define NOV20  (PLACE_T0 + 19 * DAY) /* 2026-11-20 08:00 of the meters */

static struct place place;
static struct store *store;

static void setup(void)
{
    scratch_make();
    place_init(&place, scratch_path("m.db"));
    store = place_open(&place, PLACE_T0);
}

static void teardown(void)
{
    store_close(store);
    place_done(&place);
    scratch_remove();
}

static void put(struct reading *r)
{
    int64_t at = r->taken_utc_ms;
    ck_assert_int_eq(place_flush(store, at, &r, 1), RC_OK);
}

START_TEST(a_settlement_is_confirmed_by_a_second_equal_sweep)
{
    put(place_sweep(0, NOV20, 5000000, 3));
    ck_assert_str_eq(
        place_text(&place, "SELECT group_concat(period_end || ' ' || value || ' ' || status || ' ' || origin,"
                           " ', ') FROM settlement WHERE quantity = 'active_energy' AND rate = 'sharp'"),
        "2026-11-01 5.002001 provisional backfill, 2026-10-01 5.002002 provisional backfill, 2026-09-01"
        " 5.002003 provisional backfill");
    ck_assert_int_eq(place_int(&place, "SELECT count(*) FROM settlement WHERE seq IS NULL"), 30);
    ck_assert_uint_eq(store->last_seq, 0);
    put(place_sweep(0, NOV20 + MINUTE, 5000000, 3));
    ck_assert_uint_eq(store->last_seq, 3);
    ck_assert_int_eq(
        place_int(&place, "SELECT count(*) FROM settlement WHERE status = 'confirmed' AND ledger = (SELECT"
                          " max(ledger) FROM ledger)"),
        30);
    char want[700];
    snprintf(
        want, sizeof want,
        "{\"ledger\":\"%s\",\"seq\":1,\"ts\":\"2026-11-20T00:01:00.000Z\",\"period_end\":\"2026-11-01\","
        "\"meaning\":"
        "\"undetermined\",\"origin\":\"backfill\",\"status\":\"confirmed\",\"active_energy_combined\":5."
        "000001,"
        "\"reactive_energy_combined\":5.001001,\"active_energy_sharp\":5.002001,\"reactive_energy_sharp\":5."
        "003001,"
        "\"active_energy_peak\":5.004001,\"reactive_energy_peak\":5.005001,\"active_energy_flat\":5.006001,"
        "\"reactive_energy_flat\":5.007001,\"active_energy_valley\":5.008001,\"reactive_energy_valley\":5."
        "009001}",
        store->ledger_id);
    ck_assert_str_eq(place_text(&place, "SELECT payload FROM ledger WHERE seq = 1"), want);
    ck_assert_str_eq(place_text(&place, "SELECT topic FROM ledger WHERE seq = 3"),
                     "meterfleet/site-a/meter/flat-1/settlement/2026-09-01");
    put(place_sweep(0, NOV20 + 2 * MINUTE, 6000000, 3)); /* confirmed rows never change */
    ck_assert_uint_eq(store->last_seq, 3);
    ck_assert_int_eq(place_int(&place, "SELECT count(*) FROM settlement WHERE value >= 6"), 0);
}
END_TEST

START_TEST(a_second_sweep_that_differs_makes_it_wait_for_a_third)
{
    put(place_sweep(0, NOV20, 5000000, 1));
    put(place_sweep(0, NOV20 + MINUTE, 6000000, 1));
    ck_assert_uint_eq(store->last_seq, 0);
    put(place_sweep(0, NOV20 + 2 * MINUTE, 6000000, 1));
    ck_assert_uint_eq(store->last_seq, 1);
    ck_assert_int_eq(
        place_int(&place, "SELECT value = 6.000001 FROM settlement WHERE rate = 'combined' AND quantity ="
                          " 'active_energy'"),
        1);
}
END_TEST

START_TEST(a_period_we_watched_end_is_observed)
{
    const int64_t end = PLACE_T0 + 30 * DAY - 8 * 60 * MINUTE; /* 2026-12-01 00:00 of the meters */
    put(place_energy(0, end - MINUTE, 1, 2, 3, 4));
    put(place_energy(0, end + MINUTE, 1, 2, 3, 5));
    put(place_energy(1, end - 16 * MINUTE, 1, 2, 3, 4)); /* the other was not read then */
    put(place_energy(1, end + MINUTE, 1, 2, 3, 5));
    put(place_sweep(0, end + 10 * MINUTE, 5000000, 2));
    put(place_sweep(1, end + 10 * MINUTE, 5000000, 2));
    ck_assert_str_eq(
        place_text(&place, "SELECT group_concat(meter || period_end || origin, ' ') FROM (SELECT DISTINCT"
                           " meter, period_end, origin FROM settlement ORDER BY 1, 2 DESC)"),
        "flat-12026-12-01observed flat-12026-11-01backfill flat-22026-12-01backfill"
        " flat-22026-11-01backfill");
}
END_TEST

START_TEST(a_sweep_near_a_settlement_instant_is_void)
{
    const int64_t end = PLACE_T0 + 30 * DAY - 8 * 60 * MINUTE;
    put(place_sweep(0, end + 6 * MINUTE, 5000000, 2));
    ck_assert_int_eq(
        place_int(&place, "SELECT (SELECT count(*) FROM sweep) + (SELECT count(*) FROM settlement)"), 0);
    put(place_sweep(0, end + 6 * MINUTE + 91, 5000000, 2)); /* the whole window of 90 ms lies behind S + G */
    ck_assert_int_eq(place_int(&place, "SELECT count(*) FROM sweep"), 130);
}
END_TEST

START_TEST(sweeps_are_kept_when_they_differ_and_once_a_day)
{
    put(place_sweep(0, NOV20, 5000000, 3));
    put(place_sweep(0, NOV20 + MINUTE, 5000000, 3));
    ck_assert_int_eq(place_int(&place, "SELECT count(DISTINCT ts) FROM sweep"), 1);
    put(place_sweep(0, NOV20 + 2 * MINUTE, 5000001, 3));
    ck_assert_int_eq(place_int(&place, "SELECT count(DISTINCT ts) FROM sweep"), 2);
    put(place_sweep(0, NOV20 + 16 * 60 * MINUTE, 5000001, 3)); /* the meters' midnight */
    ck_assert_int_eq(place_int(&place, "SELECT count(DISTINCT ts) FROM sweep"), 3);
    ck_assert_str_eq(
        place_text(&place, "SELECT value || unit FROM sweep WHERE quantity = 'reactive_energy' AND rate ="
                           " 'valley' AND slot = 3 LIMIT 1"),
        "5.009003kvarh");
}
END_TEST

/* Minutes of 1 kW in the peak rate from `from`; of the total 3 kWh are lost at minute `at`. */
static void consume(int from, int n, int at)
{
    for (int i = from; i < from + n; i++) {
        struct reading *r = place_energy(0, NOV20 + i * MINUTE, 1234567, 2000000 + 17000 * (int64_t)i, 3, 4);
        int64_t total = *reading_get(r, Q_ACTIVE_ENERGY_TOTAL) + (i >= at ? 3000000 : 0);
        r->values[0].value = total;
        put(r);
    }
}

START_TEST(a_broken_sum_is_a_finding_with_its_evidence_and_closes_by_itself)
{
    consume(0, 40, 30);
    ck_assert_uint_eq(store->open_findings, 1);
    ck_assert_str_eq(
        place_text(&place,
                   "SELECT meter || rule || severity || opened || coalesce(closed, '-') FROM finding"),
        "flat-1T2error2026-11-20T00:30:00.000Z-");
    ck_assert_str_eq(place_text(&place, "SELECT topic FROM ledger WHERE kind = 'finding'"),
                     "meterfleet/site-a/meter/flat-1/finding/1");
    ck_assert_str_eq(
        place_text(&place, "SELECT json_extract(payload, '$.rule', '$.register', '$.count', '$.closed',"
                           " '$.window', '$.ts') FROM ledger WHERE kind = 'finding'"),
        "[\"T2\",\"active_energy_total\",1,null,[\"2026-11-20T00:28:57.910Z\",\"2026-11-20T00:30:00.000Z\"],"
        "\"2026-11-20T00:30:00.000Z\"]");
    ck_assert_int_eq(place_int(&place,
                               "SELECT json_extract(payload, '$.excess_kwh') BETWEEN 2.9 AND 3 AND"
                               " json_extract(payload, '$.after.active_energy_total') = 6.744574"
                               " AND (SELECT seq = l.seq FROM finding) FROM ledger l WHERE kind = 'finding'"),
                     1);
    consume(40, 1450, 30);
    ck_assert_uint_eq(store->open_findings, 0);
    ck_assert_int_eq(place_int(&place, "SELECT count(*) FROM ledger WHERE kind = 'finding'"), 2);
    ck_assert_int_eq(
        place_int(&place, "SELECT (SELECT max(seq) FROM ledger WHERE kind = 'finding') = seq AND closed >="
                          " '2026-11-21T00:30' FROM finding"),
        1);
    ck_assert_int_eq(
        place_int(&place,
                  "SELECT json_extract(payload, '$.closed') = (SELECT closed FROM finding) FROM ledger"
                  " WHERE kind = 'finding' ORDER BY seq DESC LIMIT 1"),
        1);
}
END_TEST

/* A restart in the middle judges as if there had been none: the state is saved with a finding, the rest read
 * again. */
START_TEST(checks_go_on_after_a_restart)
{
    consume(0, 31, 30); /* the row that breaks is stored and waits for its next */
    store_close(store);
    store = place_open(&place, NOV20);
    ck_assert_int_eq(place_int(&place, "SELECT count(*) FROM finding"), 0);
    consume(31, 1, 30);
    ck_assert_int_eq(place_int(&place, "SELECT count(*) FROM finding"),
                     0); /* nothing was saved: it learned anew */
    struct store_batch b = {.now_utc_ms = NOV20, .clock_right = true, .save_checks = true};
    ck_assert_int_eq(store_flush(store, &b), RC_OK);
    consume(32, 20, 47);
    consume(52, 1, 47);
    store_close(store);
    store = place_open(&place, NOV20);
    ck_assert_int_eq(place_int(&place, "SELECT count(*) FROM finding"), 1);
    ck_assert_uint_eq(store->open_findings, 1);
    consume(53, 1440, 47);
    ck_assert_int_eq(place_int(&place, "SELECT count(*) FROM finding WHERE closed IS NOT NULL"), 1);
    ck_assert_int_eq(place_int(&place, "SELECT count(*) FROM ledger WHERE kind = 'finding'"), 2);
}
END_TEST

START_TEST(two_sources_are_not_compared)
{
    place.meter[0].dual_source = DUAL_YES;
    store_close(store);
    store = place_open(&place, PLACE_T0);
    consume(0, 40, 30);
    ck_assert_uint_eq(store->open_findings, 0);
}
END_TEST

START_TEST(the_reader_gives_rows_in_order_as_first_published)
{
    put(place_energy(0, NOV20, 1, 2, 3, 4));
    put(place_sweep(0, NOV20 + 1, 5000000, 1));
    put(place_sweep(0, NOV20 + 2, 5000000, 1));
    put(place_energy(1, NOV20 + 3, 5, 6, 7, 8));
    struct ledger_reader *r;
    struct ledger_row rows[8];
    size_t n = 0;
    ck_assert_int_eq(ledger_reader_open(place.path, &r), RC_OK);
    ck_assert_int_eq(ledger_reader_range(r, 1, UINT64_MAX, 8, rows, &n), RC_OK);
    ck_assert_uint_eq(n, 3);
    char want[300];
    snprintf(
        want, sizeof want,
        "{\"ledger\":\"%s\",\"seq\":3,\"ts\":\"2026-11-20T00:00:00.003Z\",\"ts_ms\":1795132800003,\"window_"
        "ms\":90,"
        "\"quality\":\"ok\",\"active_energy_total\":0.000026,\"active_energy_sharp\":0.000005,"
        "\"active_energy_peak\":0.000006,\"active_energy_flat\":0.000007,\"active_energy_valley\":0.000008}",
        store->ledger_id);
    ck_assert_str_eq(rows[2].payload, want);
    ck_assert_str_eq(rows[2].topic, "meter/flat-2/energy");
    ck_assert_int_eq(rows[1].kind, LEDGER_SETTLEMENT);
    ck_assert_str_eq(rows[1].topic, "meter/flat-1/settlement/2026-11-01");
    ledger_rows_free(rows, n);
    ck_assert_int_eq(ledger_reader_range(r, 2, 2, 8, rows, &n), RC_OK);
    ck_assert(n == 1 && rows[0].seq == 2);
    ledger_rows_free(rows, n);
    ck_assert_int_eq(ledger_reader_range(r, 1, 3, 2, rows, &n), RC_OK);
    ck_assert(n == 2 && rows[1].seq == 2);
    ledger_rows_free(rows, n);
    ck_assert_int_eq(ledger_reader_range(r, 4, 9, 2, rows, &n), RC_OK);
    ck_assert_uint_eq(n, 0);
    ledger_reader_close(r);
}
END_TEST

START_TEST(retained_topics_are_the_newest_of_each)
{
    for (int month = 0; month < 26; month++) { /* one settlement a month, 26 of them, twice read */
        int64_t at = NOV20 + month * 30 * DAY + month / 2 * DAY;
        put(place_sweep(0, at, 1000000 + 10 * month, 1));
        put(place_sweep(0, at + 1, 1000000 + 10 * month, 1));
    }
    uint64_t settled = store->last_seq;
    ck_assert_uint_eq(settled, 26);
    put(place_energy(0, NOV20 + 800 * DAY, 1, 2, 3, 4));
    put(place_energy(0, NOV20 + 800 * DAY + MINUTE, 1, 2, 3, 5));
    struct ledger_reader *r;
    struct ledger_row rows[4];
    uint64_t cursor = 0;
    size_t n = 0, all = 0, twins = 0, energies = 0;
    ck_assert_int_eq(ledger_reader_open(place.path, &r), RC_OK);
    do {
        ck_assert_int_eq(ledger_reader_retained(r, &cursor, 4, rows, &n), RC_OK);
        for (size_t i = 0; i < n; i++) {
            twins += strcmp(rows[i].topic, "meter/flat-1/settlement") == 0;
            energies += rows[i].kind == LEDGER_ENERGY;
            ck_assert_uint_gt(rows[i].seq, 2); /* 24 of 26 are kept */
        }
        all += n;
        ledger_rows_free(rows, n);
    } while (n > 0);
    ck_assert(all == 26 && twins == 1 && energies == 1);
    cursor = settled;
    ck_assert_int_eq(ledger_reader_retained(r, &cursor, 4, rows, &n), RC_OK);
    ck_assert(n == 1 && rows[0].seq == settled + 2);
    ledger_rows_free(rows, n);

    unsigned rank = 99;
    char dropped[LEDGER_TOPIC] = "?";
    ck_assert_int_eq(ledger_reader_settlement_rank(r, "meter/flat-1/settlement/2028-12-01", &rank, dropped),
                     RC_OK);
    ck_assert_uint_eq(rank, 0);
    ck_assert_str_eq(dropped, "meter/flat-1/settlement/2026-12-01"); /* pushed out when it was stored */
    ck_assert_int_eq(ledger_reader_settlement_rank(r, "meter/flat-1/settlement/2028-10-01", &rank, dropped),
                     RC_OK);
    ck_assert_str_eq(dropped, "");
    ck_assert_int_eq(ledger_reader_settlement_rank(r, "meter/flat-1/settlement/2026-12-02", &rank, dropped),
                     RC_NOTFOUND);
    ck_assert_int_eq(ledger_reader_settlement_rank(r, "meter/flat-1", &rank, dropped), RC_NOTFOUND);
    ledger_reader_close(r);
}
END_TEST

START_TEST(a_removed_meter_has_no_retained_topic)
{
    put(place_energy(1, NOV20, 1, 2, 3, 4));
    store_close(store);
    place.settings.n_meters = 1;
    store = place_open(&place, NOV20);
    struct ledger_reader *r;
    struct ledger_row rows[4];
    uint64_t cursor = 0;
    size_t n = 9;
    ck_assert_int_eq(ledger_reader_open(place.path, &r), RC_OK);
    ck_assert_int_eq(ledger_reader_retained(r, &cursor, 4, rows, &n), RC_OK);
    ck_assert_uint_eq(n, 0);
    ledger_reader_close(r);
    ck_assert_str_eq(place_text(&place, "SELECT status FROM meter WHERE meter = 'flat-2'"), "removed");
}
END_TEST

START_TEST(a_topic_keeps_the_root_it_was_published_under)
{
    put(place_energy(0, NOV20, 1, 2, 3, 4));
    store_close(store);
    strcpy(place.prefix, "elsewhere");
    store = place_open(&place, NOV20);
    put(place_energy(0, NOV20 + MINUTE, 1, 2, 3, 5));
    ck_assert_str_eq(
        place_text(&place, "SELECT group_concat(topic, ' ') FROM (SELECT topic FROM ledger ORDER BY seq)"),
        "meterfleet/site-a/meter/flat-1/energy elsewhere/site-a/meter/flat-1/energy");
}
END_TEST

Suite *unit_suite(void)
{
    Suite *s = suite_create("ledger");
    TCase *t = tcase_create("ledger");
    tcase_set_timeout(t, 60);
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, a_settlement_is_confirmed_by_a_second_equal_sweep);
    tcase_add_test(t, a_second_sweep_that_differs_makes_it_wait_for_a_third);
    tcase_add_test(t, a_period_we_watched_end_is_observed);
    tcase_add_test(t, a_sweep_near_a_settlement_instant_is_void);
    tcase_add_test(t, sweeps_are_kept_when_they_differ_and_once_a_day);
    tcase_add_test(t, a_broken_sum_is_a_finding_with_its_evidence_and_closes_by_itself);
    tcase_add_test(t, checks_go_on_after_a_restart);
    tcase_add_test(t, two_sources_are_not_compared);
    tcase_add_test(t, the_reader_gives_rows_in_order_as_first_published);
    tcase_add_test(t, retained_topics_are_the_newest_of_each);
    tcase_add_test(t, a_removed_meter_has_no_retained_topic);
    tcase_add_test(t, a_topic_keeps_the_root_it_was_published_under);
    suite_add_tcase(s, t);
    return s;
}
