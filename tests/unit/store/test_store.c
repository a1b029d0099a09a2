/* The store: what goes in comes out of the views, ledger numbers have no gap, a restart goes on where it
 * ended. */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include "core/rc.h"
#include "scratch.h"
#include "share/board.h"
#include "store/ledger_reader.h"
#include "place.h"
#include "unit_main.h"

static struct place place;

static void setup(void)
{
    scratch_make();
    place_init(&place, scratch_path("m.db"));
}

static void teardown(void)
{
    place_done(&place);
    scratch_remove();
}

START_TEST(readings_come_out_of_the_views_digit_by_digit)
{
    struct store *s = place_open(&place, PLACE_T0);
    struct reading *r[] = {place_energy(0, PLACE_T0 + 123, 1234567890, 5, 0, 625),
                           place_live(1, PLACE_T0 + 456, 229801),
                           place_energy(1, PLACE_T0 + 789, 1, 2, 3, 4)};
    r[1]->window_ms = 41;
    ck_assert_int_eq(place_flush(s, PLACE_T0 + 1000, r, 3), RC_OK);
    ck_assert_str_eq(
        place_text(&place,
                   "SELECT meter || ' ' || ts || ' ' || ts_ms || ' ' || window_ms || ' ' || seq || ' ' ||"
                   " source || ' ' || quality || ' ' || active_energy_total || ' ' ||"
                   " active_energy_valley FROM energy WHERE seq = 1"),
        "flat-1 2026-11-01T00:00:00.123Z 1793491200123 90 1 rs485 ok 1234.56852 0.000625");
    ck_assert_str_eq(
        place_text(&place, "SELECT meter || ' ' || ts || ' ' || window_ms || ' ' || voltage FROM live"),
        "flat-2 2026-11-01T00:00:00.456Z 41 229.801");
    ck_assert_int_eq(place_int(&place, "SELECT current IS NULL FROM live"), 1);
    ck_assert_int_eq(place_int(&place, "SELECT count(*) FROM reading"), 11);
    ck_assert_str_eq(place_text(&place,
                                "SELECT value || unit || quality FROM latest WHERE meter = 'flat-2' AND"
                                " quantity = 'voltage'"),
                     "229.801Vok");
    ck_assert_str_eq(
        place_text(&place, "SELECT group_concat(kind || seq || meter || topic, ' ') FROM ledger"),
        "energy1flat-1meterfleet/site-a/meter/flat-1/energy "
        "energy2flat-2meterfleet/site-a/meter/flat-2/energy");
    ck_assert_str_eq(place_text(&place, "SELECT last_seen FROM meter WHERE meter = 'flat-1'"),
                     "2026-11-01T00:00:00.123Z");
    ck_assert_str_eq(place_text(&place, "SELECT tariff || since || text FROM tariff"),
                     "residential2026-11-01T00:00:01.000Zutc_offset = +08:00\n");
    store_close(s);
}
END_TEST

START_TEST(three_phase_values_stand_in_the_same_row)
{
    struct store *s = place_open(&place, PLACE_T0);
    struct reading *r[] = {reading_new(3), reading_new(2), reading_new(1)};
    for (int i = 0; i < 3; i++) {
        r[i]->meter = 1;
        r[i]->klass = i == 0 ? CLASS_ENERGY : i == 1 ? CLASS_LIVE : CLASS_DEMAND;
        r[i]->taken_utc_ms = PLACE_T0 + 100; /* a fast clock: all in one millisecond */
    }
    reading_add(r[0], Q_ACTIVE_ENERGY_TOTAL, 3300000);
    reading_add(r[0], Q_ACTIVE_ENERGY_EXPORT_L3, 100000);
    reading_add(r[0], Q_REACTIVE_ENERGY_IMPORT_L1, 7);
    reading_add(r[1], Q_VOLTAGE_L12, 400123);
    reading_add(r[1], Q_FREQUENCY, 500001);
    reading_add(r[2], Q_APPARENT_DEMAND_L2, 12345);
    ck_assert_int_eq(place_flush(s, PLACE_T0 + 1000, r, 3), RC_OK);
    ck_assert_str_eq(place_text(&place,
                                "SELECT active_energy_total || ' ' || active_energy_export_l3 || ' ' ||"
                                " reactive_energy_import_l1 FROM energy"),
                     "3.3 0.1 7.0e-06");
    ck_assert_str_eq(
        place_text(&place, "SELECT voltage_l12 || ' ' || frequency || ' ' || apparent_demand_l2 FROM live"),
        "400.123 50.0001 123.45");
    ck_assert_int_eq(place_int(&place, "SELECT count(*) FROM reading"), 6);
    ck_assert_str_eq(
        place_text(&place, "SELECT group_concat(quantity || value, ' ') FROM (SELECT * FROM latest ORDER BY"
                           " quantity)"),
        "active_energy_export_l30.1 active_energy_total3.3 apparent_demand_l2123.45 frequency50.0001"
        " reactive_energy_import_l17.0e-06 voltage_l12400.123");
    struct ledger_reader *reader;
    struct ledger_row row;
    size_t n = 0;
    ck_assert_int_eq(ledger_reader_open(place.path, &reader), RC_OK);
    ck_assert_int_eq(ledger_reader_range(reader, 1, 1, 1, &row, &n), RC_OK);
    ck_assert_ptr_nonnull(strstr(row.payload, "\"active_energy_export_l3\":0.1"));
    ledger_rows_free(&row, n);
    ledger_reader_close(reader);
    store_close(s);
}
END_TEST

START_TEST(numbers_go_on_after_a_restart)
{
    struct store *s = place_open(&place, PLACE_T0);
    char id[9];
    strcpy(id, s->ledger_id);
    ck_assert_uint_eq(strspn(id, "0123456789abcdef"), 8);
    struct reading *r = place_energy(0, PLACE_T0, 1, 2, 3, 4);
    ck_assert_int_eq(place_flush(s, PLACE_T0, &r, 1), RC_OK);
    store_close(s);
    s = place_open(&place, PLACE_T0 + 1000);
    ck_assert_str_eq(s->ledger_id, id);
    ck_assert_uint_eq(s->last_seq, 1);
    r = place_energy(0, PLACE_T0 + 61000, 2, 2, 3, 4);
    ck_assert_int_eq(place_flush(s, PLACE_T0 + 61000, &r, 1), RC_OK);
    ck_assert_uint_eq(s->last_seq, 2);
    store_close(s);
    ck_assert_int_eq(place_int(&place, "SELECT group_concat(seq) = '1,2' FROM energy"), 1);
}
END_TEST

START_TEST(a_reading_of_the_same_time_is_stored_once)
{
    struct store *s = place_open(&place, PLACE_T0);
    struct reading *r[] = {place_energy(0, PLACE_T0, 1, 2, 3, 4), place_energy(0, PLACE_T0, 1, 2, 3, 4)};
    ck_assert_int_eq(place_flush(s, PLACE_T0, r, 2), RC_OK);
    ck_assert_uint_eq(s->last_seq, 1);
    store_close(s);
}
END_TEST

START_TEST(files_are_for_the_group_and_the_lock_names_the_owner)
{
    static const char *const names[] = {"m.db", "m.db-wal", "m.db-shm", "m.db-seq", "m.db-lock"};
    umask(077);
    struct store *s = place_open(&place, PLACE_T0), *second = NULL;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct stat st;
        ck_assert_msg(stat(scratch_path(names[i]), &st) == 0, "%s", names[i]);
        ck_assert_msg((st.st_mode & 07777) == 0640, "%s: %o", names[i], st.st_mode & 07777);
    }
    char why[STORE_WHY_SIZE], want[64];
    snprintf(want, sizeof want, "held by another daemon: process %ld", (long)getpid());
    ck_assert_int_eq(store_open(&place.settings, PLACE_T0, &second, why), RC_BUSY);
    ck_assert_str_eq(why, want);
    char other[128];
    snprintf(other, sizeof other, "%s", scratch_path("link.db"));
    ck_assert_int_eq(_i == 0 ? symlink("m.db", other) : link(place.path, other), 0);
    place.settings.database.path = other;
    ck_assert_int_eq(store_open(&place.settings, PLACE_T0, &second, why), RC_BUSY);
    ck_assert_str_eq(why, want);
    store_close(s);
}
END_TEST

START_TEST(its_directory_is_made_for_the_group)
{
    umask(077);
    char path[128];
    snprintf(path, sizeof path, "%s/m.db", scratch_path("made"));
    place.settings.database.path = path;
    store_close(place_open(&place, PLACE_T0));
    struct stat st;
    ck_assert_int_eq(stat(scratch_path("made"), &st), 0);
    ck_assert_int_eq(st.st_mode & 07777, 02750);
}
END_TEST

/* Rule 7: the high-water file remembers what the database forgot. */
START_TEST(a_database_behind_its_mark_names_the_lost_range)
{
    struct store *s = place_open(&place, PLACE_T0);
    struct reading *r[] = {place_energy(0, PLACE_T0, 1, 2, 3, 4), place_energy(1, PLACE_T0, 1, 2, 3, 4)};
    ck_assert_int_eq(place_flush(s, PLACE_T0, r, 2), RC_OK);
    ck_assert_int_eq(highwater_write(&s->mark, s->ledger_id, 7), RC_OK);
    store_close(s);
    s = place_open(&place, PLACE_T0 + 5000);
    ck_assert_uint_eq(s->last_seq, 8);
    ck_assert_uint_eq(s->mark.seq, 8);
    ck_assert(ackset_has(&s->acked, 3) && ackset_has(&s->acked, 7) && !ackset_has(&s->acked, 2));
    char want[200];
    snprintf(want, sizeof want,
             "{\"ledger\":\"%s\",\"seq\":8,\"ts\":\"2026-11-01T00:00:05.000Z\",\"gap\":{\"from\":3,\"to\":7,"
             "\"reason\":\"damage\"}}",
             s->ledger_id);
    ck_assert_str_eq(place_text(&place, "SELECT payload FROM ledger WHERE kind = 'gap'"), want);
    ck_assert_str_eq(place_text(&place, "SELECT topic FROM ledger WHERE kind = 'gap'"),
                     "meterfleet/site-a/history");
    ck_assert_int_eq(place_int(&place, "SELECT count(*) FROM event WHERE kind = 'ledger_gap'"), 1);
    store_close(s);
    s = place_open(&place, PLACE_T0 + 6000); /* said once */
    ck_assert_uint_eq(s->last_seq, 8);
    store_close(s);
}
END_TEST

START_TEST(a_backup_begins_a_ledger_of_its_own_and_keeps_what_it_has)
{
    struct store *s = place_open(&place, PLACE_T0);
    char first[9];
    strcpy(first, s->ledger_id);
    struct reading *r = place_energy(0, PLACE_T0, 1, 2, 3, 4);
    ck_assert_int_eq(place_flush(s, PLACE_T0, &r, 1), RC_OK);
    ck_assert_int_eq(db_exec(&s->db, "UPDATE store_state SET is_backup = 1"), RC_OK);
    store_close(s);
    s = place_open(&place, PLACE_T0 + 1000);
    ck_assert_str_ne(s->ledger_id, first);
    ck_assert_uint_eq(s->last_seq, 0);
    r = place_energy(0, PLACE_T0 + 61000, 2, 2, 3, 4);
    ck_assert_int_eq(place_flush(s, PLACE_T0 + 61000, &r, 1), RC_OK);
    store_close(s);
    ck_assert_int_eq(
        place_int(&place, "SELECT count(DISTINCT ledger) * 10 + count(*) FROM energy WHERE seq = 1"), 22);
}
END_TEST

START_TEST(a_foreign_or_newer_file_stays_as_it_is)
{
    struct store *s = place_open(&place, PLACE_T0);
    ck_assert_int_eq(db_execf(&s->db, "PRAGMA %s", _i == 0 ? "application_id = 5" : "user_version = 99"),
                     RC_OK);
    store_close(s);
    unlink(scratch_path("m.db-lock"));
    char before[200], after[200], why[STORE_WHY_SIZE];
    snprintf(before, sizeof before, "cd %s && sha256sum * > ../mf-before-%ld", scratch_dir, (long)getpid());
    snprintf(after, sizeof after,
             "cd %s && sha256sum * | cmp -s - ../mf-before-%ld; rc=$?; rm ../mf-before-%ld; exit $rc",
             scratch_dir, (long)getpid(), (long)getpid());
    ck_assert_int_eq(system(before), 0);
    ck_assert_int_eq(store_open(&place.settings, PLACE_T0, &s, why), _i == 0 ? RC_FOREIGN : RC_NEWER);
    ck_assert_int_eq(system(after), 0);
    ck_assert_str_eq(why, _i == 0 ? "not a database of this program"
                                  : "made by a newer version of this program: its version is 99, ours 2");
}
END_TEST

START_TEST(a_read_only_directory_is_said_in_one_line)
{
    if (geteuid() == 0)
        return; /* nothing is read-only for root */
    struct store *s;
    char why[STORE_WHY_SIZE];
    chmod(scratch_dir, 0500);
    ck_assert_int_eq(store_open(&place.settings, PLACE_T0, &s, why), RC_DENIED);
    chmod(scratch_dir, 0700);
    ck_assert_ptr_nonnull(strstr(why, "Permission denied"));
}
END_TEST

START_TEST(removed_file_is_noticed_before_anything_is_written_into_it)
{
    struct store *s = place_open(&place, PLACE_T0);
    unlink(place.path);
    struct reading *r = place_energy(0, PLACE_T0, 1, 2, 3, 4);
    ck_assert_int_eq(place_flush(s, PLACE_T0, &r, 1), RC_NOTFOUND);
    store_close(s);
}
END_TEST

START_TEST(what_is_pruned_before_the_broker_had_it_is_named)
{
    struct store *s = place_open(&place, PLACE_T0);
    struct reading *r[10];
    for (int i = 0; i < 10; i++)
        r[i] = i == 4 ? place_live(0, PLACE_T0 + i, 230000)
                      : place_energy(0, PLACE_T0 + i * 61000, i + 1, 2, 3, 4);
    ck_assert_int_eq(place_flush(s, PLACE_T0, r, 10), RC_OK);
    struct ackset acked = {0};
    ackset_add_span(&acked, 1, 2); /* 3 and 4 were not acknowledged, 6 neither */
    ackset_add(&acked, 5);
    struct store_batch b = {.now_utc_ms = PLACE_T0 + place.settings.database.keep_energy_ms + 6 * 61000 + 1,
                            .clock_right = true,
                            .prune = true,
                            .acked = &acked};
    ck_assert_int_eq(store_flush(s, &b), RC_OK);
    ck_assert(b.lost);
    ck_assert_int_eq(place_int(&place, "SELECT min(seq) FROM energy"), 7);
    ck_assert_int_eq(place_int(&place, "SELECT count(*) FROM live"), 0);
    ck_assert_str_eq(
        place_text(&place, "SELECT group_concat(json_extract(payload, '$.gap'), ' ') FROM ledger WHERE kind ="
                           " 'gap'"),
        "{\"from\":3,\"to\":4,\"reason\":\"retention\"} {\"from\":6,\"to\":6,\"reason\":\"retention\"}");
    ck_assert_uint_eq(ackset_contiguous(&s->acked), 6);
    struct ledger_reader *reader;
    uint64_t from, to;
    char reason[16];
    ck_assert_int_eq(ledger_reader_open(place.path, &reader), RC_OK);
    ck_assert_int_eq(ledger_reader_gap(reader, 4, &from, &to, reason), RC_OK);
    ck_assert(from == 3 && to == 4 && strcmp(reason, "retention") == 0);
    ck_assert_int_eq(ledger_reader_gap(reader, 2, &from, &to, reason), RC_NOTFOUND);
    ck_assert_int_eq(ledger_reader_gap(reader, 5, &from, &to, reason), RC_NOTFOUND);
    ledger_reader_close(reader);
    store_close(s);
}
END_TEST

START_TEST(how_line_and_meters_did_is_kept)
{
    struct store *s = place_open(&place, PLACE_T0);
    struct board *board;
    ck_assert_int_eq(board_new(1, PLACE_METERS, &board), RC_OK);
    board_set_bus(board, 0,
                  &(struct board_bus){.wire = {.ok = 90, .timeout = 7, .missed = 2},
                                      .rtt_p50_ms = 80,
                                      .rtt_p99_ms = 120,
                                      .wire_ns = {[CLASS_LIVE] = 2000000000, [CLASS_ENERGY] = 1000000000},
                                      .dead_ns = 2000000000,
                                      .elapsed_ns = 10000000000,
                                      .counted_utc_ms = PLACE_T0 - 590000}); /* a clock at 60 times */
    board_set_meter(
        board, 1,
        &(struct board_meter){
            .wire = {.ok = 90, .retried = 3}, .rtt_p50_ms = 70, .rtt_p99_ms = 110, .wire_ns = 2500000000});
    struct store_batch b = {
        .now_utc_ms = PLACE_T0 + 10000, .clock_right = true, .save_stats = true, .board = board};
    ck_assert_int_eq(store_flush(s, &b), RC_OK);
    ck_assert_str_eq(
        place_text(&place, "SELECT bus || since || ' ' || ok || ' ' || timeout || ' ' || missed || ' ' ||"
                           " rtt_p50_ms || ' ' || rtt_p99_ms || ' ' || wire_share FROM bus_stats"),
        "north2026-10-31T23:50:10.000Z 90 7 2 80 120 0.5");
    ck_assert_str_eq(place_text(&place,
                                "SELECT meter || ts || ' ' || ok || ' ' || retried || ' ' || rtt_p50_ms ||"
                                " ' ' || rtt_p99_ms || ' ' || wire_share FROM meter_stats"
                                " WHERE meter = 'flat-2'"),
                     "flat-22026-11-01T00:00:10.000Z 90 3 70 110 0.25");
    ck_assert_int_eq(place_int(&place, "SELECT rtt_p50_ms IS NULL AND wire_share = 0 FROM meter_stats"
                                       " WHERE meter = 'flat-1'"),
                     1); /* never answered */
    board_free(board);
    store_close(s);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *s = suite_create("store");
    TCase *t = tcase_create("store");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, readings_come_out_of_the_views_digit_by_digit);
    tcase_add_test(t, three_phase_values_stand_in_the_same_row);
    tcase_add_test(t, numbers_go_on_after_a_restart);
    tcase_add_test(t, a_reading_of_the_same_time_is_stored_once);
    tcase_add_loop_test(t, files_are_for_the_group_and_the_lock_names_the_owner, 0, 2);
    tcase_add_test(t, its_directory_is_made_for_the_group);
    tcase_add_test(t, a_database_behind_its_mark_names_the_lost_range);
    tcase_add_test(t, a_backup_begins_a_ledger_of_its_own_and_keeps_what_it_has);
    tcase_add_loop_test(t, a_foreign_or_newer_file_stays_as_it_is, 0, 2);
    tcase_add_test(t, a_read_only_directory_is_said_in_one_line);
    tcase_add_test(t, removed_file_is_noticed_before_anything_is_written_into_it);
    tcase_add_test(t, what_is_pruned_before_the_broker_had_it_is_named);
    tcase_add_test(t, how_line_and_meters_did_is_kept);
    suite_add_tcase(s, t);
    return s;
}
