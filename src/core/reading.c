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

const char *reject_text(enum reject r)
{
    static const char *const texts[] = {[REJECT_NOT_A_NUMBER] = "not a number",
                                        [REJECT_RANGE] = "out of range",
                                        [REJECT_ZERO] = "zero, which it cannot be"};
    assert((unsigned)r < sizeof texts / sizeof texts[0]);
    return texts[r];
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
        copy->rejected = 0;
    }
    return copy;
}

struct reading *reading_copy_whole(const struct reading *r)
{
    struct reading *copy = reading_new((size_t)r->count + r->rejected);
    if (copy == NULL)
        return NULL;
    const uint16_t room = copy->room;
    memcpy(copy, r, sizeof *r + r->count * sizeof r->values[0]);
    copy->room = room;
    memcpy(&copy->values[r->count], &r->values[r->room - r->rejected], r->rejected * sizeof r->values[0]);
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
    if (r->count + r->rejected >= r->room)
        return RC_FULL;
    memmove(&r->values[at + 1], &r->values[at], (r->count - at) * sizeof r->values[0]);
    r->values[at] = (struct reading_value){.quantity = (uint16_t)quantity, .value = value};
    r->count++;
    return RC_OK;
}

int reading_reject(struct reading *r, int quantity, enum reject why)
{
    assert(quantity >= 0 && quantity < Q_COUNT);
    if (r->count + r->rejected >= r->room)
        return RC_FULL;
    r->rejected++;
    r->values[r->room - r->rejected] = (struct reading_value){.quantity = (uint16_t)quantity, .value = why};
    return RC_OK;
}

void reading_retract(struct reading *r, uint16_t at, enum reject why)
{
    int quantity = r->values[at].quantity;
    assert(at < r->count);
    r->count--;
    memmove(&r->values[at], &r->values[at + 1], (size_t)(r->count - at) * sizeof r->values[0]);
    reading_reject(r, quantity, why); /* its own room is free now */
}

int reading_rejected(const struct reading *r, uint16_t i, enum reject *why)
{
    const struct reading_value *v = &r->values[r->room - 1 - i];
    assert(i < r->rejected);
    *why = (enum reject)v->value;
    return v->quantity;
}

const int64_t *reading_get(const struct reading *r, int quantity)
{
    size_t at = lower_bound(r, quantity);
    return at < r->count && r->values[at].quantity == quantity ? &r->values[at].value : NULL;
}
