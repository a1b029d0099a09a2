#include <string.h>
#include "core/rc.h"
#include "store/store_inside.h"
#include "tariff/calendar.h"
#include "tariff/settlement_calendar.h"

#define DEFAULT_MAX_W 19008 /* 1.2 x 220 V x 1.2 x 60 A, DOMAIN 4.1 */

const struct tariff *store_tariff_at(const struct store *s, size_t meter, int64_t utc_ms)
{
    const struct tariff *t = settings_meter_tariff(s->settings, &s->settings->meters[meter], utc_ms);
    return t != NULL ? t : &s->usual;
}

/* FNV-1a over what the sweep says, absent values included. */
static uint64_t hash_of(const struct reading *r)
{
    uint64_t h = 14695981039346656037u;
    for (size_t i = 0; i < r->count; i++) {
        if (!quantity_is_settlement(r->values[i].quantity))
            continue;
        uint64_t parts[2] = {r->values[i].quantity, (uint64_t)r->values[i].value};
        for (int k = 0; k < 2; k++)
            for (int byte = 0; byte < 8; byte++)
                h = (h ^ (parts[k] >> (8 * byte) & 0xff)) * 1099511628211u;
    }
    return h >> 1; /* a SQLite integer is signed */
}

static int family_row(struct store *s, int64_t sweep, unsigned family, const struct reading *r)
{
    sqlite3_stmt *st = s->st.sweep_family;
    bool any = false;
    sqlite3_bind_int64(st, 1, sweep);
    sqlite3_bind_int(st, 2, (int)family);
    for (unsigned slot = 0; slot < SETTLEMENT_SLOTS; slot++) {
        const int64_t *v = reading_get(r, quantity_settlement(family, slot));
        any = any || v != NULL;
        if (v != NULL)
            sqlite3_bind_int64(st, 3 + (int)slot, *v);
        else
            sqlite3_bind_null(st, 3 + (int)slot);
    }
    return any ? db_run(&s->db, st) : RC_OK;
}

static int sweep_rows(struct store *s, struct store_meter *m, const struct reading *r, uint64_t hash)
{
    sqlite3_stmt *st = s->st.sweep;
    sqlite3_bind_int64(st, 1, m->id);
    sqlite3_bind_int64(st, 2, r->taken_utc_ms);
    sqlite3_bind_int64(st, 3, r->window_ms);
    sqlite3_bind_int(st, 4, (int)r->quality);
    sqlite3_bind_int64(st, 5, (int64_t)hash);
    int rc = db_run(&s->db, st);
    int64_t id = sqlite3_last_insert_rowid(s->db.sql);
    for (unsigned family = 0; family < SETTLEMENT_FAMILIES && rc == RC_OK; family++)
        rc = family_row(s, id, family, r);
    if (rc == RC_OK) {
        m->sweep_ms = r->taken_utc_ms;
        m->sweep_hash = hash;
    }
    return rc;
}

static int64_t max_w(const struct store *s, size_t meter)
{
    const struct regmap *g = s->settings->meters[meter].model;
    if (g == NULL || g->rated_voltage_mv == 0 || g->rated_current_ma == 0)
        return DEFAULT_MAX_W;
    int64_t phases = regmap_find(g, Q_VOLTAGE_L1) != NULL ? 3 : 1;
    return phases * (int64_t)g->rated_voltage_mv * g->rated_current_ma / 1000000 * 144 / 100;
}

/* Month and previous registers beside the live ones: of the sweep itself where it read them, else of the
 * newest energy reading. */
static void look(struct store *s, size_t meter, struct store_meter *m, const struct reading *r)
{
    const struct sum_check *sum = &m->checks.sum[0];
    int64_t steps[SUM_REGISTERS];
    sum_check_steps(sum, steps);
    struct freeze_look l = {.max_w = max_w(s, meter), .between_ms = r->window_ms};
    for (int rate = 0; rate < RATE_COUNT; rate++) {
        unsigned family = 2 + 2 * (unsigned)rate;
        const int64_t *month = reading_get(r, quantity_settlement(family, 0));
        const int64_t *previous = reading_get(r, quantity_settlement(family, 1));
        const int64_t *live = reading_get(r, Q_ACTIVE_ENERGY_SHARP + rate);
        if (live == NULL && sum->has_pending) {
            int64_t apart = r->taken_utc_ms - sum->pending.ts_ms;
            l.between_ms = (apart < 0 ? -apart : apart) + r->window_ms + sum->pending.window_ms;
            live = &sum->pending.value[1 + rate];
        }
        l.has[rate] = month != NULL && previous != NULL && live != NULL;
        if (l.has[rate]) {
            l.month[rate] = *month;
            l.previous[rate] = *previous;
            l.cumulative[rate] = *live;
        }
        if (steps[1 + rate] > l.step)
            l.step = steps[1 + rate];
    }
    freeze_model_look(&m->checks.freeze, &l);
}

int store_sweep(struct store *s, const struct reading *r, struct store_batch *b)
{
    const struct tariff *t = store_tariff_at(s, r->meter, r->taken_utc_ms);
    int64_t local = calendar_local_ms(t, r->taken_utc_ms);
    bool dated = r->quality == QUALITY_OK;
    /* near a settlement instant nobody knows which period a slot means, and a roll-over may lie inside: void
     */
    if (dated && settlement_near(t, local - (int64_t)r->window_ms, local))
        return RC_OK;
    struct store_meter *m = store_touch(s, r->meter);
    if (m == NULL)
        return RC_NOMEM;
    uint64_t hash = hash_of(r);
    bool new_day = calendar_day_of(local) != calendar_day_of(calendar_local_ms(t, m->sweep_ms));
    int rc = RC_OK;
    if (hash != m->sweep_hash || new_day) {
        rc = sweep_rows(s, m, r, hash);
        b->sweep_rows++;
    }
    if (r->taken_utc_ms > m->last_seen_ms) {
        m->last_seen_ms = r->taken_utc_ms;
        m->dirty = true;
    }
    if (rc != RC_OK || !dated)
        return rc;
    if (!m->checks.off)
        look(s, r->meter, m, r);
    return store_settlements(s, r->meter, r, t);
}
