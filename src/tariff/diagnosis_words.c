/* Times, spans and dates as the sentences of a diagnosis have them. */
#include <stdio.h>

#include "core/text.h"
#include "tariff/calendar.h"
#include "tariff/diagnosis_search.h"

static const char *const months[] = {"January", "February", "March",     "April",   "May",      "June",
                                     "July",    "August",   "September", "October", "November", "December"};

struct diagnosis_time diagnosis_minute(unsigned minute)
{
    struct diagnosis_time t;
    snprintf(t.text, sizeof t.text, "%02u:%02u", minute / 60 % 24, minute % 60);
    return t;
}

struct diagnosis_span diagnosis_duration(int64_t ms)
{
    struct diagnosis_span d;
    int64_t s = (ms + 500) / 1000;
    if (s < 60)
        snprintf(d.text, sizeof d.text, "%d s", (int)s);
    else if (s < 3600)
        snprintf(d.text, sizeof d.text, s % 60 == 0 ? "%d min" : "%d min %d s", (int)(s / 60), (int)(s % 60));
    else if (s < 2 * 86400)
        snprintf(d.text, sizeof d.text, s / 60 % 60 == 0 ? "%d h" : "%d h %d min", (int)(s / 3600),
                 (int)(s / 60 % 60));
    else
        snprintf(d.text, sizeof d.text, s / 3600 % 24 == 0 ? "%d days" : "%d days %d h", (int)(s / 86400),
                 (int)(s / 3600 % 24));
    return d;
}

struct diagnosis_date diagnosis_month_day(unsigned month, unsigned day)
{
    struct diagnosis_date d = {{0}};
    snprintf(d.text, sizeof d.text, "%u %s", day % 100, months[(month - 1) % 12]);
    return d;
}

struct diagnosis_date diagnosis_day(int64_t day)
{
    struct diagnosis_date d = {{0}};
    int64_t year;
    unsigned month, mday;
    text_civil_from_days(day, &year, &month, &mday);
    snprintf(d.text, sizeof d.text, "%u %s %d", mday % 100, months[(month - 1) % 12], (int)(year % 10000));
    return d;
}

struct diagnosis_date diagnosis_instant(int64_t local_ms)
{
    struct diagnosis_date d = {{0}};
    int64_t day = calendar_day_of(local_ms);
    text_format(d.text, sizeof d.text, "%s, %s", diagnosis_day(day).text,
                diagnosis_minute((unsigned)((local_ms - day * CALENDAR_DAY_MS) / 60000)).text);
    return d;
}
