/* verify_state.h - the engine's memory of one meter, shared by the verify_*.c files and nobody else.
 *
 * Everything that must survive a restart is in struct verify_memory, plain data without pointers.
 *
 * Units:   10^-6 kWh or kvarh, milliseconds UTC unless named otherwise.
 */
#ifndef METERFLEET_TARIFF_VERIFY_STATE_H
#define METERFLEET_TARIFF_VERIFY_STATE_H

#include "tariff/calendar.h"
#include "tariff/freeze.h"
#include "tariff/resolution.h"
#include "tariff/skew.h"
#include "tariff/verify.h"

/* A row in which total and four rates of one kind were all present. */
struct verify_sums {
    uint32_t given;                 /* 0 or 1; wide, so that no byte of what is saved is padding */
    uint32_t possible;              /* of a reference: rates that were possible at any time since */
    int64_t time_utc_ms, lo_utc_ms; /* lo: time - window - R */
    int64_t total;
    int64_t rate[RATE_COUNT];
    int64_t slack;                  /* cumulative float32 accumulation allowance, all five registers */
    int64_t rate_slack[RATE_COUNT]; /* of one rate and the total together */
    double noise;                   /* cumulative variance of the same, once the meter is known to be exact */
    double rate_noise[RATE_COUNT];
    int64_t
        pulse_drift; /* cumulative (total - sum of rates) in pulses, had the firmware added them in float32 */
    int64_t pulse_error; /* how far that account may be off: rows in which a register's ULP changed */
};

/* Bounds of T4 for one rate: v - H never rises, v - L never falls (but for Q's). */
struct verify_bound {
    int64_t high, low;           /* energy that may, must have gone to the rate in closed runs */
    int64_t high_from, low_from; /* total where the open run began; VERIFY_ABSENT: no open run */
    int64_t least, most;         /* minimum of v - H, maximum of v - L; VERIFY_ABSENT: none yet */
    double noise_from;           /* rate_noise when they began */
};

struct verify_kind {
    struct verify_sums last;   /* newest complete row */
    struct verify_sums first;  /* reference of T2, whole epoch */
    struct verify_sums day;    /* reference of T2, moved once a day */
    struct verify_sums run;    /* reference of T3, given while a single-rate run lasts */
    struct verify_sums second; /* the row after the first, while the first may yet prove to be bad */
    uint8_t doubt;             /* enum verify_doubt */
    uint8_t run_rate;
    uint8_t
        suspected; /* bits of what the last complete row broke while its next row could not bear witness */
    uint8_t unconfirmed; /* complete rows whose next row was not, since one whose next row was */
    struct verify_bound bound[RATE_COUNT];
    uint8_t rules; /* combined rules still possible: bits 1 << (enum combined_rule - 1) */
    bool export_moved;
    int64_t combined_from[3]; /* total, import, export where the comparison began; VERIFY_ABSENT: not begun */
};

/* The first row of a record was held against the second with steps that nothing had been learned of. */
enum verify_doubt { DOUBT_NONE, DOUBT_FIRST, DOUBT_SECOND };

/* What the first row of a record showed. */
enum verify_began { BEGAN_NOT, BEGAN_WITH_ENERGY, BEGAN_WITH_ZEROS };

enum verify_suspicion { SUSPECTED_FIRST = 1, SUSPECTED_DAY = 2, SUSPECTED_RUN = 4, SUSPECTED_ALL = 7 };

enum verify_rejected { REJECTED_RANGE, REJECTED_ZERO, REJECTED_CONFLICT, REJECTED_GLITCH, REJECTED_COUNT };

/* Registers that the next row did not give: each waits for the next row that gives it. */
struct verify_held {
    uint16_t which;
    int64_t v[VERIFY_REGISTERS];
    int64_t time_utc_ms[VERIFY_REGISTERS];
    uint32_t window_ms[VERIFY_REGISTERS];
};

/* Whose settlement block. The base's is kept by freeze.h. */
enum verify_slot { SLOT_PENDING, SLOT_INCOMING, SLOTS };

struct verify_memory {
    bool has_base, has_pending, has_incoming;
    bool conflict;              /* rows of the newest time contradict each other */
    struct verify_row base;     /* newest accepted row, absent registers carried over from older ones */
    struct verify_row pending;  /* waits for its next row */
    struct verify_row incoming; /* newest time, waits for rows of the same time */
    uint64_t incoming_again;    /* rows of its time that were equal */
    int64_t reg_lo_utc_ms[VERIFY_REGISTERS]; /* window start of the row a base register comes from */
    int64_t base_lo_utc_ms;
    struct verify_held held;
    struct resolution res[VERIFY_REGISTERS];
    struct verify_kind kind[VR_KINDS];
    struct skew skew;
    struct freeze freeze;
    bool exact; /* the meter is known not to accumulate pulses in float32 */
    bool t2_checked, moved_single, moved;
    int64_t from_utc_ms, to_utc_ms;
    int64_t first_utc_ms; /* of the first row, when it was accepted for want of a reason against it */
    uint64_t readings, rejected[REJECTED_COUNT], duplicates, errors, accepted;
    uint8_t began;         /* enum verify_began */
    uint8_t first_dropped; /* first rows dropped one after the other */
    int64_t time_total_ms, time_single_ms, energy_total, energy_single;
    int64_t still_energy; /* P2: what the measured power says has flowed since the total moved */
    bool still_told;
    int64_t power_energy, power_moved; /* P3: by the power, by the total */
    bool has_settlement[SLOTS];
    int64_t settlement[SLOTS][VERIFY_SETTLEMENTS];
};

struct verify {
    struct verify_options opt;
    verify_sink *sink;
    void *arg;
    verify_evidence_sink *evidence; /* NULL: nobody asks */
    void *evidence_arg;
    struct calendar calendar;
    /* cached answer of verify_possible() */
    int64_t possible_lo, possible_hi;
    unsigned possible;
    int64_t span_from, span_to; /* UTC: windows inside have `span_rate` alone, whatever the clock within S */
    unsigned span_rate;
    uint8_t told[VR_KINDS]; /* rates that T1 or T3 named at this row: T4 and T5 keep silent */
    uint16_t changed;       /* registers of this row that differ from the base's */
    uint16_t given;         /* registers of the row judged, and which of them the next row gives, too */
    uint16_t witnessed;
    uint16_t turned; /* of those: beyond both neighbours where they may fall */
    bool now_exact;  /* this row has shown it: memory's `exact` from the next one on */
    struct verify_memory m;
};

/* P of the window [lo, hi]: mask of rates that some admissible clock makes active in it; all four without a
 * tariff. */
unsigned verify_possible_asked(struct verify *v, int64_t lo_utc_ms, int64_t hi_utc_ms);
static inline unsigned verify_possible(struct verify *v, int64_t lo_utc_ms, int64_t hi_utc_ms)
{
    if (lo_utc_ms >= v->span_from && hi_utc_ms < v->span_to)
        return v->span_rate;
    return verify_possible_asked(v, lo_utc_ms, hi_utc_ms);
}
/* The minute of the meter's day at which the nominal period around an instant began: one cause, many days. */
int32_t verify_cause_of(struct verify *v, int64_t utc_ms);
/* Registers that both rows give and that differ; in which a is below b. Unrolled: they look at every row. */
static inline uint16_t verify_changed(const struct verify_row *a, const struct verify_row *b)
{
    unsigned differ = 0;
#pragma GCC unroll 14
    for (unsigned e = 0; e < VERIFY_REGISTERS; e++)
        differ |= (unsigned)(a->v[e] != b->v[e]) << e;
    return (uint16_t)(differ & a->has & b->has);
}
static inline uint16_t verify_below(const struct verify_row *a, const struct verify_row *b)
{
    unsigned below = 0;
#pragma GCC unroll 14
    for (unsigned e = 0; e < VERIFY_REGISTERS; e++)
        below |= (unsigned)(a->v[e] < b->v[e]) << e;
    return (uint16_t)(below & a->has & b->has);
}
/* Where a row's window begins: its values were taken in [lo, time]. */
static inline int64_t verify_row_lo(const struct verify *v, const struct verify_row *r)
{
    int64_t lag = v->opt.tariff != NULL ? v->opt.tariff->register_lag_ms : 2000;
    return r->time_utc_ms - (int64_t)r->window_ms - lag;
}
static inline bool verify_is_single(unsigned mask)
{
    return mask != 0 && (mask & (mask - 1)) == 0;
}
static inline int64_t verify_q(const struct verify *v, unsigned reg, int64_t value)
{
    return resolution_q(&v->m.res[reg], value);
}
/* The register that a kind's total comes from, in part at least. */
static inline unsigned verify_total_register(const struct verify *v, unsigned kind)
{
    return (v->opt.columns >> verify_total(kind) & 1u) != 0 ? verify_total(kind) : verify_import(kind);
}
/* The total of a kind: its register, or import and export by the combined rule. False when it cannot be told.
 */
bool verify_total_of(const struct verify *v, unsigned kind, const struct verify_row *r, int64_t *total);
/* Mask of the rates that the source gives at all; the others are not judged, and T2 needs all four. */
#define ALL_RATES 15u
static inline unsigned verify_rate_columns(const struct verify *v, unsigned kind)
{
    return (unsigned)v->opt.columns >> verify_rate(kind, 0) & ALL_RATES;
}
/* Total and all rates that the source gives, counted on from `last` (which may be not given); false when one
 * of them is absent from the row. */
bool verify_sums_after(const struct verify *v, unsigned kind, const struct verify_sums *last,
                       const struct verify_row *r, struct verify_sums *out);
/* Q(T) and the Q(v) of the rates in the mask: what a rate that could not be in force holds has not changed at
 * all, so its step does not blur a difference. */
int64_t verify_sums_q(const struct verify *v, unsigned kind, const struct verify_sums *s, unsigned rates);
/* The steps alone: less than any verify_sums_q() of these rates. */
int64_t verify_sums_steps(const struct verify *v, unsigned kind, unsigned rates);
/* What float32 addition may have done between two rows: to all five registers, to one rate and the total. */
int64_t verify_slack(const struct verify_sums *a, const struct verify_sums *b);
int64_t verify_rate_slack(const struct verify_sums *a, const struct verify_sums *b, unsigned rate);
int64_t verify_noise(double variance); /* six standard deviations */
/* Registers that may fall: total and rates of a kind whose combined rule may be import - export. */
bool verify_net_possible(const struct verify *v, unsigned kind);
/* The others, between two rows. */
uint16_t verify_monotone(const struct verify *v, const struct verify_row *a, const struct verify_row *b);
/* Largest energy in a window, or INT64_MAX when the maximum is unknown. */
int64_t verify_max_energy(const struct verify *v, int64_t duration_ms);

/* T2 without a reference fails from o to p and holds from o to n. */
bool verify_sum_taken_back(struct verify *v, const struct verify_row *p, const struct verify_row *n);
/* The rules from base to the accepted row p, with the next row n as witness; updates the memory. */
void verify_apply(struct verify *v, const struct verify_row *p, const struct verify_row *n);
/* Does any rule fail from a to b, neither of them trusted (for the first row of a record). */
bool verify_breaks(struct verify *v, const struct verify_row *a, const struct verify_row *b);
/* A first row that came before any step was known: begins to doubt it; drops it once it proves to be bad. */
void verify_doubt_first(struct verify_kind *k);
void verify_drop_first(struct verify *v, unsigned kind, const struct verify_sums *now);
/* Total and rates are apart by more than their steps, though not by more than float32 could do, and pulses
 * added in float32 would be apart by something else: no fault is proven, and no sum either. */
bool verify_sum_unexplained(const struct verify *v, unsigned kind);
/* T2 to T5 of both kinds. */
void verify_compare(struct verify *v, const struct verify_row *p, const struct verify_row *n);
/* 0x0080 against import and export: which combined rule can it be (DOMAIN 1.4)? */
void verify_learn_combined(struct verify *v, unsigned kind, const struct verify_row *p);
void verify_bounds_update(struct verify *v, unsigned kind, const struct verify_row *p,
                          const struct verify_sums *now, unsigned possible);
void verify_bounds_reset(struct verify_kind *k);
void verify_window_rules(struct verify *v, unsigned kind, const struct verify_row *p,
                         const struct verify_sums *now, unsigned possible);
/* Registers of an accepted row that the next one lacks; and, when a later row gives some of them and is no
 * glitch, the judgement on those: taken, or forgotten as the bad samples they were. */
void verify_hold(struct verify *v, const struct verify_row *p, uint16_t which);
void verify_release(struct verify *v, const struct verify_row *p);
bool verify_holds_energy(const struct verify_memory *m);
/* Net registers of p that are beyond both neighbours: bad samples or turning points, no baseline either way.
 */
uint16_t verify_turned(const struct verify *v, const struct verify_row *o, const struct verify_row *p,
                       const struct verify_row *n);
/* What was held, some rows late: judged and taken over without moving the base's time. */
void verify_apply_late(struct verify *v, const struct verify_row *h, const struct verify_row *n);
/* T6. True when a register fell, and a new epoch has begun at p. */
bool verify_check_fall(struct verify *v, const struct verify_row *p);
/* An event of severity error between two rows; the window begins at lo. */
struct verify_event verify_event_of(const struct verify_row *o, const struct verify_row *p, int64_t lo,
                                    enum verify_rule rule);
void verify_emit(struct verify *v, struct verify_event *e);
/* Begins a new epoch at a row: after the first row, a clear, a replacement, a decrease. */
void verify_rebase(struct verify *v, const struct verify_row *r, bool new_meter);
void verify_power_rules(struct verify *v, const struct verify_row *p, const struct verify_row *n);
/* P1, for the registers that changed; n must show it, too. */
void verify_check_maximum(struct verify *v, const struct verify_row *p, const struct verify_row *n);

#endif
