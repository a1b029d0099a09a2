/* A tariff programmed wrong: what the `table` fault does to every day table that it fits. */
#include <string.h>

#include "sim/sim_unit.h"

static void drop(struct sim_day *d, unsigned i)
{
    memmove(&d->period[i], &d->period[i + 1], sizeof d->period[0] * (d->n - i - 1u));
    d->n--;
}

/* Moves a period to another start and keeps the order; a period that already starts there gives way. */
static void move(struct sim_day *d, unsigned i, uint16_t minute)
{
    struct sim_period p = d->period[i];
    p.minute = minute;
    drop(d, i);
    unsigned at = 0;
    while (at < d->n && d->period[at].minute < minute)
        at++;
    if (at < d->n && d->period[at].minute == minute)
        drop(d, at);
    memmove(&d->period[at + 1], &d->period[at], sizeof d->period[0] * (d->n - at));
    d->period[at] = p;
    d->n++;
}

static void change_day(struct sim_day *d, const struct sim_args *a)
{
    for (unsigned i = 0; i < d->n; i++) {
        struct sim_period *p = &d->period[i];
        if (a->choice == SIM_TABLE_ONE) {
            p->rate = (uint8_t)a->n[0];
        } else if (a->choice == SIM_TABLE_SWAP) {
            uint8_t one = (uint8_t)a->n[0], other = (uint8_t)a->n[1];
            p->rate = p->rate == one ? other : p->rate == other ? one : p->rate;
        } else if (p->minute == a->n[0]) {
            if (a->choice == SIM_TABLE_RELABEL)
                p->rate = (uint8_t)a->n[1];
            else if (a->choice == SIM_TABLE_DROP && d->n > 1)
                drop(d, i);
            else if (a->choice == SIM_TABLE_MOVE)
                move(d, i, (uint16_t)a->n[1]);
            return;
        }
    }
}

void sim_table_change(struct sim_tariff *t, const struct sim_args *a)
{
    if (a->choice == SIM_TABLE_REST) { /* bits read the wrong way round */
        t->rest_mask ^= 0x7F;
        return;
    }
    if (a->choice == SIM_TABLE_SET) {
        t->switch_zones_s = t->switch_days_s = a->n[0] == 2 ? INT64_MIN : INT64_MAX;
        return;
    }
    for (unsigned set = 0; set < 2; set++)
        for (unsigned i = 0; i < SIM_TABLES; i++)
            if (t->table[set][i].n > 0)
                change_day(&t->table[set][i], a);
}
