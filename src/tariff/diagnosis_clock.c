/* Explanations that change the meter's clock: off by minutes, set in between, gaining, on another day. */
#include "core/text.h"
#include "tariff/calendar.h"
#include "tariff/diagnosis_search.h"

#define DATE_DAYS      800 /* a date is looked for this many days around, then by years */
#define DATE_YEARS     40
#define DRIFT_MOST_S   1200 /* a day */
#define DRIFT_STEP_S   4
#define STRETCHES      3 /* set once, or set and set right again */
#define STATE_WORDS    48
#define WRONG_LEAST_MS (2 * 3600000LL) /* nobody sets a clock right so soon: that is a period, not a clock   \
                                        */

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
    const struct evidence_list *l = s->test.evidence;
    int64_t today = calendar_day_of(calendar_local_ms(s->tariff, l->piece[l->n - 1].lo_utc_ms));
    diagnosis_add(s->out, DIAG_CLOCK_DATE, s->rules, s->from_utc_ms, s->to_utc_ms,
                  "The meter's date is wrong, its time of day is right: %s is %s to it (%lld day%s %s).",
                  diagnosis_day(today).text, diagnosis_day(today + found).text, (long long)magnitude(found),
                  magnitude(found) == 1 ? "" : "s", found < 0 ? "behind" : "ahead");
}

/* A stretch of the record that one clock explains. */
struct stretch {
    size_t first, end; /* pieces [first, end) */
    struct skew skew;
};

static bool moves_within(const struct diagnosis_search *s, const struct skew *skew, const struct evidence *e,
                         unsigned rate)
{
    struct calendar c;
    struct skew next = *skew;
    calendar_init(&c, s->tariff);
    skew_moved(&next, &c, (enum rate)rate, e->lo_utc_ms, e->lo_utc_ms + e->length_ms,
               s->tariff->switching_lag_ms, s->tariff->clock_drift_ms_day);
    return next.emptied == 0;
}

/* The window in which the clock was set shows rates of the clock before and of the one after. */
static bool of_both(const struct diagnosis_search *s, const struct stretch *before,
                    const struct stretch *after)
{
    const struct evidence *e = &s->test.evidence->piece[before->end];
    for (unsigned rate = 0; rate < RATE_COUNT; rate++)
        if ((e->rates >> rate & 1u) != 0 && !moves_within(s, &before->skew, e, rate) &&
            !moves_within(s, &after->skew, e, rate))
            return false;
    return true;
}

/* The stretches of one clock each, at most STRETCHES; 0: there are more, or a window that none explains. */
static size_t stretches(const struct diagnosis_search *s, struct stretch out[STRETCHES])
{
    const struct hypothesis h = {.tariff = s->tariff};
    size_t n = 0, first = 0, all = s->test.evidence->n;
    for (; n < STRETCHES && first < all; n++) {
        out[n].first = first;
        out[n].end = hypothesis_skew_while(&h, s->test.evidence, first, &out[n].skew);
        if (n > 0 && !of_both(s, &out[n - 1], &out[n]))
            return 0;
        first = out[n].end + 1;
    }
    return first >= all ? n : 0;
}

/* "40 min late", "right within 1 min 20 s"; false: nothing is known. */
static bool state_of(const struct diagnosis_search *s, const struct stretch *part, char out[STATE_WORDS])
{
    int64_t lo, hi, tolerance = s->tariff->clock_tolerance_ms;
    const struct evidence *last = &s->test.evidence->piece[part->end - 1];
    if (part->end == part->first || !skew_interval(&part->skew, last->lo_utc_ms + last->length_ms,
                                                   s->tariff->clock_drift_ms_day, tolerance, &lo, &hi))
        return false;
    if (lo <= tolerance && hi >= -tolerance)
        text_format(out, STATE_WORDS, "right");
    else
        text_format(out, STATE_WORDS, "about %s %s", diagnosis_duration(magnitude((lo + hi) / 2)).text,
                    direction(lo + hi));
    return true;
}

static void try_step(struct diagnosis_search *s)
{
    const struct evidence *piece = s->test.evidence->piece;
    struct stretch part[STRETCHES];
    char before[STATE_WORDS], after[STATE_WORDS];
    size_t n = stretches(s, part);
    if (n < 2 || (n > 2 && piece[part[1].end].lo_utc_ms - piece[part[0].end].lo_utc_ms < WRONG_LEAST_MS))
        return;
    struct diagnosis_date first =
        diagnosis_instant(calendar_local_ms(s->tariff, piece[part[0].end].lo_utc_ms));
    bool known = state_of(s, &part[0], before) && state_of(s, &part[1], after);
    if (n == 2 && known)
        diagnosis_add(s->out, DIAG_CLOCK_STEPPED, s->rules, s->from_utc_ms, s->to_utc_ms,
                      "The meter's clock was set around %s: before it was %s, since then it is %s.",
                      first.text, before, after);
    else if (n == 2)
        diagnosis_add(
            s->out, DIAG_CLOCK_STEPPED, s->rules, s->from_utc_ms, s->to_utc_ms,
            "The meter's clock was set around %s: one clock error before and another one after explain "
            "everything.",
            first.text);
    else
        diagnosis_add(s->out, DIAG_CLOCK_STEPPED, s->rules, s->from_utc_ms, s->to_utc_ms,
                      "The meter's clock was set around %s and again around %s%s%s.", first.text,
                      diagnosis_instant(calendar_local_ms(s->tariff, piece[part[1].end].lo_utc_ms)).text,
                      known ? "; in between it was " : "", known ? after : "");
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
