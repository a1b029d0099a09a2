/* poll_dense.c - energy read densely around the boundaries of a tariff.
 *
 * Each reading on either side of a boundary narrows what the meter's clock can be (DOMAIN 4.5); 11 to 13 s,
 * dithered, is no divisor of the minute in which firmware switches its rates.
 */
#include "core/poll_book.h"

#define DENSE_MS        11000
#define DENSE_DITHER_MS 2000

int64_t poll_dense_due(const struct poll_book *m, int64_t now_ms)
{
    if (m->dense_begin_ms >= m->dense_end_ms || now_ms >= m->dense_end_ms)
        return POLL_NEVER;
    int64_t due = m->dense_due_ms > m->dense_begin_ms ? m->dense_due_ms : m->dense_begin_ms;
    return due < m->dense_end_ms ? due : POLL_NEVER;
}

void poll_dense_asked(struct poll_plan *p, struct poll_book *m, int64_t now_ms)
{
    m->dense_due_ms = now_ms + DENSE_MS + poll_draw(p) % (DENSE_DITHER_MS + 1);
}

void poll_plan_dense(struct poll_plan *p, size_t meter, int64_t begin_mono_ms, int64_t end_mono_ms)
{
    struct poll_book *m = &p->meters[meter];
    bool other = begin_mono_ms > m->dense_end_ms;
    m->dense_begin_ms = begin_mono_ms;
    m->dense_end_ms = end_mono_ms;
    if (other) /* many meters have one tariff: not all at the same moment */
        m->dense_due_ms = begin_mono_ms + poll_draw(p) % DENSE_MS;
}
