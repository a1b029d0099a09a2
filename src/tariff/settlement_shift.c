#include "tariff/settlement_shift.h"

struct fit {
    int equal, other;
};

/* 1 equal, 0 nothing to compare (zeros are equal everywhere), -1 different. */
static int compare(const struct settlement_values *a, const struct settlement_values *b)
{
    int result = 0;
    for (int f = 0; f < SETTLEMENT_FAMILIES; f++) {
        if (!a->has[f] || !b->has[f])
            continue;
        if (a->value[f] != b->value[f])
            return -1;
        if (a->value[f] != 0)
            result = 1;
    }
    return result;
}

static bool any(const struct settlement_values *v)
{
    for (int f = 0; f < SETTLEMENT_FAMILIES; f++)
        if (v->has[f])
            return true;
    return false;
}

static struct fit fit_of(const struct settlement_values *slots, const struct settlement_values *known,
                         unsigned behind)
{
    struct fit fit = {0};
    for (unsigned slot = 1; slot < SETTLEMENT_SLOTS; slot++) {
        unsigned age = slot - 1 + behind;
        int same = age < SETTLEMENT_AGES ? compare(&slots[slot], &known[age]) : 0;
        fit.equal += same > 0;
        fit.other += same < 0;
    }
    return fit;
}

/* Whatever the freeze means: at its beginning a running register is zero, or what was just frozen. */
static bool counted_since(const struct settlement_values *slots)
{
    for (int f = 0; f < SETTLEMENT_FAMILIES; f++)
        if (slots[0].has[f] && slots[0].value[f] != 0 &&
            !(slots[1].has[f] && slots[0].value[f] == slots[1].value[f]))
            return true;
    return false;
}

struct settlement_shift settlement_shift(const struct settlement_values slots[SETTLEMENT_SLOTS],
                                         const struct settlement_values known[SETTLEMENT_AGES])
{
    struct settlement_shift result = {0};
    struct fit none = fit_of(slots, known, 0);
    int best = none.equal - none.other;
    for (unsigned behind = 1; behind < SETTLEMENT_SLOTS && none.other > 0; behind++) {
        struct fit fit = fit_of(slots, known, behind);
        if (fit.equal > 0 && fit.equal - fit.other > best) {
            best = fit.equal - fit.other;
            result.behind = behind;
        }
    }
    unsigned newest = 0; /* that is known */
    while (newest < SETTLEMENT_AGES && !any(&known[newest]))
        newest++;
    if (none.other == 0 && newest > 0 && newest < SETTLEMENT_AGES && compare(&slots[1], &known[newest]) > 0)
        result.open = fit_of(slots, known, newest).other == 0 && counted_since(slots) ? newest : 0;
    return result;
}
