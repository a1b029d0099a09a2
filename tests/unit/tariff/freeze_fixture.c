#include "freeze_fixture.h"

#include <check.h>

#include <string.h>
#include "judge_fixture.h"

unsigned at(unsigned family, unsigned slot)
{
    return family * SETTLEMENT_SLOTS + slot;
}

/* Families of active energy: 0 combined, 2 + 2 * rate. */
void all_families(void (*set)(unsigned family, int64_t live))
{
    set(0, fx.row.v[VR_TOTAL]);
    for (unsigned r = 0; r < RATE_COUNT; r++)
        set(2 + 2 * r, fx.row.v[verify_rate(0, r)]);
}

enum freeze_model model;
bool automatic;
int64_t began[VERIFY_SETTLEMENTS];

static void set_month(unsigned f, int64_t live)
{
    fx.settlement[at(f, 0)] = model == FREEZE_PERIOD ? live - began[f] : live;
}

void set_first(unsigned f, int64_t live)
{
    /* what the months before left; the four rates add up to the combined value */
    int64_t share = f == 0 ? 4 : 1;
    for (unsigned slot = 1; slot < SETTLEMENT_SLOTS; slot++)
        fx.settlement[at(f, slot)] =
            model == FREEZE_PERIOD ? share * 10000 * slot : share * (1200000 - 10000 * slot);
    began[f] = live - share * 20000;
    set_month(f, live);
}

void roll(unsigned f, int64_t live)
{
    memmove(&fx.settlement[at(f, 2)], &fx.settlement[at(f, 1)],
            (SETTLEMENT_SLOTS - 2) * sizeof fx.settlement[0]);
    set_month(f, live);
    fx.settlement[at(f, 1)] = fx.settlement[at(f, 0)];
    began[f] = live;
    set_month(f, live);
}

bool apart;

void sweep_at(const char *text)
{
    const uint16_t all = fx.row.has;
    read_at(instant(text) - 10000, 0);
    if (apart)
        read_at(instant(text) - 1000, 0);
    fx.row.has = apart ? 0 : all;
    fx.sweep = true;
    read_at(instant(text), 100);
    fx.row.has = all;
    read_at(instant(text) + 10000, 0);
}

/* Until the evening before the settlement: steps known, one sweep taken. */
void begin(enum freeze_model m)
{
    model = m;
    fixture_init();
    fx.options.freeze = automatic ? FREEZE_AUTO : m;
    for (unsigned r = 0; r < RATE_COUNT; r++) {
        fx.row.v[verify_rate(0, r)] = 2000000;
        fx.row.v[VR_TOTAL] = fx.row.v[VR_IMPORT] = 8000000;
    }
    for (int i = 0; i < 5; i++)
        for (unsigned r = 0; r < RATE_COUNT; r++) {
            static const int hour[] = {8, 11, 18, 23};
            flow((enum rate)r, 10000);
            read_at(instant("2026-03-20 00:30:00") + i * DAY + hour[r] * 3600000LL, 0);
        }
    ck_assert_str_eq(told(), "");
    all_families(set_first);
    sweep_at("2026-03-31 20:00:00");
    ck_assert_str_eq(told(), "");
}

void pass_settlement(void)
{
    read_at(instant("2026-03-31 23:50:00"), 0);
    all_families(roll);
    read_at(instant("2026-04-01 00:10:00"), 0);
}

void nothing(void)
{
}

void month_fell(void)
{
    fx.settlement[at(8, 0)] -= 1;
}

void frozen_changed(void)
{
    fx.settlement[at(4, 7)] += 1;
}

void rolled_early(void)
{
    all_families(roll);
}
