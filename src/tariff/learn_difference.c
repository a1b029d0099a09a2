/* The differences between what was learned and what is configured: a code and a sentence each. Only days with
 * a movement that no clock within its tolerance allows (T1) prove any. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/text.h"
#include "tariff/diagnosis_search.h"
#include "tariff/learn_parts.h"

static void tell(struct learned *out, enum diagnosis_code code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The engine's diagnosis names the same period with its own figures: once is enough. */
static bool told(const struct learned *out, enum diagnosis_code code, const char *text)
{
    size_t subject = text[0] != 'D' || text[5] != ':'            ? LEARN_TEXT
                     : strncmp(text + 7, "from ", 5) == 0        ? strlen("Day 1: from 07:00 ")
                     : strncmp(text + 7, "the period ", 11) == 0 ? strlen("Day 1: the period 07:00 ")
                                                                 : strlen("Day 1: 07:00 ");
    for (size_t i = 0; i < out->n_differences; i++)
        if (out->difference[i].code == code && strncmp(out->difference[i].text, text, subject) == 0)
            return true;
    return false;
}

static void tell(struct learned *out, enum diagnosis_code code, const char *format, ...)
{
    char text[LEARN_TEXT];
    va_list ap;
    va_start(ap, format);
    vsnprintf(text, sizeof text, format, ap);
    va_end(ap);
    if (out->n_differences == LEARN_DIFFERENCES || told(out, code, text))
        return;
    struct learned_difference *d = &out->difference[out->n_differences++];
    d->code = code;
    memcpy(d->text, text, sizeof text);
}

/* One group of days under comparison. */
struct matter {
    const struct tariff *t;
    struct learned *out;
    const struct learn_group *group;
    const struct learned_table *table;
    uint8_t configured[LEARN_DAY];
    char day[LEARN_WHICH + 16]; /* "Day 1", "Day 1 (sat, sun)" */
};

static const char *name(uint8_t rate)
{
    return rate_name((enum rate)rate);
}

static struct diagnosis_time clock_of(unsigned minute)
{
    return diagnosis_minute(minute % LEARN_DAY);
}

/* What a window says that the configured table cannot: how many of this rate lie between two minutes. */
static unsigned conflicts(const struct matter *m, uint8_t rate, unsigned from, unsigned to)
{
    unsigned n = 0;
    for (unsigned first = 0; first < LEARN_DAY; first++) {
        unsigned last = m->group->windows.end[rate][first], middle = (first + last) / 2;
        if (last == LEARN_DAY || middle < from || middle >= to)
            continue;
        bool possible = false;
        for (unsigned i = first; i <= last && !possible; i++)
            possible = m->configured[i] == rate || m->configured[i] == LEARN_ANY;
        n += !possible;
    }
    return n;
}

static const struct learned_switch *switch_near(const struct matter *m, unsigned minute, uint8_t to)
{
    for (unsigned i = 0; i < m->table->n; i++)
        if (m->table->change[i].to == to && m->table->change[i].minute == minute)
            return &m->table->change[i];
    return NULL;
}

static void tell_edge(const struct matter *m, unsigned begin, uint8_t rate, unsigned own)
{
    const struct learned_switch *c = switch_near(m, own, rate);
    if (c == NULL)
        tell(m->out, DIAG_PERIOD_EDGE, "%s: %s %s begins at about %s in the meter.", m->day,
             clock_of(begin).text, name(rate), clock_of(own).text);
    else
        tell(m->out, DIAG_PERIOD_EDGE, "%s: %s %s begins at about %s in the meter (between %s and %s).",
             m->day, clock_of(begin).text, name(rate), clock_of(own).text,
             clock_of((unsigned)(c->earliest + LEARN_DAY)).text, clock_of((unsigned)c->latest).text);
}

struct stretch { /* minutes [from, to) of one rate */
    unsigned from, to;
    uint8_t rate;
};

static struct stretch stretch_at(const uint8_t minutes[LEARN_DAY], unsigned minute)
{
    struct stretch s = {minute, minute + 1, minutes[minute]};
    while (s.from > 0 && minutes[s.from - 1] == s.rate)
        s.from--;
    while (s.to < LEARN_DAY && minutes[s.to] == s.rate)
        s.to++;
    return s;
}

/* Where the period that holds a stretch begins: one that goes over midnight has begun in the evening. */
static unsigned begin_of(const uint8_t minutes[LEARN_DAY], const struct stretch *s)
{
    if (s->from > 0 || minutes[LEARN_DAY - 1] != s->rate)
        return s->from;
    return stretch_at(minutes, LEARN_DAY - 1).from;
}

/* The meter ran `own` within the configured period `c` where it cannot be. */
static void compare(const struct matter *m, const struct stretch *c, const struct stretch *own)
{
    uint8_t before = m->configured[c->from > 0 ? c->from - 1 : LEARN_DAY - 1];
    uint8_t after = m->configured[c->to < LEARN_DAY ? c->to : 0];
    bool from_start = own->from <= c->from, to_end = own->to >= c->to;
    unsigned begin = begin_of(m->configured, c);
    const uint8_t *minutes = m->table->minutes;
    bool goes_on = own->rate == before && minutes[c->from > 0 ? c->from - 1 : LEARN_DAY - 1] == own->rate;
    bool whole = begin == c->from || minutes[begin] != c->rate; /* not only its part after midnight */
    if (from_start && to_end && whole) {
        if (goes_on)
            tell(m->out, DIAG_PERIOD_MISSING, "%s: the period %s %s is missing in the meter.", m->day,
                 clock_of(begin).text, name(c->rate));
        else
            tell(m->out, DIAG_PERIOD_RATE, "%s: %s %s is programmed as %s.", m->day, clock_of(begin).text,
                 name(c->rate), name(own->rate));
    } else if (from_start && own->rate == before && minutes[own->to % LEARN_DAY] == c->rate) {
        tell_edge(m, c->from, c->rate, own->to);
    } else if (to_end && own->rate == after) {
        tell_edge(m, c->to % LEARN_DAY, own->rate, own->from);
    } else {
        unsigned from = own->from > c->from ? own->from : c->from, to = own->to < c->to ? own->to : c->to;
        tell(m->out, DIAG_PERIOD_RATE, "%s: from %s to %s the meter runs %s, not %s.", m->day,
             clock_of(from).text, clock_of(to).text, name(own->rate), name(c->rate));
    }
}

static void compare_periods(const struct matter *m)
{
    if (m->table->kind != LEARNED_OWN)
        return;
    for (unsigned at = 0; at < LEARN_DAY;) {
        struct stretch own = stretch_at(m->table->minutes, at);
        for (unsigned i = own.from; i < own.to;) {
            struct stretch c = stretch_at(m->configured, i);
            unsigned from = c.from > own.from ? c.from : own.from, to = c.to < own.to ? c.to : own.to;
            if (c.rate != own.rate && c.rate != LEARN_ANY && conflicts(m, own.rate, from, to) > 0)
                compare(m, &c, &own);
            i = c.to;
        }
        at = own.to;
    }
}

/* Which part of the calendar makes these days run table `other`: the code, and the days' kind in words. */
static const char *kind_of_day(const struct matter *m, unsigned other, enum diagnosis_code *code)
{
    const struct learn_days *d = &m->out->days;
    struct calendar_day_type type = {.source = CALENDAR_ZONE};
    for (size_t i = 0; i < d->n; i++)
        if (d->day[i].group == (size_t)(m->group - d->group)) {
            calendar_day_type_at(m->t, d->day[i].day * CALENDAR_DAY_MS, &type);
            break;
        }
    bool rest = type.source == CALENDAR_REST_DAY;
    *code = type.source == CALENDAR_HOLIDAY                               ? DIAG_HOLIDAY
            : rest || (m->t->rest_mask != 0 && other == m->t->rest_table) ? DIAG_REST_DAYS
                                                                          : DIAG_ZONE_EDGE;
    return type.source == CALENDAR_HOLIDAY ? "a holiday" : rest ? "rest days" : "work days";
}

/* Do these days run another of the configured tables? */
static bool other_table(const struct matter *m)
{
    char which[LEARN_WHICH];
    bool any = false;
    learn_which(&m->out->days, (size_t)(m->group - m->out->days.group), which);
    for (unsigned set = 0; set < 2; set++) {
        for (unsigned n = 0; n < TARIFF_TABLES; n++) {
            uint8_t minutes[LEARN_DAY];
            enum diagnosis_code code;
            const struct tariff_table *table = &m->t->tables[set][n];
            const char *kind = kind_of_day(m, n + 1, &code);
            if (table->n == 0 || (set == m->group->set && n + 1 == m->group->table) ||
                (set != m->group->set && n + 1 != m->group->table))
                continue;
            learn_table_minutes(table, WRAP_SAME_DAY, minutes);
            if (!learn_windows_hold(&m->group->windows, minutes))
                continue;
            any = true;
            if (set == m->group->set)
                tell(m->out, code, "The meter runs day %u, not day %u, on %s (%s).", n + 1, m->group->table,
                     which, kind);
            else
                tell(m->out, DIAG_OTHER_SET, "Day %u: the meter runs the table of set %u (%s).", n + 1,
                     set + 1, which);
        }
    }
    return any;
}

static void name_days(struct matter *m)
{
    size_t index = (size_t)(m->group - m->out->days.group);
    char which[LEARN_WHICH];
    bool alone = true;
    for (size_t i = 0; i < m->out->days.n_groups; i++)
        alone &= i == index || m->out->days.group[i].set != m->group->set ||
                 m->out->days.group[i].table != m->group->table;
    learn_which(&m->out->days, index, which);
    if (alone)
        text_format(m->day, sizeof m->day, "Day %u", m->group->table);
    else
        text_format(m->day, sizeof m->day, "Day %u (%s)", m->group->table, which);
}

static void compare_tables(const struct tariff *t, struct learned *out)
{
    bool named[LEARN_GROUPS] = {false};
    for (int pass = 0; pass < 2; pass++) { /* which table is run says more than how it is made */
        for (size_t g = 0; g < out->days.n_groups; g++) {
            struct matter m = {.t = t, .out = out, .group = &out->days.group[g], .table = &out->table[g]};
            if (!m.group->forbidden || m.group->mixed)
                continue;
            name_days(&m);
            learn_table_minutes(&t->tables[m.group->set][m.group->table - 1], t->wrap, m.configured);
            if (pass == 0)
                named[g] = other_table(&m);
            else if (!named[g])
                compare_periods(&m);
        }
    }
}

static void take(struct learned *out, const struct diagnosis *d)
{
    tell(out, d->code, "%s", d->text);
}

void learn_differences(const struct tariff *t, const struct diagnosis_list *diagnoses, struct learned *out)
{
    for (size_t i = 0; i < diagnoses->n; i++)
        if (diagnoses->item[i].code != DIAG_UNEXPLAINED)
            take(out, &diagnoses->item[i]);
    if (out->configured && !out->as_configured)
        compare_tables(t, out);
    for (size_t i = 0; i < diagnoses->n; i++)
        if (diagnoses->item[i].code == DIAG_UNEXPLAINED)
            take(out, &diagnoses->item[i]);
}
