/* build.h - the parts that turn INI sections into struct settings, for the files that share the work.
 *
 * settings.c reads the files and calls the parts in an order in which each finds what it refers to; a part
 * reports what is wrong and goes on with a usable value, so that one mistake is told once and does not hide
 * another.
 *
 * Errors:  into the report; RC_NOMEM shows as r->nomem.
 * Threads: one reading, one thread.
 */
#ifndef METERFLEET_CONFIG_BUILD_H
#define METERFLEET_CONFIG_BUILD_H

#include "config/ini.h"
#include "config/keys.h"
#include "config/models.h"
#include "config/settings.h"
#include "config/values.h"
#include "core/address_set.h"

/* One section with its values. */
struct build_section {
    enum section_type type;
    const struct ini_section *ini;
    struct conf_value v[CONF_KEYS_MOST];
};

struct build {
    struct conf_report *r;
    struct settings *s;
    struct build_section
        *sections; /* those that count: known, named, not repeated; in the order of reading */
    size_t n;
    struct model_set *models;                   /* NULL before they are read */
    const struct build_section **bus_section;   /* by bus: where it was written */
    const struct build_section **meter_section; /* by meter, before they are sorted */
    bool tariffs_only;
};

/* The section of a type that comes once, or NULL. */
const struct build_section *build_find(const struct build *b, enum section_type type);

void build_gateway(struct build *b);
void build_database(struct build *b);
void build_mqtt(struct build *b);
void build_tariffs(struct build *b);
void build_buses(struct build *b);
void build_models(struct build *b);
void build_meters(struct build *b); /* after buses, tariffs and models */

/* Two meters with one name or one place, once all are there. */
void build_clashes(struct build *b);
/* `tariff = …` of a meter: what of it is good; the list is the caller's to free. */
void build_dated_tariffs(struct build *b, const struct build_section *from,
                         struct settings_dated_tariff **list, size_t *n);
/* `addresses = 2-20, 25`: what of it is good. */
void build_addresses(struct build *b, const struct build_section *from, const struct conf_value *v,
                     struct address_set *out);

/* The next item of a list between commas, blanks made one; false at the end. An empty item is "". */
#define BUILD_ITEM 96
bool build_item(const char **list, char item[BUILD_ITEM]);
/* "YYYY-MM-DD HH:MM" (or 'T'; without HH:MM 00:00) as civil seconds since 1970. */
bool build_instant(const char *text, int64_t *local_s);

#endif
