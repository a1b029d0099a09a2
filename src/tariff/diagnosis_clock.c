/* Explanations that change the meter's clock: off by minutes, set in between, gaining, on another day. */
#include <stdlib.h>

#include "tariff/calendar.h"
#include "tariff/diagnosis_search.h"

#define DATE_DAYS    800 /* a date is looked for this many days around, then by years */
#define DATE_YEARS   40
#define DRIFT_MOST_S 1200 /* a day */
#define DRIFT_STEP_S 4

static const char *direction(int64_t ms)
{
    return ms < 0 ? "late" : "fast";
}

static int64_t magnitude(int64_t a)
{
    return a < 0 ? -a : a;
}

void diagnosis_clock(struct diagnosis_search *s, const struct verify_result *r)
{
    int64_t tolerance = s->tariff->clock_tolerance_ms;
    if (!r->has_skew || (r->skew_lo_ms <= tolerance && r->skew_hi_ms >= -tolerance))
        return;
    int64_t middle = (r->skew_lo_ms + r->skew_hi_ms) / 2;
    int64_t lo = magnitude(r->skew_lo_ms), hi = magnitude(r->skew_hi_ms);
    diagnosis_add(s->out, DIAG_CLOCK_OFFSET, s->rules, s->from_utc_ms, s->to_utc_ms,
                  "The meter's clock is %s %s (between %s and %s).",
                  diagnosis_duration(magnitude(middle)).text, direction(middle),
                  diagnosis_duration(lo < hi ? lo : hi).text, diagnosis_duration(lo < hi ? hi : lo).text);
}

static bool shift_fits(const struct diagnosis_search *s, int64_t shift_ms)
{
    struct hypothesis h = {.tariff = s->tariff, .shift_ms = shift_ms};
    return hypothesis_fits(&h, &s->test);
}

static bool days_fit(const struct diagnosis_search *s, int64_t days)
{
    return shift_fits(s, days * CALENDAR_DAY_MS);
}

/* The skew ends where this begins. */
static void try_half_day(struct diagnosis_search *s)
{
    bool late = shift_fits(s, -SKEW_RANGE_MS), fast = shift_fits(s, SKEW_RANGE_MS);
    if (late || fast)
        diagnosis_add(s->out, DIAG_CLOCK_OFFSET, s->rules, s->from_utc_ms, s->to_utc_ms,
                      "The meter's clock is 12 h %s: noon and midnight are exchanged.",
                      late && fast ? "off" : direction(late ? -1 : 1));
}

static void try_date(struct diagnosis_search *s)
{
    int64_t found = 0;
    for (int64_t days = 1; days <= DATE_DAYS && found == 0; days++)
        found = days_fit(s, -days) ? -days : days_fit(s, days) ? days : 0;
    for (int64_t years = 3; years <= DATE_YEARS && found == 0; years++) {
        int64_t days = years * 1461 / 4;
        for (int64_t about = -1; about <= 1 && found == 0; about++)
            found = days_fit(s, -days + about) ? -days + about : days_fit(s, days + about) ? days + about : 0;
    }
    if (found == 0)
        return;
    diagnosis_add(s->out, DIAG_CLOCK_DATE, s->rules, s->from_utc_ms, s->to_utc_ms,
                  "The meter's date is wrong while its time of day is right: as if %lld day%s %s.",
                  (long long)magnitude(found), magnitude(found) == 1 ? "" : "s",
                  found < 0 ? "behind" : "ahead");
}

static void try_step(struct diagnosis_search *s)
{
    struct hypothesis h = {.tariff = s->tariff};
    struct skew skew;
    hypothesis_skew(&h, s->test.evidence, &skew);
    if (skew.emptied != 1)
        return;
    diagnosis_add(
        s->out, DIAG_CLOCK_STEPPED, s->rules, s->from_utc_ms, s->to_utc_ms,
        "The meter's clock was set in between: before and after, one clock error each explains everything.");
}

static void try_drift(struct diagnosis_search *s)
{
    for (int64_t rate = DRIFT_STEP_S; rate <= DRIFT_MOST_S; rate += DRIFT_STEP_S) {
        for (int sign = -1; sign <= 1; sign += 2) {
            struct hypothesis h = {.tariff = s->tariff, .drift_ms_day = sign * rate * 1000};
            if (!hypothesis_fits(&h, &s->test))
                continue;
            struct skew skew;
            hypothesis_skew(&h, s->test.evidence, &skew);
            if (skew.emptied > 0)
                continue;
            diagnosis_add(s->out, DIAG_CLOCK_DRIFT, s->rules, s->from_utc_ms, s->to_utc_ms,
                          "The meter's clock %s about %lld s a day.", sign < 0 ? "loses" : "gains",
                          (long long)rate);
            return;
        }
    }
}

void diagnosis_clock_late(struct diagnosis_search *s)
{
    try_half_day(s);
    try_step(s);
    try_drift(s);
    try_date(s);
}
