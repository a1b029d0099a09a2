#include "tariff/settlement_calendar.h"

#include <inttypes.h>
#include <stdio.h>
#include "core/text.h"

#define HOUR_MS 3600000LL
#define DAY_MS  (24 * HOUR_MS)

static int64_t day_of(int64_t local_ms)
{
    return local_ms >= 0 ? local_ms / DAY_MS : -((DAY_MS - 1 - local_ms) / DAY_MS);
}

/* The newest (or, looking forward, the earliest) instant of one month that lies at or before (after)
 * local_ms. */
static bool in_month(const struct tariff *t, int64_t year, unsigned month, int64_t local_ms, bool forward,
                     int64_t *out)
{
    static const struct tariff_settlement usual = {1, 0};
    const struct tariff_settlement *s = t->n_settlements > 0 ? t->settlement : &usual;
    bool found = false;
    for (unsigned i = 0; i < (t->n_settlements > 0 ? t->n_settlements : 1u); i++) {
        int64_t at = text_days_from_civil(year, month, s[i].day) * DAY_MS + s[i].hour * HOUR_MS;
        if (forward ? at > local_ms && (!found || at < *out) : at <= local_ms && (!found || at > *out)) {
            *out = at;
            found = true;
        }
    }
    return found;
}

static int64_t walk(const struct tariff *t, int64_t local_ms, bool forward)
{
    int64_t year, found = 0;
    unsigned month, day;
    text_civil_from_days(day_of(local_ms), &year, &month, &day);
    /* every month has one, so the third month looked at is never needed */
    while (!in_month(t, year, month, local_ms, forward, &found)) {
        month = forward ? month % 12 + 1 : (month + 10) % 12 + 1;
        year += forward ? month == 1 : -(month == 12);
    }
    return found;
}

int64_t settlement_at_or_before(const struct tariff *t, int64_t local_ms)
{
    return walk(t, local_ms, false);
}

int64_t settlement_before(const struct tariff *t, int64_t instant_local_ms)
{
    return walk(t, instant_local_ms - 1, false);
}

int64_t settlement_after(const struct tariff *t, int64_t local_ms)
{
    return walk(t, local_ms, true);
}

bool settlement_near(const struct tariff *t, int64_t lo_local_ms, int64_t hi_local_ms)
{
    int64_t margin = t->clock_tolerance_ms + t->switching_lag_ms;
    return settlement_at_or_before(t, hi_local_ms + margin) >= lo_local_ms - margin;
}

void settlement_name(int64_t instant_local_ms, char out[SETTLEMENT_NAME])
{
    int64_t year, days = day_of(instant_local_ms);
    unsigned month, day, hour = (unsigned)((instant_local_ms - days * DAY_MS) / HOUR_MS);
    text_civil_from_days(days, &year, &month, &day);
    int n = snprintf(out, SETTLEMENT_NAME, "%04" PRId64 "-%02u-%02u", year, month, day);
    if (hour != 0 && n > 0 && n < SETTLEMENT_NAME - 4)
        snprintf(out + n, (size_t)(SETTLEMENT_NAME - n), "T%02u", hour);
}
