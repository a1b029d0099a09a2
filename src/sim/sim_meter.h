/* sim_meter.h - one simulated KPM31: its clock, its energy, its settlement history.
 *
 * Nothing happens by itself: sim_meter_advance() takes the meter from the last moment it was looked at to
 * now, minute by minute, so that a month of a fleet passes in milliseconds and every pulse is booked to the
 * rate that the meter's own clock and tariff say. The power drawn depends on the true time, the rate on the
 * meter's clock.
 *
 * Units:   energy in pulses of 1/1600 kWh or kvarh (the meter's pulse constant), powers in mW and mvar,
 *          times in true Unix milliseconds unless the name says local (the meter's clock).
 * Errors:  none.
 * Threads: a meter belongs to one thread.
 * Source:  DOMAIN 1 to 4; manual 4.1 (12 settlement days), 4.3 (1600 imp/kWh); combined energy import +
 * export.
 */
#ifndef METERFLEET_SIM_METER_H
#define METERFLEET_SIM_METER_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/sim_load.h"
#include "sim/sim_tariff.h"

#define SIM_PULSES_PER_UNIT 1600
#define SIM_HISTORY         12
#define SIM_FAMILIES        5 /* combined, sharp, peak, flat, valley */

enum sim_freeze { SIM_FREEZE_PERIOD, SIM_FREEZE_CUMULATIVE };

/* Active or reactive energy. */
struct sim_bank {
    uint64_t sum[SIM_FAMILIES]; /* combined, then the four rates */
    uint64_t forward, backward; /* import, export */
    uint64_t at_settlement[SIM_HISTORY + 1]
                          [SIM_FAMILIES]; /* sums at the last settlement, the one before, … */
    int64_t rest[2];                      /* not yet a pulse: forward, backward; in µJ (mW × ms) */
};

struct sim_meter {
    /* who it is */
    uint64_t seed;
    uint16_t address, password, baud_code;
    bool relay_closed;
    /* what it is connected to; owned by others */
    const struct sim_load *load;
    struct sim_tap tap;
    const struct sim_tariff *tariff;
    enum sim_freeze freeze;
    /* its clock: local = true + utc_offset + step_ms + drift */
    int64_t step_ms;
    int64_t drift_ppb, drift_from_ms;
    /* its state at at_ms */
    int64_t at_ms;
    int64_t local_minute, true_minute; /* INT64_MIN: not yet looked at */
    int64_t next_settlement_s;
    unsigned rate;
    struct sim_power power;
    struct sim_tariff_memo memo;
    struct sim_bank active, reactive;
    int64_t demand_mva_ms, demand_mva; /* this quarter of an hour, and the average of the last one */
    unsigned settlements;              /* how often it settled since it was made */
    /* faults that live inside the meter */
    bool stuck;               /* registers stand still while power flows */
    int64_t switching_lag_ms; /* its firmware looks at the clock so long after each minute began */
    bool history_reversed;    /* the twelve months are listed oldest first */
};

/* A meter at this moment, with some years of plausible energy and twelve settled months behind it, by its
 * seed. */
void sim_meter_init(struct sim_meter *m, uint16_t address, uint64_t seed, const struct sim_load *load,
                    const struct sim_tariff *tariff, enum sim_freeze freeze, int64_t now_ms);

/* Brings the meter to now. A moment before the last one changes nothing. */
void sim_meter_advance(struct sim_meter *m, int64_t now_ms);

/* The meter's clock, as civil milliseconds since 1970-01-01 00:00. */
int64_t sim_meter_local_ms(const struct sim_meter *m, int64_t true_ms);

/* Sets the meter's clock to another difference from the true local time; call after sim_meter_advance(). */
void sim_meter_step_clock(struct sim_meter *m, int64_t step_ms);
void sim_meter_drift_clock(struct sim_meter *m, int64_t ppb);

/* Runs another tariff from now on (a table programmed wrong). */
void sim_meter_set_tariff(struct sim_meter *m, const struct sim_tariff *t);

/* The command 0x55AA: all energy at once. */
void sim_meter_clear(struct sim_meter *m);

/* Another meter in its place: energy of `pulses`, booked to the rates as usual, no history. */
void sim_meter_replace(struct sim_meter *m, uint64_t pulses);

/* What flows through the meter at this moment (nothing while the relay is open). */
struct sim_power sim_meter_power(const struct sim_meter *m);

/* A month register (slot 0) or one of the 12 before it, in pulses, as the freeze model has it. */
uint64_t sim_meter_month(const struct sim_meter *m, bool reactive, unsigned family, unsigned slot);

#endif
