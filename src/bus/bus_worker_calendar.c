/* bus_worker_calendar.c - reads at the times that the meters' tariffs name: settlements once they can be
 * there, energy densely around the boundaries of rates.
 *
 * Tariffs speak of civil time and the plan of the monotonic clock. The gateway's clock may be set meanwhile,
 * so the two are compared again every ten minutes.
 */
#include "bus/bus_worker_i.h"

#include "bus/dense_time.h"
#include "bus/settle_time.h"

#define LOOK_AGAIN_MS 600000

static void plan_settlement(struct bus_worker *w, size_t i, const struct tariff *t, int64_t utc_ms)
{
    struct post *p = &w->posts[i];
    int64_t mono_ms = clock_mono_ms();
    int64_t next_utc_ms = settle_time_next(t, utc_ms);
    settle_watch_instant(&p->settle, mono_ms,
                         next_utc_ms == INT64_MAX ? INT64_MAX : mono_ms + (next_utc_ms - utc_ms));
    poll_plan_at(w->plan, i, CLASS_SETTLEMENT, settle_watch_next(&p->settle));
}

/* Returns when the span it set is over. */
static int64_t plan_dense(struct bus_worker *w, size_t i, const struct tariff *t, int64_t utc_ms)
{
    struct dense_span span;
    int64_t mono_ms = clock_mono_ms();
    if (!dense_time_next(t, utc_ms, &span)) {
        poll_plan_dense(w->plan, i, 0, 0);
        return INT64_MAX;
    }
    int64_t end_mono_ms = mono_ms + (span.end_utc_ms - utc_ms);
    poll_plan_dense(w->plan, i, mono_ms + (span.begin_utc_ms - utc_ms), end_mono_ms);
    return end_mono_ms;
}

void worker_plan_calendar(struct bus_worker *w)
{
    int64_t utc_ms = clock_utc_ms();
    if (clock_mono_ms() < w->calendar_mono_ms)
        return;
    w->calendar_mono_ms = clock_mono_ms() + LOOK_AGAIN_MS;
    struct tariff defaults;
    tariff_init(&defaults, "");
    for (size_t i = 0; i < w->n_posts; i++) {
        const struct settings_meter *m = &w->settings->meters[w->posts[i].meter.index];
        const struct tariff *t = settings_meter_tariff(w->settings, m, utc_ms);
        plan_settlement(w, i, t != NULL ? t : &defaults, utc_ms);
        int64_t over_ms = plan_dense(w, i, t != NULL ? t : &defaults, utc_ms);
        if (over_ms < w->calendar_mono_ms)
            w->calendar_mono_ms = over_ms;
    }
    tariff_done(&defaults);
}
