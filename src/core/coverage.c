#include "core/coverage.h"

#include <string.h>

#define DAY_MS INT64_C(86400000)

static int64_t day_of(int64_t utc_ms, const struct coverage_clock *k)
{
    int64_t local = utc_ms + (int64_t)k->utc_offset_s * 1000;
    return local / DAY_MS - (local % DAY_MS < 0);
}

static int64_t begin_of(int64_t day, const struct coverage_clock *k)
{
    return day * DAY_MS - (int64_t)k->utc_offset_s * 1000;
}

void coverage_resume(struct coverage *c, int64_t day, const struct coverage_clock *k)
{
    int64_t begin = begin_of(day, k);
    *c = (struct coverage){.begun = true, .day = day, .from_ms = begin, .last_ms = begin};
}

void coverage_so_far(const struct coverage *c, int64_t utc_ms, const struct coverage_clock *k,
                     struct coverage_day *out)
{
    int64_t end = begin_of(c->day + 1, k);
    if (utc_ms < end)
        end = utc_ms > c->last_ms ? utc_ms : c->last_ms;
    int64_t since = end - c->last_ms;
    *out = (struct coverage_day){.day = c->day,
                                 .expected =
                                     k->period_ms == 0 ? 0 : (uint32_t)((end - c->from_ms) / k->period_ms),
                                 .got = c->got,
                                 .longest_gap_ms = since > c->longest_ms ? since : c->longest_ms};
}

bool coverage_close(struct coverage *c, int64_t utc_ms, const struct coverage_clock *k,
                    struct coverage_day *out)
{
    if (!c->begun || utc_ms < begin_of(c->day + 1, k))
        return false;
    coverage_so_far(c, utc_ms, k, out);
    coverage_resume(c, c->day + 1, k);
    return true;
}

void coverage_count(struct coverage *c, int64_t utc_ms, const struct coverage_clock *k)
{
    if (!c->begun)
        *c = (struct coverage){.begun = true, .day = day_of(utc_ms, k), .from_ms = utc_ms, .last_ms = utc_ms};
    if (day_of(utc_ms, k) != c->day)
        return;
    c->got++;
    if (utc_ms <= c->last_ms)
        return;
    if (utc_ms - c->last_ms > c->longest_ms)
        c->longest_ms = utc_ms - c->last_ms;
    c->last_ms = utc_ms;
}
