/* The calendar around the learned tables: as configured where it can stay; without a configured one, weekdays
 * and seasons as the days show them; and what is left as dated holidays. */
#include <stdlib.h>
#include <string.h>

#include "core/rc.h"
#include "core/text.h"
#include "tariff/learn_parts.h"

struct builder {
    const struct tariff *t;
    const struct evidence_list *l;
    struct learned *out;
    uint8_t *runs; /* for each day, bit n - 1: it can run table n of its set */
};

static void write_table(const uint8_t minutes[LEARN_DAY], struct tariff_table *out)
{
    out->n = 0;
    for (unsigned m = 0; m < LEARN_DAY && out->n < TARIFF_PERIODS; m++) {
        uint8_t before = minutes[m > 0 ? m - 1 : LEARN_DAY - 1];
        if (minutes[m] != before && minutes[m] != LEARN_ANY)
            out->period[out->n++] = (struct tariff_period){(uint16_t)m, minutes[m]};
    }
    if (out->n == 0 && minutes[0] != LEARN_ANY)
        out->period[out->n++] = (struct tariff_period){0, minutes[0]};
}

static uint8_t free_number(const struct tariff *p)
{
    for (uint8_t n = 1; n <= TARIFF_TABLES; n++)
        if (p->tables[0][n - 1].n == 0 && p->tables[1][n - 1].n == 0)
            return n;
    return 0;
}

/* A table that is new in one set must be in the other too, if there is another: a dated day means both. */
static void give_both(struct tariff *p, uint8_t set, uint8_t number)
{
    bool other = false;
    for (size_t n = 0; n < TARIFF_TABLES; n++)
        other |= p->tables[1 - set][n].n > 0;
    if (other && p->tables[1 - set][number - 1].n == 0)
        p->tables[1 - set][number - 1] = p->tables[set][number - 1];
}

/* Groups by their days, the largest first. */
static void by_size(const struct learn_days *d, size_t order[LEARN_GROUPS])
{
    for (size_t i = 0; i < d->n_groups; i++) {
        size_t at = i;
        for (; at > 0 && d->group[order[at - 1]].days < d->group[i].days; at--)
            order[at] = order[at - 1];
        order[at] = i;
    }
}

/* The largest group of a kind of day takes its table; others one that explains them, or a free one. */
static void number_tables(struct builder *b)
{
    struct learned *out = b->out;
    struct tariff *p = &out->proposal;
    bool taken[2][TARIFF_TABLES] = {{false}};
    size_t order[LEARN_GROUPS] = {0};
    by_size(&out->days, order);
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < out->days.n_groups; i++) {
            const struct learn_group *g = &out->days.group[order[i]];
            struct learned_table *table = &out->table[order[i]];
            if (table->number != 0 || table->kind == LEARNED_NOTHING ||
                (pass == 0 && taken[g->set][g->table - 1]))
                continue;
            uint8_t number = pass == 0 ? g->table : 0;
            for (uint8_t n = 1; n <= TARIFF_TABLES && number == 0; n++)
                for (size_t k = 0; k < out->days.n_groups; k++)
                    if (out->table[k].number == n && out->days.group[k].set == g->set &&
                        learn_windows_hold(&g->windows, out->table[k].minutes))
                        number = n;
            if (number != 0 && pass == 1) { /* that table stays as it is */
                table->number = number;
                continue;
            }
            number = number != 0 ? number : free_number(p);
            if (number == 0)
                continue;
            table->number = number;
            taken[g->set][number - 1] = true;
            if (table->kind == LEARNED_OWN || pass == 1)
                write_table(table->minutes, &p->tables[g->set][number - 1]);
            give_both(p, g->set, number);
        }
    }
}

static void which_tables(struct builder *b)
{
    struct learned *out = b->out;
    for (size_t i = 0; i < out->days.n; i++) {
        const struct learn_day *day = &out->days.day[i];
        for (unsigned n = 0; n < TARIFF_TABLES && day->table != 0; n++) {
            uint8_t minutes[LEARN_DAY];
            const struct tariff_table *table = &out->proposal.tables[day->set][n];
            learn_table_minutes(table, WRAP_SAME_DAY, minutes);
            if (table->n > 0 && learn_day_holds(&out->days, i, b->t, b->l, minutes))
                b->runs[i] |= (uint8_t)(1u << n);
        }
    }
}

static bool add_dated(struct tariff *p, int64_t day, uint8_t table)
{
    int64_t year;
    unsigned month, mday;
    text_civil_from_days(day, &year, &month, &mday);
    struct tariff_holiday *named = NULL; /* the one that decides: that with the year, if there are two */
    for (uint16_t i = 0; i < p->n_holidays; i++) {
        struct tariff_holiday *h = &p->holidays[i];
        if (h->month == month && h->day == mday && (h->year == year || (h->year == 0 && named == NULL)))
            named = h;
    }
    if (named != NULL) {
        named->table = table;
        return true;
    }
    if (p->n_holidays == TARIFF_HOLIDAYS)
        return false;
    p->holidays[p->n_holidays++] =
        (struct tariff_holiday){(int16_t)year, (uint8_t)month, (uint8_t)mday, table};
    return true;
}

static void date_the_rest(struct builder *b)
{
    struct learned *out = b->out;
    for (size_t i = 0; i < out->days.n; i++) {
        const struct learn_day *day = &out->days.day[i];
        struct calendar_day_type type;
        calendar_day_type_at(&out->proposal, day->day * CALENDAR_DAY_MS, &type);
        if (day->table == 0 || (b->runs[i] >> (type.table - 1) & 1u) != 0)
            continue;
        uint8_t own = day->group == LEARN_NO_GROUP ? 0 : out->table[day->group].number;
        if (own == 0 || (b->runs[i] >> (own - 1) & 1u) == 0)
            own = b->runs[i] != 0 ? (uint8_t)(__builtin_ctz(b->runs[i]) + 1) : 0;
        if (own != 0 && add_dated(&out->proposal, day->day, own))
            out->dated++;
    }
}

/* Days with a movement that the proposal does not allow (T1): none explains them, or it was across midnight.
 */
static void count_unfit(struct builder *b)
{
    struct learned *out = b->out;
    const struct tariff *p = &out->proposal;
    struct calendar c;
    calendar_init(&c, p);
    for (size_t i = 0; i < out->days.n; i++) {
        const struct learn_day *day = &out->days.day[i];
        bool fits = true;
        for (size_t k = day->first; k < day->first + day->n && fits; k++) {
            int64_t lo = calendar_local_ms(p, b->l->piece[k].lo_utc_ms);
            unsigned possible = calendar_rates(&c, lo - p->clock_tolerance_ms - p->switching_lag_ms,
                                               lo + b->l->piece[k].length_ms + p->clock_tolerance_ms);
            fits = (b->l->piece[k].rates & ~possible) == 0;
        }
        out->unfit += !fits;
    }
}

static int copy_tariff(const struct tariff *t, struct tariff *p)
{
    *p = *t;
    p->holidays = calloc(TARIFF_HOLIDAYS, sizeof *p->holidays);
    if (p->holidays == NULL)
        return RC_NOMEM;
    if (t->n_holidays > 0)
        memcpy(p->holidays, t->holidays, t->n_holidays * sizeof *p->holidays);
    return RC_OK;
}

int learn_proposal(const struct tariff *t, const struct evidence_list *l, struct learned *out)
{
    struct tariff *p = &out->proposal;
    struct builder b = {.t = t, .l = l, .out = out};
    int rc = copy_tariff(t, p);
    if (rc != RC_OK)
        return rc;
    b.runs = calloc(out->days.n > 0 ? out->days.n : 1, sizeof *b.runs);
    if (b.runs == NULL)
        return RC_NOMEM;
    number_tables(&b);
    if (!out->as_configured) {
        p->wrap = WRAP_SAME_DAY; /* the learned tables say what is in force at 00:00 */
        which_tables(&b);
        if (!out->configured) {
            learn_calendar(&out->days, b.runs, p);
        }
        date_the_rest(&b);
        count_unfit(&b);
    }
    free(b.runs);
    return RC_OK;
}
