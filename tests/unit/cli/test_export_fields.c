/* test_export_fields.c - rows of the views as CSV and JSON, with the meter's digits. */
#include <string.h>
#include "cli/export_fields.h"
#include "unit_main.h"

static sqlite3 *db;

static void start(void)
{
    ck_assert_int_eq(sqlite3_open(":memory:", &db), SQLITE_OK);
}

static void stop(void)
{
    sqlite3_close(db);
}

static sqlite3_stmt *row_of(const char *sql)
{
    sqlite3_stmt *st;
    ck_assert_int_eq(sqlite3_prepare_v2(db, sql, -1, &st, NULL), SQLITE_OK);
    ck_assert_int_eq(sqlite3_step(st), SQLITE_ROW);
    return st;
}

static const bool single_phase[Q_ENERGY_END] = {
    [Q_VOLTAGE] = true, [Q_FREQUENCY] = true, [Q_ACTIVE_ENERGY_TOTAL] = true, [Q_ACTIVE_ENERGY_SHARP] = true};

/* Fields of the kinds, the header over those wanted. */
static void make(const bool wanted[EXPORT_KINDS], bool lean, struct export_row rows[EXPORT_KINDS],
                 struct export_header *h)
{
    for (int k = 0; k < EXPORT_KINDS; k++)
        export_row_fields((enum export_kind)k, single_phase, lean, &rows[k]);
    export_header_make(rows, wanted, h);
}

static void check_header(const bool wanted[EXPORT_KINDS], bool lean, const char *text)
{
    struct export_row rows[EXPORT_KINDS];
    struct export_header h;
    struct text_buf out = {.data = NULL};
    make(wanted, lean, rows, &h);
    export_header_write(&h, &out);
    ck_assert_str_eq(out.data, text);
    text_buf_done(&out);
}

START_TEST(headers)
{
    check_header((bool[EXPORT_KINDS]){[EXPORT_ENERGY] = true}, true,
                 "time,meter,window_ms,active_energy_total,active_energy_sharp\n");
    check_header((bool[EXPORT_KINDS]){[EXPORT_LIVE] = true}, false,
                 "meter,time,window_ms,quality,voltage,frequency\n");
    check_header(
        (bool[EXPORT_KINDS]){[EXPORT_ENERGY] = true, [EXPORT_LIVE] = true, [EXPORT_SETTLEMENT] = true}, false,
        "kind,meter,time,window_ms,quality,ledger,seq,active_energy_total,active_energy_sharp,voltage,"
        "frequency,"
        "period_end,quantity,rate,value,unit,meaning,origin,status\n");
}
END_TEST

/* meter, ts, ts_ms, window_ms, quality, ledger, seq, total, sharp */
#define ENERGY_ROW                                                                                           \
    "SELECT 'flat-1', '2026-10-01T00:00:00.250Z', 1790812800250, 81, 'ok', '1a2b3c4d', 7, 12345.67, NULL"

START_TEST(an_energy_row_as_csv_leaves_empty_what_was_not_read)
{
    struct export_row rows[EXPORT_KINDS];
    struct export_header h;
    struct text_buf out = {.data = NULL};
    make((bool[EXPORT_KINDS]){[EXPORT_ENERGY] = true, [EXPORT_LIVE] = true}, false, rows, &h);
    sqlite3_stmt *st = row_of(ENERGY_ROW);
    export_csv_row(&h, &rows[EXPORT_ENERGY], EXPORT_ENERGY, st, 0, &out);
    sqlite3_finalize(st);
    ck_assert_str_eq(out.data, "energy,flat-1,2026-10-01T00:00:00.250Z,81,ok,1a2b3c4d,7,12345.67,,,\n");
    text_buf_done(&out);
}
END_TEST

START_TEST(an_energy_row_as_json_leaves_out_what_was_not_read)
{
    struct export_row rows[EXPORT_KINDS];
    struct export_header h;
    struct text_buf out = {.data = NULL};
    make((bool[EXPORT_KINDS]){[EXPORT_ENERGY] = true}, false, rows, &h);
    sqlite3_stmt *st = row_of(ENERGY_ROW);
    export_json_row(&rows[EXPORT_ENERGY], EXPORT_ENERGY, st, 0, &out);
    sqlite3_finalize(st);
    ck_assert_str_eq(
        out.data, "{\"kind\":\"energy\",\"meter\":\"flat-1\",\"ts\":\"2026-10-01T00:00:00.250Z\",\"ts_ms\":"
                  "1790812800250,\"window_ms\":81,\"quality\":\"ok\",\"ledger\":\"1a2b3c4d\",\"seq\":7,"
                  "\"active_energy_total\":12345.67}\n");
    text_buf_done(&out);
}
END_TEST

/* What the store keeps as an integer, shows as its REAL, and leaves as digits again. */
static const struct {
    const char *scaled, *digits;
} numbers[] = {
    {"0", "0"},
    {"1", "0.000001"},
    {"-1", "-0.000001"},
    {"16000000", "16"},
    {"12345678901234", "12345678.901234"},
    {"99999999999999", "99999999.999999"}, /* just under 10^8 kWh, the largest that is stored */
    {"100000000000000", "100000000"},
    {"899999123456789", "899999123.456789"},
};

START_TEST(digits_come_back)
{
    struct export_row rows[EXPORT_KINDS];
    struct export_header h;
    struct text_buf out = {.data = NULL};
    char sql[128];
    make((bool[EXPORT_KINDS]){[EXPORT_ENERGY] = true}, true, rows, &h);
    text_format(sql, sizeof sql, "SELECT 't', 'm', 0, %s / 1000000.0, NULL", numbers[_i].scaled);
    sqlite3_stmt *st = row_of(sql);
    export_csv_row(&h, &rows[EXPORT_ENERGY], EXPORT_ENERGY, st, 0, &out);
    sqlite3_finalize(st);
    char wanted[64];
    text_format(wanted, sizeof wanted, "t,m,0,%s,\n", numbers[_i].digits);
    ck_assert_str_eq(out.data, wanted);
    text_buf_done(&out);
}
END_TEST

/* meter, opened, ledger, seq, id, rule, severity, closed, summary, evidence */
START_TEST(a_finding_with_commas_and_quotes)
{
    struct export_row rows[EXPORT_KINDS];
    struct export_header h;
    struct text_buf out = {.data = NULL};
    make((bool[EXPORT_KINDS]){[EXPORT_FINDING] = true}, false, rows, &h);
    sqlite3_stmt *st = row_of("SELECT 'm', 'then', 'ab', 9, 1, 'T2', 'error', NULL, 'a, \"b\"', '{\"x\":1}'");
    export_csv_row(&h, &rows[EXPORT_FINDING], EXPORT_FINDING, st, 0, &out);
    ck_assert_str_eq(out.data, "m,then,ab,9,1,T2,error,,\"a, \"\"b\"\"\",\"{\"\"x\"\":1}\"\n");
    text_buf_clear(&out);
    export_json_row(&rows[EXPORT_FINDING], EXPORT_FINDING, st, 0, &out);
    ck_assert_str_eq(
        out.data,
        "{\"kind\":\"finding\",\"meter\":\"m\",\"opened\":\"then\",\"ledger\":\"ab\",\"seq\":9,\"id\":1,"
        "\"rule\":\"T2\",\"severity\":\"error\",\"summary\":\"a, \\\"b\\\"\",\"evidence\":{\"x\":1}}\n");
    sqlite3_finalize(st);
    text_buf_done(&out);
}
END_TEST

START_TEST(every_quantity_of_every_kind_fits)
{
    bool all[Q_ENERGY_END];
    struct export_row rows[EXPORT_KINDS];
    struct export_header h;
    memset(all, true, sizeof all);
    for (int k = 0; k < EXPORT_KINDS; k++) {
        export_row_fields((enum export_kind)k, all, false, &rows[k]);
        ck_assert_uint_lt(rows[k].n, EXPORT_FIELDS);
    }
    export_header_make(rows, (bool[EXPORT_KINDS]){true, true, true, true}, &h);
    ck_assert_uint_lt(h.n, EXPORT_COLUMNS);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *s = suite_create("export_fields");
    TCase *t = tcase_create("export_fields");
    tcase_add_checked_fixture(t, start, stop);
    tcase_add_test(t, headers);
    tcase_add_test(t, an_energy_row_as_csv_leaves_empty_what_was_not_read);
    tcase_add_test(t, an_energy_row_as_json_leaves_out_what_was_not_read);
    tcase_add_loop_test(t, digits_come_back, 0, sizeof numbers / sizeof numbers[0]);
    tcase_add_test(t, a_finding_with_commas_and_quotes);
    tcase_add_test(t, every_quantity_of_every_kind_fits);
    suite_add_tcase(s, t);
    return s;
}
