#include "fake/meter_life.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "fake/plain_tariff.h"

#define MINUTE 60000
#define DAY    86400000LL
enum { IMPORT, EXPORT, RATES, COMBINED = RATES + RATE_COUNT };

uint64_t life_random(uint64_t *state)
{
    uint64_t z = (*state += 0x9e3779b97f4a7c15u); /* splitmix64 */
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

double life_uniform(uint64_t *state)
{
    return (double)(life_random(state) >> 11) / 9007199254740992.0;
}

int64_t life_between(uint64_t *state, int64_t lo, int64_t hi)
{
    return lo + (int64_t)(life_random(state) % (uint64_t)(hi - lo + 1));
}

void life_draw(struct life *l, uint64_t seed, const struct tariff *t, int64_t start_utc_ms)
{
    static const int64_t steps[] = {0, 1000, 10000, 100000, 1000000};
    static const int64_t lags[] = {0, 30000, 59000};
    static const double bases[] = {0, 3, 40, 700, 2900, 12345, 60000, 400000, 900000};
    memset(l, 0, sizeof *l);
    uint64_t r = seed * 7919 + 1;
    int64_t s = t->clock_tolerance_ms;
    l->seed = seed;
    l->tariff = t;
    l->start_utc_ms = start_utc_ms;
    l->skew_ms =
        life_between(&r, 0, 3) == 0 ? (life_between(&r, 0, 1) == 0 ? -s : s) : life_between(&r, -s, s);
    if (life_between(&r, 0, 2) == 0) { /* set once a day to anywhere within +-S */
        l->set_every_ms = DAY;
        l->set_within_ms = s;
    } else if (life_between(&r, 0, 1) == 0) { /* drifts, and stays within S for the month */
        l->drift_ms_day = life_between(&r, -2000, 2000);
        l->skew_ms = l->skew_ms * 7 / 10;
    }
    l->lag = life_between(&r, 0, 1) == 0 ? LAG_CONSTANT : LAG_UNIFORM;
    l->lag_ms = l->lag == LAG_UNIFORM ? 59999 : lags[life_between(&r, 0, 2)];
    l->step = steps[life_between(&r, 0, 4)];
    l->step_mode = life_between(&r, 0, 1) == 0 ? STEP_TRUNCATE : STEP_ROUND;
    l->base_kwh = bases[life_between(&r, 0, 8)];
    l->load_w = pow(10, 0.5 + 3.4 * life_uniform(&r)); /* 3 W to 8 kW mean */
    l->load_peak = 1 + life_uniform(&r) * 5;
    if (l->load_w * l->load_peak > 13200)
        l->load_peak = 13200 / l->load_w;
    /* added in float32 only where no register reaches the stall within the month */
    l->float_pulses =
        life_between(&r, 0, 3) == 0 && 4 * l->base_kwh + 1.6 * 0.75 * l->load_w * l->load_peak < 16000;
    l->export_share = life_between(&r, 0, 3) == 0 ? 0.3 * life_uniform(&r) : 0;
    l->cumulative = life_between(&r, 0, 1) == 0;
    l->reactive = 0.3 * life_uniform(&r);
    l->rnd = r;
}

/* The meter's own clock, local. */
static int64_t meter_clock(const struct life *l, int64_t utc_ms)
{
    return utc_ms + l->clock_ms +
           (int64_t)((double)(utc_ms - l->last_set_ms) * (double)l->drift_ms_day / (double)DAY) +
           (int64_t)l->tariff->utc_offset_s * 1000;
}

static int64_t settlement_after(const struct tariff *t, int64_t local_ms)
{
    int64_t best = INT64_MAX;
    for (int64_t day = local_ms / DAY - 1; day < local_ms / DAY + 40; day++) {
        int64_t z = day + 719468,
                era = z / 146097; /* civil from days, H. Hinnant's public algorithm in short */
        int64_t doe = z - era * 146097, yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
        int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;
        int mday = (int)(doy - (153 * mp + 2) / 5 + 1);
        for (int i = 0; i < t->n_settlements; i++) {
            int64_t at = day * DAY + t->settlement[i].hour * 3600000LL;
            if (t->settlement[i].day == mday && at > local_ms && at < best)
                best = at;
        }
    }
    return best;
}

static void begin(struct life *l)
{
    l->alive = true;
    l->now_ms = l->minute_ends_ms = l->last_set_ms = l->start_utc_ms;
    l->clock_ms = l->skew_ms;
    int64_t local = meter_clock(l, l->now_ms);
    l->rate = (uint8_t)plain_tariff_rate(l->tariff, local / 1000);
    l->next_meter_minute = local / MINUTE + 1;
    l->next_settlement_local_ms = settlement_after(l->tariff, local);
    for (int k = 0; k < 2; k++) {
        for (int i = 0; i < 4; i++)
            l->offset[k][RATES + i] = l->base_kwh * (k == 0 ? 1 : 0.2);
        l->offset[k][IMPORT] = l->offset[k][COMBINED] = 4 * l->offset[k][RATES];
        for (int i = 0; i < LIFE_COUNTERS; i++)
            l->added[k][i] = (float)l->offset[k][i];
    }
    for (int k = 0; k < 2; k++) /* a third of a month behind us */
        for (int i = 0; i < LIFE_COUNTERS; i++)
            l->month_base[k][i] = (int64_t)(l->offset[k][i] * 1e6) -
                                  (int64_t)(fmin(l->base_kwh, 25) *
                                            (i == COMBINED || i == IMPORT ? 4e6 : 1e6) * (k == 0 ? 1 : 0.2));
    /* eleven plausible months before, the twelfth older than the meter */
    for (int f = 0; f < SETTLEMENT_FAMILIES; f++) {
        double share = f < 2 ? 1 : 0.25, kind = f % 2 == 0 ? 1 : 0.2;
        for (int n = 1; n < SETTLEMENT_SLOTS - 1 && l->base_kwh > 100; n++) {
            double month = fmin(l->base_kwh * 4 / 13, 300) * share * kind;
            double kwh = l->cumulative ? l->base_kwh * 4 * share * kind - n * month : month;
            l->frozen[f * SETTLEMENT_SLOTS + n] = life_shown(l, kwh);
        }
    }
}

int64_t life_shown(const struct life *l, double kwh)
{
    if (l->step > 0) {
        double steps = kwh * 1e6 / (double)l->step;
        steps = l->step_mode == STEP_TRUNCATE ? floor(steps + 1e-6) : floor(steps + 0.5);
        kwh = steps * (double)l->step / 1e6;
    }
    /* the shortest decimal of the float32, six decimals */
    float f = (float)kwh;
    char text[64];
    for (int digits = 1; digits <= 9; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, (double)f);
        if (strtof(text, NULL) == f)
            break;
    }
    return (int64_t)llround(strtod(text, NULL) * 1e6);
}

static double register_kwh(const struct life *l, int kind, int i)
{
    if (l->float_pulses)
        return (double)l->added[kind][i];
    return l->offset[kind][i] + (double)l->pulses[kind][i] / LIFE_PULSES;
}

static bool stopped(const struct life *l, int i)
{
    if (l->now_ms < l->fault_at_ms)
        return false;
    return (l->fault == FAULT_REGISTER_STOPPED && i == RATES + l->fault_register) ||
           (l->fault == FAULT_TOTAL_STOPPED && i == COMBINED);
}

static void count(struct life *l, int kind, int i, int64_t pulses)
{
    if (stopped(l, i))
        return;
    if (l->fault == FAULT_SUM_BROKEN && l->now_ms >= l->fault_at_ms && i == RATES + l->fault_register) {
        l->offset[kind][i] += (1 - l->fault_amount) * (double)pulses / LIFE_PULSES;
        return;
    }
    l->pulses[kind][i] += pulses;
    for (int64_t n = 0; n < pulses && l->float_pulses; n++)
        l->added[kind][i] += 1.0f / LIFE_PULSES;
}

/* Energy flows for a while at the minute's power; whole pulses are booked to the rate in force. */
static void flow(struct life *l, int64_t ms)
{
    double pulses = fabs(l->watts) * (double)ms / 3600000.0 / 1000.0 * LIFE_PULSES;
    int direction = l->watts < 0;
    l->energy[direction] += pulses;
    int64_t whole = (int64_t)l->energy[direction];
    l->energy[direction] -= (double)whole;
    for (int kind = 0; kind < 2 && whole > 0; kind++) {
        int64_t n = kind == 0 ? whole : (int64_t)((double)whole * l->reactive);
        count(l, kind, direction == 0 ? IMPORT : EXPORT, n);
        count(l, kind, COMBINED, n);
        count(l, kind, RATES + l->rate, n); /* combined = import + export */
    }
}

static double month_value(const struct life *l, int kind, int i, bool cumulative)
{
    double now = register_kwh(l, kind, i);
    return cumulative ? now : now - (double)l->month_base[kind][i] / 1e6;
}

static void shift(struct life *l)
{
    for (int f = 0; f < SETTLEMENT_FAMILIES; f++) {
        int64_t *slot = &l->frozen[f * SETTLEMENT_SLOTS];
        int kind = f % 2, i = f < 2 ? COMBINED : RATES + f / 2 - 1;
        memmove(&slot[2], &slot[1], (SETTLEMENT_SLOTS - 2) * sizeof slot[0]);
        slot[1] = life_shown(l, month_value(l, kind, i, l->cumulative));
    }
    if (l->fault == FAULT_FREEZE_REVERSED && l->now_ms >= l->fault_at_ms)
        for (int f = 0; f < SETTLEMENT_FAMILIES; f++)
            for (int a = 1, b = SETTLEMENT_SLOTS - 1; a < b; a++, b--) {
                int64_t *slot = &l->frozen[f * SETTLEMENT_SLOTS], keep = slot[a];
                slot[a] = slot[b];
                slot[b] = keep;
            }
}

static void settle(struct life *l)
{
    bool fault = l->now_ms >= l->fault_at_ms;
    l->next_settlement_local_ms = settlement_after(l->tariff, l->next_settlement_local_ms);
    if (l->fault == FAULT_FREEZE_NEVER && fault)
        return;
    shift(l);
    if (l->fault == FAULT_FREEZE_TWICE && fault)
        shift(l);
    for (int kind = 0; kind < 2; kind++)
        for (int i = 0; i < LIFE_COUNTERS; i++)
            l->month_base[kind][i] = (int64_t)llround(month_value(l, kind, i, true) * 1e6);
}

static void meter_minute(struct life *l)
{
    int64_t local = l->next_meter_minute * MINUTE;
    l->rate = (uint8_t)plain_tariff_rate(l->tariff, local / 1000);
    int64_t due = l->next_settlement_local_ms + (l->fault == FAULT_FREEZE_LATE ? 6 * 3600000LL : 0);
    if (local >= due)
        settle(l);
}

static void draw_minute(struct life *l)
{
    if (l->load != NULL) {
        int64_t minute = (l->now_ms + (int64_t)l->tariff->utc_offset_s * 1000) / MINUTE;
        l->watts = l->load[minute % l->n_load] * l->load_w;
        return;
    }
    double wander = life_uniform(&l->rnd);
    double target = l->load_w * l->load_peak * wander * wander;
    l->watts = fabs(l->watts) * 0.9 + target * 0.1;
    if (life_uniform(&l->rnd) < 0.02)
        l->watts = target;
    if (life_uniform(&l->rnd) < l->export_share)
        l->watts = -fabs(l->watts);
}

static void clear_registers(struct life *l, double kwh)
{
    memset(l->pulses, 0, sizeof l->pulses);
    memset(l->frozen, 0, sizeof l->frozen);
    memset(l->month_base, 0, sizeof l->month_base);
    for (int kind = 0; kind < 2; kind++)
        for (int i = 0; i < LIFE_COUNTERS; i++) {
            l->offset[kind][i] = i == EXPORT ? 0 : i == IMPORT || i == COMBINED ? kwh : kwh / 4;
            l->added[kind][i] = (float)l->offset[kind][i];
        }
}

static void strike(struct life *l)
{
    int i = RATES + l->fault_register;
    l->fault_done = true;
    switch (l->fault) {
    case FAULT_REGISTER_JUMP:
        l->offset[0][i] += l->fault_amount;
        l->added[0][i] += (float)l->fault_amount;
        break;
    case FAULT_DECREASE:
        l->offset[0][i] -= l->fault_amount;
        l->added[0][i] -= (float)l->fault_amount;
        break;
    case FAULT_CLEARED:
        clear_registers(l, 0);
        break;
    case FAULT_REPLACED:
        clear_registers(l, l->base_kwh * 4 * l->fault_amount);
        break;
    case FAULT_FREEZE_CHANGED:
        l->frozen[5 + l->fault_register * 26] += 12340000;
        break;
    default:
        break;
    }
}

static int64_t switch_instant(const struct life *l)
{
    int64_t lag = l->lag_ms;
    if (l->lag == LAG_UNIFORM) {
        uint64_t own = (uint64_t)l->next_meter_minute ^ l->seed << 32;
        lag = life_between(&own, 0, l->lag_ms);
    }
    int64_t due = l->next_meter_minute * MINUTE - meter_clock(l, l->now_ms) + lag;
    return l->now_ms + (due > 0 ? due : 0);
}

static void set_clock(struct life *l)
{
    if (l->set_every_ms > 0 && l->now_ms - l->last_set_ms >= l->set_every_ms) {
        l->clock_ms = life_between(&l->rnd, -l->set_within_ms, l->set_within_ms);
        l->last_set_ms = l->now_ms;
        l->next_meter_minute = meter_clock(l, l->now_ms) / MINUTE + 1;
    }
    if (l->step_at_ms != 0 && l->now_ms >= l->step_at_ms) {
        l->clock_ms += l->step_by_ms;
        l->step_at_ms = 0;
        l->next_meter_minute = meter_clock(l, l->now_ms) / MINUTE + 1;
    }
}

void life_advance(struct life *l, int64_t utc_ms)
{
    if (!l->alive)
        begin(l);
    while (l->now_ms < utc_ms) {
        if (l->now_ms >= l->minute_ends_ms) {
            draw_minute(l);
            l->minute_ends_ms = l->now_ms + MINUTE;
            set_clock(l);
            if (l->fault != FAULT_NONE && !l->fault_done && l->now_ms >= l->fault_at_ms)
                strike(l);
        }
        int64_t change = switch_instant(l);
        int64_t next = change < l->minute_ends_ms ? change : l->minute_ends_ms;
        next = next < utc_ms ? next : utc_ms;
        flow(l, next - l->now_ms);
        l->now_ms = next;
        if (next == change) {
            meter_minute(l);
            l->next_meter_minute++;
        }
    }
}

static void read_settlement(struct life *l)
{
    memcpy(l->settlement, l->frozen, sizeof l->settlement);
    for (int f = 0; f < SETTLEMENT_FAMILIES; f++)
        l->settlement[f * SETTLEMENT_SLOTS] =
            life_shown(l, month_value(l, f % 2, f < 2 ? COMBINED : RATES + f / 2 - 1, l->cumulative));
}

/* A register as it is shown; most do not move between two reads. */
static int64_t shown(struct life *l, int kind, int i)
{
    double kwh = register_kwh(l, kind, i);
    if (kwh != l->shown_kwh[kind][i] || l->shown[kind][i] == 0) {
        l->shown_kwh[kind][i] = kwh;
        l->shown[kind][i] = life_shown(l, kwh);
    }
    return l->shown[kind][i];
}

void life_read(struct life *l, int64_t image_utc_ms, int64_t end_utc_ms, uint32_t window_ms, bool sweep,
               struct verify_row *row)
{
    life_advance(l, image_utc_ms);
    memset(row, 0, sizeof *row);
    row->time_utc_ms = end_utc_ms;
    row->window_ms = window_ms;
    row->has = (1u << VERIFY_REGISTERS) - 1;
    for (unsigned kind = 0; kind < VR_KINDS; kind++) {
        int k = (int)kind;
        row->v[verify_import(kind)] = shown(l, k, IMPORT);
        row->v[verify_export(kind)] = shown(l, k, EXPORT);
        row->v[verify_total(kind)] = shown(l, k, COMBINED);
        for (unsigned i = 0; i < RATE_COUNT; i++)
            row->v[verify_rate(kind, i)] = shown(l, k, RATES + (int)i);
    }
    if (sweep) {
        read_settlement(l);
        row->settlement = l->settlement;
    }
}
