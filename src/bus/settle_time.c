#include "bus/settle_time.h"

#include "core/text.h"

#define DAY_MS 86400000

int64_t settle_time_next(const struct tariff *t, int64_t utc_ms)
{
    int64_t lag_ms = t->clock_tolerance_ms + t->switching_lag_ms, offset_ms = (int64_t)t->utc_offset_s * 1000;
    int64_t local_ms = utc_ms - lag_ms + offset_ms;
    int64_t days = local_ms >= 0 ? local_ms / DAY_MS : -((-local_ms + DAY_MS - 1) / DAY_MS);
    int64_t year, next = INT64_MAX;
    unsigned month, day;
    text_civil_from_days(days, &year, &month, &day);
    for (int ahead = 0; ahead < 2; ahead++) {
        for (unsigned i = 0; i < t->n_settlements; i++) {
            int64_t at = text_days_from_civil(year, month, t->settlement[i].day) * DAY_MS +
                         t->settlement[i].hour * (int64_t)3600000;
            int64_t due = at - offset_ms + lag_ms;
            if (due > utc_ms && due < next)
                next = due;
        }
        year += month == 12;
        month = month % 12 + 1;
    }
    return next;
}
