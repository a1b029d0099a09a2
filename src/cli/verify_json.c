/* A meter's report as the JSON of INTERFACES 8: every key is always there. */
#include "cli/verify_report.h"

#include "core/decimal.h"

static void add_ts(struct text_buf *out, int64_t utc_ms)
{
    char text[TEXT_TS_SIZE];
    if (utc_ms == INT64_MIN) {
        text_buf_add(out, "null");
        return;
    }
    text_from_utc_ms(utc_ms, text);
    text_buf_addf(out, "\"%s\"", text);
}

static void add_number(struct text_buf *out, int64_t value, unsigned decimals)
{
    char text[DECIMAL_SIZE];
    decimal_to_text(value, decimals, text);
    text_buf_add(out, text);
}

static void add_share(struct text_buf *out, double x)
{
    add_number(out, (int64_t)(x * 10000 + 0.5), 4);
}

/* To a tenth of a second, outwards: what is possible stays inside. */
static void add_skew(struct text_buf *out, int64_t lo_ms, int64_t hi_ms)
{
    text_buf_add(out, "[");
    add_number(out, lo_ms >= 0 ? lo_ms / 100 : -((-lo_ms + 99) / 100), 1);
    text_buf_add(out, ",");
    add_number(out, hi_ms >= 0 ? (hi_ms + 99) / 100 : -(-hi_ms / 100), 1);
    text_buf_add(out, "]");
}

static void add_rules(struct text_buf *out, unsigned mask)
{
    const char *sep = "";
    text_buf_add(out, "[");
    for (unsigned r = 0; r < RULE_COUNT; r++) {
        if ((mask >> r & 1u) == 0)
            continue;
        text_buf_addf(out, "%s\"%s\"", sep, verify_rule_name((enum verify_rule)r));
        sep = ",";
    }
    text_buf_add(out, "]");
}

static void add_registers(struct text_buf *out, const struct verify_row *r)
{
    const char *sep = "";
    text_buf_add(out, "{");
    for (unsigned e = 0; e < VERIFY_REGISTERS; e++) {
        if (!verify_has(r, e))
            continue;
        text_buf_addf(out, "%s\"%s\":", sep, quantity_at((enum quantity_id)(Q_ENERGY_FIRST + (int)e))->name);
        add_number(out, r->v[e], 6);
        sep = ",";
    }
    text_buf_add(out, "}");
}

static void add_after(struct text_buf *out, const struct finding *f)
{
    add_registers(out, &f->after);
    if (f->settlement_after == VERIFY_ABSENT)
        return;
    out->len--; /* the brace comes again */
    text_buf_addf(out, "%s\"%s\":", f->after.has != 0 ? "," : "",
                  quantity_at((enum quantity_id)f->first.quantity)->name);
    add_number(out, f->settlement_after, 6);
    text_buf_add(out, "}");
}

static void add_possible(struct text_buf *out, unsigned mask)
{
    const char *sep = "";
    if (mask == 0) {
        text_buf_add(out, "null");
        return;
    }
    text_buf_add(out, "[");
    for (unsigned i = 0; i < RATE_COUNT; i++) {
        if ((mask >> i & 1u) == 0)
            continue;
        text_buf_addf(out, "%s\"%s\"", sep, rate_name((enum rate)i));
        sep = ",";
    }
    text_buf_add(out, "]");
}

static void add_finding(struct text_buf *out, const struct finding *f, const struct tariff *t)
{
    const struct verify_event *e = &f->first;
    text_buf_addf(out, "{\"rule\":\"%s\",\"severity\":\"%s\",\"ts\":", verify_rule_name(e->rule),
                  verify_severity_name(e->severity));
    add_ts(out, e->ts_utc_ms);
    text_buf_add(out, ",\"last_ts\":");
    add_ts(out, f->last_ts_utc_ms);
    text_buf_addf(out, ",\"count\":%llu,\"register\":", (unsigned long long)f->count);
    if (e->quantity >= 0)
        text_buf_add_json(out, quantity_at((enum quantity_id)e->quantity)->name);
    else
        text_buf_add(out, "null");
    text_buf_add(out, finding_is_reactive(e) ? ",\"excess_kwh\":null,\"excess_kvarh\":" : ",\"excess_kwh\":");
    if (e->has_excess)
        add_number(out, e->excess, 6);
    else
        text_buf_add(out, "null");
    text_buf_add(out, ",\"window\":[");
    add_ts(out, e->window_utc_ms[0]);
    text_buf_add(out, ",");
    add_ts(out, e->window_utc_ms[1]);
    text_buf_add(out, "],\"possible_rates\":");
    add_possible(out, e->possible);
    text_buf_add(out, ",\"before\":");
    add_registers(out, &f->before);
    text_buf_add(out, ",\"after\":");
    add_after(out, f);
    struct text_buf summary = {0};
    finding_summary(f, t, &summary);
    text_buf_add(out, ",\"summary\":");
    text_buf_add_json(out, summary.data != NULL ? summary.data : "");
    text_buf_done(&summary);
    text_buf_add(out, "}");
}

static void add_assumptions(struct text_buf *out, const struct verify_options *o)
{
    static const struct tariff none = {.clock_tolerance_ms = 300000,
                                       .switching_lag_ms = 60000,
                                       .register_lag_ms = 2000,
                                       .clock_drift_ms_day = 2000,
                                       .wrap = WRAP_SAME_DAY};
    const struct tariff *t = o->tariff != NULL ? o->tariff : &none;
    text_buf_add(out, ",\"assumptions\":{\"clock_tolerance_s\":");
    add_number(out, t->clock_tolerance_ms, 3);
    text_buf_add(out, ",\"switching_lag_s\":");
    add_number(out, t->switching_lag_ms, 3);
    text_buf_add(out, ",\"register_lag_s\":");
    add_number(out, t->register_lag_ms, 3);
    text_buf_add(out, ",\"clock_drift_s\":");
    add_number(out, t->clock_drift_ms_day, 3);
    text_buf_addf(
        out, ",\"wrap\":\"%s\",\"max_power_w\":", t->wrap == WRAP_SAME_DAY ? "same_day" : "previous_day");
    if (o->max_power_w > 0)
        add_number(out, o->max_power_w, 0);
    else
        text_buf_add(out, "null");
    text_buf_add(out, "}");
}

static void add_result(struct text_buf *out, const struct verify_report *r)
{
    static const char *const freeze_names[] = {"undetermined", "cumulative", "period"};
    const struct verify_result *x = &r->result;
    const char *sep = "";
    text_buf_addf(out, ",\"verdict\":\"%s\",\"missing\":[", verify_verdict_name(x->verdict));
    for (unsigned m = 0; m < MISSING_COUNT; m++) {
        if ((x->missing >> m & 1u) == 0)
            continue;
        text_buf_addf(out, "%s\"%s\"", sep, verify_missing_name((enum verify_missing)m));
        sep = ",";
    }
    text_buf_add(out, "],\"from\":");
    add_ts(out, x->from_utc_ms);
    text_buf_add(out, ",\"to\":");
    add_ts(out, x->to_utc_ms);
    uint64_t rejected = x->rejected_range + x->rejected_zero + x->rejected_conflict + x->rejected_glitch;
    text_buf_addf(out,
                  ",\"readings\":%llu,\"rejected\":%llu,\"rejected_by\":{\"range\":%llu,\"zero\":%llu,"
                  "\"conflict\":%llu,"
                  "\"glitch\":%llu},\"duplicates\":%llu,\"coverage_time\":",
                  (unsigned long long)x->readings, (unsigned long long)rejected,
                  (unsigned long long)x->rejected_range, (unsigned long long)x->rejected_zero,
                  (unsigned long long)x->rejected_conflict, (unsigned long long)x->rejected_glitch,
                  (unsigned long long)x->duplicates);
    add_share(out, x->coverage_time);
    text_buf_add(out, ",\"coverage_energy\":");
    add_share(out, x->coverage_energy);
    text_buf_add(out, ",\"skew_s\":");
    if (x->has_skew)
        add_skew(out, x->skew_lo_ms, x->skew_hi_ms);
    else
        text_buf_add(out, "null");
    text_buf_add(out, ",\"resolution_kwh\":{");
    sep = "";
    for (unsigned e = 0; e < VERIFY_REGISTERS; e++) {
        if (!x->has_resolution[e])
            continue;
        text_buf_addf(out, "%s\"%s\":", sep, quantity_at((enum quantity_id)(Q_ENERGY_FIRST + (int)e))->name);
        add_number(out, x->resolution[e], 6);
        sep = ",";
    }
    text_buf_addf(out, "},\"combined_rule\":\"%s\",\"freeze_model\":\"%s\"", x->combined_rule,
                  freeze_names[x->freeze]);
}

void verify_report_json(const struct verify_report *r, struct text_buf *out)
{
    text_buf_add(out, "{\"meter\":");
    text_buf_add_json(out, r->meter);
    text_buf_add(out, ",\"tariff\":");
    if (r->options.tariff != NULL)
        text_buf_add_json(out, r->options.tariff->name);
    else
        text_buf_add(out, "null");
    add_result(out, r);
    add_assumptions(out, &r->options);
    text_buf_add(out, ",\"diagnoses\":[");
    for (size_t i = 0; i < r->diagnoses.n; i++) {
        const struct diagnosis *d = &r->diagnoses.item[i];
        text_buf_addf(out, "%s{\"code\":\"%s\",\"text\":", i > 0 ? "," : "", diagnosis_code_name(d->code));
        text_buf_add_json(out, d->text);
        text_buf_add(out, ",\"rules\":");
        add_rules(out, d->rules);
        text_buf_add(out, ",\"from\":");
        add_ts(out, d->from_utc_ms);
        text_buf_add(out, ",\"to\":");
        add_ts(out, d->to_utc_ms);
        text_buf_add(out, "}");
    }
    text_buf_add(out, "],\"findings\":[");
    for (size_t i = 0; i < r->findings.n; i++) {
        if (i > 0)
            text_buf_add(out, ",");
        add_finding(out, &r->findings.item[i], r->options.tariff);
    }
    text_buf_add(out, "]}");
}
