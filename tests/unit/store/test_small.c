/* The small parts of the store: the high-water file, what waits in memory, the state of the checks as bytes.
 */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include "core/rc.h"
#include "place.h"
#include "scratch.h"
#include "store/highwater.h"
#include "store/intake.h"
#include "store/meter_checks.h"
#include "unit_main.h"

static void setup(void)
{
    scratch_make();
}

static void teardown(void)
{
    scratch_remove();
}

static struct highwater mark(void)
{
    struct highwater h;
    ck_assert_int_eq(highwater_open(scratch_path("seq"), &h), RC_OK);
    return h;
}

START_TEST(the_mark_is_remembered)
{
    struct highwater h = mark();
    ck_assert_str_eq(h.ledger, "");
    ck_assert(!h.damaged);
    for (uint64_t seq = 1; seq <= 5; seq++)
        ck_assert_int_eq(highwater_write(&h, "0123abcd", seq * 1000), RC_OK);
    highwater_close(&h);
    h = mark();
    ck_assert_str_eq(h.ledger, "0123abcd");
    ck_assert_uint_eq(h.seq, 5000);
    ck_assert_int_eq(highwater_write(&h, "ffffffff", 1), RC_OK); /* another ledger: the newer slot counts */
    highwater_close(&h);
    h = mark();
    ck_assert_str_eq(h.ledger, "ffffffff");
    ck_assert_uint_eq(h.seq, 1);
    highwater_close(&h);
}
END_TEST

/* Every length of a torn write over the slot that is written next: the other one stands. */
START_TEST(a_torn_write_costs_the_newer_slot_only)
{
    struct highwater h = mark();
    ck_assert_int_eq(highwater_write(&h, "0123abcd", 41), RC_OK); /* generation 1: the second slot */
    ck_assert_int_eq(highwater_write(&h, "0123abcd", 42), RC_OK); /* generation 2: the first */
    char slot[96];
    ck_assert_int_eq(pread(h.fd, slot, sizeof slot, 0), sizeof slot);
    for (size_t n = 0; n < strlen(slot); n++) {
        char torn[96];
        memset(torn, _i == 0 ? 0 : 'x', sizeof torn);
        memcpy(torn, slot, n);
        ck_assert_int_eq(pwrite(h.fd, torn, sizeof torn, 0), sizeof torn);
        struct highwater again = mark();
        ck_assert_str_eq(again.ledger, "0123abcd");
        ck_assert_uint_eq(again.seq, 41);
        highwater_close(&again);
    }
    for (size_t bit = 0; bit < strlen(slot) * 8; bit++) { /* and every flipped bit */
        char bad[96];
        memcpy(bad, slot, sizeof bad);
        bad[bit / 8] = (char)(bad[bit / 8] ^ (1 << (bit % 8)));
        ck_assert_int_eq(pwrite(h.fd, bad, sizeof bad, 0), sizeof bad);
        struct highwater again = mark();
        ck_assert_uint_eq(again.seq, 41);
        highwater_close(&again);
    }
    highwater_close(&h);
}
END_TEST

START_TEST(a_file_of_rubbish_is_said_and_written_over)
{
    int fd = open(scratch_path("seq"), O_CREAT | O_WRONLY, 0600);
    char rubbish[9000];
    memset(rubbish, _i == 0 ? 0 : 0xff, sizeof rubbish);
    ck_assert_int_eq(write(fd, rubbish, sizeof rubbish), sizeof rubbish);
    close(fd);
    struct highwater h = mark();
    ck_assert(h.damaged);
    ck_assert_int_eq(highwater_write(&h, "0123abcd", 9), RC_OK);
    highwater_close(&h);
    h = mark();
    ck_assert(!h.damaged && h.seq == 9);
    highwater_close(&h);
    ck_assert_int_eq(mkfifo(scratch_path("fifo"), 0600), 0);
    ck_assert_int_eq(highwater_open(scratch_path("fifo"), &h), RC_IO);
    ck_assert_int_eq(highwater_open(scratch_dir, &h), RC_IO);
}
END_TEST

START_TEST(when_memory_is_full_live_goes_first_and_then_the_oldest)
{
    struct intake in;
    intake_init(&in, PLACE_METERS);
    const int n = 60000; /* of each; more than fits */
    for (int i = 0; i < n; i++) {
        intake_add(&in, place_live(0, i, 230000));
        intake_add(&in, place_energy(1, i, i, 0, 0, 0));
    }
    ck_assert_uint_le(in.wait.bytes, INTAKE_BYTES + 1000);
    ck_assert_uint_gt(in.wait.n, 10000);
    ck_assert_uint_eq(in.lost.readings, 2u * (unsigned)n - in.wait.n);
    ck_assert_int_eq(in.lost.from_utc_ms, 0);
    const struct reading *newest = in.wait.v[in.wait.n - 1];
    ck_assert(newest->klass == CLASS_ENERGY && newest->taken_utc_ms == n - 1);
    size_t energies = 0;
    for (size_t i = 0; i < in.wait.n; i++)
        energies += in.wait.v[i]->klass == CLASS_ENERGY;
    ck_assert_uint_ge(energies, in.wait.n - 1);
    intake_stored(&in, in.wait.n);
    ck_assert_uint_eq(in.wait.bytes, 0);
    intake_done(&in);
}
END_TEST

START_TEST(readings_of_an_unknown_flush_are_never_dropped)
{
    struct intake in;
    intake_init(&in, PLACE_METERS);
    intake_add(&in, place_live(0, -2, 1));
    intake_add(&in, place_energy(1, -1, 1, 0, 0, 0));
    in.fixed = 2;
    for (int i = 0; i < 60000; i++)
        intake_add(&in, place_energy(1, i, i, 0, 0, 0));
    ck_assert(in.wait.v[0]->taken_utc_ms == -2 && in.wait.v[1]->taken_utc_ms == -1);
    intake_done(&in);
}
END_TEST

START_TEST(held_readings_are_thinned_to_one_in_15_minutes_for_24_hours)
{
    struct intake in;
    intake_init(&in, PLACE_METERS);
    const int64_t day = 86400000;
    for (int64_t t = 0; t < 3 * day; t += 61000) { /* three days without a clock */
        intake_hold(&in, place_energy(0, PLACE_T0 + t, t, 0, 0, 0));
        intake_hold(&in, place_energy(1, PLACE_T0 + t, t, 0, 0, 0));
    }
    ck_assert_uint_le(in.held.n, PLACE_METERS * INTAKE_HELD);
    int64_t now_mono = 3 * day, last[PLACE_METERS] = {0}, gap = 0;
    intake_release(&in, PLACE_T0 + 1000 * day, now_mono, false);
    ck_assert_uint_eq(in.held.n, 0);
    for (size_t i = 0; i < in.wait.n; i++) {
        const struct reading *r = in.wait.v[i];
        ck_assert_int_eq(r->taken_utc_ms, PLACE_T0 + 1000 * day - (now_mono - r->taken_mono_ms));
        ck_assert_int_eq(r->quality, QUALITY_OK);
        if (r->taken_mono_ms > 2 * day && last[r->meter] > 0 && r->taken_mono_ms - last[r->meter] > gap)
            gap = r->taken_mono_ms - last[r->meter];
        last[r->meter] = r->taken_mono_ms;
    }
    ck_assert_int_le(gap, 15 * 60000 + 61000);
    ck_assert_int_lt(in.wait.v[0]->taken_mono_ms, 2 * day + 61000);
    intake_done(&in);
}
END_TEST

START_TEST(state_of_the_checks_survives_as_bytes_or_is_refused)
{
    struct meter_checks c, back;
    unsigned char bytes[METER_CHECKS_BYTES];
    meter_checks_init(&c, false, true);
    struct sum_evidence why;
    for (int i = 1; i < 50; i++) {
        struct sum_row row = {.ts_ms = i * 1000, .value = {i * 17000, i * 17000, 0, 0, 0}};
        sum_check_add(&c.sum[0], &row, &why);
    }
    size_t n = meter_checks_save(&c, bytes);
    ck_assert_uint_eq(n, sizeof bytes);
    ck_assert_int_eq(meter_checks_load(bytes, n, &back), RC_OK);
    ck_assert_int_eq(memcmp(&c, &back, sizeof c), 0);
    ck_assert_int_eq(meter_checks_load(bytes, n - 1, &back), RC_PARSE);
    unsigned short seed[3] = {4, 5, 6};
    for (int k = 0; k < 20000; k++) { /* whatever the bytes are: refused, or usable without harm */
        unsigned char bad[METER_CHECKS_BYTES];
        memcpy(bad, bytes, n);
        for (int flips = 1 + k % 8; flips > 0; flips--)
            bad[(size_t)nrand48(seed) % n] = (unsigned char)nrand48(seed);
        if (meter_checks_load(bad, n, &back) == RC_OK) {
            struct sum_row row = {.ts_ms = 100000, .value = {1000000, 1000000, 0, 0, 0}};
            for (int i = 0; i < 3; i++, row.ts_ms++)
                sum_check_add(&back.sum[k % 2], &row, &why);
        }
    }
}
END_TEST

Suite *unit_suite(void)
{
    Suite *s = suite_create("store, small parts");
    TCase *t = tcase_create("small");
    tcase_set_timeout(t, 60);
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, the_mark_is_remembered);
    tcase_add_loop_test(t, a_torn_write_costs_the_newer_slot_only, 0, 2);
    tcase_add_loop_test(t, a_file_of_rubbish_is_said_and_written_over, 0, 2);
    tcase_add_test(t, when_memory_is_full_live_goes_first_and_then_the_oldest);
    tcase_add_test(t, readings_of_an_unknown_flush_are_never_dropped);
    tcase_add_test(t, held_readings_are_thinned_to_one_in_15_minutes_for_24_hours);
    tcase_add_test(t, state_of_the_checks_survives_as_bytes_or_is_refused);
    suite_add_tcase(s, t);
    return s;
}
