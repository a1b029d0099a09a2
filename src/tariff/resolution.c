#include "tariff/resolution.h"

#include <string.h>

static const int64_t candidates[RESOLUTION_CANDIDATES] = {10000000, 1000000, 500000, 250000,          200000,
                                                          100000,   10000,   1000,   RESOLUTION_PULSE};

void resolution_init(struct resolution *r)
{
    memset(r, 0, sizeof *r);
    r->last = INT64_MIN;
}

int64_t resolution_ulp(int64_t value)
{
    uint64_t kwh = (uint64_t)(value < 0 ? -value : value) / 1000000u;
    if (kwh < 8)
        return 1;                             /* 2^-20 kWh and less */
    int exponent = 63 - __builtin_clzll(kwh); /* 2^exponent <= kwh, so ULP = 2^(exponent - 23) kWh */
    if (exponent >= 23)
        return 1000000LL << (exponent - 23);
    return (1000000LL >> (23 - exponent)) + 1;
}

static bool on_grid(int64_t value, int64_t step)
{
    int64_t rest = value % step;
    if (rest < 0)
        rest += step;
    int64_t off = rest < step - rest ? rest : step - rest;
    return off <= resolution_ulp(value) + 1;
}

void resolution_add(struct resolution *r, int64_t value)
{
    if (value == r->last)
        return;
    if (r->last != INT64_MIN && r->increments < UINT16_MAX)
        r->increments++;
    r->last = value;
    for (int i = 0; i < RESOLUTION_CANDIDATES - 1; i++)
        if (r->misfit[i] < RESOLUTION_MISFITS && !on_grid(value, candidates[i]))
            r->misfit[i]++;
}

int64_t resolution_step(const struct resolution *r)
{
    for (int i = 0; i < RESOLUTION_CANDIDATES - 1; i++)
        if (r->misfit[i] < RESOLUTION_MISFITS)
            return candidates[i];
    return RESOLUTION_PULSE;
}

bool resolution_known(const struct resolution *r)
{
    return r->increments >= RESOLUTION_INCREMENTS;
}

int64_t resolution_q(const struct resolution *r, int64_t value)
{
    return resolution_step(r) + resolution_ulp(value) + 1;
}
