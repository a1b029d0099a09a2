#include "daemon/relay_rules.h"

#include <string.h>
#include "core/rc.h"
#include "core/text.h"

#define MOST_NS (RELAY_BURST * RELAY_REFILL_NS)

bool relay_rate_take(struct relay_rate *r, int64_t now_ns)
{
    int64_t since_ns = r->filled_ns == 0 ? MOST_NS : now_ns - r->filled_ns;
    if (since_ns > 0)
        r->allowance_ns = since_ns > MOST_NS - r->allowance_ns ? MOST_NS : r->allowance_ns + since_ns;
    r->filled_ns = now_ns;
    if (r->allowance_ns < RELAY_REFILL_NS)
        return false;
    r->allowance_ns -= RELAY_REFILL_NS;
    return true;
}

const char *relay_state_name(int8_t state)
{
    return state < 0 ? NULL : state == 1 ? "closed" : "open";
}

static void unreached(const struct relay_report *report, int64_t now_utc_ms, struct relay_result *out)
{
    const char *error = "unreachable", *detail = "the meter could not be asked in time: nothing was sent";
    if (report->rc == RC_LINK) {
        detail = "the line is away: nothing was sent";
    } else if (report->rc == RC_STOPPED) {
        detail = "the daemon is stopping or reloading: nothing was sent";
    } else if (report->rc == RC_FULL) {
        error = "busy";
        detail = "too many commands at once on this bus: nothing was sent";
    } else if (report->rc == RC_DENIED) {
        error = "not_allowed";
        detail = "this meter may not be switched (relay = yes is not set): nothing was sent";
    }
    relay_result_set(out, false, -1, now_utc_ms, error, detail);
}

void relay_result_of(const struct relay_report *report, bool close, int64_t now_utc_ms,
                     struct relay_result *out)
{
    const char *state = relay_state_name(report->state);
    int64_t ts_ms = report->state >= 0 ? report->state_utc_ms : now_utc_ms;
    char detail[RELAY_DETAIL];
    switch (report->outcome) {
    case RELAY_SWITCHED:
        relay_result_set(out, true, report->state, ts_ms, NULL, NULL);
        return;
    case RELAY_NOT_SWITCHED:
        text_format(
            detail, sizeof detail,
            "read back %s after it was told to %s: the meter's relay control mode may be Local (CTR-M in "
            "its menu)",
            state, close ? "close" : "open");
        relay_result_set(out, false, report->state, ts_ms, "not_switched", detail);
        return;
    case RELAY_FAILED:
        text_format(detail, sizeof detail, "the meter refused: exception %u%s%s", report->exception,
                    state != NULL ? ", read back " : "", state != NULL ? state : "");
        relay_result_set(out, false, report->state, ts_ms, "failed", detail);
        return;
    case RELAY_UNKNOWN:
        relay_result_set(out, false, -1, ts_ms, "unknown",
                         "it was told, and its state could not be read back: look before it is told again");
        return;
    case RELAY_EXPIRED:
        relay_result_set(out, false, -1, ts_ms, "expired", "the command's time was over: nothing was sent");
        return;
    case RELAY_UNREACHED:
        unreached(report, now_utc_ms, out);
        return;
    }
}

int relay_error_exit(const char *error)
{
    static const struct {
        const char *error;
        int exit;
    } rows[] = {
        {"", EXIT_DONE},
        {"not_allowed", EXIT_NOPERM},
        {"unknown", EXIT_UNAVAILABLE},
        {"unreachable", EXIT_UNAVAILABLE},
        {"busy", EXIT_UNAVAILABLE},
        {"rate", EXIT_UNAVAILABLE},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (strcmp(rows[i].error, error) == 0)
            return rows[i].exit;
    return EXIT_FAILED;
}
