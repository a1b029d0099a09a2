#include "tariff/freeze_model.h"

#include "tariff/resolution.h"

const char *freeze_meaning_name(enum freeze_meaning m)
{
    static const char *const names[] = {"undetermined", "period", "cumulative"};
    return names[m];
}

/* What one rate says, FREEZE_UNDETERMINED when it fits both models. */
static enum freeze_meaning vote(const struct freeze_look *l, int rate)
{
    int64_t month = l->month[rate], live = l->cumulative[rate];
    int64_t slack =
        2 * (l->step + 1) + resolution_ulp(month) + resolution_ulp(live) + l->max_w * l->between_ms / 3600;
    if (month < live - slack)
        return FREEZE_MEANS_PERIOD;
    /* in the period model the live register holds the month and at least what was frozen before it */
    if (month <= live + slack && l->previous[rate] >= 10 * l->step && l->previous[rate] > 2 * slack)
        return FREEZE_MEANS_CUMULATIVE;
    return FREEZE_UNDETERMINED;
}

enum freeze_meaning freeze_model_look(struct freeze_state *s, const struct freeze_look *look)
{
    unsigned votes[3] = {0};
    for (int rate = 0; rate < RATE_COUNT; rate++)
        if (look->has[rate])
            votes[vote(look, rate)]++;
    if (votes[FREEZE_MEANS_PERIOD] > 0 && votes[FREEZE_MEANS_CUMULATIVE] > 0) {
        *s = (struct freeze_state){FREEZE_UNDETERMINED, 0}; /* the families disagree: say nothing */
    } else if (votes[FREEZE_MEANS_PERIOD] > 0) {
        *s = (struct freeze_state){FREEZE_MEANS_PERIOD, 0};
    } else if (votes[FREEZE_MEANS_CUMULATIVE] > 0) {
        if (s->cumulative < 2)
            s->cumulative++;
        if (s->cumulative == 2)
            s->meaning = FREEZE_MEANS_CUMULATIVE;
    }
    return (enum freeze_meaning)s->meaning;
}

enum freeze_meaning freeze_model_meaning(enum freeze_model configured, const struct freeze_state *s)
{
    switch (configured) {
    case FREEZE_CUMULATIVE:
        return FREEZE_MEANS_CUMULATIVE;
    case FREEZE_PERIOD:
        return FREEZE_MEANS_PERIOD;
    default:
        return (enum freeze_meaning)s->meaning;
    }
}
