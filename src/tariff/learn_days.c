#include "tariff/learn_days.h"

#include <stdlib.h>
#include <string.h>

#include "core/rc.h"

#define MINUTE_MS  60000
#define SHORT_RUNS 64
#define NARROW_MS  (2 * 3600000) /* a longer window is an outage's */

bool learn_minutes(const struct tariff *t, const struct evidence *e, int64_t day, unsigned *first,
                   unsigned *last)
{
    int64_t from = calendar_local_ms(t, e->lo_utc_ms) - day * CALENDAR_DAY_MS;
    int64_t lo = from - t->clock_tolerance_ms - t->switching_lag_ms;
    int64_t hi = from + e->length_ms + t->clock_tolerance_ms;
    if (lo < 0 || hi >= CALENDAR_DAY_MS)
        return false;
    *first = (unsigned)(lo / MINUTE_MS);
    *last = (unsigned)(hi / MINUTE_MS);
    return true;
}

static void add_windows(struct learn_windows *all, struct learn_windows *narrow, const struct tariff *t,
                        const struct evidence_list *l, const struct learn_day *day)
{
    unsigned first, last;
    for (size_t i = day->first; i < day->first + day->n; i++) {
        const struct evidence *e = &l->piece[i];
        if (!learn_minutes(t, e, day->day, &first, &last))
            continue;
        learn_windows_add(all, e->rates, first, last);
        if (narrow != NULL && e->length_ms <= NARROW_MS)
            learn_windows_add(narrow, e->rates, first, last);
    }
}

/* The most that the shortest run of a table can last; 0: no table explains the windows. The first and the
 * last run of a day may go on in the next. */
static unsigned shortest_run(const struct learn_runs *r)
{
    unsigned shortest = LEARN_DAY;
    for (unsigned i = 1; i + 1 < r->n; i++) {
        unsigned most = (unsigned)(r->run[i + 1].latest - r->run[i].earliest);
        shortest = most < shortest ? most : shortest;
    }
    return r->overflow ? 0 : shortest;
}

/* The table of a group. A window across an outage can make the table of the fewest runs an odd one: then the
 * others alone decide. */
static unsigned fit_group(const struct learn_days *d, struct learn_group *g)
{
    learn_fit(&g->windows, &g->runs);
    if (shortest_run(&g->runs) < d->shortest)
        learn_fit(&g->narrow, &g->runs);
    return shortest_run(&g->runs);
}

static unsigned shortest_period(const struct tariff *t)
{
    unsigned shortest = LEARN_SHORT;
    for (unsigned i = 0; i < 2 * TARIFF_TABLES; i++) {
        const struct tariff_table *table = &t->tables[i / TARIFF_TABLES][i % TARIFF_TABLES];
        for (unsigned k = 0; k + 1 < table->n; k++) {
            unsigned length = (unsigned)(table->period[k + 1].minute - table->period[k].minute);
            shortest = length < shortest ? length : shortest;
        }
    }
    return shortest;
}

struct sorter {
    const struct tariff *t;
    const struct evidence_list *l;
    struct learn_days *d;
    struct learn_group trial;
};

static void begin_group(struct learn_group *g, const struct learn_day *day)
{
    *g = (struct learn_group){.set = day->set, .table = day->table};
    learn_windows_init(&g->windows);
    learn_windows_init(&g->narrow);
}

/* A run too short to be believed on one day. */
struct short_run {
    uint8_t before, rate, after;
    uint16_t earliest, end; /* it lies within these minutes, by all of its days */
    uint16_t days;
};
struct short_runs {
    size_t n;
    struct short_run run[SHORT_RUNS];
};

static void add_short(struct short_runs *list, const struct short_run *r)
{
    for (size_t i = 0; i < list->n; i++) {
        struct short_run *k = &list->run[i];
        if (k->before != r->before || k->rate != r->rate || k->after != r->after || r->earliest >= k->end ||
            r->end <= k->earliest)
            continue;
        k->days++;
        k->earliest = r->earliest > k->earliest ? r->earliest : k->earliest;
        k->end = r->end < k->end ? r->end : k->end;
        return;
    }
    if (list->n < SHORT_RUNS)
        list->run[list->n++] = *r;
}

/* Clock and lag make a run look longer by `room`; what is left may be a short period, if another day shows
 * the same: a clock that was set makes such a run on one day only. */
static unsigned proven_shortest(struct sorter *s)
{
    struct learn_days *d = s->d;
    struct short_runs list = {0};
    unsigned shortest = d->shortest;
    for (size_t i = 0; i < d->n; i++) {
        const struct learn_runs *r = &s->trial.runs;
        if (d->day[i].table == 0)
            continue;
        begin_group(&s->trial, &d->day[i]);
        add_windows(&s->trial.windows, &s->trial.narrow, s->t, s->l, &d->day[i]);
        fit_group(d, &s->trial);
        for (unsigned k = 1; k + 1 < r->n && !r->overflow; k++) {
            unsigned most = (unsigned)(r->run[k + 1].latest - r->run[k].earliest);
            if (most < d->shortest + d->room && most > d->room)
                add_short(&list, &(struct short_run){.before = r->run[k - 1].rate,
                                                     .rate = r->run[k].rate,
                                                     .after = r->run[k + 1].rate,
                                                     .earliest = r->run[k].earliest,
                                                     .end = r->run[k + 1].latest,
                                                     .days = 1});
        }
    }
    for (size_t i = 0; i < list.n; i++) {
        unsigned most = (unsigned)(list.run[i].end - list.run[i].earliest);
        unsigned length = most > 2 * d->room ? most - 2 * d->room : 1; /* all days together leave it less */
        if (list.run[i].days > 1 && length < shortest)
            shortest = length;
    }
    return shortest;
}

bool learn_day_holds(const struct learn_days *d, size_t index, const struct tariff *t,
                     const struct evidence_list *l, const uint8_t minutes[LEARN_DAY])
{
    const struct learn_day *day = &d->day[index];
    struct learn_windows w;
    learn_windows_init(&w);
    add_windows(&w, NULL, t, l, day);
    return learn_windows_hold(&w, minutes);
}

/* `alone`: the number of runs of the day by itself. */
static bool fits(struct sorter *s, const struct learn_day *day, unsigned alone, const struct learn_group *g)
{
    const struct learn_days *d = s->d;
    if (g->set != day->set || g->table != day->table || g->mixed)
        return false;
    s->trial = *g;
    add_windows(&s->trial.windows, &s->trial.narrow, s->t, s->l, day);
    unsigned before = shortest_run(&g->runs), after = fit_group(d, &s->trial);
    if (s->trial.runs.n > alone && s->trial.runs.n > g->runs.n)
        return after >= 2 * d->usual || (before < 2 * d->usual && after + 2 >= before);
    return after >= d->shortest && (after >= d->shortest + d->room || after + 2 >= before);
}

/* How far from the days of a group in the calendar: the same weekday counts most. */
static int64_t distance(const struct learn_days *d, const struct learn_day *day, size_t group)
{
    int64_t least = INT64_MAX;
    for (size_t i = 0; i < d->n; i++) {
        int64_t apart = d->day[i].day > day->day ? d->day[i].day - day->day : day->day - d->day[i].day;
        unsigned here = learn_weekday(day->day), there = learn_weekday(d->day[i].day);
        bool weekend = here % 6 == 0, other = there % 6 == 0;
        if (d->day[i].group != group)
            continue;
        apart += here == there ? 0 : weekend == other ? 7 : 14;
        least = apart < least ? apart : least;
    }
    return least;
}

/* For a day that fits none; days that even alone fit no table share one. LEARN_NO_GROUP: there are too many.
 */
static size_t new_group(struct sorter *s, const struct learn_day *day, bool mixed)
{
    struct learn_days *d = s->d;
    for (size_t g = 0; g < d->n_groups && mixed; g++)
        if (d->group[g].mixed && d->group[g].set == day->set && d->group[g].table == day->table)
            return g;
    if (d->n_groups == LEARN_GROUPS)
        return LEARN_NO_GROUP;
    begin_group(&d->group[d->n_groups], day);
    d->group[d->n_groups].mixed = mixed;
    return d->n_groups++;
}

/* The nearest group that a day fits; *choices: how many it fits. */
static size_t best_group(struct sorter *s, const struct learn_day *day, unsigned alone, unsigned *choices)
{
    size_t found = LEARN_NO_GROUP;
    int64_t least = INT64_MAX;
    *choices = 0;
    for (size_t g = 0; g < s->d->n_groups; g++) {
        if (!fits(s, day, alone, &s->d->group[g]))
            continue;
        int64_t apart = distance(s->d, day, g);
        (*choices)++;
        found = apart < least ? g : found;
        least = apart < least ? apart : least;
    }
    return found;
}

static void join(struct sorter *s, struct learn_day *day, bool last_pass)
{
    struct learn_days *d = s->d;
    unsigned choices;
    begin_group(&s->trial, day);
    add_windows(&s->trial.windows, &s->trial.narrow, s->t, s->l, day);
    bool mixed = fit_group(d, &s->trial) < d->shortest;
    size_t found = best_group(s, day, s->trial.runs.n, &choices);
    if (choices > 1 && !last_pass)
        return; /* when all the others are sorted it may fit one only */
    if (choices == 0)
        found = new_group(s, day, mixed);
    if (found == LEARN_NO_GROUP)
        return;
    struct learn_group *g = &d->group[found];
    day->group = (uint8_t)found;
    g->days++;
    g->forbidden |= day->forbidden;
    if (g->mixed)
        return;
    add_windows(&g->windows, &g->narrow, s->t, s->l, day);
    fit_group(d, g);
}

static int add_day(struct learn_days *d, size_t *room, const struct tariff *t, int64_t number, size_t first)
{
    if (d->n == *room) {
        *room = *room == 0 ? 64 : *room * 2;
        struct learn_day *grown = realloc(d->day, *room * sizeof *grown);
        if (grown == NULL)
            return RC_NOMEM;
        d->day = grown;
    }
    struct calendar_day_type morning, night;
    calendar_day_type_at(t, number * CALENDAR_DAY_MS, &morning);
    calendar_day_type_at(t, (number + 1) * CALENDAR_DAY_MS - 1, &night);
    bool whole = morning.table == night.table && morning.table_set == night.table_set;
    d->day[d->n++] = (struct learn_day){.day = number,
                                        .first = first,
                                        .set = morning.table_set,
                                        .table = whole ? morning.table : 0,
                                        .group = LEARN_NO_GROUP};
    return RC_OK;
}

static int find_days(struct learn_days *d, const struct tariff *t, const struct evidence_list *l)
{
    size_t room = 0;
    for (size_t i = 0; i < l->n; i++) {
        int64_t number = calendar_day_of(calendar_local_ms(t, l->piece[i].lo_utc_ms));
        if (d->n == 0 || d->day[d->n - 1].day != number) {
            if (d->n == LEARN_DAYS)
                break;
            if (add_day(d, &room, t, number, i) != RC_OK)
                return RC_NOMEM;
        }
        d->day[d->n - 1].n++;
        d->day[d->n - 1].forbidden |= l->piece[i].forbidden != 0;
    }
    return RC_OK;
}

static int richer(const void *a, const void *b)
{
    const struct learn_day *x = *(struct learn_day *const *)a, *y = *(struct learn_day *const *)b;
    if (x->n != y->n)
        return x->n > y->n ? -1 : 1;
    return x->day < y->day ? -1 : 1;
}

static int group_days(struct learn_days *d, const struct tariff *t, const struct evidence_list *l)
{
    struct learn_day **order = calloc(d->n > 0 ? d->n : 1, sizeof *order);
    struct sorter *s = calloc(1, sizeof *s);
    d->group = calloc(LEARN_GROUPS, sizeof *d->group);
    int rc = order == NULL || s == NULL || d->group == NULL ? RC_NOMEM : RC_OK;
    if (rc == RC_OK) {
        *s = (struct sorter){.t = t, .l = l, .d = d};
        for (size_t i = 0; i < d->n; i++)
            order[i] = &d->day[i];
        qsort(order, d->n, sizeof *order, richer);
        d->shortest = proven_shortest(s);
        for (int again = 0; again < 2; again++)
            for (size_t i = 0; i < d->n; i++)
                if (order[i]->table != 0 && order[i]->group == LEARN_NO_GROUP)
                    join(s, order[i], again != 0);
        for (size_t i = 0; i < d->n; i++)
            d->left_out += d->day[i].group == LEARN_NO_GROUP;
    }
    free(order);
    free(s);
    return rc;
}

int learn_days_sort(const struct tariff *t, const struct evidence_list *l, struct learn_days *out)
{
    struct learn_days d = {.usual = shortest_period(t),
                           .room = (unsigned)((2 * t->clock_tolerance_ms + t->switching_lag_ms) / MINUTE_MS)};
    d.shortest = d.usual;
    int rc = find_days(&d, t, l);
    if (rc == RC_OK)
        rc = group_days(&d, t, l);
    if (rc == RC_OK)
        *out = d;
    else
        learn_days_done(&d);
    return rc;
}

void learn_days_done(struct learn_days *d)
{
    free(d->day);
    free(d->group);
    *d = (struct learn_days){0};
}
