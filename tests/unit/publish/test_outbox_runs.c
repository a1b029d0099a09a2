/* Thousands of random lives of a ledger: rows are stored, connections come and go, acknowledgements are lost
 * with them or come late and out of order. Whatever happens, the promises of the ledger hold. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "publish/outbox.h"
#include "unit_main.h"

#define RUNS     2000
#define MOST_SEQ 120

struct world {
    uint64_t random, stored;
    struct outbox box;
    struct ackset acked; /* what the store saves */
    unsigned char delivered[MOST_SEQ + 1], parts[MOST_SEQ + 1];
    struct {
        int mid;
        uint64_t seq;
    } wire[OUTBOX_WINDOW];
    unsigned on_wire;
    int next_mid;
    uint64_t last_history, last_fresh, top; /* of this connection */
    unsigned part;                          /* of the new row being sent */
};

static uint64_t chance(struct world *w, uint64_t below)
{
    w->random ^= w->random << 13;
    w->random ^= w->random >> 7;
    w->random ^= w->random << 17;
    return w->random % below;
}

static void connect_up(struct world *w)
{
    static const unsigned receive[] = {0, 1, 2, 3, 20, 65535};
    outbox_begin(&w->box, receive[chance(w, 6)], w->stored, &w->acked);
    w->on_wire = 0;
    w->next_mid = (int)chance(w, 60000);
    w->last_history = 0;
    w->last_fresh = w->top = w->stored;
    w->part = 0;
}

static void put_on_wire(struct world *w, enum lane lane, uint64_t seq, bool more)
{
    const int mid = ++w->next_mid;
    outbox_sent(&w->box, lane, seq, mid, more);
    ck_assert_uint_lt(w->on_wire, OUTBOX_WINDOW);
    w->wire[w->on_wire].mid = mid;
    w->wire[w->on_wire].seq = lane == LANE_RETAINED ? 0 : seq;
    w->on_wire++;
    ck_assert_uint_le(w->box.in_flight, w->box.window);
    ck_assert_uint_eq(w->box.in_flight, w->on_wire);
}

static void send_one(struct world *w)
{
    uint64_t from = 0, to = 0, unused = 0;
    const bool fresh = outbox_wants(&w->box, LANE_FRESH, &from, &to);
    const bool history = outbox_wants(&w->box, LANE_HISTORY, &unused, &unused);
    const bool fresh_before = w->box.fresh_went;
    const unsigned others =
        (history ? 1u << LANE_HISTORY : 0) | (chance(w, 4) == 0 ? 1u << LANE_RETAINED : 0);
    const int lane = outbox_turn(&w->box, (fresh ? 1u << LANE_FRESH : 0) | others);
    if (lane == LANE_NONE)
        return;
    if (fresh && lane != LANE_FRESH) {
        ck_assert_msg(fresh_before, "while a new message waits every second one is new");
        ck_assert_uint_lt(w->box.background, w->box.window < 2 ? 1 : w->box.window / 2);
    }
    if (lane == LANE_RETAINED) {
        put_on_wire(w, LANE_RETAINED, 1 + chance(w, MOST_SEQ), false);
        return;
    }
    ck_assert(outbox_wants(&w->box, (enum lane)lane, &from, &to));
    if (lane == LANE_FRESH) {
        ck_assert_msg(from == w->last_fresh + 1, "new messages leave nothing out and keep their order");
        ck_assert_uint_gt(from, w->top);
        const bool more = ++w->part < 1 + from % 3; /* rows of one, two and three parts */
        put_on_wire(w, LANE_FRESH, from, more);
        if (more)
            return;
        w->part = 0;
        w->last_fresh = from;
    } else {
        ck_assert_msg(from > w->last_history, "history keeps its order");
        ck_assert_uint_le(from, w->top);
        ck_assert_msg(!ackset_has(&w->box.acked, from), "what was acknowledged is not sent again");
        put_on_wire(w, LANE_HISTORY, from, false);
        w->last_history = from;
    }
    outbox_passed(&w->box, (enum lane)lane, from);
}

static void acknowledge_one(struct world *w)
{
    if (w->on_wire == 0)
        return;
    const unsigned i = chance(w, 3) == 0 ? (unsigned)chance(w, w->on_wire) : 0;
    const int mid = w->wire[i].mid;
    w->on_wire--;
    memmove(&w->wire[i], &w->wire[i + 1], (w->on_wire - i) * sizeof w->wire[0]);
    enum lane lane;
    uint64_t seq = 0, done = 0;
    ck_assert(outbox_acked(&w->box, mid, &lane, &seq, &done));
    if (lane == LANE_HISTORY || lane == LANE_FRESH)
        w->parts[seq]++;
    if (done != 0) {
        ck_assert_uint_eq(done, seq);
        ck_assert_msg(lane == LANE_HISTORY || w->parts[seq] >= 1 + seq % 3, "all parts of %u", (unsigned)seq);
        w->delivered[seq] = 1;
        ackset_add(&w->acked, seq);
    }
}

static void live(struct world *w)
{
    connect_up(w);
    for (int step = 0; step < 400; step++) {
        const uint64_t what = chance(w, 100);
        if (what < 3 && w->stored < MOST_SEQ) {
            w->stored += 1 + chance(w, 8);
            w->stored = w->stored > MOST_SEQ ? MOST_SEQ : w->stored;
            outbox_stored(&w->box, w->stored);
        } else if (what < 50) {
            send_one(w);
        } else if (what < 99) {
            acknowledge_one(w);
        } else {
            memset(w->parts, 0, sizeof w->parts);
            connect_up(w);
        }
    }
    /* The weather clears: everything arrives. */
    memset(w->parts, 0, sizeof w->parts);
    connect_up(w);
    for (int step = 0; step < 40 * MOST_SEQ && !outbox_idle(&w->box); step++) {
        send_one(w);
        acknowledge_one(w);
    }
    ck_assert(outbox_idle(&w->box));
    ck_assert_uint_eq(ackset_contiguous(&w->acked), w->stored);
    for (uint64_t seq = 1; seq <= w->stored; seq++)
        ck_assert_msg(w->delivered[seq], "seq %u was never acknowledged", (unsigned)seq);
}

START_TEST(whatever_happens_every_number_is_acknowledged)
{
    for (uint64_t seed = 1; seed <= RUNS; seed++) {
        struct world w;
        memset(&w, 0, sizeof w);
        w.random = seed * UINT64_C(0x9E3779B97F4A7C15);
        live(&w);
    }
}
END_TEST

Suite *unit_suite(void)
{
    Suite *s = suite_create("outbox_runs");
    TCase *t = tcase_create("runs");
    tcase_set_timeout(t, 120);
    tcase_add_test(t, whatever_happens_every_number_is_acknowledged);
    suite_add_tcase(s, t);
    return s;
}
