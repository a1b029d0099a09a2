/* poll_plan.h - which meter is asked what next on one bus.
 *
 * Meters, classes, periods and the time go in; the next job (one meter, one class) comes out. Jobs are taken
 * by the earliest deadline, and a deadline is the time a job fell due plus the slack of its class: energy
 * none, live a little, the rest more. So energy goes before live, and yet nothing starves: what waits grows
 * older, and periods shorter than the wire allows share it fairly.
 *
 *  1. an order from outside (somebody waits at the tool) before everything, also to a dead meter;
 *  2. a job of several requests that has begun (a sweep should be short);
 *  3. the earliest deadline.
 *
 * At the start every meter is due at once, energy first; no sweep begins before every meter was asked its
 * energy once. The first period is cut short by each meter's share, so that from then on the load is spread
 * evenly. A sweep is read twice, a minute apart, at the start, after an outage of the meter and after a
 * settlement instant, so that two agree; else once a period.
 *
 * Around the boundaries of its tariff a meter's energy is also read every 11 to 13 s (poll_plan_dense), but
 * only while nothing at all is due: these readings sharpen the verdict and must cost nobody his own.
 *
 * A meter that failed is held off (`late`) and the same job is tried again, `retries` times; then the poll
 * has failed and the meter costs one cheap probe at growing intervals (meter_state.h). All such meters
 * together get at most dead_share of the wire, or what nobody else needs. Once stale, three of four probes
 * are brief: whoever always answered within 10 ms need not be waited for as long as the slowest meter that a
 * timeout allows for. When one answers again, energy is due at once, and after stale or offline the sweep
 * too; the periods that passed meanwhile are counted as missed.
 *
 * Units:   periods and due times are monotonic milliseconds (which --clock may hasten); hold-offs and shares
 *          are real, on the wire clock: a late answer does not come sooner because tests are in a hurry.
 * Errors:  RC_NOMEM.
 * Threads: pure; one owner.
 * Source:  DESIGN "The plan is pure"; Liu and Layland 1973 (earliest deadline first).
 */
#ifndef METERFLEET_CORE_POLL_PLAN_H
#define METERFLEET_CORE_POLL_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "core/meter_state.h"
#include "core/quantity.h"

struct poll_meter {
    uint32_t period_ms[CLASS_COUNT]; /* 0: class off */
};

struct poll_setup {
    const struct poll_meter *meters; /* copied */
    size_t n_meters;
    uint8_t retries;
    uint32_t late_ms;       /* hold-off after a failure; 0 where answers carry an id (Modbus TCP) */
    uint32_t dead_share_bp; /* hundredths of a per cent */
    uint32_t probe_cost_ms; /* what an unanswered probe takes on the wire */
    uint64_t seed;          /* of dither and jitter */
};

struct poll_now {
    int64_t mono_ms;
    int64_t wire_ns;
};

struct poll_job {
    size_t meter;
    enum reg_class klass;
    bool probe; /* ask the cheapest question instead: is it there again? */
    bool brief; /* a probe that need not wait longer than this meter used to need */
};

enum poll_result {
    POLL_DONE,         /* the class was read */
    POLL_MORE,         /* one of its requests was answered, others are left */
    POLL_SILENT,       /* no answer, or a damaged one */
    POLL_REFUSED,      /* it answered, and declined for now */
    POLL_NOREG,        /* an exception refuses the whole class: asked again after a minute, then ever more
                           rarely, hourly at least; the periods between are missed */
    POLL_ABSENT,       /* it says that it does not have this class: asked again after an hour, then daily */
    POLL_ABSENT_QUIET, /* the same, told by silence: not the meter's fault, asked again after an hour, then
                          daily */
    POLL_IMPLAUSIBLE,  /* it answered what cannot be */
    POLL_BROKEN        /* the line failed or we stop: says nothing of the meter */
};

/* What a result meant, for log and counters. */
struct poll_verdict {
    bool changed;    /* the meter's status did */
    bool failed;     /* the poll failed for good: no repetition is left */
    bool retry;      /* it will be tried again after the hold-off */
    uint32_t missed; /* periods that passed without a reading: of this class, or of all while it was away */
};

struct poll_plan;
int poll_plan_new(const struct poll_setup *setup, struct poll_now now, struct poll_plan **out);
void poll_plan_free(struct poll_plan *p); /* NULL is fine */

/* The next job, or false: then nothing is due before *wake (mono and wire; the sooner of both). */
bool poll_plan_next(struct poll_plan *p, struct poll_now now, struct poll_job *job, struct poll_now *wake);
/* cost_ns: what the request took on the wire. */
struct poll_verdict poll_plan_result(struct poll_plan *p, const struct poll_job *job, enum poll_result result,
                                     int64_t cost_ns, struct poll_now now);

/* A stray frame of this meter was heard: leave it alone for `late`. */
void poll_plan_hold(struct poll_plan *p, size_t meter, struct poll_now now);
/* Somebody waits for this class of this meter. */
void poll_plan_order(struct poll_plan *p, size_t meter, enum reg_class klass);
/* Read this class (twice, if a sweep) at that time too, beside its period: a settlement instant, say.
 * Replaces an earlier call; INT64_MAX: not. */
void poll_plan_at(struct poll_plan *p, size_t meter, enum reg_class klass, int64_t due_mono_ms);
/* The sweep under way, or just read, differs from the one before: once more, a minute later. */
void poll_plan_confirm(struct poll_plan *p, size_t meter);
/* Read its energy every 11 to 13 s in [begin, end), where the wire has room. Replaces an earlier call. */
void poll_plan_dense(struct poll_plan *p, size_t meter, int64_t begin_mono_ms, int64_t end_mono_ms);
/* The line is gone, and time passes: periods of this meter that nobody could ask for since it was last
 * called. */
uint32_t poll_plan_passed(struct poll_plan *p, size_t meter, struct poll_now now);
void poll_plan_line(struct poll_plan *p, bool there, struct poll_now now);
/* Lets time pass for the states of meters: *meter is one whose status changed by it. Call until false. */
bool poll_plan_tick(struct poll_plan *p, struct poll_now now, size_t *meter);

const struct meter_state *poll_plan_state(const struct poll_plan *p, size_t meter);
bool poll_plan_held(const struct poll_plan *p, size_t meter, struct poll_now now);
int64_t poll_plan_next_probe(const struct poll_plan *p, size_t meter); /* mono ms, for the log */

#endif
