#include "fake/fake_bus_time.h"

#include <check.h>
#include <string.h>
#include "core/rc.h"

struct poll_plan *plan;
struct poll_now now;
static struct poll_meter setup_meters[MOST];
struct poll_setup setup;
bool dead[MOST];
static bool asked[MOST]; /* its energy */
size_t n_asked;
uint64_t done[MOST][CLASS_COUNT], total[CLASS_COUNT], probes, missed, requests;
int64_t last_ms[MOST][CLASS_COUNT], widest_ms[MOST][CLASS_COUNT], dead_ms, busy_ms;
static unsigned parts;
size_t order_n;
struct poll_job order[64]; /* the first jobs done */

void begin(size_t n, const uint32_t period_ms[CLASS_COUNT])
{
    memset(dead, 0, sizeof dead);
    memset(asked, 0, sizeof asked);
    n_asked = 0;
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

void teardown(void)
{
    poll_plan_free(plan);
    plan = NULL;
}

void pass(int64_t ms)
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
    if (job->klass == CLASS_ENERGY && !asked[job->meter]) {
        asked[job->meter] = true;
        n_asked++;
    }
    ck_assert(job->klass != CLASS_SETTLEMENT || n_asked == setup.n_meters); /* no sweep before that */
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

void run_ms(int64_t ms)
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

const uint32_t shipped[CLASS_COUNT] = {
    [CLASS_LIVE] = 15000,          [CLASS_ENERGY] = 61000,      [CLASS_DEMAND] = 300000,
    [CLASS_SETTLEMENT] = 86400000, [CLASS_IDENTITY] = 86400000, [CLASS_RELAY] = 60000};
const uint32_t greedy[CLASS_COUNT] = {[CLASS_LIVE] = 100, [CLASS_ENERGY] = 100};
