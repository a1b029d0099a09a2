/* The store worker: readings from the queue reach the ledger, the first ones at once; nothing is told before
 * it is stored; the disk and the clock are waited for. */
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>
#include "core/clock.h"
#include "core/log.h"
#include "core/rc.h"
#include "place.h"
#include "scratch.h"
#include "store/store_worker.h"
#include "unit_main.h"

static struct place place;
static struct rqueue *queue;
static struct board *board;
static struct ledger_state *ledger;
static struct livebox *live;

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
}

static void teardown(void)
{
    rqueue_free(queue);
    board_free(board);
    ledger_state_free(ledger);
    livebox_free(live);
    place_done(&place);
    scratch_remove();
}

static struct store_worker *start(void)
{
    struct store_worker *w = NULL;
    char why[STORE_WHY];
    ck_assert_msg(store_worker_open(&place.settings, queue, board, ledger, live, &w, why) == RC_OK, "%s",
                  why);
    ck_assert_int_eq(store_worker_start(w), RC_OK);
    return w;
}

static void stop(struct store_worker *w)
{
    store_worker_stop(w);
    store_worker_join(w);
}

static uint64_t stored(void)
{
    char id[LEDGER_ID];
    struct ackset acked;
    uint64_t n = 0;
    return ledger_state_get(ledger, id, &n, &acked) ? n : 0;
}

/* Waits until so many numbers are stored, or 10 s. */
static void await(uint64_t n)
{
    for (int i = 0; i < 1000 && stored() < n; i++)
        poll(NULL, 0, 10);
    ck_assert_uint_eq(stored(), n);
}

static void status(size_t meter, enum meter_status s)
{
    struct board_meter m;
    board_get_meter(board, meter, &m);
    m.status = s;
    board_set_meter(board, meter, &m);
}

START_TEST(the_first_flush_waits_only_for_meters_that_answer)
{
    int64_t begin = clock_wire_ns();
    status(0, METER_ONLINE);
    status(1, METER_OFFLINE);
    struct store_worker *w = start();
    rqueue_push(queue, place_energy(0, clock_utc_ms(), 1, 2, 3, 4));
    await(1);
    ck_assert_int_lt(clock_wire_ns() - begin, 4000000000);
    ck_assert_str_eq(place_text(&place, "SELECT group_concat(status) FROM meter"), "online,offline");
    stop(w);
}
END_TEST

START_TEST(an_orderly_flush_stores_what_is_in_the_queue)
{
    struct store_worker *w = start();
    for (unsigned i = 0; i < 20; i++)
        rqueue_push(queue, place_energy(i % 2, clock_utc_ms() + i, 1 + (int64_t)i, 2, 3, 4));
    rqueue_push(queue, place_live(1, clock_utc_ms(), 230000));
    store_worker_flush(w);
    ck_assert_uint_eq(stored(), 20);
    struct reading *r = livebox_take(live);
    ck_assert_ptr_nonnull(r);
    ck_assert_int_eq(r->values[0].value, 230000);
    reading_free(r);
    struct store_status st;
    store_worker_status(w, &st);
    ck_assert_uint_eq(st.stored_energy, 20);
    ck_assert_uint_eq(st.stored_live, 1);
    ck_assert_str_eq(st.clock, "right");
    ck_assert_str_eq(st.trouble, "");
    stop(w);
}
END_TEST

START_TEST(what_the_broker_acknowledged_is_known_after_a_restart)
{
    struct store_worker *w = start();
    rqueue_push(queue, place_energy(0, clock_utc_ms(), 1, 2, 3, 4));
    rqueue_push(queue, place_energy(1, clock_utc_ms(), 1, 2, 3, 4));
    store_worker_flush(w);
    char id[LEDGER_ID];
    uint64_t n;
    struct ackset acked;
    ck_assert(ledger_state_get(ledger, id, &n, &acked));
    ledger_state_acked(ledger, id, 1);
    stop(w);
    w = start();
    ck_assert(ledger_state_get(ledger, id, &n, &acked));
    ck_assert(n == 2 && ackset_has(&acked, 1) && !ackset_has(&acked, 2));
    stop(w);
}
END_TEST

START_TEST(events_of_others_are_stored)
{
    struct store_worker *w = start();
    store_worker_event(w, "meterfleetd", "start", "{\"pid\":1}");
    stop(w);
    ck_assert_str_eq(place_text(&place, "SELECT subject || kind || detail FROM event WHERE kind = 'start'"),
                     "meterfleetdstart{\"pid\":1}");
    ck_assert_int_eq(place_int(&place, "SELECT count(*) FROM event WHERE kind = 'ledger_new'"), 1);
}
END_TEST

/* A clock before the newest stored row is not right: what is read then waits, and is marked if it waits to
 * the end. */
START_TEST(readings_wait_for_the_clock)
{
    struct store_worker *w = start();
    rqueue_push(queue, place_energy(0, PLACE_T0 + 3600000, 1, 2, 3, 4));
    store_worker_flush(w);
    stop(w);
    w = start();
    struct store_status st;
    store_worker_status(w, &st);
    ck_assert_str_eq(st.clock, "unset");
    struct reading *r = place_energy(0, clock_utc_ms(), 2, 2, 3, 4);
    r->taken_mono_ms = clock_mono_ms();
    rqueue_push(queue, r);
    store_worker_flush(w);
    ck_assert_uint_eq(stored(), 1);
    store_worker_status(w, &st);
    ck_assert_uint_eq(st.in_memory, 1);
    stop(w);
    ck_assert_uint_eq(stored(), 2);
    ck_assert_str_eq(
        place_text(&place, "SELECT group_concat(quality) FROM (SELECT quality FROM energy ORDER BY seq)"),
        "ok,suspect");
    ck_assert_str_eq(place_text(&place,
                                "SELECT json_extract(detail, '$.suspect', '$.clock') FROM event WHERE kind ="
                                " 'stop'"),
                     "[1,\"unset\"]");
}
END_TEST

START_TEST(a_file_that_was_taken_away_is_begun_anew)
{
    struct store_worker *w = start();
    rqueue_push(queue, place_energy(0, clock_utc_ms(), 1, 2, 3, 4));
    store_worker_flush(w);
    char before[LEDGER_ID], after[LEDGER_ID];
    uint64_t n;
    struct ackset acked;
    ledger_state_get(ledger, before, &n, &acked);
    unlink(place.path);
    rqueue_push(queue, place_energy(0, clock_utc_ms(), 2, 2, 3, 4));
    store_worker_flush(w);
    ledger_state_get(ledger, after, &n, &acked);
    ck_assert_str_ne(before, after);
    ck_assert_uint_eq(n, 1);
    stop(w);
    ck_assert_int_eq(place_int(&place, "SELECT active_energy_total = 0.000011 FROM energy"), 1);
}
END_TEST

START_TEST(a_test_database_is_refused_without_a_test_clock)
{
    stop(start());
    ck_assert_int_eq(place_int(&place, "SELECT test_database FROM store_state"), 1);
    pid_t pid = fork(); /* a process whose clock was never moved */
    ck_assert_int_ge(pid, 0);
    if (pid == 0) {
        char cmd[300];
        snprintf(cmd, sizeof cmd, "%s", place.path);
        execl("/proc/self/exe", "test_worker", "--open", cmd, (char *)NULL);
        _exit(99);
    }
    int result = 0;
    ck_assert_int_eq(waitpid(pid, &result, 0), pid);
    ck_assert_int_eq(result, 0);
}
END_TEST

/* Run again by itself as `test_worker --open PATH`, before Check sees anything. */
__attribute__((constructor)) static void open_only(int argc, char **argv)
{
    if (argc != 3 || strcmp(argv[1], "--open") != 0)
        return;
    place_init(&place, argv[2]);
    struct store *s = NULL;
    char why[STORE_WHY_SIZE];
    int rc = store_open(&place.settings, clock_utc_ms(), &s, why);
    _exit(rc == RC_FOREIGN && strstr(why, "--clock") != NULL ? 0 : 1);
}

Suite *unit_suite(void)
{
    Suite *s = suite_create("store worker");
    TCase *t = tcase_create("worker");
    tcase_set_timeout(t, 60);
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, the_first_flush_waits_only_for_meters_that_answer);
    tcase_add_test(t, an_orderly_flush_stores_what_is_in_the_queue);
    tcase_add_test(t, what_the_broker_acknowledged_is_known_after_a_restart);
    tcase_add_test(t, events_of_others_are_stored);
    tcase_add_test(t, readings_wait_for_the_clock);
    tcase_add_test(t, a_file_that_was_taken_away_is_begun_anew);
    tcase_add_test(t, a_test_database_is_refused_without_a_test_clock);
    suite_add_tcase(s, t);
    return s;
}
