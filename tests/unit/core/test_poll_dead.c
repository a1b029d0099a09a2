#include <string.h>
#include "fake/fake_bus_time.h"
#include "unit_main.h"

START_TEST(dead_meters_do_not_hold_up_the_first_energy)
{
    begin(32, shipped);
    for (size_t i = 0; i < 8; i++)
        dead[i * 4] = true;
    run_ms(8 * DEAD_MS + 24 * COST_MS + 500);
    for (size_t i = 0; i < 32; i++)
        ck_assert_uint_eq(done[i][CLASS_ENERGY], dead[i] ? 0 : 1);
    run_ms(120000);
    ck_assert_uint_gt(total[CLASS_SETTLEMENT], 20); /* and the sweeps begin in spite of them */
}
END_TEST

START_TEST(dead_meters_get_their_share_and_no_more)
{
    begin(32, greedy);
    run_ms(100000);
    uint64_t before = total[CLASS_LIVE] + total[CLASS_ENERGY];
    run_ms(600000);
    uint64_t healthy = total[CLASS_LIVE] + total[CLASS_ENERGY] - before;
    for (size_t i = 0; i < 4; i++)
        dead[7 * i] = true;
    run_ms(900000); /* until they are offline */
    before = total[CLASS_LIVE] + total[CLASS_ENERGY];
    dead_ms = 0;
    run_ms(600000);
    uint64_t now_done = total[CLASS_LIVE] + total[CLASS_ENERGY] - before;
    ck_assert_int_le(dead_ms, 600000 * 3 / 100 + 2 * DEAD_MS);
    ck_assert_uint_ge(now_done * 1000, healthy * 969); /* and all the rest is used: 97 % less a probe */
    ck_assert_int_eq(poll_plan_state(plan, 7)->status, METER_OFFLINE);
}
END_TEST

static int64_t return_time(size_t n_dead, const uint32_t periods[CLASS_COUNT])
{
    begin(32, periods);
    run_ms(30000);
    for (size_t i = 0; i < n_dead; i++)
        dead[i] = true;
    run_ms(3000000);
    ck_assert_int_eq(poll_plan_state(plan, 0)->status, METER_OFFLINE);
    dead[0] = false;
    int64_t before = now.mono_ms;
    last_ms[0][CLASS_ENERGY] = 0;
    while (last_ms[0][CLASS_ENERGY] == 0)
        run_ms(1);
    return now.mono_ms - before;
}

START_TEST(a_meter_that_returns_is_read_soon)
{
    ck_assert_int_le(return_time(4, greedy), 60000);
    teardown();
    ck_assert_int_le(return_time(16, greedy), 185000);
    teardown();
    ck_assert_int_le(return_time(32, shipped), 50000); /* the wire is free: nobody else needs it */
    ck_assert_int_eq(poll_plan_state(plan, 0)->status, METER_ONLINE);
    uint64_t sweeps = done[0][CLASS_SETTLEMENT];
    run_ms(90000);
    ck_assert_uint_eq(done[0][CLASS_SETTLEMENT], sweeps + 2); /* its settlement too, twice */
}
END_TEST

START_TEST(when_all_are_dead_one_is_asked_every_two_seconds)
{
    begin(32, shipped);
    memset(dead, 1, sizeof dead);
    run_ms(1200000);
    probes = 0;
    run_ms(600000);
    ck_assert_uint_ge(probes, 300);
    ck_assert_uint_le(probes, 600);
}
END_TEST

START_TEST(what_passed_while_it_was_away_is_missed)
{
    static const uint32_t energy[CLASS_COUNT] = {[CLASS_ENERGY] = 60000};
    begin(4, energy);
    run_ms(600000);
    ck_assert_uint_eq(missed, 0);
    uint64_t before = done[1][CLASS_ENERGY], others = done[2][CLASS_ENERGY];
    dead[1] = true;
    run_ms(1800000);
    uint64_t seen_in_time = missed;
    ck_assert_uint_ge(seen_in_time, 27); /* counted as it passes, not only when the meter is there again */
    dead[1] = false;
    run_ms(600000);
    ck_assert_uint_ge(done[1][CLASS_ENERGY], before + 9);
    ck_assert_uint_ge(missed, 29);
    ck_assert_uint_le(missed, 31);
    ck_assert_uint_ge(done[2][CLASS_ENERGY], others + 39);
}
END_TEST

START_TEST(a_probe_is_brief_only_once_the_meter_is_stale)
{
    struct poll_job job;
    struct poll_now wake;
    unsigned brief = 0, full = 0;
    begin(1, shipped);
    run_ms(100000);
    dead[0] = true;
    while (full + brief < 40) {
        size_t changed;
        while (poll_plan_tick(plan, now, &changed))
            ;
        if (!poll_plan_next(plan, now, &job, &wake)) {
            pass(10);
            continue;
        }
        if (job.probe && poll_plan_state(plan, 0)->status < METER_STALE)
            ck_assert(!job.brief);
        else if (job.probe && job.brief)
            brief++;
        else if (job.probe)
            full++;
        else
            ck_assert(!job.brief);
        pass(DEAD_MS);
        poll_plan_result(plan, &job, POLL_SILENT, DEAD_MS * 1000000LL, now);
    }
    ck_assert_uint_ge(full, 9); /* it may have become slower */
    ck_assert_uint_ge(brief, 25);
}
END_TEST

START_TEST(a_failed_meter_is_left_alone_for_a_while)
{
    struct poll_job job, next;
    struct poll_now wake;
    begin(2, shipped);
    ck_assert(poll_plan_next(plan, now, &job, &wake));
    poll_plan_result(plan, &job, POLL_DONE, 0, now);
    poll_plan_order(plan, job.meter, CLASS_LIVE);
    ck_assert(poll_plan_next(plan, now, &next, &wake));
    ck_assert(next.meter == job.meter && next.klass == CLASS_LIVE); /* who waits goes first */
    struct poll_verdict v = poll_plan_result(plan, &next, POLL_SILENT, 0, now);
    ck_assert(v.retry && !v.failed);
    ck_assert(poll_plan_held(plan, job.meter, now));
    for (int i = 0; i < 999; i++) {
        pass(1);
        struct poll_job other;
        if (poll_plan_next(plan, now, &other, &wake)) {
            ck_assert_uint_ne(other.meter, job.meter);
            poll_plan_result(plan, &other, POLL_DONE, 0, now);
        }
    }
    pass(1);
    ck_assert(poll_plan_next(plan, now, &next, &wake));
    ck_assert(next.meter == job.meter && next.klass == CLASS_LIVE);
    for (int i = 0; i < 2; i++) {
        v = poll_plan_result(plan, &next, POLL_SILENT, 0, now);
        ck_assert(v.failed == (i == 1));
        pass(1000);
    }
}
END_TEST

START_TEST(what_is_absent_is_asked_again_when_it_was_away)
{
    struct poll_job job;
    struct poll_now wake;
    begin(1, shipped);
    n_asked = 1; /* by the lines below */
    for (int i = 0; i < 10; i++) {
        ck_assert(poll_plan_next(plan, now, &job, &wake));
        poll_plan_result(plan, &job, job.klass == CLASS_RELAY ? POLL_ABSENT_QUIET : POLL_ABSENT, 0, now);
        pass(1500);
        if (job.klass == CLASS_RELAY)
            break;
    }
    ck_assert_int_eq(poll_plan_state(plan, 0)->polls,
                     0); /* silence about a relay is no silence of the meter */
    run_ms(3500000);
    ck_assert_uint_eq(total[CLASS_RELAY], 0);
    run_ms(200000);
    ck_assert_uint_ge(total[CLASS_RELAY], 1); /* once more: it may have been noise */
}
END_TEST

/* Answers everything but energy, which it refuses until `until_ms`; the rest of the time it gives it. */
static unsigned refuse_energy(int64_t until_ms)
{
    struct poll_job job;
    struct poll_now wake;
    unsigned asked = 0;
    while (now.mono_ms < until_ms) {
        if (!poll_plan_next(plan, now, &job, &wake)) {
            pass(100);
            continue;
        }
        bool no = job.klass == CLASS_ENERGY;
        asked += no;
        pass(COST_MS);
        missed += poll_plan_result(plan, &job, no ? POLL_NOREG : POLL_DONE, 0, now).missed;
    }
    return asked;
}

START_TEST(refused_energy_is_asked_again_and_its_periods_are_missed)
{
    static const uint32_t periods[CLASS_COUNT] = {[CLASS_ENERGY] = 60000, [CLASS_LIVE] = 15000};
    begin(1, periods);
    unsigned first = refuse_energy(now.mono_ms + 50000);
    ck_assert_uint_eq(first, 1);
    run_ms(30000); /* a few seconds of refusal at a start cost one period, not the meter's life */
    ck_assert_uint_eq(total[CLASS_ENERGY], 1);
    teardown();
    begin(1, periods);
    unsigned long_ago = refuse_energy(now.mono_ms + 86400000);
    ck_assert_uint_ge(long_ago, 24); /* hourly at least … */
    ck_assert_uint_le(long_ago, 32); /* … and hardly more: 1, 2, 4 … 60 min */
    ck_assert_int_eq(poll_plan_state(plan, 0)->status, METER_ONLINE);
    n_asked = 1; /* by those lines */
    run_ms(3700000);
    ck_assert_uint_ge(total[CLASS_ENERGY], 1);
    uint64_t periods_passed = (86400000 + 3700000) / 60000;
    ck_assert_uint_ge(missed + total[CLASS_ENERGY], periods_passed - 35); /* dither, one for each refusal */
    ck_assert_uint_le(missed + total[CLASS_ENERGY], periods_passed + 2);
}
END_TEST

START_TEST(a_refused_sweep_does_not_wait_for_the_next_day)
{
    static const uint32_t periods[CLASS_COUNT] = {[CLASS_SETTLEMENT] = 86400000, [CLASS_ENERGY] = 60000};
    struct poll_job job;
    struct poll_now wake;
    begin(1, periods);
    run_ms(1); /* its energy */
    do {
        ck_assert(poll_plan_next(plan, now, &job, &wake));
        pass(COST_MS);
        poll_plan_result(plan, &job, job.klass == CLASS_SETTLEMENT ? POLL_NOREG : POLL_DONE, 0, now);
    } while (job.klass != CLASS_SETTLEMENT);
    run_ms(61000);
    ck_assert_uint_eq(total[CLASS_SETTLEMENT], 1);
    run_ms(70000);
    ck_assert_uint_eq(total[CLASS_SETTLEMENT], 2); /* and the one that confirms it */
}
END_TEST

START_TEST(a_line_that_is_gone_misses_what_falls_due)
{
    static const uint32_t periods[CLASS_COUNT] = {[CLASS_LIVE] = 2000, [CLASS_ENERGY] = 3000};
    uint32_t passed = 0;
    begin(1, periods);
    run_ms(30000);
    ck_assert_uint_eq(missed, 0);
    poll_plan_line(plan, false, now);
    for (int i = 0; i < 80; i++) {
        pass(500);
        passed += poll_plan_passed(plan, 0, now);
    }
    ck_assert_uint_ge(passed,
                      30); /* of 20 live and 13 energy: what is due is not missed before its time is over */
    poll_plan_line(plan, true, now);
    uint64_t live = total[CLASS_LIVE], energy = total[CLASS_ENERGY];
    run_ms(12000);
    ck_assert_uint_le(missed + passed + total[CLASS_LIVE] - live + total[CLASS_ENERGY] - energy, 26 + 18 + 2);
    ck_assert_uint_ge(missed + passed + total[CLASS_LIVE] - live + total[CLASS_ENERGY] - energy, 26 + 17 - 2);
}
END_TEST

START_TEST(a_refusal_of_the_moment_is_a_missed_period)
{
    static const uint32_t periods[CLASS_COUNT] = {[CLASS_ENERGY] = 60000};
    struct poll_job job;
    struct poll_now wake;
    begin(1, periods);
    ck_assert(poll_plan_next(plan, now, &job, &wake));
    ck_assert_uint_eq(poll_plan_result(plan, &job, POLL_REFUSED, 0, now).missed, 1);
    run_ms(61000);
    ck_assert_uint_eq(total[CLASS_ENERGY], 1);
}
END_TEST

START_TEST(a_line_that_returns_is_asked_for_energy_first)
{
    begin(8, shipped);
    run_ms(200000);
    poll_plan_line(plan, false, now);
    pass(700000);
    size_t changed, n = 0;
    while (poll_plan_tick(plan, now, &changed))
        n++;
    ck_assert_uint_eq(n, 8);
    ck_assert_int_eq(poll_plan_state(plan, 3)->status, METER_OFFLINE);
    poll_plan_line(plan, true, now);
    order_n = 0;
    run_ms(8 * COST_MS);
    for (size_t i = 0; i < 8; i++)
        ck_assert_int_eq(order[i].klass, CLASS_ENERGY);
    ck_assert_int_eq(poll_plan_state(plan, 3)->status, METER_ONLINE);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *s = suite_create("poll_dead");
    TCase *t = tcase_create("poll_dead");
    tcase_add_checked_fixture(t, NULL, teardown);
    tcase_set_timeout(t, 60);
    tcase_add_test(t, dead_meters_do_not_hold_up_the_first_energy);
    tcase_add_test(t, dead_meters_get_their_share_and_no_more);
    tcase_add_test(t, a_meter_that_returns_is_read_soon);
    tcase_add_test(t, when_all_are_dead_one_is_asked_every_two_seconds);
    tcase_add_test(t, what_passed_while_it_was_away_is_missed);
    tcase_add_test(t, a_probe_is_brief_only_once_the_meter_is_stale);
    tcase_add_test(t, a_failed_meter_is_left_alone_for_a_while);
    tcase_add_test(t, what_is_absent_is_asked_again_when_it_was_away);
    tcase_add_test(t, refused_energy_is_asked_again_and_its_periods_are_missed);
    tcase_add_test(t, a_refused_sweep_does_not_wait_for_the_next_day);
    tcase_add_test(t, a_line_that_is_gone_misses_what_falls_due);
    tcase_add_test(t, a_refusal_of_the_moment_is_a_missed_period);
    tcase_add_test(t, a_line_that_returns_is_asked_for_energy_first);
    suite_add_tcase(s, t);
    return s;
}
