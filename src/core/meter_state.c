#include "core/meter_state.h"

static enum meter_status judge(const struct meter_state *s, int64_t now, uint32_t energy_period_ms)
{
    if (!s->silent)
        return s->status;
    int64_t silent_ms = now - s->silent_since_mono_ms;
    if (s->status == METER_OFFLINE || s->polls >= METER_OFFLINE_POLLS || silent_ms >= METER_OFFLINE_MS)
        return METER_OFFLINE;
    if (s->status == METER_STALE || s->polls >= METER_STALE_POLLS ||
        silent_ms >= METER_STALE_PERIODS * (int64_t)energy_period_ms)
        return METER_STALE;
    return s->status;
}

bool meter_state_step(struct meter_state *s, enum meter_event event, int64_t now_mono_ms,
                      uint32_t energy_period_ms)
{
    enum meter_status before = s->status;
    switch (event) {
    case METER_ANSWERED:
        *s = (struct meter_state){.status = METER_ONLINE};
        return before != METER_ONLINE;
    case METER_FAILED:
        if (s->polls < UINT16_MAX)
            s->polls++;
        break;
    case METER_LINE_BACK:
        s->polls = 0;
        break;
    case METER_LINE_LOST:
    case METER_TICK:
        break;
    }
    if (!s->silent && (event == METER_FAILED || event == METER_LINE_LOST)) {
        s->silent = true;
        s->silent_since_mono_ms = now_mono_ms;
    }
    s->status = judge(s, now_mono_ms, energy_period_ms);
    return s->status != before;
}

uint32_t meter_state_probe_wait_ms(const struct meter_state *s, uint32_t base_ms, uint32_t random)
{
    uint32_t wait = base_ms < METER_PROBE_FIRST_MS ? METER_PROBE_FIRST_MS : base_ms;
    if (wait > METER_PROBE_SOON_MS || s->status == METER_OFFLINE)
        wait = METER_PROBE_SOON_MS;
    for (unsigned i = METER_OFFLINE_POLLS;
         s->status == METER_OFFLINE && i <= s->polls && wait < METER_PROBE_MOST_MS; i++)
        wait *= 2;
    if (wait > METER_PROBE_MOST_MS)
        wait = METER_PROBE_MOST_MS;
    uint32_t span = wait / 5;
    return wait - span / 2 + random % (span + 1);
}
