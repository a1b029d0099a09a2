#include "tariff/tariff.h"

#include <stdlib.h>
#include <string.h>

void tariff_init(struct tariff *t, const char *name)
{
    *t = (struct tariff){
        .zones[0] = {.n = 1, .zone = {{.month = 1, .day = 1, .table = 1}}},
        .switch_zones_local_s = TARIFF_NO_SWITCH,
        .switch_tables_local_s = TARIFF_NO_SWITCH,
        .n_settlements = 1,
        .settlement = {{.day = 1, .hour = 0}},
        .number_of_rate = {RATE_SHARP, RATE_PEAK, RATE_FLAT, RATE_VALLEY},
        .clock_tolerance_ms = 300000,
        .switching_lag_ms = 60000,
        .register_lag_ms = 2000,
        .clock_drift_ms_day = 2000,
        .wrap = WRAP_SAME_DAY,
    };
    size_t len = strnlen(name, sizeof t->name - 1);
    memcpy(t->name, name, len);
}

void tariff_done(struct tariff *t)
{
    free(t->holidays);
    t->holidays = NULL;
    t->n_holidays = 0;
}
