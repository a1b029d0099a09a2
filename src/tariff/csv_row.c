/* Records to readings. */
#include <string.h>

#include "core/decimal.h"
#include "core/quantity.h"
#include "core/rc.h"
#include "core/text.h"
#include "tariff/csv.h"

#define CELL_MOST 100000000 /* units: beyond it nothing counts (DOMAIN 4.2) */

static const char *suggestion(const char *word)
{
    const char *names[Q_COUNT + 3];
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

static bool is_register(int quantity)
{
    return quantity >= Q_ENERGY_FIRST && quantity < Q_ENERGY_FIRST + VERIFY_REGISTERS;
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
        if (is_register(q))
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
    } else if (is_register(quantity)) {
        unsigned e = (unsigned)(quantity - Q_ENERGY_FIRST);
        if (e < VR_RATES && e % 3 != VR_TOTAL)
            return false;
        kind = e < VR_RATES ? e / 3 : (e - VR_RATES) / RATE_COUNT;
    } else {
        return false;
    }
    return (h->registers >> verify_export(kind) & 1u) != 0;
}

/* "12345.67", the usual form, without the generality of decimal_from_text(). False: it must look at it. */
static bool plain_decimal(const char *s, unsigned decimals, int64_t *out)
{
    int64_t value = 0;
    const char *begin = s;
    for (; *s >= '0' && *s <= '9' && s - begin < 10; s++)
        value = value * 10 + (*s - '0');
    if (s == begin || s - begin == 10)
        return false;
    unsigned left = decimals;
    if (*s == '.')
        for (s++; *s >= '0' && *s <= '9' && left > 0; s++, left--)
            value = value * 10 + (*s - '0');
    for (; left > 0; left--)
        value *= 10;
    *out = value;
    return *s == '\0';
}

static bool parse_number(const char *cell, unsigned decimals, int64_t *out)
{
    static const int64_t scale[] = {1, 10, 100, 1000, 10000, 100000, 1000000};
    if (!plain_decimal(cell, decimals, out) && decimal_from_text(cell, decimals, out) != RC_OK)
        return false;
    return *out <= CELL_MOST * scale[decimals] && *out >= -CELL_MOST * scale[decimals];
}

static bool parse_value(const struct csv_header *h, const char *cell, int quantity, int64_t *out)
{
    if (quantity == Q_SERIAL_NUMBER || quantity == Q_CLOCK) { /* texts: they take no part */
        *out = 0;
        return true;
    }
    const struct quantity *q = quantity_at((enum quantity_id)quantity);
    return parse_number(cell, q->decimals, out) &&
           (*out >= 0 || q->may_be_negative || net_possible(h, quantity));
}

static void take_value(struct csv_row *out, int quantity, int64_t value)
{
    if (is_register(quantity)) {
        unsigned e = (unsigned)(quantity - Q_ENERGY_FIRST);
        out->row.v[e] = value;
        out->row.has |= (uint16_t)(1u << e);
    } else if (quantity_is_settlement(quantity)) {
        out->settlement[quantity - Q_SETTLEMENT_FIRST] = value;
        out->row.settlement = out->settlement;
    } else if (quantity == Q_ACTIVE_POWER) {
        out->row.power_cw = value;
        out->row.has_power = true;
    }
}

/* RFC 3629: no stray bytes, nothing longer than need be, no surrogates, nothing above U+10FFFF. */
static bool is_utf8(const char *text)
{
    const unsigned char *s = (const unsigned char *)text;
    while (*s != '\0') {
        unsigned more = *s < 0x80 ? 0 : *s < 0xC2 ? 9 : *s < 0xE0 ? 1 : *s < 0xF0 ? 2 : *s < 0xF5 ? 3 : 9;
        bool second_fits = !(*s == 0xE0 && s[1] < 0xA0) && !(*s == 0xED && s[1] > 0x9F) &&
                           !(*s == 0xF0 && s[1] < 0x90) && !(*s == 0xF4 && s[1] > 0x8F);
        if (more == 9 || (more > 0 && !second_fits))
            return false;
        for (s++; more > 0; more--, s++)
            if ((*s & 0xC0) != 0x80)
                return false;
    }
    return true;
}

/* A cell that is not empty, and not the time. */
static int take_cell(const struct csv_header *h, int column, const char *cell, struct csv_row *out,
                     char why[CSV_WHY])
{
    int64_t value = 0;
    if (column == CSV_METER) {
        out->meter = cell;
        if (is_utf8(cell))
            return RC_OK;
        text_format(why, CSV_WHY, "the meter's name is not UTF-8");
        return RC_PARSE;
    }
    if (column == CSV_WINDOW) {
        if (parse_number(cell, 0, &value) && value >= 0)
            out->row.window_ms = (uint32_t)value;
        else
            out->in_range = false;
    } else if (parse_value(h, cell, column, &value)) {
        take_value(out, column, value);
    } else {
        out->in_range = false;
    }
    return RC_OK;
}

int csv_row(const struct csv_header *h, const struct csv_record *r, struct csv_row *out, char why[CSV_WHY])
{
    if (r->n != h->n) {
        text_format(why, CSV_WHY, "%zu cell%s where the header has %zu", r->n, r->n == 1 ? "" : "s", h->n);
        return RC_PARSE;
    }
    memset(&out->row, 0, sizeof out->row);
    out->meter = NULL;
    out->in_range = true;
    if (h->has_settlement)
        for (size_t i = 0; i < VERIFY_SETTLEMENTS; i++)
            out->settlement[i] = VERIFY_ABSENT;
    for (size_t i = 0; i < r->n; i++) {
        const char *cell = r->cell[i];
        if (h->column[i] == CSV_TIME) {
            if (text_to_utc_ms(cell, &out->row.time_utc_ms) == RC_OK)
                continue;
            text_format(why, CSV_WHY, "time \"%.40s\": not ISO 8601 with Z or an offset", cell);
            return RC_PARSE;
        }
        int rc = *cell != '\0' ? take_cell(h, h->column[i], cell, out, why) : RC_OK; /* empty: not read */
        if (rc != RC_OK)
            return rc;
    }
    return RC_OK;
}
