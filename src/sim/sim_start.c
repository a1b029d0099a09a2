/* The years before the simulation began: energy and settled months that look lived in. */
#include "sim/sim_meter.h"

#include <math.h>
#include <string.h>

#include "sim/sim_rng.h"

#define MINUTE_MS 60000
#define WEEK_MIN  (7 * 1440)

/* How much energy goes to each rate in the week before now, in 10000ths of all: load and calendar decide. */
static void shares_of_rates(const struct sim_meter *m, int64_t now_ms, uint64_t share[SIM_RATES])
{
    struct sim_tariff_memo memo = {0};
    uint64_t w[SIM_RATES] = {0}, all = 1;
    int64_t last = now_ms / MINUTE_MS + m->tariff->utc_offset_s / 60;
    for (int64_t minute = last - WEEK_MIN; minute < last; minute += 5) {
        struct sim_power p = sim_load_at(m->load, &m->tap, minute);
        uint64_t milli = p.p_mw > 0 ? (uint64_t)p.p_mw : 0;
        w[sim_tariff_rate_memo(m->tariff, minute * 60, &memo)] += milli;
        all += milli;
    }
    for (unsigned r = 0; r < SIM_RATES; r++)
        share[r] = w[r] * 10000 / all;
}

/* `pulses` more, shared among the rates; what division leaves over goes to the one with the largest share. */
static void add(struct sim_bank *b, uint64_t pulses, const uint64_t share[SIM_RATES])
{
    uint64_t given = 0;
    unsigned largest = 0;
    for (unsigned r = 0; r < SIM_RATES; r++) {
        uint64_t part = pulses * share[r] / 10000;
        b->sum[1 + r] += part;
        given += part;
        if (share[r] > share[largest])
            largest = r;
    }
    b->sum[1 + largest] += pulses - given;
    b->sum[0] += pulses;
    b->forward += pulses;
}

static void live_through(struct sim_bank *b, struct sim_rng *rng, uint64_t month, uint64_t since,
                         const uint64_t share[SIM_RATES])
{
    add(b, month * (uint64_t)sim_rng_between(rng, 10, 60), share); /* one to five years before the history */
    for (unsigned slot = SIM_HISTORY + 1; slot-- > 0;) {
        memcpy(b->at_settlement[slot], b->sum, sizeof b->sum);
        if (slot > 0)
            add(b, month * (uint64_t)sim_rng_between(rng, 700, 1300) / 1000, share);
    }
    add(b, since, share);
}

void sim_meter_init(struct sim_meter *m, uint16_t address, uint64_t seed, const struct sim_load *load,
                    const struct sim_tariff *tariff, enum sim_freeze freeze, int64_t now_ms)
{
    *m = (struct sim_meter){.seed = seed,
                            .address = address,
                            .password = 6666,
                            .baud_code = 4,
                            .relay_closed = true,
                            .load = load,
                            .tap = sim_load_tap(load, seed),
                            .tariff = tariff,
                            .freeze = freeze,
                            .at_ms = now_ms,
                            .local_minute = INT64_MIN,
                            .true_minute = INT64_MIN};
    int64_t local_s = sim_meter_local_ms(m, now_ms) / 1000;
    m->next_settlement_s = sim_tariff_next_settlement(tariff, local_s);

    struct sim_rng rng = {sim_hash(seed ^ 0x57A87)};
    uint64_t share[SIM_RATES];
    shares_of_rates(m, now_ms, share);
    uint64_t month = (uint64_t)sim_rng_between(&rng, 90, 420) * SIM_PULSES_PER_UNIT;
    uint64_t since = month * (uint64_t)(local_s - sim_tariff_last_settlement(tariff, local_s)) / (30 * 86400);
    live_through(&m->active, &rng, month, since, share);
    live_through(&m->reactive, &rng, month / 5, since / 5, share);
    struct sim_power p = sim_load_at(load, &m->tap, now_ms / MINUTE_MS + tariff->utc_offset_s / 60);
    m->demand_mva = (int64_t)hypot((double)p.p_mw, (double)p.q_mvar);
}
