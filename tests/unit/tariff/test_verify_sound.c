/* Soundness: a correct meter within the assumptions is never accused. bench/verify_months runs 10 000 of
 * these. */
#include <stdio.h>
#include <stdlib.h>
#include "core/text.h"
#include "fake/meter_watch.h"
#include "fake/plain_tariff.h"
#include "unit_main.h"

static void judge_month(uint64_t seed)
{
    struct tariff t;
    bool deep;
    ck_assert(
        plain_tariff_read(plain_tariff_names[seed % (uint64_t)plain_tariff_count], RATE_VALLEY, &t, &deep));
    int64_t start = text_days_from_civil(2026, 1 + (unsigned)(seed % 12), 10) * 86400000;
    struct life *l = malloc(sizeof *l);
    ck_assert_ptr_nonnull(l);
    life_draw(l, seed, &t, start);
    struct watch w;
    watch_draw(&w, seed);
    struct verify_options o = {.tariff = &t, .max_power_w = 19008};
    struct watched out;
    watch_run(l, &w, &o, false, &out);
    ck_assert_msg(out.result.errors == 0,
                  "seed %llu: %s on %s, excess %lld, step %lld base %.0f float %d poll %lld lag %d export "
                  "%.2f cumulative %d",
                  (unsigned long long)seed, verify_rule_name(out.first.rule),
                  out.first.quantity < 0 ? "-" : quantity_at((enum quantity_id)out.first.quantity)->name,
                  (long long)out.first.excess, (long long)l->step, l->base_kwh, l->float_pulses,
                  (long long)w.poll_ms, l->lag, l->export_share, l->cumulative);
    if (out.result.has_skew && l->set_every_ms == 0) {
        int64_t skew = l->clock_ms +
                       (int64_t)((double)(l->now_ms - l->last_set_ms) * (double)l->drift_ms_day / 86400000.0);
        ck_assert_msg(skew >= out.result.skew_lo_ms && skew <= out.result.skew_hi_ms,
                      "seed %llu: skew %lld not in [%lld, %lld]", (unsigned long long)seed, (long long)skew,
                      (long long)out.result.skew_lo_ms, (long long)out.result.skew_hi_ms);
    }
    free(l);
}

START_TEST(correct_meters_are_not_accused)
{
    const char *first = getenv("METERFLEET_FIRST_MONTH");
    judge_month((uint64_t)_i + (first != NULL ? (uint64_t)atoll(first) : 1));
}
END_TEST

Suite *unit_suite(void)
{
    const char *most = getenv("METERFLEET_MONTHS");
    Suite *s = suite_create("verify_sound");
    TCase *c = tcase_create("months");
    tcase_set_timeout(c, 120);
    tcase_add_loop_test(c, correct_meters_are_not_accused, 0, most != NULL ? atoi(most) : 100);
    suite_add_tcase(s, c);
    return s;
}
