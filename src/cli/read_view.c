/* read_view.c - columns for people, one document for programs. */
#include "cli/read_view.h"

#include <inttypes.h>
#include <string.h>
#include "core/decimal.h"

#define NAME_WIDTH  32
#define VALUE_WIDTH 20

static const struct quantity *row_of(const struct reading_value *v)
{
    return quantity_at((enum quantity_id)v->quantity);
}

/* The meter's own clock: civil seconds without a zone. */
static void clock_text(int64_t civil_s, char out[TEXT_TS_SIZE])
{
    text_from_utc_ms(civil_s * 1000, out);
    out[19] = '\0'; /* neither a fraction nor a zone was said */
}

static void value_text(const struct reading_value *v, char out[TEXT_TS_SIZE])
{
    if (v->quantity == Q_RELAY_DO1)
        text_format(out, TEXT_TS_SIZE, "%s", v->value != 0 ? "closed" : "open");
    else if (v->quantity == Q_CLOCK)
        clock_text(v->value, out);
    else
        decimal_to_text(v->value, row_of(v)->decimals, out);
}

void read_view_text(const struct read_view *v, struct text_buf *out)
{
    text_buf_addf(out, "%s\n", v->meter);
    for (int c = 0; c < CLASS_COUNT; c++) {
        const struct reading *r = v->readings[c];
        char text[TEXT_TS_SIZE];
        if (r == NULL)
            continue;
        text_from_utc_ms(r->taken_utc_ms, text);
        text_buf_addf(out, "\n%s, read %s%s%s\n", reg_class_name((enum reg_class)c), text,
                      r->quality == QUALITY_OK ? "" : ", ",
                      r->quality == QUALITY_OK ? "" : quality_name(r->quality));
        if (r->text[0] != '\0')
            text_buf_addf(out, "  %-*s%*s\n", NAME_WIDTH, quantity_at(Q_SERIAL_NUMBER)->name, VALUE_WIDTH,
                          r->text);
        for (size_t i = 0; i < r->count; i++) {
            value_text(&r->values[i], text);
            const char *unit = row_of(&r->values[i])->unit;
            bool none = unit[0] == '\0' || strcmp(unit, "1") == 0; /* a power factor has none to show */
            text_buf_addf(out, "  %-*s%*s%s%s\n", NAME_WIDTH, row_of(&r->values[i])->name, VALUE_WIDTH, text,
                          none ? "" : " ", none ? "" : unit);
        }
    }
    for (int c = 0; c < CLASS_COUNT; c++)
        if ((v->missing & (1u << c)) != 0)
            text_buf_addf(out, "\n%s: not read: the meter did not answer\n",
                          reg_class_name((enum reg_class)c));
}

static void add_reading(struct text_buf *out, enum reg_class c, const struct reading *r)
{
    char text[TEXT_TS_SIZE];
    text_from_utc_ms(r->taken_utc_ms, text);
    text_buf_addf(out,
                  "{\"class\":\"%s\",\"ts\":\"%s\",\"ts_ms\":%" PRId64 ",\"window_ms\":%" PRIu32
                  ",\"quality\":\"%s\"",
                  reg_class_name(c), text, r->taken_utc_ms, r->window_ms, quality_name(r->quality));
    if (r->text[0] != '\0') {
        text_buf_add(out, ",\"serial_number\":");
        text_buf_add_json(out, r->text);
    }
    text_buf_add(out, ",\"values\":{");
    for (size_t i = 0; i < r->count; i++) {
        bool word = r->values[i].quantity == Q_RELAY_DO1 || r->values[i].quantity == Q_CLOCK;
        value_text(&r->values[i], text);
        text_buf_addf(out, "%s\"%s\":%s%s%s", i > 0 ? "," : "", row_of(&r->values[i])->name, word ? "\"" : "",
                      text, word ? "\"" : "");
    }
    text_buf_add(out, "}}");
}

void read_view_json(const struct read_view *v, struct text_buf *out)
{
    const char *comma = "";
    text_buf_add(out, "{\"meter\":");
    text_buf_add_json(out, v->meter);
    text_buf_add(out, ",\"readings\":[");
    for (int c = 0; c < CLASS_COUNT; c++) {
        if (v->readings[c] == NULL)
            continue;
        text_buf_add(out, comma);
        add_reading(out, (enum reg_class)c, v->readings[c]);
        comma = ",";
    }
    text_buf_add(out, "],\"missing\":[");
    comma = "";
    for (int c = 0; c < CLASS_COUNT; c++) {
        if ((v->missing & (1u << c)) == 0)
            continue;
        text_buf_addf(out, "%s\"%s\"", comma, reg_class_name((enum reg_class)c));
        comma = ",";
    }
    text_buf_add(out, "]}\n");
}

void read_view_done(struct read_view *v)
{
    for (int c = 0; c < CLASS_COUNT; c++) {
        reading_free(v->readings[c]);
        v->readings[c] = NULL;
    }
}
