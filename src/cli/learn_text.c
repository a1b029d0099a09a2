/* What was learned, as a [tariff] section to be pasted into a configuration; all else stands in comments. */
#include "cli/learn_view.h"

#include "tariff/tariff_text.h"

const struct learned_switch *learn_view_proof(const struct learned_table *t, unsigned minute, uint8_t rate)
{
    for (unsigned i = 0; i < t->n; i++) {
        const struct learned_switch *c = &t->change[i];
        int m = (int)minute;
        if (c->to == rate && ((m >= c->earliest && m <= c->latest) ||
                              (m - LEARN_DAY >= c->earliest && m - LEARN_DAY <= c->latest)))
            return c;
    }
    return NULL;
}

unsigned learn_view_periods(const struct learned_table *t, uint16_t begin[LEARN_VIEW_PERIODS])
{
    unsigned n = 0;
    for (unsigned m = 0; m < LEARN_DAY && n < LEARN_VIEW_PERIODS; m++)
        if (t->minutes[m] < RATE_COUNT && (m == 0 || t->minutes[m] != t->minutes[m - 1]))
            begin[n++] = (uint16_t)m;
    return n;
}

static void add_clock(struct text_buf *out, int minute)
{
    unsigned m = (unsigned)(minute + 2 * LEARN_DAY) % LEARN_DAY;
    text_buf_addf(out, "%02u:%02u", m / 60, m % 60);
}

static void add_days(const struct learn_view *v, size_t group, struct text_buf *out)
{
    const struct learn_group *g = &v->learned->days.group[group];
    char which[LEARN_WHICH];
    learn_which(&v->learned->days, group, which);
    text_buf_addf(out, "%u day%s (%s)", g->days, g->days == 1 ? "" : "s", which);
}

static void add_period(const struct learned_table *t, unsigned minute, bool only, bool configured,
                       struct text_buf *out)
{
    uint8_t rate = t->minutes[minute];
    const struct learned_switch *c = learn_view_proof(t, minute, rate);
    text_buf_add(out, ";   ");
    add_clock(out, (int)minute);
    text_buf_addf(out, " %s: ", rate_name((enum rate)rate));
    if (only) {
        text_buf_add(out, t->rates == 1u << rate ? "no other rate moved\n" : "not proven\n");
    } else if (c == NULL) {
        bool goes_on = minute == 0 && t->minutes[LEARN_DAY - 1] == rate;
        text_buf_add(out, goes_on      ? "goes on from the evening\n"
                          : configured ? "not proven, as configured\n"
                                       : "not proven\n");
    } else {
        text_buf_add(out, "begins between ");
        add_clock(out, c->earliest);
        text_buf_add(out, " and ");
        add_clock(out, c->latest);
        text_buf_addf(out, ", seen on %u day%s\n", c->days, c->days == 1 ? "" : "s");
    }
}

static void add_group(const struct learn_view *v, size_t group, struct text_buf *out)
{
    const struct learned_table *t = &v->learned->table[group];
    uint16_t begin[LEARN_VIEW_PERIODS];
    if (t->kind == LEARNED_NOTHING || t->number == 0) {
        text_buf_add(out, "; ");
        add_days(v, group, out);
        text_buf_add(out, t->kind == LEARNED_NOTHING
                              ? ": no table explains them, or too little moved\n"
                              : ": a table of their own, for which there is no room\n");
        return;
    }
    text_buf_addf(out, "; day%s %u, ", v->learned->days.group[group].set == 0 ? "" : ".2", t->number);
    add_days(v, group, out);
    text_buf_add(out, ":\n");
    unsigned n = learn_view_periods(t, begin);
    for (unsigned i = 0; i < n; i++)
        add_period(t, begin[i], n == 1, t->kind == LEARNED_CONFIGURED, out);
    for (unsigned i = 0; i < t->n_unknown; i++) {
        text_buf_add(out, ";   nothing moved between ");
        add_clock(out, t->unknown[i].from);
        text_buf_add(out, " and ");
        text_buf_addf(out, "%02u:%02u", t->unknown[i].to / 60u, t->unknown[i].to % 60u); /* 24:00 is meant */
        text_buf_add(out, ": not known\n");
    }
}

static void add_differences(const struct learn_view *v, struct text_buf *out)
{
    const struct learned *l = v->learned;
    if (v->tariff == NULL)
        text_buf_add(out, "; learned without a tariff to compare with\n");
    else if (l->as_configured)
        text_buf_addf(out, "; no difference from [tariff %s] is proven\n", v->tariff);
    else
        text_buf_addf(out, "; differs from [tariff %s], most likely first:\n", v->tariff);
    for (size_t i = 0; i < l->n_differences; i++)
        text_buf_addf(out, ";   %s: %s\n", diagnosis_code_name(l->difference[i].code), l->difference[i].text);
}

/* The name of a meter may hold line ends; what follows one must not become a line of the section. */
static void add_name(struct text_buf *out, const char *name)
{
    for (; *name != '\0'; name++)
        text_buf_add_n(out, (unsigned char)*name < ' ' ? " " : name, 1);
}

void learn_view_text(const struct learn_view *v, struct text_buf *out)
{
    const struct learned *l = v->learned;
    const struct verify_result *r = &v->report->result;
    text_buf_add(out, "; ");
    add_name(out, v->report->meter);
    text_buf_addf(out, ": what %llu %s", (unsigned long long)r->readings,
                  r->readings == 1 ? "reading proves" : "readings prove");
    if (r->from_utc_ms != INT64_MIN) {
        char from[TEXT_TS_SIZE], to[TEXT_TS_SIZE];
        text_from_utc_ms(r->from_utc_ms, from);
        text_from_utc_ms(r->to_utc_ms, to);
        text_buf_addf(out, ", %s to %s", from, to);
    }
    text_buf_add(out, "\n");
    add_differences(v, out);
    for (size_t g = 0; g < l->days.n_groups; g++)
        add_group(v, g, out);
    if (l->unfit > 0)
        text_buf_addf(out, "; %zu day%s of the record cannot run this tariff\n", l->unfit,
                      l->unfit == 1 ? "" : "s");
    if (l->days.left_out > 0)
        text_buf_addf(out, "; %zu day%s left out: tables change within them, or there are too many kinds\n",
                      l->days.left_out, l->days.left_out == 1 ? " is" : "s are");
    if (!l->proposes) {
        text_buf_add(out, "; nothing moved wholly within a day: no table is proven\n");
        return;
    }
    text_buf_addf(out, "[tariff %s]\n", v->name);
    tariff_text(&l->proposal, out);
}
