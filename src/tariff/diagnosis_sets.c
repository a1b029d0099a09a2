/* Explanations that change when set 2 takes over: already, never, or at another time. */
#include "core/text.h"
#include "tariff/calendar.h"
#include "tariff/diagnosis_search.h"

#define MINUTE_MS 60000
#define ABOUT_MIN 180 /* a longer span is told as such */

struct takeover {
    bool zones, tables; /* which of them it moves */
    const char *what;
};

static const struct takeover takeovers[] = {{false, true, "the day tables of set 2"},
                                            {true, false, "the zones of set 2"},
                                            {true, true, "zones and day tables of set 2"}};

static bool fits_at(const struct diagnosis_search *s, const struct takeover *k, int64_t local_s)
{
    struct tariff t = *s->tariff;
    if (k->zones)
        t.switch_zones_local_s = local_s;
    if (k->tables)
        t.switch_tables_local_s = local_s;
    return diagnosis_try(s, &t);
}

static bool minute_fits(const struct diagnosis_search *s, const struct takeover *k, int64_t minute)
{
    return fits_at(s, k, minute * 60);
}

/* As far from `from` by `sign` as it fits without a hole, at most `most` minutes. */
static int64_t reach(const struct diagnosis_search *s, const struct takeover *k, int64_t from, int sign,
                     int64_t most)
{
    int64_t good = 0, bad = most + 1;
    for (int64_t step = 1; good + step < bad; step *= 2) {
        if (minute_fits(s, k, from + sign * (good + step)))
            good += step;
        else
            bad = good + step;
    }
    while (bad - good > 1) {
        int64_t middle = good + (bad - good) / 2;
        if (minute_fits(s, k, from + sign * middle))
            good = middle;
        else
            bad = middle;
    }
    return from + sign * good;
}

/* People program round times: a midnight, noon, a full hour, five minutes; else the middle. */
static int64_t roundest(int64_t first, int64_t last)
{
    static const int64_t steps[] = {1440, 720, 60, 30, 5};
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        int64_t at = first / steps[i] * steps[i];
        at = at < first ? at + steps[i] : at;
        if (at <= last)
            return at;
    }
    return (first + last) / 2;
}

static void say(struct diagnosis_search *s, const struct takeover *k, int64_t first, int64_t last)
{
    int64_t own = (k->tables ? s->tariff->switch_tables_local_s : s->tariff->switch_zones_local_s);
    int64_t at = roundest(first, last) * MINUTE_MS;
    char when[100];
    if (last - first > ABOUT_MIN) /* nothing in between tells */
        text_format(when, sizeof when, "between %s and %s", diagnosis_instant(first * MINUTE_MS).text,
                    diagnosis_instant(last * MINUTE_MS).text);
    else
        text_format(when, sizeof when, "at about %s", diagnosis_instant(at).text);
    int64_t off = own == TARIFF_NO_SWITCH ? 0 : at - own * 1000;
    if (own == TARIFF_NO_SWITCH)
        diagnosis_add(s->out, DIAG_OTHER_SET, s->rules, s->from_utc_ms, s->to_utc_ms,
                      "The meter took over %s %s, though none is to take over.", k->what, when);
    else if (last - first > ABOUT_MIN)
        diagnosis_add(s->out, DIAG_OTHER_SET, s->rules, s->from_utc_ms, s->to_utc_ms,
                      "The meter took over %s %s; it should have been on %s.", k->what, when,
                      diagnosis_instant(own * 1000).text);
    else
        diagnosis_add(s->out, DIAG_OTHER_SET, s->rules, s->from_utc_ms, s->to_utc_ms,
                      "The meter took over %s %s instead of %s: %s too %s.", k->what, when,
                      diagnosis_instant(own * 1000).text, diagnosis_duration(off < 0 ? -off : off).text,
                      off < 0 ? "early" : "late");
}

/* Where it took over late, what set 1 alone explains ends with the last forbidden movement: right after it
 * set 2 may begin. Where early, right before the first. */
static bool try_other_time(struct diagnosis_search *s, const struct takeover *k)
{
    const struct tariff *t = s->tariff;
    int64_t own = k->tables ? t->switch_tables_local_s : t->switch_zones_local_s;
    int64_t first = calendar_local_ms(t, s->first_hi_utc_ms), last = calendar_local_ms(t, s->last_lo_utc_ms);
    if (k->zones && k->tables && t->switch_tables_local_s != t->switch_zones_local_s)
        return false;
    bool late = own != TARIFF_NO_SWITCH && first >= own * 1000 - t->clock_tolerance_ms;
    bool early = own == TARIFF_NO_SWITCH || last <= own * 1000 + t->clock_tolerance_ms;
    int64_t at = late ? (last + MINUTE_MS - 1) / MINUTE_MS : first / MINUTE_MS;
    if (late == early || !minute_fits(s, k, at))
        return false;
    int64_t end =
        calendar_local_ms(t, s->test.evidence->piece[s->test.evidence->n - 1].lo_utc_ms) / MINUTE_MS;
    int64_t begin = calendar_local_ms(t, s->test.evidence->piece[0].lo_utc_ms) / MINUTE_MS;
    say(s, k, reach(s, k, at, -1, at > begin ? at - begin : 0), reach(s, k, at, 1, end > at ? end - at : 0));
    return true;
}

static bool try_always_or_never(struct diagnosis_search *s, const struct takeover *k)
{
    static const int64_t always = INT64_MIN / 4000;
    int64_t own = k->tables ? s->tariff->switch_tables_local_s : s->tariff->switch_zones_local_s;
    bool already = own > always && fits_at(s, k, always);
    if (!already && !fits_at(s, k, TARIFF_NO_SWITCH))
        return false;
    if (already && own == TARIFF_NO_SWITCH)
        diagnosis_add(s->out, DIAG_OTHER_SET, s->rules, s->from_utc_ms, s->to_utc_ms,
                      "The meter already runs %s, though none is to take over.", k->what);
    else
        diagnosis_add(s->out, DIAG_OTHER_SET, s->rules, s->from_utc_ms, s->to_utc_ms,
                      already ? "The meter already runs %s, which should take over on %s only."
                              : "The meter has not taken over %s, which should be in force since %s.",
                      k->what, diagnosis_instant(own * 1000).text);
    return true;
}

void diagnosis_sets(struct diagnosis_search *s)
{
    bool zones = s->tariff->zones[1].n > 0, tables = false;
    for (size_t i = 0; i < TARIFF_TABLES; i++)
        tables |= s->tariff->tables[1][i].n > 0;
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < sizeof takeovers / sizeof takeovers[0]; i++) {
            const struct takeover *k = &takeovers[i];
            if ((k->zones && !zones) || (k->tables && !tables))
                continue;
            if (pass == 0 ? try_always_or_never(s, k) : try_other_time(s, k))
                return;
        }
    }
}
