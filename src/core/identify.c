/* identify.c - a few checks of plausibility, each with what it is worth. */
#include "core/identify.h"

#include <stdlib.h>
#include <string.h>
#include "core/decimal.h"
#include "core/decode.h"
#include "core/rc.h"
#include "core/text.h"

#define HERTZ(n)    ((n)*INT64_C(10000)) /* decimals of a frequency: 4 */
#define ENOUGH      3                    /* points */
#define LEAST_MV    INT64_C(40000)       /* a rated voltage nobody told: less than that feeds no meter */
#define MOST_MV     INT64_C(500000000)   /* and the highest grids end here; primary values of transformers */
#define SUM_PER_10K 100 /* rates and total of one reply: steps, and a deep valley of its own */

const enum reg_class identify_order[IDENTIFY_CLASSES] = {CLASS_LIVE, CLASS_ENERGY, CLASS_IDENTITY};

struct identify {
    const struct regmap *model;
    uint8_t address;
    unsigned read;   /* bits of the classes that were asked */
    int lacks;       /* a live or energy register the device refused, else -1 */
    bool bad_energy; /* an energy is no number, or none that can be */
    struct reading *values;
};

/* A check gives points for the model, 0 when it has nothing to say, or this, with words. */
#define AGAINST (-1)

struct identify *identify_new(const struct regmap *m, uint8_t address)
{
    struct identify *i = calloc(1, sizeof *i);
    if (i == NULL)
        return NULL;
    i->model = m;
    i->address = address;
    i->lacks = -1;
    i->values = reading_new(m->n_regs);
    if (i->values == NULL) {
        free(i);
        return NULL;
    }
    return i;
}

void identify_free(struct identify *i)
{
    if (i != NULL)
        reading_free(i->values);
    free(i);
}

void identify_take(struct identify *i, enum reg_class c, const struct span *s, const uint16_t *regs)
{
    struct decode_rejects rejects = {0};
    i->read |= SPAN_CLASS(c);
    if (regs == NULL) {
        if (c != CLASS_IDENTITY && i->lacks < 0)
            i->lacks = s->address;
        return;
    }
    int rc = decode_regs(i->model, SPAN_CLASS(c), s, regs, i->values, &rejects);
    if (rc != RC_OK && c == CLASS_ENERGY)
        i->bad_energy = true;
}

/* Does the model have this quantity in a class that was read? */
static bool was_asked(const struct identify *i, int quantity)
{
    const struct reg *r = regmap_find(i->model, quantity);
    return r != NULL && (i->read & SPAN_CLASS(r->klass)) != 0;
}

static void show(char why[IDENTIFY_WHY], int quantity, const int64_t *value)
{
    const struct quantity *q = quantity_at((enum quantity_id)quantity);
    char digits[DECIMAL_SIZE] = "is no number";
    if (value != NULL)
        decimal_to_text(*value, q->decimals, digits);
    text_format(why, IDENTIFY_WHY, "%s %s%s%s", q->name, digits, value != NULL ? " " : "",
                value != NULL ? q->unit : "");
}

static int check_refused(const struct identify *i, char why[IDENTIFY_WHY])
{
    if (i->lacks < 0)
        return 0;
    text_format(why, IDENTIFY_WHY, "no register 0x%04X", (unsigned)i->lacks);
    return AGAINST;
}

static int check_address(const struct identify *i, char why[IDENTIFY_WHY])
{
    const struct reg *r = regmap_find(i->model, Q_COMM_ADDRESS);
    const int64_t *value = reading_get(i->values, Q_COMM_ADDRESS);
    if (value == NULL || *value == i->address)
        return value == NULL ? 0 : 2;
    text_format(why, IDENTIFY_WHY, "its address register 0x%04X says %lld", r != NULL ? r->address : 0u,
                (long long)*value);
    return AGAINST;
}

static int check_frequency(const struct identify *i, char why[IDENTIFY_WHY])
{
    const int64_t *f = reading_get(i->values, Q_FREQUENCY);
    if (!was_asked(i, Q_FREQUENCY))
        return 0;
    if (f != NULL && *f >= HERTZ(45) && *f <= HERTZ(65))
        return 2;
    show(why, Q_FREQUENCY, f);
    return AGAINST;
}

/* One phase at least has a voltage, and none has one that cannot be. */
static int check_voltage(const struct identify *i, char why[IDENTIFY_WHY])
{
    static const int phases[] = {Q_VOLTAGE, Q_VOLTAGE_L1, Q_VOLTAGE_L2, Q_VOLTAGE_L3};
    int64_t rated = i->model->rated_voltage_mv;
    int64_t least = rated > 0 ? rated * 2 / 5 : LEAST_MV, most = rated > 0 ? rated * 3 / 2 : MOST_MV;
    bool any = false, asked = false;
    for (size_t k = 0; k < sizeof phases / sizeof phases[0]; k++) {
        const int64_t *v = reading_get(i->values, phases[k]);
        if (!was_asked(i, phases[k]))
            continue;
        asked = true;
        if (v == NULL || *v > most) {
            show(why, phases[k], v);
            return AGAINST;
        }
        any = any || *v >= least;
        if (!any)
            show(why, phases[k], v); /* of the last one, if none is better */
    }
    return !asked ? 0 : any ? 1 : AGAINST;
}

static int check_power_factor(const struct identify *i, char why[IDENTIFY_WHY])
{
    const int64_t *pf = reading_get(i->values, Q_POWER_FACTOR); /* missing: no number, without a current */
    if (pf == NULL || (*pf >= -10000 && *pf <= 10000))
        return 0;
    show(why, Q_POWER_FACTOR, pf);
    return AGAINST;
}

/* Rates that add up to the total were hardly read by a wrong map. That they do not is for the verdict to
 * judge. */
static int check_energy(const struct identify *i, char why[IDENTIFY_WHY])
{
    const int64_t *total = reading_get(i->values, Q_ACTIVE_ENERGY_TOTAL);
    int64_t sum = 0;
    if (i->bad_energy) {
        text_format(why, IDENTIFY_WHY, "an energy is no number, or no energy");
        return AGAINST;
    }
    for (int r = RATE_SHARP; r <= RATE_VALLEY; r++) {
        const int64_t *rate = reading_get(i->values, Q_ACTIVE_ENERGY_SHARP + r);
        if (rate == NULL)
            return 0;
        sum += *rate;
    }
    if (total == NULL || *total <= 0)
        return 0;
    int64_t off = sum > *total ? sum - *total : *total - sum;
    return off <= *total / 10000 * SUM_PER_10K ? 1 : 0;
}

static int check_clock(const struct identify *i, char why[IDENTIFY_WHY])
{
    (void)why; /* what is no time was left out, and a battery may be empty */
    return reading_get(i->values, Q_CLOCK) != NULL ? 1 : 0;
}

struct identify_verdict identify_judge(const struct identify *i)
{
    static int (*const checks[])(const struct identify *i, char why[IDENTIFY_WHY]) = {
        check_refused, check_address,      check_frequency, check_voltage,
        check_energy,  check_power_factor, check_clock};
    struct identify_verdict v = {.fits = false};
    int points = 0;
    for (size_t k = 0; k < sizeof checks / sizeof checks[0] && !v.refuted; k++) {
        char why[IDENTIFY_WHY] = "";
        int p = checks[k](i, why);
        v.refuted = p == AGAINST;
        if (v.refuted)
            memcpy(v.why, why, sizeof why);
        else
            points += p;
    }
    v.explained = i->values->count + (i->values->text[0] != '\0' ? 1u : 0u);
    v.fits = !v.refuted && points >= ENOUGH;
    return v;
}

const struct reading *identify_reading(const struct identify *i)
{
    return i->values;
}
