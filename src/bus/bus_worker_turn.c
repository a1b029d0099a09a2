/* bus_worker_turn.c - one request, and what comes of it: for the plan, the queue, the desk, the notice board.
 */
#include "bus/bus_worker_i.h"

#include <stdio.h>
#include <string.h>
#include "bus/trace_tap.h"
#include "bus/wait.h"
#include "core/rc.h"
#include "core/wire_time.h"

#define PLAN_AGAIN     64         /* answers, then its requests are planned by what it takes to answer */
#define CLOCK_STEP_MS  2000       /* as much moves the time at which counting began; slewing does not */
#define NOISE_PAUSE_NS 1000000000 /* a line that is never silent is tried again after so long */

void worker_post_meter(struct bus_worker *w, size_t i)
{
    struct post *p = &w->posts[i];
    const struct decode_rejects *r = &p->meter.rejects;
    p->notice.rejected = (struct reject_counters){r->not_a_number, r->range, r->zero};
    enum meter_status status = poll_plan_state(w->plan, i)->status;
    if (status != p->notice.status &&
        status != METER_UNKNOWN) { /* what is known stays until it is known better */
        p->notice.status = status;
        p->notice.status_since_utc_ms = clock_utc_ms();
    }
    board_set_meter(w->board, p->meter.index, &p->notice);
}

void worker_post_bus(struct bus_worker *w)
{
    int64_t now_ns = clock_wire_ns();
    w->notice.progress_wire_ns = now_ns;
    w->notice.elapsed_ns = (uint64_t)(now_ns - w->started_ns);
    int64_t counted = clock_utc_ms() - (clock_mono_ms() - w->started_mono_ms), was = w->notice.counted_utc_ms;
    if (counted - was > CLOCK_STEP_MS || was - counted > CLOCK_STEP_MS)
        w->notice.counted_utc_ms = counted; /* the first time, or the gateway's clock was set since */
    board_set_bus(w->board, w->index, &w->notice);
}

static int64_t cost_ns(const struct bus_worker *w, const struct exchange_reply *reply)
{
    return reply->sent_ns == 0 ? 0 : reply->done_ns - reply->sent_ns + line_silence_ns(w->line);
}

/* UARTs hand over characters in handfuls: the first may be old when we see it, so the last one is asked too.
 */
static uint32_t turnaround_us(const struct line *l, const struct exchange_request *q,
                              const struct exchange_reply *reply)
{
    int64_t by_first = reply->first_ns - reply->sent_ns - WIRE_REQUEST_CHARS * line_char_ns(l);
    int64_t by_last =
        reply->done_ns - reply->sent_ns - wire_exchange_ns(line_char_ns(l), 0, 0, q->function, q->count);
    int64_t ns = by_last > 0 && by_last < by_first ? by_last : by_first;
    return ns > 0 ? (uint32_t)(ns / 1000) : 0;
}

void worker_account(struct bus_worker *w, struct post *p, const struct poll_job *job,
                    const struct meter_state *before, const struct exchange_request *request, int rc,
                    const struct exchange_reply *reply)
{
    stats_count(&w->notice.wire, rc, reply);
    stats_count(&p->notice.wire, rc, reply);
    if (reply->sent_ns == 0)
        return;
    w->notice.requests++;
    uint64_t cost = (uint64_t)cost_ns(w, reply);
    if (before->polls > 0 || before->status == METER_STALE || before->status == METER_OFFLINE)
        w->notice.dead_ns += cost;
    else
        w->notice.wire_ns[job->klass] += cost;
    p->notice.wire_ns += cost;
    if (rc != RC_OK)
        return;
    rtt_add(&w->rtt, reply->done_ns - reply->sent_ns);
    rtt_add(&p->rtt, reply->done_ns - reply->sent_ns);
    uint32_t turn_us = turnaround_us(w->line, request, reply);
    uint32_t smooth = p->notice.turnaround_us;
    bus_meter_took(&p->meter, turn_us);
    p->notice.turnaround_us = smooth == 0 ? turn_us : smooth - smooth / 8 + turn_us / 8;
    if (++p->n_measured % PLAN_AGAIN == 0)
        p->plan_again = true;
}

/* The time this meter takes to answer decides what is worth reading along: between two jobs, by half a gap.
 */
static void plan_by_turnaround(const struct bus_worker *w, struct post *p)
{
    uint16_t gap = worker_gap_regs(w, (int64_t)p->notice.turnaround_us * 1000), now = p->meter.gap_regs;
    p->plan_again = false;
    if (gap > now + now / 2 || gap < now - now / 2)
        bus_meter_gap(&p->meter, gap);
}

void worker_leave_alone(struct bus_worker *w, const struct exchange_reply *reply)
{
    if (line_kind(w->line) == BUS_TCP)
        return; /* there every answer says which question it belongs to */
    struct poll_now now = worker_now();
    for (unsigned k = 0; k < reply->n_strangers; k++) {
        int i = w->post_of[reply->strangers[k]];
        if (i < 0)
            continue;
        struct post *p = &w->posts[i];
        if (p->meter.late) {
            p->notice.wire.late++;
            w->notice.wire.late++;
        }
        p->meter.late = true;
        poll_plan_hold(w->plan, (size_t)i, now);
    }
}

static void hand_over(struct bus_worker *w, size_t i, struct reading *r)
{
    struct post *p = &w->posts[i];
    if (r->klass == CLASS_ENERGY)
        p->notice.energy_utc_ms = r->taken_utc_ms;
    if (r->klass == CLASS_LIVE)
        p->notice.live_utc_ms = r->taken_utc_ms;
    if (r->klass == CLASS_RELAY) {
        p->notice.relay = r->values[0].value != 0;
        p->notice.relay_utc_ms = r->taken_utc_ms;
        relay_was_read(w, i, r);
    }
    if (r->klass == CLASS_SETTLEMENT) {
        bool moved = bus_meter_unsettled(&p->meter, r);
        settle_watch_read(&p->settle, r->taken_mono_ms, moved);
        w->calendar_mono_ms = 0; /* the next sweep is planned when this one is concluded */
        if (moved)
            poll_plan_confirm(w->plan, i);
    }
    if (r->text[0] != '\0')
        memcpy(p->notice.serial, r->text, sizeof p->notice.serial);
    desk_answer(&w->desk, p->meter.index, r->klass, r, RC_OK);
    rqueue_push(w->out, r);
}

static int desk_rc(enum poll_result result, int rc)
{
    switch (result) {
    case POLL_REFUSED:
        return RC_REFUSED;
    case POLL_NOREG:
    case POLL_ABSENT:
    case POLL_ABSENT_QUIET:
        return RC_NOREG;
    case POLL_IMPLAUSIBLE:
        return RC_PARSE;
    default:
        return rc;
    }
}

static void after_answer(struct bus_worker *w, size_t i)
{
    struct post *p = &w->posts[i];
    int64_t utc_ms = clock_utc_ms();
    if (p->notice.first_seen_utc_ms == 0)
        p->notice.first_seen_utc_ms = utc_ms;
    p->notice.last_seen_utc_ms = utc_ms;
    w->answered_ns = clock_wire_ns();
    voice_answered(w, i);
    p->silent_ns = 0;
}

static void after_silence(struct bus_worker *w, size_t i)
{
    struct post *p = &w->posts[i];
    if (p->silent_ns != 0)
        return;
    p->silent_ns = clock_wire_ns();
    p->silent_mono_ms = clock_mono_ms();
}

/* Tells plan, desk, log and board what the result means. */
static void conclude(struct bus_worker *w, const struct poll_job *job, enum poll_result result, int rc,
                     const struct exchange_reply *reply)
{
    size_t i = job->meter;
    struct post *p = &w->posts[i];
    struct poll_verdict v = poll_plan_result(w->plan, job, result, cost_ns(w, reply), worker_now());
    p->notice.wire.missed += v.missed;
    w->notice.wire.missed += v.missed;
    p->attempt = v.retry ? p->attempt + 1 : 0;
    p->notice.wire.retried += v.retry;
    w->notice.wire.retried += v.retry;
    if (result == POLL_SILENT) {
        after_silence(w, i);
        if (v.failed) {
            bus_meter_forget(&p->meter);
            voice_silent(w, i, job, rc);
        }
    } else if (result != POLL_BROKEN && result != POLL_ABSENT_QUIET) {
        after_answer(w, i);
    }
    if (result == POLL_NOREG || result == POLL_ABSENT || result == POLL_ABSENT_QUIET)
        voice_absent(w, i, job->klass, reply->exception);
    else if (result == POLL_DONE && !job->probe)
        voice_granted(w, i, job->klass);
    bool open = result == POLL_DONE || result == POLL_MORE || result == POLL_BROKEN ||
                (result == POLL_SILENT && !v.failed);
    if (open || job->probe)
        return;
    desk_answer(&w->desk, p->meter.index, job->klass, NULL, desk_rc(result, rc));
    if (job->klass == CLASS_RELAY)
        relay_not_read(w, i, desk_rc(result, rc));
}

int worker_noisy(struct bus_worker *w)
{
    voice_noisy(w, true);
    int rc = wait_until(line_fd(w->line), w->stop_fd, clock_wire_ns() + NOISE_PAUSE_NS);
    return rc == RC_LINK || rc == RC_STOPPED ? rc : RC_OK;
}

static struct trace_tag tag_of(const struct post *p, const struct poll_job *job)
{
    enum trace_cause cause = job->probe                                     ? TRACE_PROBE
                             : p->meter.check                               ? TRACE_CHECK
                             : job->klass == CLASS_RELAY && p->relay.active ? TRACE_READ_BACK
                             : p->attempt > 0                               ? TRACE_RETRY
                                                                            : TRACE_POLL;
    return (struct trace_tag){p->meter.index, (uint8_t)job->klass, (uint8_t)cause, p->attempt};
}

int worker_turn(struct bus_worker *w, const struct poll_job *job)
{
    struct post *p = &w->posts[job->meter];
    struct exchange_request request;
    struct exchange_reply reply;
    struct reading *complete = NULL;
    const bool left_out = p->meter.left_out;
    int rc = bus_meter_request(&p->meter, job, clock_wire_ns(), &request);
    if (rc != RC_OK) /* no memory: the job stays due */
        return wait_until(line_fd(w->line), w->stop_fd, clock_wire_ns() + NOISE_PAUSE_NS) == RC_STOPPED
                   ? RC_STOPPED
                   : RC_OK;
    request.tag = tag_of(p, job);
    const struct meter_state before = *poll_plan_state(w->plan, job->meter);
    rc = exchange_run(w->line, &request, &reply);
    worker_account(w, p, job, &before, &request, rc, &reply);
    enum poll_result result = bus_meter_take(&p->meter, job, &request, &reply, rc, &complete);
    worker_leave_alone(w, &reply);
    if (result == POLL_IMPLAUSIBLE && trace_wanted(w->trace))
        trace_tap_heard(w->line, &request, &reply, TRACE_REFUSED, TRACE_FINE, NULL, 0, 0, reply.done_ns);
    if (complete != NULL && result == POLL_DONE) {
        hand_over(w, job->meter, complete);
    } else if (complete != NULL) {
        desk_answer(&w->desk, p->meter.index, job->klass, complete, RC_PARSE);
        reading_free(complete);
    }
    if (p->meter.left_out && !left_out)
        voice_left_out(w, job->meter, &request, reply.exception);
    conclude(w, job, result, rc, &reply);
    if (before.status >= METER_STALE && poll_plan_state(w->plan, job->meter)->status == METER_ONLINE)
        bus_meter_renew(&p->meter);
    if (result == POLL_DONE && p->plan_again)
        plan_by_turnaround(w, p);
    worker_post_meter(w, job->meter);
    worker_post_bus(w);
    if (rc == RC_OK)
        voice_noisy(w, false);
    if (reply.noisy)
        return worker_noisy(w);
    return rc == RC_LINK || rc == RC_STOPPED ? rc : RC_OK;
}
