/* What the findings say by themselves, and the order in which explanations are tried. */
#include "tariff/diagnosis.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/rc.h"
#include "tariff/diagnosis_search.h"

#define LEAP_W 25000.0 /* beyond 1.2 x 230 V x 80 A, the most of a meter without transformers */

static const char *const code_names[DIAG_COUNT] = {
    "clock_offset", "clock_date",     "clock_stepped", "clock_drift",      "no_single_skew", "period_edge",
    "period_rate",  "period_missing", "rates_swapped", "one_rate_only",    "rest_days",      "holiday",
    "zone_edge",    "other_set",      "wrap_rule",     "register_stopped", "register_jump",  "sum_broken",
    "decrease",     "cleared",        "replaced",      "freeze_shift",     "freeze_value",   "unexplained"};

const char *diagnosis_code_name(enum diagnosis_code c)
{
    return code_names[c];
}

void diagnosis_add(struct diagnosis_list *l, enum diagnosis_code code, unsigned rules, int64_t from,
                   int64_t to, const char *format, ...)
{
    if (l->n == DIAGNOSIS_MOST)
        return;
    struct diagnosis *d = &l->item[l->n++];
    *d = (struct diagnosis){.code = code, .rules = rules, .from_utc_ms = from, .to_utc_ms = to};
    va_list ap;
    va_start(ap, format);
    vsnprintf(d->text, sizeof d->text, format, ap);
    va_end(ap);
}

bool diagnosis_try(const struct diagnosis_search *s, const struct tariff *t)
{
    struct hypothesis h = {.tariff = t};
    return hypothesis_fits(&h, &s->test);
}

/* Rates that moved faster than any meter that is connected directly can count. */
static unsigned leaping_rates(const struct verify_event *e)
{
    int64_t window_ms = e->window_utc_ms[1] - e->window_utc_ms[0];
    int64_t most = (int64_t)((double)window_ms * LEAP_W / 3600.0); /* W * ms / 3600 = 10^-6 kWh */
    unsigned n = 0;
    for (unsigned i = 0; i < RATE_COUNT; i++) {
        unsigned reg = verify_rate(0, i);
        if (verify_has(e->before, reg) && verify_has(e->after, reg))
            n += e->after->v[reg] - e->before->v[reg] > most;
    }
    return n;
}

static bool moved(const struct verify_event *e, unsigned reg)
{
    return verify_has(e->before, reg) && verify_has(e->after, reg) && e->before->v[reg] != e->after->v[reg];
}

/* Rates moved and do not add up to their total: did it move at all? */
static void count_totals(struct diagnosis_findings *f, const struct verify_event *e)
{
    for (unsigned kind = 0; kind < VR_KINDS; kind++) {
        unsigned total = VR_TOTAL + 3 * kind;
        bool rates = false;
        for (unsigned i = 0; i < RATE_COUNT; i++)
            rates = rates || moved(e, verify_rate(kind, i));
        if (rates && verify_has(e->before, total) && verify_has(e->after, total))
            *(moved(e, total) ? &f->totals_moved : &f->totals_still) |= (uint16_t)(1u << total);
    }
}

void diagnosis_count(struct diagnosis_findings *f, const struct verify_event *e)
{
    if (f->count[e->rule]++ == 0)
        f->first_utc_ms[e->rule] = e->ts_utc_ms;
    f->last_utc_ms[e->rule] = e->ts_utc_ms;
    if (e->fall != FALL_NONE) {
        f->fall[e->fall]++;
        f->fall_utc_ms[e->fall] = e->ts_utc_ms;
    }
    if (e->rule == RULE_T2 && e->before != NULL && e->after != NULL)
        count_totals(f, e);
    if (e->rule == RULE_F1 && e->quantity >= 0)
        f->uneven++;
    if (e->before != NULL && e->after != NULL && e->rule <= RULE_T5 && leaping_rates(e) > 1) {
        f->leaps++;
        f->leap_utc_ms = e->ts_utc_ms;
    }
    if (!quantity_is_energy(e->quantity) || e->quantity >= Q_ENERGY_FIRST + VERIFY_REGISTERS ||
        e->before == NULL || e->after == NULL)
        return;
    unsigned reg = (unsigned)(e->quantity - Q_ENERGY_FIRST);
    bool still =
        verify_has(e->before, reg) && verify_has(e->after, reg) && e->before->v[reg] == e->after->v[reg];
    if (still && (e->rule == RULE_T3 || e->rule == RULE_T4 || e->rule == RULE_P2))
        f->stopped |= (uint16_t)(1u << reg);
    if (e->rule == RULE_P1)
        f->jumped |= (uint16_t)(1u << reg);
}

static unsigned bit(enum verify_rule r)
{
    return 1u << r;
}

/* What a leap of the registers breaks. */
#define FLOW_RULES (bit(RULE_T1) | bit(RULE_T2) | bit(RULE_T3) | bit(RULE_T4) | bit(RULE_T5) | bit(RULE_P1))

static const char *register_words(uint16_t mask)
{
    for (unsigned e = 0; e < VERIFY_REGISTERS; e++)
        if ((mask >> e & 1u) != 0)
            return quantity_at((enum quantity_id)(Q_ENERGY_FIRST + (int)e))->name;
    return "A register";
}

/* No register fell, but several rates leapt in one window, and nothing else was forbidden. */
static bool replaced_by_a_higher_one(const struct diagnosis_findings *f)
{
    return f->leaps > 0 && f->first_utc_ms[RULE_T1] == f->last_utc_ms[RULE_T1] &&
           (f->count[RULE_T1] == 0 || f->last_utc_ms[RULE_T1] == f->leap_utc_ms);
}

static void explain_falls(const struct diagnosis_findings *f, struct diagnosis_list *out)
{
    const struct {
        enum verify_fall fall;
        enum diagnosis_code code;
        const char *text;
    } rows[] = {
        {FALL_CLEARED, DIAG_CLEARED,
         "All energy registers were cleared; totals across this moment cannot be billed."},
        {FALL_REPLACED, DIAG_REPLACED,
         "All registers changed at once: another meter answers at this address since then."},
        {FALL_DECREASE, DIAG_DECREASE,
         "A register counted backwards while the others went on; the meter is faulty."},
    };
    if (replaced_by_a_higher_one(f))
        diagnosis_add(
            out, DIAG_REPLACED, FLOW_RULES, f->leap_utc_ms, f->leap_utc_ms,
            "All registers rose at once by more than can flow: another meter, with higher readings, "
            "answers at this address since then.");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (f->fall[rows[i].fall] > 0)
            diagnosis_add(out, rows[i].code, bit(RULE_T6), f->fall_utc_ms[rows[i].fall],
                          f->fall_utc_ms[rows[i].fall], "%s", rows[i].text);
}

/* Total and rates disagree, and no rate moved where it may not: the registers themselves are at fault. */
static void explain_registers(const struct diagnosis_findings *f, struct diagnosis_list *out)
{
    const unsigned rules = FLOW_RULES | bit(RULE_P2);
    int64_t from = INT64_MAX, to = INT64_MIN;
    for (unsigned r = 0; r < RULE_COUNT; r++) {
        if ((rules >> r & 1u) == 0 || f->count[r] == 0)
            continue;
        from = f->first_utc_ms[r] < from ? f->first_utc_ms[r] : from;
        to = f->last_utc_ms[r] > to ? f->last_utc_ms[r] : to;
    }
    if (from > to)
        return;
    uint64_t sums = f->count[RULE_T2];
    bool jump = f->jumped != 0 || (sums > 0 && sums <= 2 && f->count[RULE_T1] <= 2 && from == to);
    if (jump)
        diagnosis_add(out, DIAG_REGISTER_JUMP, rules, from, to,
                      "%s jumped by more than the meter can carry, or alone; it did not count this energy.",
                      register_words(f->jumped));
    uint16_t totals = f->totals_still & (uint16_t)~f->totals_moved;
    if ((f->stopped != 0 && f->count[RULE_T1] == 0) || totals != 0)
        diagnosis_add(out, DIAG_REGISTER_STOPPED, rules, from, to, "%s stands still although energy flows.",
                      register_words(totals != 0 ? totals : f->stopped));
    if (sums > 0)
        diagnosis_add(out, DIAG_SUM_BROKEN, rules, from, to,
                      "The four rates no longer add up to the total; one of the registers miscounts.");
}

static void explain_freezes(const struct diagnosis_findings *f, struct diagnosis_list *out)
{
    if (f->count[RULE_F1] > 0)
        diagnosis_add(out, DIAG_FREEZE_SHIFT, bit(RULE_F1), f->first_utc_ms[RULE_F1], f->last_utc_ms[RULE_F1],
                      "The monthly values were not moved on as the settlement day asks: too early, too late, "
                      "twice, or in the wrong order.");
    for (unsigned r = RULE_F2; r <= RULE_F7; r++) {
        if (f->count[r] == 0)
            continue;
        diagnosis_add(out, DIAG_FREEZE_VALUE, 0x3fu << RULE_F2, f->first_utc_ms[r], f->last_utc_ms[r],
                      "A frozen monthly value disagrees with what the meter counted, or has been changed.");
        return;
    }
    /* a value of one family that is not the one that moved on: it may as well have been changed */
    if (f->uneven > 0 && f->uneven == f->count[RULE_F1])
        diagnosis_add(
            out, DIAG_FREEZE_VALUE, bit(RULE_F1), f->first_utc_ms[RULE_F1], f->last_utc_ms[RULE_F1],
            "A frozen monthly value is not the one that was frozen: it was changed or is shown wrongly.");
}

/* Up to SEARCH_SUSPECTS forbidden pieces, spread evenly over the record. */
static void pick_suspects(struct diagnosis_search *s, const struct evidence_list *l)
{
    size_t forbidden = 0;
    s->from_utc_ms = s->to_utc_ms = 0;
    for (size_t i = 0; i < l->n; i++) {
        if (l->piece[i].forbidden == 0)
            continue;
        int64_t lo = l->piece[i].lo_utc_ms, hi = lo + l->piece[i].length_ms;
        if (forbidden++ == 0) {
            s->from_utc_ms = lo;
            s->first_hi_utc_ms = hi;
        }
        s->last_lo_utc_ms = lo;
        s->to_utc_ms = hi;
    }
    size_t step = forbidden / SEARCH_SUSPECTS + 1, seen = 0;
    for (size_t i = 0; i < l->n && s->test.n_suspects < SEARCH_SUSPECTS; i++)
        if (l->piece[i].forbidden != 0 && seen++ % step == 0)
            s->suspects[s->test.n_suspects++] = i;
    s->test.suspects = s->suspects;
}

static void explain_movements(const struct tariff *tariff, const struct evidence_list *evidence,
                              const struct verify_result *result, struct diagnosis_list *out)
{
    struct diagnosis_search s = {.tariff = tariff, .test = {.evidence = evidence}, .out = out};
    s.rules = bit(RULE_T1) | bit(RULE_T3) | bit(RULE_T4) | bit(RULE_T5);
    pick_suspects(&s, evidence);
    diagnosis_clock(&s, result);
    diagnosis_calendar(&s);
    diagnosis_periods(&s);
    diagnosis_clock_late(&s);
}

int diagnosis_make(const struct tariff *tariff, const struct evidence_list *evidence,
                   const struct diagnosis_findings *findings, const struct verify_result *result,
                   struct diagnosis_list *out)
{
    struct diagnosis_list list = {0};
    explain_falls(findings, &list);
    size_t falls = list.n;
    /* one jump moves a forbidden rate once or twice; a wrong clock or table does it day by day */
    bool leapt = replaced_by_a_higher_one(findings);
    bool once = findings->count[RULE_T1] <= 2 && (findings->jumped != 0 || findings->count[RULE_T2] > 0);
    if (findings->count[RULE_T1] > 0 && tariff != NULL && !once && !leapt)
        explain_movements(tariff, evidence, result, &list);
    if (list.n == falls && !leapt)
        explain_registers(findings, &list);
    explain_freezes(findings, &list);
    uint64_t errors = findings->count[RULE_T1] + findings->count[RULE_T3] + findings->count[RULE_T4] +
                      findings->count[RULE_T5];
    if (list.n == falls && errors > 0 && !leapt)
        diagnosis_add(&list, DIAG_UNEXPLAINED, 0x1fu, findings->first_utc_ms[RULE_T1], result->to_utc_ms,
                      "Rate registers move at times the tariff forbids, and no single wrong setting explains "
                      "all of it.");
    if (result->no_single_skew_utc_ms != INT64_MIN && findings->count[RULE_T1] == 0)
        diagnosis_add(
            &list, DIAG_NO_SINGLE_SKEW, 0, result->no_single_skew_utc_ms, result->to_utc_ms,
            "No single clock error explains all switch-overs; the clock was probably set in between.");
    for (size_t i = 0; i < list.n; i++) /* only rules that have findings */
        for (unsigned r = 0; r < RULE_COUNT; r++)
            if (findings->count[r] == 0)
                list.item[i].rules &= ~bit((enum verify_rule)r);
    *out = list;
    return RC_OK;
}
