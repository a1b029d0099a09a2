#include <stdio.h>
#include <string.h>
#include "config/model_draft.h"
#include "config/model_keys.h"
#include "core/text.h"

/* What a row of `registers` and of `families` have in common. */
struct row {
    const config_setting_t *at;
    const struct tree_value *v; /* REG_TYPE … REG_CLASS stand at the same indexes in both tables */
};

_Static_assert((int)REG_TYPE == (int)FAMILY_TYPE && (int)REG_REGISTERS == (int)FAMILY_REGISTERS &&
                   (int)REG_UNIT == (int)FAMILY_UNIT && (int)REG_SCALE == (int)FAMILY_SCALE &&
                   (int)REG_CLASS == (int)FAMILY_CLASS && (int)REG_ADDRESS == (int)FAMILY_ADDRESS,
               "a family's row begins as a register's row");

/* Registers of a type: how many it may have, and how many when the model does not say. */
struct type_len {
    uint8_t least, most, usual; /* usual 0: the model must say */
};
static const struct type_len type_len[REG_TYPE_COUNT] = {
    [REG_U16] = {1, 1, 1}, [REG_S16] = {1, 1, 1}, [REG_U32] = {2, 2, 2},   [REG_S32] = {2, 2, 2},
    [REG_F32] = {2, 2, 2}, [REG_BCD] = {1, 4, 0}, [REG_TEXT] = {1, 11, 0}, [REG_CLOCK] = {3, 7, 0},
};

static bool length_of(const struct tree *t, const struct row *row, uint8_t *len)
{
    const struct type_len *allowed = &type_len[row->v[REG_TYPE].n];
    const char *type = reg_type_name((enum reg_type)row->v[REG_TYPE].n);
    int64_t n = row->v[REG_REGISTERS].at != NULL ? row->v[REG_REGISTERS].n : allowed->usual;

    if (n == 0) {
        tree_error(t, row->at, "registers is missing: a %s does not say its own length", type);
        return false;
    }
    if (n < allowed->least || n > allowed->most) {
        if (allowed->least == allowed->most)
            tree_error(t, row->v[REG_REGISTERS].at, "must be %d: a %s has no other length, not %lld",
                       allowed->least, type, (long long)n);
        else
            tree_error(t, row->v[REG_REGISTERS].at, "must be %d to %d for a %s, not %lld", allowed->least,
                       allowed->most, type, (long long)n);
        return false;
    }
    *len = (uint8_t)n;
    return true;
}

static int known_quantity(const struct tree *t, const config_setting_t *at, const char *name)
{
    const char *names[Q_COUNT];
    char quote[CONF_QUOTE_SIZE], hint[CONF_HINT_SIZE];
    int q = quantity_find(name);

    if (q >= 0)
        return q;
    for (int i = 0; i < Q_COUNT; i++)
        names[i] = quantity_at((enum quantity_id)i)->name;
    tree_error(t, at, "%s is no quantity this program knows%s", conf_quote(quote, name),
               conf_hint(hint, name, names, Q_COUNT));
    return -1;
}

/* The rules that hang on quantity and type together. */
static bool fits(const struct tree *t, const struct row *row, const struct quantity *q, const struct reg *reg)
{
    const struct tree_value *unit = &row->v[REG_UNIT];
    bool counts = reg->type != REG_F32 && reg->type != REG_TEXT && reg->type != REG_CLOCK;
    int id = reg->quantity;

    if (unit->at != NULL && strcmp(unit->s, q->unit) != 0) {
        tree_error(t, unit->at,
                   "must be \"%s\", the unit of %s everywhere (scale turns the meter's number into it)",
                   q->unit, q->name);
        return false;
    }
    if (row->v[REG_SCALE].at != NULL && !counts) {
        tree_error(t, row->v[REG_SCALE].at, "only whole numbers and bcd have a scale, a %s has none",
                   reg_type_name((enum reg_type)reg->type));
        return false;
    }
    if ((id == Q_CLOCK) != (reg->type == REG_CLOCK)) {
        tree_error(t, row->at, "type clock and quantity clock go together");
        return false;
    }
    if (reg->type == REG_TEXT && id != Q_SERIAL_NUMBER) {
        tree_error(t, row->at, "only serial_number may be a text");
        return false;
    }
    if (id == Q_RELAY_DO1) {
        tree_error(t, row->at, "a relay is a coil: relay = { coil = …; }");
        return false;
    }
    if (quantity_is_settlement(id) != (reg->klass == CLASS_SETTLEMENT)) {
        tree_error(t, row->at, "%s is %s class settlement", q->name,
                   quantity_is_settlement(id) ? "always of" : "never of");
        return false;
    }
    return true;
}

/* One register of a row; `name` and `obis` are complete. False after an error. */
static bool make_reg(const struct tree *t, const struct row *row, struct model_draft *d, const char *name,
                     int64_t address, const char *obis, uint8_t len)
{
    struct model_reg m = {.from.place = tree_place(t, row->at)};
    const config_setting_t *name_at = row->v[REG_NAME].at;
    int q = known_quantity(t, name_at, name);

    if (q < 0)
        return false;
    const struct quantity *quantity = quantity_at((enum quantity_id)q);
    tree_path(row->at, m.from.path);
    m.reg = (struct reg){.address = (uint16_t)address,
                         .len_regs = len,
                         .type = (uint8_t)row->v[REG_TYPE].n,
                         .klass = row->v[REG_CLASS].at != NULL ? (uint8_t)row->v[REG_CLASS].n
                                                               : (uint8_t)quantity->klass,
                         .quantity = (uint16_t)q,
                         .scale = (int8_t)row->v[REG_SCALE].n};
    if (address + len > 65536) {
        tree_error(t, row->at, "%s would end behind register 65535", name);
        return false;
    }
    if (m.reg.type == REG_F32 && address % 2 != 0 && !d->odd_floats) {
        tree_error(t, row->at, "%s is a float at the odd address 0x%04X (odd_floats = true allows it)", name,
                   (unsigned)address);
        return false;
    }
    if (!text_format(m.reg.obis, sizeof m.reg.obis, "%s", obis)) {
        tree_error(t, row->at, "the OBIS code '%s' is too long", obis);
        return false;
    }
    if (!fits(t, row, quantity, &m.reg))
        return false;
    for (size_t i = 0; i < d->n_regs; i++)
        if (d->regs[i].reg.quantity == q) {
            tree_error(t, row->at, "%s is given twice, first at line %u", name, d->regs[i].from.place.line);
            return false;
        }
    if (d->n_regs >= MODEL_REGS_MOST) {
        tree_error(t, row->at, "more than %d registers", MODEL_REGS_MOST);
        return false;
    }
    return model_draft_add_reg(t->r, d, &m) == 0;
}

/* Replaces {rate} {slot} {e} {f}. False when the pattern has an unknown placeholder or grows too long. */
struct place_holder {
    const char *name, *text;
};
static bool expand(const char *pattern, const struct place_holder *with, size_t n, char *out, size_t size)
{
    size_t len = 0;

    while (*pattern != '\0') {
        const char *text = NULL;
        size_t take = 1;
        if (*pattern == '{') {
            for (size_t i = 0; i < n && text == NULL; i++)
                if (with[i].text != NULL && strncmp(pattern, with[i].name, strlen(with[i].name)) == 0) {
                    text = with[i].text;
                    take = strlen(with[i].name);
                }
            if (text == NULL)
                return false;
        }
        size_t add = text != NULL ? strlen(text) : 1;
        if (len + add >= size)
            return false;
        memcpy(out + len, text != NULL ? text : pattern, add);
        len += add;
        pattern += take;
    }
    out[len] = '\0';
    return true;
}

struct family {
    const struct tree *t;
    struct row row;
    struct model_draft *d;
    uint8_t len;
    uint8_t rates[RATE_COUNT + 1];
    size_t n_rates; /* 0: no {rate} */
    int64_t rate_step, slots, slot_step;
};

static bool family_member(const struct family *f, size_t rate, int64_t slot)
{
    const struct tree_value *v = f->row.v;
    const struct tree_value *obis =
        slot == 0 && v[FAMILY_OBIS_MONTH].at != NULL ? &v[FAMILY_OBIS_MONTH] : &v[FAMILY_OBIS];
    char name[64], code[40] = "", slot_name[20], e[16], f_group[16];
    bool by_slot = v[FAMILY_SLOTS].at != NULL, by_rate = f->n_rates > 0;
    enum rate r = by_rate ? (enum rate)f->rates[rate] : RATE_COMBINED;
    int64_t address = v[FAMILY_ADDRESS].n + (int64_t)rate * f->rate_step + slot * f->slot_step;

    snprintf(slot_name, sizeof slot_name, slot == 0 ? "month" : "prev%02d", (int)slot);
    snprintf(e, sizeof e, "%d", r == RATE_COMBINED ? 0 : (int)r + 1);
    snprintf(f_group, sizeof f_group, "%d", by_slot && slot > 0 ? 100 + (int)slot : 255);
    const struct place_holder holders[] = {{"{rate}", by_rate ? rate_name(r) : NULL},
                                           {"{slot}", by_slot ? slot_name : NULL},
                                           {"{e}", e},
                                           {"{f}", f_group}};
    if (!expand(v[FAMILY_NAME].s, holders, 2, name, sizeof name)) {
        tree_error(f->t, v[FAMILY_NAME].at,
                   "'%s' may hold {rate} (with rates = …) and {slot} (with slots = …) only",
                   v[FAMILY_NAME].s);
        return false;
    }
    if (obis->at != NULL && !expand(obis->s, holders, 4, code, sizeof code)) {
        tree_error(f->t, obis->at, "'%s' may hold {e} and {f} only", obis->s);
        return false;
    }
    return make_reg(f->t, &f->row, f->d, name, address, code, f->len);
}

static bool family_rates(struct family *f)
{
    const config_setting_t *list = f->row.v[FAMILY_RATES].at;
    const char *const *words = model_family_keys[FAMILY_RATES].words;

    for (unsigned i = 0; list != NULL && i < (unsigned)config_setting_length(list); i++) {
        const config_setting_t *at = config_setting_get_elem(list, i);
        const char *word = config_setting_type(at) == CONFIG_TYPE_STRING ? config_setting_get_string(at) : "";
        char hint[CONF_HINT_SIZE], quote[CONF_QUOTE_SIZE];
        size_t k = 0;
        while (words[k] != NULL && strcmp(words[k], word) != 0)
            k++;
        if (words[k] == NULL) {
            tree_error(f->t, list, "%s is no rate%s", conf_quote(quote, word),
                       conf_hint(hint, word, words, RATE_COUNT + 1));
            return false;
        }
        if (f->n_rates > RATE_COUNT || memchr(f->rates, (int)k, f->n_rates) != NULL) {
            tree_error(f->t, list, "%s stands there twice", word);
            return false;
        }
        f->rates[f->n_rates++] = (uint8_t)k;
    }
    if (list != NULL && f->n_rates == 0)
        tree_error(f->t, list, "names no rate");
    return list == NULL || f->n_rates > 0;
}

static bool read_family(struct family *f)
{
    const struct tree_value *v = f->row.v;

    if (!length_of(f->t, &f->row, &f->len) || !family_rates(f))
        return false;
    f->rate_step = v[FAMILY_RATE_STEP].at != NULL ? v[FAMILY_RATE_STEP].n : f->len;
    f->slot_step = v[FAMILY_SLOT_STEP].at != NULL ? v[FAMILY_SLOT_STEP].n : f->len;
    f->slots = v[FAMILY_SLOTS].at != NULL ? v[FAMILY_SLOTS].n : 1;
    for (size_t rate = 0; rate < (f->n_rates > 0 ? f->n_rates : 1); rate++)
        for (int64_t slot = 0; slot < f->slots; slot++)
            if (!family_member(f, rate, slot))
                return false; /* one error a family: the next 50 would say the same */
    return true;
}

void model_regs_read(const struct tree *t, const config_setting_t *registers,
                     const config_setting_t *families, struct model_draft *d)
{
    for (unsigned i = 0; registers != NULL && i < (unsigned)config_setting_length(registers); i++) {
        struct tree_value v[REG_KEYS];
        struct row row = {config_setting_get_elem(registers, i), v};
        uint8_t len = 0;
        if (!tree_read(t, row.at, model_reg_keys, REG_KEYS, v) || !length_of(t, &row, &len) ||
            !make_reg(t, &row, d, v[REG_NAME].s, v[REG_ADDRESS].n,
                      v[REG_OBIS].at != NULL ? v[REG_OBIS].s : "", len))
            d->bad = true;
    }
    for (unsigned i = 0; families != NULL && i < (unsigned)config_setting_length(families); i++) {
        struct tree_value v[FAMILY_KEYS];
        struct family f = {.t = t, .row = {config_setting_get_elem(families, i), v}, .d = d};
        if (!tree_read(t, f.row.at, model_family_keys, FAMILY_KEYS, v) || !read_family(&f))
            d->bad = true;
    }
}
