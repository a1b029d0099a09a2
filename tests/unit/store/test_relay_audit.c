/* Who switched which relay: the row stands before the coil moves, one id is one command for ever, and a
 * change nobody asked us for is an event. */
#include <poll.h>
#include <string.h>
#include <unistd.h>
#include "core/clock.h"
#include "core/log.h"
#include "core/rc.h"
#include "place.h"
#include "scratch.h"
#include "store/schema.h"
#include "store/store_worker.h"
#include "unit_main.h"

static struct place place;
static struct rqueue *queue;
static struct board *board;
static struct ledger_state *ledger;
static struct livebox *live;
static struct store_worker *w;

static void start(void)
{
    char why[STORE_WHY];
    ck_assert_msg(store_worker_open(&place.settings, queue, board, ledger, live, &w, why) == RC_OK, "%s",
                  why);
    ck_assert_int_eq(store_worker_start(w), RC_OK);
}

static void stop(void)
{
    store_worker_stop(w);
    store_worker_join(w);
}

static void setup(void)
{
    scratch_make();
    place_init(&place, scratch_path("m.db"));
    log_open(false, LOG_LEVEL_ERROR);
    clock_simulate(PLACE_T0, 1.0);
    ck_assert_int_eq(rqueue_new(1000, &queue), RC_OK);
    ck_assert_int_eq(board_new(1, PLACE_METERS, &board), RC_OK);
    ck_assert_int_eq(ledger_state_new(&ledger), RC_OK);
    ck_assert_int_eq(livebox_new(PLACE_METERS, &live), RC_OK);
    start();
}

static void teardown(void)
{
    stop();
    rqueue_free(queue);
    board_free(board);
    ledger_state_free(ledger);
    livebox_free(live);
    place_done(&place);
    scratch_remove();
}

static struct relay_intent intent(const char *meter, bool mqtt, const char *command, uint64_t token)
{
    struct relay_intent in = {.mqtt = mqtt, .token = token, .close = false, .ts_utc_ms = PLACE_T0};
    strcpy(in.meter, meter);
    strcpy(in.who, "nobody's uncle");
    strcpy(in.command, command);
    return in;
}

static const struct relay_result refused = {
    .ok = false, .state = 1, .ts_utc_ms = PLACE_T0 + 500, .error = "not_switched", .detail = "perhaps Local"};

START_TEST(the_row_is_there_before_the_coil_and_complete_after)
{
    struct relay_intent in = intent("m1", true, "c-1", 7);
    in.expires_utc_ms = PLACE_T0 + 60000;
    ck_assert_int_eq(store_worker_intents(w, &in, 1, 10000), RC_OK);
    ck_assert(!in.seen);
    ck_assert_str_eq(place_text(&place,
                                "SELECT ts || ' ' || meter || ' ' || source || ' ' || who || ' ' || id || ' '"
                                " || wanted || ' ' || expires || ' ' || (done IS NULL) FROM audit"),
                     "2026-11-01T00:00:00.000Z m1 mqtt nobody's uncle c-1 open 2026-11-01T00:01:00.000Z 1");
    store_worker_outcome(w, &in, &refused);
    store_worker_flush(w);
    ck_assert_str_eq(
        place_text(&place,
                   "SELECT done || ' ' || ok || ' ' || state || ' ' || error || ' ' || detail FROM audit"),
        "2026-11-01T00:00:00.500Z 0 closed not_switched perhaps Local");
}
END_TEST

START_TEST(one_id_is_one_command_for_ever)
{
    struct relay_intent first = intent("m1", true, "c-1", 1);
    ck_assert_int_eq(store_worker_intents(w, &first, 1, 10000), RC_OK);
    struct relay_intent again[] = {intent("m1", true, "c-1", 2), intent("m2", true, "c-1", 3),
                                   intent("m1", false, "c-1", 4), intent("m1", true, "c-2", 5)};
    ck_assert_int_eq(store_worker_intents(w, again, 4, 10000), RC_OK);
    ck_assert(again[0].seen && again[0].pending);
    ck_assert(!again[1].seen && !again[2].seen && !again[3].seen);
    store_worker_outcome(w, &again[0], &(struct relay_result){.ok = true, .state = 0}); /* not its own row */
    store_worker_outcome(w, &first, &refused);
    stop();
    start();
    struct relay_intent later = intent("m1", true, "c-1", 6);
    ck_assert_int_eq(store_worker_intents(w, &later, 1, 10000), RC_OK);
    ck_assert(later.seen && !later.pending && !later.before.ok);
    ck_assert_int_eq(later.before.state, 1);
    ck_assert_str_eq(later.before.error, "not_switched");
    ck_assert_int_eq(place_int(&place, "SELECT count(*) FROM audit"), 4);
}
END_TEST

START_TEST(what_a_run_leaves_open_is_unknown_to_the_next)
{
    struct relay_intent in = intent("m1", false, "x", 1);
    ck_assert_int_eq(store_worker_intents(w, &in, 1, 10000), RC_OK);
    stop();
    start();
    ck_assert_str_eq(place_text(&place, "SELECT ok || ' ' || error FROM audit WHERE done IS NOT NULL"),
                     "0 unknown");
}
END_TEST

START_TEST(a_batch_has_its_bound)
{
    static struct relay_intent list[RELAY_BATCH + 1];
    for (unsigned i = 0; i <= RELAY_BATCH; i++) {
        list[i] = intent("m1", true, "", i + 1);
        list[i].command[0] = (char)('0' + i);
    }
    ck_assert_int_eq(store_worker_intents(w, list, RELAY_BATCH, 10000), RC_OK);
    ck_assert_int_eq(place_int(&place, "SELECT count(*) FROM audit"), RELAY_BATCH);
    ck_assert_int_eq(store_worker_intents(w, list, RELAY_BATCH + 1, 10000), RC_RANGE);
}
END_TEST

static void read_relay(bool closed, enum reading_command command)
{
    struct reading *r = reading_new(1);
    r->meter = 0;
    r->klass = CLASS_RELAY;
    r->taken_utc_ms = clock_utc_ms();
    r->taken_mono_ms = clock_mono_ms();
    r->command = (uint8_t)command;
    reading_add(r, Q_RELAY_DO1, closed);
    ck_assert_int_eq(rqueue_push(queue, r), RC_OK);
    store_worker_flush(w);
}

#define EVENTS                                                                                               \
    "SELECT group_concat(kind || ' ' || (detail ->> 'state'), ', ') FROM event WHERE kind LIKE 'relay%'"

START_TEST(a_change_without_our_command_is_an_event_also_over_a_restart)
{
    read_relay(true, READING_UNASKED);
    ck_assert_ptr_null(
        strstr(place_text(&place, "SELECT coalesce(group_concat(kind), '') FROM event"), "relay"));
    read_relay(false, READING_UNASKED);
    ck_assert_str_eq(place_text(&place, EVENTS), "relay_changed open");
    read_relay(true, READING_BACK);
    read_relay(true, READING_UNASKED);
    ck_assert_str_eq(place_text(&place, EVENTS), "relay_changed open");
    read_relay(false, READING_LATE);
    ck_assert_str_eq(place_text(&place, EVENTS), "relay_changed open, relay_switched open");
    stop();
    start();
    ck_assert_str_eq(
        place_text(&place, "SELECT quantity || ' ' || value FROM latest WHERE quantity = 'relay_do1'"),
        "relay_do1 0.0");
    read_relay(false, READING_UNASKED);
    read_relay(true, READING_UNASKED);
    ck_assert_str_eq(place_text(&place, EVENTS),
                     "relay_changed open, relay_switched open, relay_changed closed");
}
END_TEST

START_TEST(an_older_file_is_migrated_after_a_copy_of_it_was_made)
{
    char why[200], copy[200];
    struct db d = {0};
    const char *old = scratch_path("old.db");
    strcpy(copy, old);
    strcat(copy, "-version1");
    ck_assert_int_eq(schema_create(old, "0123abcd", 0, why, sizeof why), RC_OK);
    ck_assert_int_eq(db_open(old, DB_WRITE, &d), RC_OK);
    ck_assert_int_eq(
        db_exec(&d, "DROP VIEW latest; DROP VIEW audit; DROP TABLE audit_data;"
                    "ALTER TABLE meter_now DROP COLUMN relay; ALTER TABLE meter_now DROP COLUMN relay_ms;"
                    "INSERT INTO meter_now (meter) VALUES (5); PRAGMA user_version = 1"),
        RC_OK);
    ck_assert_int_eq(schema_migrate(&d), RC_OK);
    int64_t n = 0;
    ck_assert_int_eq(db_int(&d, "SELECT count(*) FROM audit", &n), RC_OK);
    ck_assert_int_eq(db_int(&d, "SELECT meter FROM meter_now WHERE relay IS NULL", &n), RC_OK);
    ck_assert_int_eq(n, 5);
    ck_assert_int_eq(db_int(&d, "SELECT is_backup FROM store_state", &n), RC_OK);
    ck_assert_int_eq(n, 0);
    db_close(&d);
    unsigned version = 0;
    ck_assert_int_eq(schema_recognise(copy, &version), RC_OK);
    ck_assert_uint_eq(version, 1);
    ck_assert_int_eq(db_open(copy, DB_READ, &d), RC_OK);
    ck_assert_int_eq(db_int(&d, "SELECT meter + is_backup FROM meter_now, store_state", &n), RC_OK);
    ck_assert_int_eq(n, 6);
    db_close(&d);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *s = suite_create("relay_audit");
    TCase *t = tcase_create("relay_audit");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, the_row_is_there_before_the_coil_and_complete_after);
    tcase_add_test(t, one_id_is_one_command_for_ever);
    tcase_add_test(t, what_a_run_leaves_open_is_unknown_to_the_next);
    tcase_add_test(t, a_batch_has_its_bound);
    tcase_add_test(t, a_change_without_our_command_is_an_event_also_over_a_restart);
    tcase_add_test(t, an_older_file_is_migrated_after_a_copy_of_it_was_made);
    tcase_set_timeout(t, 60);
    suite_add_tcase(s, t);
    return s;
}
