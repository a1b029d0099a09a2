/* The state as bytes: saved with the flush, restored after a restart. */
#include <string.h>

#include "core/rc.h"
#include "tariff/verify_state.h"

#define BLOB_MAGIC 0x4d465638u /* "MFV8": changes with every change of struct verify_memory */

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

/* Far beyond what any register, sum or instant can be, and small enough that no sum of some of them
 * overflows. */
#define VALUE_MOST ((int64_t)1 << 50)
#define SUM_MOST   ((int64_t)1 << 60) /* what is only ever added to */
#define TIME_LEAST (-62167219200000)  /* the years 0 to 9999 */
#define TIME_MOST  253402300800000

static bool within(int64_t x)
{
    return x > -VALUE_MOST && x < VALUE_MOST;
}

static bool sane(int64_t x)
{
    return x == VERIFY_ABSENT || within(x);
}

static bool sane_time(int64_t x)
{
    return x >= TIME_LEAST && x < TIME_MOST;
}

static bool all_within(const int64_t *x, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!within(x[i]))
            return false;
    return true;
}

/* A bool that came as a byte: read as one it must not be before it is known to be 0 or 1. */
static bool is_bool(const bool *b)
{
    uint8_t byte;
    _Static_assert(sizeof *b == sizeof byte, "a bool is a byte");
    memcpy(&byte, b, sizeof byte);
    return byte <= 1;
}

static bool sane_noise(double x)
{
    return x >= 0 && x < 1e30; /* false for NaN */
}

static bool sane_sums(const struct verify_sums *s)
{
    for (size_t i = 0; i < RATE_COUNT; i++)
        if (!sane_noise(s->rate_noise[i]))
            return false;
    return s->given <= 1 && s->possible <= ALL_RATES && within(s->total) && all_within(s->rate, RATE_COUNT) &&
           within(s->slack) && all_within(s->rate_slack, RATE_COUNT) && within(s->pulse_drift) &&
           within(s->pulse_error) && s->pulse_error >= 0 && sane_noise(s->noise) &&
           sane_time(s->time_utc_ms) && sane_time(s->lo_utc_ms);
}

static bool sane_kind(const struct verify_kind *k)
{
    for (size_t i = 0; i < RATE_COUNT; i++) {
        const struct verify_bound *b = &k->bound[i];
        if (!within(b->high) || !within(b->low) || !sane(b->high_from) || !sane(b->low_from) ||
            !sane(b->least) || !sane(b->most) || (b->least == VERIFY_ABSENT) != (b->most == VERIFY_ABSENT) ||
            !sane_noise(b->noise_from))
            return false;
    }
    return sane_sums(&k->last) && sane_sums(&k->first) && sane_sums(&k->day) && sane_sums(&k->run) &&
           sane_sums(&k->second) && k->doubt <= DOUBT_SECOND && k->run_rate < RATE_COUNT &&
           k->suspected <= SUSPECTED_ALL && k->rules != 0 && k->rules <= 7 && is_bool(&k->export_moved) &&
           sane(k->combined_from[0]) && within(k->combined_from[1]) && within(k->combined_from[2]);
}

static bool sane_row(const struct verify_row *r)
{
    return sane_time(r->time_utc_ms) && r->has >> VERIFY_REGISTERS == 0 && is_bool(&r->has_power) &&
           within(r->power_cw) && all_within(r->v, VERIFY_REGISTERS) && r->settlement == NULL;
}

static bool sane_held(const struct verify_held *held)
{
    for (size_t e = 0; e < VERIFY_REGISTERS; e++)
        if (!sane_time(held->time_utc_ms[e]))
            return false;
    return held->which >> VERIFY_REGISTERS == 0 && all_within(held->v, VERIFY_REGISTERS);
}

static bool sane_counts(const struct verify_memory *m)
{
    const int64_t sums[] = {m->time_total_ms, m->time_single_ms, m->energy_total, m->energy_single,
                            m->still_energy,  m->power_energy,   m->power_moved};
    for (size_t i = 0; i < sizeof sums / sizeof sums[0]; i++)
        if (sums[i] <= -SUM_MOST || sums[i] >= SUM_MOST)
            return false;
    return !m->has_incoming || m->incoming_again <= m->duplicates;
}

static bool sane_flags(const struct verify_memory *m)
{
    return m->began <= BEGAN_WITH_ZEROS && is_bool(&m->has_base) && is_bool(&m->has_pending) &&
           is_bool(&m->has_incoming) && is_bool(&m->conflict) && is_bool(&m->exact) &&
           is_bool(&m->t2_checked) && is_bool(&m->moved_single) && is_bool(&m->moved) &&
           is_bool(&m->still_told) && is_bool(&m->has_settlement[SLOT_PENDING]) &&
           is_bool(&m->has_settlement[SLOT_INCOMING]);
}

/* Rows were pushed in order of time, and the newest is not newer than the last one pushed. */
static bool sane_order(const struct verify_memory *m)
{
    int64_t newest = INT64_MIN;
    const struct verify_row *rows[] = {m->has_base ? &m->base : NULL, m->has_pending ? &m->pending : NULL,
                                       m->has_incoming || m->conflict ? &m->incoming : NULL};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i] == NULL)
            continue;
        if (rows[i]->time_utc_ms < newest)
            return false;
        newest = rows[i]->time_utc_ms;
    }
    return newest <= m->to_utc_ms && (m->to_utc_ms == INT64_MIN || sane_time(m->to_utc_ms)) &&
           (m->from_utc_ms == INT64_MIN || sane_time(m->from_utc_ms)) && sane(m->first_utc_ms);
}

static bool sane_memory(const struct verify_memory *m)
{
    for (size_t e = 0; e < VERIFY_REGISTERS; e++)
        if (!sane_time(m->reg_lo_utc_ms[e]) || m->res[e].step < RESOLUTION_PULSE || m->res[e].step > 10000000)
            return false;
    for (size_t i = 0; i < SLOTS; i++)
        for (size_t k = 0; k < VERIFY_SETTLEMENTS; k++)
            if (!sane(m->settlement[i][k]))
                return false;
    return sane_flags(m) && sane_order(m) && sane_row(&m->base) && sane_row(&m->pending) &&
           sane_row(&m->incoming) && sane_held(&m->held) && sane_time(m->base_lo_utc_ms) &&
           sane_kind(&m->kind[0]) && sane_kind(&m->kind[1]) && skew_valid(&m->skew) &&
           freeze_valid(&m->freeze) && sane_counts(m);
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
