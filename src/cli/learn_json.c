/* What was learned, as JSON: every key is always there. */
#include "cli/learn_view.h"

#include "tariff/tariff_text.h"

static void add_ts(struct text_buf *out, int64_t utc_ms)
{
    char text[TEXT_TS_SIZE];
    if (utc_ms == INT64_MIN) {
        text_buf_add(out, "null");
        return;
    }
    text_from_utc_ms(utc_ms, text);
    text_buf_addf(out, "\"%s\"", text);
}

/* Minutes before 00:00 are the evening's. */
static void add_minute(struct text_buf *out, int minute)
{
    unsigned m = minute == LEARN_DAY ? LEARN_DAY : (unsigned)(minute + LEARN_DAY) % LEARN_DAY;
    text_buf_addf(out, "\"%02u:%02u\"", m / 60, m % 60);
}

static void add_second(struct text_buf *out, int32_t second)
{
    unsigned s = (unsigned)((second % 86400 + 86400) % 86400);
    text_buf_addf(out, "\"%02u:%02u:%02u\"", s / 3600, s / 60 % 60, s % 60);
}

static void add_period(const struct learned_table *t, unsigned minute, struct text_buf *out)
{
    const struct learned_switch *c = learn_view_proof(t, minute, t->minutes[minute]);
    text_buf_add(out, "{\"start\":");
    add_minute(out, (int)minute);
    text_buf_addf(out, ",\"rate\":\"%s\",\"between\":", rate_name((enum rate)t->minutes[minute]));
    if (c == NULL) {
        text_buf_add(out, "null,\"days\":0,\"seen\":null}");
        return;
    }
    text_buf_add(out, "[");
    add_minute(out, c->earliest);
    text_buf_add(out, ",");
    add_minute(out, c->latest);
    text_buf_addf(out, "],\"days\":%u,\"seen\":", c->days);
    if (c->has_seen) {
        text_buf_add(out, "[");
        add_second(out, c->seen_lo_s);
        text_buf_add(out, ",");
        add_second(out, c->seen_hi_s);
        text_buf_add(out, "]}");
    } else {
        text_buf_add(out, "null}");
    }
}

static void add_table(const struct learn_view *v, size_t group, struct text_buf *out)
{
    const struct learn_group *g = &v->learned->days.group[group];
    const struct learned_table *t = &v->learned->table[group];
    uint16_t begin[LEARN_VIEW_PERIODS];
    char which[LEARN_WHICH];
    learn_which(&v->learned->days, group, which);
    text_buf_addf(out, "{\"set\":%u,\"table\":", g->set + 1u);
    if (t->number == 0)
        text_buf_add(out, "null");
    else
        text_buf_addf(out, "%u", t->number);
    text_buf_addf(out, ",\"as_configured\":%s,\"days\":%u,\"which\":",
                  t->kind == LEARNED_CONFIGURED ? "true" : "false", g->days);
    text_buf_add_json(out, which);
    text_buf_add(out, ",\"periods\":[");
    unsigned n = learn_view_periods(t, begin);
    for (unsigned i = 0; i < n; i++) {
        text_buf_add(out, i > 0 ? "," : "");
        add_period(t, begin[i], out);
    }
    text_buf_add(out, "],\"unknown\":[");
    for (unsigned i = 0; i < t->n_unknown; i++) {
        text_buf_add(out, i > 0 ? ",[" : "[");
        add_minute(out, t->unknown[i].from);
        text_buf_add(out, ",");
        add_minute(out, t->unknown[i].to);
        text_buf_add(out, "]");
    }
    text_buf_add(out, "]}");
}

static void add_section(const struct learn_view *v, struct text_buf *out)
{
    struct text_buf section = {0};
    text_buf_addf(&section, "[tariff %s]\n", v->name);
    tariff_text(&v->learned->proposal, &section);
    text_buf_add_json(out, section.data != NULL ? section.data : "");
    out->failed |= section.failed;
    text_buf_done(&section);
}

void learn_view_json(const struct learn_view *v, struct text_buf *out)
{
    const struct learned *l = v->learned;
    const struct verify_result *r = &v->report->result;
    text_buf_add(out, "{\"meter\":");
    text_buf_add_json(out, v->report->meter);
    text_buf_add(out, ",\"tariff\":");
    if (v->tariff != NULL)
        text_buf_add_json(out, v->tariff);
    else
        text_buf_add(out, "null");
    text_buf_addf(out, ",\"verdict\":\"%s\",\"from\":", verify_verdict_name(r->verdict));
    add_ts(out, r->from_utc_ms);
    text_buf_add(out, ",\"to\":");
    add_ts(out, r->to_utc_ms);
    text_buf_addf(out, ",\"readings\":%llu,\"days\":%zu,\"differences\":[", (unsigned long long)r->readings,
                  l->days.n);
    for (size_t i = 0; i < l->n_differences; i++) {
        text_buf_addf(out, "%s{\"code\":\"%s\",\"text\":", i > 0 ? "," : "",
                      diagnosis_code_name(l->difference[i].code));
        text_buf_add_json(out, l->difference[i].text);
        text_buf_add(out, "}");
    }
    text_buf_add(out, "],\"tables\":[");
    for (size_t g = 0; g < l->days.n_groups; g++) {
        text_buf_add(out, g > 0 ? "," : "");
        add_table(v, g, out);
    }
    text_buf_addf(out, "],\"days_unfit\":%zu,\"days_left_out\":%zu,\"section\":", l->unfit, l->days.left_out);
    if (!l->proposes)
        text_buf_add(out, "null");
    else
        add_section(v, out);
    text_buf_add(out, "}");
}
