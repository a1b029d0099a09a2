/* The state as bytes: saved with the flush, restored after a restart. */
#include <string.h>

#include "core/rc.h"
#include "tariff/verify_state.h"

#define BLOB_MAGIC 0x4d465631u /* "MFV1": changes with every change of struct verify_memory */

struct blob_head {
    uint32_t magic, size;
    uint64_t sum; /* FNV-1a, 64 bit */
};

_Static_assert(sizeof(struct blob_head) + sizeof(struct verify_memory) <= VERIFY_STATE_MAX,
               "a meter's state has a bound");

static uint64_t fnv(const void *data, size_t size)
{
    const uint8_t *p = data;
    uint64_t sum = 14695981039346656037u;
    for (size_t i = 0; i < size; i++)
        sum = (sum ^ p[i]) * 1099511628211u;
    return sum;
}

size_t verify_save(const struct verify *v, uint8_t out[VERIFY_STATE_MAX])
{
    struct blob_head head = {.magic = BLOB_MAGIC, .size = sizeof v->m, .sum = fnv(&v->m, sizeof v->m)};
    memcpy(out, &head, sizeof head);
    memcpy(out + sizeof head, &v->m, sizeof v->m);
    return sizeof head + sizeof v->m;
}

#define VALUE_MOST ((int64_t)1 << 60)
static bool sane(int64_t x)
{
    return x == VERIFY_ABSENT || (x > -VALUE_MOST && x < VALUE_MOST);
}

static bool sane_all(const int64_t *x, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!sane(x[i]))
            return false;
    return true;
}

static bool sane_noise(const struct verify_sums *s)
{
    bool sane = s->noise >= 0 && s->noise < 1e30; /* false for NaN */
    for (size_t i = 0; i < RATE_COUNT; i++)
        sane = sane && s->rate_noise[i] >= 0 && s->rate_noise[i] < 1e30;
    return sane;
}

static bool sane_kind(const struct verify_kind *k)
{
    const struct verify_sums *sums[] = {&k->last, &k->first, &k->day, &k->run};
    for (size_t i = 0; i < 4; i++)
        if (!sane(sums[i]->total) || !sane_all(sums[i]->rate, RATE_COUNT) || !sane(sums[i]->slack) ||
            !sane_all(sums[i]->rate_slack, RATE_COUNT) || !sane(sums[i]->time_utc_ms) ||
            !sane(sums[i]->lo_utc_ms) || !sane(sums[i]->pulse_drift) || !sane_noise(sums[i]))
            return false;
    for (size_t i = 0; i < RATE_COUNT; i++) {
        const struct verify_bound *b = &k->bound[i];
        const int64_t values[] = {b->high, b->low, b->high_from, b->low_from, b->least, b->most};
        if (!sane_all(values, sizeof values / sizeof values[0]) ||
            !(b->noise_from >= 0 && b->noise_from < 1e30))
            return false;
    }
    return k->run_rate < RATE_COUNT && k->rules != 0 && k->rules <= 7 && sane_all(k->combined_from, 3);
}

static bool sane_memory(const struct verify_memory *m)
{
    for (size_t e = 0; e < VERIFY_REGISTERS; e++)
        if (!sane(m->base.v[e]) || !sane(m->pending.v[e]) || !sane(m->incoming.v[e]) ||
            !sane(m->reg_lo_utc_ms[e]) || m->res[e].step < RESOLUTION_PULSE || m->res[e].step > 10000000)
            return false;
    return m->base.settlement == NULL && m->pending.settlement == NULL && m->incoming.settlement == NULL &&
           sane(m->base.time_utc_ms) && sane(m->pending.time_utc_ms) && sane(m->incoming.time_utc_ms) &&
           sane_kind(&m->kind[0]) && sane_kind(&m->kind[1]) && skew_valid(&m->skew) &&
           freeze_valid(&m->freeze) && sane_all(m->settlement[0], SLOTS * VERIFY_SETTLEMENTS);
}

int verify_load(struct verify *v, const uint8_t *blob, size_t size)
{
    struct blob_head head;
    if (size != sizeof head + sizeof v->m)
        return RC_PARSE;
    memcpy(&head, blob, sizeof head);
    if (head.magic != BLOB_MAGIC || head.size != sizeof v->m ||
        head.sum != fnv(blob + sizeof head, sizeof v->m))
        return RC_PARSE;
    struct verify_memory m;
    memcpy(&m, blob + sizeof head, sizeof m);
    if (!sane_memory(&m))
        return RC_PARSE;
    v->m = m;
    v->possible_lo = INT64_MAX;
    v->span_from = INT64_MAX;
    v->span_to = INT64_MIN;
    return RC_OK;
}
