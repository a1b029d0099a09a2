/* The database file: every view of INTERFACES 4 with its columns; what is not ours stays untouched. */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include "core/decimal.h"
#include "core/quantity.h"
#include "core/rc.h"
#include "core/text.h"
#include "store/schema.h"
#include "unit_main.h"
#include "scratch.h"

static char why[256];

static void make(const char *name)
{
    ck_assert_msg(schema_create(scratch_path(name), "0123abcd", 0, why, sizeof why) == RC_OK, "%s", why);
}

static const struct {
    const char *view, *columns; /* "…L" the live quantities, "…E" the cumulative energies */
} views[] = {
    {"meter", "meter label bus address model serial tariff first_seen last_seen status"},
    {"live", "meter ts ts_ms window_ms quality …L"},
    {"energy", "meter ts ts_ms window_ms ledger seq source quality …E"},
    {"reading", "meter ts ts_ms quantity value unit quality"},
    {"latest", "meter quantity value unit ts ts_ms quality"},
    {"interval",
     "meter start start_ms minutes active_import_kwh active_export_kwh active_total_kwh "
     "reactive_total_kvarh sharp_kwh peak_kwh flat_kwh valley_kwh power_avg_w power_max_w voltage_min_v "
     "voltage_max_v quality"},
    {"sweep", "meter ts ts_ms window_ms quantity rate slot value unit"},
    {"settlement", "meter period_end quantity rate value unit meaning origin status seen_ts ledger seq"},
    {"ledger", "ledger seq kind meter topic payload"},
    {"finding", "id meter rule severity opened closed summary evidence ledger seq"},
    {"verification",
     "meter tariff verdict since checked_until skew_lo_s skew_hi_s coverage_time coverage_energy "
     "ledger seq"},
    {"coverage", "meter day expected got longest_gap_s"},
    {"tariff", "tariff since text"},
    {"event", "ts subject kind detail"},
    {"audit", "ts meter source who id wanted expires done ok state error detail"},
    {"bus_stats",
     "bus ts since ok timeout crc short foreign exception late retried missed rtt_p50_ms rtt_p99_ms "
     "wire_share"},
    {"meter_stats", "meter ts since ok timeout crc short foreign exception late retried missed rtt_p50_ms "
                    "rtt_p99_ms wire_share"},
};

static void add_quantities(struct text_buf *b, enum reg_class klass, bool first)
{
    for (int q = 0; q < Q_COUNT; q++)
        if (quantity_at(q)->klass == klass && !quantity_is_settlement(q)) {
            text_buf_addf(b, "%s%s", first ? "" : " ", quantity_at(q)->name);
            first = false;
        }
}

START_TEST(view_has_the_columns_of_the_contract)
{
    scratch_make();
    make("m.db");
    struct text_buf want = {0}, got = {0};
    for (const char *p = views[_i].columns; *p != '\0'; p++)
        if (strncmp(p, "…L", 4) == 0) {
            add_quantities(&want, CLASS_LIVE, true);
            add_quantities(&want, CLASS_DEMAND, false);
            p += 3;
        } else if (strncmp(p, "…E", 4) == 0) {
            add_quantities(&want, CLASS_ENERGY, true);
            p += 3;
        } else
            text_buf_add_n(&want, p, 1);
    struct db d;
    ck_assert_int_eq(db_open(scratch_path("m.db"), DB_READ, &d), RC_OK);
    char sql[100];
    snprintf(sql, sizeof sql, "SELECT * FROM %s", views[_i].view);
    sqlite3_stmt *st;
    ck_assert_msg(db_prepare(&d, sql, &st) == RC_OK, "%s", db_message(&d));
    for (int i = 0; i < sqlite3_column_count(st); i++)
        text_buf_addf(&got, "%s%s", i > 0 ? " " : "", sqlite3_column_name(st, i));
    ck_assert_int_eq(db_row(&d, st), RC_NOTFOUND);
    ck_assert_str_eq(got.data, want.data);
    sqlite3_finalize(st);
    db_close(&d);
    text_buf_done(&want);
    text_buf_done(&got);
    scratch_remove();
}
END_TEST

START_TEST(there_are_these_views_and_no_other)
{
    scratch_make();
    make("m.db");
    struct db d;
    int64_t n = 0;
    ck_assert_int_eq(db_open(scratch_path("m.db"), DB_READ, &d), RC_OK);
    ck_assert_int_eq(db_int(&d, "SELECT count(*) FROM sqlite_master WHERE type = 'view'", &n), RC_OK);
    ck_assert_int_eq(n, sizeof views / sizeof views[0]);
    ck_assert_int_eq(db_int(&d,
                            "SELECT count(*) FROM pragma_table_list WHERE schema = 'main' AND type = 'table'"
                            " AND name NOT LIKE 'sqlite%' AND NOT strict",
                            &n),
                     RC_OK);
    ck_assert_int_eq(n, 0);
    db_close(&d);
    scratch_remove();
}
END_TEST

/* "One number everywhere": what the view shows is the double nearest to the decimal. */
static const struct {
    const char *table_column, *view_column, *decimal;
} values[] = {
    {"active_energy_total", "active_energy_total", "12345.67"},
    {"active_energy_sharp", "active_energy_sharp", "0.000625"},
    {"active_energy_peak", "active_energy_peak", "99999999.999999"},
    {"reactive_energy_export", "reactive_energy_export", "16777215.1"},
    {"reactive_energy_valley", "reactive_energy_valley", "0.1"},
    {"active_energy_flat", "active_energy_flat", "-3.3"},
};

START_TEST(value_is_the_real_nearest_to_its_decimal)
{
    scratch_make();
    make("m.db");
    struct db d;
    ck_assert_int_eq(db_open(scratch_path("m.db"), DB_WRITE, &d), RC_OK);
    int64_t scaled;
    ck_assert_int_eq(decimal_from_text(values[_i].decimal, 6, &scaled), RC_OK);
    char sql[400];
    snprintf(sql, sizeof sql,
             "INSERT INTO meter_data VALUES (1, 'm', '', 'b', 1, 'kpm31', '', '', 0);"
             "INSERT INTO energy_data (ledger, seq, meter, ts_ms, window_ms, source, quality, %s)"
             " VALUES (1, 1, 1, 1790000000123, 90, 0, 0, %lld)",
             values[_i].table_column, (long long)scaled);
    ck_assert_msg(db_exec(&d, sql) == RC_OK, "%s", db_message(&d));
    sqlite3_stmt *st;
    snprintf(sql, sizeof sql, "SELECT %s, ts FROM energy", values[_i].view_column);
    ck_assert_int_eq(db_prepare(&d, sql, &st), RC_OK);
    ck_assert_int_eq(db_row(&d, st), RC_OK);
    double shown = sqlite3_column_double(st, 0), want = strtod(values[_i].decimal, NULL);
    ck_assert_int_eq(memcmp(&shown, &want, sizeof want), 0);
    ck_assert_str_eq((const char *)sqlite3_column_text(st, 1), "2026-09-21T14:13:20.123Z");
    sqlite3_finalize(st);
    db_close(&d);
    scratch_remove();
}
END_TEST

START_TEST(every_millisecond_is_written_as_text_exactly)
{
    struct db d;
    ck_assert_int_eq(db_open(":memory:", DB_CREATE, &d), RC_OK);
    sqlite3_stmt *st;
    ck_assert_int_eq(db_prepare(&d, "SELECT strftime('%Y-%m-%dT%H:%M:%fZ', ?1 / 1000.0, 'unixepoch')", &st),
                     RC_OK);
    for (int i = 0; i < 70000; i++) {
        int64_t ms = i < 60000 ? 1790000000000 + i : (int64_t)i * 99991739;
        char text[TEXT_TS_SIZE];
        text_from_utc_ms(ms, text);
        sqlite3_bind_int64(st, 1, ms);
        ck_assert_int_eq(db_row(&d, st), RC_OK);
        ck_assert_str_eq((const char *)sqlite3_column_text(st, 0), text);
        sqlite3_reset(st);
    }
    sqlite3_finalize(st);
    db_close(&d);
}
END_TEST

START_TEST(a_new_file_is_ours_whole_and_not_for_everybody)
{
    scratch_make();
    umask(077);
    make("m.db");
    struct stat st;
    ck_assert_int_eq(stat(scratch_path("m.db"), &st), 0);
    ck_assert_int_eq(st.st_mode & 07777, 0640);
    unsigned version = 0;
    ck_assert_int_eq(schema_recognise(scratch_path("m.db"), &version), RC_OK);
    ck_assert_uint_eq(version, schema_version());
    ck_assert_int_ne(access(scratch_path("m.db-new"), F_OK), 0);
    struct db d;
    int64_t page = 0;
    ck_assert_int_eq(db_open(scratch_path("m.db"), DB_WRITE, &d), RC_OK);
    ck_assert_int_eq(db_int(&d, "PRAGMA page_size", &page), RC_OK);
    ck_assert_int_eq(page, DB_PAGE_SIZE);
    sqlite3_stmt *q;
    ck_assert_int_eq(db_prepare(&d, "PRAGMA journal_mode", &q), RC_OK);
    ck_assert_int_eq(db_row(&d, q), RC_OK);
    ck_assert_str_eq((const char *)sqlite3_column_text(q, 0), "wal");
    sqlite3_finalize(q);
    db_close(&d);
    scratch_remove();
}
END_TEST

static void write_file(const char *name, const void *data, size_t n)
{
    int fd = open(scratch_path(name), O_CREAT | O_WRONLY | O_TRUNC, 0600);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, data, n), (ssize_t)n);
    close(fd);
}

START_TEST(what_is_not_ours_is_recognised_by_reading_only)
{
    scratch_make();
    unsigned version = 0;
    ck_assert_int_eq(schema_recognise(scratch_path("none.db"), &version), RC_NOTFOUND);
    write_file("empty.db", "", 0);
    ck_assert_int_eq(schema_recognise(scratch_path("empty.db"), &version), RC_NOTFOUND);
    write_file("short.db", "SQLite format 3", 16);
    ck_assert_int_eq(schema_recognise(scratch_path("short.db"), &version), RC_FOREIGN);
    ck_assert_int_eq(mkfifo(scratch_path("fifo.db"), 0600), 0);
    ck_assert_int_eq(schema_recognise(scratch_path("fifo.db"), &version), RC_FOREIGN);
    ck_assert_int_eq(mkdir(scratch_path("dir.db"), 0700), 0);
    ck_assert_int_eq(schema_recognise(scratch_path("dir.db"), &version), RC_FOREIGN);

    make("m.db");
    struct db d;
    ck_assert_int_eq(db_open(scratch_path("m.db"), DB_WRITE, &d), RC_OK);
    ck_assert_int_eq(db_execf(&d, "PRAGMA user_version = %u", schema_version() + 1), RC_OK);
    ck_assert_int_eq(db_checkpoint(&d, true), RC_OK);
    ck_assert_int_eq(schema_recognise(scratch_path("m.db"), &version), RC_NEWER);
    ck_assert_uint_eq(version, schema_version() + 1);
    ck_assert_int_eq(schema_migrate(&d), RC_NEWER);
    ck_assert_int_eq(db_exec(&d, "PRAGMA application_id = 7"), RC_OK);
    ck_assert_int_eq(db_checkpoint(&d, true), RC_OK);
    ck_assert_int_eq(schema_recognise(scratch_path("m.db"), &version), RC_FOREIGN);
    db_close(&d);
    scratch_remove();
}
END_TEST

START_TEST(a_file_that_was_moved_away_is_noticed)
{
    scratch_make();
    make("m.db");
    struct db d;
    ck_assert_int_eq(db_open(scratch_path("m.db"), DB_WRITE, &d), RC_OK);
    ck_assert_int_eq(db_exec(&d, "UPDATE store_state SET flush = 1"), RC_OK);
    ck_assert(!db_moved(&d));
    if (_i == 0)
        rename(scratch_path("m.db"), scratch_path("other.db"));
    else if (_i == 1)
        unlink(scratch_path("m.db-wal"));
    else {
        unlink(scratch_path("m.db-wal"));
        write_file("m.db-wal", "", 0);
    }
    ck_assert(db_moved(&d));
    db_close(&d);
    scratch_remove();
}
END_TEST

Suite *unit_suite(void)
{
    Suite *s = suite_create("schema");
    TCase *t = tcase_create("schema");
    tcase_add_loop_test(t, view_has_the_columns_of_the_contract, 0, (int)(sizeof views / sizeof views[0]));
    tcase_add_test(t, there_are_these_views_and_no_other);
    tcase_add_loop_test(t, value_is_the_real_nearest_to_its_decimal, 0,
                        (int)(sizeof values / sizeof values[0]));
    tcase_add_test(t, every_millisecond_is_written_as_text_exactly);
    tcase_add_test(t, a_new_file_is_ours_whole_and_not_for_everybody);
    tcase_add_test(t, what_is_not_ours_is_recognised_by_reading_only);
    tcase_add_loop_test(t, a_file_that_was_moved_away_is_noticed, 0, 3);
    suite_add_tcase(s, t);
    return s;
}
