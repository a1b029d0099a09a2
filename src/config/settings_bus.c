#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "config/address.h"
#include "config/build.h"
#include "core/rc.h"

static const char parity_letter[] = {'E', 'O', 'N'};

static void read_device(struct build *b, const struct build_section *from, struct settings_bus *bus)
{
    const struct conf_value *v = &from->v[BUS_DEVICE];
    char expects[CONF_EXPECTS_SIZE], quote[CONF_QUOTE_SIZE], hint[CONF_HINT_SIZE] = "";
    int rc = RC_PARSE;

    if (!v->set)
        return;
    if (v->s[0] == '/' || strstr(v->s, "://") != NULL)
        rc = address_parse_line(v->s, &bus->kind, &bus->device, &bus->port);
    if (rc == RC_OK)
        return;
    if (rc == RC_NOMEM)
        b->r->nomem = true;
    else if (strncmp(v->s, "tty", 3) == 0 && strchr(v->s, '/') == NULL)
        snprintf(hint, sizeof hint, " (did you mean /dev/%.60s?)", v->s);
    conf_key_error(b->r, from->ini, v->at, "must be %s, not %s%s",
                   conf_expects(&conf_section_types[SECTION_BUS].keys[BUS_DEVICE], expects),
                   conf_quote(quote, v->s), hint);
}

/* Two buses on one line would talk into each other's answers. */
static void check_line(struct build *b, size_t i)
{
    const struct settings_bus *bus = &b->s->buses[i];
    const struct build_section *from = b->bus_section[i];

    for (size_t k = 0; k < i; k++) {
        const struct settings_bus *other = &b->s->buses[k];
        if (bus->device != NULL && other->device != NULL && bus->port == other->port &&
            strcmp(bus->device, other->device) == 0) {
            conf_key_error(b->r, from->ini, from->v[BUS_DEVICE].at, "is the line of [bus %s] already (%s:%u)",
                           other->name, b->bus_section[k]->v[BUS_DEVICE].at->at.file,
                           b->bus_section[k]->v[BUS_DEVICE].at->at.line);
            return;
        }
    }
}

static void read_bus(struct build *b, const struct build_section *from, const struct conf_value *poll,
                     struct settings_bus *bus)
{
    const struct conf_value *v = from->v;

    snprintf(bus->name, sizeof bus->name, "%s", from->ini->name);
    read_device(b, from, bus);
    bus->baud = (uint32_t)v[BUS_BAUD].n;
    bus->parity = parity_letter[v[BUS_PARITY].n];
    bus->stop_bits = (uint8_t)v[BUS_STOP_BITS].n;
    bus->timeout_ms = (uint32_t)v[BUS_TIMEOUT].n;
    bus->late_ms = (uint32_t)v[BUS_LATE].n;
    bus->retries = (uint8_t)v[BUS_RETRIES].n;
    bus->dead_share_bp = (uint32_t)v[BUS_DEAD_SHARE].n;
    for (unsigned c = 0; c < CLASS_COUNT; c++)
        bus->period_ms[c] = (uint32_t)(v[BUS_LIVE + c].set ? v[BUS_LIVE + c].n : poll[POLL_LIVE + c].n);
}

void build_buses(struct build *b)
{
    const struct build_section *p = build_find(b, SECTION_POLL);
    struct conf_value poll[CONF_KEYS_MOST];
    struct settings *s = b->s;

    conf_values_default(&conf_section_types[SECTION_POLL], poll);
    for (size_t c = 0; p != NULL && c < CLASS_COUNT; c++)
        if (p->v[POLL_LIVE + c].set)
            poll[POLL_LIVE + c] = p->v[POLL_LIVE + c];
    for (size_t i = 0; i < b->n; i++) {
        if (b->sections[i].type != SECTION_BUS)
            continue;
        size_t n = s->n_buses;
        struct settings_bus *grown = conf_append(b->r, s->buses, &s->n_buses, sizeof *grown);
        if (grown == NULL)
            return;
        s->buses = grown;
        const struct build_section **where = conf_append(b->r, b->bus_section, &n, sizeof *where);
        if (where == NULL)
            return;
        b->bus_section = where;
        where[n - 1] = &b->sections[i];
        read_bus(b, &b->sections[i], poll, &grown[n - 1]);
        check_line(b, n - 1);
    }
}
