#include "bus/settle_watch.h"

void settle_watch_init(struct settle_watch *w)
{
    *w = (struct settle_watch){.instant_ms = INT64_MAX, .again_ms = INT64_MAX};
}

void settle_watch_instant(struct settle_watch *w, int64_t now_ms, int64_t instant_ms)
{
    if (w->instant_ms > now_ms)
        w->instant_ms = instant_ms;
}

void settle_watch_read(struct settle_watch *w, int64_t taken_ms, bool moved)
{
    if (w->instant_ms <= taken_ms) {
        w->instant_ms = INT64_MAX;
        w->step_ms = SETTLE_AGAIN_MS;
    } else if (w->again_ms <= taken_ms) {
        w->step_ms *= 2;
    } else if (!moved) {
        return; /* read for another reason: tells nothing new */
    }
    if (moved || w->step_ms > SETTLE_AGAIN_MOST_MS)
        w->step_ms = 0;
    w->again_ms = w->step_ms > 0 ? taken_ms + w->step_ms : INT64_MAX;
}

int64_t settle_watch_next(const struct settle_watch *w)
{
    return w->instant_ms < w->again_ms ? w->instant_ms : w->again_ms;
}
