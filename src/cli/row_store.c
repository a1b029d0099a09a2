#include "cli/row_store.h"

#include <stdlib.h>
#include <string.h>
#include "core/rc.h"

/* The first byte of a row. */
enum { ROW_REJECTED = 1, ROW_POWER = 2, ROW_SETTLEMENT = 4, ROW_HAS = 8, ROW_WINDOW = 16 };

#define VARINT_MOST 10
#define ROW_MOST    (1 + VARINT_MOST * (4 + VERIFY_REGISTERS + VERIFY_SETTLEMENTS))

/* Seven bits a byte, the least first; the sign in the lowest bit, so that small differences are short. */
static uint8_t *put_number(uint8_t *to, int64_t x)
{
    uint64_t u = (uint64_t)x << 1 ^ (x < 0 ? UINT64_MAX : 0);
    for (; u >= 0x80; u >>= 7)
        *to++ = (uint8_t)(u | 0x80);
    *to++ = (uint8_t)u;
    return to;
}

static int64_t get_number(const struct row_store *s, struct row_cursor *c)
{
    uint64_t u = 0;
    for (unsigned shift = 0;; shift += 7) {
        uint8_t byte = s->data[c->at++];
        u |= (uint64_t)(byte & 0x7F) << shift;
        if (byte < 0x80)
            return (int64_t)(u >> 1 ^ (0 - (u & 1)));
    }
}

static bool make_room(struct row_store *s)
{
    if (s->room - s->used >= ROW_MOST)
        return true;
    size_t room = s->room == 0 ? 4096 : s->room + s->room / 2;
    uint8_t *data = realloc(s->data, room);
    if (data == NULL)
        return false;
    s->data = data;
    s->room = room;
    return true;
}

static uint8_t *put_settlement(uint8_t *to, struct row_state *last, const int64_t *values)
{
    for (size_t i = 0; i < VERIFY_SETTLEMENTS; i++) {
        bool absent = values[i] == VERIFY_ABSENT;
        int64_t moved = absent ? 0 : values[i] - last->settlement[i];
        *to++ = absent ? 2 : moved != 0;
        if (moved != 0)
            to = put_number(to, moved);
        if (!absent)
            last->settlement[i] = values[i];
    }
    return to;
}

int row_store_add(struct row_store *s, const struct verify_row *row, bool rejected)
{
    if (!make_room(s))
        return RC_NOMEM;
    struct verify_row *last = &s->last.row;
    uint8_t *to = s->data + s->used, *flags = to++;
    *flags = rejected ? ROW_REJECTED : 0;
    s->unsorted |= s->n > 0 && row->time_utc_ms < last->time_utc_ms;
    to = put_number(to, row->time_utc_ms - last->time_utc_ms);
    last->time_utc_ms = row->time_utc_ms;
    if (!rejected && row->window_ms != last->window_ms) {
        *flags |= ROW_WINDOW;
        to = put_number(to, (int64_t)row->window_ms - last->window_ms);
        last->window_ms = row->window_ms;
    }
    if (!rejected && row->has != last->has) {
        *flags |= ROW_HAS;
        to = put_number(to, row->has);
        last->has = row->has;
    }
    for (unsigned e = 0; e < VERIFY_REGISTERS && !rejected; e++) {
        if (!verify_has(row, e))
            continue;
        to = put_number(to, row->v[e] - last->v[e]);
        last->v[e] = row->v[e];
    }
    if (!rejected && row->has_power) {
        *flags |= ROW_POWER;
        to = put_number(to, row->power_cw - last->power_cw);
        last->power_cw = row->power_cw;
    }
    if (!rejected && row->settlement != NULL) {
        *flags |= ROW_SETTLEMENT;
        to = put_settlement(to, &s->last, row->settlement);
    }
    s->used = (size_t)(to - s->data);
    s->n++;
    return RC_OK;
}

static void get_settlement(const struct row_store *s, struct row_cursor *c, int64_t *values)
{
    for (size_t i = 0; i < VERIFY_SETTLEMENTS; i++) {
        uint8_t what = s->data[c->at++];
        if (what == 1)
            c->state.settlement[i] += get_number(s, c);
        values[i] = what == 2 ? VERIFY_ABSENT : c->state.settlement[i];
    }
}

bool row_store_next(const struct row_store *s, struct row_cursor *c, struct verify_row *row, bool *rejected)
{
    struct verify_row *state = &c->state.row;
    if (c->at >= s->used)
        return false;
    uint8_t flags = s->data[c->at++];
    *rejected = (flags & ROW_REJECTED) != 0;
    state->time_utc_ms += get_number(s, c);
    if ((flags & ROW_WINDOW) != 0)
        state->window_ms = (uint32_t)(state->window_ms + get_number(s, c));
    if ((flags & ROW_HAS) != 0)
        state->has = (uint16_t)get_number(s, c);
    for (unsigned e = 0; e < VERIFY_REGISTERS && !*rejected; e++)
        if (verify_has(state, e))
            state->v[e] += get_number(s, c);
    state->has_power = (flags & ROW_POWER) != 0;
    if (state->has_power)
        state->power_cw += get_number(s, c);
    *row = *state;
    row->settlement = NULL;
    if ((flags & ROW_SETTLEMENT) != 0) {
        get_settlement(s, c, c->shown);
        row->settlement = c->shown;
    }
    return true;
}

void row_store_done(struct row_store *s)
{
    free(s->data);
    *s = (struct row_store){0};
}

/* One row taken out of the store, to be put in again at its place. */
struct loose {
    struct verify_row row;
    size_t order;
    int64_t *settlement; /* owned; NULL: none */
    bool rejected;
};

static int by_time(const void *a, const void *b)
{
    const struct loose *x = a, *y = b;
    if (x->row.time_utc_ms != y->row.time_utc_ms)
        return x->row.time_utc_ms < y->row.time_utc_ms ? -1 : 1;
    return x->order < y->order ? -1 : x->order > y->order;
}

static int take_out(const struct row_store *s, struct loose *list, size_t *n)
{
    struct row_cursor *c = calloc(1, sizeof *c);
    if (c == NULL)
        return RC_NOMEM;
    int rc = RC_OK;
    for (*n = 0; rc == RC_OK; ++*n) {
        struct loose *l = &list[*n];
        if (!row_store_next(s, c, &l->row, &l->rejected))
            break;
        l->order = *n;
        l->settlement = NULL;
        if (l->row.settlement == NULL)
            continue;
        l->settlement = malloc(VERIFY_SETTLEMENTS * sizeof l->settlement[0]);
        if (l->settlement == NULL)
            rc = RC_NOMEM;
        else
            memcpy(l->settlement, l->row.settlement, VERIFY_SETTLEMENTS * sizeof l->settlement[0]);
    }
    free(c);
    return rc;
}

int row_store_sort(struct row_store *s)
{
    if (!s->unsorted)
        return RC_OK;
    struct row_store sorted = {0};
    struct loose *list = calloc(s->n, sizeof *list);
    size_t n = 0;
    int rc = list == NULL ? RC_NOMEM : take_out(s, list, &n);
    if (rc == RC_OK)
        qsort(list, n, sizeof *list, by_time);
    for (size_t i = 0; i < n; i++) {
        if (rc == RC_OK) {
            list[i].row.settlement = list[i].settlement;
            rc = row_store_add(&sorted, &list[i].row, list[i].rejected);
        }
        free(list[i].settlement);
    }
    free(list);
    if (rc != RC_OK) {
        row_store_done(&sorted);
        return rc;
    }
    row_store_done(s);
    *s = sorted;
    return RC_OK;
}
