/* Findings in words: what a property manager reads. */
#include <string.h>

#include "core/decimal.h"
#include "tariff/calendar.h"
#include "tariff/findings.h"

static const char *const sentences[RULE_COUNT] = {
    [RULE_T1] = "A rate register may move only while its rate can be in force.",
    [RULE_T2] = "The total moves by the sum of the four rates.",
    [RULE_T3] = "While only one rate can be in force, its register moves as the total does.",
    [RULE_T4] =
        "No rate gets more than flowed while it could be in force, nor less than flowed while only it could.",
    [RULE_T5] = "No rate gets more in a long gap than the meter can carry while that rate could be in force.",
    [RULE_T6] = "An energy register never falls.",
    [RULE_F1] = "At a settlement day all frozen values move on by one place, and at no other time.",
    [RULE_F2] = "A freshly frozen value lies between what was counted before and after the settlement.",
    [RULE_F3] = "The four frozen rates add up to their combined value.",
    [RULE_F4] = "A month's frozen energy is what was counted between its two settlements.",
    [RULE_F5] = "A frozen value never changes.",
    [RULE_F6] = "A frozen value is within what a month can hold; readings only rise.",
    [RULE_F7] = "This month's register never falls except at a settlement.",
    [RULE_P1] = "No more energy than the meter can carry.",
    [RULE_P2] = "Where power flows, the total moves.",
    [RULE_P3] = "The measured power adds up to the counted energy, about.",
};

const char *verify_rule_sentence(enum verify_rule r)
{
    return sentences[r];
}

static void add_energy(struct text_buf *out, const struct verify_event *e, int64_t value)
{
    char number[DECIMAL_SIZE];
    decimal_to_text(value, 6, number);
    text_buf_addf(out, "%s %s", number, finding_is_reactive(e) ? "kvarh" : "kWh");
}

/* "2026-10-01 19:02:03", the meter's own time. */
static void add_time(struct text_buf *out, const struct tariff *t, int64_t utc_ms)
{
    char text[TEXT_TS_SIZE];
    text_from_utc_ms(t != NULL ? calendar_local_ms(t, utc_ms) : utc_ms, text);
    text[10] = ' ';
    text_buf_add_n(out, text, 19);
    if (t == NULL)
        text_buf_add(out, " UTC");
}

static void add_rates(struct text_buf *out, unsigned mask)
{
    const char *sep = "";
    for (unsigned i = 0; i < RATE_COUNT; i++) {
        if ((mask >> i & 1u) == 0)
            continue;
        text_buf_addf(out, "%s%s", sep, rate_name((enum rate)i));
        sep = " or ";
    }
}

static void add_fall(struct text_buf *out, const struct verify_event *e, const char *name)
{
    if (e->fall == FALL_CLEARED)
        text_buf_add(out, "all energy registers were cleared");
    else if (e->fall == FALL_REPLACED)
        text_buf_add(out, "all energy registers changed at once: another meter");
    else
        text_buf_addf(out, "%s fell", name);
}

static void add_event(struct text_buf *out, const struct verify_event *e, const char *name)
{
    switch (e->rule) {
    case RULE_T1:
        text_buf_addf(out, "%s moved", name);
        break;
    case RULE_T2:
        text_buf_add(out, "total and sum of the rates moved apart");
        break;
    case RULE_T3:
        text_buf_addf(out, "%s did not move as the total did", name);
        break;
    case RULE_T4:
    case RULE_T5:
        text_buf_addf(out, "%s got more or less than it can have", name);
        break;
    case RULE_T6:
        add_fall(out, e, name);
        break;
    case RULE_F1:
        text_buf_addf(out, "the frozen values %s",
                      e->quantity < 0 ? "moved on at the wrong time" : "did not move on together");
        break;
    case RULE_F5:
        text_buf_addf(out, "%s changed between settlements", name);
        break;
    case RULE_F7:
        text_buf_addf(out, "%s fell between settlements", name);
        break;
    case RULE_P1:
        text_buf_addf(out, "%s moved by more than the meter can carry", name);
        break;
    case RULE_P2:
        text_buf_addf(out, "%s stands still while power flows", name);
        break;
    case RULE_P3:
        text_buf_addf(out, "%s and the measured power disagree", name);
        break;
    default:
        text_buf_addf(out, "%s does not agree with what was counted", name);
        break;
    }
}

void finding_summary(const struct finding *f, const struct tariff *t, struct text_buf *out)
{
    const struct verify_event *e = &f->first;
    const char *name = e->quantity >= 0 ? quantity_at((enum quantity_id)e->quantity)->name : "the block";
    add_event(out, e, name);
    if (e->has_excess) {
        text_buf_add(out, e->rule == RULE_T1 || e->rule == RULE_T6 ? " by " : ", beyond any tolerance by ");
        add_energy(out, e, e->excess);
    }
    text_buf_add(out, " between ");
    add_time(out, t, e->window_utc_ms[0]);
    text_buf_add(out, " and ");
    add_time(out, t, e->window_utc_ms[1]);
    if (e->possible != 0 && e->possible != 15 && e->rule <= RULE_T5) {
        text_buf_add(out, ", when only ");
        add_rates(out, e->possible);
        text_buf_add(out, " could be in force");
    }
    if (f->count > 1)
        text_buf_addf(out, " (and %llu times more)", (unsigned long long)(f->count - 1));
}
