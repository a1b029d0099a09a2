/* budget_view.c - wire time in words. */
#include "cli/budget_view.h"

#include <inttypes.h>
#include "cli/human.h"
#include "core/rc.h"
#include "core/span.h"
#include "core/wire_time.h"

/* "15 s", or "5 s to 1 min" when meters of the bus differ. */
static void period_text(const struct settings *s, size_t bus, enum reg_class c, char out[2 * HUMAN_SIZE])
{
    uint32_t shortest = UINT32_MAX, longest = 0;
    char a[HUMAN_SIZE], b[HUMAN_SIZE];
    for (size_t i = 0; i < s->n_meters; i++) {
        const struct settings_meter *m = &s->meters[i];
        if (m->bus != bus || m->period_ms[c] == 0)
            continue;
        shortest = m->period_ms[c] < shortest ? m->period_ms[c] : shortest;
        longest = m->period_ms[c] > longest ? m->period_ms[c] : longest;
    }
    human_span(shortest, a);
    human_span(longest, b);
    if (shortest == longest)
        text_format(out, 2 * HUMAN_SIZE, "%s", a);
    else
        text_format(out, 2 * HUMAN_SIZE, "%s to %s", a, b);
}

/* Rounded up to what a person would write: seconds, or tenths of one. */
static void shortest_text(int64_t ms, char out[HUMAN_SIZE])
{
    if (ms < 0)
        text_format(out, HUMAN_SIZE, "none fits");
    else if (ms < 1000)
        text_format(out, HUMAN_SIZE, "%" PRId64 " ms", (ms + 99) / 100 * 100);
    else
        human_span((ms + 999) / 1000 * 1000, out);
}

static size_t meters_on(const struct settings *s, size_t bus)
{
    size_t n = 0;
    for (size_t i = 0; i < s->n_meters; i++)
        n += s->meters[i].bus == bus;
    return n;
}

void budget_view_bus(const struct settings *s, size_t bus, const struct budget *b, struct text_buf *out)
{
    static const struct human_column columns[] = {
        {"class", 10, false}, {"meters", 6, true}, {"requests", 8, true}, {"one round", 12, true},
        {"period", 18, true}, {"load", 7, true},   {"shortest", 10, true}};
    struct human_table t = {.columns = columns, .n_columns = 7};
    const struct settings_bus *v = &s->buses[bus];
    size_t n = meters_on(s, bus);
    text_buf_addf(out, "\nbus %s: %s%" PRIu32 " 8%c%u, %zu %s, %.1f %% of the line's time%s\n", v->name,
                  v->kind == BUS_SERIAL ? "" : "as if over ", v->baud, v->parity, v->stop_bits, n,
                  n == 1 ? "meter" : "meters", b->load * 100.0, b->fits ? "" : ": does not fit");
    for (int c = 0; c < CLASS_COUNT; c++) {
        const struct budget_class *k = &b->class[c];
        char period[2 * HUMAN_SIZE], shortest[HUMAN_SIZE], round[HUMAN_SIZE];
        if (k->requests == 0)
            continue;
        period_text(s, bus, (enum reg_class)c, period);
        shortest_text(k->shortest_ms, shortest);
        text_format(round, sizeof round, "%.2f s", (double)k->round_ns / 1e9);
        human_table_add(&t, "%s", reg_class_name((enum reg_class)c));
        human_table_add(&t, "%u", k->meters);
        human_table_add(&t, "%u", k->requests);
        human_table_add(&t, "%s", round);
        human_table_add(&t, "%s", period);
        human_table_add(&t, "%.2f %%", k->share * 100.0);
        human_table_add(&t, "%s", shortest);
    }
    human_table_write(&t, out);
    text_buf_addf(out, "kept free for meters that do not answer: %.1f %%\n", b->dead_share * 100.0);
}

struct line_times {
    int64_t char_ns, silence_ns;
};

static void add_request(struct text_buf *out, const struct line_times *l, enum reg_class c, unsigned function,
                        uint16_t address, uint16_t count)
{
    int64_t ns = wire_exchange_ns(l->char_ns, l->silence_ns, BUDGET_TURNAROUND_NS, (uint8_t)function, count);
    text_buf_addf(out, "    %-10s  FC%02u 0x%04X  %3u %-9s  %d + %3u bytes  %7.1f ms\n", reg_class_name(c),
                  function, address, count, function == 1 ? "coil" : "registers", WIRE_REQUEST_CHARS,
                  wire_reply_chars((uint8_t)function, count), (double)ns / 1e6);
}

/* alike: meters that are asked as this one is. */
static int add_model(const struct settings_meter *meter, size_t alike, const struct line_times *l,
                     struct text_buf *out)
{
    const struct regmap *m = meter->model;
    if (alike == 1)
        text_buf_addf(out, "  %s (%s):\n", meter->name, m->name);
    else
        text_buf_addf(out, "  %s (%s), and %zu more like it, each:\n", meter->name, m->name, alike - 1);
    for (int c = 0; c < CLASS_COUNT; c++) {
        struct span_plan *plan;
        if (meter->period_ms[c] == 0)
            continue;
        if (c == CLASS_RELAY && m->has_relay)
            add_request(out, l, CLASS_RELAY, 1, m->relay_coil, 1);
        if (c == CLASS_RELAY || span_values(m, SPAN_CLASS(c)) == 0)
            continue;
        const struct span_limits limits = {
            .gap_regs = wire_gap_regs(l->char_ns, l->silence_ns, BUDGET_TURNAROUND_NS)};
        int rc = span_plan_new(m, c == CLASS_SETTLEMENT ? SPAN_SWEEP : SPAN_CLASS(c), &limits, &plan);
        if (rc != RC_OK)
            return rc;
        for (size_t i = 0; i < plan->n; i++)
            add_request(out, l, (enum reg_class)c, 3, plan->spans[i].address, plan->spans[i].len_regs);
        span_plan_free(plan);
    }
    return RC_OK;
}

/* Meters of one model and the same classes are asked alike: the first of them stands for all. */
static bool asked_alike(const struct settings_meter *a, const struct settings_meter *b)
{
    bool alike = a->bus == b->bus && a->model == b->model;
    for (int c = 0; c < CLASS_COUNT; c++)
        alike = alike && (a->period_ms[c] == 0) == (b->period_ms[c] == 0);
    return alike;
}

/* How many meters of the list are asked as meter i is; 0: one before it stands for them. */
static size_t count_alike(const struct settings *s, size_t i)
{
    size_t n = 0;
    for (size_t k = 0; k < s->n_meters; k++) {
        bool alike = asked_alike(&s->meters[k], &s->meters[i]);
        if (alike && k < i)
            return 0;
        n += alike ? 1 : 0;
    }
    return n;
}

int budget_view_plan(const struct settings *s, size_t bus, struct text_buf *out)
{
    const struct settings_bus *v = &s->buses[bus];
    const struct line_times l = {wire_char_ns(v->baud, v->parity, v->stop_bits),
                                 wire_silence_ns(v->baud, v->parity, v->stop_bits)};
    text_buf_add(out, "requests of one round: first register, question + reply, time on the wire\n");
    for (size_t i = 0; i < s->n_meters; i++) {
        size_t alike = s->meters[i].bus == bus ? count_alike(s, i) : 0;
        int rc = alike > 0 ? add_model(&s->meters[i], alike, &l, out) : RC_OK;
        if (rc != RC_OK)
            return rc;
    }
    return RC_OK;
}
