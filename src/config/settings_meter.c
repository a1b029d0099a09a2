#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "config/build.h"
#include "core/address_set.h"
#include "core/rc.h"
#include "core/text.h"

#define METERS_MOST 10000 /* far beyond any gateway; indexes have 16 bits */

/* What a section says for each of its meters. */
struct plan {
    const struct build_section *from;
    int bus, model; /* -1: not known, and reported */
    bool relay;
    uint32_t relay_period; /* when `relay` is a period */
    bool has_relay_period;
    struct settings_dated_tariff *tariffs;
    size_t n_tariffs;
};

static int known_bus(struct build *b, const struct build_section *from)
{
    const struct conf_value *v = &from->v[METER_BUS];
    const struct settings *s = b->s;
    char hint[CONF_HINT_SIZE] = "", quote[CONF_QUOTE_SIZE];

    if (!v->set)
        return -1;
    int i = settings_bus_find(s, v->s);
    if (i >= 0)
        return i;
    const char **names = calloc(s->n_buses + 1, sizeof *names);
    for (size_t k = 0; names != NULL && k < s->n_buses; k++)
        names[k] = s->buses[k].name;
    if (names != NULL)
        conf_hint(hint, v->s, names, s->n_buses);
    free(names);
    conf_key_error(b->r, from->ini, v->at, "there is no bus %s%s", conf_quote(quote, v->s), hint);
    return -1;
}

static int known_model(struct build *b, const struct build_section *from)
{
    const struct conf_value *v = &from->v[METER_MODEL];
    char hint[CONF_HINT_SIZE] = "", quote[CONF_QUOTE_SIZE];

    if (!v->set || b->models == NULL)
        return -1;
    int i = models_find(b->models, v->s);
    if (i >= 0) /* one with errors is known, and its errors are reported */
        return models_at(b->models, (size_t)i) != NULL ? i : -1;
    size_t n = models_count(b->models);
    const char **names = calloc(n + 1, sizeof *names);
    for (size_t k = 0; names != NULL && k < n; k++)
        names[k] = models_name(b->models, k);
    if (names != NULL)
        conf_hint(hint, v->s, names, n);
    free(names);
    conf_key_error(b->r, from->ini, v->at, "there is no model %s%s", conf_quote(quote, v->s),
                   n > 0 ? hint : ", nor any other: no model file was found that can be used");
    return -1;
}

static void read_relay(struct build *b, struct plan *p)
{
    const struct conf_value *v = &p->from->v[METER_RELAY];
    char quote[CONF_QUOTE_SIZE];
    int64_t ms = 0;

    if (v->at == NULL || !v->set)
        return;
    if (text_to_bool(v->s, &p->relay) == RC_OK) {
        const struct regmap *map = p->model >= 0 ? models_at(b->models, (size_t)p->model) : NULL;
        if (p->relay && map != NULL && !map->has_relay)
            conf_key_error(b->r, p->from->ini, v->at, "model %s has no relay", map->name);
        return;
    }
    const struct conf_key *period = &conf_section_types[SECTION_POLL].keys[POLL_LIVE + CLASS_RELAY];
    if (text_to_duration_ms(v->s, period->lo, period->hi, &ms) != RC_OK) {
        conf_key_error(b->r, p->from->ini, v->at,
                       "must be yes, no, or a period (how often it is read), not %s",
                       conf_quote(quote, v->s));
        return;
    }
    p->has_relay_period = true;
    p->relay_period = (uint32_t)ms;
}

/* "flat-{address}" with the address; false when the result is too long. */
static bool fill_address(const char *pattern, unsigned address, char *out, size_t size)
{
    const char *hole = strstr(pattern, "{address}");

    if (hole == NULL)
        return text_format(out, size, "%s", pattern);
    return text_format(out, size, "%.*s%u%s", (int)(hole - pattern), pattern, address,
                       hole + strlen("{address}"));
}

static void copy_tariffs(struct build *b, const struct plan *p, struct settings_meter *m)
{
    if (p->n_tariffs == 0)
        return;
    m->tariffs = calloc(p->n_tariffs, sizeof *m->tariffs);
    if (m->tariffs == NULL) {
        b->r->nomem = true;
        return;
    }
    memcpy(m->tariffs, p->tariffs, p->n_tariffs * sizeof *m->tariffs);
    m->n_tariffs = p->n_tariffs;
}

static struct settings_meter *add_meter(struct build *b, const struct plan *p, const char *name,
                                        unsigned address)
{
    struct settings *s = b->s;
    const struct conf_value *v = p->from->v;
    size_t n = s->n_meters;
    char text[512] = "";

    if (n == METERS_MOST) {
        conf_error(b->r, p->from->ini->at, p->from->ini->title, "more than %d meters", METERS_MOST);
        return NULL;
    }
    const struct build_section **where = conf_append(b->r, b->meter_section, &n, sizeof *where);
    if (where == NULL)
        return NULL;
    b->meter_section = where;
    struct settings_meter *grown = conf_append(b->r, s->meters, &s->n_meters, sizeof *grown);
    if (grown == NULL)
        return NULL;
    s->meters = grown;
    where[n - 1] = p->from;
    struct settings_meter *m = &grown[n - 1];
    snprintf(m->name, sizeof m->name, "%s", name);
    m->bus = p->bus >= 0 ? (uint16_t)p->bus : UINT16_MAX;
    m->address = (uint8_t)address;
    m->model = p->model >= 0 ? models_at(b->models, (size_t)p->model) : NULL;
    m->relay = p->relay;
    if (v[METER_LABEL].set)
        fill_address(v[METER_LABEL].s, address, text, sizeof text);
    m->label = conf_strdup(b->r, text);
    m->freeze_model = (enum freeze_model)v[METER_FREEZE_MODEL].n;
    m->combined = (enum combined_rule)v[METER_COMBINED].n;
    m->dual_source = (enum dual_source)v[METER_DUAL_SOURCE].n;
    for (unsigned c = 0; c < CLASS_COUNT; c++)
        if (c != CLASS_RELAY && v[METER_LIVE + c].set)
            m->period_ms[c] = (uint32_t)v[METER_LIVE + c].n;
        else
            m->period_ms[c] = p->bus >= 0 ? b->s->buses[p->bus].period_ms[c] : 0;
    if (p->has_relay_period)
        m->period_ms[CLASS_RELAY] = p->relay_period;
    m->serial =
        conf_strdup(b->r, p->from->type == SECTION_METER && v[METER_SERIAL].set ? v[METER_SERIAL].s : "");
    copy_tariffs(b, p, m);
    return m;
}

static void build_one(struct build *b, struct plan *p)
{
    const struct conf_value *v = p->from->v;
    struct settings_meter *m =
        add_meter(b, p, p->from->ini->name, v[METER_ADDRESS].set ? (unsigned)v[METER_ADDRESS].n : 0);

    if (m == NULL)
        return;
    if (!v[METER_ADDRESS].set)
        m->bus = UINT16_MAX; /* has no place that another could take */
}

/* The pattern of the names; false after an error. */
static bool names_of(struct build *b, const struct plan *p, unsigned count, char *pattern, size_t size)
{
    const struct conf_value *v = &p->from->v[METERS_NAME];
    const char *hole;

    if (!v->set)
        return text_format(pattern, size, "%s-{address}", p->from->ini->name);
    hole = strstr(v->s, "{address}");
    if (hole == NULL && count > 1) {
        conf_key_error(b->r, p->from->ini, v->at, "needs {address}: %u meters cannot all be %s", count, v->s);
        return false;
    }
    if (hole != NULL && strchr(hole + 1, '{') != NULL) {
        conf_key_error(b->r, p->from->ini, v->at, "may hold {address} once and no other braces");
        return false;
    }
    return text_format(pattern, size, "%s", v->s);
}

/* Names that cannot be are told once; their meters are there all the same, so that the places they would take
 * are looked at too. */
static void build_range(struct build *b, struct plan *p)
{
    const struct conf_value *v = p->from->v;
    struct address_set addresses = {{0}};
    char pattern[128], name[160], quote[CONF_QUOTE_SIZE], where[INI_WHERE_SIZE];

    if (v[METERS_ADDRESSES].set)
        build_addresses(b, p->from, &v[METERS_ADDRESSES], &addresses);
    bool good = names_of(b, p, (unsigned)address_set_count(&addresses), pattern, sizeof pattern);
    for (unsigned a = 1; a <= ADDRESS_MOST && !b->r->nomem; a++) {
        if (!address_set_has(&addresses, a))
            continue;
        if (good && (!fill_address(pattern, a, name, sizeof name) || !text_is_name(name))) {
            good = false;
            conf_error(b->r, v[METERS_NAME].at != NULL ? v[METERS_NAME].at->at : p->from->ini->at,
                       ini_where(where, p->from->ini, "name"),
                       "%s is no name of at most 40 characters A-Z, a-z, 0-9, '_', '-', '.'",
                       conf_quote(quote, name));
        }
        if (add_meter(b, p, good ? name : "", a) == NULL)
            return;
    }
}

/* Discovery turns '.' into '_': two names that are then one would be one device. */
static void check_homeassistant(struct build *b)
{
    const struct settings *s = b->s;
    const struct build_section *mqtt = build_find(b, SECTION_MQTT);

    if (!s->mqtt.homeassistant || mqtt == NULL)
        return;
    for (size_t i = 0; i < s->n_meters; i++)
        for (size_t k = 0; k < i; k++) {
            const char *a = s->meters[k].name, *c = s->meters[i].name;
            if (*a == '\0' || strcmp(a, c) == 0)
                continue;
            while (*a != '\0' && (*a == *c || ((*a == '.' || *a == '_') && (*c == '.' || *c == '_')))) {
                a++;
                c++;
            }
            if (*a == '\0' && *c == '\0') {
                char where[INI_WHERE_SIZE];
                const struct ini_section *at = b->meter_section[i]->ini;
                conf_error(b->r, at->at, ini_where(where, at, NULL),
                           "%s and %s are one name for Home Assistant, where '.' becomes '_' ([mqtt] "
                           "homeassistant = yes)",
                           s->meters[i].name, s->meters[k].name);
            }
        }
}

void build_meters(struct build *b)
{
    for (size_t i = 0; i < b->n && !b->r->nomem; i++) {
        const struct build_section *from = &b->sections[i];
        if (from->type != SECTION_METER && from->type != SECTION_METERS)
            continue;
        struct plan p = {.from = from, .bus = known_bus(b, from), .model = known_model(b, from)};
        read_relay(b, &p);
        build_dated_tariffs(b, from, &p.tariffs, &p.n_tariffs);
        if (from->type == SECTION_METER)
            build_one(b, &p);
        else
            build_range(b, &p);
        free(p.tariffs);
    }
    if (!b->r->nomem)
        build_clashes(b);
    if (!b->r->nomem)
        check_homeassistant(b);
}
