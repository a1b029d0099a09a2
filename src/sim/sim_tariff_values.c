#include "sim/sim_tariff_parse.h"

#include <string.h>

#include "core/rc.h"
#include "core/text.h"

/* Cuts the next word (up to a blank) off the text; NULL when there is none. */
static char *next_word(char **text)
{
    char *word = *text + strspn(*text, " \t");
    if (*word == '\0')
        return NULL;
    char *end = word + strcspn(word, " \t");
    *text = *end == '\0' ? end : end + 1;
    *end = '\0';
    return word;
}

static char *next_item(char **text)
{
    if (*text == NULL)
        return NULL;
    char *item = *text, *comma = strchr(item, ',');
    *text = comma == NULL ? NULL : comma + 1;
    if (comma != NULL)
        *comma = '\0';
    return item;
}

/* "NN<sep>NN": two two-digit numbers, as in 06:30 and 12-01. */
static bool pair(const char *s, char sep, unsigned *a, unsigned *b)
{
    for (int i = 0; i < 5; i++)
        if (i == 2 ? s[i] != sep : s[i] < '0' || s[i] > '9')
            return false;
    *a = (unsigned)(s[0] - '0') * 10 + (unsigned)(s[1] - '0');
    *b = (unsigned)(s[3] - '0') * 10 + (unsigned)(s[4] - '0');
    return s[5] == '\0';
}

static bool table_number(const char *s, uint8_t *out)
{
    uint16_t n;
    if (s == NULL || text_to_u16(s, 1, SIM_TABLES, &n) != RC_OK)
        return false;
    *out = (uint8_t)n;
    return true;
}

static bool rate_name(const char *s, uint8_t *out)
{
    static const char *const name[SIM_RATES] = {"sharp", "peak", "flat", "valley"};
    for (uint8_t i = 0; i < SIM_RATES; i++) {
        if (strcmp(s, name[i]) == 0) {
            *out = i;
            return true;
        }
    }
    return false;
}

static void read_day(struct sim_tariff_parse *p, unsigned set, const char *number, char *value)
{
    uint8_t table;
    if (!table_number(number, &table)) {
        sim_tariff_complain(p, "day tables are 1 to %d", SIM_TABLES);
        return;
    }
    struct sim_day *d = &p->t.table[set][table - 1];
    int last = -1;
    for (char *item; (item = next_item(&value)) != NULL;) {
        char *start = next_word(&item), *rate = next_word(&item);
        unsigned hour, minute;
        uint16_t n;
        uint8_t r;
        if (start == NULL || rate == NULL || next_word(&item) != NULL || !pair(start, ':', &hour, &minute) ||
            hour > 23 || minute > 59) {
            sim_tariff_complain(p, "expected \"HH:MM RATE\" with a time from 00:00 to 23:59");
            return;
        }
        if (text_to_u16(rate, 1, SIM_RATES, &n) == RC_OK) {
            r = (uint8_t)(SIM_RATE_NUMBERED + n);
        } else if (!rate_name(rate, &r)) {
            sim_tariff_complain(p, "no rate is called \"%s\"", rate);
            return;
        }
        int at = (int)(hour * 60 + minute);
        if (at <= last || d->n == SIM_PERIODS) {
            sim_tariff_complain(
                p, at <= last ? "%s does not come after the start before it" : "%s is period 15 of 14",
                start);
            return;
        }
        d->period[d->n++] = (struct sim_period){(uint16_t)at, r};
        last = at;
    }
}

static void read_zones(struct sim_tariff_parse *p, unsigned set, char *value)
{
    struct sim_zone_set *z = &p->t.zones[set];
    unsigned last = 0;
    z->n = 0;
    for (char *item; (item = next_item(&value)) != NULL;) {
        char *start = next_word(&item), *word = next_word(&item), *number = next_word(&item);
        unsigned month, day;
        uint8_t table;
        if (start == NULL || word == NULL || strcmp(word, "day") != 0 || !table_number(number, &table) ||
            next_word(&item) != NULL || !pair(start, '-', &month, &day) ||
            !text_valid_date(2001, month, day)) {
            sim_tariff_complain(p, "expected \"MM-DD day N\"");
            return;
        }
        if (month * 100 + day <= last || z->n == SIM_ZONES) {
            sim_tariff_complain(p,
                                month * 100 + day <= last ? "%s does not come after the start before it"
                                                          : "%s is zone 15 of 14",
                                start);
            return;
        }
        z->zone[z->n++] = (struct sim_zone){(uint8_t)month, (uint8_t)day, table};
        last = month * 100 + day;
    }
}

static void read_holidays(struct sim_tariff_parse *p, char *value)
{
    for (char *item; (item = next_item(&value)) != NULL;) {
        char *date = next_word(&item), *word = next_word(&item), *number = next_word(&item);
        unsigned month, day;
        int64_t days, year = 0;
        uint8_t table;
        bool good = date != NULL && word != NULL && strcmp(word, "day") == 0 &&
                    table_number(number, &table) && next_word(&item) == NULL;
        if (good && date[0] == '*') {
            good = date[1] == '-' && pair(date + 2, '-', &month, &day) && text_valid_date(2000, month, day);
        } else if (good) {
            good = text_to_date(date, &days) == RC_OK;
            if (good)
                text_civil_from_days(days, &year, &month, &day);
        }
        if (!good || p->t.n_holidays == SIM_HOLIDAYS) {
            sim_tariff_complain(p, good ? "more than 254 holidays"
                                        : "expected \"YYYY-MM-DD day N\" or \"*-MM-DD day N\"");
            return;
        }
        p->t.holiday[p->t.n_holidays++] =
            (struct sim_holiday){(int16_t)year, (uint8_t)month, (uint8_t)day, table};
    }
}

static void read_rest_days(struct sim_tariff_parse *p, char *value)
{
    static const char *const name[7] = {"sun", "mon", "tue", "wed", "thu", "fri", "sat"};
    for (char *item; (item = next_item(&value)) != NULL;) {
        char *day = next_word(&item);
        unsigned i = 0;
        while (day != NULL && i < 7 && strcmp(day, name[i]) != 0)
            i++;
        if (day == NULL || i == 7) {
            sim_tariff_complain(p, "expected days of sun mon tue wed thu fri sat");
            return;
        }
        p->t.rest_mask = (uint8_t)(p->t.rest_mask | 1u << i);
    }
}

static void read_settlement(struct sim_tariff_parse *p, char *value)
{
    p->t.n_settlements = 0;
    for (char *item; (item = next_item(&value)) != NULL;) {
        char *day = next_word(&item), *time = next_word(&item);
        uint16_t d;
        unsigned hour, minute;
        if (day == NULL || text_to_u16(day, 1, 28, &d) != RC_OK || time == NULL ||
            !pair(time, ':', &hour, &minute) || hour > 23 || minute != 0 || next_word(&item) != NULL ||
            p->t.n_settlements == SIM_SETTLEMENTS) {
            sim_tariff_complain(p, "expected up to three of \"DAY HH:00\", day 1 to 28");
            return;
        }
        p->t.settlement[p->t.n_settlements++] = (struct sim_settlement){(uint8_t)d, (uint8_t)hour};
    }
}

static void read_rates(struct sim_tariff_parse *p, char *value)
{
    unsigned n = 0;
    for (char *item; (item = next_item(&value)) != NULL; n++) {
        char *word = next_word(&item);
        if (word == NULL || n == SIM_RATES || !rate_name(word, &p->rate_of_number[n])) {
            sim_tariff_complain(p, "expected up to four of sharp, peak, flat, valley");
            return;
        }
    }
}

static void read_offset(struct sim_tariff_parse *p, const char *value)
{
    unsigned hour, minute;
    if ((value[0] != '+' && value[0] != '-') || !pair(value + 1, ':', &hour, &minute) || hour > 14 ||
        minute > 59) {
        sim_tariff_complain(p, "expected ±HH:MM");
        return;
    }
    p->t.utc_offset_s = (int32_t)(hour * 3600 + minute * 60) * (value[0] == '-' ? -1 : 1);
}

/* A moment of the meter's own time: read as if it were UTC, because local seconds count like that. */
static void read_switch(struct sim_tariff_parse *p, const char *value, int64_t *out)
{
    char iso[64];
    int64_t ms;
    if (!text_format(iso, sizeof iso, "%sZ", value) || text_to_utc_ms(iso, &ms) != RC_OK)
        sim_tariff_complain(p, "expected \"YYYY-MM-DD HH:MM\"");
    else
        *out = ms / 1000;
}

void sim_tariff_read_key(struct sim_tariff_parse *p, const char *key, char *value)
{
    static const char *const known[] = {"utc_offset",   "zones",       "zones.2",    "rest_days",
                                        "rest_table",   "holidays",    "settlement", "rates",
                                        "switch_zones", "switch_days", "wrap"};
    static const char *const daemons[] = {"clock_tolerance", "switching_lag", "register_lag", "clock_drift"};
    struct sim_tariff *t = &p->t;
    if (strncmp(key, "day ", 4) == 0)
        read_day(p, 0, key + 4, value);
    else if (strncmp(key, "day.2 ", 6) == 0)
        read_day(p, 1, key + 6, value);
    else if (strcmp(key, "zones") == 0)
        read_zones(p, 0, value);
    else if (strcmp(key, "zones.2") == 0)
        read_zones(p, 1, value);
    else if (strcmp(key, "holidays") == 0 || strncmp(key, "holidays.", 9) == 0)
        read_holidays(p, value);
    else if (strcmp(key, "rest_days") == 0)
        read_rest_days(p, value);
    else if (strcmp(key, "rest_table") == 0) {
        if (!table_number(value, &t->rest_table))
            sim_tariff_complain(p, "day tables are 1 to %d", SIM_TABLES);
    } else if (strcmp(key, "settlement") == 0)
        read_settlement(p, value);
    else if (strcmp(key, "rates") == 0)
        read_rates(p, value);
    else if (strcmp(key, "utc_offset") == 0)
        read_offset(p, value);
    else if (strcmp(key, "switch_zones") == 0)
        read_switch(p, value, &t->switch_zones_s);
    else if (strcmp(key, "switch_days") == 0)
        read_switch(p, value, &t->switch_days_s);
    else if (strcmp(key, "wrap") == 0) {
        t->wrap_previous = strcmp(value, "previous_day") == 0;
        if (!t->wrap_previous && strcmp(value, "same_day") != 0)
            sim_tariff_complain(p, "expected same_day or previous_day");
    } else {
        for (size_t i = 0; i < sizeof daemons / sizeof daemons[0]; i++)
            if (strcmp(key, daemons[i]) == 0)
                return; /* what the daemon assumes about a meter moves no meter */
        const char *near = text_nearest(key, known, sizeof known / sizeof known[0]);
        sim_tariff_complain(p, near == NULL ? "unknown key" : "unknown key (did you mean \"%s\"?)", near);
    }
}
