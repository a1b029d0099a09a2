#include "publish/outbox.h"
#include <string.h>

void outbox_begin(struct outbox *o, unsigned receive_maximum, uint64_t stored, const struct ackset *acked)
{
    memset(o, 0, sizeof *o);
    o->window = receive_maximum == 0 || receive_maximum > OUTBOX_WINDOW ? OUTBOX_WINDOW : receive_maximum;
    o->acked = *acked;
    o->top = stored;
    o->stored = stored;
    o->next_history = ackset_next_missing(acked, 1);
    o->next_fresh = stored + 1;
    o->last_background = LANE_STATE;
}

void outbox_stored(struct outbox *o, uint64_t stored)
{
    if (stored > o->stored)
        o->stored = stored;
}

/* The last number before the next acknowledged span, at most `top`. */
static uint64_t run_end(const struct ackset *a, uint64_t from, uint64_t top)
{
    for (size_t i = 0; i < a->n; i++)
        if (a->span[i].from > from)
            return a->span[i].from - 1 < top ? a->span[i].from - 1 : top;
    return top;
}

bool outbox_wants(const struct outbox *o, enum lane lane, uint64_t *from, uint64_t *to)
{
    if (lane == LANE_FRESH && o->next_fresh <= o->stored) {
        *from = o->next_fresh;
        *to = o->stored;
        return true;
    }
    if (lane == LANE_HISTORY && o->next_history <= o->top) {
        *from = o->next_history;
        *to = run_end(&o->acked, o->next_history, o->top);
        return true;
    }
    return false;
}

void outbox_passed(struct outbox *o, enum lane lane, uint64_t seq)
{
    if (o->unfinished == seq)
        o->unfinished = 0;
    if (lane == LANE_FRESH && seq >= o->next_fresh)
        o->next_fresh = seq + 1;
    else if (lane == LANE_HISTORY && seq >= o->next_history)
        o->next_history = ackset_next_missing(&o->acked, seq + 1);
}

int outbox_turn(const struct outbox *o, unsigned ready)
{
    if (o->in_flight >= o->window)
        return LANE_NONE;
    const bool fresh = (ready & 1u << LANE_FRESH) != 0;
    const unsigned half = o->window < 2 ? 1 : o->window / 2;
    const bool others = (ready & ~(1u << LANE_FRESH)) != 0 && o->background < half;
    if (fresh && (!o->fresh_went || !others))
        return LANE_FRESH;
    if (!others)
        return LANE_NONE;
    for (int step = 1; step <= LANE_COUNT; step++) {
        const int lane = (o->last_background + step) % LANE_COUNT;
        if (lane != LANE_FRESH && (ready & 1u << lane) != 0)
            return lane;
    }
    return LANE_NONE;
}

/* Lanes whose messages carry the ledger to the broker; a retained topic sent again only mends the broker. */
static bool counts(enum lane lane)
{
    return lane == LANE_FRESH || lane == LANE_HISTORY;
}

void outbox_sent(struct outbox *o, enum lane lane, uint64_t seq, int mid, bool more)
{
    if (lane == LANE_FRESH)
        o->unfinished = more ? seq : 0; /* a message of another lane may come between the parts */
    o->fresh_went = lane == LANE_FRESH;
    if (lane != LANE_FRESH)
        o->last_background = (int)lane;
    if (o->in_flight >= OUTBOX_WINDOW)
        return; /* the caller asked outbox_turn() first, so this is not reached */
    o->slot[o->in_flight] = (struct outbox_slot){.mid = mid, .lane = (uint8_t)lane, .seq = seq};
    o->in_flight++;
    if (lane != LANE_FRESH)
        o->background++;
}

static bool still_in_flight(const struct outbox *o, uint64_t seq)
{
    for (unsigned i = 0; i < o->in_flight; i++)
        if (o->slot[i].seq == seq && counts((enum lane)o->slot[i].lane))
            return true;
    return false;
}

bool outbox_acked(struct outbox *o, int mid, enum lane *lane, uint64_t *seq, uint64_t *seq_done)
{
    for (unsigned i = 0; i < o->in_flight; i++) {
        if (o->slot[i].mid != mid)
            continue;
        *lane = (enum lane)o->slot[i].lane;
        *seq = o->slot[i].seq;
        o->in_flight--;
        memmove(&o->slot[i], &o->slot[i + 1], (o->in_flight - i) * sizeof o->slot[0]);
        if (*lane != LANE_FRESH)
            o->background--;
        *seq_done = counts(*lane) && *seq != o->unfinished && !still_in_flight(o, *seq) ? *seq : 0;
        return true;
    }
    return false;
}

bool outbox_idle(const struct outbox *o)
{
    if (o->next_fresh <= o->stored || o->next_history <= o->top)
        return false;
    for (unsigned i = 0; i < o->in_flight; i++)
        if (counts((enum lane)o->slot[i].lane))
            return false;
    return true;
}
