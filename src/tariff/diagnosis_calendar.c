/* Explanations that change which rate moves which register, or what is in force before a day's first period;
 * and the order of all that change the calendar. */
#include "tariff/diagnosis_search.h"

static void found(struct diagnosis_search *s, enum diagnosis_code code, const char *text)
{
    diagnosis_add(s->out, code, s->rules, s->from_utc_ms, s->to_utc_ms, "%s", text);
}

static void permute(struct tariff *t, const uint8_t to[RATE_COUNT])
{
    for (size_t set = 0; set < 2; set++)
        for (size_t n = 0; n < TARIFF_TABLES; n++)
            for (size_t i = 0; i < t->tables[set][n].n; i++)
                t->tables[set][n].period[i].rate = to[t->tables[set][n].period[i].rate];
}

static void try_one_rate(struct diagnosis_search *s)
{
    unsigned moved = 0;
    for (size_t i = 0; i < s->test.evidence->n; i++)
        moved |= s->test.evidence->piece[i].rates;
    if (moved == 0 || (moved & (moved - 1)) != 0)
        return;
    diagnosis_add(
        s->out, DIAG_ONE_RATE_ONLY, s->rules, s->from_utc_ms, s->to_utc_ms,
        "All energy goes to the rate \"%s\": the meter's tariff tables are switched off or invalid.",
        rate_name((enum rate)__builtin_ctz(moved)));
}

static void try_swaps(struct diagnosis_search *s)
{
    for (unsigned a = 0; a < RATE_COUNT; a++) {
        for (unsigned b = a + 1; b < RATE_COUNT; b++) {
            uint8_t to[RATE_COUNT] = {0, 1, 2, 3};
            to[a] = (uint8_t)b;
            to[b] = (uint8_t)a;
            struct tariff t = *s->tariff;
            permute(&t, to);
            if (!diagnosis_try(s, &t))
                continue;
            diagnosis_add(s->out, DIAG_RATES_SWAPPED, s->rules, s->from_utc_ms, s->to_utc_ms,
                          "The rates \"%s\" and \"%s\" are exchanged in the meter (its rates %u and %u).",
                          rate_name((enum rate)a), rate_name((enum rate)b), a + 1u, b + 1u);
            return;
        }
    }
    for (unsigned code = 0; code < 256; code++) { /* more than two exchanged */
        uint8_t to[RATE_COUNT] = {code & 3, code >> 2 & 3, code >> 4 & 3, code >> 6 & 3};
        unsigned seen = 1u << to[0] | 1u << to[1] | 1u << to[2] | 1u << to[3], fixed = 0;
        for (unsigned i = 0; i < RATE_COUNT; i++)
            fixed += to[i] == i;
        if (seen != 15 || fixed > 1)
            continue;
        struct tariff t = *s->tariff;
        permute(&t, to);
        if (!diagnosis_try(s, &t))
            continue;
        diagnosis_add(s->out, DIAG_RATES_SWAPPED, s->rules, s->from_utc_ms, s->to_utc_ms,
                      "The rates are exchanged: sharp, peak, flat, valley count as %s, %s, %s, %s.",
                      rate_name((enum rate)to[0]), rate_name((enum rate)to[1]), rate_name((enum rate)to[2]),
                      rate_name((enum rate)to[3]));
        return;
    }
}

static void try_wrap(struct diagnosis_search *s)
{
    struct tariff t = *s->tariff;
    t.wrap = t.wrap == WRAP_SAME_DAY ? WRAP_PREVIOUS_DAY : WRAP_SAME_DAY;
    if (diagnosis_try(s, &t))
        found(s, DIAG_WRAP_RULE,
              t.wrap == WRAP_PREVIOUS_DAY
                  ? "After midnight the meter keeps the rate of the day before (wrap = previous_day)."
                  : "After midnight the meter takes the last rate of the new day's table (wrap = same_day).");
}

void diagnosis_calendar(struct diagnosis_search *s)
{
    try_one_rate(s);
    try_swaps(s);
    diagnosis_sets(s);
    diagnosis_rest_days(s);
    diagnosis_holidays(s);
    try_wrap(s);
    diagnosis_zones(s);
    diagnosis_special_days(s);
}
