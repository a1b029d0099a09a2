#include "fuzz/fuzz_judge.h"

#include <stdlib.h>
#include <string.h>
#include "core/rc.h"

void fuzz_tariff_make(struct tariff *t)
{
    static const uint16_t starts[] = {360, 600, 720, 900, 1380};
    static const uint8_t rates[] = {RATE_SHARP, RATE_PEAK, RATE_SHARP, RATE_FLAT, RATE_VALLEY};
    tariff_init(t, "fuzz");
    t->utc_offset_s = 8 * 3600;
    t->tables[0][0].n = t->tables[1][0].n = 5;
    for (unsigned i = 0; i < 5; i++)
        t->tables[0][0].period[i] = t->tables[1][0].period[4 - i] =
            (struct tariff_period){.minute = starts[i], .rate = rates[i]};
    for (unsigned i = 0; i < 5; i++)
        t->tables[1][0].period[i].minute = starts[i];
    t->tables[0][1].n = t->tables[1][1].n = 1;
    t->tables[0][1].period[0].rate = t->tables[1][1].period[0].rate = RATE_VALLEY;
    t->rest_mask = 1;
    t->rest_table = 2;
    t->switch_tables_local_s = 1798761600; /* 2027-01-01 */
}

static void take_event(void *arg, const struct verify_event *e)
{
    struct fuzz_judge *j = arg;
    if (e->rule >= RULE_COUNT || e->quantity >= Q_COUNT || e->before == NULL || e->after == NULL)
        abort();
    diagnosis_count(j->counts, e);
    if (findings_add(&j->findings, e) != RC_OK)
        abort();
}

static void take_evidence(void *arg, int64_t lo, int64_t hi, unsigned rates, unsigned forbidden)
{
    struct fuzz_judge *j = arg;
    if ((forbidden & ~rates) != 0 || rates > 15 || !evidence_add(&j->evidence, lo, hi, rates, forbidden))
        abort();
}

void fuzz_judge_new(struct fuzz_judge *j, const struct verify_options *o)
{
    *j = (struct fuzz_judge){.options = *o, .counts = calloc(1, sizeof *j->counts)};
    if (j->counts == NULL || verify_new(&j->options, take_event, j, &j->v) != RC_OK)
        abort();
    verify_want_evidence(j->v, take_evidence, j);
}

static void say(const struct fuzz_judge *j)
{
    struct text_buf words = {0};
    for (size_t i = 0; i < j->findings.n; i++)
        finding_summary(&j->findings.item[i], j->options.tariff, &words);
    text_buf_done(&words);
}

void fuzz_judge_done(struct fuzz_judge *j)
{
    struct verify_result r;
    verify_end(j->v);
    verify_result(j->v, &r);
    if ((r.verdict == VERDICT_UNDECIDED) != (r.missing != 0) || !(r.coverage_time >= 0) ||
        !(r.coverage_energy >= 0) || (r.has_skew && r.skew_lo_ms > r.skew_hi_ms))
        abort();
    say(j);
    struct diagnosis_list diagnoses = {0};
    if (j->diagnose && diagnosis_make(j->options.tariff, &j->evidence, j->counts, &r, &diagnoses) != RC_OK)
        abort();
    for (size_t i = 0; i < diagnoses.n; i++)
        if (diagnoses.item[i].code >= DIAG_COUNT || diagnoses.item[i].text[0] == '\0')
            abort();
    verify_free(j->v);
    findings_done(&j->findings);
    evidence_done(&j->evidence);
    free(j->counts);
}
