/* poll_choice.c - the earliest deadline, and what dead meters may take of the wire. */
#include "core/poll_book.h"

/* Of all candidates the one with the lowest rank, then the earliest deadline, then energy before live. */
struct choice {
    bool found;
    int rank; /* 0 ordered, 1 begun, 2 due, 3 dense: only where nothing else is due */
    int64_t deadline_ms;
    struct poll_job job;
};

static const uint8_t class_order[CLASS_COUNT] = {
    [CLASS_ENERGY] = 0, [CLASS_LIVE] = 1,     [CLASS_RELAY] = 2,
    [CLASS_DEMAND] = 3, [CLASS_IDENTITY] = 4, [CLASS_SETTLEMENT] = 5,
};

static void offer(struct choice *best, int rank, int64_t deadline_ms, struct poll_job job)
{
    if (best->found) {
        if (rank != best->rank) {
            if (rank > best->rank)
                return;
        } else if (deadline_ms != best->deadline_ms) {
            if (deadline_ms > best->deadline_ms)
                return;
        } else if (class_order[job.klass] >= class_order[best->job.klass]) {
            return;
        }
    }
    *best = (struct choice){true, rank, deadline_ms, job};
}

static void sooner(int64_t *wake, int64_t t)
{
    if (t < *wake)
        *wake = t;
}

static void offer_item(const struct poll_plan *p, const struct poll_book *m, struct poll_now now,
                       struct poll_job job, struct choice *best, struct poll_now *wake)
{
    const struct poll_entry *it = &m->items[job.klass];
    if (it->ordered) {
        offer(best, 0, it->deadline_ms, job);
        return;
    }
    if (m->period_ms[job.klass] == 0 || m->state.polls > 0)
        return;
    if (it->begun) {
        offer(best, 1, it->deadline_ms, job);
        return;
    }
    if (job.klass == CLASS_SETTLEMENT && p->unasked > 0)
        return;
    int64_t due = it->at_ms < it->due_ms ? it->at_ms : it->due_ms;
    if (due <= now.mono_ms)
        offer(best, 2, it->deadline_ms, job);
    else
        sooner(&wake->mono_ms, due);
}

static void offer_dense(const struct poll_book *m, struct poll_now now, size_t i, struct choice *best,
                        struct poll_now *wake)
{
    const struct poll_entry *it = &m->items[CLASS_ENERGY];
    int64_t due = poll_dense_due(m, now.mono_ms);
    if (due == POLL_NEVER || m->period_ms[CLASS_ENERGY] == 0 || it->refused_wait_ms != 0 ||
        m->state.polls > 0)
        return;
    if (due <= now.mono_ms)
        offer(best, 3, due, (struct poll_job){.meter = i, .klass = CLASS_ENERGY});
    else
        sooner(&wake->mono_ms, due);
}

static struct poll_job probe_of(const struct poll_book *m, size_t i)
{
    bool brief = m->state.polls > METER_STALE_POLLS && m->state.polls % 4 != 0;
    return (struct poll_job){.meter = i, .klass = CLASS_ENERGY, .probe = true, .brief = brief};
}

static void refill(struct poll_plan *p, struct poll_now now)
{
    int64_t most = poll_probe_cost_ns(p), passed = now.wire_ns - p->purse_at_ns;
    if (passed <= 0)
        return;
    if (passed > INT64_MAX / 10000)
        passed = INT64_MAX / 10000;
    p->purse_ns += passed / 10000 * p->setup.dead_share_bp;
    p->purse_at_ns = now.wire_ns;
    if (p->purse_ns > most)
        p->purse_ns = most;
}

/* May a dead meter use the wire now? From the purse; or when nobody else needs it before the probe is over.
 */
static bool probe_allowed(struct poll_plan *p, struct poll_now now, bool others, struct poll_now *wake)
{
    if (p->purse_ns >= poll_probe_cost_ns(p))
        return true;
    if (!others && wake->mono_ms - now.mono_ms > p->setup.probe_cost_ms)
        return true;
    if (p->setup.dead_share_bp > 0)
        sooner(&wake->wire_ns,
               now.wire_ns + (poll_probe_cost_ns(p) - p->purse_ns) / p->setup.dead_share_bp * 10000 + 1);
    return false;
}

bool poll_plan_next(struct poll_plan *p, struct poll_now now, struct poll_job *job, struct poll_now *wake)
{
    struct choice best = {0}, probe = {0};
    *wake = (struct poll_now){POLL_NEVER, POLL_NEVER};
    int64_t probe_wake = POLL_NEVER;
    for (size_t i = 0; i < p->setup.n_meters; i++) {
        const struct poll_book *m = &p->meters[i];
        if (m->held_until_ns > now.wire_ns) {
            sooner(&wake->wire_ns, m->held_until_ns);
            continue;
        }
        for (int c = 0; c < CLASS_COUNT; c++)
            offer_item(p, m, now, (struct poll_job){.meter = i, .klass = (enum reg_class)c}, &best, wake);
        offer_dense(m, now, i, &best, wake);
        if (m->state.polls == 0)
            continue;
        if (m->probe_ms <= now.mono_ms)
            offer(&probe, 2, m->probe_ms, probe_of(m, i));
        else
            sooner(&probe_wake, m->probe_ms);
    }
    refill(p, now);
    bool first = probe.found &&
                 (!best.found || best.rank == 3 || (best.rank == 2 && probe.deadline_ms < best.deadline_ms));
    if (first && probe_allowed(p, now, best.found, wake))
        best = probe;
    sooner(&wake->mono_ms, probe_wake);
    if (best.found)
        *job = best.job;
    return best.found;
}
