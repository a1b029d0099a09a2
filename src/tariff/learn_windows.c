#include "tariff/learn_windows.h"

#include <string.h>

#define BEAM 16 /* tables followed at a time; the windows of real days leave one or two */

void learn_windows_init(struct learn_windows *w)
{
    for (unsigned r = 0; r < RATE_COUNT; r++)
        for (unsigned m = 0; m < LEARN_DAY; m++)
            w->end[r][m] = LEARN_DAY;
}

void learn_windows_add(struct learn_windows *w, unsigned rates, unsigned first, unsigned last)
{
    for (unsigned r = 0; r < RATE_COUNT; r++)
        if ((rates >> r & 1u) != 0 && last < w->end[r][first])
            w->end[r][first] = (uint16_t)last;
}

bool learn_windows_hold(const struct learn_windows *w, const uint8_t day[LEARN_DAY])
{
    for (unsigned r = 0; r < RATE_COUNT; r++) {
        unsigned next = LEARN_DAY; /* the next minute of this rate */
        for (unsigned m = LEARN_DAY; m-- > 0;) {
            next = day[m] == r ? m : next;
            if (w->end[r][m] < LEARN_DAY && w->end[r][m] < next)
                return false;
        }
    }
    return true;
}

/* The windows seen from one side; from the right, minute m is 1439 - m. */
struct side {
    /* Of the windows of a rate that begin at m or later, where the first to end does. */
    uint16_t deadline[RATE_COUNT][LEARN_DAY + 1];
};

static void look_from(struct side *s, const struct learn_windows *w, bool from_right)
{
    for (unsigned r = 0; r < RATE_COUNT; r++) {
        /* cppcheck-suppress uninitvar; filled here */
        uint16_t *d = s->deadline[r];
        for (unsigned m = 0; m <= LEARN_DAY; m++)
            d[m] = LEARN_DAY;
        for (unsigned m = 0; m < LEARN_DAY; m++) {
            unsigned end = w->end[r][m];
            if (end == LEARN_DAY)
                continue;
            unsigned begin = from_right ? LEARN_DAY - 1 - end : m;
            unsigned stop = from_right ? LEARN_DAY - 1 - m : end;
            d[begin] = stop < d[begin] ? (uint16_t)stop : d[begin];
        }
        for (unsigned m = LEARN_DAY; m-- > 0;)
            d[m] = d[m + 1] < d[m] ? d[m + 1] : d[m];
    }
}

/* A table begun: every run as long as it can be. */
struct path {
    uint8_t n;
    uint8_t rate[LEARN_RUNS];
    uint16_t begin[LEARN_RUNS];
    uint16_t done[RATE_COUNT]; /* windows of a rate that begin before are satisfied */
    uint16_t progress;         /* up to here nothing but the last run is asked for */
};

/* The latest minute at which a run of `rate` can follow: its own windows must still be met, and after it
 * there must be a minute for each of the others, one after another. LEARN_DAY: nothing asks for it. */
static unsigned latest_begin(const struct side *s, const struct path *p, unsigned rate)
{
    unsigned own = s->deadline[rate][p->done[rate]], others[RATE_COUNT], n = 0;
    if (own == LEARN_DAY)
        return LEARN_DAY;
    for (unsigned r = 0; r < RATE_COUNT; r++) {
        unsigned d = s->deadline[r][p->done[r]], at = n;
        if (r == rate || r == p->rate[p->n - 1] || d == LEARN_DAY)
            continue;
        for (; at > 0 && others[at - 1] > d; at--)
            others[at] = others[at - 1];
        others[at] = d;
        n++;
    }
    for (unsigned i = 0; i < n; i++)
        if (others[i] < own + i + 1)
            own = others[i] > i ? others[i] - i - 1 : 0;
    return own;
}

static void measure(const struct side *s, struct path *p)
{
    p->progress = LEARN_DAY;
    for (unsigned r = 0; r < RATE_COUNT; r++)
        if (r != p->rate[p->n - 1] && s->deadline[r][p->done[r]] < p->progress)
            p->progress = s->deadline[r][p->done[r]];
}

/* Into a list of at most BEAM, the furthest first. */
static unsigned keep(struct path list[BEAM], unsigned n, const struct path *p)
{
    unsigned at = n < BEAM ? n : BEAM - 1;
    if (n == BEAM && list[at].progress >= p->progress)
        return n;
    for (; at > 0 && list[at - 1].progress < p->progress; at--)
        list[at] = list[at - 1];
    list[at] = *p;
    return n < BEAM ? n + 1 : n;
}

static unsigned start(const struct side *s, struct path list[BEAM])
{
    unsigned n = 0;
    for (unsigned r = 0; r < RATE_COUNT; r++) {
        struct path p = {.n = 1, .rate = {(uint8_t)r}};
        if (s->deadline[r][0] == LEARN_DAY)
            continue;
        measure(s, &p);
        n = keep(list, n, &p);
    }
    return n;
}

/* The tables with one run more. */
static unsigned grow(const struct side *s, const struct path *list, unsigned n, struct path out[BEAM])
{
    unsigned made = 0;
    for (unsigned i = 0; i < n; i++) {
        uint8_t now = list[i].rate[list[i].n - 1];
        for (unsigned r = 0; r < RATE_COUNT; r++) {
            unsigned at = r == now ? LEARN_DAY : latest_begin(s, &list[i], r);
            if (at == LEARN_DAY || at <= list[i].begin[list[i].n - 1])
                continue;
            struct path p = list[i];
            p.done[now] = p.done[r] = p.begin[p.n] = (uint16_t)at;
            p.rate[p.n++] = (uint8_t)r;
            measure(s, &p);
            made = keep(out, made, &p);
        }
    }
    return made;
}

/* The tables of the fewest runs, seen from one side; 0: none, or too many runs. */
static unsigned simplest(const struct side *s, struct path out[BEAM])
{
    struct path list[BEAM] = {{0}};
    unsigned n = start(s, list);
    for (unsigned runs = 1; n > 0; runs++) {
        unsigned done = 0;
        while (done < n && list[done].progress == LEARN_DAY)
            done++;
        if (done > 0) {
            memcpy(out, list, done * sizeof *out);
            return done;
        }
        if (runs == LEARN_RUNS)
            return 0;
        n = grow(s, list, n, out);
        memcpy(list, out, n * sizeof *out);
    }
    return 0;
}

static bool mirrored(const struct path *a, const struct path *b)
{
    for (unsigned i = 0; i < a->n; i++)
        if (a->n != b->n || a->rate[i] != b->rate[b->n - 1 - i])
            return false;
    return true;
}

void learn_fit(const struct learn_windows *w, struct learn_runs *out)
{
    struct side s;
    struct path left[BEAM], right[BEAM];
    bool any = false;
    look_from(&s, w, false);
    for (unsigned r = 0; r < RATE_COUNT; r++)
        any |= s.deadline[r][0] < LEARN_DAY;
    unsigned n = simplest(&s, left);
    look_from(&s, w, true);
    unsigned m = simplest(&s, right), pairs = 0;
    *out = (struct learn_runs){.overflow = any};
    for (unsigned i = 0; i < n; i++) {
        for (unsigned k = 0; k < m; k++) {
            const struct path *a = &left[i], *b = &right[k];
            if (!mirrored(a, b) || pairs++ > 0)
                continue;
            out->n = a->n;
            out->overflow = false;
            for (unsigned j = 0; j < a->n; j++) /* from the right, the run before this one begins at n - j */
                out->run[j] = (struct learn_run){
                    a->rate[j], j > 0 ? (uint16_t)(LEARN_DAY - b->begin[a->n - j]) : 0, a->begin[j]};
        }
    }
    out->sure = pairs == 1;
}
