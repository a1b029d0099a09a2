#include "judge_fixture.h"

#include <stdio.h>
#include <string.h>
#include "core/rc.h"
#include "core/text.h"
#include "unit_main.h"

struct fixture fx;

static void hear(void *arg, const struct verify_event *e)
{
    (void)arg;
    ck_assert_uint_lt(fx.n, MOST);
    fx.event[fx.n] = *e;
    fx.event[fx.n].before = fx.event[fx.n].after = NULL;
    fx.n++;
}

void fixture_init(void)
{
    static const struct tariff_period periods[] = {
        {360, RATE_SHARP}, {600, RATE_PEAK}, {720, RATE_SHARP}, {900, RATE_FLAT}, {1380, RATE_VALLEY}};
    memset(&fx, 0, sizeof fx);
    tariff_init(&fx.tariff, "manual");
    fx.tariff.tables[0][0].n = 5;
    memcpy(fx.tariff.tables[0][0].period, periods, sizeof periods);
    fx.options = (struct verify_options){.tariff = &fx.tariff, .columns = (1u << VERIFY_REGISTERS) - 1};
    fx.row.has = (1u << VERIFY_REGISTERS) - 1;
    for (unsigned i = 0; i < RATE_COUNT; i++)
        fx.row.v[verify_rate(0, i)] = fx.row.v[verify_rate(1, i)] = 10000 + 10000 * i;
    for (unsigned k = 0; k < VR_KINDS; k++)
        fx.row.v[verify_total(k)] = fx.row.v[verify_import(k)] = 100000;
    for (unsigned i = 0; i < VERIFY_SETTLEMENTS; i++)
        fx.settlement[i] = VERIFY_ABSENT;
}

void fixture_done(void)
{
    verify_free(fx.v);
    fx.v = NULL;
}

int64_t instant(const char *text)
{
    int64_t ms;
    char iso[40];
    text_format(iso, sizeof iso, "%.10sT%sZ", text, text + 11);
    ck_assert_int_eq(text_to_utc_ms(iso, &ms), RC_OK);
    return ms;
}

void flow(enum rate rate, int64_t amount)
{
    fx.row.v[verify_rate(0, rate)] += amount;
    fx.row.v[verify_total(0)] += amount;
    fx.row.v[verify_import(0)] += amount;
}

enum verify_accept read_at(int64_t at_ms, uint32_t window_ms)
{
    if (fx.v == NULL)
        ck_assert_int_eq(verify_new(&fx.options, hear, NULL, &fx.v), RC_OK);
    fx.row.time_utc_ms = at_ms;
    fx.row.window_ms = window_ms;
    fx.row.settlement = fx.sweep ? fx.settlement : NULL;
    fx.sweep = false;
    return verify_push(fx.v, &fx.row);
}

enum verify_accept read_after(int64_t ms)
{
    return read_at(fx.row.time_utc_ms + ms, 0);
}

void warm_up(const char *end)
{
    int64_t last = instant(end);
    for (int i = 19; i >= 0; i--) {
        flow(RATE_VALLEY, 10000);
        read_at(last - i * 10000, 0);
    }
    ck_assert_str_eq(told_so_far(), "");
}

const char *told_so_far(void)
{
    static char text[2000];
    size_t at = 0;
    text[0] = '\0';
    for (size_t i = 0; i < fx.n && at < sizeof text; i++)
        at += (size_t)snprintf(
            text + at, sizeof text - at, "%s%s %s", i > 0 ? ", " : "", verify_rule_name(fx.event[i].rule),
            fx.event[i].quantity < 0 ? "-" : quantity_at((enum quantity_id)fx.event[i].quantity)->name);
    fx.n = 0;
    return text;
}

const char *told(void)
{
    read_after(1000);
    read_after(1000);
    return told_so_far();
}

const struct verify_event *event_of(enum verify_rule rule)
{
    for (size_t i = 0; i < MOST; i++) /* told() forgets their number, not them */
        if (fx.event[i].window_utc_ms[1] != 0 && fx.event[i].rule == rule)
            return &fx.event[i];
    ck_abort_msg("no %s", verify_rule_name(rule));
    return NULL;
}

const struct verify_result *result_now(void)
{
    verify_result(fx.v, &fx.result);
    return &fx.result;
}
