#include "tariff/skew.h"

#include <string.h>

void skew_init(struct skew *s)
{
    memset(s, 0, sizeof *s);
    s->at_utc_ms = INT64_MIN;
    s->emptied_utc_ms = INT64_MIN;
    s->n = 1;
    s->span[0].lo = -SKEW_RANGE_MS;
    s->span[0].hi = SKEW_RANGE_MS;
}

/* Widens every span by w on both sides; neighbours that touch become one. */
static void widen(struct skew *s, int64_t w)
{
    size_t out = 0;
    for (size_t i = 0; i < s->n; i++) {
        int64_t lo = s->span[i].lo - w, hi = s->span[i].hi + w;
        lo = lo < -SKEW_RANGE_MS ? -SKEW_RANGE_MS : lo;
        hi = hi > SKEW_RANGE_MS ? SKEW_RANGE_MS : hi;
        if (out > 0 && s->span[out - 1].hi >= lo) {
            if (hi > s->span[out - 1].hi)
                s->span[out - 1].hi = (int32_t)hi;
            continue;
        }
        s->span[out].lo = (int32_t)lo;
        s->span[out].hi = (int32_t)hi;
        out++;
    }
    s->n = (uint8_t)out;
}

static void age(struct skew *s, int64_t now_utc_ms, int64_t drift_ms_day)
{
    if (s->at_utc_ms == INT64_MIN) {
        s->at_utc_ms = now_utc_ms;
        return;
    }
    int64_t days_ms = now_utc_ms - s->at_utc_ms;
    if (days_ms <= 0 || drift_ms_day == 0)
        return;
    if (days_ms > 400 * CALENDAR_DAY_MS)
        days_ms = 400 * CALENDAR_DAY_MS;
    int64_t w = days_ms * drift_ms_day / CALENDAR_DAY_MS;
    if (w < 1)
        return; /* less than a millisecond: it is counted when it has become one */
    s->at_utc_ms =
        days_ms == now_utc_ms - s->at_utc_ms ? s->at_utc_ms + w * CALENDAR_DAY_MS / drift_ms_day : now_utc_ms;
    widen(s, w);
}

/* A list of spans under construction; when it is full the two nearest become one, which only weakens. */
struct spans {
    size_t n;
    struct {
        int64_t lo, hi;
    } span[SKEW_SPANS + 1];
};

static void spans_add(struct spans *l, int64_t lo, int64_t hi)
{
    if (l->n > 0 && l->span[l->n - 1].hi >= lo) {
        if (hi > l->span[l->n - 1].hi)
            l->span[l->n - 1].hi = hi;
        return;
    }
    l->span[l->n].lo = lo;
    l->span[l->n++].hi = hi;
    if (l->n <= SKEW_SPANS)
        return;
    size_t nearest = 0;
    for (size_t i = 0; i + 1 < l->n; i++)
        if (l->span[i + 1].lo - l->span[i].hi < l->span[nearest + 1].lo - l->span[nearest].hi)
            nearest = i;
    l->span[nearest].hi = l->span[nearest + 1].hi;
    memmove(&l->span[nearest + 1], &l->span[nearest + 2], (l->n - nearest - 2) * sizeof l->span[0]);
    l->n--;
}

/* The parts of [a, b] under which the schedule over [lo + s - lag, hi + s] contains the rate. lo, hi are
 * local.
 */
static void allowed_within(struct calendar *c, uint8_t rate, int64_t a, int64_t b, int64_t lo, int64_t hi,
                           int64_t lag, struct spans *out)
{
    int64_t from = lo + a - lag, to = hi + b;
    for (int64_t day = calendar_day_of(from); day <= calendar_day_of(to); day++) {
        const struct calendar_day *d = calendar_day_get(c, day);
        int64_t base = day * CALENDAR_DAY_MS;
        for (size_t i = 0; i < d->n; i++) {
            if (d->rate[i] != rate)
                continue;
            int64_t start = base + (int64_t)d->minute[i] * 60000;
            int64_t end = i + 1 < d->n ? base + (int64_t)d->minute[i + 1] * 60000 : base + CALENDAR_DAY_MS;
            int64_t s_lo = start - hi, s_hi = end - lo + lag - 1; /* the end is excluded */
            s_lo = s_lo < a ? a : s_lo;
            s_hi = s_hi > b ? b : s_hi;
            if (s_lo <= s_hi)
                spans_add(out, s_lo, s_hi);
        }
    }
}

/* True when the whole hull lies within the span of this rate around the window: nothing can be learned. */
static bool teaches_nothing(const struct skew *s, struct calendar *c, enum rate rate, int64_t lo, int64_t hi,
                            int64_t lag)
{
    int64_t base = calendar_day_of(hi) * CALENDAR_DAY_MS;
    const struct calendar_day *d = calendar_day_get(c, calendar_day_of(hi));
    size_t i = 0;
    while (i + 1 < d->n && base + (int64_t)d->minute[i + 1] * 60000 <= hi)
        i++;
    if (d->rate[i] != rate)
        return false;
    int64_t start = base + (int64_t)d->minute[i] * 60000;
    int64_t end = i + 1 < d->n ? base + (int64_t)d->minute[i + 1] * 60000 : base + CALENDAR_DAY_MS;
    return s->span[0].lo >= start - hi && s->span[s->n - 1].hi < end - lo + lag;
}

void skew_moved(struct skew *s, struct calendar *c, enum rate rate, int64_t lo_utc_ms, int64_t hi_utc_ms,
                int64_t lag_ms, int64_t drift_ms_day)
{
    age(s, hi_utc_ms, drift_ms_day);
    int64_t lo = calendar_local_ms(c->tariff, lo_utc_ms), hi = calendar_local_ms(c->tariff, hi_utc_ms);
    if (hi - lo > 2 * SKEW_RANGE_MS || teaches_nothing(s, c, rate, lo, hi, lag_ms))
        return;
    /* the rate was in force at some time of the window; seen from its end the clock may have gained since its
     * begin */
    int64_t late = lag_ms + ((hi - lo) * drift_ms_day + CALENDAR_DAY_MS - 1) / CALENDAR_DAY_MS;
    struct spans kept;
    kept.n = 0;
    for (size_t i = 0; i < s->n; i++)
        allowed_within(c, (uint8_t)rate, s->span[i].lo, s->span[i].hi, lo, hi, late, &kept);
    if (kept.n == 0) {
        if (s->emptied < UINT32_MAX)
            s->emptied++;
        s->emptied_utc_ms = hi_utc_ms;
        allowed_within(c, (uint8_t)rate, -SKEW_RANGE_MS, SKEW_RANGE_MS, lo, hi, late, &kept);
        if (kept.n == 0)
            spans_add(&kept, -SKEW_RANGE_MS, SKEW_RANGE_MS);
    }
    s->n = (uint8_t)kept.n;
    for (size_t i = 0; i < kept.n; i++) {
        s->span[i].lo = (int32_t)kept.span[i].lo;
        s->span[i].hi = (int32_t)kept.span[i].hi;
    }
}

bool skew_interval(const struct skew *s, int64_t now_utc_ms, int64_t drift_ms_day, int64_t tolerance_ms,
                   int64_t *lo_ms, int64_t *hi_ms)
{
    if (s->at_utc_ms == INT64_MIN || s->emptied > 0)
        return false;
    if (s->n == 1 && s->span[0].lo <= -SKEW_RANGE_MS && s->span[0].hi >= SKEW_RANGE_MS)
        return false;
    struct skew now = *s;
    age(&now, now_utc_ms, drift_ms_day);
    int first = -1, last = -1;
    for (int i = 0; i < now.n; i++) {
        if (now.span[i].hi < -tolerance_ms || now.span[i].lo > tolerance_ms)
            continue;
        first = first < 0 ? i : first;
        last = i;
    }
    *lo_ms = now.span[first < 0 ? 0 : first].lo - 1; /* the drift not yet counted */
    *hi_ms = now.span[first < 0 ? now.n - 1 : last].hi + 1;
    return true;
}

bool skew_valid(const struct skew *s)
{
    const int64_t most = (int64_t)1 << 50;
    if (s->n < 1 || s->n > SKEW_SPANS || (s->at_utc_ms != INT64_MIN && s->at_utc_ms < -most) ||
        s->at_utc_ms > most)
        return false;
    for (size_t i = 0; i < s->n; i++) {
        if (s->span[i].lo > s->span[i].hi || s->span[i].lo < -SKEW_RANGE_MS || s->span[i].hi > SKEW_RANGE_MS)
            return false;
        if (i > 0 && s->span[i].lo <= s->span[i - 1].hi)
            return false;
    }
    return true;
}
