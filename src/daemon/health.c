/* health.c - the watchdog's rule. */
#include "daemon/health.h"

#include <inttypes.h>
#include "core/text.h"

#define NS_PER_S INT64_C(1000000000)

static int64_t still_s(const struct health_input *in, int64_t progress_wire_ns)
{
    int64_t since = progress_wire_ns != 0 ? progress_wire_ns : in->started_wire_ns;
    return (in->now_wire_ns - since) / NS_PER_S;
}

/* Names the first that stands still; counts the others. */
static void tell(struct health *h, unsigned *count, const char *what, const char *name, int64_t seconds)
{
    if ((*count)++ == 0)
        text_format(h->text, sizeof h->text, "%s%s stands still for %" PRId64 " s", what, name, seconds);
}

void health_judge(const struct health_input *in, struct health *out)
{
    struct health h = {.feed = true};
    unsigned still = 0;

    int64_t seconds = still_s(in, in->store_wire_ns);
    if (seconds >= HEALTH_STORE_STILL_S) {
        tell(&h, &still, "the store", "", seconds);
        h.feed = false;
    }
    size_t still_buses = 0;
    for (size_t i = 0; i < in->n_buses; i++) {
        seconds = still_s(in, in->buses[i].progress_wire_ns);
        if (seconds < HEALTH_BUS_STILL_S)
            continue;
        still_buses++;
        tell(&h, &still, "bus ", in->buses[i].name, seconds);
    }
    if (in->n_buses > 0 && still_buses == in->n_buses)
        h.feed = false;
    if (in->publisher_enabled) {
        seconds = still_s(in, in->publisher_wire_ns);
        if (seconds >= HEALTH_PUBLISHER_STILL_S)
            tell(&h, &still, "the publisher", "", seconds);
        if (seconds >= HEALTH_PUBLISHER_DEAD_S)
            h.feed = false;
    }
    h.degraded = still > 0;
    if (still > 1) {
        char first[HEALTH_TEXT];
        text_format(first, sizeof first, "%s", h.text);
        text_format(h.text, sizeof h.text, "%.120s, and %u more", first, still - 1);
    }
    *out = h;
}
