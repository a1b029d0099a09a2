#include "fake/meter_watch.h"

#include <stdlib.h>
#include <string.h>
#include "core/rc.h"
#include "fake/plain_tariff.h"
#include "tariff/calendar.h"

#define HOUR 3600000LL

void watch_draw(struct watch *w, uint64_t seed)
{
    static const int64_t polls[] = {10000, 15000, 61000, 61000, 61000, 307000, 900000};
    uint64_t r = seed * 31337 + 5;
    memset(w, 0, sizeof *w);
    w->poll_ms = polls[life_between(&r, 0, 6)];
    if (w->poll_ms < 60000 && life_between(&r, 0, 3) != 0)
        w->poll_ms = 61000; /* short ones are slow to simulate: fewer of them */
    w->jitter_ms = life_between(&r, 0, 1) == 0 ? 1000 : w->poll_ms / 4;
    w->register_lag_ms = life_between(&r, 0, 1) * 2000;
    w->outage_share = life_between(&r, 0, 1) == 0 ? 0.002 : 0;
    w->duplicate_share = life_between(&r, 0, 2) == 0 ? 0.3 : 0;
    w->zero_share = life_between(&r, 0, 2) == 0 ? 0.2 : 0;
    w->sweeps = life_between(&r, 0, 1) == 0;
    w->restarts = life_between(&r, 0, 2) == 0;
    w->days = 31;
}

struct judge {
    struct verify *v;
    struct watched *out;
    struct evidence_list evidence;
    const struct verify_options *options;
};

static void take_event(void *arg, const struct verify_event *e)
{
    struct judge *j = arg;
    diagnosis_count(&j->out->findings, e);
    if (e->severity != SEVERITY_ERROR || j->out->first_error_ms != INT64_MAX)
        return;
    j->out->first = *e;
    j->out->first_error_ms = e->ts_utc_ms;
}

static void take_evidence(void *arg, int64_t lo, int64_t hi, unsigned rates, unsigned forbidden)
{
    struct judge *j = arg;
    if (!evidence_add(&j->evidence, lo, hi, rates, forbidden))
        abort();
}

/* T1 the plain way: every second of the window under every clock within S, by steps of a minute. */
static bool forbidden(const struct tariff *t, const struct verify_row *a, const struct verify_row *b)
{
    int64_t lo = calendar_local_ms(t, a->time_utc_ms - a->window_ms - t->register_lag_ms) -
                 t->clock_tolerance_ms - t->switching_lag_ms;
    int64_t hi = calendar_local_ms(t, b->time_utc_ms) + t->clock_tolerance_ms;
    unsigned possible = 1u << plain_tariff_rate(t, hi / 1000), moved = 0;
    for (unsigned i = 0; i < RATE_COUNT; i++)
        if (a->v[verify_rate(0, i)] != b->v[verify_rate(0, i)])
            moved |= 1u << i;
    for (int64_t at = lo; at <= hi && (moved & ~possible) != 0; at += 60000)
        possible |= 1u << plain_tariff_rate(t, at / 1000);
    return (moved & ~possible) != 0;
}

/* A restart: the state goes through bytes into a new engine. */
static void restart(struct judge *j)
{
    static uint8_t blob[VERIFY_STATE_MAX];
    size_t size = verify_save(j->v, blob);
    verify_free(j->v);
    if (verify_new(j->options, take_event, j, &j->v) != RC_OK || verify_load(j->v, blob, size) != RC_OK)
        abort();
    verify_want_evidence(j->v, take_evidence, j);
}

static void push_noise(struct judge *j, const struct watch *w, uint64_t *rnd, const struct verify_row *row)
{
    if (life_uniform(rnd) < w->duplicate_share)
        verify_push(j->v, row);
    for (int i = 0; i < 3 && life_uniform(rnd) < w->zero_share; i++) {
        struct verify_row zero = *row;
        memset(zero.v, 0, sizeof zero.v);
        zero.time_utc_ms += 1 + i;
        zero.settlement = NULL;
        verify_push(j->v, &zero);
    }
}

/* The time of the next read: dense near a boundary of the tariff as configured. */
static int64_t next_read(const struct judge *j, const struct watch *w, uint64_t *rnd, int64_t now)
{
    int64_t period = w->poll_ms;
    const struct tariff *t = j->options->tariff;
    if (w->dense_ms > 0 && t != NULL) {
        int64_t local = calendar_local_ms(t, now), margin = t->clock_tolerance_ms + 120000;
        enum rate here = plain_tariff_rate(t, (local - margin) / 1000);
        if (plain_tariff_rate(t, (local + margin) / 1000) != here ||
            plain_tariff_rate(t, local / 1000) != here)
            period = w->dense_ms;
    }
    int64_t jitter = w->jitter_ms < period / 4 ? w->jitter_ms : period / 4;
    int64_t next = now + period + life_between(rnd, 0, jitter);
    if (life_uniform(rnd) < w->outage_share) {
        static const int64_t lengths[] = {600000, HOUR, 6 * HOUR, 30 * HOUR};
        next += lengths[life_between(rnd, 0, 3)];
    }
    return next;
}

void watch_run(struct life *l, const struct watch *w, struct verify_options *o, bool diagnose,
               struct watched *out)
{
    memset(out, 0, sizeof *out);
    out->first_error_ms = INT64_MAX;
    o->columns = (1u << VERIFY_REGISTERS) - 1;
    struct judge j = {.out = out, .options = o};
    if (verify_new(o, take_event, &j, &j.v) != RC_OK)
        abort();
    if (diagnose || w->keep_evidence)
        verify_want_evidence(j.v, take_evidence, &j);
    uint64_t rnd = l->seed ^ 0xabcdef;
    int64_t next_sweep = l->start_utc_ms;
    struct verify_row last = {.has = 0};
    out->earliest_ms = INT64_MAX;
    out->begins_ms = l->fault != FAULT_NONE ? l->fault_at_ms : l->start_utc_ms;
    for (int64_t now = l->start_utc_ms + 1000; now < l->start_utc_ms + w->days * CALENDAR_DAY_MS;
         now = next_read(&j, w, &rnd, now)) {
        struct verify_row row;
        bool sweep = w->sweeps && now >= next_sweep;
        uint32_t window = (uint32_t)life_between(&rnd, 60, 600);
        int64_t image = now - life_between(&rnd, 0, window) - life_between(&rnd, 0, w->register_lag_ms);
        image = image < l->now_ms ? l->now_ms : image;
        life_read(l, image, now, window, sweep, &row);
        if (sweep)
            next_sweep = now + HOUR;
        if (diagnose && out->earliest_ms == INT64_MAX && last.has != 0 && forbidden(o->tariff, &last, &row))
            out->earliest_ms = now;
        last = row;
        verify_push(j.v, &row);
        push_noise(&j, w, &rnd, &row);
        out->rows++;
        if (w->restarts && life_between(&rnd, 0, 300) == 0)
            restart(&j);
    }
    verify_end(j.v);
    verify_result(j.v, &out->result);
    if (diagnose &&
        diagnosis_make(o->tariff, &j.evidence, &out->findings, &out->result, &out->diagnoses) != RC_OK)
        abort();
    verify_free(j.v);
    if (w->keep_evidence)
        out->evidence = j.evidence;
    else
        evidence_done(&j.evidence);
}
