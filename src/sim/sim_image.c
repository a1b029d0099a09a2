#include "sim/sim_image.h"

#include <math.h>
#include <string.h>

#include "sim/sim_rng.h"

#define PULSE_U      625 /* 10⁻⁶ kWh in a pulse of 1/1600 kWh */
#define MONTHS       0x009C
#define CLEAR_ENERGY 0x55AA

/* What can be read. The rest, also between these, is refused with exception 2. */
static const struct {
    uint16_t first, last;
} block[] = {{0x0000, 0x0002}, {0x0030, 0x003D}, {0x0070, 0x0071}, {0x0080, 0x019F}};

static double shown(uint64_t pulses, uint32_t resolution_u)
{
    uint64_t value_u = pulses * PULSE_U;
    if (resolution_u > 0)
        value_u -= value_u % resolution_u;
    return (double)value_u / 1e6;
}

/* To the steps the meter's display has: measuring chips are not finer either. */
static double in_steps(double value, double step)
{
    return round(value / step) * step;
}

static double live(const struct sim_meter *m, uint16_t address)
{
    struct sim_power now = sim_meter_power(m);
    uint64_t noise = sim_hash(m->seed ^ (uint64_t)(m->at_ms / 1000));
    double p = (double)now.p_mw / 1000, q = (double)now.q_mvar / 1000, s = hypot(p, q);
    double u = now.u_dv == SIM_LOAD_UNKNOWN ? 217.0 + (double)(noise % 60) / 10 : (double)now.u_dv / 10;
    switch (address) {
    case 0x0030:
        return in_steps(u, 0.1);
    case 0x0032:
        return u > 1 ? in_steps(s / u, 0.001) : 0;
    case 0x0034:
        return in_steps(p, 0.1);
    case 0x0036:
        return in_steps(q, 0.1);
    case 0x0038:
        return in_steps(s, 0.1);
    case 0x003A:
        return s > 0.05 ? in_steps(p / s, 0.001) : 1;
    case 0x003C:
        return in_steps(49.97 + (double)((noise >> 8) % 60) / 1000, 0.01);
    default: /* 0x0070 */
        return in_steps((double)m->demand_mva / 1000, 0.1);
    }
}

static double energy(const struct sim_meter *m, uint32_t resolution_u, uint16_t address)
{
    if (address >= MONTHS) {
        unsigned family = (unsigned)(address - MONTHS) / 26, slot = (unsigned)(address - MONTHS) % 26 / 2;
        return shown(sim_meter_month(m, family % 2 == 1, family / 2, slot), resolution_u);
    }
    unsigned i = (unsigned)(address - 0x0080) / 2;
    const uint64_t value[14] = {
        m->active.sum[0],     m->active.forward,  m->active.backward, m->reactive.sum[0], m->reactive.forward,
        m->reactive.backward, m->active.sum[1],   m->active.sum[2],   m->active.sum[3],   m->active.sum[4],
        m->reactive.sum[1],   m->reactive.sum[2], m->reactive.sum[3], m->reactive.sum[4]};
    return shown(value[i], resolution_u);
}

static uint16_t word_at(const struct sim_meter *m, uint32_t resolution_u, uint16_t address)
{
    switch (address) {
    case 0x0000:
        return m->password;
    case 0x0001:
        return m->address;
    case 0x0002:
        return m->baud_code;
    default:
        break;
    }
    uint16_t first = address & 0xFFFEu;
    float value = (float)(first < 0x0080 ? live(m, first) : energy(m, resolution_u, first));
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return (uint16_t)((address & 1) == 0 ? bits >> 16 : bits & 0xFFFF);
}

int sim_image_read(const struct sim_meter *m, uint32_t resolution_u, uint16_t address, uint16_t count,
                   uint16_t *out)
{
    if (count == 0 || count > SIM_MAX_REGISTERS)
        return SIM_EXC_VALUE;
    uint32_t last = (uint32_t)address + count - 1;
    for (size_t i = 0; i < sizeof block / sizeof block[0]; i++) {
        if (address < block[i].first || last > block[i].last)
            continue;
        for (uint16_t k = 0; k < count; k++)
            out[k] = word_at(m, resolution_u, (uint16_t)(address + k));
        return SIM_EXC_NONE;
    }
    return SIM_EXC_ADDRESS;
}

int sim_image_write(struct sim_meter *m, uint16_t address, uint16_t count, const uint16_t *words)
{
    static const struct {
        uint16_t address, lo, hi;
    } row[] = {{0x0000, 0, 9999}, {0x0001, 1, 247}, {0x0002, 1, 4}, {0x000C, CLEAR_ENERGY, CLEAR_ENERGY}};
    for (uint16_t k = 0; k < count; k++) {
        size_t i = 0;
        while (i < sizeof row / sizeof row[0] && row[i].address != address + k)
            i++;
        if (i == sizeof row / sizeof row[0])
            return SIM_EXC_ADDRESS;
        if (words[k] < row[i].lo || words[k] > row[i].hi)
            return SIM_EXC_VALUE;
    }
    for (uint16_t k = 0; k < count; k++) {
        if (address + k == 0x0000)
            m->password = words[k];
        else if (address + k == 0x0001)
            m->address = words[k];
        else if (address + k == 0x0002)
            m->baud_code = words[k];
        else
            sim_meter_clear(m);
    }
    return SIM_EXC_NONE;
}
