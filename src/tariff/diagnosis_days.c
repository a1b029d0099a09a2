/* Explanations that give weekdays or single days another day table. */
#include <string.h>

#include "core/text.h"
#include "tariff/calendar.h"
#include "tariff/diagnosis_search.h"

#define SPECIAL_DAYS 4 /* more single days than these are no mistake in a list of holidays */

static bool given(const struct tariff *t, unsigned table)
{
    return t->tables[0][table - 1].n > 0 || t->tables[1][table - 1].n > 0;
}

static void names_of(uint8_t mask, char out[40])
{
    static const char *const days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    size_t len = 0;
    out[0] = 0;
    for (unsigned i = 1; i <= 7; i++) /* from Monday on */
        if ((mask >> i % 7 & 1u) != 0) {
            text_format(out + len, 40 - len, "%s%s", len > 0 ? ", " : "", days[i % 7]);
            len = strlen(out);
        }
}

static void say_rest(struct diagnosis_search *s, const char *text)
{
    diagnosis_add(s->out, DIAG_REST_DAYS, s->rules, s->from_utc_ms, s->to_utc_ms, "%s", text);
}

static bool try_rest_table(struct diagnosis_search *s)
{
    for (uint8_t n = 1; n <= TARIFF_TABLES; n++) {
        struct tariff t = *s->tariff;
        char names[40];
        t.rest_table = n;
        if (n == s->tariff->rest_table || !given(&t, n) || !diagnosis_try(s, &t))
            continue;
        names_of(t.rest_mask, names);
        diagnosis_add(s->out, DIAG_REST_DAYS, s->rules, s->from_utc_ms, s->to_utc_ms,
                      "On rest days (%s) the meter runs day %u instead of day %u.", names, n,
                      s->tariff->rest_table);
        return true;
    }
    return false;
}

void diagnosis_rest_days(struct diagnosis_search *s)
{
    struct tariff t = *s->tariff;
    char names[40], own[40];
    if (t.rest_table == 0)
        return;
    t.rest_mask = (uint8_t)(~s->tariff->rest_mask & 0x7f);
    if (diagnosis_try(s, &t)) {
        say_rest(s, "The weekend is set the wrong way round: rest days count as work days and work days as "
                    "rest days.");
        return;
    }
    t.rest_mask = 0;
    if (diagnosis_try(s, &t)) {
        say_rest(s, "The meter ignores the weekly rest days.");
        return;
    }
    if (try_rest_table(s))
        return;
    for (unsigned mask = 1; mask < 128; mask++) {
        t.rest_mask = (uint8_t)mask;
        if (mask == s->tariff->rest_mask || !diagnosis_try(s, &t))
            continue;
        names_of((uint8_t)mask, names);
        names_of(s->tariff->rest_mask, own);
        diagnosis_add(s->out, DIAG_REST_DAYS, s->rules, s->from_utc_ms, s->to_utc_ms,
                      "The meter rests on %s instead of %s.", names, own);
        return;
    }
}

static struct diagnosis_date date_of(const struct tariff_holiday *h)
{
    return h->year == 0 ? diagnosis_month_day(h->month, h->day)
                        : diagnosis_day(text_days_from_civil(h->year, h->month, h->day));
}

void diagnosis_holidays(struct diagnosis_search *s)
{
    struct tariff t = *s->tariff;
    if (t.n_holidays == 0)
        return;
    struct tariff_holiday kept[TARIFF_HOLIDAYS];
    for (uint16_t left_out = 0; left_out < s->tariff->n_holidays && left_out < TARIFF_HOLIDAYS; left_out++) {
        uint16_t n = 0;
        for (uint16_t i = 0; i < s->tariff->n_holidays && i < TARIFF_HOLIDAYS; i++)
            if (i != left_out)
                kept[n++] = s->tariff->holidays[i];
        t.holidays = kept;
        t.n_holidays = n;
        if (!diagnosis_try(s, &t))
            continue;
        diagnosis_add(s->out, DIAG_HOLIDAY, s->rules, s->from_utc_ms, s->to_utc_ms,
                      "The meter does not know the holiday of %s.",
                      date_of(&s->tariff->holidays[left_out]).text);
        return;
    }
    t.n_holidays = 0;
    if (diagnosis_try(s, &t))
        diagnosis_add(s->out, DIAG_HOLIDAY, s->rules, s->from_utc_ms, s->to_utc_ms,
                      "The meter knows none of the holidays.");
}

/* The days with forbidden movements that lie wholly within them whatever the clock; 0: too many, or none. */
static size_t suspect_days(const struct diagnosis_search *s, int64_t day[SPECIAL_DAYS])
{
    const struct evidence_list *l = s->test.evidence;
    const struct tariff *t = s->tariff;
    size_t n = 0;
    for (size_t i = 0; i < l->n; i++) {
        int64_t lo = calendar_local_ms(t, l->piece[i].lo_utc_ms), hi = lo + l->piece[i].length_ms;
        int64_t here = calendar_day_of(lo - t->clock_tolerance_ms - t->switching_lag_ms);
        if (l->piece[i].forbidden == 0 || calendar_day_of(hi + t->clock_tolerance_ms) != here ||
            (n > 0 && day[n - 1] == here))
            continue;
        if (n == SPECIAL_DAYS)
            return 0;
        day[n++] = here;
    }
    return n;
}

/* All of these days run table `number`, before anything else of the calendar. */
static bool run_on(const struct diagnosis_search *s, const int64_t *day, size_t n, uint8_t number)
{
    struct tariff_holiday list[SPECIAL_DAYS + TARIFF_HOLIDAYS];
    struct tariff t = *s->tariff;
    for (size_t i = 0; i < n; i++) {
        int64_t year;
        unsigned month, mday;
        text_civil_from_days(day[i], &year, &month, &mday);
        list[i] = (struct tariff_holiday){(int16_t)year, (uint8_t)month, (uint8_t)mday, number};
    }
    uint16_t others = t.n_holidays < TARIFF_HOLIDAYS ? t.n_holidays : TARIFF_HOLIDAYS;
    if (others > 0)
        memcpy(list + n, t.holidays, others * sizeof *list);
    t.holidays = list;
    t.n_holidays = (uint16_t)(others + n);
    return diagnosis_try(s, &t);
}

/* The meter has the holiday of one day on another. */
static bool moved_to(const struct diagnosis_search *s, int64_t from, int64_t to)
{
    struct tariff_holiday list[TARIFF_HOLIDAYS];
    struct tariff t = *s->tariff;
    int64_t year[2];
    unsigned month[2], day[2];
    bool any = false;
    text_civil_from_days(from, &year[0], &month[0], &day[0]);
    text_civil_from_days(to, &year[1], &month[1], &day[1]);
    for (size_t i = 0; i < t.n_holidays && i < TARIFF_HOLIDAYS; i++) {
        list[i] = t.holidays[i];
        if (list[i].month != month[0] || list[i].day != day[0] ||
            (list[i].year != 0 && list[i].year != year[0]))
            continue;
        list[i].month = (uint8_t)month[1];
        list[i].day = (uint8_t)day[1];
        any = true;
    }
    t.holidays = list;
    return any && diagnosis_try(s, &t);
}

static bool try_moved(struct diagnosis_search *s, const int64_t day[2])
{
    for (size_t i = 0; i < 2; i++) {
        if (!moved_to(s, day[i], day[1 - i]))
            continue;
        diagnosis_add(s->out, DIAG_HOLIDAY, s->rules, s->from_utc_ms, s->to_utc_ms,
                      "The meter has the holiday of %s on %s.", diagnosis_day(day[i]).text,
                      diagnosis_day(day[1 - i]).text);
        return true;
    }
    return false;
}

static void say_days(struct diagnosis_search *s, const int64_t *day, size_t n, uint8_t number)
{
    static const char *const weekdays[] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                           "Thursday", "Friday", "Saturday"};
    struct calendar_day_type type;
    struct text_buf dates = {0};
    calendar_day_type_at(s->tariff, day[0] * CALENDAR_DAY_MS, &type);
    for (size_t i = 0; i < n; i++)
        text_buf_addf(&dates, "%s%s", i == 0 ? "" : i + 1 < n ? ", " : " and ", diagnosis_day(day[i]).text);
    const char *which = dates.data != NULL ? dates.data : "some days";
    if (type.source == CALENDAR_HOLIDAY)
        diagnosis_add(s->out, DIAG_HOLIDAY, s->rules, s->from_utc_ms, s->to_utc_ms,
                      "On the holiday%s of %s the meter runs day %u instead of day %u.", n == 1 ? "" : "s",
                      which, number, type.table);
    else if (type.source == CALENDAR_REST_DAY && n == 1)
        diagnosis_add(s->out, DIAG_HOLIDAY, s->rules, s->from_utc_ms, s->to_utc_ms,
                      "The meter runs day %u instead of day %u on %s, %s: its list of holidays has an entry "
                      "too many.",
                      number, type.table, weekdays[(day[0] % 7 + 11) % 7], which);
    else
        diagnosis_add(s->out, DIAG_HOLIDAY, s->rules, s->from_utc_ms, s->to_utc_ms,
                      "The meter takes %s for %s and runs day %u instead of day %u.", which,
                      n == 1 ? "a holiday" : "holidays", number, type.table);
    text_buf_done(&dates);
}

void diagnosis_special_days(struct diagnosis_search *s)
{
    int64_t day[SPECIAL_DAYS];
    size_t n = suspect_days(s, day);
    uint8_t preferred[TARIFF_TABLES + 1] = {s->tariff->rest_table};
    for (uint8_t i = 0; i < TARIFF_TABLES; i++)
        preferred[i + 1] = (uint8_t)(i + 1);
    for (size_t i = 0; i < s->out->n; i++) /* one unknown holiday, or all: said already */
        if (s->out->item[i].code == DIAG_HOLIDAY)
            return;
    if (n == 2 && try_moved(s, day))
        return;
    for (size_t i = 0; i < TARIFF_TABLES + 1 && n > 0; i++) {
        uint8_t number = preferred[i];
        if (number == 0 || !given(s->tariff, number) || !run_on(s, day, n, number))
            continue;
        say_days(s, day, n, number);
        return;
    }
}
