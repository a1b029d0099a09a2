#include "bus/bus_meter.h"

#include <string.h>
#include "core/clock.h"
#include "core/rc.h"

#define PART_MOST_NS                                                                                         \
    20000000000LL         /* a sweep that takes longer is begun again: its parts no longer belong together */
#define BRIEF_TIMES    4  /* a brief probe waits so many times what its meter took at most lately … */
#define BRIEF_LEAST_MS 40 /* … but not less than this */
#define UNSETTLED_MOST 5

static unsigned classes_of(enum reg_class klass)
{
    return klass == CLASS_SETTLEMENT ? SPAN_SWEEP : SPAN_CLASS(klass);
}

/* A sweep without settlement slots would be an energy reading under another name. */
static bool in_model(const struct regmap *model, enum reg_class klass)
{
    return span_values(model, SPAN_CLASS(klass)) > 0;
}

static void forget_part(struct bus_part *part)
{
    reading_free(part->reading);
    *part = (struct bus_part){0};
}

void bus_meter_forget(struct bus_meter *m)
{
    for (int c = 0; c < CLASS_COUNT; c++)
        forget_part(&m->parts[c]);
}

/* New plans for all classes, or, without memory, none at all. */
static int make_plans(const struct bus_meter *m, struct span_plan *plans[CLASS_COUNT])
{
    const struct span_limits limits = {.gap_regs = m->gap_regs};
    memset(plans, 0, CLASS_COUNT * sizeof plans[0]);
    for (int c = 0; c < CLASS_COUNT; c++) {
        if (c == CLASS_RELAY || !in_model(m->model, (enum reg_class)c))
            continue;
        int rc = span_plan_new(m->model, classes_of((enum reg_class)c), &limits, &plans[c]);
        if (rc == RC_NOMEM) {
            while (c-- > 0)
                span_plan_free(plans[c]);
            return rc;
        }
    }
    return RC_OK;
}

static void use_plans(struct bus_meter *m, struct span_plan *const plans[CLASS_COUNT])
{
    bus_meter_forget(m);
    for (int c = 0; c < CLASS_COUNT; c++) {
        span_plan_free(m->plans[c]);
        m->plans[c] = plans[c];
    }
}

int bus_meter_init(struct bus_meter *m, uint32_t index, uint8_t address, const struct regmap *model,
                   enum decode_net net)
{
    memset(m, 0, sizeof *m);
    m->index = index;
    m->address = address;
    m->model = model;
    m->decode.net = net;
    return make_plans(m, m->plans);
}

void bus_meter_gap(struct bus_meter *m, uint16_t gap_regs)
{
    struct span_plan *plans[CLASS_COUNT];
    if (m->unmerged || m->left_out || m->gap_regs == gap_regs)
        return;
    uint16_t before = m->gap_regs;
    m->gap_regs = gap_regs;
    if (make_plans(m, plans) == RC_OK)
        use_plans(m, plans);
    else
        m->gap_regs = before;
}

void bus_meter_renew(struct bus_meter *m)
{
    struct span_plan *plans[CLASS_COUNT];
    if ((!m->left_out && !m->unmerged) || make_plans(m, plans) != RC_OK)
        return;
    use_plans(m, plans);
    m->left_out = m->unmerged = false;
}

void bus_meter_done(struct bus_meter *m)
{
    bus_meter_forget(m);
    for (int c = 0; c < CLASS_COUNT; c++)
        span_plan_free(m->plans[c]);
    memset(m->plans, 0, sizeof m->plans);
}

bool bus_meter_has(const struct bus_meter *m, enum reg_class klass)
{
    return klass == CLASS_RELAY ? m->model->has_relay : m->plans[klass] != NULL;
}

static void ask_span(struct exchange_request *q, struct span s)
{
    q->function = EXCHANGE_READ_REGISTERS;
    q->address = s.address;
    q->count = s.len_regs;
}

static void ask_relay(const struct bus_meter *m, struct exchange_request *q)
{
    q->function = EXCHANGE_READ_COILS;
    q->address = m->model->relay_coil;
    q->count = 1;
}

/* The short question; of the two lengths the one that was not asked last. */
static void ask_probe(const struct bus_meter *m, struct exchange_request *q)
{
    struct span s = span_probe(m->model, false);
    if (s.len_regs == 0) { /* a model that is nothing but a relay */
        ask_relay(m, q);
        return;
    }
    if (m->late && m->asked_function == EXCHANGE_READ_REGISTERS && m->asked_count == s.len_regs)
        s = span_probe(m->model, true);
    ask_span(q, s);
}

void bus_meter_took(struct bus_meter *m, uint32_t turnaround_us)
{
    uint32_t more = turnaround_us > m->usual_us ? turnaround_us - m->usual_us : 0;
    if (m->usual_us == 0 ||
        more == 0) /* down at once, up slowly: who sleeps too long cannot tell that it did */
        m->usual_us = turnaround_us;
    else
        m->usual_us += (more < m->usual_us ? more : m->usual_us) / 32;
    m->slowest_us -= m->slowest_us / 256; /* the past fades */
    if (turnaround_us >= m->slowest_us)
        m->slowest_us = turnaround_us > 0 ? turnaround_us : 1;
}

static uint16_t brief_ms(const struct bus_meter *m)
{
    uint64_t ms = (uint64_t)m->slowest_us * BRIEF_TIMES / 1000;
    if (m->slowest_us == 0)
        return 0;
    return ms < BRIEF_LEAST_MS ? BRIEF_LEAST_MS : ms < UINT16_MAX ? (uint16_t)ms : 0;
}

bool bus_meter_unsettled(struct bus_meter *m, const struct reading *sweep)
{
    uint64_t digest = 14695981039346656037u; /* FNV-1a */
    for (unsigned i = 0; i < sweep->count; i++) {
        const struct reading_value *v = &sweep->values[i];
        if (!quantity_is_settlement(v->quantity) || quantity_slot(v->quantity) == 0)
            continue; /* the running month moves with every kilowatt-hour */
        digest = (digest ^ (uint64_t)v->quantity) * 1099511628211u;
        digest = (digest ^ (uint64_t)v->value) * 1099511628211u;
    }
    bool same = digest == m->settled;
    m->settled = digest;
    m->unsettled = same || m->unsettled >= UNSETTLED_MOST ? 0 : m->unsettled + 1;
    return m->unsettled > 0;
}

static bool looks_like_the_late_one(const struct bus_meter *m, const struct exchange_request *q)
{
    return m->late && !m->trusts_ids && q->function == m->asked_function && q->count == m->asked_count;
}

int bus_meter_request(struct bus_meter *m, const struct poll_job *job, int64_t now_ns,
                      struct exchange_request *request)
{
    struct exchange_request q = {.unit = m->address, .model = m->model};
    struct bus_part *part = &m->parts[job->klass];
    m->check = false;
    if (job->probe) {
        ask_probe(m, &q);
        q.wait_ms = job->brief ? brief_ms(m) : 0;
    } else if (!bus_meter_has(m, job->klass)) {
        return RC_NOTFOUND;
    } else if (job->klass == CLASS_RELAY) {
        ask_relay(m, &q);
    } else {
        if (part->reading != NULL && now_ns - part->begun_ns > PART_MOST_NS)
            forget_part(part);
        if (part->reading == NULL) {
            part->reading = reading_new(span_values(m->model, classes_of(job->klass)));
            if (part->reading == NULL)
                return RC_NOMEM;
            part->next = 0;
            part->begun_ns = now_ns;
        }
        ask_span(&q, m->plans[job->klass]->spans[part->next]);
    }
    if (!job->probe && looks_like_the_late_one(m, &q)) {
        m->check =
            true; /* also where even the short question is no different: then its answer is thrown away */
        ask_probe(m, &q);
    }
    q.expect_us = m->usual_us - m->usual_us / 8;
    *request = q;
    return RC_OK;
}

/* The meter refuses request k: in smaller pieces from now on. RC_RANGE: they cannot be smaller. */
static int unmerge(struct bus_meter *m, enum reg_class klass, size_t k)
{
    struct span_plan *plan;
    int rc = span_plan_split(m->model, m->plans[klass], k, &plan);
    if (rc != RC_OK)
        return rc;
    span_plan_free(m->plans[klass]);
    m->plans[klass] = plan;
    m->unmerged = true;
    return RC_OK;
}

/* Of a sweep its live registers, of energy everything: without them the rest means nothing. */
static bool indispensable(const struct bus_meter *m, enum reg_class klass, const struct span *s)
{
    if (klass != CLASS_ENERGY && klass != CLASS_SETTLEMENT)
        return false;
    for (size_t i = 0; i < m->model->n_regs; i++) {
        const struct reg *r = &m->model->regs[i];
        if (r->klass == CLASS_ENERGY && r->address >= s->address && r->address < s->address + s->len_regs)
            return true;
    }
    return false;
}

static enum poll_result take_noreg(struct bus_meter *m, const struct poll_job *job,
                                   const struct exchange_request *q, uint8_t exception)
{
    if (job->klass == CLASS_RELAY)
        return POLL_ABSENT;
    struct span_plan *plan = m->plans[job->klass];
    size_t k = m->parts[job->klass].next;
    forget_part(&m->parts[job->klass]);
    if (exception == 1 || k >= plan->n || plan->spans[k].address != q->address)
        return POLL_NOREG;
    if (unmerge(m, job->klass, k) == RC_OK)
        return POLL_MORE;
    if (plan->n <= 1 || indispensable(m, job->klass, &plan->spans[k]))
        return POLL_NOREG;
    span_plan_drop(plan, k); /* the rest is worth having */
    m->left_out = true;
    return POLL_MORE;
}

static void stamp(struct reading *r, const struct bus_meter *m, enum reg_class klass, int64_t begun_ns,
                  int64_t done_ns)
{
    int64_t ago_ms = (int64_t)((double)(clock_wire_ns() - done_ns) * clock_speed() / 1e6);
    int64_t window_ms =
        (int64_t)((double)(done_ns - begun_ns) * clock_speed() / 1e6) + 1; /* rounded up: it must hold */
    r->meter = m->index;
    r->klass = klass;
    r->taken_mono_ms = clock_mono_ms() - ago_ms;
    r->taken_utc_ms = clock_utc_ms() - ago_ms;
    r->window_ms = window_ms < UINT32_MAX ? (uint32_t)window_ms : UINT32_MAX;
}

static enum poll_result take_relay(struct bus_meter *m, const struct exchange_reply *reply,
                                   struct reading **complete)
{
    m->relay_known = true;
    struct reading *r = reading_new(1);
    if (r == NULL || reading_add(r, Q_RELAY_DO1, reply->relay_closed ? 1 : 0) != RC_OK) {
        reading_free(r);
        return POLL_BROKEN;
    }
    stamp(r, m, CLASS_RELAY, reply->sent_ns, reply->done_ns);
    *complete = r;
    return POLL_DONE;
}

static enum poll_result take_regs(struct bus_meter *m, enum reg_class klass,
                                  const struct exchange_reply *reply, struct reading **complete)
{
    struct bus_part *part = &m->parts[klass];
    const struct span_plan *plan = m->plans[klass];
    if (part->next == 0)
        part->begun_ns = reply->sent_ns;
    int rc = decode_regs(m->model, classes_of(klass), &plan->spans[part->next], reply->regs, part->reading,
                         &m->rejects);
    if (rc == RC_OK && ++part->next < plan->n)
        return POLL_MORE;
    struct reading *r = part->reading;
    int64_t begun_ns = part->begun_ns;
    *part = (struct bus_part){0};
    if (rc == RC_OK)
        rc = decode_finish(&m->decode, r, &m->rejects);
    if (rc != RC_OK)
        r->count = 0; /* only what was rejected, for who asks why */
    stamp(r, m, klass, begun_ns, reply->done_ns);
    *complete = r;
    return rc == RC_OK ? POLL_DONE : POLL_IMPLAUSIBLE;
}

enum poll_result bus_meter_take(struct bus_meter *m, const struct poll_job *job,
                                const struct exchange_request *request, const struct exchange_reply *reply,
                                int rc, struct reading **complete)
{
    *complete = NULL;
    if (reply->sent_ns != 0) {
        m->asked_function = request->function;
        m->asked_count = request->count;
    }
    if (rc == RC_DENIED || rc == RC_RANGE)
        return POLL_ABSENT_QUIET; /* the model asks for what may not be asked: nothing was sent */
    if (rc == RC_LINK || rc == RC_STOPPED || reply->sent_ns == 0)
        return POLL_BROKEN;
    if (rc == RC_NOANSWER || rc == RC_BADFRAME) {
        m->late = true; /* also behind a gateway's word: it may deliver after all */
        if (rc == RC_NOANSWER && job->klass == CLASS_RELAY && !job->probe && !m->check && !m->relay_known)
            return POLL_ABSENT_QUIET;
        return POLL_SILENT;
    }
    m->late = reply->exception != 0; /* some refuse and then answer all the same */
    if (job->probe)
        return POLL_DONE;
    if (m->check)
        return POLL_MORE;
    if (rc == RC_NOREG)
        return take_noreg(m, job, request, reply->exception);
    if (rc != RC_OK) {
        forget_part(&m->parts[job->klass]);
        return POLL_REFUSED;
    }
    return job->klass == CLASS_RELAY ? take_relay(m, reply, complete)
                                     : take_regs(m, job->klass, reply, complete);
}
