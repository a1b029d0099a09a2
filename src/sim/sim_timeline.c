/* When the faults of the schedule happen: in the order of their moments, each meter brought to that moment
 * first. */
#include "sim/sim_world.h"

#include "core/log.h"
#include "core/rc.h"

#define NS_A_MS 1000000

/* When the event comes, on the wire clock. */
static int64_t due_ns(const struct sim_world *w, const struct sim_event *e)
{
    const struct sim_time *t = &w->site.time;
    if (e->real)
        return w->site.began_ns + e->at_ms * NS_A_MS;
    int64_t at_ms = e->at_ms - (int64_t)w->site.tariff.utc_offset_s * 1000;
    return at_ms <= t->start_ms ? w->site.began_ns : sim_time_ns_of(t, at_ms);
}

/* The same in the meters' time, exactly. */
static int64_t at_ms(const struct sim_world *w, const struct sim_event *e)
{
    if (e->real)
        return sim_time_at_ms(&w->site.time, w->site.began_ns + e->at_ms * NS_A_MS);
    return e->at_ms - (int64_t)w->site.tariff.utc_offset_s * 1000;
}

static int happen(struct sim_world *w, const struct sim_event *e, int64_t now_ns)
{
    int rc = RC_OK;
    for (size_t i = 0; i < w->n_buses && rc == RC_OK; i++)
        if (e->all_buses || w->bus[i].number == e->bus)
            rc = sim_bus_happen(&w->bus[i], e, at_ms(w, e), now_ns);
    return rc;
}

int sim_world_run_faults(struct sim_world *w, int64_t now_ns)
{
    if (now_ns < w->next_event_ns)
        return EXIT_DONE;
    for (;;) {
        size_t first = w->schedule.n;
        int64_t first_ns = INT64_MAX;
        for (size_t i = 0; i < w->schedule.n; i++) {
            int64_t at_ns = w->done[i] ? INT64_MAX : due_ns(w, &w->schedule.event[i]);
            if (at_ns < first_ns) {
                first = i;
                first_ns = at_ns;
            }
        }
        /* a held clock gives no moment to look forward to; the first request starts it and comes here again
         */
        w->next_event_ns = w->site.time.held ? INT64_MIN : first_ns;
        if (first_ns > now_ns)
            return EXIT_DONE;
        w->done[first] = true;
        if (happen(w, &w->schedule.event[first], now_ns) != RC_OK) {
            log_error("fault: %s: no memory, or no pseudo-terminal",
                      sim_fault_name(w->schedule.event[first].kind));
            return EXIT_FAILED;
        }
    }
}
