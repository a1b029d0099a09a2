#include "core/clock_trust.h"

const char *clock_word_name(enum clock_word w)
{
    static const char *const names[] = {"right", "unset", "stepped"};
    return names[w];
}

void clock_trust_init(struct clock_trust *t, enum clock_trust_mode mode, bool simulated, bool rtc_at_boot,
                      int64_t built_utc_ms)
{
    *t = (struct clock_trust){
        .mode = mode, .simulated = simulated, .rtc_at_boot = rtc_at_boot, .built_utc_ms = built_utc_ms};
}

/* How far utc moved against mono since the last look, when that is a step. */
static int64_t step_of(struct clock_trust *t, const struct clock_look *in)
{
    int64_t offset = in->utc_ms - in->mono_ms, moved = t->looked ? offset - t->offset_ms : 0;
    t->offset_ms = offset;
    t->looked = true;
    return moved > CLOCK_TRUST_STEP_MS || moved < -CLOCK_TRUST_STEP_MS ? moved : 0;
}

static bool vouched(const struct clock_trust *t, const struct clock_look *in)
{
    switch (t->mode) {
    case CLOCK_TRUST_SYSTEM:
        return true;
    case CLOCK_TRUST_NTP:
        return in->synchronised;
    default:
        return in->synchronised || t->rtc_at_boot || !in->seen_synchronised;
    }
}

enum clock_word clock_trust_look(struct clock_trust *t, const struct clock_look *in, int64_t *step_ms)
{
    *step_ms = step_of(t, in);
    if (t->simulated)
        return in->utc_ms < in->newest_utc_ms ? CLOCK_UNSET : CLOCK_RIGHT;
    if (*step_ms != 0) {
        t->settling = true;
        t->stepped_mono_ms = in->mono_ms;
        t->rtc_at_boot = false;
    }
    if (t->settling && in->mono_ms - t->stepped_mono_ms >= CLOCK_TRUST_SETTLE_MS)
        t->settling = false;
    if (in->utc_ms < t->built_utc_ms || in->utc_ms < in->newest_utc_ms)
        return CLOCK_UNSET;
    if (t->settling)
        return CLOCK_STEPPED;
    return vouched(t, in) ? CLOCK_RIGHT : CLOCK_UNSET;
}
