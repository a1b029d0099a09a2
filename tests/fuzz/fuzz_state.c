#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "core/rc.h"
#include "fuzz/fuzz_judge.h"
#include "tariff/calendar.h"

/* The engine's state: rows, save, change bytes, restore, more rows, save. A state that is refused begins
 * anew; one that is taken is worked with. Input: how the meter is, some rows, changes of the blob, more rows.
 */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define HEAD 16 /* of the blob: magic, size, FNV-1a over the rest */

struct source {
    const uint8_t *data;
    size_t size;
};

static unsigned byte(struct source *s)
{
    if (s->size == 0)
        return 0;
    s->size--;
    return *s->data++;
}

static unsigned word(struct source *s)
{
    unsigned lo = byte(s);
    return lo | byte(s) << 8;
}

/* A meter that counts on by what the bytes say, and sometimes strangely. */
struct meter {
    struct verify_row row;
    int64_t settlement[VERIFY_SETTLEMENTS];
};

static void count(struct meter *m, struct source *s)
{
    unsigned what = byte(s), rate = what & 3;
    int64_t amount = (int64_t)byte(s) * 10000;
    m->row.time_utc_ms += (int64_t)byte(s) * ((what & 4) != 0 ? 60000 : 10000);
    m->row.window_ms = what;
    for (unsigned kind = 0; kind < VR_KINDS; kind++) {
        m->row.v[verify_rate(kind, rate)] += amount >> kind;
        m->row.v[verify_total(kind)] += amount >> kind;
        m->row.v[(what & 8) != 0 ? verify_export(kind) : verify_import(kind)] += amount >> kind;
    }
    if ((what & 0xF0) == 0x10)
        m->row.v[word(s) % VERIFY_REGISTERS] += (int64_t)word(s) * 100 - 3000000;
    if ((what & 0xF0) == 0x20)
        m->row.has = (uint16_t)(word(s) & 0x3FFF);
    m->row.has_power = (what & 0xF0) == 0x30;
    m->row.power_cw = amount;
    m->row.settlement = (what & 0xC0) == 0x40 ? m->settlement : NULL;
    if ((what & 0xE0) == 0x60)
        m->settlement[word(s) % VERIFY_SETTLEMENTS] += amount;
    if ((what & 0xF0) == 0x50)
        for (unsigned f = 0; f < SETTLEMENT_FAMILIES; f++)
            memmove(&m->settlement[f * SETTLEMENT_SLOTS + 1], &m->settlement[f * SETTLEMENT_SLOTS],
                    (SETTLEMENT_SLOTS - 1) * sizeof m->settlement[0]);
}

static void feed(struct verify *v, struct meter *m, struct source *s, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        count(m, s);
        verify_push(v, &m->row);
    }
}

static void seal(uint8_t *blob, size_t size)
{
    uint64_t sum = 14695981039346656037u;
    for (size_t i = HEAD; i < size; i++)
        sum = (sum ^ blob[i]) * 1099511628211u;
    memcpy(blob + 8, &sum, sizeof sum);
}

/* False: nothing was changed. */
static bool change(uint8_t *blob, size_t size, struct source *s)
{
    static const int64_t edges[] = {
        0, 1, -1, INT64_MIN, INT64_MAX, (int64_t)1 << 49, -((int64_t)1 << 49), 1000000};
    unsigned n = byte(s) % 16;
    for (unsigned i = 0; i < n; i++) {
        size_t at = word(s) % size;
        unsigned how = byte(s);
        if ((how & 1) != 0 && at / 8 * 8 + 8 <= size)
            memcpy(blob + at / 8 * 8, &edges[how >> 1 & 7], 8);
        else
            blob[at] = (uint8_t)byte(s);
    }
    return n > 0;
}

static void as_new(const struct verify *v, const struct verify *fresh)
{
    static uint8_t a[VERIFY_STATE_MAX], b[VERIFY_STATE_MAX];
    size_t n = verify_save(v, a);
    if (n > VERIFY_STATE_MAX || verify_save(fresh, b) != n || memcmp(a, b, n) != 0)
        abort();
}

/* Bytes as they come, without a sum that fits: never taken. */
static void raw(const struct verify_options *o, struct source *s)
{
    struct fuzz_judge j, fresh;
    fuzz_judge_new(&j, o);
    fuzz_judge_new(&fresh, o);
    if (verify_load(j.v, s->data, s->size) != RC_PARSE)
        abort();
    as_new(j.v, fresh.v);
    fuzz_judge_done(&j);
    fuzz_judge_done(&fresh);
}

static void restore(const struct verify_options *o, struct fuzz_judge *j, struct meter *m, struct source *s)
{
    uint8_t blob[VERIFY_STATE_MAX];
    struct fuzz_judge fresh, restored;
    struct verify_result r;
    size_t size = verify_save(j->v, blob);
    bool with_seal = (byte(s) & 7) != 0, changed = change(blob, size, s);
    if (with_seal)
        seal(blob, size);
    fuzz_judge_new(&restored, o);
    int rc = verify_load(restored.v, blob, size);
    if (rc != RC_OK && !changed)
        abort(); /* what was saved is always taken */
    if (rc != RC_OK) {
        fuzz_judge_new(&fresh, o);
        as_new(restored.v, fresh.v);
        fuzz_judge_done(&fresh);
    }
    verify_result(restored.v, &r);
    if (r.to_utc_ms != INT64_MIN && m->row.time_utc_ms < r.to_utc_ms)
        m->row.time_utc_ms = r.to_utc_ms; /* rows come in ascending order */
    feed(restored.v, m, s, 4 + byte(s) % 60);
    if (verify_save(restored.v, blob) != size)
        abort();
    fuzz_judge_done(&restored);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct source s = {data, size};
    struct tariff tariff;
    struct fuzz_judge j;
    struct meter m = {.row = {.time_utc_ms = 1793457900000, .has = 0x3FFF}}; /* the last hours of a month */
    unsigned how = byte(&s);
    fuzz_tariff_make(&tariff);
    struct verify_options o = {.tariff = (how & 1) != 0 ? NULL : &tariff,
                               .dual_source = (how & 0xC2) == 2,
                               .combined = (enum combined_rule)(how >> 2 & 3),
                               .freeze = (enum freeze_model)((how >> 4 & 3) % 3),
                               .max_power_w = (how & 64) != 0 ? 19008 : 0,
                               .columns = (uint16_t)((how & 128) != 0 ? word(&s) & 0x3FFF : 0x3FFF)};
    if (how == 0xFF) {
        raw(&o, &s);
        return 0;
    }
    for (unsigned e = 0; e < VERIFY_REGISTERS; e++)
        m.row.v[e] = e < VR_RATES ? 400000000 : 100000000;
    fuzz_judge_new(&j, &o);
    feed(j.v, &m, &s, byte(&s) % 100);
    restore(&o, &j, &m, &s);
    fuzz_judge_done(&j);
    return 0;
}
