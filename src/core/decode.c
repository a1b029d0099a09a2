#include "core/decode.h"

#include <math.h>
#include <string.h>
#include "core/decimal.h"
#include "core/rc.h"
#include "core/text.h"

#define MOST_UNITS      1e8 /* kWh, V, W …: nothing a meter of ours can show is above it (DOMAIN 4.2) */
#define ZERO_SWEEPS     3   /* then zeros are taken for what they are: months do expire */
#define ZERO_FAMILIES   2   /* one family may expire; several at once look like a phantom reply */
#define NET_TOLERANCE   1e-5
#define ENERGY_DECIMALS 6

enum verdict { FINE, NOT_A_NUMBER, OUT_OF_RANGE };

uint32_t decode_word32(const uint16_t w[2], enum word_order order)
{
    uint32_t hi = w[0], lo = w[1];
    if (order == WORD_CDAB || order == WORD_DCBA) {
        uint32_t t = hi;
        hi = lo;
        lo = t;
    }
    if (order == WORD_BADC || order == WORD_DCBA) {
        hi = (hi >> 8 | hi << 8) & 0xFFFF;
        lo = (lo >> 8 | lo << 8) & 0xFFFF;
    }
    return hi << 16 | lo;
}

/* value * 10^exponent, exactly; half away from zero when digits are lost. */
static enum verdict scale10(int64_t value, int exponent, int64_t *out)
{
    for (; exponent > 0; exponent--)
        if (__builtin_mul_overflow(value, 10, &value))
            return OUT_OF_RANGE;
    int64_t rest = 1;
    for (; exponent < 0; exponent++)
        if (__builtin_mul_overflow(rest, 10, &rest))
            return OUT_OF_RANGE;
    int64_t half = rest / 2;
    *out = rest == 1 ? value : (value < 0 ? value - half : value + half) / rest;
    return FINE;
}

static enum verdict from_float(uint32_t bits, unsigned decimals, int64_t *out)
{
    float f;
    memcpy(&f, &bits, sizeof f);
    if (isnan(f) || isinf(f))
        return NOT_A_NUMBER;
    if (fpclassify(f) == FP_SUBNORMAL || fabsf(f) > (float)MOST_UNITS)
        return OUT_OF_RANGE;
    return decimal_from_float(f, decimals, out) == RC_OK ? FINE : OUT_OF_RANGE;
}

static enum verdict from_integer(int64_t value, const struct reg *r, unsigned decimals, int64_t *out)
{
    int64_t most;
    if (scale10(value, r->scale + (int)decimals, out) != FINE)
        return OUT_OF_RANGE;
    if (!quantity_is_energy(r->quantity) && !quantity_is_settlement(r->quantity))
        return FINE;
    if (scale10((int64_t)MOST_UNITS, (int)decimals, &most) != FINE)
        return OUT_OF_RANGE;
    return *out > most || *out < -most ? OUT_OF_RANGE : FINE;
}

static enum verdict bcd_digits(const uint16_t *w, unsigned n, int64_t *out)
{
    int64_t value = 0;
    for (unsigned i = 0; i < n * 4; i++) {
        unsigned digit = (unsigned)(w[i / 4] >> (12 - 4 * (i % 4))) & 0xF;
        if (digit > 9)
            return NOT_A_NUMBER;
        if (__builtin_mul_overflow(value, 10, &value) ||
            __builtin_add_overflow(value, (int64_t)digit, &value))
            return OUT_OF_RANGE;
    }
    *out = value;
    return FINE;
}

/* Six bytes: year since 2000, month, day, hour, minute, second. */
static enum verdict civil_clock(const uint16_t *w, int64_t *out)
{
    unsigned year = w[0] >> 8, month = w[0] & 0xFF, day = w[1] >> 8;
    unsigned hour = w[1] & 0xFF, minute = w[2] >> 8, second = w[2] & 0xFF;
    if (year > 99 || hour > 23 || minute > 59 || second > 59 ||
        !text_valid_date(2000 + (int64_t)year, month, day))
        return OUT_OF_RANGE;
    *out =
        text_days_from_civil(2000 + (int64_t)year, month, day) * 86400 + hour * 3600 + minute * 60 + second;
    return FINE;
}

/* Printable characters up to the first NUL; blanks at the end do not count. A serial number in BCD gives its
 * digits. */
static void text_value(const struct reg *r, const uint16_t *w, char out[READING_TEXT])
{
    size_t n = 0;
    unsigned bytes = r->type == REG_BCD ? r->len_regs * 4u : r->len_regs * 2u;
    for (unsigned i = 0; i < bytes && n + 1 < READING_TEXT; i++) {
        unsigned c = r->type == REG_BCD ? '0' + (((unsigned)w[i / 4] >> (12 - 4 * (i % 4))) & 0xFu)
                                        : ((unsigned)w[i / 2] >> (i % 2 == 0 ? 8 : 0)) & 0xFFu;
        if (c == 0)
            break;
        out[n++] = (char)(c >= 0x20 && c < 0x7F ? c : '?');
    }
    while (n > 0 && out[n - 1] == ' ')
        n--;
    out[n] = '\0';
}

static enum verdict one_value(const struct regmap *m, const struct reg *r, const uint16_t *w, int64_t *out)
{
    unsigned decimals = quantity_at(r->quantity)->decimals;
    int64_t digits;
    switch ((enum reg_type)r->type) {
    case REG_F32:
        return from_float(decode_word32(w, m->word_order), decimals, out);
    case REG_U16:
        return from_integer(w[0], r, decimals, out);
    case REG_S16:
        return from_integer((int16_t)w[0], r, decimals, out);
    case REG_U32:
        return from_integer(decode_word32(w, m->word_order), r, decimals, out);
    case REG_S32:
        return from_integer((int32_t)decode_word32(w, m->word_order), r, decimals, out);
    case REG_BCD: {
        enum verdict v = bcd_digits(w, r->len_regs, &digits);
        return v != FINE ? v : from_integer(digits, r, decimals, out);
    }
    case REG_CLOCK:
        return civil_clock(w, out);
    case REG_TEXT:
    case REG_TYPE_COUNT:
        break;
    }
    return OUT_OF_RANGE;
}

static void count(struct decode_rejects *rejects, enum reject why)
{
    if (why == REJECT_NOT_A_NUMBER)
        rejects->not_a_number++;
    else
        rejects->range++;
}

static enum verdict sign_allowed(const struct reg *r, int64_t value)
{
    const struct quantity *q = quantity_at(r->quantity);
    /* net registers are judged in decode_finish(), which sees import and export */
    return value >= 0 || q->may_be_negative || q->may_be_net || r->quantity == Q_CLOCK ? FINE : OUT_OF_RANGE;
}

int decode_regs(const struct regmap *m, unsigned classes, const struct span *s, const uint16_t *regs,
                struct reading *out, struct decode_rejects *rejects)
{
    uint32_t end = (uint32_t)s->address + s->len_regs;
    bool refused = false;
    for (size_t i = 0; i < m->n_regs; i++) {
        const struct reg *r = &m->regs[i];
        if ((classes & SPAN_CLASS(r->klass)) == 0 || r->address < s->address ||
            (uint32_t)r->address + r->len_regs > end)
            continue;
        const uint16_t *w = &regs[r->address - s->address];
        if (r->quantity == Q_SERIAL_NUMBER && (r->type == REG_TEXT || r->type == REG_BCD)) {
            text_value(r, w, out->text);
            continue;
        }
        int64_t value = 0;
        enum verdict v = one_value(m, r, w, &value);
        if (v == FINE)
            v = sign_allowed(r, value);
        bool energy = quantity_is_energy(r->quantity);
        int rc;
        if (v == FINE) {
            rc = reading_add(out, r->quantity, value);
        } else {
            enum reject why = v == NOT_A_NUMBER ? REJECT_NOT_A_NUMBER : REJECT_RANGE;
            if (!refused) /* once it is, nothing more counts */
                count(rejects, why);
            refused = refused || energy;
            rc = reading_reject(out, r->quantity, why);
        }
        if (rc != RC_OK)
            return rc;
    }
    return refused ? RC_PARSE : RC_OK;
}

/* In the reply itself total is import − export, and export is the larger. */
static bool shows_net(const struct reading *r, int total, int import, int export)
{
    const int64_t *t = reading_get(r, total), *i = reading_get(r, import), *e = reading_get(r, export);
    if (t == NULL || i == NULL || e == NULL || *e <= *i)
        return false;
    double error = decimal_to_double(*t - (*i - *e), ENERGY_DECIMALS);
    return fabs(error) <= NET_TOLERANCE * (1.0 + decimal_to_double(*i + *e, ENERGY_DECIMALS));
}

static bool net_allowed(const struct decode_state *state, const struct reading *r)
{
    if (state->net != DECODE_NET_AUTO)
        return state->net == DECODE_NET_YES;
    return shows_net(r, Q_ACTIVE_ENERGY_TOTAL, Q_ACTIVE_ENERGY_IMPORT, Q_ACTIVE_ENERGY_EXPORT) ||
           shows_net(r, Q_REACTIVE_ENERGY_TOTAL, Q_REACTIVE_ENERGY_IMPORT, Q_REACTIVE_ENERGY_EXPORT);
}

/* Negative values in registers that may be net: RC_PARSE for a cumulative one, a slot is left out. */
static int judge_signs(const struct decode_state *state, struct reading *r, struct decode_rejects *rejects)
{
    bool refused = false;
    uint64_t slots = 0;
    if (net_allowed(state, r))
        return RC_OK;
    for (uint16_t i = r->count; i-- > 0;) {
        struct reading_value v = r->values[i];
        bool energy = quantity_is_energy(v.quantity), slot = quantity_is_settlement(v.quantity);
        if (v.value >= 0 || (!energy && !slot))
            continue;
        slots += slot;
        refused = refused || energy;
        reading_retract(r, i, REJECT_RANGE);
    }
    rejects->range += refused ? 1 : slots;
    return refused ? RC_PARSE : RC_OK;
}

/* Zeros that are not believed, and the whole reply with them. */
static int refuse_zeros(struct reading *r, struct decode_rejects *rejects)
{
    rejects->zero++;
    for (uint16_t i = r->count; i-- > 0;)
        if (r->values[i].value == 0)
            reading_retract(r, i, REJECT_ZERO);
    return RC_PARSE;
}

/* Families with a value other than zero, as bits. */
static uint16_t families_nonzero(const struct reading *r, uint16_t *present)
{
    uint16_t nonzero = 0;
    *present = 0;
    for (uint16_t i = 0; i < r->count; i++) {
        if (!quantity_is_settlement(r->values[i].quantity))
            continue;
        uint16_t bit = (uint16_t)(1u << quantity_family(r->values[i].quantity));
        *present |= bit;
        if (r->values[i].value != 0)
            nonzero |= bit;
    }
    return nonzero;
}

/* Several families that had values are zero at once: a phantom reply inside the sweep, until it insists. */
static int judge_families(struct decode_state *state, struct reading *r)
{
    uint16_t present, nonzero = families_nonzero(r, &present);
    uint16_t vanished = state->families_seen & present & (uint16_t)~nonzero;
    if (__builtin_popcount(vanished) >= ZERO_FAMILIES && state->zero_sweeps < ZERO_SWEEPS) {
        state->zero_sweeps++;
        return RC_PARSE;
    }
    state->zero_sweeps = 0;
    state->families_seen = (uint16_t)((state->families_seen & ~present) | nonzero);
    return RC_OK;
}

/* Whoever answers has mains: live values of nothing but zeros are a phantom, voltage and frequency among
 * them. */
static bool shows_no_mains(const struct reading *r)
{
    if (reading_get(r, Q_VOLTAGE) == NULL || reading_get(r, Q_FREQUENCY) == NULL)
        return false;
    for (uint16_t i = 0; i < r->count; i++)
        if (r->values[i].value != 0)
            return false;
    return true;
}

int decode_finish(struct decode_state *state, struct reading *r, struct decode_rejects *rejects)
{
    int rc = judge_signs(state, r, rejects);
    if (rc != RC_OK)
        return rc;
    if (r->count == 0 && r->text[0] == '\0')
        return RC_PARSE; /* every value was impossible: that is no reading */

    bool any = false, energy = false, slots = false, slot_energy = false;
    for (uint16_t i = 0; i < r->count; i++) {
        bool nonzero = r->values[i].value != 0;
        any |= quantity_is_energy(r->values[i].quantity);
        energy |= quantity_is_energy(r->values[i].quantity) && nonzero;
        slots |= quantity_is_settlement(r->values[i].quantity);
        slot_energy |= quantity_is_settlement(r->values[i].quantity) && nonzero;
    }
    if (any && !energy) {
        if (slot_energy)
            state->had_energy = true; /* its months tell that it counted: these zeros are a phantom */
        else if (slots && !state->had_energy)
            state->swept_zero = true;
        if (state->had_energy || !state->swept_zero)
            return refuse_zeros(r, rejects);
        r->quality = QUALITY_SUSPECT; /* a new meter, or one that says so: never a baseline */
        return RC_OK;
    }
    if (shows_no_mains(r) || (slots && judge_families(state, r) != RC_OK))
        return refuse_zeros(r, rejects);
    state->had_energy |= energy;
    return RC_OK;
}
