/* span_args.c - dates and instants. */
#include "cli/span_args.h"

#include <stdlib.h>
#include <time.h>
#include "core/rc.h"
#include "core/text.h"

#define DAY_MS INT64_C(86400000)

static int parse_bound(const char *option, const char *text, struct span_bound *out, char why[SPAN_WHY])
{
    if (text == NULL)
        return RC_OK;
    out->given = true;
    if (text_to_date(text, &out->days) == RC_OK) {
        out->is_date = true;
        return RC_OK;
    }
    if (text_to_utc_ms(text, &out->utc_ms) == RC_OK)
        return RC_OK;
    text_format(why, SPAN_WHY, "%s: %.40s: neither a date (2026-10-01) nor an instant with Z or offset",
                option, text);
    return RC_PARSE;
}

int span_args_parse(const char *from, const char *to, struct span_args *out, char why[SPAN_WHY])
{
    struct span_args a = {.from = {.given = false}};
    int rc = parse_bound("--from", from, &a.from, why);
    if (rc == RC_OK)
        rc = parse_bound("--to", to, &a.to, why);
    if (rc != RC_OK)
        return rc;
    bool both_dates = a.from.given && a.to.given && a.from.is_date && a.to.is_date;
    bool both_instants = a.from.given && a.to.given && !a.from.is_date && !a.to.is_date;
    if ((both_dates && a.to.days <= a.from.days) || (both_instants && a.to.utc_ms <= a.from.utc_ms)) {
        text_format(why, SPAN_WHY, "--to: %.40s: not after --from", to);
        return RC_PARSE;
    }
    *out = a;
    return RC_OK;
}

/* Seconds east of Greenwich at a civil time of the gateway. */
static int32_t gateway_offset_s(const struct settings *s, int64_t local_s)
{
    if (s->gateway.timezone != NULL)
        setenv("TZ", s->gateway.timezone, 1);
    tzset();
    struct tm tm;
    time_t civil = (time_t)local_s;
    if (gmtime_r(&civil, &tm) == NULL)
        return 0;
    tm.tm_isdst = -1;
    time_t utc = mktime(&tm);
    return utc == (time_t)-1 ? 0 : (int32_t)tm.tm_gmtoff;
}

static int32_t offset_s(const struct settings *s, int meter, int64_t local_ms)
{
    const struct tariff *t = NULL;
    if (meter >= 0)
        t = settings_meter_tariff(s, &s->meters[meter],
                                  local_ms); /* tariffs change by months: hours do not matter */
    return t != NULL ? t->utc_offset_s : gateway_offset_s(s, local_ms / 1000);
}

static int64_t bound_ms(const struct span_bound *b, const struct settings *s, int meter)
{
    if (!b->is_date)
        return b->utc_ms;
    return b->days * DAY_MS - (int64_t)offset_s(s, meter, b->days * DAY_MS) * 1000;
}

void span_args_for(const struct span_args *a, const struct settings *s, int meter, struct span_ms *out)
{
    out->from_utc_ms = a->from.given ? bound_ms(&a->from, s, meter) : INT64_MIN;
    out->to_utc_ms = a->to.given ? bound_ms(&a->to, s, meter) : INT64_MAX;
    out->offset_s = offset_s(s, meter, a->from.given ? out->from_utc_ms : a->to.given ? out->to_utc_ms : 0);
}
