/* Explanations that begin a season (a zone of the year) on another day, or give it another day table. */
#include "core/text.h"
#include "tariff/calendar.h"
#include "tariff/diagnosis_search.h"

#define MOVED_DAYS 62

struct season {
    size_t set, index;
};

static const struct tariff_zone *zone_of(const struct diagnosis_search *s, const struct season *z)
{
    return &s->tariff->zones[z->set].zone[z->index];
}

/* The date `off` days from the configured start, in any year without 02-29; false: in another year. */
static bool moved_to(const struct tariff_zone *z, int64_t off, struct tariff_zone *out)
{
    int64_t year;
    unsigned month, day;
    text_civil_from_days(text_days_from_civil(2001, z->month, z->day) + off, &year, &month, &day);
    *out = (struct tariff_zone){(uint8_t)month, (uint8_t)day, z->table};
    return year == 2001;
}

static bool fits_at(const struct diagnosis_search *s, const struct season *z, int64_t off)
{
    struct tariff t = *s->tariff;
    return moved_to(zone_of(s, z), off, &t.zones[z->set].zone[z->index]) && diagnosis_try(s, &t);
}

static struct diagnosis_date date_of(const struct tariff_zone *z, int64_t off)
{
    struct tariff_zone moved;
    moved_to(z, off, &moved);
    return diagnosis_month_day(moved.month, moved.day);
}

/* The day since 1970 of a season's start that is nearest to the forbidden movements, moved by `off`. */
static int64_t start_near(const struct diagnosis_search *s, const struct tariff_zone *z, int64_t off)
{
    int64_t around = calendar_day_of(calendar_local_ms(s->tariff, s->from_utc_ms)), year;
    unsigned month, day;
    text_civil_from_days(around, &year, &month, &day);
    int64_t best = text_days_from_civil(year, z->month, z->day);
    for (int64_t y = year - 1; y <= year + 1; y++) {
        int64_t at = text_days_from_civil(y, z->month, z->day);
        int64_t apart = at < around ? around - at : at - around;
        best = apart < (best < around ? around - best : best - around) ? at : best;
    }
    return best + off;
}

static int64_t day_of_piece(const struct diagnosis_search *s, size_t i)
{
    return calendar_day_of(calendar_local_ms(s->tariff, s->test.evidence->piece[i].lo_utc_ms));
}

/* `near` and `far`: the nearest and the furthest day, from the configured one, that fit. */
static void say(struct diagnosis_search *s, const struct season *z, int64_t near, int64_t far)
{
    const struct tariff_zone *own = zone_of(s, z);
    struct diagnosis_date should = diagnosis_month_day(own->month, own->day);
    int64_t first = day_of_piece(s, 0), last = day_of_piece(s, s->test.evidence->n - 1);
    if (near > 0 && start_near(s, own, near) >= last)
        diagnosis_add(s->out, DIAG_ZONE_EDGE, s->rules, s->from_utc_ms, s->to_utc_ms,
                      "The season that starts on %s (day %u) had not started in the meter by %s.",
                      should.text, own->table, diagnosis_day(last).text);
    else if (near < 0 && start_near(s, own, near) <= first)
        diagnosis_add(s->out, DIAG_ZONE_EDGE, s->rules, s->from_utc_ms, s->to_utc_ms,
                      "The season that starts on %s (day %u) was already in force in the meter on %s.",
                      should.text, own->table, diagnosis_day(first).text);
    else if (near != far)
        diagnosis_add(s->out, DIAG_ZONE_EDGE, s->rules, s->from_utc_ms, s->to_utc_ms,
                      "The season that should start on %s (day %u) starts between %s and %s in the meter.",
                      should.text, own->table, date_of(own, near < far ? near : far).text,
                      date_of(own, near < far ? far : near).text);
    else
        diagnosis_add(s->out, DIAG_ZONE_EDGE, s->rules, s->from_utc_ms, s->to_utc_ms,
                      "The season that should start on %s (day %u) starts on %s in the meter.", should.text,
                      own->table, date_of(own, near).text);
}

static bool try_edge(struct diagnosis_search *s, const struct season *z)
{
    for (int64_t off = 1; off <= MOVED_DAYS; off++) {
        for (int sign = -1; sign <= 1; sign += 2) {
            if (!fits_at(s, z, sign * off))
                continue;
            int64_t far = sign * off;
            for (int64_t more = off + 1; more <= MOVED_DAYS && fits_at(s, z, sign * more); more++)
                far = sign * more;
            say(s, z, sign * off, far);
            return true;
        }
    }
    return false;
}

static bool try_table(struct diagnosis_search *s, const struct season *z)
{
    for (uint8_t n = 1; n <= TARIFF_TABLES; n++) {
        struct tariff t = *s->tariff;
        const struct tariff_zone *own = zone_of(s, z);
        t.zones[z->set].zone[z->index].table = n;
        if (n == own->table || (t.tables[0][n - 1].n == 0 && t.tables[1][n - 1].n == 0) ||
            !diagnosis_try(s, &t))
            continue;
        diagnosis_add(s->out, DIAG_ZONE_EDGE, s->rules, s->from_utc_ms, s->to_utc_ms,
                      "In the season that starts on %s the meter runs day %u instead of day %u.",
                      diagnosis_month_day(own->month, own->day).text, n, own->table);
        return true;
    }
    return false;
}

static bool first_that_fits(struct diagnosis_search *s,
                            bool (*try_at)(struct diagnosis_search *, const struct season *))
{
    for (struct season z = {0, 0}; z.set < 2; z.set++)
        for (z.index = 0; z.index < s->tariff->zones[z.set].n; z.index++)
            if (try_at(s, &z))
                return true;
    return false;
}

void diagnosis_zones(struct diagnosis_search *s)
{
    if (!first_that_fits(s, try_edge))
        first_that_fits(s, try_table);
}
