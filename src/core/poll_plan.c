#include "core/poll_book.h"

#include <stdlib.h>
#include <string.h>
#include "core/rc.h"

#define ENERGY_DITHER_MS 1000  /* so that polls never lock to the meter's minute (DOMAIN 4.5) */
#define CONFIRM_MS       60000 /* between the two sweeps that must agree */
#define CONFIRM_DITHER   5000
#define STAGGER_MS       3000     /* between the sweeps of neighbours at the start, where the wire is full */
#define QUIET_FIRST_MS   3600000  /* a class that is not there is asked for once more … */
#define QUIET_MS         86400000 /* … and then once a day */
#define DOUBTS           3        /* implausible answers in a row that are read again at once */
#define DEFAULT_MS       61000    /* stands for a period that is off */

/* Any number in [-most, most]. */
static int64_t dither(struct poll_plan *p, int64_t most)
{
    return most <= 0 ? 0 : (int64_t)(poll_draw(p) % (uint64_t)(2 * most + 1)) - most;
}

static int64_t slack_ms(enum reg_class klass, uint32_t period_ms)
{
    static const uint32_t most[CLASS_COUNT] = {
        [CLASS_ENERGY] = 0,    [CLASS_LIVE] = 1000,      [CLASS_RELAY] = 5000,
        [CLASS_DEMAND] = 5000, [CLASS_IDENTITY] = 10000, [CLASS_SETTLEMENT] = 15000,
    };
    return period_ms < most[klass] ? period_ms : most[klass];
}

void poll_set_due(struct poll_book *m, enum reg_class klass, int64_t due_ms)
{
    m->items[klass].due_ms = due_ms;
    m->items[klass].deadline_ms = due_ms + slack_ms(klass, m->period_ms[klass]);
}

/* Due now, and before all that fell due meanwhile. */
static void set_urgent(struct poll_book *m, enum reg_class klass, int64_t now_ms)
{
    m->items[klass].due_ms = now_ms;
    m->items[klass].deadline_ms = klass == CLASS_ENERGY ? INT64_MIN : now_ms;
}

static uint32_t fastest_ms(const struct poll_book *m)
{
    uint32_t fastest = 0;
    for (int c = 0; c < CLASS_COUNT; c++)
        if (m->period_ms[c] != 0 && (fastest == 0 || m->period_ms[c] < fastest))
            fastest = m->period_ms[c];
    return fastest != 0 ? fastest : DEFAULT_MS;
}

static uint32_t energy_ms(const struct poll_book *m)
{
    return m->period_ms[CLASS_ENERGY] != 0 ? m->period_ms[CLASS_ENERGY] : fastest_ms(m);
}

static bool step(struct poll_book *m, enum meter_event event, struct poll_now now)
{
    return meter_state_step(&m->state, event, now.mono_ms, energy_ms(m));
}

int poll_plan_new(const struct poll_setup *setup, struct poll_now now, struct poll_plan **out)
{
    struct poll_plan *p = calloc(1, sizeof *p);
    if (p == NULL)
        return RC_NOMEM;
    p->meters = calloc(setup->n_meters + 1, sizeof *p->meters);
    if (p->meters == NULL) {
        free(p);
        return RC_NOMEM;
    }
    p->setup = *setup;
    p->setup.meters = NULL;
    p->random = setup->seed | 1;
    p->begin_ms = now.mono_ms;
    p->purse_at_ns = now.wire_ns;
    for (size_t i = 0; i < setup->n_meters; i++) {
        struct poll_book *m = &p->meters[i];
        memcpy(m->period_ms, setup->meters[i].period_ms, sizeof m->period_ms);
        for (int c = 0; c < CLASS_COUNT; c++) {
            poll_set_due(m, (enum reg_class)c, now.mono_ms);
            m->items[c].at_ms = POLL_NEVER;
        }
        m->items[CLASS_SETTLEMENT].deadline_ms += (int64_t)i * STAGGER_MS;
        m->items[CLASS_SETTLEMENT].again = true;
        m->asked = m->period_ms[CLASS_ENERGY] == 0;
        p->unasked += m->asked ? 0 : 1;
    }
    *out = p;
    return RC_OK;
}

void poll_plan_free(struct poll_plan *p)
{
    if (p == NULL)
        return;
    free(p->meters);
    free(p);
}

/* Sets the time after this one; returns the periods that were missed. */
static uint32_t next_period(struct poll_plan *p, size_t i, enum reg_class klass, struct poll_now now)
{
    struct poll_book *m = &p->meters[i];
    struct poll_entry *it = &m->items[klass];
    uint32_t period = m->period_ms[klass], missed = 0;
    bool called = it->at_ms <= now.mono_ms;
    it->begun = false;
    it->attempt = 0;
    if (called) {
        it->at_ms = POLL_NEVER;
        it->again = klass == CLASS_SETTLEMENT;
    }
    if (period == 0 || (it->due_ms > now.mono_ms && !called && !it->again))
        return 0; /* ordered between two periods: they stay where they are */
    int64_t due;
    if (it->again) {
        it->again = false;
        due = now.mono_ms + CONFIRM_MS + dither(p, CONFIRM_DITHER);
    } else if (!it->read) {
        it->read = true;
        due = p->begin_ms + (int64_t)period * (int64_t)(i + 1) / (int64_t)p->setup.n_meters;
        if (due <= now.mono_ms)
            due += (now.mono_ms - due) / period * period + period;
    } else {
        int64_t late = now.mono_ms > it->due_ms ? now.mono_ms - it->due_ms : 0;
        missed = late / period < UINT32_MAX ? (uint32_t)(late / period) : UINT32_MAX;
        due = it->due_ms + (int64_t)period * (1 + (int64_t)missed);
    }
    if (klass == CLASS_ENERGY)
        due += dither(p, period / 8 < ENERGY_DITHER_MS ? period / 8 : ENERGY_DITHER_MS);
    poll_set_due(m, klass, due > now.mono_ms ? due : now.mono_ms + 1);
    return missed;
}

/* What it should have been asked while it was away is missed, and its phases go on. */
static uint32_t pass_over(struct poll_book *m, int64_t now_ms)
{
    uint64_t missed = 0;
    for (int c = 0; c < CLASS_COUNT; c++) {
        struct poll_entry *it = &m->items[c];
        int64_t period = m->period_ms[c];
        if (period == 0 || now_ms - it->due_ms < period)
            continue;
        int64_t passed = (now_ms - it->due_ms) / period;
        missed += (uint64_t)passed;
        it->due_ms += passed * period;
        it->deadline_ms += passed * period;
    }
    return missed < UINT32_MAX ? (uint32_t)missed : UINT32_MAX;
}

/* It answers again: what is billed first, and everything it had not may be there now. */
static void returned(struct poll_book *m, const struct meter_state *was, struct poll_now now,
                     struct poll_verdict *v)
{
    if (was->polls == 0)
        return;
    v->missed = pass_over(m, now.mono_ms);
    set_urgent(m, CLASS_ENERGY, now.mono_ms);
    if (was->status != METER_STALE && was->status != METER_OFFLINE)
        return;
    set_urgent(m, CLASS_SETTLEMENT, now.mono_ms);
    m->items[CLASS_SETTLEMENT].again = true;
    poll_set_due(m, CLASS_RELAY, now.mono_ms);
    for (int c = 0; c < CLASS_COUNT; c++) {
        if (m->items[c].refused_wait_ms != 0 || m->items[c].quiet)
            poll_set_due(m, (enum reg_class)c, now.mono_ms);
    }
}

/* This period passes without a reading. */
static uint32_t without_reading(struct poll_plan *p, const struct poll_job *job, struct poll_now now)
{
    const struct poll_book *m = &p->meters[job->meter];
    bool due = m->period_ms[job->klass] != 0 && m->items[job->klass].due_ms <= now.mono_ms;
    return next_period(p, job->meter, job->klass, now) + (due ? 1 : 0);
}

static void silent(struct poll_plan *p, const struct poll_job *job, struct poll_now now,
                   struct poll_verdict *v)
{
    struct poll_book *m = &p->meters[job->meter];
    struct poll_entry *it = &m->items[job->klass];
    if (!job->probe && it->attempt < p->setup.retries) {
        it->attempt++;
        v->retry = true;
        if (m->state.status == METER_UNKNOWN && !it->ordered)
            it->deadline_ms = now.mono_ms + DOUBTS * 1000; /* first everybody else, once */
        return;
    }
    v->failed = true;
    v->changed = step(m, METER_FAILED, now);
    m->probe_ms = now.mono_ms + meter_state_probe_wait_ms(&m->state, fastest_ms(m), poll_draw(p));
    if (job->probe) {
        v->missed = pass_over(m, now.mono_ms);
        return;
    }
    it->ordered = false;
    v->missed = without_reading(p, job, now);
}

static void doubtful(struct poll_plan *p, const struct poll_job *job, struct poll_now now,
                     struct poll_verdict *v)
{
    struct poll_book *m = &p->meters[job->meter];
    struct poll_entry *it = &m->items[job->klass];
    it->begun = false;
    it->attempt = 0;
    if (it->doubts >= DOUBTS || (job->klass != CLASS_ENERGY && job->klass != CLASS_SETTLEMENT)) {
        it->doubts = 0;
        v->missed += without_reading(p, job, now);
        return;
    }
    it->doubts++;
    poll_set_due(m, job->klass, now.mono_ms + (job->klass == CLASS_ENERGY ? 1000 : CONFIRM_MS));
}

/* It does not seem to have this class; but noise, or a start, may have said so. */
static void leave_alone(struct poll_book *m, enum reg_class klass, struct poll_now now)
{
    struct poll_entry *it = &m->items[klass];
    it->begun = false;
    it->attempt = 0;
    poll_set_due(m, klass, now.mono_ms + (it->quiet ? QUIET_MS : QUIET_FIRST_MS));
    it->quiet = true;
}

static void answered(struct poll_plan *p, const struct poll_job *job, enum poll_result result,
                     struct poll_now now, struct poll_verdict *v)
{
    struct poll_book *m = &p->meters[job->meter];
    struct poll_entry *it = &m->items[job->klass];
    struct meter_state was = m->state;
    v->changed = step(m, METER_ANSWERED, now);
    returned(m, &was, now, v);
    if (job->probe)
        return;
    it->attempt = 0;
    if (result == POLL_MORE) {
        it->begun = true;
        return;
    }
    it->ordered = false;
    if (result == POLL_IMPLAUSIBLE) {
        doubtful(p, job, now, v);
        return;
    }
    it->doubts = 0;
    if (result == POLL_ABSENT) {
        leave_alone(m, job->klass, now);
        return;
    }
    it->quiet = false;
    if (result == POLL_NOREG) {
        v->missed += poll_refused(m, job->klass, now);
        return;
    }
    v->missed += poll_granted(it, m->period_ms[job->klass], now);
    v->missed +=
        result == POLL_REFUSED ? without_reading(p, job, now) : next_period(p, job->meter, job->klass, now);
}

struct poll_verdict poll_plan_result(struct poll_plan *p, const struct poll_job *job, enum poll_result result,
                                     int64_t cost_ns, struct poll_now now)
{
    struct poll_verdict v = {0};
    struct poll_book *m = &p->meters[job->meter];
    struct poll_entry *it = &m->items[job->klass];
    if (m->state.polls > 0)
        p->purse_ns = p->purse_ns > cost_ns ? p->purse_ns - cost_ns : 0;
    if (result == POLL_BROKEN) {
        it->begun = false;
        return v;
    }
    if (job->klass == CLASS_ENERGY && !m->asked) {
        m->asked = true;
        p->unasked--;
    }
    if (result == POLL_SILENT || result == POLL_ABSENT_QUIET)
        poll_plan_hold(p, job->meter, now);
    switch (result) {
    case POLL_SILENT:
        silent(p, job, now, &v);
        break;
    case POLL_ABSENT_QUIET:
        it->ordered = false;
        leave_alone(m, job->klass, now);
        break;
    default:
        answered(p, job, result, now, &v);
        break;
    }
    if (job->klass == CLASS_ENERGY && !v.retry)
        poll_dense_asked(p, m, now.mono_ms);
    return v;
}

void poll_plan_hold(struct poll_plan *p, size_t meter, struct poll_now now)
{
    int64_t until = now.wire_ns + (int64_t)p->setup.late_ms * 1000000;
    if (until > p->meters[meter].held_until_ns)
        p->meters[meter].held_until_ns = until;
}

void poll_plan_order(struct poll_plan *p, size_t meter, enum reg_class klass)
{
    p->meters[meter].items[klass].ordered = true;
}

void poll_plan_at(struct poll_plan *p, size_t meter, enum reg_class klass, int64_t due_mono_ms)
{
    struct poll_entry *it = &p->meters[meter].items[klass];
    it->at_ms = due_mono_ms;
    int64_t deadline = due_mono_ms == POLL_NEVER ? POLL_NEVER : due_mono_ms + slack_ms(klass, UINT32_MAX);
    if (deadline < it->deadline_ms)
        it->deadline_ms = deadline;
}

void poll_plan_confirm(struct poll_plan *p, size_t meter)
{
    p->meters[meter].items[CLASS_SETTLEMENT].again = true;
}

uint32_t poll_plan_passed(struct poll_plan *p, size_t meter, struct poll_now now)
{
    return pass_over(&p->meters[meter], now.mono_ms);
}

void poll_plan_line(struct poll_plan *p, bool there, struct poll_now now)
{
    for (size_t i = 0; i < p->setup.n_meters; i++) {
        struct poll_book *m = &p->meters[i];
        step(m, there ? METER_LINE_BACK : METER_LINE_LOST, now);
        for (int c = 0; c < CLASS_COUNT; c++) {
            m->items[c].begun = false;
            m->items[c].attempt = 0;
        }
        if (there && m->state.silent)
            set_urgent(m, CLASS_ENERGY, now.mono_ms);
    }
}

bool poll_plan_tick(struct poll_plan *p, struct poll_now now, size_t *meter)
{
    while (p->tick_at < p->setup.n_meters) {
        size_t i = p->tick_at++;
        if (step(&p->meters[i], METER_TICK, now)) {
            *meter = i;
            return true;
        }
    }
    p->tick_at = 0;
    return false;
}

const struct meter_state *poll_plan_state(const struct poll_plan *p, size_t meter)
{
    return &p->meters[meter].state;
}

bool poll_plan_held(const struct poll_plan *p, size_t meter, struct poll_now now)
{
    return p->meters[meter].held_until_ns > now.wire_ns;
}

int64_t poll_plan_next_probe(const struct poll_plan *p, size_t meter)
{
    return p->meters[meter].probe_ms;
}
