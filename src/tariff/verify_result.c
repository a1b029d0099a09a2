/* What the engine knows so far, in numbers and words. */
#include <string.h>

#include "tariff/verify_state.h"

static const char *const rule_names[RULE_COUNT] = {"T1", "T2", "T3", "T4", "T5", "T6", "F1", "F2",
                                                   "F3", "F4", "F5", "F6", "F7", "P1", "P2", "P3"};
static const char *const missing_names[MISSING_COUNT] = {
    "no_rate_columns", "no_movement", "too_few_readings", "all_windows_ambiguous", "resolution",
    "no_tariff",       "clock",       "dual_source",      "freeze_model"};

const char *verify_rule_name(enum verify_rule r)
{
    return rule_names[r];
}

const char *verify_severity_name(enum verify_severity s)
{
    static const char *const names[] = {"error", "warning", "info"};
    return names[s];
}

const char *verify_verdict_name(enum verify_verdict v)
{
    static const char *const names[] = {"ok", "violated", "undecided"};
    return names[v];
}

const char *verify_missing_name(enum verify_missing m)
{
    return missing_names[m];
}

static const char *combined_name(const struct verify *v)
{
    static const char *const names[] = {"import+export", "import", "import-export"};
    if (v->opt.combined != COMBINED_AUTO)
        return names[v->opt.combined - 1];
    switch (v->m.kind[0].rules) {
    case 1:
        return names[0];
    case 2:
        return names[1];
    case 4:
        return names[2];
    default:
        return "undetermined";
    }
}

static unsigned what_is_missing(const struct verify *v)
{
    const struct verify_memory *m = &v->m;
    unsigned missing = 0;
    uint16_t rates = 15u << verify_rate(0, 0) | 15u << verify_rate(1, 0);
    if (v->opt.dual_source)
        missing |= 1u << MISSING_DUAL_SOURCE;
    if (v->opt.tariff == NULL)
        missing |= 1u << MISSING_NO_TARIFF;
    if ((v->opt.columns & rates) == 0)
        missing |= 1u << MISSING_NO_RATE_COLUMNS;
    if (m->accepted < 2)
        missing |= 1u << MISSING_TOO_FEW_READINGS;
    else if (missing == 0 && !m->moved)
        missing |= 1u << MISSING_NO_MOVEMENT;
    else if (missing == 0 && !m->moved_single)
        missing |= 1u << MISSING_ALL_WINDOWS_AMBIGUOUS;
    else if (missing == 0 && (!m->t2_checked || verify_sum_unexplained(v, 0)))
        missing |= 1u << MISSING_RESOLUTION;
    return missing;
}

void verify_result(const struct verify *v, struct verify_result *out)
{
    const struct verify_memory *m = &v->m;
    struct verify_result r = {.from_utc_ms = m->from_utc_ms,
                              .to_utc_ms = m->to_utc_ms,
                              .readings = m->readings,
                              .rejected_range = m->rejected[REJECTED_RANGE],
                              .rejected_zero = m->rejected[REJECTED_ZERO],
                              .rejected_conflict = m->rejected[REJECTED_CONFLICT],
                              .rejected_glitch = m->rejected[REJECTED_GLITCH],
                              .duplicates = m->duplicates,
                              .errors = m->errors,
                              .no_single_skew_utc_ms = m->skew.emptied_utc_ms,
                              .combined_rule = combined_name(v),
                              .freeze = (enum freeze_model)m->freeze.model};
    if (m->time_total_ms > 0)
        r.coverage_time = (double)m->time_single_ms / (double)m->time_total_ms;
    if (m->energy_total > 0)
        r.coverage_energy = (double)m->energy_single / (double)m->energy_total;
    const struct tariff *t = v->opt.tariff;
    if (t != NULL && m->to_utc_ms != INT64_MIN)
        r.has_skew = skew_interval(&m->skew, m->to_utc_ms, t->clock_drift_ms_day, t->clock_tolerance_ms,
                                   &r.skew_lo_ms, &r.skew_hi_ms);
    for (unsigned e = 0; e < VERIFY_REGISTERS; e++) {
        r.has_resolution[e] = (v->opt.columns >> e & 1u) != 0 && m->res[e].last != INT64_MIN;
        r.resolution[e] = resolution_step(&m->res[e]);
    }
    unsigned missing = what_is_missing(v);
    if (m->errors > 0) {
        r.verdict = VERDICT_VIOLATED;
    } else if (missing == 0) {
        r.verdict = VERDICT_OK;
    } else {
        r.verdict = VERDICT_UNDECIDED;
        r.missing = missing;
    }
    *out = r;
}
