#include "bus/dense_time.h"

#include "tariff/calendar.h"

#define BESIDE_MS    120000 /* besides the tolerance of the meter's clock (DOMAIN 4.5) */
#define HORIZON_DAYS 2
#define SPANS_JOINED 96 /* 48 segments a day; a span longer than two days is cut */

/* The first boundary after a local instant. */
static bool boundary_after(struct calendar *c, int64_t local_ms, int64_t *boundary_ms)
{
    struct calendar_span span;
    calendar_span_at(c, local_ms, HORIZON_DAYS, &span);
    *boundary_ms = span.end_local_ms;
    return calendar_rate(c, span.end_local_ms) != span.rate;
}

bool dense_time_next(const struct tariff *t, int64_t utc_ms, struct dense_span *out)
{
    struct calendar c;
    int64_t reach_ms = t->clock_tolerance_ms + BESIDE_MS, offset_ms = (int64_t)t->utc_offset_s * 1000;
    int64_t boundary_ms, last_ms;
    calendar_init(&c, t);
    if (!boundary_after(&c, utc_ms + offset_ms - reach_ms, &boundary_ms))
        return false;
    out->begin_utc_ms = boundary_ms - reach_ms - offset_ms;
    last_ms = boundary_ms;
    for (int i = 0; i < SPANS_JOINED; i++) {
        if (!boundary_after(&c, last_ms, &boundary_ms) || boundary_ms - reach_ms > last_ms + reach_ms)
            break;
        last_ms = boundary_ms;
    }
    out->end_utc_ms = last_ms + reach_ms - offset_ms;
    return true;
}
