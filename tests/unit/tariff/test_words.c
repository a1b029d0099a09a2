/* Findings: one for each cause, and the sentence of each rule; verdicts and what is missing, by name. */
#include <string.h>
#include "core/rc.h"
#include "judge_fixture.h"
#include "tariff/findings.h"
#include "unit_main.h"

#define ROWS(table) ((int)(sizeof(table) / sizeof(table)[0]))

static const struct {
    enum verify_rule rule;
    int quantity;
    enum verify_fall fall;
    int64_t excess;
    unsigned possible;
    uint64_t count;
    const char *text; /* with the fixed window behind it */
} sentences[] = {
    {RULE_T1, Q_ACTIVE_ENERGY_FLAT, FALL_NONE, 10000, 1u << RATE_VALLEY, 3,
     "active_energy_flat moved by 0.01 kWh between 2026-03-10 08:00:00 and 2026-03-10 08:01:00, when only "
     "valley could "
     "be in force (and 2 times more)"},
    {RULE_T1, Q_REACTIVE_ENERGY_FLAT, FALL_NONE, 10000, 1u << RATE_VALLEY | 1u << RATE_SHARP, 1,
     "reactive_energy_flat moved by 0.01 kvarh between 2026-03-10 08:00:00 and 2026-03-10 08:01:00, when "
     "only sharp or "
     "valley could be in force"},
    {RULE_T2, -1, FALL_NONE, 50000, 0, 1,
     "total and sum of the rates moved apart, beyond any tolerance by 0.05 kWh between 2026-03-10 08:00:00 "
     "and "
     "2026-03-10 08:01:00"},
    {RULE_T3, Q_ACTIVE_ENERGY_PEAK, FALL_NONE, 50000, 15, 1,
     "active_energy_peak did not move as the total did, beyond"},
    {RULE_T4, Q_ACTIVE_ENERGY_PEAK, FALL_NONE, 50000, 0, 1,
     "active_energy_peak got more or less than it can have, "},
    {RULE_T5, Q_ACTIVE_ENERGY_PEAK, FALL_NONE, 50000, 0, 1,
     "active_energy_peak got more or less than it can have, "},
    {RULE_T6, -1, FALL_CLEARED, 0, 0, 1, "all energy registers were cleared between"},
    {RULE_T6, -1, FALL_REPLACED, 0, 0, 1, "all energy registers changed at once: another meter between"},
    {RULE_T6, Q_ACTIVE_ENERGY_PEAK, FALL_DECREASE, 5, 0, 1,
     "active_energy_peak fell by 0.000005 kWh between"},
    {RULE_F1, -1, FALL_NONE, 0, 0, 1, "the frozen values moved on at the wrong time between"},
    {RULE_F1, Q_SETTLEMENT_FIRST + 3, FALL_NONE, 0, 0, 1,
     "the frozen values did not move on together between"},
    {RULE_F5, Q_SETTLEMENT_FIRST + 3, FALL_NONE, 1, 0, 1,
     "active_energy_combined_prev03 changed between settlements, "},
    {RULE_F7, Q_SETTLEMENT_FIRST, FALL_NONE, 1, 0, 1,
     "active_energy_combined_month fell between settlements, "},
    {RULE_F3, Q_SETTLEMENT_FIRST + 13, FALL_NONE, 1, 0, 1,
     "reactive_energy_combined_month does not agree with what was counted, beyond any tolerance by 0.000001 "
     "kvarh"},
    {RULE_P1, Q_ACTIVE_ENERGY_TOTAL, FALL_NONE, 1, 0, 1,
     "active_energy_total moved by more than the meter can carry"},
    {RULE_P2, Q_ACTIVE_ENERGY_TOTAL, FALL_NONE, 1, 0, 1,
     "active_energy_total stands still while power flows"},
    {RULE_P3, Q_ACTIVE_ENERGY_TOTAL, FALL_NONE, 1, 0, 1,
     "active_energy_total and the measured power disagree"},
};

static struct verify_row before, after;

static struct verify_event event(int i)
{
    int64_t lo = instant("2026-03-10 00:00:00");
    return (struct verify_event){.rule = sentences[i].rule,
                                 .quantity = sentences[i].quantity,
                                 .fall = sentences[i].fall,
                                 .has_excess = sentences[i].excess != 0,
                                 .excess = sentences[i].excess,
                                 .ts_utc_ms = lo + 60000,
                                 .window_utc_ms = {lo, lo + 60000},
                                 .possible = sentences[i].possible,
                                 .before = &before,
                                 .after = &after};
}

START_TEST(a_finding_in_words)
{
    struct findings f = {0};
    struct text_buf out = {0};
    struct verify_event e = event(_i);
    fixture_init();
    fx.tariff.utc_offset_s = 8 * 3600;
    for (uint64_t i = 0; i < sentences[_i].count; i++)
        ck_assert_int_eq(findings_add(&f, &e), RC_OK);
    ck_assert_uint_eq(f.n, 1);
    finding_summary(&f.item[0], &fx.tariff, &out);
    ck_assert_msg(strncmp(out.data, sentences[_i].text, strlen(sentences[_i].text)) == 0, "%s", out.data);
    ck_assert_uint_gt(strlen(verify_rule_sentence(sentences[_i].rule)), 20);
    ck_assert_uint_eq(strlen(verify_rule_name(sentences[_i].rule)), 2);
    text_buf_done(&out);
    findings_done(&f);
}
END_TEST

START_TEST(without_a_tariff_times_are_utc)
{
    struct findings f = {0};
    struct text_buf out = {0};
    struct verify_event e = event(2);
    findings_add(&f, &e);
    finding_summary(&f.item[0], NULL, &out);
    ck_assert_ptr_nonnull(strstr(out.data, "between 2026-03-10 00:00:00 UTC and 2026-03-10 00:01:00 UTC"));
    text_buf_done(&out);
    findings_done(&f);
}
END_TEST

START_TEST(one_finding_for_each_cause)
{
    struct findings f = {0};
    struct verify_event e = event(0);
    for (int32_t cause = 0; cause < FINDINGS_MOST + 5; cause++)
        for (int again = 0; again < 2; again++) {
            e.cause = cause;
            e.ts_utc_ms += 1000;
            ck_assert_int_eq(findings_add(&f, &e), RC_OK);
        }
    ck_assert_uint_eq(f.n, FINDINGS_MOST);
    ck_assert_uint_eq(f.left_out, 10);
    ck_assert_uint_eq(f.item[7].count, 2);
    ck_assert_int_eq(f.item[7].last_ts_utc_ms, f.item[7].first.ts_utc_ms + 1000);
    e.cause = 7;
    e.quantity = Q_ACTIVE_ENERGY_PEAK; /* another register, another finding: there is no room for it */
    findings_add(&f, &e);
    ck_assert_uint_eq(f.left_out, 11);
    findings_done(&f);
}
END_TEST

START_TEST(the_frozen_value_of_a_finding_is_kept)
{
    struct findings f = {0};
    struct verify_event e = event(11);
    fx.settlement[3] = 42;
    after.settlement = fx.settlement;
    findings_add(&f, &e);
    after.settlement = NULL;
    ck_assert_int_eq(f.item[0].settlement_after, 42);
    ck_assert_ptr_null(f.item[0].after.settlement);
    findings_done(&f);
}
END_TEST

/* Why a verdict is undecided. */
static const struct {
    const char *what;
    bool tariff, rates, dual;
    int rows;
    int64_t flows;
    const char *at;
    enum verify_verdict verdict;
    const char *missing;
} undecided[] = {
    {"all is there", true, true, false, 20, 10000, "2026-03-10 03:00:00", VERDICT_OK, ""},
    {"nothing was judged yet", true, true, false, 2, 10000, "2026-03-10 03:00:00", VERDICT_UNDECIDED,
     "too_few_readings "},
    {"nothing moved", true, true, false, 20, 0, "2026-03-10 03:00:00", VERDICT_UNDECIDED, "no_movement "},
    {"every window may hold two rates", true, true, false, 20, 10000, "2026-03-10 06:00:00",
     VERDICT_UNDECIDED, "all_windows_ambiguous "},
    {"too little for the step", true, true, false, 5, 1000000, "2026-03-10 03:00:00", VERDICT_UNDECIDED,
     "resolution "},
    {"no tariff", false, true, false, 20, 10000, "2026-03-10 03:00:00", VERDICT_UNDECIDED, "no_tariff "},
    {"no rates", true, false, false, 20, 10000, "2026-03-10 03:00:00", VERDICT_UNDECIDED, "no_rate_columns "},
    {"two sources", true, true, true, 20, 10000, "2026-03-10 03:00:00", VERDICT_UNDECIDED, "dual_source "},
};

START_TEST(what_is_missing)
{
    char missing[200] = "";
    fixture_init();
    if (!undecided[_i].tariff)
        fx.options.tariff = NULL;
    if (!undecided[_i].rates)
        fx.options.columns = fx.row.has = (1u << VR_RATES) - 1;
    fx.options.dual_source = undecided[_i].dual;
    for (int i = 0; i < undecided[_i].rows; i++) {
        flow(RATE_VALLEY, undecided[_i].flows);
        read_at(instant(undecided[_i].at) + i * 1000, 0);
    }
    const struct verify_result *r = result_now();
    for (unsigned m = 0; m < MISSING_COUNT; m++)
        if ((r->missing >> m & 1u) != 0)
            strcat(strcat(missing, verify_missing_name((enum verify_missing)m)), " ");
    ck_assert_msg(strcmp(missing, undecided[_i].missing) == 0, "%s: %s", undecided[_i].what, missing);
    ck_assert_str_eq(verify_verdict_name(r->verdict), verify_verdict_name(undecided[_i].verdict));
    fixture_done();
}
END_TEST

Suite *unit_suite(void)
{
    Suite *s = suite_create("words");
    TCase *c = tcase_create("words");
    tcase_add_loop_test(c, a_finding_in_words, 0, ROWS(sentences));
    tcase_add_test(c, without_a_tariff_times_are_utc);
    tcase_add_test(c, one_finding_for_each_cause);
    tcase_add_test(c, the_frozen_value_of_a_finding_is_kept);
    tcase_add_loop_test(c, what_is_missing, 0, ROWS(undecided));
    suite_add_tcase(s, c);
    return s;
}
