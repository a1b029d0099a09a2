/* meter_life.h - a meter that lives through months in the tests: load, clock, tariff, pulses, registers,
 * freezes, faults.
 *
 * Written apart from meterfleet-sim and from the engine: rates come from the plain oracle (plain_tariff.h),
 * every minute of the meter's own clock. Reads give rows for the engine, with the jitter, outages, duplicates
 * and phantom zeros of a real bus. Everything is drawn from one seed.
 *
 * Units:   milliseconds UTC, watts, pulses of 1/1600 kWh.
 */
#ifndef METERFLEET_TESTS_METER_LIFE_H
#define METERFLEET_TESTS_METER_LIFE_H

#include <stdbool.h>
#include <stdint.h>
#include "tariff/tariff.h"
#include "tariff/verify_row.h"

#define LIFE_PULSES   1600
#define LIFE_COUNTERS 7 /* import, export, four rates, combined */

enum life_lag { LAG_CONSTANT, LAG_UNIFORM };
enum life_step { STEP_TRUNCATE, STEP_ROUND };
enum life_fault {
    FAULT_NONE,
    FAULT_REGISTER_STOPPED,
    FAULT_TOTAL_STOPPED,
    FAULT_REGISTER_JUMP,
    FAULT_SUM_BROKEN,
    FAULT_DECREASE,
    FAULT_CLEARED,
    FAULT_REPLACED,
    FAULT_FREEZE_LATE,
    FAULT_FREEZE_NEVER,
    FAULT_FREEZE_TWICE,
    FAULT_FREEZE_REVERSED,
    FAULT_FREEZE_CHANGED
};

struct life {
    /* what the meter is; set by life_draw() or the test, before the first read */
    uint64_t seed;
    const struct tariff *tariff; /* the meter's own tables */
    int64_t start_utc_ms;
    int64_t skew_ms; /* meter's clock minus true time, at start */
    int64_t drift_ms_day;
    int64_t set_every_ms; /* the clock is set to within +-set_within_ms this often; 0: never */
    int64_t set_within_ms;
    int64_t step_at_ms, step_by_ms; /* one step of the clock at an instant; step_at_ms 0: none */
    enum life_lag lag;
    int64_t lag_ms; /* constant, or the most */
    int64_t step;   /* display step 10^-6 kWh, 0: none */
    enum life_step step_mode;
    bool float_pulses;        /* registers are added up in float32, pulse by pulse */
    double base_kwh;          /* of each rate at the start */
    double load_w, load_peak; /* mean; the load wanders between 0 and load_peak times it */
    const double *load; /* or these kW, a value a minute, over and over; NULL: the wandering load */
    int n_load;
    double export_share;      /* part of the time with export */
    bool cumulative;          /* freeze model */
    double reactive;          /* kvarh per kWh */
    enum life_fault fault;
    int64_t fault_at_ms;
    int fault_register;  /* rate 0..3 */
    double fault_amount; /* kWh of a jump, share lost of a broken sum */

    /* how it lives; zero it */
    uint64_t rnd;
    bool alive;
    int64_t now_ms, minute_ends_ms, switch_at_ms, next_meter_minute, last_set_ms, clock_ms;
    double watts;     /* this minute, negative: export */
    double energy[2]; /* pulses, import and export, not yet whole */
    uint8_t rate;
    int64_t pulses[2][LIFE_COUNTERS];     /* [active, reactive][…] */
    float added[2][LIFE_COUNTERS];        /* the same, added in float32 */
    double offset[2][LIFE_COUNTERS];      /* kWh besides pulses: base, jumps */
    int64_t month_base[2][LIFE_COUNTERS]; /* 10^-6 kWh at the last settlement */
    int64_t frozen[VERIFY_SETTLEMENTS];
    int64_t settlement[VERIFY_SETTLEMENTS];
    double shown_kwh[2][LIFE_COUNTERS]; /* what life_shown() was last asked, and said */
    int64_t shown[2][LIFE_COUNTERS];
    int64_t next_settlement_local_ms;
    bool fault_done;
};

/* A correct meter with everything drawn from the seed; |skew| stays within S of the tariff. */
void life_draw(struct life *l, uint64_t seed, const struct tariff *t, int64_t start_utc_ms);
/* Lives on to an instant (never back). */
void life_advance(struct life *l, int64_t utc_ms);
/* What a reply that ends at `end_utc_ms` shows when the image is from `image_utc_ms`; with sweep also the
 * settlement block (row->settlement points into l). */
void life_read(struct life *l, int64_t image_utc_ms, int64_t end_utc_ms, uint32_t window_ms, bool sweep,
               struct verify_row *row);
/* The value shown of the pulses `p` of a register. */
int64_t life_shown(const struct life *l, double kwh);

uint64_t life_random(uint64_t *state);
double life_uniform(uint64_t *state); /* [0, 1) */
int64_t life_between(uint64_t *state, int64_t lo, int64_t hi);

#endif
