#include "fake/fake_bus_time.h"
#include "unit_main.h"

START_TEST(at_the_start_energy_of_everybody_comes_first)
{
    begin(32, shipped);
    run_ms(6000);
    for (size_t i = 0; i < 32; i++) {
        ck_assert_int_eq(order[i].klass, CLASS_ENERGY);
        ck_assert_int_ne(order[32 + i].klass, CLASS_SETTLEMENT);
    }
    run_ms(90000);
    for (size_t i = 0; i < 32; i++)
        ck_assert_uint_ge(done[i][CLASS_SETTLEMENT], 1);
}
END_TEST

START_TEST(even_a_slow_start_asks_everybody_before_the_first_sweep)
{
    begin(200, shipped);
    for (size_t i = 0; i < 200; i++)
        dead[i] = i % 4 != 0;
    run_ms(300000); /* play() looks */
    ck_assert_uint_gt(total[CLASS_SETTLEMENT], 0);
}
END_TEST

START_TEST(a_day_of_shipped_periods_misses_nothing)
{
    begin(32, shipped);
    run_ms(86400000);
    ck_assert_uint_eq(missed, 0);
    for (size_t i = 0; i < 32; i++) {
        ck_assert_uint_ge(done[i][CLASS_ENERGY], 86400 / 61 - 1);
        ck_assert_uint_le(done[i][CLASS_ENERGY], 86400 / 61 + 6);
        ck_assert_uint_ge(done[i][CLASS_LIVE], 86400 / 15 - 1);
        ck_assert_uint_ge(done[i][CLASS_SETTLEMENT], 2);
        ck_assert_uint_le(done[i][CLASS_SETTLEMENT], 3);
        ck_assert_int_le(widest_ms[i][CLASS_ENERGY], 61000 + 1000 + 3 * SWEEP_MS + 32 * COST_MS);
        ck_assert_int_le(widest_ms[i][CLASS_LIVE], 15000 + 3 * SWEEP_MS + 64 * COST_MS);
    }
}
END_TEST

START_TEST(energy_never_locks_to_the_minute)
{
    static const uint32_t minute[CLASS_COUNT] = {[CLASS_ENERGY] = 60000};
    unsigned phases[60] = {0}, hit = 0;
    begin(1, minute);
    for (int i = 0; i < 2000; i++) {
        run_ms(60000);
        phases[last_ms[0][CLASS_ENERGY] / 1000 % 60]++;
    }
    for (unsigned i = 0; i < 60; i++)
        hit += phases[i] > 0;
    ck_assert_uint_ge(hit, 20);
}
END_TEST

START_TEST(the_load_is_spread_over_the_period)
{
    static const uint32_t energy[CLASS_COUNT] = {[CLASS_ENERGY] = 60000};
    begin(60, energy);
    run_ms(120000);
    uint64_t before = total[CLASS_ENERGY];
    for (int i = 0; i < 6; i++) {
        run_ms(10000);
        uint64_t in_ten = total[CLASS_ENERGY] - before;
        ck_assert_msg(in_ten >= 7 && in_ten <= 13, "%llu of 60 in ten seconds", (unsigned long long)in_ten);
        before = total[CLASS_ENERGY];
    }
}
END_TEST

START_TEST(more_than_the_wire_allows_is_shared_fairly)
{
    begin(32, greedy);
    run_ms(600000);
    ck_assert_int_ge(busy_ms, 599900); /* no gap */
    uint64_t fair = requests / 64;
    for (size_t i = 0; i < 32; i++)
        for (int c = CLASS_LIVE; c <= CLASS_ENERGY; c++) {
            ck_assert_uint_ge(done[i][c], fair * 9 / 10);
            ck_assert_uint_le(done[i][c], fair * 11 / 10);
        }
    ck_assert_uint_gt(missed, 0);
}
END_TEST

START_TEST(rare_classes_do_not_starve_on_a_full_wire)
{
    uint32_t periods[CLASS_COUNT];
    memcpy(periods, shipped, sizeof periods);
    periods[CLASS_LIVE] = periods[CLASS_ENERGY] = 100;
    begin(32, periods);
    run_ms(300000);
    for (size_t i = 0; i < 32; i++) {
        ck_assert_uint_ge(done[i][CLASS_SETTLEMENT], 2);
        ck_assert_uint_ge(done[i][CLASS_RELAY], 4);
        ck_assert_uint_ge(done[i][CLASS_IDENTITY], 1);
        ck_assert_int_le(widest_ms[i][CLASS_ENERGY], 15000);
    }
}
END_TEST

START_TEST(a_sweep_is_not_interrupted_but_by_orders)
{
    struct poll_job job;
    struct poll_now wake;
    begin(4, shipped);
    do {
        ck_assert(poll_plan_next(plan, now, &job, &wake));
        pass(COST_MS);
        poll_plan_result(plan, &job, job.klass == CLASS_SETTLEMENT ? POLL_MORE : POLL_DONE, 0, now);
    } while (job.klass != CLASS_SETTLEMENT);
    size_t sweeping = job.meter;
    pass(200000); /* everything else is due by now */
    ck_assert(poll_plan_next(plan, now, &job, &wake));
    ck_assert(job.meter == sweeping && job.klass == CLASS_SETTLEMENT);
    poll_plan_order(plan, 3 - sweeping % 2, CLASS_DEMAND);
    ck_assert(poll_plan_next(plan, now, &job, &wake));
    ck_assert_int_eq(job.klass, CLASS_DEMAND);
}
END_TEST

START_TEST(settlement_instants_are_read_twice)
{
    begin(2, shipped);
    run_ms(4000000);
    uint64_t before = done[1][CLASS_SETTLEMENT];
    poll_plan_at(plan, 1, CLASS_SETTLEMENT, now.mono_ms + 100000);
    run_ms(99000);
    ck_assert_uint_eq(done[1][CLASS_SETTLEMENT], before);
    run_ms(3000);
    ck_assert_uint_eq(done[1][CLASS_SETTLEMENT], before + 1);
    run_ms(70000);
    ck_assert_uint_eq(done[1][CLASS_SETTLEMENT], before + 2);
    run_ms(3600000);
    ck_assert_uint_eq(done[1][CLASS_SETTLEMENT], before + 2);
}
END_TEST

START_TEST(a_pause_of_hours_brings_no_burst)
{
    begin(32, shipped);
    run_ms(300000);
    uint64_t before = requests;
    pass(36000000); /* suspended for ten hours */
    run_ms(60000);
    ck_assert_uint_le(requests - before, 32 * 12);
}
END_TEST

START_TEST(thousands_of_meters_each_get_their_turn)
{
    static const uint32_t slow[CLASS_COUNT] = {[CLASS_LIVE] = 900000, [CLASS_ENERGY] = 900000};
    begin(MOST, slow);
    run_ms(3600000);
    for (size_t i = 0; i < MOST; i++) {
        ck_assert_uint_ge(done[i][CLASS_ENERGY], 3);
        ck_assert_uint_ge(done[i][CLASS_LIVE], 3);
    }
    ck_assert_uint_eq(missed, 0);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *s = suite_create("poll_plan");
    TCase *t = tcase_create("poll_plan");
    tcase_add_checked_fixture(t, NULL, teardown);
    tcase_set_timeout(t, 60);
    tcase_add_test(t, at_the_start_energy_of_everybody_comes_first);
    tcase_add_test(t, even_a_slow_start_asks_everybody_before_the_first_sweep);
    tcase_add_test(t, a_day_of_shipped_periods_misses_nothing);
    tcase_add_test(t, energy_never_locks_to_the_minute);
    tcase_add_test(t, the_load_is_spread_over_the_period);
    tcase_add_test(t, more_than_the_wire_allows_is_shared_fairly);
    tcase_add_test(t, rare_classes_do_not_starve_on_a_full_wire);
    tcase_add_test(t, a_sweep_is_not_interrupted_but_by_orders);
    tcase_add_test(t, settlement_instants_are_read_twice);
    tcase_add_test(t, a_pause_of_hours_brings_no_burst);
    tcase_add_test(t, thousands_of_meters_each_get_their_turn);
    suite_add_tcase(s, t);
    return s;
}
