/* reading.c - a reading's values, kept in the order of the catalogue. */
#include "core/reading.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include "core/rc.h"

const char *quality_name(enum quality q)
{
    static const char *const names[] = {
        [QUALITY_OK] = "ok", [QUALITY_SUSPECT] = "suspect", [QUALITY_ESTIMATED] = "estimated"};
    assert((unsigned)q < sizeof names / sizeof names[0]);
    return names[q];
}

struct reading *reading_new(size_t n)
{
    if (n > UINT16_MAX)
        return NULL;
    struct reading *r = calloc(1, sizeof *r + n * sizeof r->values[0]);
    if (r != NULL)
        r->room = (uint16_t)n;
    return r;
}

void reading_free(struct reading *r)
{
    free(r);
}

struct reading *reading_copy(const struct reading *r)
{
    size_t size = sizeof *r + r->count * sizeof r->values[0];
    struct reading *copy = malloc(size);
    if (copy != NULL) {
        memcpy(copy, r, size);
        copy->room = r->count;
    }
    return copy;
}

/* Index of the first value whose quantity is not below the one given. */
static size_t lower_bound(const struct reading *r, int quantity)
{
    size_t lo = 0, hi = r->count;
    while (lo < hi) {
        size_t middle = lo + (hi - lo) / 2;
        if (r->values[middle].quantity < quantity)
            lo = middle + 1;
        else
            hi = middle;
    }
    return lo;
}

int reading_add(struct reading *r, int quantity, int64_t value)
{
    assert(quantity >= 0 && quantity < Q_COUNT);
    size_t at = lower_bound(r, quantity);
    if (at < r->count && r->values[at].quantity == quantity)
        return RC_RANGE;
    if (r->count == r->room)
        return RC_FULL;
    memmove(&r->values[at + 1], &r->values[at], (r->count - at) * sizeof r->values[0]);
    r->values[at] = (struct reading_value){.quantity = (uint16_t)quantity, .value = value};
    r->count++;
    return RC_OK;
}

const int64_t *reading_get(const struct reading *r, int quantity)
{
    size_t at = lower_bound(r, quantity);
    return at < r->count && r->values[at].quantity == quantity ? &r->values[at].value : NULL;
}
