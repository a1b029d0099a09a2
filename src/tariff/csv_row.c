/* Records to readings. */
#include <string.h>

#include "core/decimal.h"
#include "core/quantity.h"
#include "core/rc.h"
#include "core/text.h"
#include "tariff/csv.h"

#define VALUE_MOST  100000000 /* units: beyond it no register counts (DOMAIN 4.2) */
#define WINDOW_MOST 4000000000LL

static const char *suggestion(const char *word)
{
    static const char *names[Q_COUNT + 3];
    size_t n = 0;
    names[n++] = "time";
    names[n++] = "meter";
    names[n++] = "window_ms";
    for (int q = 0; q < Q_COUNT; q++)
        names[n++] = quantity_at((enum quantity_id)q)->name;
    return text_nearest(word, names, n);
}

static bool column_of(const char *name, int16_t *out)
{
    int q = quantity_find(name);
    if (strcmp(name, "time") == 0)
        q = CSV_TIME;
    else if (strcmp(name, "meter") == 0)
        q = CSV_METER;
    else if (strcmp(name, "window_ms") == 0)
        q = CSV_WINDOW;
    else if (q < 0)
        return false;
    *out = (int16_t)q;
    return true;
}

int csv_header(const struct csv_record *r, struct csv_header *out, char why[CSV_WHY])
{
    struct csv_header h = {.n = r->n};
    bool time = false;
    for (size_t i = 0; i < r->n; i++) {
        if (!column_of(r->cell[i], &h.column[i])) {
            const char *near = suggestion(r->cell[i]);
            text_format(why, CSV_WHY, "unknown column \"%.60s\"%s%s%s", r->cell[i],
                        near != NULL ? " (did you mean " : "", near != NULL ? near : "",
                        near != NULL ? "?)" : "");
            return RC_PARSE;
        }
        for (size_t k = 0; k < i; k++)
            if (h.column[k] == h.column[i]) {
                text_format(why, CSV_WHY, "column \"%.60s\" is there twice", r->cell[i]);
                return RC_PARSE;
            }
        int q = h.column[i];
        time |= q == CSV_TIME;
        h.has_settlement |= quantity_is_settlement(q);
        h.has_power |= q == Q_ACTIVE_POWER;
        if (quantity_is_energy(q) && q < Q_ENERGY_FIRST + VERIFY_REGISTERS)
            h.registers |= (uint16_t)(1u << (q - Q_ENERGY_FIRST));
    }
    if (!time) {
        text_format(why, CSV_WHY, "no column \"time\"");
        return RC_PARSE;
    }
    *out = h;
    return RC_OK;
}

/* A register of import - export may be negative; whether this one is, the engine knows. */
static bool net_possible(const struct csv_header *h, int quantity)
{
    unsigned kind;
    if (quantity_is_settlement(quantity)) {
        kind = quantity_family_is_reactive(quantity_family(quantity)) ? 1 : 0;
    } else if (quantity_is_energy(quantity) && quantity < Q_ENERGY_FIRST + VERIFY_REGISTERS) {
        unsigned e = (unsigned)(quantity - Q_ENERGY_FIRST);
        if (e < VR_RATES && e % 3 != VR_TOTAL)
            return false;
        kind = e < VR_RATES ? e / 3 : (e - VR_RATES) / RATE_COUNT;
    } else {
        return false;
    }
    return (h->registers >> verify_export(kind) & 1u) != 0;
}

static bool parse_value(const struct csv_header *h, const char *cell, int quantity, int64_t *out)
{
    if (quantity == Q_SERIAL_NUMBER || quantity == Q_CLOCK) /* texts: they take no part */
        return true;
    const struct quantity *q = quantity_at((enum quantity_id)quantity);
    int64_t scale = 1;
    for (unsigned i = 0; i < q->decimals; i++)
        scale *= 10;
    return decimal_from_text(cell, q->decimals, out) == RC_OK && *out <= VALUE_MOST * scale &&
           *out >= -VALUE_MOST * scale && (*out >= 0 || q->may_be_negative || net_possible(h, quantity));
}

static void take_value(struct csv_row *out, int quantity, int64_t value)
{
    if (quantity_is_settlement(quantity)) {
        out->settlement[quantity - Q_SETTLEMENT_FIRST] = value;
    } else if (quantity_is_energy(quantity) && quantity < Q_ENERGY_FIRST + VERIFY_REGISTERS) {
        unsigned e = (unsigned)(quantity - Q_ENERGY_FIRST);
        out->row.v[e] = value;
        out->row.has |= (uint16_t)(1u << e);
    } else if (quantity == Q_ACTIVE_POWER) {
        out->row.power_cw = value;
        out->row.has_power = true;
    }
}

int csv_row(const struct csv_header *h, const struct csv_record *r, struct csv_row *out, char why[CSV_WHY])
{
    if (r->n != h->n) {
        text_format(why, CSV_WHY, "%zu cells where the header has %zu", r->n, h->n);
        return RC_PARSE;
    }
    memset(&out->row, 0, sizeof out->row);
    out->meter = NULL;
    out->in_range = true;
    if (h->has_settlement)
        for (size_t i = 0; i < VERIFY_SETTLEMENTS; i++)
            out->settlement[i] = VERIFY_ABSENT;
    bool settlement = false;
    for (size_t i = 0; i < r->n; i++) {
        const char *cell = r->cell[i];
        int64_t value = 0;
        if (h->column[i] == CSV_TIME) {
            if (text_to_utc_ms(cell, &out->row.time_utc_ms) != RC_OK) {
                text_format(why, CSV_WHY, "time \"%.40s\": not ISO 8601 with Z or an offset", cell);
                return RC_PARSE;
            }
        } else if (*cell == '\0') {
            continue; /* not read */
        } else if (h->column[i] == CSV_METER) {
            out->meter = cell;
        } else if (h->column[i] == CSV_WINDOW) {
            if (decimal_from_text(cell, 0, &value) == RC_OK && value >= 0 && value <= WINDOW_MOST)
                out->row.window_ms = (uint32_t)value;
            else
                out->in_range = false;
        } else if (!parse_value(h, cell, h->column[i], &value)) {
            out->in_range = false;
        } else {
            settlement |= quantity_is_settlement(h->column[i]);
            take_value(out, h->column[i], value);
        }
    }
    out->row.settlement = settlement ? out->settlement : NULL;
    return RC_OK;
}
