#include "config/tariff_read.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "core/rc.h"
#include "core/text.h"

static const char *const rate_words[] = {"sharp", "peak", "flat", "valley"};

static void wrong(struct tariff_reading *rd, const struct ini_entry *e, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static void wrong(struct tariff_reading *rd, const struct ini_entry *e, const char *format, ...)
{
    char what[400];
    va_list args;

    va_start(args, format);
    vsnprintf(what, sizeof what, format, args);
    va_end(args);
    conf_key_error(rd->b->r, rd->from->ini, e, "%s", what);
}

/* Two digits at s; 100 when there are none. */
static unsigned two_digits(const char *s)
{
    if (s[0] < '0' || s[0] > '9' || s[1] < '0' || s[1] > '9')
        return 100;
    return (unsigned)(s[0] - '0') * 10 + (unsigned)(s[1] - '0');
}

/* "HH:MM" and a blank or the end; 24:00 passes, tariff_check() has the words for it. */
static bool minute_of(const char *s, uint16_t *minute)
{
    unsigned hour = two_digits(s), min = hour < 100 && s[2] == ':' ? two_digits(s + 3) : 100;

    if (hour > 24 || min > 59)
        return false;
    *minute = (uint16_t)(hour * 60 + min);
    return s[5] == ' ' || s[5] == '\0';
}

/* "day 3" */
static bool day_of(const char *s, uint8_t *table)
{
    uint16_t n = 0;

    if (strncmp(s, "day ", 4) != 0 || text_to_u16(s + 4, 1, TARIFF_TABLES, &n) != RC_OK)
        return false;
    *table = (uint8_t)n;
    return true;
}

static bool rate_of(struct tariff_reading *rd, const struct ini_entry *e, const char *word, uint8_t *rate)
{
    char hint[CONF_HINT_SIZE], quote[CONF_QUOTE_SIZE];
    uint16_t number = 0;
    int r = rate_find(word);

    if (r >= 0) {
        *rate = (uint8_t)r;
        return true;
    }
    if (text_to_u16(word, 1, RATE_COUNT, &number) == RC_OK) {
        *rate = rd->t->number_of_rate[number - 1];
        return true;
    }
    wrong(rd, e, "%s is no rate: sharp, peak, flat, valley, or 1 to 4%s", conf_quote(quote, word),
          conf_hint(hint, word, rate_words, RATE_COUNT));
    return false;
}

static void read_table(struct tariff_reading *rd, const struct ini_entry *e, struct tariff_table *table)
{
    const char *list = e->value;
    char item[BUILD_ITEM], quote[CONF_QUOTE_SIZE];

    while (build_item(&list, item)) {
        uint16_t minute = 0;
        uint8_t rate = 0;
        if (!minute_of(item, &minute) || item[5] == '\0') {
            wrong(rd, e, "%s must read HH:MM RATE, such as 06:00 peak", conf_quote(quote, item));
            continue;
        }
        if (!rate_of(rd, e, item + 6, &rate))
            continue;
        if (table->n == TARIFF_PERIODS) {
            wrong(rd, e, "more than %d periods", TARIFF_PERIODS);
            return;
        }
        table->period[table->n++] = (struct tariff_period){minute, rate};
    }
    if (table->n == 0) /* all wrong and reported: the table is there all the same */
        table->n = 1;
}

static void read_zones(struct tariff_reading *rd, const struct ini_entry *e, struct tariff_zones *zones)
{
    const char *list = e->value;
    char item[BUILD_ITEM], quote[CONF_QUOTE_SIZE];

    zones->n = 0;
    while (build_item(&list, item)) {
        struct tariff_zone z = {0};
        unsigned month = two_digits(item), day = month < 100 && item[2] == '-' ? two_digits(item + 3) : 100;
        if (day == 100 || item[5] != ' ' || !day_of(item + 6, &z.table)) {
            wrong(rd, e, "%s must read MM-DD day N, such as 07-15 day 3 (N from 1 to %d)",
                  conf_quote(quote, item), TARIFF_TABLES);
            continue;
        }
        if (zones->n == TARIFF_ZONES) {
            wrong(rd, e, "more than %d zones", TARIFF_ZONES);
            return;
        }
        z.month = (uint8_t)month;
        z.day = (uint8_t)day;
        zones->zone[zones->n++] = z;
    }
}

/* "2027-01-01 day 2" or "*-10-01 day 2" */
static bool holiday_of(const char *item, struct tariff_holiday *h)
{
    bool every = item[0] == '*';
    const char *p = every ? item + 1 : item + 4;
    unsigned high = every ? 0 : two_digits(item), low = every ? 0 : high < 100 ? two_digits(item + 2) : 100;

    if (high == 100 || low == 100 || p[0] != '-')
        return false;
    unsigned month = two_digits(p + 1), day = month < 100 && p[3] == '-' ? two_digits(p + 4) : 100;
    if (day == 100 || p[6] != ' ' || (!every && high + low == 0))
        return false;
    h->year = (int16_t)(high * 100 + low);
    h->month = (uint8_t)month;
    h->day = (uint8_t)day;
    return day_of(p + 7, &h->table);
}

static void read_holidays(struct tariff_reading *rd, const struct ini_entry *e)
{
    const char *list = e->value;
    char item[BUILD_ITEM], quote[CONF_QUOTE_SIZE];
    struct tariff *t = rd->t;

    while (build_item(&list, item)) {
        struct tariff_holiday h = {0};
        if (!holiday_of(item, &h)) {
            wrong(rd, e, "%s must read YYYY-MM-DD day N or *-MM-DD day N (N from 1 to %d)",
                  conf_quote(quote, item), TARIFF_TABLES);
            continue;
        }
        if (t->n_holidays == TARIFF_HOLIDAYS) {
            wrong(rd, e, "more than %d holidays in all", TARIFF_HOLIDAYS);
            return;
        }
        rd->holiday_at[t->n_holidays] = e;
        size_t n = t->n_holidays;
        struct tariff_holiday *grown = conf_append(rd->b->r, t->holidays, &n, sizeof *grown);
        if (grown == NULL)
            return;
        t->holidays = grown;
        grown[t->n_holidays++] = h;
    }
}

static void read_rest_days(struct tariff_reading *rd, const struct ini_entry *e)
{
    static const char *const days[] = {"sun", "mon", "tue", "wed", "thu", "fri", "sat"};
    const char *list = e->value;
    char item[BUILD_ITEM], quote[CONF_QUOTE_SIZE], hint[CONF_HINT_SIZE];

    while (build_item(&list, item)) {
        unsigned d = 0;
        while (d < 7 && strcmp(days[d], item) != 0)
            d++;
        if (d == 7) {
            wrong(rd, e, "%s is no day: sun, mon, tue, wed, thu, fri, sat%s", conf_quote(quote, item),
                  conf_hint(hint, item, days, 7));
            continue;
        }
        if (rd->t->rest_mask >> d & 1) {
            wrong(rd, e, "%s stands there twice", item);
            continue;
        }
        rd->t->rest_mask = (uint8_t)(rd->t->rest_mask | 1u << d);
    }
    if (rd->t->rest_mask == 0)
        rd->t->rest_mask = 1;
}

static void read_settlement(struct tariff_reading *rd, const struct ini_entry *e)
{
    const char *list = e->value;
    char item[BUILD_ITEM], quote[CONF_QUOTE_SIZE];
    struct tariff *t = rd->t;

    t->n_settlements = 0;
    while (build_item(&list, item)) {
        char *blank = strchr(item, ' ');
        uint16_t day = 0, minute = 0;
        bool good = blank != NULL && minute_of(blank + 1, &minute) && blank[6] == '\0';
        if (good) {
            *blank = '\0';
            good = text_to_u16(item, 0, 31, &day) == RC_OK;
            *blank = ' ';
        }
        if (!good) {
            wrong(rd, e, "%s must read DAY HH:00, such as 1 00:00", conf_quote(quote, item));
            continue;
        }
        if (minute % 60 != 0) {
            wrong(rd, e, "%s: a meter settles at full hours", conf_quote(quote, item));
            continue;
        }
        if (t->n_settlements == TARIFF_SETTLEMENTS) {
            wrong(rd, e, "more than %d settlement days", TARIFF_SETTLEMENTS);
            return;
        }
        t->settlement[t->n_settlements++] = (struct tariff_settlement){(uint8_t)day, (uint8_t)(minute / 60)};
    }
    if (t->n_settlements == 0)
        t->n_settlements = 1;
}

void tariff_read_rates(struct tariff_reading *rd, const struct ini_entry *e)
{
    const char *list = e->value;
    char item[BUILD_ITEM], quote[CONF_QUOTE_SIZE], hint[CONF_HINT_SIZE];
    uint8_t rates[RATE_COUNT];
    unsigned n = 0;
    bool good = true;

    for (; build_item(&list, item); n++) {
        int r = rate_find(item);
        if (r < 0) {
            wrong(rd, e, "%s is no rate: sharp, peak, flat, valley%s", conf_quote(quote, item),
                  conf_hint(hint, item, rate_words, RATE_COUNT));
            good = false;
        } else if (n < RATE_COUNT) {
            rates[n] = (uint8_t)r;
        }
    }
    if (good && n != RATE_COUNT)
        wrong(rd, e, "names %u rates, not four", n);
    else if (good)
        memcpy(rd->t->number_of_rate, rates, sizeof rates);
}

static void read_offset(struct tariff_reading *rd, const struct ini_entry *e)
{
    const char *s = e->value;
    char quote[CONF_QUOTE_SIZE];
    uint16_t minute = 0;

    if ((s[0] != '+' && s[0] != '-') || !minute_of(s + 1, &minute) || s[6] != '\0') {
        wrong(rd, e, "must read +HH:MM or -HH:MM, not %s", conf_quote(quote, s));
        return;
    }
    rd->t->utc_offset_s = (s[0] == '-' ? -60 : 60) * (int32_t)minute;
    rd->has_offset = true;
}

static void read_instant(struct tariff_reading *rd, const struct ini_entry *e, int64_t *local_s)
{
    char quote[CONF_QUOTE_SIZE];

    if (!build_instant(e->value, local_s))
        wrong(rd, e, "must read YYYY-MM-DD HH:MM, not %s", conf_quote(quote, e->value));
}

void tariff_read_entry(struct tariff_reading *rd, const struct ini_entry *e)
{
    unsigned number = 0;
    struct tariff *t = rd->t;

    switch (conf_key_of(&conf_section_types[SECTION_TARIFF], e->key, &number)) {
    case TARIFF_UTC_OFFSET:
        read_offset(rd, e);
        break;
    case TARIFF_DAY:
        read_table(rd, e, &t->tables[0][number - 1]);
        break;
    case TARIFF_DAY_2:
        read_table(rd, e, &t->tables[1][number - 1]);
        break;
    case TARIFF_ZONES_1:
        read_zones(rd, e, &t->zones[0]);
        break;
    case TARIFF_ZONES_2:
        read_zones(rd, e, &t->zones[1]);
        break;
    case TARIFF_SWITCH_ZONES:
        read_instant(rd, e, &t->switch_zones_local_s);
        break;
    case TARIFF_SWITCH_DAYS:
        read_instant(rd, e, &t->switch_tables_local_s);
        break;
    case TARIFF_REST_DAYS:
        read_rest_days(rd, e);
        break;
    case TARIFF_HOLIDAYS_0:
    case TARIFF_HOLIDAYS_N:
        read_holidays(rd, e);
        break;
    case TARIFF_SETTLEMENT:
        read_settlement(rd, e);
        break;
    default:
        break;
    }
}
