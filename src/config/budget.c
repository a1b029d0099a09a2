#include "config/budget.h"

#include <math.h>
#include "core/rc.h"
#include "core/span.h"
#include "core/wire_time.h"

struct line {
    int64_t char_ns, silence_ns, turnaround_ns;
};

/* What one reading of a class of this model costs. */
static int cost_of(const struct line *l, const struct regmap *m, enum reg_class c, unsigned *requests,
                   int64_t *ns)
{
    struct span_plan *plan = NULL;
    unsigned classes = c == CLASS_SETTLEMENT ? SPAN_SWEEP : SPAN_CLASS(c);

    *requests = 0;
    *ns = 0;
    if (c == CLASS_RELAY) {
        if (m->has_relay) {
            *requests = 1;
            *ns = wire_exchange_ns(l->char_ns, l->silence_ns, l->turnaround_ns, 1, 1);
        }
        return RC_OK;
    }
    if (span_values(m, SPAN_CLASS(c)) == 0)
        return RC_OK;
    const struct span_limits limits = {.gap_regs =
                                           wire_gap_regs(l->char_ns, l->silence_ns, l->turnaround_ns)};
    int rc = span_plan_new(m, classes, &limits, &plan);
    if (rc != RC_OK)
        return rc;
    for (size_t i = 0; i < plan->n; i++)
        *ns += wire_exchange_ns(l->char_ns, l->silence_ns, l->turnaround_ns, 3, plan->spans[i].len_regs);
    *requests = (unsigned)plan->n;
    span_plan_free(plan);
    return RC_OK;
}

static int add_meter(const struct line *l, const struct settings_meter *m, struct budget *b)
{
    for (int c = 0; c < CLASS_COUNT; c++) {
        unsigned requests = 0;
        int64_t ns = 0;
        if (m->period_ms[c] == 0)
            continue;
        int rc = cost_of(l, m->model, (enum reg_class)c, &requests, &ns);
        if (rc != RC_OK)
            return rc;
        if (requests == 0)
            continue;
        b->class[c].meters++;
        b->class[c].requests += requests;
        b->class[c].round_ns += ns;
        b->class[c].share += (double)ns / 1e6 / (double)m->period_ms[c];
    }
    return RC_OK;
}

int budget_of_bus(const struct settings *s, size_t bus, int64_t turnaround_ns, struct budget *out)
{
    const struct settings_bus *on = &s->buses[bus];
    struct line l = {wire_char_ns(on->baud, on->parity, on->stop_bits),
                     wire_silence_ns(on->baud, on->parity, on->stop_bits), turnaround_ns};
    struct budget b = {.dead_share = (double)on->dead_share_bp / 10000.0};

    for (size_t i = 0; i < s->n_meters; i++) {
        int rc = s->meters[i].bus == bus ? add_meter(&l, &s->meters[i], &b) : RC_OK;
        if (rc != RC_OK)
            return rc;
    }
    for (int c = 0; c < CLASS_COUNT; c++)
        b.load += b.class[c].share;
    for (int c = 0; c < CLASS_COUNT; c++) {
        struct budget_class *k = &b.class[c];
        double room = 1.0 - b.dead_share - (b.load - k->share);
        if (k->requests == 0)
            k->shortest_ms = 0;
        else if (room <= 1e-9)
            k->shortest_ms = -1;
        else
            k->shortest_ms = (int64_t)ceil((double)k->round_ns / 1e6 / room);
    }
    b.fits = b.load + b.dead_share <= 1.0;
    *out = b;
    return RC_OK;
}
