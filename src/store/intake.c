#include "store/intake.h"

#include <stdlib.h>
#include <string.h>

static size_t size_of(const struct reading *r)
{
    return sizeof *r + r->count * sizeof r->values[0] + 32; /* the allocator's share */
}

void intake_init(struct intake *in, size_t n_meters)
{
    *in = (struct intake){.n_meters = n_meters};
}

static void list_done(struct intake_list *l)
{
    for (size_t i = 0; i < l->n; i++)
        reading_free(l->v[i]);
    free(l->v);
    *l = (struct intake_list){0};
}

void intake_done(struct intake *in)
{
    list_done(&in->wait);
    list_done(&in->held);
}

static void drop(struct intake *in, struct reading *r)
{
    if (in->lost.readings++ == 0 || r->taken_utc_ms < in->lost.from_utc_ms)
        in->lost.from_utc_ms = r->taken_utc_ms;
    if (in->lost.readings == 1 || r->taken_utc_ms > in->lost.to_utc_ms)
        in->lost.to_utc_ms = r->taken_utc_ms;
    reading_free(r);
}

static bool reserve(struct intake_list *l, size_t more)
{
    size_t room = l->room == 0 ? 64 : l->room;
    while (room < l->n + more)
        room *= 2;
    if (room == l->room)
        return true;
    struct reading **v = realloc(l->v, room * sizeof *v);
    if (v == NULL)
        return false;
    l->v = v;
    l->room = room;
    return true;
}

static bool is_live(const struct reading *r)
{
    return r->klass == CLASS_LIVE || r->klass == CLASS_DEMAND;
}

/* Drops all live readings, or the oldest ones until the list fits in `bytes`. */
static void shed(struct intake *in, bool live_only, size_t bytes)
{
    struct intake_list *l = &in->wait;
    size_t kept = in->fixed;
    for (size_t i = in->fixed; i < l->n; i++) {
        struct reading *r = l->v[i];
        if (live_only ? is_live(r) : l->bytes > bytes) {
            l->bytes -= size_of(r);
            drop(in, r);
        } else {
            l->v[kept++] = r;
        }
    }
    l->n = kept;
}

void intake_add(struct intake *in, struct reading *r)
{
    struct intake_list *l = &in->wait;
    if (is_live(r) && l->bytes > INTAKE_LIVE_BYTES)
        shed(in, true, 0);
    if (l->bytes > INTAKE_BYTES)
        shed(in, true, 0);
    if (l->bytes > INTAKE_BYTES)
        shed(in, false,
             INTAKE_BYTES - INTAKE_BYTES / 8); /* in steps, so that it is not done for every reading */
    if (!reserve(l, 1)) {
        drop(in, r);
        return;
    }
    l->bytes += size_of(r);
    l->v[l->n++] = r;
}

/* Keeps of each meter and class one reading in 15 minutes; then, if that is still too much, the newest. */
static void thin(struct intake *in)
{
    struct intake_list *l = &in->held;
    int64_t *last = malloc(in->n_meters * 2 * sizeof *last);
    size_t kept = 0, most = in->n_meters * INTAKE_HELD;
    for (size_t i = 0; last != NULL && i < in->n_meters * 2; i++)
        last[i] = INT64_MIN / 2;
    for (size_t i = 0; i < l->n; i++) {
        struct reading *r = l->v[i];
        size_t at = r->meter * 2u + (r->klass == CLASS_SETTLEMENT);
        if (last == NULL || r->taken_mono_ms - last[at] < INTAKE_THIN_MS) {
            drop(in, r);
        } else {
            last[at] = r->taken_mono_ms;
            l->v[kept++] = r;
        }
    }
    free(last);
    size_t over = kept > most / 2 + most / 4 ? kept - (most / 2 + most / 4) : 0;
    for (size_t i = 0; i < over; i++)
        drop(in, l->v[i]);
    memmove(l->v, l->v + over, (kept - over) * sizeof *l->v);
    l->n = kept - over;
}

void intake_hold(struct intake *in, struct reading *r)
{
    struct intake_list *l = &in->held;
    if (l->n >= in->n_meters * INTAKE_HELD)
        thin(in);
    if (r->meter >= in->n_meters || !reserve(l, 1)) {
        drop(in, r);
        return;
    }
    l->v[l->n++] = r;
}

void intake_stored(struct intake *in, size_t n)
{
    struct intake_list *l = &in->wait;
    if (n == 0)
        return;
    for (size_t i = 0; i < n; i++) {
        l->bytes -= size_of(l->v[i]);
        reading_free(l->v[i]);
    }
    if (l->n > n) /* nothing was ever reserved: no pointers to move between */
        memmove(l->v, l->v + n, (l->n - n) * sizeof *l->v);
    l->n -= n;
    in->fixed = in->fixed > n ? in->fixed - n : 0;
}

void intake_release(struct intake *in, int64_t now_utc_ms, int64_t now_mono_ms, bool suspect)
{
    struct intake_list *w = &in->wait, *h = &in->held;
    if (h->n == 0 || !reserve(w, h->n))
        return;
    /* held ones are older than those that wait, but for a flush that must stay as it was */
    memmove(w->v + in->fixed + h->n, w->v + in->fixed, (w->n - in->fixed) * sizeof *w->v);
    for (size_t i = 0; i < h->n; i++) {
        struct reading *r = h->v[i];
        r->taken_utc_ms = now_utc_ms - (now_mono_ms - r->taken_mono_ms);
        if (suspect)
            r->quality = QUALITY_SUSPECT;
        w->v[in->fixed + i] = r;
        w->bytes += size_of(r);
    }
    w->n += h->n;
    h->n = 0;
}
