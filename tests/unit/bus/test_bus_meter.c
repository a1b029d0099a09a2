#include <string.h>
#include "bus/bus_meter.h"
#include "core/rc.h"
#include "fake/fake_model.h"
#include "unit_main.h"

static struct regmap *map;
static struct bus_meter meter;
static struct exchange_request request;
static struct exchange_reply reply;
static struct reading *reading;
static int64_t now_ns;

static void setup(void)
{
    map = fake_kpm31();
    now_ns = 1000000000;
    reading = NULL;
    ck_assert_int_eq(bus_meter_init(&meter, 3, 9, map, DECODE_NET_AUTO), RC_OK);
}
static void teardown(void)
{
    reading_free(reading);
    bus_meter_done(&meter);
    regmap_free(map);
}

static const struct exchange_request *ask(enum reg_class klass, bool probe)
{
    struct poll_job job = {.klass = klass, .probe = probe};
    ck_assert_int_eq(bus_meter_request(&meter, &job, now_ns, &request), RC_OK);
    ck_assert_uint_eq(request.unit, 9);
    return &request;
}

static enum poll_result take(enum reg_class klass, bool probe, int rc)
{
    struct poll_job job = {.klass = klass, .probe = probe};
    reading_free(reading);
    now_ns += 100000000;
    reply.sent_ns = now_ns - 90000000;
    reply.done_ns = now_ns;
    for (unsigned i = 0; i < SPAN_MOST_REGS; i += 2)
        if (i + 1 < SPAN_MOST_REGS)
            fake_float(&reply.regs[i], (float)(request.address + i));
    enum poll_result result = bus_meter_take(&meter, &job, &request, &reply, rc, &reading);
    memset(&reply, 0, sizeof reply);
    return result;
}

static enum poll_result refuse(enum reg_class klass, uint8_t exception)
{
    reply.exception = exception;
    return take(klass, false, exception <= 3 ? RC_NOREG : RC_REFUSED);
}

START_TEST(after_silence_the_first_question_is_another_one)
{
    ck_assert_uint_eq(ask(CLASS_ENERGY, false)->count, 28);
    ck_assert_int_eq(take(CLASS_ENERGY, false, RC_NOANSWER), POLL_SILENT);
    ck_assert_uint_eq(ask(CLASS_ENERGY, false)->count, 2);
    ck_assert_int_eq(take(CLASS_ENERGY, false, RC_OK), POLL_MORE);
    ck_assert_ptr_null(reading);
    ck_assert_uint_eq(ask(CLASS_ENERGY, false)->count, 28);
    ck_assert_int_eq(take(CLASS_ENERGY, false, RC_OK), POLL_DONE);
    ck_assert_uint_eq(reading->count, 14);
    ck_assert_uint_eq(reading->meter, 3);
    ck_assert_uint_eq(ask(CLASS_ENERGY, false)->count, 28);
}
END_TEST

START_TEST(a_question_that_differs_anyway_needs_no_other)
{
    ask(CLASS_ENERGY, false);
    take(CLASS_ENERGY, false, RC_BADFRAME);
    ck_assert_uint_eq(ask(CLASS_LIVE, false)->count, 14);
    ck_assert_int_eq(take(CLASS_LIVE, false, RC_OK), POLL_DONE);
    ck_assert_uint_eq(ask(CLASS_ENERGY, false)->count, 28);
}
END_TEST

START_TEST(probes_in_a_row_differ)
{
    uint16_t last = 0;
    for (int i = 0; i < 6; i++) {
        uint16_t count = ask(CLASS_ENERGY, true)->count;
        ck_assert_uint_ne(count, last);
        ck_assert_uint_le(count, 4);
        ck_assert_int_eq(take(CLASS_ENERGY, true, RC_NOANSWER), POLL_SILENT);
        last = count;
    }
    ask(CLASS_ENERGY, true);
    ck_assert_int_eq(take(CLASS_ENERGY, true, RC_OK), POLL_DONE);
    ck_assert_ptr_null(reading); /* a probe is no reading */
}
END_TEST

START_TEST(an_answer_with_an_id_needs_no_care)
{
    meter.trusts_ids = true;
    ask(CLASS_ENERGY, false);
    take(CLASS_ENERGY, false, RC_NOANSWER);
    ck_assert_uint_eq(ask(CLASS_ENERGY, false)->count, 28);
}
END_TEST

START_TEST(behind_a_refusal_an_answer_may_come_all_the_same)
{
    ask(CLASS_ENERGY, false);
    reply.exception = 0x0B;
    ck_assert_int_eq(take(CLASS_ENERGY, false, RC_NOANSWER), POLL_SILENT); /* a gateway's word */
    for (int i = 0; i < 2; i++) {
        ck_assert_uint_eq(ask(CLASS_ENERGY, false)->count, 2); /* so the next question is another one */
        ck_assert_int_eq(take(CLASS_ENERGY, false, RC_OK), POLL_MORE);
        ck_assert_uint_eq(ask(CLASS_ENERGY, false)->count, 28);
        if (i == 0)
            ck_assert_int_eq(refuse(CLASS_ENERGY, 6), POLL_REFUSED); /* and a meter's own */
    }
}
END_TEST

START_TEST(a_sweep_is_one_reading_over_its_whole_window)
{
    static const uint16_t counts[] = {106, 104, 78};
    for (int i = 0; i < 3; i++) {
        ck_assert_uint_eq(ask(CLASS_SETTLEMENT, false)->count, counts[i]);
        ck_assert_int_eq(take(CLASS_SETTLEMENT, false, RC_OK), i < 2 ? POLL_MORE : POLL_DONE);
    }
    ck_assert_uint_eq(reading->count, 144);
    ck_assert_uint_ge(reading->window_ms, 290);
    ck_assert_uint_le(reading->window_ms, 292);
}
END_TEST

START_TEST(a_sweep_that_takes_too_long_is_begun_again)
{
    ask(CLASS_SETTLEMENT, false);
    take(CLASS_SETTLEMENT, false, RC_OK);
    now_ns += 15000000000;
    ck_assert_uint_eq(ask(CLASS_SETTLEMENT, false)->address, 0xEA);
    now_ns += 15000000000;
    ck_assert_uint_eq(ask(CLASS_SETTLEMENT, false)->address, 0x80);
}
END_TEST

/* Reads a sweep from a meter that refuses what `refuses` says; returns the requests it took, 0 when the class
 * is absent. */
static int sweep(bool (*refuses)(const struct exchange_request *q), uint8_t exception)
{
    for (int asked = 1; asked < 100; asked++) {
        const struct exchange_request *q = ask(CLASS_SETTLEMENT, false);
        enum poll_result result = refuses != NULL && refuses(q) ? refuse(CLASS_SETTLEMENT, exception)
                                                                : take(CLASS_SETTLEMENT, false, RC_OK);
        if (result != POLL_MORE)
            return result == POLL_DONE ? asked : 0;
    }
    return -1;
}

static bool over_60(const struct exchange_request *q)
{
    return q->count > 60;
}
static bool over_26(const struct exchange_request *q)
{
    return q->count > 26;
}
/* The last five of ten families are not there. */
static bool behind_11d(const struct exchange_request *q)
{
    return q->address + q->count > 0x11E;
}

START_TEST(a_refused_length_is_cut_and_remembered)
{
    int first = sweep(over_60, 3);
    ck_assert_int_ge(first, 6 + 3);
    ck_assert_uint_eq(reading->count, 144);
    ck_assert_int_eq(sweep(over_60, 3), 6); /* no refusal any more */
    ck_assert_uint_eq(reading->count, 144);
    bus_meter_gap(&meter, 9); /* what it wants is known: no plan undoes it */
    ck_assert_int_eq(sweep(over_60, 3), 6);
}
END_TEST

START_TEST(a_snapshot_is_never_cut)
{
    ck_assert_int_eq(sweep(over_26, 3), 0);
    struct poll_job job = {.klass = CLASS_SETTLEMENT};
    ck_assert_int_eq(bus_meter_request(&meter, &job, now_ns, &request), RC_OK);
    if (meter.check) { /* the short question behind a refusal */
        take(CLASS_SETTLEMENT, false, RC_OK);
        ck_assert_int_eq(bus_meter_request(&meter, &job, now_ns, &request), RC_OK);
    }
    ck_assert_uint_eq(request.address, 0x80);
    ck_assert_uint_eq(request.count, 28);
}
END_TEST

START_TEST(families_that_are_not_there_are_left_out_until_it_was_away)
{
    int first = sweep(behind_11d, 2);
    ck_assert_int_gt(first, 0);
    ck_assert_uint_eq(reading->count, 14 + 5 * 13);
    ck_assert(meter.left_out);
    int again = sweep(behind_11d, 2);
    ck_assert_int_le(again, 3);
    ck_assert_uint_eq(reading->count, 14 + 5 * 13);
    bus_meter_renew(&meter);
    ck_assert_int_eq(sweep(NULL, 0), 3); /* another meter hangs there now */
    ck_assert_uint_eq(reading->count, 144);
}
END_TEST

START_TEST(what_the_meter_does_not_have_is_soon_left_alone)
{
    static const struct {
        const char *says;
        enum reg_class klass;
        uint8_t exception;
        int questions;
    } rows[] = {
        {"a snapshot cannot be cut", CLASS_ENERGY, 2, 1},
        {"no function 3 at all", CLASS_SETTLEMENT, 1, 1},
        {"a sweep is cut down to its snapshot", CLASS_SETTLEMENT, 3, 4},
        {"demand is one value", CLASS_DEMAND, 2, 1},
        {"no relay", CLASS_RELAY, 1, 1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int questions = 0;
        do {
            ask(rows[i].klass, false);
            questions++;
        } while (refuse(rows[i].klass, rows[i].exception) == POLL_MORE);
        ck_assert_msg(questions == rows[i].questions, "%s: %d questions", rows[i].says, questions);
    }
}
END_TEST

START_TEST(of_identity_the_rest_is_worth_having)
{
    struct regmap *m = fake_empty(4);
    fake_reg(m, 0x0001, REG_U16, 1, CLASS_IDENTITY, Q_COMM_ADDRESS, 0);
    fake_reg(m, 0x0012, REG_TEXT, 7, CLASS_IDENTITY, Q_SERIAL_NUMBER, 0);
    fake_reg(m, 0x0023, REG_CLOCK, 3, CLASS_IDENTITY, Q_CLOCK, 0);
    bus_meter_done(&meter);
    ck_assert_int_eq(bus_meter_init(&meter, 3, 9, m, DECODE_NET_AUTO), RC_OK);
    ask(CLASS_IDENTITY, false);
    take(CLASS_IDENTITY, false, RC_OK);
    ck_assert_uint_eq(ask(CLASS_IDENTITY, false)->address, 0x12);
    ck_assert_int_eq(refuse(CLASS_IDENTITY, 2), POLL_MORE);
    ck_assert_uint_eq(ask(CLASS_IDENTITY, false)->address, 0x01);
    ck_assert_int_eq(take(CLASS_IDENTITY, false, RC_OK), POLL_MORE);
    ck_assert_uint_eq(ask(CLASS_IDENTITY, false)->address, 0x23);
    ck_assert_int_eq(take(CLASS_IDENTITY, false, RC_OK), POLL_DONE);
    regmap_free(m);
}
END_TEST

START_TEST(a_relay_that_never_spoke_may_be_missing)
{
    ask(CLASS_RELAY, false);
    ck_assert_int_eq(take(CLASS_RELAY, false, RC_NOANSWER), POLL_ABSENT_QUIET);
    ask(CLASS_RELAY, false);
    reply.relay_closed = true;
    while (take(CLASS_RELAY, false, RC_OK) == POLL_MORE) {
        ask(CLASS_RELAY, false);
        reply.relay_closed = true;
    }
    ck_assert_int_eq(*reading_get(reading, Q_RELAY_DO1), 1);
    ask(CLASS_RELAY, false);
    ck_assert_int_eq(take(CLASS_RELAY, false, RC_NOANSWER), POLL_SILENT);
}
END_TEST

START_TEST(what_was_not_sent_says_nothing)
{
    struct poll_job job = {.klass = CLASS_ENERGY};
    static const struct {
        int rc;
        enum poll_result result;
    } rows[] = {{RC_LINK, POLL_BROKEN},
                {RC_STOPPED, POLL_BROKEN},
                {RC_BADFRAME, POLL_BROKEN},
                {RC_DENIED, POLL_ABSENT_QUIET}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        ask(CLASS_ENERGY, false);
        memset(&reply, 0, sizeof reply);
        ck_assert_int_eq(bus_meter_take(&meter, &job, &request, &reply, rows[i].rc, &reading),
                         rows[i].result);
        ck_assert(!meter.late);
    }
}
END_TEST

START_TEST(a_brief_probe_waits_as_long_as_this_meter_used_to_need)
{
    struct poll_job job = {.klass = CLASS_ENERGY, .probe = true, .brief = true};
    ck_assert_int_eq(bus_meter_request(&meter, &job, now_ns, &request), RC_OK);
    ck_assert_uint_eq(request.wait_ms, 0); /* never heard: nobody knows */
    bus_meter_took(&meter, 5000);
    ck_assert_int_eq(bus_meter_request(&meter, &job, now_ns, &request), RC_OK);
    ck_assert_uint_eq(request.wait_ms, 40);
    bus_meter_took(&meter, 30000);
    bus_meter_took(&meter, 5000);
    ck_assert_int_eq(bus_meter_request(&meter, &job, now_ns, &request), RC_OK);
    ck_assert_uint_ge(request.wait_ms, 118); /* the slowest counts, not the last */
    ck_assert_uint_le(request.wait_ms, 120);
    for (int i = 0; i < 1000; i++)
        bus_meter_took(&meter, 5000);
    ck_assert_int_eq(bus_meter_request(&meter, &job, now_ns, &request), RC_OK);
    ck_assert_uint_le(request.wait_ms, 41); /* that was long ago */
    job.brief = false;
    ck_assert_int_eq(bus_meter_request(&meter, &job, now_ns, &request), RC_OK);
    ck_assert_uint_eq(request.wait_ms, 0);
}
END_TEST

START_TEST(two_equal_sweeps_confirm_each_other)
{
    struct reading *r = reading_new(3);
    const int month = quantity_settlement(0, 0), last = quantity_settlement(0, 1);
    reading_add(r, (uint16_t)month, 1000000);
    reading_add(r, (uint16_t)last, 5000000);
    ck_assert(bus_meter_unsettled(&meter, r)); /* the first stands alone */
    ck_assert(!bus_meter_unsettled(&meter, r));
    r->values[0].value = 1100000; /* the running month runs */
    ck_assert(!bus_meter_unsettled(&meter, r));
    r->values[1].value = 6000000; /* a settlement */
    ck_assert(bus_meter_unsettled(&meter, r));
    ck_assert(!bus_meter_unsettled(&meter, r));
    unsigned asked = 0;
    do { /* a meter that never says the same twice is not swept every minute for ever */
        r->values[1].value++;
        asked++;
    } while (bus_meter_unsettled(&meter, r) && asked < 100);
    ck_assert_uint_eq(asked, 6);
    reading_free(r);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *s = suite_create("bus_meter");
    TCase *t = tcase_create("bus_meter");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, after_silence_the_first_question_is_another_one);
    tcase_add_test(t, a_question_that_differs_anyway_needs_no_other);
    tcase_add_test(t, probes_in_a_row_differ);
    tcase_add_test(t, an_answer_with_an_id_needs_no_care);
    tcase_add_test(t, behind_a_refusal_an_answer_may_come_all_the_same);
    tcase_add_test(t, a_sweep_is_one_reading_over_its_whole_window);
    tcase_add_test(t, a_sweep_that_takes_too_long_is_begun_again);
    tcase_add_test(t, a_refused_length_is_cut_and_remembered);
    tcase_add_test(t, a_snapshot_is_never_cut);
    tcase_add_test(t, families_that_are_not_there_are_left_out_until_it_was_away);
    tcase_add_test(t, what_the_meter_does_not_have_is_soon_left_alone);
    tcase_add_test(t, of_identity_the_rest_is_worth_having);
    tcase_add_test(t, a_relay_that_never_spoke_may_be_missing);
    tcase_add_test(t, what_was_not_sent_says_nothing);
    tcase_add_test(t, a_brief_probe_waits_as_long_as_this_meter_used_to_need);
    tcase_add_test(t, two_equal_sweeps_confirm_each_other);
    suite_add_tcase(s, t);
    return s;
}
