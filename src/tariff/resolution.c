#include "tariff/resolution.h"

#include <string.h>

static const int64_t candidates[RESOLUTION_CANDIDATES] = {10000000, 1000000, 500000, 250000,          200000,
                                                          100000,   10000,   1000,   RESOLUTION_PULSE};

void resolution_init(struct resolution *r)
{
    memset(r, 0, sizeof *r);
    r->last = INT64_MIN;
    r->step = candidates[0];
}

/* What is left over: spelled out for each candidate, because a division by a constant is a multiplication. */
static int64_t rest_of(int64_t value, int64_t step)
{
    switch (step) {
    case 100000:
        return value % 100000;
    case 10000:
        return value % 10000;
    case 1000:
        return value % 1000;
    default:
        return value % step;
    }
}

static bool on_grid(int64_t value, int64_t step)
{
    int64_t rest = rest_of(value < 0 ? -value : value, step);
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
    /* from 0.2 kWh down every candidate is a multiple of the next: what is on one's grid is on all */
    if (r->step == RESOLUTION_PULSE || (r->step <= 200000 && on_grid(value, r->step)))
        return;
    int64_t step = RESOLUTION_PULSE;
    for (int i = RESOLUTION_CANDIDATES - 2; i >= 0; i--) {
        if (r->misfit[i] < RESOLUTION_MISFITS && !on_grid(value, candidates[i]))
            r->misfit[i]++;
        if (r->misfit[i] < RESOLUTION_MISFITS)
            step = candidates[i];
    }
    r->step = step;
}

int64_t resolution_of_pair(int64_t a, int64_t b)
{
    for (int i = 0; i < RESOLUTION_CANDIDATES; i++)
        if (on_grid(a, candidates[i]) && on_grid(b, candidates[i]))
            return candidates[i];
    return RESOLUTION_PULSE;
}

bool resolution_known(const struct resolution *r)
{
    return r->increments >= RESOLUTION_INCREMENTS;
}
