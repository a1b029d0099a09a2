/* text_time.c - civil dates and instants from and to text.
 *
 * Source: the day count is the usual one of the proleptic Gregorian calendar, with years that begin in March
 * so that the leap day comes last (400 years have 146097 days; 719468 days lie between 0000-03-01 and 1970).
 */
#include "core/text.h"

#include <string.h>
#include "core/rc.h"

#define MS_PER_DAY   (INT64_C(86400) * 1000)
#define DAYS_PER_ERA 146097
#define DAYS_TO_1970 719468
#define FIRST_UTC_MS (INT64_C(-719528) * MS_PER_DAY)     /* 0000-01-01T00:00:00.000Z */
#define LAST_UTC_MS  (INT64_C(2932897) * MS_PER_DAY - 1) /* 9999-12-31T23:59:59.999Z */

int64_t text_days_from_civil(int64_t year, unsigned month, unsigned day)
{
    int64_t y = month <= 2 ? year - 1 : year;
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    int64_t year_of_era = y - era * 400;
    int64_t day_of_year = (153 * ((int64_t)month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * DAYS_PER_ERA + day_of_era - DAYS_TO_1970;
}

void text_civil_from_days(int64_t days, int64_t *year, unsigned *month, unsigned *day)
{
    int64_t z = days + DAYS_TO_1970;
    int64_t era = (z >= 0 ? z : z - (DAYS_PER_ERA - 1)) / DAYS_PER_ERA;
    int64_t day_of_era = z - era * DAYS_PER_ERA;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / (DAYS_PER_ERA - 1)) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month_from_march = (5 * day_of_year + 2) / 153;
    *day = (unsigned)(day_of_year - (153 * month_from_march + 2) / 5 + 1);
    *month = (unsigned)(month_from_march < 10 ? month_from_march + 3 : month_from_march - 9);
    *year = year_of_era + era * 400 + (*month <= 2);
}

bool text_valid_date(int64_t year, unsigned month, unsigned day)
{
    static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (month < 1 || month > 12 || day < 1)
        return false;
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return day <= days[month - 1] + (month == 2 && leap ? 1u : 0u);
}

/* Exactly n digits at *s. */
static bool take_number(const char **s, unsigned n, unsigned *out)
{
    unsigned value = 0;
    for (unsigned i = 0; i < n; i++) {
        char c = (*s)[i];
        if (c < '0' || c > '9')
            return false;
        value = value * 10 + (unsigned)(c - '0');
    }
    *s += n;
    *out = value;
    return true;
}

static bool take_char(const char **s, char c)
{
    if (**s != c)
        return false;
    (*s)++;
    return true;
}

static int take_date(const char **s, int64_t *out_days)
{
    unsigned year, month, day;
    if (!take_number(s, 4, &year) || !take_char(s, '-') || !take_number(s, 2, &month) || !take_char(s, '-') ||
        !take_number(s, 2, &day))
        return RC_PARSE;
    if (!text_valid_date(year, month, day))
        return RC_RANGE;
    *out_days = text_days_from_civil(year, month, day);
    return RC_OK;
}

int text_to_date(const char *s, int64_t *out_days)
{
    int64_t days;
    int rc = take_date(&s, &days);
    if (rc == RC_PARSE || (rc == RC_OK && *s != '\0'))
        return RC_PARSE;
    if (rc == RC_OK)
        *out_days = days;
    return rc;
}

/* "HH:MM[:SS[.fff…]]" in milliseconds of the day. Second 60 is the start of the next second, whatever its
 * fraction. */
static int take_time_of_day(const char **s, int64_t *out_ms)
{
    unsigned hour, minute, second = 0, ms = 0;
    if (!take_number(s, 2, &hour) || !take_char(s, ':') || !take_number(s, 2, &minute))
        return RC_PARSE;
    if (take_char(s, ':')) {
        if (!take_number(s, 2, &second))
            return RC_PARSE;
        if (take_char(s, '.')) {
            unsigned digit, weight = 100;
            if (!take_number(s, 1, &digit))
                return RC_PARSE;
            do {
                ms += digit * weight;
                weight /= 10;
            } while (take_number(s, 1, &digit));
        }
    }
    if (hour > 23 || minute > 59 || second > 60)
        return RC_RANGE;
    if (second == 60)
        ms = 0;
    *out_ms = ((hour * 60 + minute) * INT64_C(60) + second) * 1000 + ms;
    return RC_OK;
}

/* "Z", "±hh:mm", "±hhmm" or "±hh" in milliseconds east of Greenwich. */
static int take_offset(const char **s, int64_t *out_ms)
{
    if (take_char(s, 'Z')) {
        *out_ms = 0;
        return RC_OK;
    }
    bool west = **s == '-';
    if (!take_char(s, west ? '-' : '+'))
        return RC_PARSE;
    unsigned hours, minutes = 0;
    if (!take_number(s, 2, &hours))
        return RC_PARSE;
    if (**s != '\0') {
        (void)take_char(s, ':');
        if (!take_number(s, 2, &minutes))
            return RC_PARSE;
    }
    if (hours > 23 || minutes > 59)
        return RC_RANGE;
    int64_t ms = (hours * INT64_C(60) + minutes) * 60 * 1000;
    *out_ms = west ? -ms : ms;
    return RC_OK;
}

int text_to_utc_ms(const char *s, int64_t *out_utc_ms)
{
    int64_t days = 0, time_ms = 0, offset_ms = 0;
    int rc_date = take_date(&s, &days);
    if (rc_date == RC_PARSE || !(take_char(&s, 'T') || take_char(&s, ' ')))
        return RC_PARSE;
    int rc_time = take_time_of_day(&s, &time_ms);
    if (rc_time == RC_PARSE)
        return RC_PARSE;
    int rc_offset = take_offset(&s, &offset_ms);
    if (rc_offset == RC_PARSE || *s != '\0')
        return RC_PARSE;
    if (rc_date != RC_OK || rc_time != RC_OK || rc_offset != RC_OK)
        return RC_RANGE;
    *out_utc_ms = days * MS_PER_DAY + time_ms - offset_ms;
    return RC_OK;
}

static void put_number(char *out, unsigned n, uint64_t value)
{
    while (n > 0) {
        out[--n] = (char)('0' + value % 10);
        value /= 10;
    }
}

void text_from_utc_ms(int64_t utc_ms, char out[TEXT_TS_SIZE])
{
    if (utc_ms < FIRST_UTC_MS)
        utc_ms = FIRST_UTC_MS;
    if (utc_ms > LAST_UTC_MS)
        utc_ms = LAST_UTC_MS;
    int64_t days = utc_ms / MS_PER_DAY;
    int64_t ms = utc_ms % MS_PER_DAY;
    if (ms < 0) {
        ms += MS_PER_DAY;
        days--;
    }
    int64_t year;
    unsigned month, day;
    text_civil_from_days(days, &year, &month, &day);
    memcpy(out, "0000-00-00T00:00:00.000Z", TEXT_TS_SIZE);
    put_number(out, 4, (uint64_t)year);
    put_number(out + 5, 2, month);
    put_number(out + 8, 2, day);
    put_number(out + 11, 2, (uint64_t)ms / 3600000);
    put_number(out + 14, 2, (uint64_t)ms / 60000 % 60);
    put_number(out + 17, 2, (uint64_t)ms / 1000 % 60);
    put_number(out + 20, 3, (uint64_t)ms % 1000);
}
