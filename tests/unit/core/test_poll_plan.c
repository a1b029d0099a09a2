#include <stdlib.h>
#include <string.h>
#include "core/poll_plan.h"
#include "core/rc.h"
#include "unit_main.h"

#define MOST     2000
#define COST_MS  65  /* an answered request */
#define SWEEP_MS 250 /* each of the three of a sweep */
#define DEAD_MS  325 /* an unanswered one */

/* A bus on a simulated clock: what the plan asks for takes its time and is answered by meters that are there.
 */
static struct poll_plan *plan;
static struct poll_now now;
static struct poll_meter setup_meters[MOST];
static struct poll_setup setup;
static bool dead[MOST];
static uint64_t done[MOST][CLASS_COUNT], total[CLASS_COUNT], probes, missed, requests;
static int64_t last_ms[MOST][CLASS_COUNT], widest_ms[MOST][CLASS_COUNT], dead_ms, busy_ms;
static unsigned parts;
static size_t order_n;
static struct poll_job order[64]; /* the first jobs done */

static void begin(size_t n, const uint32_t period_ms[CLASS_COUNT])
{
    memset(dead, 0, sizeof dead);
    memset(done, 0, sizeof done);
    memset(total, 0, sizeof total);
    memset(last_ms, 0, sizeof last_ms);
    memset(widest_ms, 0, sizeof widest_ms);
    probes = missed = requests = 0;
    dead_ms = busy_ms = 0;
    parts = 0;
    order_n = 0;
    for (size_t i = 0; i < n; i++)
        memcpy(setup_meters[i].period_ms, period_ms, sizeof setup_meters[i].period_ms);
    setup = (struct poll_setup){.meters = setup_meters,
                                .n_meters = n,
                                .retries = 2,
                                .late_ms = 1000,
                                .dead_share_bp = 300,
                                .probe_cost_ms = DEAD_MS,
                                .seed = 4711};
    now = (struct poll_now){5000, 77000000000};
    ck_assert_int_eq(poll_plan_new(&setup, now, &plan), RC_OK);
}

static void teardown(void)
{
    poll_plan_free(plan);
    plan = NULL;
}

static void pass(int64_t ms)
{
    now.mono_ms += ms;
    now.wire_ns += ms * 1000000;
}

static void book(const struct poll_job *job)
{
    int64_t *last = &last_ms[job->meter][job->klass], gap = now.mono_ms - *last;
    if (*last != 0 && gap > widest_ms[job->meter][job->klass])
        widest_ms[job->meter][job->klass] = gap;
    *last = now.mono_ms;
    done[job->meter][job->klass]++;
    total[job->klass]++;
    if (order_n < sizeof order / sizeof order[0])
        order[order_n++] = *job;
}

static struct poll_verdict play(const struct poll_job *job)
{
    requests++;
    if (dead[job->meter]) {
        pass(DEAD_MS);
        probes += job->probe;
        dead_ms += DEAD_MS;
        return poll_plan_result(plan, job, POLL_SILENT, DEAD_MS * 1000000LL, now);
    }
    bool more = job->klass == CLASS_SETTLEMENT && !job->probe && ++parts % 3 != 0;
    int64_t cost = job->klass == CLASS_SETTLEMENT ? SWEEP_MS : COST_MS;
    pass(cost);
    if (!job->probe && !more)
        book(job);
    return poll_plan_result(plan, job, more ? POLL_MORE : POLL_DONE, cost * 1000000, now);
}

static void run_ms(int64_t ms)
{
    int64_t end = now.mono_ms + ms;
    while (now.mono_ms < end) {
        struct poll_job job;
        struct poll_now wake;
        size_t changed;
        while (poll_plan_tick(plan, now, &changed))
            ;
        if (poll_plan_next(plan, now, &job, &wake)) {
            int64_t before = now.mono_ms;
            missed += play(&job).missed;
            busy_ms += now.mono_ms - before;
            continue;
        }
        int64_t wait = wake.mono_ms == INT64_MAX ? 1000 : wake.mono_ms - now.mono_ms;
        int64_t wait_wire =
            wake.wire_ns == INT64_MAX ? 1000 : (wake.wire_ns - now.wire_ns + 999999) / 1000000;
        wait = wait < wait_wire ? wait : wait_wire;
        ck_assert_int_gt(wait, 0); /* a plan that says "now" and has nothing would spin */
        pass(wait < 1000 ? wait : 1000);
    }
}

static const uint32_t shipped[CLASS_COUNT] = {
    [CLASS_LIVE] = 15000,          [CLASS_ENERGY] = 61000,      [CLASS_DEMAND] = 300000,
    [CLASS_SETTLEMENT] = 86400000, [CLASS_IDENTITY] = 86400000, [CLASS_RELAY] = 60000};
static const uint32_t greedy[CLASS_COUNT] = {[CLASS_LIVE] = 100, [CLASS_ENERGY] = 100};

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

START_TEST(what_is_absent_is_asked_again_when_it_was_away)
{
    struct poll_job job;
    struct poll_now wake;
    begin(1, shipped);
    for (int i = 0; i < 10; i++) {
        ck_assert(poll_plan_next(plan, now, &job, &wake));
        poll_plan_result(plan, &job, job.klass == CLASS_RELAY ? POLL_ABSENT_QUIET : POLL_ABSENT, 0, now);
        pass(1500);
        if (job.klass == CLASS_RELAY)
            break;
    }
    ck_assert_int_eq(poll_plan_state(plan, 0)->polls,
                     0); /* silence about a relay is no silence of the meter */
    run_ms(80000000);
    ck_assert_uint_eq(total[CLASS_RELAY], 0);
    run_ms(8000000);
    ck_assert_uint_ge(total[CLASS_RELAY], 1); /* a day later once more */
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
    tcase_add_test(t, dead_meters_do_not_hold_up_the_first_energy);
    tcase_add_test(t, a_day_of_shipped_periods_misses_nothing);
    tcase_add_test(t, energy_never_locks_to_the_minute);
    tcase_add_test(t, the_load_is_spread_over_the_period);
    tcase_add_test(t, more_than_the_wire_allows_is_shared_fairly);
    tcase_add_test(t, rare_classes_do_not_starve_on_a_full_wire);
    tcase_add_test(t, dead_meters_get_their_share_and_no_more);
    tcase_add_test(t, a_meter_that_returns_is_read_soon);
    tcase_add_test(t, when_all_are_dead_one_is_asked_every_two_seconds);
    tcase_add_test(t, a_failed_meter_is_left_alone_for_a_while);
    tcase_add_test(t, a_sweep_is_not_interrupted_but_by_orders);
    tcase_add_test(t, settlement_instants_are_read_twice);
    tcase_add_test(t, what_is_absent_is_asked_again_when_it_was_away);
    tcase_add_test(t, a_pause_of_hours_brings_no_burst);
    tcase_add_test(t, a_line_that_returns_is_asked_for_energy_first);
    tcase_add_test(t, thousands_of_meters_each_get_their_turn);
    suite_add_tcase(s, t);
    return s;
}
