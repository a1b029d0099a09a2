#include <string.h>
#include "fake/fake_bus_time.h"
#include "unit_main.h"

/* Fifteen minutes around a boundary, for all meters alike. */
static void dense_in(int64_t from_ms, int64_t for_ms)
{
    for (size_t i = 0; i < setup.n_meters; i++)
        poll_plan_dense(plan, i, now.mono_ms + from_ms, now.mono_ms + from_ms + for_ms);
}

static void forget_gaps(void)
{
    memset(widest_ms, 0, sizeof widest_ms);
    memset(last_ms, 0, sizeof last_ms);
}

START_TEST(energy_is_dense_inside_of_the_span_and_only_there)
{
    begin(32, shipped);
    run_ms(300000);
    dense_in(600000, 840000);
    uint64_t before = total[CLASS_ENERGY];
    run_ms(599000);
    ck_assert_uint_le(total[CLASS_ENERGY] - before, 32 * 10);
    run_ms(14000);
    forget_gaps();
    before = done[5][CLASS_ENERGY];
    run_ms(826000);
    uint64_t got = done[5][CLASS_ENERGY] - before;
    ck_assert_uint_ge(got, 826 / 14);
    ck_assert_uint_le(got, 826 / 11 + 14);
    for (size_t i = 0; i < 32; i++)
        ck_assert_int_le(widest_ms[i][CLASS_ENERGY], 13000 + 64 * COST_MS);
    before = total[CLASS_ENERGY];
    run_ms(610000);
    ck_assert_uint_le(total[CLASS_ENERGY] - before, 32 * 11);
    ck_assert_uint_eq(missed, 0);
}
END_TEST

START_TEST(dense_reads_never_lock_to_the_minute)
{
    unsigned phases[12] = {0};
    begin(1, shipped);
    dense_in(0, 7200000);
    for (int i = 0; i < 600; i++) {
        uint64_t before = done[0][CLASS_ENERGY];
        while (done[0][CLASS_ENERGY] == before)
            run_ms(10);
        phases[last_ms[0][CLASS_ENERGY] / 5000 % 12]++;
    }
    for (int i = 0; i < 12; i++)
        ck_assert_uint_ge(phases[i], 20);
}
END_TEST

START_TEST(a_full_wire_has_no_room_for_dense_reads)
{
    begin(32, greedy);
    run_ms(60000);
    uint64_t before[2] = {total[CLASS_LIVE], total[CLASS_ENERGY]};
    run_ms(600000);
    uint64_t live = total[CLASS_LIVE] - before[0], energy = total[CLASS_ENERGY] - before[1];
    dense_in(0, 1200000);
    before[0] = total[CLASS_LIVE];
    before[1] = total[CLASS_ENERGY];
    run_ms(600000);
    ck_assert_uint_ge((total[CLASS_LIVE] - before[0]) * 1000, live * 995);
    ck_assert_uint_le((total[CLASS_ENERGY] - before[1]) * 1000, energy * 1005);
}
END_TEST

START_TEST(a_wire_nearly_full_misses_no_period_for_dense_reads)
{
    /* 32 x (live and energy) every 4.4 s: 95 % of the wire */
    static const uint32_t most[CLASS_COUNT] = {[CLASS_LIVE] = 4400, [CLASS_ENERGY] = 4400};
    begin(32, most);
    dense_in(0, 3600000);
    run_ms(3600000);
    ck_assert_uint_eq(missed, 0);
    for (size_t i = 0; i < 32; i++)
        ck_assert_uint_ge(done[i][CLASS_LIVE], 3600000 / 4400 - 2);
}
END_TEST

START_TEST(the_dead_are_not_asked_densely)
{
    begin(4, shipped);
    run_ms(100000);
    dense_in(0, 3600000);
    dead[2] = true;
    run_ms(1200000);
    dead_ms = 0;
    run_ms(600000);
    ck_assert_int_le(dead_ms / DEAD_MS, 17); /* its probes */
}
END_TEST

START_TEST(thousands_of_meters_on_a_full_wire_are_served_alike)
{
    /* Half a second for each of 2000 meters would need 260 s of wire a round: nobody gets his period, nobody
     * starves, and what is missed is counted. */
    static const uint32_t wish[CLASS_COUNT] = {[CLASS_LIVE] = 60000, [CLASS_ENERGY] = 60000};
    begin(MOST, wish);
    dense_in(0, 7200000);
    run_ms(7200000);
    uint64_t least = UINT64_MAX, most = 0, all = 0;
    for (size_t i = 0; i < MOST; i++)
        for (int c = CLASS_LIVE; c <= CLASS_ENERGY; c++) {
            least = done[i][c] < least ? done[i][c] : least;
            most = done[i][c] > most ? done[i][c] : most;
            all += done[i][c];
        }
    ck_assert_uint_ge(least, 25);
    ck_assert_uint_le(most, least + 3);
    uint64_t periods = (uint64_t)MOST * 2 * (7200000 / 60000);
    ck_assert_uint_ge(missed + all, periods * 96 / 100);
    ck_assert_uint_le(missed + all, periods * 101 / 100);
}
END_TEST

START_TEST(a_sweep_that_differs_is_read_again)
{
    begin(1, shipped);
    run_ms(4000000);
    uint64_t before = done[0][CLASS_SETTLEMENT];
    poll_plan_at(plan, 0, CLASS_SETTLEMENT, now.mono_ms);
    struct poll_job job;
    struct poll_now wake;
    while (!poll_plan_next(plan, now, &job, &wake) || job.klass != CLASS_SETTLEMENT)
        run_ms(100);
    run_ms(2000);
    ck_assert_uint_eq(done[0][CLASS_SETTLEMENT], before + 1);
    run_ms(62000);
    ck_assert_uint_eq(done[0][CLASS_SETTLEMENT], before + 2);
    poll_plan_order(plan, 0, CLASS_SETTLEMENT); /* somebody looks, and it is another */
    poll_plan_confirm(plan, 0);
    run_ms(2000);
    ck_assert_uint_eq(done[0][CLASS_SETTLEMENT], before + 3);
    run_ms(70000);
    ck_assert_uint_eq(done[0][CLASS_SETTLEMENT], before + 4);
    run_ms(3600000);
    ck_assert_uint_eq(done[0][CLASS_SETTLEMENT], before + 4);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *s = suite_create("poll_dense");
    TCase *t = tcase_create("poll_dense");
    tcase_add_checked_fixture(t, NULL, teardown);
    tcase_set_timeout(t, 60);
    tcase_add_test(t, energy_is_dense_inside_of_the_span_and_only_there);
    tcase_add_test(t, dense_reads_never_lock_to_the_minute);
    tcase_add_test(t, a_full_wire_has_no_room_for_dense_reads);
    tcase_add_test(t, a_wire_nearly_full_misses_no_period_for_dense_reads);
    tcase_add_test(t, the_dead_are_not_asked_densely);
    tcase_add_test(t, thousands_of_meters_on_a_full_wire_are_served_alike);
    tcase_add_test(t, a_sweep_that_differs_is_read_again);
    suite_add_tcase(s, t);
    return s;
}
