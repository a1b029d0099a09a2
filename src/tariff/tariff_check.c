#include "tariff/tariff_check.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "core/text.h"

#define DAY_MINUTES 1440

struct check {
    const struct tariff *t;
    tariff_fault_report *report;
    void *arg;
    unsigned errors;
    bool no_tables; /* said once, not again by all that refer to one */
};

static void fault(struct check *c, const char *key, int holiday, bool warning, const char *format, ...)
    __attribute__((format(printf, 5, 6)));
static void fault(struct check *c, const char *key, int holiday, bool warning, const char *format, ...)
{
    struct tariff_fault f = {.holiday = holiday, .warning = warning};
    va_list args;

    snprintf(f.key, sizeof f.key, "%s", key);
    va_start(args, format);
    vsnprintf(f.text, sizeof f.text, format, args);
    va_end(args);
    c->errors += warning ? 0 : 1;
    if (c->report != NULL)
        c->report(c->arg, &f);
}

static void check_table(struct check *c, const struct tariff_table *table, const char *key)
{
    for (unsigned i = 0; i < table->n; i++) {
        unsigned now = table->period[i].minute;
        if (now == DAY_MINUTES)
            fault(c, key, -1, false, "24:00 is no time of a day: what begins at midnight begins at 00:00");
        else if (now > DAY_MINUTES)
            fault(c, key, -1, false, "%02u:%02u is no time of a day", now / 60, now % 60);
        if (table->period[i].rate >= RATE_COUNT)
            fault(c, key, -1, false, "rate %u: there are %d", table->period[i].rate + 1u, RATE_COUNT);
        if (i == 0)
            continue;
        unsigned before = table->period[i - 1].minute;
        if (now == before)
            fault(c, key, -1, false, "%02u:%02u stands there twice", now / 60, now % 60);
        else if (now < before)
            fault(c, key, -1, false, "%02u:%02u comes after %02u:%02u: the starts must rise", now / 60,
                  now % 60, before / 60, before % 60);
        else if (table->period[i].rate == table->period[i - 1].rate)
            fault(c, key, -1, true, "at %02u:%02u nothing changes", now / 60, now % 60);
    }
}

/* Day tables that a reference may meet, by the sets that are ever in force together with it. */
static bool set_2_comes(int64_t switch_local_s)
{
    return switch_local_s != TARIFF_NO_SWITCH;
}

static bool has_tables(const struct tariff *t, unsigned set)
{
    for (unsigned i = 0; i < TARIFF_TABLES; i++)
        if (t->tables[set][i].n > 0)
            return true;
    return false;
}

static bool tables_2_come(const struct tariff *t)
{
    return set_2_comes(t->switch_tables_local_s) && has_tables(t, 1);
}

static void need_table(struct check *c, const char *key, int holiday, unsigned number, bool set_1, bool set_2)
{
    if (number < 1 || number > TARIFF_TABLES) {
        fault(c, key, holiday, false, "day %u: there are day 1 to day %d", number, TARIFF_TABLES);
        return;
    }
    if (c->no_tables)
        return;
    if (set_1 && c->t->tables[0][number - 1].n == 0)
        fault(c, key, holiday, false, "day %u is meant here, but there is no such day table", number);
    else if (set_2 && c->t->tables[1][number - 1].n == 0)
        fault(c, key, holiday, false,
              "day %u is meant here, but there is no day.2 %u, and switch_days makes the second set "
              "take over",
              number, number);
}

static void check_zones(struct check *c, unsigned set)
{
    const struct tariff *t = c->t;
    const struct tariff_zones *zones = &t->zones[set];
    const char *key = set == 0 ? "zones" : "zones.2";
    bool zones_2 = set_2_comes(t->switch_zones_local_s), tables_2 = tables_2_come(t);
    /* Zones 1 meet day set 2 when the days switch first, zones 2 meet day set 1 when the zones do. */
    bool set_1 = set == 0 || t->switch_zones_local_s < t->switch_tables_local_s;
    bool set_2 = tables_2 && (set == 1 ? zones_2 : t->switch_tables_local_s < t->switch_zones_local_s);

    for (unsigned i = 0; i < zones->n; i++) {
        const struct tariff_zone *z = &zones->zone[i];
        if (z->month == 2 && z->day == 29)
            fault(c, key, -1, false, "02-29 does not begin a zone: most years do not have it");
        else if (!text_valid_date(2001, z->month, z->day))
            fault(c, key, -1, false, "%02u-%02u is no day of a year", z->month, z->day);
        need_table(c, key, -1, z->table, set_1, set_2);
        if (i == 0)
            continue;
        const struct tariff_zone *before = &zones->zone[i - 1];
        if (z->month == before->month && z->day == before->day)
            fault(c, key, -1, false, "%02u-%02u stands there twice", z->month, z->day);
        else if (z->month < before->month || (z->month == before->month && z->day < before->day))
            fault(c, key, -1, false, "%02u-%02u comes after %02u-%02u: the dates must rise", z->month, z->day,
                  before->month, before->day);
    }
}

static void check_tables(struct check *c)
{
    char key[16];

    for (unsigned set = 0; set < 2; set++)
        for (unsigned i = 0; i < TARIFF_TABLES; i++) {
            snprintf(key, sizeof key, set == 0 ? "day %u" : "day.2 %u", i + 1);
            check_table(c, &c->t->tables[set][i], key);
        }
    c->no_tables = !has_tables(c->t, 0);
    if (c->no_tables)
        fault(c, "day 1", -1, false, "is missing: a tariff needs a day table");
}

static void check_second_set(struct check *c)
{
    const struct tariff *t = c->t;
    bool tables = has_tables(t, 1);

    if (t->zones[1].n > 0 && !set_2_comes(t->switch_zones_local_s))
        fault(c, "zones.2", -1, false, "never takes over: switch_zones is missing");
    if (t->zones[1].n == 0 && set_2_comes(t->switch_zones_local_s))
        fault(c, "switch_zones", -1, false, "there is no zones.2 that could take over");
    if (tables && !set_2_comes(t->switch_tables_local_s))
        for (unsigned i = 0; i < TARIFF_TABLES; i++) {
            char key[16];
            snprintf(key, sizeof key, "day.2 %u", i + 1);
            if (t->tables[1][i].n > 0) {
                fault(c, key, -1, false, "never takes over: switch_days is missing");
                break;
            }
        }
    if (!tables && set_2_comes(t->switch_tables_local_s))
        fault(c, "switch_days", -1, false, "there is no day.2 table that could take over");
}

static void check_holiday(struct check *c, unsigned i)
{
    const struct tariff_holiday *h = &c->t->holidays[i];
    char date[24];

    if (h->year == 0)
        snprintf(date, sizeof date, "*-%02u-%02u", h->month, h->day);
    else
        snprintf(date, sizeof date, "%04d-%02u-%02u", h->year, h->month, h->day);
    if (!text_valid_date(h->year == 0 ? 2000 : h->year, h->month,
                         h->day)) /* 02-29: in the years that have it */
        fault(c, "holidays", (int)i, false, "%s is no day", date);
    need_table(c, "holidays", (int)i, h->table, true, tables_2_come(c->t));
    for (unsigned k = 0; k < i; k++) {
        const struct tariff_holiday *other = &c->t->holidays[k];
        /* 2027-10-01 beside *-10-01 is an exception, no contradiction. */
        if (other->year == h->year && other->month == h->month && other->day == h->day) {
            fault(c, "holidays", (int)i, false, "%s stands there twice", date);
            return;
        }
    }
}

static void check_rest(struct check *c)
{
    const struct tariff *t = c->t;

    if (t->rest_mask != 0 && t->rest_table == 0)
        fault(c, "rest_days", -1, false, "only together with rest_table");
    else if (t->rest_mask == 0 && t->rest_table != 0)
        fault(c, "rest_table", -1, false, "only together with rest_days");
    else if (t->rest_table != 0)
        need_table(c, "rest_table", -1, t->rest_table, true, tables_2_come(t));
}

static void check_settlement(struct check *c)
{
    const struct tariff *t = c->t;

    if (t->n_settlements == 0 || t->n_settlements > TARIFF_SETTLEMENTS)
        fault(c, "settlement", -1, false, "one to %d of them", TARIFF_SETTLEMENTS);
    for (unsigned i = 0; i < t->n_settlements && i < TARIFF_SETTLEMENTS; i++) {
        const struct tariff_settlement *s = &t->settlement[i];
        if (s->day < 1 || s->day > 28)
            fault(c, "settlement", -1, false, "day %u: from 1 to 28, which every month has", s->day);
        if (s->hour > 23)
            fault(c, "settlement", -1, false, "%02u:00 is no hour of a day", s->hour);
        for (unsigned k = 0; k < i; k++)
            if (s->day == t->settlement[k].day && s->hour == t->settlement[k].hour)
                fault(c, "settlement", -1, false, "%u %02u:00 stands there twice", s->day, s->hour);
    }
}

static void check_rates(struct check *c)
{
    unsigned seen = 0;

    for (unsigned i = 0; i < RATE_COUNT; i++)
        if (c->t->number_of_rate[i] < RATE_COUNT)
            seen |= 1u << c->t->number_of_rate[i];
    if (seen != (1u << RATE_COUNT) - 1)
        fault(c, "rates", -1, false, "each of the four rates must stand there once");
}

unsigned tariff_check(const struct tariff *t, tariff_fault_report *report, void *arg)
{
    struct check c = {t, report, arg, 0, false};

    if (t->utc_offset_s < -12 * 3600 || t->utc_offset_s > 14 * 3600 || t->utc_offset_s % 60 != 0)
        fault(&c, "utc_offset", -1, false, "from -12:00 to +14:00");
    check_tables(&c);
    check_zones(&c, 0);
    check_zones(&c, 1);
    check_second_set(&c);
    check_rest(&c);
    for (unsigned i = 0; i < t->n_holidays; i++)
        check_holiday(&c, i);
    check_settlement(&c);
    check_rates(&c);
    return c.errors;
}
