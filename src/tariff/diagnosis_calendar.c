/* Explanations that change which day gets which table, or which rate which register. */
#include "core/text.h"
#include "tariff/calendar.h"
#include "tariff/diagnosis_search.h"

static void found(struct diagnosis_search *s, enum diagnosis_code code, const char *text)
{
    diagnosis_add(s->out, code, s->rules, s->from_utc_ms, s->to_utc_ms, "%s", text);
}

static void permute(struct tariff *t, const uint8_t to[RATE_COUNT])
{
    for (size_t set = 0; set < 2; set++)
        for (size_t n = 0; n < TARIFF_TABLES; n++)
            for (size_t i = 0; i < t->tables[set][n].n; i++)
                t->tables[set][n].period[i].rate = to[t->tables[set][n].period[i].rate];
}

static void try_one_rate(struct diagnosis_search *s)
{
    unsigned moved = 0;
    for (size_t i = 0; i < s->test.evidence->n; i++)
        moved |= s->test.evidence->piece[i].rates;
    if (moved == 0 || (moved & (moved - 1)) != 0)
        return;
    diagnosis_add(
        s->out, DIAG_ONE_RATE_ONLY, s->rules, s->from_utc_ms, s->to_utc_ms,
        "All energy goes to the rate \"%s\": the meter's tariff tables are switched off or invalid.",
        rate_name((enum rate)__builtin_ctz(moved)));
}

static void try_swaps(struct diagnosis_search *s)
{
    for (unsigned a = 0; a < RATE_COUNT; a++) {
        for (unsigned b = a + 1; b < RATE_COUNT; b++) {
            uint8_t to[RATE_COUNT] = {0, 1, 2, 3};
            to[a] = (uint8_t)b;
            to[b] = (uint8_t)a;
            struct tariff t = *s->tariff;
            permute(&t, to);
            if (!diagnosis_try(s, &t))
                continue;
            diagnosis_add(s->out, DIAG_RATES_SWAPPED, s->rules, s->from_utc_ms, s->to_utc_ms,
                          "The rates \"%s\" and \"%s\" are swapped (rates %u and %u).",
                          rate_name((enum rate)a), rate_name((enum rate)b), a + 1u, b + 1u);
            return;
        }
    }
    for (unsigned code = 0; code < 256; code++) { /* more than two exchanged */
        uint8_t to[RATE_COUNT] = {code & 3, code >> 2 & 3, code >> 4 & 3, code >> 6 & 3};
        unsigned seen = 1u << to[0] | 1u << to[1] | 1u << to[2] | 1u << to[3], fixed = 0;
        for (unsigned i = 0; i < RATE_COUNT; i++)
            fixed += to[i] == i;
        if (seen != 15 || fixed > 1)
            continue;
        struct tariff t = *s->tariff;
        permute(&t, to);
        if (!diagnosis_try(s, &t))
            continue;
        diagnosis_add(s->out, DIAG_RATES_SWAPPED, s->rules, s->from_utc_ms, s->to_utc_ms,
                      "The rates are exchanged: sharp, peak, flat, valley count as %s, %s, %s, %s.",
                      rate_name((enum rate)to[0]), rate_name((enum rate)to[1]), rate_name((enum rate)to[2]),
                      rate_name((enum rate)to[3]));
        return;
    }
}

static void try_sets(struct diagnosis_search *s)
{
    bool zones = s->tariff->zones[1].n > 0, tables = false;
    for (size_t i = 0; i < TARIFF_TABLES; i++)
        tables |= s->tariff->tables[1][i].n > 0;
    static const int64_t always = INT64_MIN / 4000;
    const struct {
        int64_t zones, tables;
        const char *text;
    } rows[] = {
        {0, always, "The day tables of set 2 are already active."},
        {0, TARIFF_NO_SWITCH, "The day tables of set 2 were never made active."},
        {always, 0, "The zones of set 2 are already active."},
        {TARIFF_NO_SWITCH, 0, "The zones of set 2 were never made active."},
        {always, always, "Zones and day tables of set 2 are already active."},
        {TARIFF_NO_SWITCH, TARIFF_NO_SWITCH, "Zones and day tables of set 2 were never made active."},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct tariff t = *s->tariff;
        if ((rows[i].zones != 0 && !zones) || (rows[i].tables != 0 && !tables))
            continue;
        if (rows[i].zones != 0)
            t.switch_zones_local_s = rows[i].zones;
        if (rows[i].tables != 0)
            t.switch_tables_local_s = rows[i].tables;
        if (!diagnosis_try(s, &t))
            continue;
        found(s, DIAG_OTHER_SET, rows[i].text);
        return;
    }
}

static void say_rest_days(struct diagnosis_search *s, uint8_t mask)
{
    static const char *const days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    struct text_buf names = {0};
    for (unsigned d = 0; d < 7; d++)
        if ((mask >> d & 1u) != 0)
            text_buf_addf(&names, "%s%s", names.len > 0 ? ", " : "", days[d]);
    diagnosis_add(s->out, DIAG_REST_DAYS, s->rules, s->from_utc_ms, s->to_utc_ms,
                  "The meter has other rest days: %s.", names.data != NULL ? names.data : "none");
    text_buf_done(&names);
}

static void try_rest_days(struct diagnosis_search *s)
{
    struct tariff t = *s->tariff;
    if (t.rest_table == 0)
        return;
    t.rest_mask = (uint8_t)(~s->tariff->rest_mask & 0x7f);
    if (diagnosis_try(s, &t)) {
        found(s, DIAG_REST_DAYS,
              "The weekend mask is inverted: rest days count as work days and work days as rest days.");
        return;
    }
    t.rest_mask = 0;
    if (diagnosis_try(s, &t)) {
        found(s, DIAG_REST_DAYS, "The meter ignores the weekly rest days.");
        return;
    }
    for (unsigned mask = 1; mask < 128; mask++) {
        t.rest_mask = (uint8_t)mask;
        if (mask != s->tariff->rest_mask && diagnosis_try(s, &t)) {
            say_rest_days(s, (uint8_t)mask);
            return;
        }
    }
}

static void try_holidays(struct diagnosis_search *s)
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
        const struct tariff_holiday *h = &s->tariff->holidays[left_out];
        diagnosis_add(s->out, DIAG_HOLIDAY, s->rules, s->from_utc_ms, s->to_utc_ms,
                      "The meter does not know the holiday of %02u-%02u.", h->month, h->day);
        return;
    }
    t.n_holidays = 0;
    if (diagnosis_try(s, &t))
        found(s, DIAG_HOLIDAY, "The meter knows none of the holidays.");
}

static void try_wrap(struct diagnosis_search *s)
{
    struct tariff t = *s->tariff;
    t.wrap = t.wrap == WRAP_SAME_DAY ? WRAP_PREVIOUS_DAY : WRAP_SAME_DAY;
    if (diagnosis_try(s, &t))
        found(s, DIAG_WRAP_RULE,
              t.wrap == WRAP_PREVIOUS_DAY
                  ? "After midnight the meter keeps the rate of the day before (wrap = previous_day)."
                  : "After midnight the meter takes the last rate of the new day's table (wrap = same_day).");
}

/* The start of a zone moved to any other day between its neighbours. */
static void try_zone_edges(struct diagnosis_search *s)
{
    for (size_t set = 0; set < 2; set++) {
        for (size_t i = 0; i < s->tariff->zones[set].n; i++) {
            struct tariff t = *s->tariff;
            const struct tariff_zone *z = &s->tariff->zones[set].zone[i];
            int64_t start = text_days_from_civil(2001, z->month, z->day); /* any year without 02-29 */
            for (int64_t off = 1; off <= 62; off++) {
                for (int sign = -1; sign <= 1; sign += 2) {
                    int64_t year;
                    unsigned month, day;
                    text_civil_from_days(start + sign * off, &year, &month, &day);
                    t.zones[set].zone[i].month = (uint8_t)month;
                    t.zones[set].zone[i].day = (uint8_t)day;
                    if (year != 2001 || !diagnosis_try(s, &t))
                        continue;
                    diagnosis_add(s->out, DIAG_ZONE_EDGE, s->rules, s->from_utc_ms, s->to_utc_ms,
                                  "The zone that begins on %02u-%02u begins on %02u-%02u in the meter.",
                                  z->month, z->day, month, day);
                    return;
                }
            }
        }
    }
}

void diagnosis_calendar(struct diagnosis_search *s)
{
    try_one_rate(s);
    try_swaps(s);
    try_sets(s);
    try_rest_days(s);
    try_holidays(s);
    try_wrap(s);
    try_zone_edges(s);
}
