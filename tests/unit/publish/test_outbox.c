#include <stdlib.h>
#include <string.h>
#include "publish/outbox.h"
#include "unit_main.h"

#define BIT(lane) (1u << (lane))

static struct outbox o;

static struct ackset acked_to(uint64_t n)
{
    struct ackset a = {0};
    for (uint64_t seq = 1; seq <= n; seq++)
        ackset_add(&a, seq);
    return a;
}

START_TEST(history_is_what_lies_between_acknowledged_and_stored)
{
    uint64_t from = 0, to = 0;
    struct ackset a = acked_to(10);
    ackset_add(&a, 15);
    ackset_add(&a, 16);
    outbox_begin(&o, 0, 20, &a);
    ck_assert(outbox_wants(&o, LANE_HISTORY, &from, &to));
    ck_assert(from == 11 && to == 14);
    ck_assert(!outbox_wants(&o, LANE_FRESH, &from, &to));
    outbox_passed(&o, LANE_HISTORY, 14);
    ck_assert(outbox_wants(&o, LANE_HISTORY, &from, &to));
    ck_assert_msg(from == 17 && to == 20, "over what was acknowledged by itself");
    outbox_passed(&o, LANE_HISTORY, 20);
    ck_assert(!outbox_wants(&o, LANE_HISTORY, &from, &to));
}
END_TEST

START_TEST(what_is_stored_later_is_new_and_no_history)
{
    uint64_t from = 0, to = 0;
    const struct ackset a = acked_to(20);
    outbox_begin(&o, 0, 20, &a);
    ck_assert(outbox_idle(&o));
    outbox_stored(&o, 23);
    outbox_stored(&o, 22); /* never back */
    ck_assert(!outbox_wants(&o, LANE_HISTORY, &from, &to));
    ck_assert(outbox_wants(&o, LANE_FRESH, &from, &to));
    ck_assert(from == 21 && to == 23);
    outbox_passed(&o, LANE_FRESH, 21);
    ck_assert(outbox_wants(&o, LANE_FRESH, &from, &to));
    ck_assert(from == 22 && to == 23);
    ck_assert(!outbox_idle(&o));
}
END_TEST

START_TEST(an_empty_ledger_wants_nothing)
{
    uint64_t from = 0, to = 0;
    const struct ackset none = {0};
    outbox_begin(&o, 0, 0, &none);
    ck_assert(!outbox_wants(&o, LANE_HISTORY, &from, &to));
    ck_assert(!outbox_wants(&o, LANE_FRESH, &from, &to));
    ck_assert(outbox_idle(&o));
}
END_TEST

static const struct {
    unsigned receive_maximum, window;
} windows[] = {{0, 100}, {65535, 100}, {101, 100}, {100, 100}, {99, 99}, {20, 20}, {1, 1}};

START_TEST(the_window_is_the_brokers_or_a_hundred)
{
    const struct ackset none = {0};
    outbox_begin(&o, windows[_i].receive_maximum, 1000, &none);
    unsigned sent = 0;
    for (int mid = 1; outbox_turn(&o, BIT(LANE_FRESH)) == LANE_FRESH; mid++, sent++)
        outbox_sent(&o, LANE_FRESH, (uint64_t)mid, mid, false);
    ck_assert_uint_eq(sent, windows[_i].window);
}
END_TEST

START_TEST(everything_but_new_messages_holds_half_of_the_window)
{
    static const unsigned half[][2] = {{100, 50}, {20, 10}, {3, 1}, {2, 1}, {1, 1}};
    const struct ackset none = {0};
    for (size_t i = 0; i < sizeof half / sizeof half[0]; i++) {
        outbox_begin(&o, half[i][0], 1000, &none);
        unsigned sent = 0;
        int lane;
        const unsigned all = BIT(LANE_HISTORY) | BIT(LANE_RETAINED) | BIT(LANE_ANSWER) | BIT(LANE_STATE);
        for (int mid = 1; (lane = outbox_turn(&o, all)) != LANE_NONE; mid++, sent++)
            outbox_sent(&o, (enum lane)lane, 0, mid, false);
        ck_assert_uint_eq(sent, half[i][1]);
        ck_assert_int_eq(outbox_turn(&o, BIT(LANE_FRESH) | all), half[i][0] > 1 ? LANE_FRESH : LANE_NONE);
    }
}
END_TEST

START_TEST(turns_are_taken)
{
    const struct ackset none = {0};
    const unsigned all = BIT(LANE_COUNT) - 1;
    unsigned sent[LANE_COUNT] = {0};
    outbox_begin(&o, 0, 1000, &none);
    for (int mid = 1; mid <= 80; mid++) {
        const int lane = outbox_turn(&o, all);
        ck_assert_int_ne(lane, LANE_NONE);
        outbox_sent(&o, (enum lane)lane, 0, mid, false);
        sent[lane]++;
    }
    ck_assert_uint_eq(sent[LANE_FRESH], 40);
    ck_assert_uint_eq(sent[LANE_HISTORY], 10);
    ck_assert_uint_eq(sent[LANE_RETAINED], 10);
    ck_assert_uint_eq(sent[LANE_ANSWER], 10);
    ck_assert_uint_eq(sent[LANE_STATE], 10);
}
END_TEST

START_TEST(an_acknowledgement_frees_its_place_once)
{
    const struct ackset none = {0};
    enum lane lane;
    uint64_t seq = 0, done = 0;
    outbox_begin(&o, 2, 5, &none);
    outbox_sent(&o, LANE_HISTORY, 3, 77, false);
    ck_assert(!outbox_acked(&o, 78, &lane, &seq, &done));
    ck_assert(outbox_acked(&o, 77, &lane, &seq, &done));
    ck_assert(lane == LANE_HISTORY && seq == 3 && done == 3);
    ck_assert(!outbox_acked(&o, 77, &lane, &seq, &done));
    ck_assert_uint_eq(o.in_flight, 0);
    ck_assert_uint_eq(o.background, 0);
}
END_TEST

START_TEST(a_number_is_done_with_the_last_of_its_parts)
{
    const struct ackset none = {0};
    enum lane lane;
    uint64_t seq = 0, done = 0;
    outbox_begin(&o, 0, 0, &none);
    outbox_stored(&o, 2);
    outbox_sent(&o, LANE_FRESH, 1, 10, true);
    ck_assert(outbox_acked(&o, 10, &lane, &seq, &done));
    ck_assert_msg(done == 0, "the second part has not been sent");
    outbox_sent(&o, LANE_FRESH, 1, 11, true);
    outbox_sent(&o, LANE_FRESH, 1, 12, false);
    ck_assert(outbox_acked(&o, 12, &lane, &seq, &done));
    ck_assert_msg(done == 0, "the second part is still in flight");
    ck_assert(outbox_acked(&o, 11, &lane, &seq, &done));
    ck_assert_uint_eq(done, 1);
}
END_TEST

START_TEST(a_row_given_up_half_way_does_not_stay_open)
{
    const struct ackset none = {0};
    outbox_begin(&o, 0, 0, &none);
    outbox_stored(&o, 1);
    outbox_sent(&o, LANE_FRESH, 1, 10, true);
    outbox_passed(&o, LANE_FRESH, 1);
    enum lane lane;
    uint64_t seq = 0, done = 0;
    ck_assert(outbox_acked(&o, 10, &lane, &seq, &done));
    ck_assert_uint_eq(done, 1);
    ck_assert(outbox_idle(&o));
}
END_TEST

START_TEST(retained_topics_and_state_acknowledge_no_number)
{
    static const enum lane lanes[] = {LANE_RETAINED, LANE_ANSWER, LANE_STATE};
    const struct ackset none = {0};
    for (size_t i = 0; i < sizeof lanes / sizeof lanes[0]; i++) {
        enum lane lane;
        uint64_t seq = 0, done = 9;
        outbox_begin(&o, 0, 5, &none);
        outbox_sent(&o, lanes[i], 5, 1, false);
        ck_assert(outbox_acked(&o, 1, &lane, &seq, &done));
        ck_assert_uint_eq(done, 0);
    }
}
END_TEST

Suite *unit_suite(void)
{
    Suite *s = suite_create("outbox");
    TCase *t = tcase_create("rules");
    tcase_add_test(t, history_is_what_lies_between_acknowledged_and_stored);
    tcase_add_test(t, what_is_stored_later_is_new_and_no_history);
    tcase_add_test(t, an_empty_ledger_wants_nothing);
    tcase_add_loop_test(t, the_window_is_the_brokers_or_a_hundred, 0, sizeof windows / sizeof windows[0]);
    tcase_add_test(t, everything_but_new_messages_holds_half_of_the_window);
    tcase_add_test(t, turns_are_taken);
    tcase_add_test(t, an_acknowledgement_frees_its_place_once);
    tcase_add_test(t, a_number_is_done_with_the_last_of_its_parts);
    tcase_add_test(t, a_row_given_up_half_way_does_not_stay_open);
    tcase_add_test(t, retained_topics_and_state_acknowledge_no_number);
    suite_add_tcase(s, t);
    return s;
}
