#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "config/build.h"
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
                   n > 0 ? hint : ", nor any other: no directory of models was found");
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
    return m;
}

static void check_clashes(struct build *b, size_t i)
{
    const struct settings_meter *m = &b->s->meters[i];
    const struct build_section *from = b->meter_section[i];
    bool range = from->type == SECTION_METERS;
    char where[INI_WHERE_SIZE];

    for (size_t k = 0; k < i; k++) {
        const struct settings_meter *other = &b->s->meters[k];
        const struct ini_section *first = b->meter_section[k]->ini;
        if (strcmp(m->name, other->name) == 0) {
            conf_error(b->r, from->ini->at, ini_where(where, from->ini, range ? "name" : NULL),
                       "there is a meter %s already, by [%s] (%s:%u)", m->name, first->title, first->at.file,
                       first->at.line);
            return;
        }
        if (m->serial != NULL && m->serial[0] != '\0' && other->serial != NULL &&
            strcmp(m->serial, other->serial) == 0)
            conf_warn(b->r, from->ini->at, ini_where(where, from->ini, "serial"), "%s stands on meter %s too",
                      m->serial, other->name);
        if (m->bus != UINT16_MAX && m->bus == other->bus && m->address == other->address) {
            const struct ini_entry *at = from->v[range ? METERS_ADDRESSES : METER_ADDRESS].at;
            conf_error(b->r, at != NULL ? at->at : from->ini->at,
                       ini_where(where, from->ini, range ? "addresses" : "address"),
                       "address %u on bus %s is that of meter %s already, by [%s] (%s:%u)", m->address,
                       b->s->buses[m->bus].name, other->name, first->title, first->at.file, first->at.line);
            return;
        }
    }
}

static void build_one(struct build *b, struct plan *p)
{
    const struct conf_value *v = p->from->v;
    struct settings_meter *m =
        add_meter(b, p, p->from->ini->name, v[METER_ADDRESS].set ? (unsigned)v[METER_ADDRESS].n : 0);

    if (m == NULL)
        return;
    m->serial = conf_strdup(b->r, v[METER_SERIAL].set ? v[METER_SERIAL].s : "");
    if (!v[METER_ADDRESS].set)
        m->bus = UINT16_MAX; /* has no place that another could take */
    build_dated_tariffs(b, p->from, &v[METER_TARIFF], m);
    check_clashes(b, b->s->n_meters - 1);
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

static void build_range(struct build *b, struct plan *p)
{
    const struct conf_value *v = p->from->v;
    unsigned char used[32];
    char pattern[128], name[160], quote[CONF_QUOTE_SIZE];
    unsigned count = 0;

    if (!v[METERS_ADDRESSES].set || !build_addresses(b, p->from, &v[METERS_ADDRESSES], used))
        return;
    for (unsigned a = 1; a <= 247; a++)
        count += used[a / 8] >> (a % 8) & 1;
    if (!names_of(b, p, count, pattern, sizeof pattern))
        return;
    unsigned before = b->r->errors;
    for (unsigned a = 1; a <= 247 && b->r->errors == before && !b->r->nomem; a++) {
        if ((used[a / 8] >> (a % 8) & 1) == 0)
            continue;
        if (!fill_address(pattern, a, name, sizeof name) || !text_is_name(name)) {
            char where[INI_WHERE_SIZE];
            conf_error(b->r, v[METERS_NAME].at != NULL ? v[METERS_NAME].at->at : p->from->ini->at,
                       ini_where(where, p->from->ini, "name"),
                       "%s is no name of at most 40 characters A-Z, a-z, 0-9, '_', '-', '.'",
                       conf_quote(quote, name));
            return;
        }
        struct settings_meter *m = add_meter(b, p, name, a);
        if (m == NULL)
            return;
        m->serial = conf_strdup(b->r, "");
        build_dated_tariffs(b, p->from, &v[METER_TARIFF], m);
        check_clashes(b, b->s->n_meters - 1);
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
            if (strcmp(a, c) == 0)
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
        if (from->type == SECTION_METER)
            build_one(b, &p);
        else
            build_range(b, &p);
    }
    if (!b->r->nomem)
        check_homeassistant(b);
}
