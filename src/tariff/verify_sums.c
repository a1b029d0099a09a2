/* What a row says of one kind of energy: its total, its rates, their tolerances; and which combined rule
 * fits. */
#include <math.h>

#include "tariff/verify_state.h"

#define STALL      16384000000LL /* kWh * 10^6: above it pulses added in float32 are lost (DOMAIN 4.2) */
#define PULSES_KWH 1600.0
#define MINUTE_MS  60000

bool verify_net_possible(const struct verify *v, unsigned kind)
{
    const struct verify_kind *k = &v->m.kind[kind];
    if ((v->opt.columns >> verify_export(kind) & 1u) == 0)
        return false;
    if (v->opt.combined != COMBINED_AUTO)
        return v->opt.combined == COMBINED_IMPORT_MINUS_EXPORT;
    return k->export_moved && (k->rules >> (COMBINED_IMPORT_MINUS_EXPORT - 1) & 1u) != 0;
}

/* Total and rates fell by no more than their own step and one as large of export: that much may be exported
 * before the export register shows it. */
static bool falls_within_steps(unsigned kind, const struct verify_row *a, const struct verify_row *b)
{
    const uint32_t net = 1u << verify_total(kind) | 15u << verify_rate(kind, 0);
    const uint32_t fallen = net & verify_below(b, a);
    for (uint32_t left = fallen; left != 0; left &= left - 1) {
        unsigned e = (unsigned)__builtin_ctz(left);
        if (a->v[e] - b->v[e] > 2 * (resolution_of_pair(a->v[e], b->v[e]) + resolution_ulp(a->v[e])))
            return false;
    }
    return fallen != 0;
}

/* Export that moves between two rows may be the first ever: only memory does not know of it yet. */
static bool net_between(const struct verify *v, unsigned kind, const struct verify_row *a,
                        const struct verify_row *b)
{
    unsigned x = verify_export(kind);
    if (v->opt.combined != COMBINED_AUTO ||
        (v->m.kind[kind].rules >> (COMBINED_IMPORT_MINUS_EXPORT - 1) & 1u) == 0 || !verify_has(a, x) ||
        !verify_has(b, x))
        return false;
    return a->v[x] != b->v[x] || falls_within_steps(kind, a, b);
}

uint16_t verify_monotone(const struct verify *v, const struct verify_row *a, const struct verify_row *b)
{
    uint16_t mask = (1u << VERIFY_REGISTERS) - 1;
    for (unsigned k = 0; k < VR_KINDS; k++)
        if (verify_net_possible(v, k) || net_between(v, k, a, b))
            mask &= (uint16_t) ~(1u << verify_total(k) | 15u << verify_rate(k, 0));
    return mask;
}

/* The rule to compute a total by when there is no register for it; COMBINED_AUTO: cannot be told. */
static enum combined_rule rule_for_total(const struct verify *v, unsigned kind)
{
    if ((v->opt.columns >> verify_export(kind) & 1u) == 0 || !v->m.kind[kind].export_moved)
        return COMBINED_IMPORT;
    return v->opt.combined;
}

bool verify_total_of(const struct verify *v, unsigned kind, const struct verify_row *r, int64_t *total)
{
    unsigned t = verify_total(kind), i = verify_import(kind), x = verify_export(kind);
    if ((v->opt.columns >> t & 1u) != 0) {
        if (!verify_has(r, t))
            return false;
        *total = r->v[t];
        return true;
    }
    enum combined_rule rule = rule_for_total(v, kind);
    if (!verify_has(r, i) || rule == COMBINED_AUTO || (rule != COMBINED_IMPORT && !verify_has(r, x)))
        return false;
    *total = r->v[i];
    if (rule == COMBINED_IMPORT_EXPORT)
        *total += r->v[x];
    if (rule == COMBINED_IMPORT_MINUS_EXPORT)
        *total -= r->v[x];
    return true;
}

/* Pulses of 1/1600 kWh added in float32: each addition lands on a multiple of the ULP, 2^(k - 23) kWh from
 * 2^k kWh up, so a register there counts `ratio` times what flows: round(2^(23 - k) / 1600) ULPs for each
 * pulse. */
static double pulse_ratio(int64_t value)
{
    static const double ulps[14] = {5243, 2621, 1311, 655, 328, 164, 82, 41, 20, 10, 5, 3, 1, 1};
    if (value < 1000000 || value >= STALL)
        return 1.0;
    int k = 63 - __builtin_clzll((uint64_t)value / 1000000u);
    return ulps[k] * PULSES_KWH / (double)(1u << (23 - k));
}

/* How far one register's movement may be from what flowed, should the firmware add pulses in float32. */
static int64_t accumulation_slack(const struct verify *v, int64_t from, int64_t to)
{
    int64_t moved = to - from < 0 ? from - to : to - from;
    if (v->m.exact || moved == 0 || to >= STALL || to < 1000000)
        return 0;
    int64_t ulp = resolution_ulp(to);
    return ulp <= 1 ? moved / 1000 + 1 : (int64_t)((double)moved * fmin(0.8, 800e-6 * (double)ulp)) + 1;
}

/* A meter known not to add pulse by pulse may still add once a minute: each addition is off by up to half an
 * ULP, evenly spread, so its variance is ULP^2 / 12. */
static double accumulation_noise(const struct verify *v, int64_t from, int64_t to, int64_t duration_ms)
{
    if (!v->m.exact || from == to || to >= STALL || to < 1000000)
        return 0;
    double ulp = (double)resolution_ulp(to);
    return ulp * ulp / 12 * ((double)duration_ms / MINUTE_MS + 1);
}

int64_t verify_noise(double variance)
{
    return variance > 0 ? (int64_t)(6 * sqrt(variance)) + 1 : 0;
}

int64_t verify_slack(const struct verify_sums *a, const struct verify_sums *b)
{
    return b->slack - a->slack + verify_noise(b->noise - a->noise);
}

int64_t verify_rate_slack(const struct verify_sums *a, const struct verify_sums *b, unsigned rate)
{
    return b->rate_slack[rate] - a->rate_slack[rate] +
           verify_noise(b->rate_noise[rate] - a->rate_noise[rate]);
}

/* What flowed, if it was counted so; of no interest once the meter is known to be exact. */
static double as_pulses(const struct verify *v, int64_t from, int64_t to)
{
    if (from == to || v->m.exact)
        return 0;
    return (double)(to - from) / pulse_ratio(to);
}

/* Where the ULP changed in between, nobody knows how much was counted before and after. */
static double pulses_error(const struct verify *v, int64_t from, int64_t to)
{
    double a = pulse_ratio(from), b = pulse_ratio(to);
    if (from == to || v->m.exact || a == b)
        return 0;
    return fabs((double)(to - from)) * (fabs(1 / a - 1) + fabs(1 / b - 1));
}

/* How far one register's movement may be from what flowed: added to the sums that it belongs to. */
struct blur {
    int64_t slack;
    double noise, pulses, error;
};

static inline struct blur blur_of(const struct verify *v, int64_t from, int64_t to, int64_t duration_ms)
{
    return (struct blur){.slack = accumulation_slack(v, from, to),
                         .noise = accumulation_noise(v, from, to, duration_ms),
                         .pulses = as_pulses(v, from, to),
                         .error = pulses_error(v, from, to)};
}

/* Counts on from the last sums. A register that did not move adds nothing. */
static void count_on(const struct verify *v, const struct verify_sums *last, struct verify_sums *s)
{
    int64_t duration = s->time_utc_ms - last->time_utc_ms;
    struct blur total = {0};
    if (s->total != last->total)
        total = blur_of(v, last->total, s->total, duration);
    double drift = total.pulses, error = total.error;
    s->slack = last->slack + total.slack;
    s->noise = last->noise + total.noise;
    for (unsigned i = 0; i < RATE_COUNT; i++) {
        s->rate_slack[i] = last->rate_slack[i] + total.slack;
        s->rate_noise[i] = last->rate_noise[i] + total.noise;
        if (s->rate[i] == last->rate[i])
            continue;
        struct blur rate = blur_of(v, last->rate[i], s->rate[i], duration);
        s->slack += rate.slack;
        s->noise += rate.noise;
        s->rate_slack[i] += rate.slack;
        s->rate_noise[i] += rate.noise;
        drift -= rate.pulses;
        error += rate.error;
    }
    s->pulse_drift = last->pulse_drift + llround(drift);
    s->pulse_error = last->pulse_error + (int64_t)ceil(error);
}

bool verify_sums_after(const struct verify *v, unsigned kind, const struct verify_sums *last,
                       const struct verify_row *r, struct verify_sums *out)
{
    unsigned rates = verify_rate_columns(v, kind), given = (unsigned)r->has >> verify_rate(kind, 0);
    int64_t total;
    if (rates == 0 || (rates & ~given) != 0 || !verify_total_of(v, kind, r, &total))
        return false;
    if (!last->given)
        *out = (struct verify_sums){0};
    out->given = true;
    out->possible = 0;
    out->time_utc_ms = r->time_utc_ms;
    out->lo_utc_ms = verify_row_lo(v, r);
    out->total = total;
    for (unsigned i = 0; i < RATE_COUNT; i++)
        out->rate[i] = (rates >> i & 1u) != 0 ? r->v[verify_rate(kind, i)] : 0;
    if (last->given)
        count_on(v, last, out);
    return true;
}

int64_t verify_sums_q(const struct verify *v, unsigned kind, const struct verify_sums *s, unsigned rates)
{
    unsigned t = verify_total_register(v, kind);
    int64_t q = verify_q(v, t, s->total);
    if (t != verify_total(kind) && rule_for_total(v, kind) != COMBINED_IMPORT)
        q *= 2;
    for (unsigned i = 0; i < RATE_COUNT; i++)
        if ((rates >> i & 1u) != 0)
            q += verify_q(v, verify_rate(kind, i), s->rate[i]);
    return q;
}

int64_t verify_sums_steps(const struct verify *v, unsigned kind, unsigned rates)
{
    int64_t sum = resolution_step(&v->m.res[verify_total_register(v, kind)]);
    for (unsigned i = 0; i < RATE_COUNT; i++)
        sum += (rates >> i & 1u) != 0 ? resolution_step(&v->m.res[verify_rate(kind, i)]) : 0;
    return sum;
}
