/* A meter's report for people: the verdict first, why, what to do; the proof on request. */
#include "cli/verify_report.h"

#include "core/decimal.h"
#include "tariff/calendar.h"

#define FINDINGS_SHOWN 5 /* without --proof */

static const char *const missing_words[MISSING_COUNT] = {
    [MISSING_NO_RATE_COLUMNS] = "there are no rate registers to judge",
    [MISSING_NO_MOVEMENT] = "no rate register moved",
    [MISSING_TOO_FEW_READINGS] = "there are too few readings",
    [MISSING_ALL_WINDOWS_AMBIGUOUS] = "every gap between two readings spans a switch-over",
    [MISSING_RESOLUTION] = ("total and rates cannot be held against each other: too little energy flowed for "
                            "their steps, or they are apart by more than steps and by less than sums in "
                            "float32 may be"),
    [MISSING_NO_TARIFF] = "the meter has no tariff",
    [MISSING_CLOCK] = "the gateway's clock was not right",
    [MISSING_DUAL_SOURCE] = "the meter counts two sources and shows the registers of one",
    [MISSING_FREEZE_MODEL] = "what the frozen values mean is not known",
};

static void add_time(struct text_buf *out, const struct tariff *t, int64_t utc_ms)
{
    char text[TEXT_TS_SIZE];
    text_from_utc_ms(t != NULL ? calendar_local_ms(t, utc_ms) : utc_ms, text);
    text[10] = ' ';
    text_buf_add_n(out, text, 16);
}

/* A meter's name comes from a file: escape codes do not reach the terminal. */
static void add_name(struct text_buf *out, const char *name)
{
    for (; *name != '\0'; name++)
        text_buf_add_n(out, (unsigned char)*name < 0x20 || *name == 0x7F ? "?" : name, 1);
    text_buf_add(out, ": ");
}

static void add_verdict(struct text_buf *out, const struct verify_report *r)
{
    const struct verify_result *x = &r->result;
    add_name(out, r->meter);
    if (x->verdict == VERDICT_OK) {
        text_buf_addf(out, "OK. The rate registers are right: every movement fits tariff %s.\n",
                      r->options.tariff->name);
    } else if (x->verdict == VERDICT_VIOLATED) {
        text_buf_add(out, "VIOLATED. The rate registers are not what the tariff says.\n");
    } else {
        const char *sep = "";
        text_buf_add(out, "UNDECIDED: ");
        for (unsigned m = 0; m < MISSING_COUNT; m++) {
            if ((x->missing >> m & 1u) == 0)
                continue;
            text_buf_addf(out, "%s%s", sep, missing_words[m]);
            sep = "; ";
        }
        text_buf_add(out, ".\n");
    }
}

static void add_span(struct text_buf *out, const struct verify_report *r)
{
    const struct verify_result *x = &r->result;
    if (x->from_utc_ms == INT64_MIN)
        return;
    text_buf_add(out, "  ");
    add_time(out, r->options.tariff, x->from_utc_ms);
    text_buf_add(out, " to ");
    add_time(out, r->options.tariff, x->to_utc_ms);
    text_buf_addf(out, "%s, %llu %s", r->options.tariff != NULL ? " (meter's time)" : " UTC",
                  (unsigned long long)x->readings, x->readings == 1 ? "reading" : "readings");
    uint64_t rejected = x->rejected_range + x->rejected_zero + x->rejected_conflict + x->rejected_glitch;
    if (rejected > 0)
        text_buf_addf(out, ", %llu not used", (unsigned long long)rejected);
    text_buf_addf(out, "\n  judged without doubt: %.0f %% of the time, %.0f %% of the energy\n",
                  x->coverage_time * 100, x->coverage_energy * 100);
    if (x->has_skew)
        text_buf_addf(out, "  the meter's clock: between %+.0f and %+.0f s off (+ is fast)\n",
                      (double)x->skew_lo_ms / 1000, (double)x->skew_hi_ms / 1000);
}

static void add_values(struct text_buf *out, const char *what, const struct verify_row *row)
{
    text_buf_addf(out, "      %s:", what);
    for (unsigned e = 0; e < VERIFY_REGISTERS; e++) {
        char number[DECIMAL_SIZE];
        if (!verify_has(row, e))
            continue;
        decimal_to_text(row->v[e], 6, number);
        text_buf_addf(out, "\n        %-24s %s",
                      quantity_at((enum quantity_id)(Q_ENERGY_FIRST + (int)e))->name, number);
    }
    text_buf_add(out, "\n");
}

static void add_proof(struct text_buf *out, const struct finding *f, const struct tariff *t)
{
    const struct verify_event *e = &f->first;
    char from[TEXT_TS_SIZE], to[TEXT_TS_SIZE];
    text_from_utc_ms(e->window_utc_ms[0], from);
    text_from_utc_ms(e->window_utc_ms[1], to);
    text_buf_addf(out, "      rule: %s\n      window: %s to %s\n", verify_rule_sentence(e->rule), from, to);
    if (e->possible != 0) {
        text_buf_add(out, "      possible rates:");
        for (unsigned i = 0; i < RATE_COUNT; i++)
            if ((e->possible >> i & 1u) != 0)
                text_buf_addf(out, " %s", rate_name((enum rate)i));
        text_buf_add(out, "\n");
    }
    add_values(out, "before", &f->before);
    add_values(out, "after", &f->after);
    (void)t;
}

static void add_findings(struct text_buf *out, const struct verify_report *r, bool proof)
{
    size_t shown = proof || r->findings.n <= FINDINGS_SHOWN ? r->findings.n : FINDINGS_SHOWN;
    for (size_t i = 0; i < shown; i++) {
        const struct finding *f = &r->findings.item[i];
        text_buf_addf(out, "  [%s %s] ", verify_rule_name(f->first.rule),
                      verify_severity_name(f->first.severity));
        finding_summary(f, r->options.tariff, out);
        text_buf_add(out, "\n");
        if (proof)
            add_proof(out, f, r->options.tariff);
    }
    if (shown < r->findings.n)
        text_buf_addf(out, "  and %zu more findings (--proof shows all)\n", r->findings.n - shown);
}

static void add_assumptions(struct text_buf *out, const struct verify_options *o)
{
    const struct tariff *t = o->tariff;
    if (t == NULL)
        return;
    text_buf_addf(out,
                  "  assumed: clock within %lld s, switching lag up to %lld s, registers at most %.1f s old, "
                  "clock drift "
                  "%.1f s a day\n",
                  (long long)(t->clock_tolerance_ms / 1000), (long long)(t->switching_lag_ms / 1000),
                  (double)t->register_lag_ms / 1000, (double)t->clock_drift_ms_day / 1000);
    if (o->max_power_w > 0)
        text_buf_addf(out, "  the meter can carry: %lld W\n", (long long)o->max_power_w);
}

static void add_steps(struct text_buf *out, const struct verify_result *x)
{
    const char *sep = "  registers count in steps of:";
    for (unsigned e = 0; e < VERIFY_REGISTERS; e++) {
        char number[DECIMAL_SIZE];
        if (!x->has_resolution[e])
            continue;
        decimal_to_text(x->resolution[e], 6, number);
        text_buf_addf(out, "%s\n    %-24s %s", sep,
                      quantity_at((enum quantity_id)(Q_ENERGY_FIRST + (int)e))->name, number);
        sep = "";
    }
    text_buf_add(out, *sep == '\0' ? "\n" : "");
}

void verify_report_text(const struct verify_report *r, bool proof, struct text_buf *out)
{
    add_verdict(out, r);
    for (size_t i = 0; i < r->diagnoses.n; i++)
        text_buf_addf(out, "  %s %s\n", i == 0 ? "why:" : "or: ", r->diagnoses.item[i].text);
    add_span(out, r);
    if (proof) {
        add_assumptions(out, &r->options);
        add_steps(out, &r->result);
    }
    add_findings(out, r, proof);
}
