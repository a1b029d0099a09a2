/* Every I/O call of a flush fails in turn: nothing told is missing or different, no number is given twice,
 * nothing that was handed over is lost or stored twice; and kill -9 at any moment. */
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "core/rc.h"
#include "fault_vfs.h"
#include "place.h"
#include "scratch.h"
#include "unit_main.h"

static struct place place;

static void setup(void)
{
    scratch_make();
    place_init(&place, scratch_path("m.db"));
}

static void teardown(void)
{
    place_done(&place);
    scratch_remove();
}

/* What the worker does with a store: keeps what is not stored, tells what is. */
struct keeper {
    struct store *store;
    struct reading *waiting[64];
    size_t n;
    int64_t next;  /* the value of the next reading: 1, 2, 3, … */
    uint64_t told; /* numbers up to here were published */
};

static void keeper_read(struct keeper *k)
{
    k->waiting[k->n++] = place_energy((size_t)k->next % 2, PLACE_T0 + k->next * 30500, k->next, 0, 0, 0);
    k->next++;
}

static int keeper_flush(struct keeper *k)
{
    struct store_batch b = {
        .readings = k->waiting, .n_readings = k->n, .now_utc_ms = PLACE_T0, .clock_right = true};
    int rc = store_flush(k->store, &b);
    for (size_t i = 0; i < b.stored; i++)
        reading_free(k->waiting[i]);
    memmove(k->waiting, k->waiting + b.stored, (k->n - b.stored) * sizeof k->waiting[0]);
    k->n -= b.stored;
    if (rc == RC_OK)
        k->told = k->store->last_seq;
    return rc;
}

/* Everything from 1 to n - 1 once, in order; numbers without gap. */
static void check_all(int64_t n, uint64_t told)
{
    ck_assert_str_eq(place_text(&place, "PRAGMA integrity_check"), "ok");
    ck_assert_int_eq(
        place_int(&place, "SELECT count(*) FROM energy WHERE seq <> round(active_energy_total * 1e6)"), 0);
    ck_assert_int_eq(place_int(&place, "SELECT count(*) FROM energy"), n - 1);
    ck_assert_int_eq(place_int(&place, "SELECT coalesce(max(seq), 0) FROM ledger"), n - 1);
    ck_assert_uint_le(told, (uint64_t)n - 1);
}

static const struct {
    const char *what;
    unsigned calls;
    int more, result;
} faults[] = {
    {"a write fails once", FAULT_WRITE, 0, SQLITE_IOERR_WRITE},
    {"the disk is full once", FAULT_WRITE, 0, SQLITE_FULL},
    {"the disk is full for a while", FAULT_WRITE, 7, SQLITE_FULL},
    {"writes fail for a while", FAULT_WRITE, 7, SQLITE_IOERR_WRITE},
    {"a sync fails once", FAULT_SYNC, 0, SQLITE_IOERR_FSYNC},
    {"syncs fail for a while", FAULT_SYNC, 3, SQLITE_IOERR_FSYNC},
    {"a read fails once", FAULT_READ, 0, SQLITE_IOERR_READ},
    {"everything fails for a while", FAULT_WRITE | FAULT_SYNC | FAULT_READ | FAULT_TRUNCATE | FAULT_OPEN, 12,
     SQLITE_IOERR},
    {"what is read is nonsense once", FAULT_READ, 0, SQLITE_CORRUPT},
};

/* One life with the nth call failing; false when the fault never happened. */
static bool life(const unsigned calls, int nth, int more, int result)
{
    struct keeper k = {.next = 1};
    k.store = place_open(&place, PLACE_T0);
    keeper_read(&k);
    ck_assert_int_eq(keeper_flush(&k), RC_OK);
    fault_vfs_order(calls, nth, more, result);
    int failures = 0;
    for (int round = 0; round < 5; round++) {
        keeper_read(&k);
        keeper_read(&k);
        failures += keeper_flush(&k) != RC_OK;
    }
    bool happened = fault_vfs_clear();
    for (int tries = 0; keeper_flush(&k) != RC_OK || k.n > 0; tries++)
        ck_assert_msg(tries < 4, "does not recover from call %d: %s", nth, db_message(&k.store->db));
    ck_assert_uint_eq(k.told, (uint64_t)k.next - 1);
    ck_assert_uint_eq(k.store->mark.seq, k.told);
    store_close(k.store);
    check_all(k.next, k.told);
    return happened;
}

START_TEST(the_nth_call_fails)
{
    fault_vfs_install();
    int nth = 1;
    do {
        teardown();
        setup();
    } while (life(faults[_i].calls, nth++, faults[_i].more, faults[_i].result) && nth < 2000);
    ck_assert_msg(nth > 1 && nth < 2000, "%s: %d calls", faults[_i].what, nth);
}
END_TEST

/* A database killed while it is created is opened, or created anew, by the next start. */
START_TEST(killed_while_it_is_created)
{
    unsigned short seed[3] = {3, 4, (unsigned short)time(NULL)};
    printf("# seed %u\n", seed[2]);
    for (int kill_no = 0; kill_no < 40; kill_no++) {
        teardown();
        setup();
        pid_t pid = fork();
        ck_assert_int_ge(pid, 0);
        if (pid == 0) {
            store_close(place_open(&place, PLACE_T0));
            _exit(0);
        }
        usleep((useconds_t)(nrand48(seed) % (1 + kill_no * 1000)));
        kill(pid, SIGKILL);
        waitpid(pid, NULL, 0);
        store_close(place_open(&place, PLACE_T0));
    }
}
END_TEST

/* The child stores as fast as it can and says each number it may publish; it is killed at any moment. */
static void child(int out)
{
    struct keeper k = {.store = place_open(&place, PLACE_T0)};
    k.next = (int64_t)k.store->last_seq + 1;
    for (;;) {
        for (int i = 0; i < 7; i++)
            keeper_read(&k);
        if (keeper_flush(&k) != RC_OK || write(out, &k.told, sizeof k.told) != sizeof k.told)
            _exit(1);
    }
}

START_TEST(killed_at_any_moment)
{
    unsigned short seed[3] = {1, 2, (unsigned short)time(NULL)};
    uint64_t told = 0;
    printf("# seed %u\n", seed[2]);
    for (int kill_no = 0; kill_no < 20; kill_no++) {
        int pipes[2];
        ck_assert_int_eq(pipe(pipes), 0);
        pid_t pid = fork();
        ck_assert_int_ge(pid, 0);
        if (pid == 0)
            child(pipes[1]);
        close(pipes[1]);
        uint64_t said;
        if (kill_no % 4 != 1) { /* the others are killed while they open the file */
            ck_assert_int_eq(read(pipes[0], &said, sizeof said), sizeof said);
            ck_assert_uint_gt(said, told);
            told = said;
        }
        usleep((useconds_t)(nrand48(seed) % (kill_no % 4 == 1 ? 20000 : 300000)));
        kill(pid, SIGKILL);
        waitpid(pid, NULL, 0);
        while (read(pipes[0], &said, sizeof said) == sizeof said) {
            ck_assert_uint_gt(said, told);
            told = said;
        }
        close(pipes[0]);
        if (access(place.path, F_OK) == 0)
            check_all(place_int(&place, "SELECT count(*) FROM energy") + 1, told);
    }
    ck_assert_uint_ge(told, 15 * 7);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *s = suite_create("store faults");
    TCase *t = tcase_create("faults");
    tcase_set_timeout(t, 240);
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_loop_test(t, the_nth_call_fails, 0, (int)(sizeof faults / sizeof faults[0]));
    tcase_add_test(t, killed_while_it_is_created);
    tcase_add_test(t, killed_at_any_moment);
    suite_add_tcase(s, t);
    return s;
}
