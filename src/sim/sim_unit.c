#include "sim/sim_unit.h"

#include <stdlib.h>
#include <string.h>

#include "core/rc.h"

/* Speeds of the codes in register 0x0002 (manual 6.1.4). */
static const uint32_t code_baud[] = {0, 1200, 2400, 4800, 9600};

void sim_unit_init(struct sim_unit *u, unsigned number, uint32_t baud, uint64_t seed,
                   const struct sim_load *load, const struct sim_tariff *tariff, enum sim_freeze freeze,
                   int64_t now_ms)
{
    *u =
        (struct sim_unit){.number = number, .baud = baud, .of_all = tariff, .rng = {sim_hash(seed ^ 0xFA17)}};
    sim_meter_init(&u->meter, (uint16_t)number, seed, load, tariff, freeze, now_ms);
    for (uint16_t code = 1; code <= 4; code++)
        if (code_baud[code] == baud)
            u->meter.baud_code = code;
    u->baud_code = u->meter.baud_code;
}

void sim_unit_done(struct sim_unit *u)
{
    free(u->twin);
    free(u->own);
    u->twin = NULL;
    u->own = NULL;
}

void sim_unit_advance(struct sim_unit *u, int64_t now_ms)
{
    if (u->meter.baud_code != u->baud_code) { /* written since: from the next request on it listens so */
        u->baud_code = u->meter.baud_code;
        if (u->baud != 0)
            u->baud = code_baud[u->baud_code];
    }
    sim_meter_advance(&u->meter, now_ms - u->register_lag_ms);
    if (u->twin != NULL)
        sim_meter_advance(u->twin, now_ms);
}

bool sim_unit_hit(struct sim_unit *u, enum sim_kind kind)
{
    struct sim_state *s = &u->state[kind];
    if (!s->on || !sim_rng_hits(&u->rng, s->share_ppm))
        return false;
    if (s->left > 0 && --s->left == 0)
        s->on = false;
    return true;
}

static void repair(struct sim_unit *u)
{
    u->meter.stuck = u->meter.history_reversed = false;
    u->meter.switching_lag_ms = u->register_lag_ms = 0;
    if (u->own != NULL)
        sim_meter_set_tariff(&u->meter, u->of_all);
    free(u->own);
    u->own = NULL;
    sim_meter_step_clock(&u->meter, 0);
}

static void change_clock(struct sim_meter *m, const struct sim_args *a)
{
    int64_t true_local_ms = m->at_ms + (int64_t)m->tariff->utc_offset_s * 1000;
    if (a->choice == SIM_CLOCK_DRIFT)
        sim_meter_drift_clock(m, a->n[0] * 100000 / 8640); /* ms a day to parts per 10⁹ */
    else if (a->choice == SIM_CLOCK_AT)
        sim_meter_step_clock(m, a->n[0] - true_local_ms);
    else
        sim_meter_step_clock(m, sim_meter_local_ms(m, m->at_ms) - true_local_ms + a->n[0]);
}

static int change_table(struct sim_unit *u, const struct sim_args *a)
{
    if (u->own == NULL) {
        u->own = malloc(sizeof *u->own);
        if (u->own == NULL)
            return RC_NOMEM;
        *u->own = *u->of_all;
    }
    sim_table_change(u->own, a);
    sim_meter_set_tariff(&u->meter, u->own);
    return RC_OK;
}

static int add_twin(struct sim_unit *u)
{
    if (u->twin == NULL)
        u->twin = malloc(sizeof *u->twin);
    if (u->twin == NULL)
        return RC_NOMEM;
    const struct sim_meter *m = &u->meter;
    sim_meter_init(u->twin, m->address, sim_hash(m->seed ^ 0x7719), m->load, u->of_all, m->freeze, m->at_ms);
    return RC_OK;
}

int sim_unit_happen(struct sim_unit *u, const struct sim_event *e)
{
    struct sim_meter *m = &u->meter;
    if (e->kind < SIM_STATES) {
        u->state[e->kind] = (struct sim_state){true, e->args, e->share_ppm, e->times};
        return e->kind == SIM_TWIN ? add_twin(u) : RC_OK;
    }
    switch (e->kind) {
    case SIM_ALIVE:
        memset(u->state, 0, sizeof u->state);
        free(u->twin);
        u->twin = NULL;
        break;
    case SIM_REPAIRED:
        repair(u);
        break;
    case SIM_STUCK:
        m->stuck = true;
        break;
    case SIM_CLEAR:
        sim_meter_clear(m);
        break;
    case SIM_REPLACE:
        sim_meter_replace(m, (uint64_t)e->args.n[0]);
        break;
    case SIM_CLOCK:
        change_clock(m, &e->args);
        break;
    case SIM_TABLE:
        return change_table(u, &e->args);
    case SIM_FREEZE_REVERSED:
        m->history_reversed = true;
        break;
    case SIM_SWITCHING_LAG:
        m->switching_lag_ms = e->args.n[0];
        break;
    case SIM_REGISTER_LAG:
        u->register_lag_ms = e->args.n[0];
        break;
    default:
        break;
    }
    return RC_OK;
}
