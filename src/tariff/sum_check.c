#include "tariff/sum_check.h"

#include <string.h>

#define DAY_MS         86400000LL
#define CLEAN_CHECKS   3
#define STUBBORN_ROWS  4
#define MOVES_TO_TRUST RESOLUTION_MISFITS /* fewer movements cannot rule a coarse step out */

void sum_check_init(struct sum_check *c, bool net)
{
    memset(c, 0, sizeof *c);
    c->net = net;
    for (int i = 0; i < SUM_REGISTERS; i++)
        resolution_init(&c->step[i]);
}

bool sum_check_sane(const struct sum_check *c)
{
    for (int i = 0; i < SUM_REGISTERS; i++)
        if (c->step[i].step < RESOLUTION_PULSE || c->step[i].step > 10000000)
            return false;
    bool flags = c->has_last <= 1 && c->has_pending <= 1 && c->net <= 1 && c->open <= 1 &&
                 c->clean <= CLEAN_CHECKS && c->stubborn <= STUBBORN_ROWS;
    const struct sum_row *rows[] = {&c->base, &c->last, &c->pending};
    for (int k = 0; k < 3; k++)
        for (int i = 0; i < SUM_REGISTERS; i++)
            flags = flags && rows[k]->value[i] > -(1LL << 50) && rows[k]->value[i] < 1LL << 50;
    return flags && c->span > -(1LL << 52) && c->span < 1LL << 52 && c->clean_total > -(1LL << 50) &&
           c->clean_total < 1LL << 50;
}

void sum_check_steps(const struct sum_check *c, int64_t step[SUM_REGISTERS])
{
    int64_t coarsest = 0;
    for (int i = 0; i < SUM_REGISTERS; i++) {
        step[i] = resolution_step(&c->step[i]);
        if (c->step[i].increments >= MOVES_TO_TRUST && step[i] > coarsest)
            coarsest = step[i];
    }
    for (int i = 0; i < SUM_REGISTERS; i++)
        if (coarsest > 0 && c->step[i].increments < MOVES_TO_TRUST && step[i] > coarsest)
            step[i] = coarsest;
}

static int64_t deviation(const struct sum_row *a, const struct sum_row *b)
{
    int64_t d = a->value[0] - b->value[0];
    for (int i = 1; i < SUM_REGISTERS; i++)
        d += b->value[i] - a->value[i];
    return d;
}

static int64_t tolerance(const struct sum_check *c, const struct sum_row *a, const struct sum_row *b)
{
    int64_t step[SUM_REGISTERS], sum = 0;
    sum_check_steps(c, step);
    for (int i = 0; i < SUM_REGISTERS; i++)
        sum += 2 * step[i] + resolution_ulp(a->value[i]) + resolution_ulp(b->value[i]) + 2;
    return sum;
}

static int64_t magnitude(int64_t v)
{
    return v < 0 ? -v : v;
}

static bool holds(const struct sum_check *c, const struct sum_row *a, const struct sum_row *b)
{
    return magnitude(deviation(a, b)) <= tolerance(c, a, b);
}

static bool falls(const struct sum_check *c, const struct sum_row *a, const struct sum_row *b)
{
    for (int i = 0; i < SUM_REGISTERS && !c->net; i++)
        if (b->value[i] < a->value[i])
            return true;
    return false;
}

static bool zero(const struct sum_row *r)
{
    for (int i = 0; i < SUM_REGISTERS; i++)
        if (r->value[i] != 0)
            return false;
    return true;
}

static void accept(struct sum_check *c, const struct sum_row *r)
{
    for (int i = 0; i < SUM_REGISTERS; i++)
        resolution_add(&c->step[i], r->value[i]);
    c->last = *r;
    c->has_last = 1;
}

/* The first row of a record is accepted when the second breaks no rule against it. A meter whose sums are
 * broken from the start would never have one: after some rows in which nothing fell, the break itself is the
 * record. */
static void judge_first(struct sum_check *c, const struct sum_row *n)
{
    bool fell = falls(c, &c->pending, n);
    if (!fell && (holds(c, &c->pending, n) || c->stubborn >= STUBBORN_ROWS)) {
        c->base = c->pending;
        c->stubborn = 0;
        accept(c, &c->pending);
    } else {
        c->stubborn = fell ? 0 : (uint8_t)(c->stubborn + 1);
        for (int i = 0; i < SUM_REGISTERS && !fell; i++)
            resolution_add(&c->step[i], c->pending.value[i]);
    }
}

static bool glitch(const struct sum_check *c, const struct sum_row *n)
{
    const struct sum_row *o = &c->last, *p = &c->pending;
    if (falls(c, o, n))
        return false;
    return falls(c, o, p) || falls(c, p, n) || (!holds(c, o, p) && holds(c, o, n));
}

static enum sum_event violated(struct sum_check *c, const struct sum_row *from, struct sum_evidence *why)
{
    const struct sum_row *p = &c->pending;
    int64_t d = deviation(from, p), t = tolerance(c, from, p);
    *why = (struct sum_evidence){
        .before = *from, .after = *p, .deviation = d, .tolerance = t, .excess = magnitude(d) - t};
    sum_check_steps(c, why->step);
    enum sum_event event = c->open ? SUM_REPEATED : SUM_OPENED;
    if (!c->open) {
        c->open = 1;
        c->opened_ms = p->ts_ms;
        c->count = 0;
        c->span = 0;
    }
    int64_t span = magnitude(p->value[0] - from->value[0]);
    if (span > c->span)
        c->span = span;
    c->count++;
    c->violated_ms = p->ts_ms;
    c->clean = 0;
    c->clean_total = p->value[0];
    c->base = *p;
    return event;
}

/* A check is clean when it had the energy to show the fault. */
static enum sum_event clean(struct sum_check *c, struct sum_evidence *why)
{
    const struct sum_row *p = &c->pending;
    if (!c->open)
        return SUM_QUIET;
    int64_t moved = magnitude(p->value[0] - c->clean_total);
    if (moved > 0 && moved >= c->span && c->clean < CLEAN_CHECKS) {
        c->clean++;
        c->clean_total = p->value[0];
    }
    if (c->clean < CLEAN_CHECKS || p->ts_ms - c->violated_ms < DAY_MS)
        return SUM_QUIET;
    c->open = 0;
    c->clean = 0;
    memset(why, 0, sizeof *why);
    why->after = *p;
    return SUM_CLOSED;
}

/* The row that waits is accepted: what the rule says from o to p, and from the base on, stands. */
static enum sum_event judge(struct sum_check *c, const struct sum_row *n, struct sum_evidence *why)
{
    const struct sum_row *p = &c->pending;
    enum sum_event event = SUM_QUIET;
    int64_t dp = deviation(&c->base, p), dn = deviation(&c->base, n);
    if (falls(c, &c->last, p)) { /* cleared or replaced: rule T6's matter; here a new record begins */
        c->base = *p;
        c->clean = 0;
        c->clean_total = p->value[0];
    } else if (!holds(c, &c->last, p)) {
        struct sum_row from = c->last;
        event = violated(c, &from, why);
    } else if (!holds(c, &c->base, p) && !holds(c, &c->base, n) && (dp < 0) == (dn < 0)) {
        struct sum_row from = c->base;
        event = violated(c, &from, why);
    } else {
        event = clean(c, why);
    }
    accept(c, p);
    return event;
}

enum sum_event sum_check_add(struct sum_check *c, const struct sum_row *n, struct sum_evidence *why)
{
    if (zero(n))
        return SUM_QUIET; /* zeros confirm nothing, not even zeros */
    enum sum_event event = SUM_QUIET;
    if (c->has_pending && n->ts_ms == c->pending.ts_ms) {
        /* a repetition of one read; two different answers of one time: none counts */
        if (memcmp(n->value, c->pending.value, sizeof n->value) != 0)
            c->has_pending = 0;
        return SUM_QUIET;
    }
    if (c->has_pending && !c->has_last)
        judge_first(c, n);
    else if (c->has_pending && glitch(c, n))
        c->glitches++;
    else if (c->has_pending)
        event = judge(c, n, why);
    c->pending = *n;
    c->has_pending = 1;
    return event;
}
