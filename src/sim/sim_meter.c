#include "sim/sim_meter.h"

#include <math.h>
#include <string.h>

#define MINUTE_MS   60000
#define PULSE_UJ    2250000000 /* 1/1600 kWh = 0.625 Wh = 2250 J */
#define QUARTER_MIN 15
#define MONTH_S     (31 * 86400)

static int64_t floor_div(int64_t a, int64_t b)
{
    return a >= 0 ? a / b : -((-a + b - 1) / b);
}

int64_t sim_meter_local_ms(const struct sim_meter *m, int64_t true_ms)
{
    int64_t drift = 0;
    if (m->drift_ppb != 0) /* in two steps, so that years fit */
        drift = (true_ms - m->drift_from_ms) / 1000 * m->drift_ppb / 1000000;
    return true_ms + (int64_t)m->tariff->utc_offset_s * 1000 + m->step_ms + drift;
}

static void settle(struct sim_bank *b)
{
    memmove(b->at_settlement[1], b->at_settlement[0], sizeof b->at_settlement[0] * SIM_HISTORY);
    memcpy(b->at_settlement[0], b->sum, sizeof b->at_settlement[0]);
}

/* What firmware does once a minute of its own clock: settle when it is time, choose the rate. A settlement
 * that was jumped over is made up with the energy of now, twelve of them at most; a clock set back a little
 * does not settle twice. */
static void local_minute_begins(struct sim_meter *m)
{
    int64_t local_s = m->local_minute * 60;
    if (m->next_settlement_s - local_s > 2 * (int64_t)MONTH_S)
        m->next_settlement_s = sim_tariff_next_settlement(m->tariff, local_s);
    for (int i = 0; local_s >= m->next_settlement_s; i++) {
        if (i < SIM_HISTORY) {
            settle(&m->active);
            settle(&m->reactive);
            m->settlements++;
            m->next_settlement_s = sim_tariff_next_settlement(m->tariff, m->next_settlement_s);
        } else {
            m->next_settlement_s = sim_tariff_next_settlement(m->tariff, local_s);
        }
    }
    m->rate = sim_tariff_rate_memo(m->tariff, local_s, &m->memo);
    if (m->local_minute % QUARTER_MIN == 0) {
        m->demand_mva = m->demand_mva_ms / (QUARTER_MIN * MINUTE_MS);
        m->demand_mva_ms = 0;
    }
}

static void true_minute_begins(struct sim_meter *m)
{
    int64_t local = m->true_minute + m->tariff->utc_offset_s / 60;
    m->power = sim_load_at(m->load, &m->tap, local);
}

struct sim_power sim_meter_power(const struct sim_meter *m)
{
    struct sim_power p = m->power;
    if (!m->relay_closed)
        p.p_mw = p.q_mvar = 0;
    return p;
}

static void book(struct sim_bank *b, int64_t milli, int64_t span_ms, unsigned rate)
{
    int64_t *rest = &b->rest[milli < 0];
    *rest += (milli < 0 ? -milli : milli) * span_ms;
    uint64_t pulses = (uint64_t)(*rest / PULSE_UJ);
    if (pulses == 0)
        return;
    *rest %= PULSE_UJ;
    *(milli < 0 ? &b->backward : &b->forward) += pulses;
    b->sum[0] += pulses;
    b->sum[1 + rate] += pulses;
}

void sim_meter_advance(struct sim_meter *m, int64_t now_ms)
{
    while (m->at_ms < now_ms) {
        int64_t local_ms = sim_meter_local_ms(m, m->at_ms) - m->switching_lag_ms;
        int64_t local_minute = floor_div(local_ms, MINUTE_MS), true_minute = floor_div(m->at_ms, MINUTE_MS);
        if (true_minute != m->true_minute) {
            m->true_minute = true_minute;
            true_minute_begins(m);
        }
        if (local_minute != m->local_minute) {
            m->local_minute = local_minute;
            local_minute_begins(m);
        }
        int64_t next = now_ms, to_true = (true_minute + 1) * MINUTE_MS,
                to_local = m->at_ms + (local_minute + 1) * MINUTE_MS - local_ms;
        if (m->drift_ppb > 0 && to_local > m->at_ms + 1)
            to_local -=
                1 + (to_local - m->at_ms) * m->drift_ppb / 1000000000; /* a little early, then again */
        if (to_local <= m->at_ms)
            to_local = m->at_ms + 1;
        next = to_true < next ? to_true : next;
        next = to_local < next ? to_local : next;
        struct sim_power p = sim_meter_power(m);
        if (!m->stuck) {
            book(&m->active, p.p_mw, next - m->at_ms, m->rate);
            book(&m->reactive, p.q_mvar, next - m->at_ms, m->rate);
        }
        if (p.p_mw != 0 || p.q_mvar != 0)
            m->demand_mva_ms += (int64_t)hypot((double)p.p_mw, (double)p.q_mvar) * (next - m->at_ms);
        m->at_ms = next;
    }
}

void sim_meter_step_clock(struct sim_meter *m, int64_t step_ms)
{
    m->step_ms = step_ms;
    m->drift_ppb = 0;
}

void sim_meter_drift_clock(struct sim_meter *m, int64_t ppb)
{
    m->step_ms = sim_meter_local_ms(m, m->at_ms) - m->at_ms - (int64_t)m->tariff->utc_offset_s * 1000;
    m->drift_ppb = ppb;
    m->drift_from_ms = m->at_ms;
}

void sim_meter_set_tariff(struct sim_meter *m, const struct sim_tariff *t)
{
    m->tariff = t;
    m->local_minute = INT64_MIN; /* looked at again at once, as firmware does after a parameter write */
    m->memo.of = NULL;
}

void sim_meter_clear(struct sim_meter *m)
{
    memset(&m->active, 0, sizeof m->active);
    memset(&m->reactive, 0, sizeof m->reactive);
}

void sim_meter_replace(struct sim_meter *m, uint64_t pulses)
{
    sim_meter_clear(m);
    m->relay_closed = true;
    m->active.forward = m->active.sum[0] = pulses;
    m->active.sum[1 + m->rate] = pulses;
}

uint64_t sim_meter_month(const struct sim_meter *m, bool reactive, unsigned family, unsigned slot)
{
    const struct sim_bank *b = reactive ? &m->reactive : &m->active;
    if (slot > 0 && m->history_reversed)
        slot = SIM_HISTORY + 1 - slot;
    uint64_t end = slot == 0 ? b->sum[family] : b->at_settlement[slot - 1][family];
    if (m->freeze == SIM_FREEZE_CUMULATIVE)
        return end;
    return end - b->at_settlement[slot][family];
}
