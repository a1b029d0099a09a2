/* F1 to F7. Every comparison allows for both steps, for float32, and for what flowed while the block was
 * read. */
#include "tariff/freeze_rules.h"

#include "tariff/verify_state.h"

#define MONTH_MINUTES 45000

static const int64_t *previous_sweep(const struct verify *v)
{
    return v->m.freeze.value;
}

static unsigned at(unsigned family, unsigned slot)
{
    return family * SETTLEMENT_SLOTS + slot;
}

void freeze_tell(struct verify *v, const struct verify_row *p, enum verify_rule rule, int index,
                 int64_t excess, int32_t cause)
{
    const struct freeze *f = &v->m.freeze;
    struct verify_event e = {.rule = rule,
                             .severity = SEVERITY_ERROR,
                             .quantity = index < 0 ? -1 : Q_SETTLEMENT_FIRST + index,
                             .has_excess = excess != 0,
                             .excess = excess,
                             .ts_utc_ms = p->time_utc_ms,
                             .window_utc_ms = {f->given ? f->lo_utc_ms : verify_row_lo(v, p), p->time_utc_ms},
                             .cause = cause,
                             .before = &v->m.base,
                             .after = p};
    verify_emit(v, &e);
}

static bool net(const struct verify *v, unsigned family)
{
    return verify_net_possible(v, quantity_family_is_reactive(family) ? 1 : 0);
}

/* Q of a frozen value: its family's live register teaches the step. */
static int64_t q_of(const struct verify *v, unsigned family, int64_t value)
{
    return verify_q(v, freeze_register(family), value);
}

/* What flowed, counted up in float32 (DOMAIN 4.2), may be off by this much; the coarser of the value's own
 * ULP and that of its family's running register, from which the firmware may have taken it. */
static int64_t accumulation(const struct verify *v, unsigned family, int64_t value)
{
    unsigned e = freeze_register(family);
    int64_t live = verify_has(&v->m.base, e) ? v->m.base.v[e] : value;
    int64_t coarse = live > value ? live : value;
    if (value <= 0 || coarse < 1000000)
        return 0;
    int64_t ulp = coarse < 16384000000LL  ? resolution_ulp(coarse)
                  : value < 16384000000LL ? resolution_ulp(value)
                                          : 0;
    int64_t by_pulse = (int64_t)((double)value * 800e-6 * (double)ulp);
    by_pulse = by_pulse < value / 5 * 4 ? by_pulse : value / 5 * 4;
    int64_t by_minute = ulp * MONTH_MINUTES;
    return v->m.exact && by_minute < by_pulse ? by_minute : by_pulse;
}

static int64_t size_of(int64_t a)
{
    return a < 0 ? -a : a;
}

/* Do all families agree with a shift by M? */
static bool shifted_by(const int64_t *old, const int64_t *new, unsigned m)
{
    for (unsigned f = 0; f < SETTLEMENT_FAMILIES; f++)
        for (unsigned slot = m + 1; slot < SETTLEMENT_SLOTS; slot++) {
            int64_t a = old[at(f, slot - m)], b = new[at(f, slot)];
            if (slot - m >= 1 && a != VERIFY_ABSENT && b != VERIFY_ABSENT && a != b)
                return false;
        }
    return true;
}

/* Does a shift by M show: is something where it would be then? Zeros are everywhere, and where slots were not
 * read everything fits. */
static bool seen_shifted_by(const int64_t *old, const int64_t *new, unsigned m)
{
    for (unsigned f = 0; f < SETTLEMENT_FAMILIES; f++)
        for (unsigned slot = m + 1; slot < SETTLEMENT_SLOTS; slot++)
            if (new[at(f, slot)] != VERIFY_ABSENT &&new[at(f, slot)] != 0 &&
                new[at(f, slot)] == old[at(f, slot - m)])
                return shifted_by(old, new, m);
    return false;
}

static int first_change(const int64_t *old, const int64_t *new, unsigned m)
{
    for (unsigned f = 0; f < SETTLEMENT_FAMILIES; f++)
        for (unsigned slot = m + 1; slot < SETTLEMENT_SLOTS; slot++) {
            int64_t a = old[at(f, slot - m)], b = new[at(f, slot)];
            if (slot - m >= 1 && a != VERIFY_ABSENT && b != VERIFY_ABSENT && a != b)
                return (int)at(f, slot);
        }
    return -1;
}

/* F1 and F5. True when the shift is the expected one. */
static bool check_shift(struct verify *v, const struct verify_row *p, const struct freeze_sweep *s)
{
    const int64_t *old = previous_sweep(v);
    unsigned expected = s->expected < SETTLEMENT_SLOTS - 1 ? s->expected : SETTLEMENT_SLOTS - 1;
    if (shifted_by(old, s->value, expected))
        return true;
    int changed = first_change(old, s->value, expected);
    int64_t excess = changed < 0 ? 0 : size_of(s->value[changed] - old[changed - (int)expected]);
    for (unsigned m = 0; m < SETTLEMENT_SLOTS - 1; m++) {
        if (m != expected && seen_shifted_by(old, s->value, m)) {
            freeze_tell(v, p, RULE_F1, -1, 0, (int32_t)(expected * 16 + m));
            return false;
        }
    }
    freeze_tell(v, p, expected == 0 ? RULE_F5 : RULE_F1, changed, excess, expected == 0 ? changed : 0);
    return false;
}

/* F2: the freshly frozen value against what was counted since the sweep before. */
static void check_fresh(struct verify *v, const struct verify_row *p, const struct freeze_sweep *s,
                        unsigned f)
{
    const struct freeze *z = &v->m.freeze;
    int64_t fresh = s->value[at(f, 1)], month = s->value[at(f, 0)], old_month = z->value[at(f, 0)];
    if (fresh == VERIFY_ABSENT || month == VERIFY_ABSENT || old_month == VERIFY_ABSENT ||
        z->model == FREEZE_AUTO)
        return;
    int64_t q = q_of(v, f, fresh) + q_of(v, f, old_month);
    int64_t below = old_month - fresh - q;
    if (below > 0)
        freeze_tell(v, p, RULE_F2, (int)at(f, 1), below, 1);
    if (s->live_lo[f] == VERIFY_ABSENT)
        return;
    if (z->model == FREEZE_CUMULATIVE) {
        int64_t above = fresh - s->live_hi[f] - q;
        if (above > 0)
            freeze_tell(v, p, RULE_F2, (int)at(f, 1), above, 1);
        return;
    }
    if (z->live_lo[f] == VERIFY_ABSENT)
        return;
    int64_t counted = fresh + month - old_month;
    int64_t least = s->live_lo[f] - z->live_hi[f], most = s->live_hi[f] - z->live_lo[f];
    q += q_of(v, f, month) + 2 * q_of(v, f, s->live_hi[f]) + accumulation(v, f, fresh + month) +
         accumulation(v, f, most);
    int64_t excess = counted > most ? counted - most - q : least - counted - q;
    if (excess > 0)
        freeze_tell(v, p, RULE_F2, (int)at(f, 1), excess, 1);
}

/* F4: the month's total against our own count between the two instants. */
static void check_month(struct verify *v, const struct verify_row *p, const struct freeze_sweep *s,
                        unsigned f)
{
    const struct freeze *z = &v->m.freeze;
    const struct freeze_mark *end = &z->mark[0], *begin = &z->mark[1];
    if (z->model == FREEZE_AUTO || end->instant_utc_ms == VERIFY_ABSENT ||
        begin->instant_utc_ms == VERIFY_ABSENT)
        return;
    if (end->instant_utc_ms <= z->time_utc_ms ||
        freeze_instants(v, begin->instant_utc_ms, end->instant_utc_ms, NULL) != 1)
        return;
    if (end->before[f] == VERIFY_ABSENT || end->after[f] == VERIFY_ABSENT ||
        begin->before[f] == VERIFY_ABSENT || begin->after[f] == VERIFY_ABSENT ||
        s->value[at(f, 1)] == VERIFY_ABSENT)
        return;
    int64_t said = s->value[at(f, 1)];
    if (z->model == FREEZE_CUMULATIVE) {
        if (s->value[at(f, 2)] == VERIFY_ABSENT)
            return;
        said -= s->value[at(f, 2)];
    }
    int64_t least = end->before[f] - begin->after[f], most = end->after[f] - begin->before[f];
    int64_t q =
        2 * q_of(v, f, s->value[at(f, 1)]) + 2 * q_of(v, f, end->after[f]) + 2 * accumulation(v, f, most);
    int64_t excess = said > most ? said - most - q : least - said - q;
    if (excess > 0)
        freeze_tell(v, p, RULE_F4, (int)at(f, 1), excess, 1);
}

/* F3: the four rates of one slot make its combined value. */
static void check_rates(struct verify *v, const struct verify_row *p, const struct freeze_sweep *s,
                        unsigned kind, unsigned slot)
{
    const struct verify_sums *ref = &v->m.kind[kind].first;
    int64_t combined = s->value[at(kind, slot)], sum = 0, slack = 0;
    if (combined == VERIFY_ABSENT)
        return;
    int64_t q = q_of(v, kind, combined);
    for (unsigned r = 0; r < RATE_COUNT; r++) {
        unsigned f = 2 + 2 * r + kind;
        int64_t x = s->value[at(f, slot)];
        if (x == VERIFY_ABSENT)
            return;
        sum += x;
        q += q_of(v, f, x);
        slack += accumulation(v, f, x);
    }
    if (slot == 0) { /* the month's registers come from several replies */
        if (s->live_lo[kind] == VERIFY_ABSENT)
            return;
        q += s->live_hi[kind] - s->live_lo[kind];
    }
    int64_t offset = 0;
    if (v->m.freeze.model == FREEZE_CUMULATIVE) {
        if (sum == 0 || !ref->given || verify_rate_columns(v, kind) != ALL_RATES)
            return; /* from before multi-rate was enabled */
        offset = ref->total - ref->rate[0] - ref->rate[1] - ref->rate[2] - ref->rate[3];
        q += verify_sums_q(v, kind, ref, 15);
    }
    int64_t excess = size_of(combined - sum - offset) - q - slack - accumulation(v, kind, combined);
    if (excess > 0)
        freeze_tell(v, p, RULE_F3, (int)at(kind, slot), excess, slot == 0 ? 0 : 1);
}

/* F6 and F7 of one family. */
static void check_family(struct verify *v, const struct verify_row *p, const struct freeze_sweep *s,
                         unsigned f)
{
    const struct freeze *z = &v->m.freeze;
    int64_t most = verify_max_energy(v, 32 * CALENDAR_DAY_MS);
    for (unsigned slot = 1; slot < SETTLEMENT_SLOTS; slot++) {
        int64_t x = s->value[at(f, slot)];
        if (x == VERIFY_ABSENT)
            continue;
        if (z->model == FREEZE_PERIOD && most != INT64_MAX &&
            x - q_of(v, f, x) - accumulation(v, f, x) > most)
            freeze_tell(v, p, RULE_F6, (int)at(f, slot), x - most, (int32_t)slot);
        int64_t older = slot + 1 < SETTLEMENT_SLOTS ? s->value[at(f, slot + 1)] : VERIFY_ABSENT;
        if (z->model == FREEZE_CUMULATIVE && older != VERIFY_ABSENT && x < older)
            freeze_tell(v, p, RULE_F6, (int)at(f, slot), older - x, (int32_t)slot);
    }
    int64_t month = s->value[at(f, 0)], old_month = z->value[at(f, 0)];
    bool may_fall = s->expected > 0 && z->model != FREEZE_CUMULATIVE;
    if (z->given && !may_fall && month != VERIFY_ABSENT && old_month != VERIFY_ABSENT && month < old_month)
        freeze_tell(v, p, RULE_F7, (int)at(f, 0), old_month - month, 0);
}

void freeze_check(struct verify *v, const struct verify_row *p, const struct freeze_sweep *s)
{
    const struct freeze *z = &v->m.freeze;
    bool shifted = z->given && check_shift(v, p, s);
    for (unsigned f = 0; f < SETTLEMENT_FAMILIES; f++) {
        if (net(v, f))
            continue;
        if (shifted && s->expected == 1) {
            check_fresh(v, p, s, f);
            check_month(v, p, s, f);
        }
        check_family(v, p, s, f);
    }
    if (z->model == FREEZE_AUTO || v->opt.dual_source)
        return;
    for (unsigned kind = 0; kind < VR_KINDS; kind++)
        for (unsigned slot = 0; slot < SETTLEMENT_SLOTS && !net(v, kind); slot++)
            check_rates(v, p, s, kind, slot);
}
