#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "config/tariff_read.h"
#include "core/rc.h"
#include "core/text.h"
#include "tariff/tariff_check.h"
#include "tariff/tariff_text.h"

#define OFFSET_LEAST_S (-12 * 3600)
#define OFFSET_MOST_S  (14 * 3600)
#define OFFSET_UNKNOWN INT32_MIN

static const struct ini_entry *entry_of(const struct ini_section *s, const char *key)
{
    for (size_t i = 0; i < s->n; i++)
        if (strcmp(s->entries[i].key, key) == 0)
            return &s->entries[i];
    return NULL;
}

/* A tariff_fault_report: finds the line the fault belongs to. */
static void say_fault(void *arg, const struct tariff_fault *f)
{
    struct tariff_reading *rd = arg;
    const struct ini_section *s = rd->from->ini;
    const struct ini_entry *e = f->holiday >= 0 ? rd->holiday_at[f->holiday] : entry_of(s, f->key);
    char where[INI_WHERE_SIZE];

    if (f->warning)
        conf_warn(rd->b->r, e != NULL ? e->at : s->at, ini_where(where, s, f->key), "%s", f->text);
    else if (e != NULL)
        conf_key_error(rd->b->r, s, e, "%s", f->text);
    else
        conf_error(rd->b->r, s->at, ini_where(where, s, f->key), "%s", f->text);
}

static bool has_tables(const struct tariff *t, unsigned set)
{
    for (unsigned i = 0; i < TARIFF_TABLES; i++)
        if (t->tables[set][i].n > 0)
            return true;
    return false;
}

/* After an error something is missing that was written: what hangs on it must not be blamed for it. The
 * tariff is thrown away in the end; until then it is made whole. */
static void repair(struct tariff_reading *rd)
{
    struct tariff *t = rd->t;
    const struct ini_section *s = rd->from->ini;

    if (t->zones[1].n > 0 && entry_of(s, "switch_zones") != NULL &&
        t->switch_zones_local_s == TARIFF_NO_SWITCH)
        t->switch_zones_local_s = 0;
    if (t->zones[1].n == 0 && entry_of(s, "zones.2") != NULL)
        t->switch_zones_local_s = TARIFF_NO_SWITCH;
    if (has_tables(t, 1) && entry_of(s, "switch_days") != NULL &&
        t->switch_tables_local_s == TARIFF_NO_SWITCH)
        t->switch_tables_local_s = 0;
    if (t->rest_mask != 0 && t->rest_table == 0 && entry_of(s, "rest_table") != NULL)
        t->rest_mask = 0;
}

/* False: which clock it is for could not be read. */
static bool build_tariff(struct build *b, const struct build_section *from, struct tariff *t)
{
    struct tariff_reading rd = {.b = b, .from = from, .t = t};
    const struct ini_section *s = from->ini;
    const struct ini_entry *rates = entry_of(s, "rates");

    tariff_init(t, s->name);
    if (rates != NULL && rates->value[0] != '\0')
        tariff_read_rates(&rd, rates);
    for (size_t i = 0; i < s->n; i++)
        if (s->entries[i].value[0] != '\0')
            tariff_read_entry(&rd, &s->entries[i]);
    t->rest_table = (uint8_t)from->v[TARIFF_REST_TABLE].n;
    t->clock_tolerance_ms = from->v[TARIFF_CLOCK_TOLERANCE].n;
    t->switching_lag_ms = from->v[TARIFF_SWITCHING_LAG].n;
    t->register_lag_ms = from->v[TARIFF_REGISTER_LAG].n;
    t->clock_drift_ms_day = from->v[TARIFF_CLOCK_DRIFT].n;
    t->wrap = (enum tariff_wrap)from->v[TARIFF_WRAP].n;
    repair(&rd);
    tariff_check(t, say_fault, &rd);
    return rd.has_offset && t->utc_offset_s >= OFFSET_LEAST_S && t->utc_offset_s <= OFFSET_MOST_S;
}

void build_tariffs(struct build *b)
{
    struct settings *s = b->s;

    for (size_t i = 0; i < b->n; i++) {
        if (b->sections[i].type != SECTION_TARIFF)
            continue;
        size_t n = s->n_tariffs;
        char **texts = conf_append(b->r, s->tariff_texts, &n, sizeof *texts);
        if (texts == NULL)
            return;
        s->tariff_texts = texts;
        struct tariff *grown = conf_append(b->r, s->tariffs, &s->n_tariffs, sizeof *grown);
        if (grown == NULL)
            return;
        s->tariffs = grown;
        bool has_clock = build_tariff(b, &b->sections[i], &grown[n - 1]);
        struct text_buf text = {0};
        tariff_text(&grown[n - 1], &text);
        if (text.failed)
            b->r->nomem = true;
        texts[n - 1] = text.data; /* owned by the settings now */
        if (!has_clock)
            grown[n - 1].utc_offset_s = OFFSET_UNKNOWN; /* reported: no other may be held against it */
    }
}

static int known_tariff(struct build *b, const struct build_section *from, const struct conf_value *v,
                        const char *name)
{
    const struct settings *s = b->s;
    char hint[CONF_HINT_SIZE], quote[CONF_QUOTE_SIZE];
    int i = settings_tariff_find(s, name);
    const char **names = NULL;

    if (i >= 0)
        return i;
    names = calloc(s->n_tariffs + 1, sizeof *names);
    for (size_t k = 0; names != NULL && k < s->n_tariffs; k++)
        names[k] = s->tariffs[k].name;
    conf_key_error(b->r, from->ini, v->at, "there is no tariff %s%s", conf_quote(quote, name),
                   names != NULL ? conf_hint(hint, name, names, s->n_tariffs) : "");
    free(names);
    return -1;
}

/* The items of `tariff = `: the first a name, each further one an instant and a name. */
struct dated {
    const struct build_section *from;
    const struct conf_value *v;
    unsigned seen;        /* items, good or bad */
    int64_t from_local_s; /* the latest instant so far */
    struct settings_dated_tariff *list;
    size_t n;
};

/* Where the item's tariff begins to hold, and its name; false after an error that leaves no name. */
static bool read_start(struct build *b, struct dated *d, char *item, const char **name)
{
    char quote[CONF_QUOTE_SIZE], *blank = strrchr(item, ' ');
    int64_t from_local_s = INT64_MIN;

    *name = blank != NULL ? blank + 1 : item;
    if (d->seen++ == 0) {
        if (blank == NULL)
            return true;
        conf_key_error(b->r, d->from->ini, d->v->at, "%s: the first has no date, it holds before all others",
                       conf_quote(quote, item));
        return false;
    }
    bool good = blank != NULL;
    if (good) {
        *blank = '\0';
        good = build_instant(item, &from_local_s);
        *blank = ' ';
    }
    if (!good) {
        conf_key_error(b->r, d->from->ini, d->v->at, "%s must read YYYY-MM-DD NAME", conf_quote(quote, item));
        return false;
    }
    if (from_local_s <= d->from_local_s)
        conf_key_error(b->r, d->from->ini, d->v->at, "%s: the dates must rise", conf_quote(quote, item));
    else
        d->from_local_s = from_local_s;
    return true;
}

static void read_item(struct build *b, struct dated *d, char *item)
{
    const char *name;

    if (!read_start(b, d, item, &name))
        return;
    int index = known_tariff(b, d->from, d->v, name);
    struct settings_dated_tariff *grown =
        index >= 0 ? conf_append(b->r, d->list, &d->n, sizeof *grown) : NULL;
    if (grown == NULL)
        return;
    d->list = grown;
    grown[d->n - 1] = (struct settings_dated_tariff){d->from_local_s, (uint16_t)index};
}

void build_dated_tariffs(struct build *b, const struct build_section *from,
                         struct settings_dated_tariff **list, size_t *n)
{
    const struct conf_value *v = &from->v[METER_TARIFF];
    struct dated d = {.from = from, .v = v, .from_local_s = INT64_MIN};
    const char *rest = v->s;
    char item[BUILD_ITEM];

    if (!v->set)
        return;
    while (build_item(&rest, item))
        read_item(b, &d, item);
    for (size_t i = 1; i < d.n; i++) {
        const struct tariff *a = &b->s->tariffs[d.list[0].tariff], *c = &b->s->tariffs[d.list[i].tariff];
        if (a->utc_offset_s != c->utc_offset_s && a->utc_offset_s != OFFSET_UNKNOWN &&
            c->utc_offset_s != OFFSET_UNKNOWN)
            conf_key_error(b->r, from->ini, v->at,
                           "%s and %s have different utc_offset, but a meter has one clock", a->name,
                           c->name);
    }
    *list = d.list;
    *n = d.n;
}
