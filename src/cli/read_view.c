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

const char *read_view_lack(const struct read_lack *l, char reason[READ_VIEW_REASON])
{
    text_format(reason, READ_VIEW_REASON, "%s%s", l->rejected ? "rejected: " : "", l->reason);
    return l->quantity >= 0 ? quantity_at((enum quantity_id)l->quantity)->name : reg_class_name(l->klass);
}

/* Below the values of a class, or in their place: what of it did not come, and why. */
static void add_lacks(const struct read_view *v, int klass, struct text_buf *out)
{
    bool titled = v->readings[klass] != NULL;
    char reason[READ_VIEW_REASON];
    for (size_t i = 0; i < v->n_lacks; i++) {
        const struct read_lack *l = &v->lacks[i];
        if ((int)l->klass != klass)
            continue;
        const char *name = read_view_lack(l, reason);
        if (l->quantity < 0) {
            text_buf_addf(out, "\n%s: not read: %s\n", name, reason);
            continue;
        }
        if (!titled)
            text_buf_addf(out, "\n%s, not read\n", reg_class_name(l->klass));
        titled = true;
        text_buf_addf(out, "  %-*s  %s\n", NAME_WIDTH, name, reason);
    }
}

static void add_values(const struct reading *r, struct text_buf *out)
{
    char text[TEXT_TS_SIZE];
    text_from_utc_ms(r->taken_utc_ms, text);
    text_buf_addf(out, "\n%s, read %s%s%s\n", reg_class_name(r->klass), text,
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

void read_view_text(const struct read_view *v, struct text_buf *out)
{
    text_buf_addf(out, "%s\n", v->meter);
    for (int c = 0; c < CLASS_COUNT; c++) {
        if (v->readings[c] != NULL)
            add_values(v->readings[c], out);
        add_lacks(v, c, out);
    }
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
    char reason[READ_VIEW_REASON];
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
    for (size_t i = 0; i < v->n_lacks; i++)
        text_buf_addf(out, "%s\"%s\"", i > 0 ? "," : "", read_view_lack(&v->lacks[i], reason));
    text_buf_add(out, "],\"reasons\":{");
    for (size_t i = 0; i < v->n_lacks; i++) {
        text_buf_addf(out, "%s\"%s\":", i > 0 ? "," : "", read_view_lack(&v->lacks[i], reason));
        text_buf_add_json(out, reason);
    }
    text_buf_add(out, "}}\n");
}

void read_view_done(struct read_view *v)
{
    for (int c = 0; c < CLASS_COUNT; c++) {
        reading_free(v->readings[c]);
        v->readings[c] = NULL;
    }
}
