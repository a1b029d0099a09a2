/* test_share.c - events, the notice board, the livebox and the state of the ledger. */
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>
#include "core/rc.h"
#include "share/board.h"
#include "share/event.h"
#include "share/ledger_state.h"
#include "share/livebox.h"
#include "unit_main.h"

START_TEST(an_event_is_set_until_cleared)
{
    int fd = event_new();
    ck_assert_int_ge(fd, 0);
    ck_assert(!event_is_set(fd));
    event_clear(fd); /* does not wait */
    event_set(fd);
    event_set(fd);
    ck_assert(event_is_set(fd));
    ck_assert(event_is_set(fd));
    event_clear(fd);
    ck_assert(!event_is_set(fd));
    (void)close(fd);
}
END_TEST

START_TEST(an_event_keeps_errno)
{
    int fd = event_new();
    errno = ENOENT;
    event_clear(fd);
    event_set(fd);
    ck_assert_int_eq(errno, ENOENT);
    (void)close(fd);
}
END_TEST

START_TEST(an_event_that_counted_to_its_end_is_set)
{
    int fd = event_new();
    const uint64_t most = UINT64_MAX - 1;
    ck_assert_int_eq(write(fd, &most, sizeof most), (ssize_t)sizeof most);
    event_set(fd); /* does not wait */
    ck_assert(event_is_set(fd));
    (void)close(fd);
}
END_TEST

START_TEST(the_board_gives_copies)
{
    struct board *b;
    ck_assert_int_eq(board_new(2, 3, &b), RC_OK);
    ck_assert_uint_eq(board_buses(b), 2);
    ck_assert_uint_eq(board_meters(b), 3);
    struct board_meter m;
    board_get_meter(b, 2, &m);
    ck_assert_int_eq(m.status, METER_UNKNOWN);
    ck_assert_int_eq(m.relay, -1);
    m.status = METER_ONLINE;
    m.wire.ok = 5;
    board_set_meter(b, 2, &m);
    m.wire.ok = 6;
    struct board_meter again;
    board_get_meter(b, 2, &again);
    ck_assert_uint_eq(again.wire.ok, 5);
    ck_assert_int_eq(again.status, METER_ONLINE);
    board_get_meter(b, 1, &again);
    ck_assert_int_eq(again.status, METER_UNKNOWN);
    struct board_bus v;
    board_get_bus(b, 1, &v);
    ck_assert_int_eq(v.status, BUS_CLOSED);
    board_free(b);
    board_free(NULL);
    ck_assert_int_eq(board_new(0, 0, &b), RC_OK);
    board_free(b);
}
END_TEST

static bool told(int fd)
{
    bool set = event_is_set(fd);
    event_clear(fd);
    return set;
}

START_TEST(subscribers_hear_of_states_not_of_counters)
{
    struct board *b;
    ck_assert_int_eq(board_new(1, 1, &b), RC_OK);
    int one = board_subscribe(b), two = board_subscribe(b);
    ck_assert_int_ge(one, 0);
    ck_assert_int_ge(two, 0);
    struct board_meter m;
    board_get_meter(b, 0, &m);
    m.wire.ok++;
    m.last_seen_utc_ms = 1;
    board_set_meter(b, 0, &m);
    ck_assert(!told(one));
    m.status = METER_ONLINE;
    board_set_meter(b, 0, &m);
    ck_assert(told(one) && told(two));
    board_set_meter(b, 0, &m);
    ck_assert(!told(one));
    m.relay = 1;
    board_set_meter(b, 0, &m);
    ck_assert(told(one));
    strcpy(m.serial, "31A12345");
    board_set_meter(b, 0, &m);
    ck_assert(told(one));

    struct board_bus v;
    board_get_bus(b, 0, &v);
    v.requests++;
    board_set_bus(b, 0, &v);
    ck_assert(!told(one));
    v.status = BUS_LOST;
    board_set_bus(b, 0, &v);
    ck_assert(told(one));
    strcpy(v.detail, "no such device");
    board_set_bus(b, 0, &v);
    ck_assert(told(one));
    (void)close(one);
    (void)close(two);
    board_free(b);
}
END_TEST

START_TEST(eight_subscribers_and_one_that_left)
{
    struct board *b;
    ck_assert_int_eq(board_new(1, 1, &b), RC_OK);
    int fds[8];
    for (size_t i = 0; i < 8; i++) {
        fds[i] = board_subscribe(b);
        ck_assert_int_ge(fds[i], 0);
    }
    errno = 0;
    ck_assert_int_eq(board_subscribe(b), -1);
    ck_assert_int_eq(errno, ENOSPC);
    /* one closes its descriptor and the number comes back as a pipe: nothing may be written into it */
    int ends[2];
    ck_assert_int_eq(pipe(ends), 0);
    (void)close(fds[0]);
    ck_assert_int_eq(dup2(ends[1], fds[0]), fds[0]);
    struct board_meter m;
    board_get_meter(b, 0, &m);
    m.status = METER_OFFLINE;
    board_set_meter(b, 0, &m);
    ck_assert(!event_is_set(ends[0]));
    ck_assert(event_is_set(fds[7]));
    for (size_t i = 0; i < 8; i++)
        (void)close(fds[i]);
    (void)close(ends[0]);
    (void)close(ends[1]);
    board_free(b);
}
END_TEST

START_TEST(statuses_have_the_words_of_the_contract)
{
    ck_assert_str_eq(meter_status_name(METER_UNKNOWN), "unknown");
    ck_assert_str_eq(meter_status_name(METER_ONLINE), "online");
    ck_assert_str_eq(meter_status_name(METER_STALE), "stale");
    ck_assert_str_eq(meter_status_name(METER_OFFLINE), "offline");
    ck_assert_str_eq(bus_status_name(BUS_CLOSED), "closed");
    ck_assert_str_eq(bus_status_name(BUS_OPEN), "open");
    ck_assert_str_eq(bus_status_name(BUS_LOST), "lost");
    ck_assert_str_eq(bus_status_name(BUS_NOISY), "noisy");
}
END_TEST

static void put(struct livebox *b, uint32_t meter, enum reg_class klass, int64_t value)
{
    struct reading *r = reading_new(1);
    r->meter = meter;
    r->klass = klass;
    ck_assert_int_eq(reading_add(r, Q_VOLTAGE, value), RC_OK);
    livebox_put(b, r);
    reading_free(r);
}

static void expect(struct livebox *b, uint32_t meter, enum reg_class klass, int64_t value)
{
    ck_assert(event_is_set(livebox_fd(b)));
    struct reading *r = livebox_take(b);
    ck_assert_ptr_nonnull(r);
    ck_assert_uint_eq(r->meter, meter);
    ck_assert_int_eq(r->klass, klass);
    ck_assert_int_eq(*reading_get(r, Q_VOLTAGE), value);
    reading_free(r);
}

START_TEST(the_livebox_keeps_the_newest_in_the_order_of_waiting)
{
    struct livebox *b;
    ck_assert_int_eq(livebox_new(3, &b), RC_OK);
    ck_assert_ptr_null(livebox_take(b));
    ck_assert(!event_is_set(livebox_fd(b)));
    for (int round = 0; round < 10; round++) { /* around the ring */
        put(b, 2, CLASS_LIVE, 1);
        put(b, 0, CLASS_LIVE, 2);
        put(b, 2, CLASS_DEMAND, 3);
        put(b, 2, CLASS_LIVE, 4); /* replaces 1, keeps its place */
        expect(b, 2, CLASS_LIVE, 4);
        expect(b, 0, CLASS_LIVE, 2);
        put(b, 2, CLASS_LIVE, 5);
        expect(b, 2, CLASS_DEMAND, 3);
        expect(b, 2, CLASS_LIVE, 5);
        ck_assert_ptr_null(livebox_take(b));
        ck_assert(!event_is_set(livebox_fd(b)));
    }
    put(b, 1, CLASS_LIVE, 1);
    put(b, 1, CLASS_LIVE, 2);
    expect(b, 1, CLASS_LIVE, 2);
    ck_assert(!event_is_set(livebox_fd(b))); /* replaced: it waited once */
    put(b, 3, CLASS_LIVE, 6);                /* no such meter */
    ck_assert_ptr_null(livebox_take(b));
    put(b, 1, CLASS_LIVE, 7);
    livebox_free(b); /* with what is in it: the leak checker looks */
    livebox_free(NULL);
    ck_assert_int_eq(livebox_new(0, &b), RC_OK);
    put(b, 0, CLASS_LIVE, 1);
    livebox_free(b);
}
END_TEST

START_TEST(the_ledger_is_unknown_until_opened)
{
    struct ledger_state *s;
    ck_assert_int_eq(ledger_state_new(&s), RC_OK);
    char id[LEDGER_ID] = "";
    uint64_t stored = 4711;
    struct ackset acked = {0};
    ck_assert(!ledger_state_get(s, id, &stored, &acked));
    ck_assert_uint_eq(stored, 4711);
    ledger_state_acked(s, "0a1b2c3d", 1);
    ck_assert(!ledger_state_take_acked(s, &acked));
    ck_assert(!event_is_set(ledger_state_fd(s)));

    struct ackset saved = {0};
    ackset_add(&saved, 1);
    ledger_state_opened(s, "0a1b2c3d", 5, &saved);
    ck_assert(event_is_set(ledger_state_fd(s)));
    ck_assert(ledger_state_get(s, id, &stored, &acked));
    ck_assert_str_eq(id, "0a1b2c3d");
    ck_assert_uint_eq(stored, 5);
    ck_assert_uint_eq(ackset_contiguous(&acked), 1);
    ledger_state_free(s);
    ledger_state_free(NULL);
}
END_TEST

START_TEST(the_ledger_state_goes_both_ways)
{
    struct ledger_state *s;
    ck_assert_int_eq(ledger_state_new(&s), RC_OK);
    struct ackset acked = {0};
    ledger_state_opened(s, "0a1b2c3d", 5, &acked);
    event_clear(ledger_state_fd(s));
    ledger_state_stored(s, 5);
    ck_assert(!event_is_set(ledger_state_fd(s)));
    ledger_state_stored(s, 7);
    ck_assert(event_is_set(ledger_state_fd(s)));
    ledger_state_stored(s, 6); /* never falls */
    char id[LEDGER_ID];
    uint64_t stored;
    ck_assert(ledger_state_get(s, id, &stored, &acked));
    ck_assert_uint_eq(stored, 7);

    ck_assert(!ledger_state_take_acked(s, &acked));
    ledger_state_acked(s, "0a1b2c3d", 1);
    ledger_state_acked(s, "0a1b2c3d", 2);
    ck_assert(ledger_state_take_acked(s, &acked));
    ck_assert_uint_eq(ackset_contiguous(&acked), 2);
    ck_assert(!ledger_state_take_acked(s, &acked));
    ck_assert_uint_eq(ackset_contiguous(&acked), 2);
    ledger_state_acked(s, "0a1b2c3d", 2); /* again: nothing new to save */
    ck_assert(!ledger_state_take_acked(s, &acked));
    ledger_state_acked(s, "0a1b2c3d", 8); /* was never stored */
    ledger_state_acked(s, "00000000", 3); /* of a ledger before this one */
    ck_assert(!ledger_state_take_acked(s, &acked));
    ck_assert(!ackset_has(&acked, 8));
    ledger_state_free(s);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *s = suite_create("share");
    TCase *c = tcase_create("share");
    tcase_add_test(c, an_event_is_set_until_cleared);
    tcase_add_test(c, an_event_keeps_errno);
    tcase_add_test(c, an_event_that_counted_to_its_end_is_set);
    tcase_add_test(c, the_board_gives_copies);
    tcase_add_test(c, subscribers_hear_of_states_not_of_counters);
    tcase_add_test(c, eight_subscribers_and_one_that_left);
    tcase_add_test(c, statuses_have_the_words_of_the_contract);
    tcase_add_test(c, the_livebox_keeps_the_newest_in_the_order_of_waiting);
    tcase_add_test(c, the_ledger_is_unknown_until_opened);
    tcase_add_test(c, the_ledger_state_goes_both_ways);
    suite_add_tcase(s, c);
    return s;
}
