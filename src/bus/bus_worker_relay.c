#include "bus/bus_worker_relay.h"

#include "bus/bus_worker_i.h"
#include "core/rc.h"

#define LOOKS_MOST 3         /* a latching relay takes its time to move … */
#define AGAIN_NS   500000000 /* … and is looked at once more after so long */

static int post_of(const struct bus_worker *w, size_t meter)
{
    for (size_t i = 0; i < w->n_posts; i++)
        if (w->posts[i].meter.index == meter)
            return (int)i;
    return -1;
}

static void settle(struct bus_worker *w, unsigned slot, enum relay_outcome outcome, int8_t state,
                   int64_t state_utc_ms, uint8_t exception, int rc)
{
    struct relay_report r = {outcome, state, state_utc_ms, exception, rc};
    relay_tray_settle(&w->relays, slot, &r);
}

/* What is known right after function 5: the rest tells the coil. */
static void written(struct bus_worker *w, size_t i, unsigned slot, const struct relay_order *o, int rc,
                    const struct exchange_reply *reply)
{
    struct post *p = &w->posts[i];
    /* 5: accepted, takes its time; 0A, 0B: a gateway's word about a meter that may have heard it */
    bool refused = (rc == RC_NOREG || rc == RC_REFUSED) && reply->exception != 5;
    bool silent = (rc == RC_NOANSWER || rc == RC_BADFRAME) && reply->exception == 0;
    p->relay = (struct relay_switching){.active = true,
                                        .wanted = o->close,
                                        .slot = slot,
                                        .refused = refused,
                                        .exception = reply->exception,
                                        .rc = rc};
    p->meter.asked_function = EXCHANGE_WRITE_COIL;
    p->meter.asked_count = 1;
    p->meter.late = silent;
    if (silent)
        poll_plan_hold(w->plan, i, worker_now());
    poll_plan_order(w->plan, i, CLASS_RELAY);
}

static int send(struct bus_worker *w, size_t i, unsigned slot, const struct relay_order *o)
{
    struct post *p = &w->posts[i];
    const struct settings_meter *m = &w->settings->meters[p->meter.index];
    const struct poll_job job = {.meter = i, .klass = CLASS_RELAY};
    const struct meter_state before = *poll_plan_state(w->plan, i);
    struct exchange_reply reply;
    struct exchange_request q = {.unit = m->address,
                                 .function = EXCHANGE_WRITE_COIL,
                                 .address = m->model->relay_coil,
                                 .count = 1,
                                 .close_relay = o->close,
                                 .model = m->model,
                                 .permit = m,
                                 .tag = {p->meter.index, CLASS_RELAY, TRACE_COMMAND, 0}};
    int rc = exchange_run(w->line, &q, &reply);
    worker_account(w, p, &job, &before, &q, rc, &reply);
    worker_leave_alone(w, &reply);
    if (rc == RC_DENIED || rc == RC_RANGE) {
        settle(w, slot, RELAY_UNREACHED, -1, 0, 0, rc);
        return RC_OK;
    }
    if (reply.sent_ns != 0 && rc != RC_LINK && rc != RC_STOPPED) {
        written(w, i, slot, o, rc, &reply);
        return RC_OK;
    }
    if (reply.sent_ns != 0) { /* perhaps it got there: nobody knows */
        p->relay = (struct relay_switching){.doubt = true, .wanted = o->close};
        settle(w, slot, RELAY_UNKNOWN, -1, 0, 0, rc);
        return rc;
    }
    relay_tray_put_back(&w->relays, slot); /* it may still be sent */
    if (reply.noisy)
        return worker_noisy(w);
    if (rc == RC_BADFRAME)
        poll_plan_hold(w->plan, i, worker_now()); /* it has just spoken unasked */
    return rc == RC_LINK || rc == RC_STOPPED ? rc : RC_OK;
}

/* States that are read once more. */
static void look_again(struct bus_worker *w, int64_t now_ns, int64_t *wake_ns)
{
    for (size_t i = 0; i < w->n_posts && w->switching > 0; i++) {
        struct relay_switching *s = &w->posts[i].relay;
        if (!s->active || s->again_ns == 0)
            continue;
        if (s->again_ns <= now_ns) {
            s->again_ns = 0;
            poll_plan_order(w->plan, i, CLASS_RELAY);
        } else if (s->again_ns < *wake_ns) {
            *wake_ns = s->again_ns;
        }
    }
}

int relay_turn(struct bus_worker *w, bool *turned, int64_t *wake_ns)
{
    struct relay_order o;
    uint64_t number = 0;
    unsigned slot;
    *turned = false;
    look_again(w, clock_wire_ns(), wake_ns);
    while (relay_tray_look(&w->relays, number, &number, &slot, &o)) {
        int i = post_of(w, o.meter);
        if (i >= 0 && (w->posts[i].relay.active || poll_plan_held(w->plan, (size_t)i, worker_now())))
            continue; /* later; others need not wait for it */
        if (!relay_tray_take(&w->relays, slot, number))
            continue;
        if (i < 0) {
            settle(w, slot, RELAY_UNREACHED, -1, 0, 0, RC_NOTFOUND);
        } else if (o.expires_utc_ms != 0 && clock_utc_ms() >= o.expires_utc_ms) {
            settle(w, slot, RELAY_EXPIRED, -1, 0, 0, RC_OK);
        } else {
            *turned = true;
            int rc = send(w, (size_t)i, slot, &o);
            w->switching += w->posts[i].relay.active;
            return rc;
        }
    }
    return RC_OK;
}

static void conclude(struct bus_worker *w, struct post *p, enum relay_outcome outcome, int8_t state,
                     int64_t state_utc_ms, int rc)
{
    const struct relay_switching s = p->relay;
    p->relay = (struct relay_switching){.doubt = outcome == RELAY_UNKNOWN, .wanted = s.wanted};
    w->switching--;
    settle(w, s.slot, outcome, state, state_utc_ms, s.exception, rc);
}

void relay_was_read(struct bus_worker *w, size_t post, struct reading *r)
{
    struct post *p = &w->posts[post];
    struct relay_switching *s = &p->relay;
    bool closed = r->values[0].value != 0;
    if (!s->active) {
        if (s->doubt && closed == s->wanted)
            r->command = READING_LATE;
        s->doubt = false;
        return;
    }
    r->command = READING_BACK;
    bool as_wanted = closed == s->wanted;
    if (!as_wanted && !s->refused && ++s->looks < LOOKS_MOST) {
        s->again_ns = clock_wire_ns() + AGAIN_NS;
        return;
    }
    conclude(w, p,
             s->refused  ? RELAY_FAILED
             : as_wanted ? RELAY_SWITCHED
                         : RELAY_NOT_SWITCHED,
             closed, r->taken_utc_ms, s->rc);
}

void relay_not_read(struct bus_worker *w, size_t post, int rc)
{
    struct post *p = &w->posts[post];
    if (p->relay.active)
        conclude(w, p, p->relay.refused ? RELAY_FAILED : RELAY_UNKNOWN, -1, 0, rc);
}

void relay_give_up(struct bus_worker *w, int rc)
{
    for (size_t i = 0; i < w->n_posts; i++)
        relay_not_read(w, i, rc);
    relay_tray_close(&w->relays, rc);
}
