#include "config/model_draft.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "config/model_keys.h"
#include "core/rc.h"
#include "core/text.h"

static const char parity_letter[] = {'E', 'O', 'N'};

static void read_serial(const struct tree *t, const config_setting_t *group, struct model_draft *d)
{
    struct tree_value v[SERIAL_KEYS];

    if (group == NULL)
        return;
    if (!tree_read(t, group, model_serial_keys, SERIAL_KEYS, v)) {
        d->bad = true;
        return;
    }
    d->map.baud = (uint32_t)v[SERIAL_BAUD].n;
    d->map.parity = parity_letter[v[SERIAL_PARITY].n];
    d->map.stop_bits = v[SERIAL_STOP_BITS].at != NULL ? (uint8_t)v[SERIAL_STOP_BITS].n : 1;
    d->given |= GIVEN_SERIAL;
}

static void read_relay(const struct tree *t, const config_setting_t *group, struct model_draft *d)
{
    struct tree_value v[RELAY_KEYS];

    if (group == NULL)
        return;
    if (!tree_read(t, group, model_relay_keys, RELAY_KEYS, v)) {
        d->bad = true;
        return;
    }
    if (v[RELAY_NAME].at != NULL && quantity_find(v[RELAY_NAME].s) != Q_RELAY_DO1) {
        tree_error(t, v[RELAY_NAME].at, "must be \"%s\"", quantity_at(Q_RELAY_DO1)->name);
        d->bad = true;
    }
    d->map.has_relay = true;
    d->map.relay_coil = (uint16_t)v[RELAY_COIL].n;
    snprintf(d->map.relay_obis, sizeof d->map.relay_obis, "%s",
             v[RELAY_OBIS].at != NULL ? v[RELAY_OBIS].s : "");
    d->given |= GIVEN_RELAY;
}

/* "1=1200 2=2400": number=number, one blank between. */
static bool good_codes(const char *s)
{
    char word[64];

    for (;;) {
        size_t len = strcspn(s, " ");
        uint64_t n = 0;
        snprintf(word, sizeof word, "%.*s", (int)len, s);
        char *equals = strchr(word, '=');
        if (equals == NULL)
            return false;
        *equals = '\0';
        if (text_to_u64(word, 0, 65535, &n) != RC_OK || text_to_u64(equals + 1, 0, 1000000, &n) != RC_OK)
            return false;
        if (s[len] == '\0')
            return true;
        s += len + 1;
    }
}

static void read_commission(const struct tree *t, const config_setting_t *list, struct model_draft *d)
{
    for (unsigned i = 0; list != NULL && i < (unsigned)config_setting_length(list); i++) {
        const config_setting_t *at = config_setting_get_elem(list, i);
        struct tree_value v[COMMISSION_KEYS];
        if (!tree_read(t, at, model_commission_keys, COMMISSION_KEYS, v)) {
            d->bad = true;
            continue;
        }
        if (v[COMMISSION_CODES].at != NULL && !good_codes(v[COMMISSION_CODES].s)) {
            tree_error(t, v[COMMISSION_CODES].at, "must read \"1=1200 2=2400 …\"");
            d->bad = true;
            continue;
        }
        struct reg_commission *grown =
            conf_append(t->r, d->map.commission, &d->map.n_commission, sizeof *grown);
        if (grown == NULL)
            return;
        d->map.commission = grown;
        struct reg_commission *c = &grown[d->map.n_commission - 1];
        snprintf(c->name, sizeof c->name, "%s", v[COMMISSION_NAME].s);
        snprintf(c->codes, sizeof c->codes, "%s",
                 v[COMMISSION_CODES].at != NULL ? v[COMMISSION_CODES].s : "");
        c->address = (uint16_t)v[COMMISSION_ADDRESS].n;
        c->min = (uint16_t)v[COMMISSION_MIN].n;
        c->max = v[COMMISSION_MAX].at != NULL ? (uint16_t)v[COMMISSION_MAX].n : 65535;
        if (c->min > c->max) {
            tree_error(t, at, "min is above max");
            d->bad = true;
        }
    }
}

static void read_denied(const struct tree *t, const config_setting_t *list, struct model_draft *d)
{
    for (unsigned i = 0; list != NULL && i < (unsigned)config_setting_length(list); i++) {
        const config_setting_t *at = config_setting_get_elem(list, i);
        struct tree_value v[DENIED_KEYS];
        if (!tree_read(t, at, model_denied_keys, DENIED_KEYS, v)) {
            d->bad = true;
            continue;
        }
        struct model_denied *grown = conf_append(t->r, d->denied, &d->n_denied, sizeof *grown);
        if (grown == NULL)
            return;
        d->denied = grown;
        struct model_denied *m = &grown[d->n_denied - 1];
        snprintf(m->denied.name, sizeof m->denied.name, "%s", v[DENIED_NAME].s);
        m->denied.address = (uint16_t)v[DENIED_ADDRESS].n;
        m->denied.len_regs = v[DENIED_REGISTERS].at != NULL ? (uint16_t)v[DENIED_REGISTERS].n : 1;
        m->from.place = tree_place(t, at);
        tree_path(at, m->from.path);
    }
}

static void read_snapshots(const struct tree *t, const config_setting_t *list, struct model_draft *d)
{
    for (unsigned i = 0; list != NULL && i < (unsigned)config_setting_length(list); i++) {
        const config_setting_t *at = config_setting_get_elem(list, i);
        struct tree_value v[SNAPSHOT_KEYS];
        if (!tree_read(t, at, model_snapshot_keys, SNAPSHOT_KEYS, v)) {
            d->bad = true;
            continue;
        }
        struct model_snapshot *grown = conf_append(t->r, d->snapshots, &d->n_snapshots, sizeof *grown);
        if (grown == NULL)
            return;
        d->snapshots = grown;
        struct model_snapshot *m = &grown[d->n_snapshots - 1];
        m->block = (struct reg_block){(uint16_t)v[SNAPSHOT_ADDRESS].n, (uint16_t)v[SNAPSHOT_REGISTERS].n};
        m->from.place = tree_place(t, at);
        tree_path(at, m->from.path);
    }
}

static void read_plain(const struct tree_value *v, struct model_draft *d)
{
    static const struct {
        int key;
        unsigned given;
    } fields[] = {{TOP_TITLE, GIVEN_TITLE},           {TOP_MAX_REGISTERS, GIVEN_MAX_REGISTERS},
                  {TOP_WORD_ORDER, GIVEN_WORD_ORDER}, {TOP_RATED_VOLTAGE, GIVEN_VOLTAGE},
                  {TOP_RATED_CURRENT, GIVEN_CURRENT}, {TOP_PULSES, GIVEN_PULSES},
                  {TOP_ACCURACY, GIVEN_ACCURACY},     {TOP_DUAL_SOURCE, GIVEN_DUAL_SOURCE}};
    struct regmap *m = &d->map;

    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
        if (v[fields[i].key].at != NULL)
            d->given |= fields[i].given;
    snprintf(m->title, sizeof m->title, "%s", v[TOP_TITLE].at != NULL ? v[TOP_TITLE].s : m->name);
    m->max_registers = v[TOP_MAX_REGISTERS].at != NULL ? (uint16_t)v[TOP_MAX_REGISTERS].n : 125;
    m->word_order = (enum word_order)v[TOP_WORD_ORDER].n;
    m->rated_voltage_mv = (uint32_t)v[TOP_RATED_VOLTAGE].n;
    m->rated_current_ma = (uint32_t)v[TOP_RATED_CURRENT].n;
    m->pulses_per_kwh = (uint32_t)v[TOP_PULSES].n;
    snprintf(m->accuracy_class, sizeof m->accuracy_class, "%s",
             v[TOP_ACCURACY].at != NULL ? v[TOP_ACCURACY].s : "");
    m->dual_source = v[TOP_DUAL_SOURCE].n != 0;
    d->odd_floats = v[TOP_ODD_FLOATS].n != 0;
}

/* Name and kind; false when nothing can be said about which model the file is. */
static bool read_name(const struct tree *t, const struct tree_value *v, struct model_draft *d)
{
    char quote[CONF_QUOTE_SIZE];
    const struct tree_value *extends = &v[TOP_EXTENDS];

    if (v[TOP_MODEL].at == NULL)
        return false;
    if (!text_is_name(v[TOP_MODEL].s)) {
        tree_error(t, v[TOP_MODEL].at, "must be a name of letters, digits, '_', '-' and '.' inside, not %s",
                   conf_quote(quote, v[TOP_MODEL].s));
        return false;
    }
    snprintf(d->map.name, sizeof d->map.name, "%s", v[TOP_MODEL].s);
    d->model_at = tree_place(t, v[TOP_MODEL].at);
    if (extends->at == NULL)
        return true;
    d->extends_at = tree_place(t, extends->at);
    d->kind = extends->s != NULL ? MODEL_DERIVED : MODEL_OVERLAY;
    if (extends->s != NULL && !text_format(d->base, sizeof d->base, "%s", extends->s)) {
        tree_error(t, extends->at, "%s is no name of a model", conf_quote(quote, extends->s));
        d->bad = true;
    }
    return true;
}

static void read_tree(const struct tree *t, const config_setting_t *root, struct model_draft *d, bool *named)
{
    struct tree_value v[TOP_KEYS];

    d->bad = !tree_read(t, root, model_top_keys, TOP_KEYS, v);
    *named = read_name(t, v, d);
    read_plain(v, d);
    read_serial(t, v[TOP_SERIAL].at, d);
    read_relay(t, v[TOP_RELAY].at, d);
    read_commission(t, v[TOP_COMMISSION].at, d);
    read_denied(t, v[TOP_DENIED].at, d);
    read_snapshots(t, v[TOP_SNAPSHOTS].at, d);
    model_regs_read(t, v[TOP_REGISTERS].at, v[TOP_FAMILIES].at, d);
}

int model_draft_parse(const char *file, const char *text, size_t len, struct conf_report *r,
                      struct model_draft **out)
{
    struct model_scan scan;
    struct tree t = {r, file, &scan};
    struct model_draft *d = NULL;
    config_t config;
    bool named = false;

    *out = NULL;
    if (len >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0) {
        text += 3;
        len -= 3;
    }
    model_scan_text(text, len, &scan);
    if (scan.fatal) {
        model_scan_tell(&scan, file, NULL, r);
        return RC_OK;
    }
    config_init(&config);
    if (config_read_string(&config, text) != CONFIG_TRUE) {
        unsigned line = config_error_line(&config) > 0 ? (unsigned)config_error_line(&config) : 1;
        const char *what = config_error_text(&config);
        model_scan_tell(&scan, file, NULL, r);
        if (!model_scan_is_bad(&scan, line))
            conf_error(r, (struct conf_place){file, line}, NULL, "%s",
                       what != NULL ? what : "cannot be read");
        config_destroy(&config);
        return RC_OK;
    }
    d = calloc(1, sizeof *d);
    if (d != NULL && (d->file = conf_strdup(r, file)) != NULL) {
        t.file = d->file; /* lives as long as the places that point to it */
        model_scan_tell(&scan, file, config_root_setting(&config), r);
        read_tree(&t, config_root_setting(&config), d, &named);
        d->bad = d->bad || scan.n > 0;
    } else {
        r->nomem = true;
    }
    config_destroy(&config);
    if (r->nomem || !named) {
        model_draft_free(d);
        return r->nomem ? RC_NOMEM : RC_OK;
    }
    *out = d;
    return RC_OK;
}
