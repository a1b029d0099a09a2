/* test_rqueue.c - the queue that never blocks a bus. */
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include "core/rc.h"
#include "share/event.h"
#include "share/rqueue.h"
#include "unit_main.h"

static struct reading *make(enum reg_class klass, uint32_t meter)
{
    struct reading *r = reading_new(1);
    ck_assert_ptr_nonnull(r);
    r->klass = klass;
    r->meter = meter;
    return r;
}

/* The queue's content by meter number, taken out. */
static void expect(struct rqueue *q, const uint32_t *meters, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        ck_assert(event_is_set(rqueue_fd(q)));
        struct reading *r = rqueue_take(q);
        ck_assert_ptr_nonnull(r);
        ck_assert_uint_eq(r->meter, meters[i]);
        reading_free(r);
    }
    ck_assert_ptr_null(rqueue_take(q));
    ck_assert(!event_is_set(rqueue_fd(q)));
}

START_TEST(first_in_first_out)
{
    struct rqueue *q;
    ck_assert_int_eq(rqueue_new(3, &q), RC_OK);
    expect(q, NULL, 0);
    for (uint32_t round = 0; round < 5; round++) { /* around the ring */
        ck_assert_int_eq(rqueue_push(q, make(CLASS_ENERGY, 1)), RC_OK);
        ck_assert_int_eq(rqueue_push(q, make(CLASS_LIVE, 2)), RC_OK);
        expect(q, (uint32_t[]){1, 2}, 2);
    }
    ck_assert_uint_eq(rqueue_dropped(q), 0);
    rqueue_free(q);
}
END_TEST

START_TEST(a_full_queue_drops_the_oldest_live)
{
    struct rqueue *q;
    ck_assert_int_eq(rqueue_new(4, &q), RC_OK);
    ck_assert_int_eq(rqueue_push(q, make(CLASS_ENERGY, 1)), RC_OK);
    ck_assert_int_eq(rqueue_push(q, make(CLASS_LIVE, 2)), RC_OK);
    ck_assert_int_eq(rqueue_push(q, make(CLASS_ENERGY, 3)), RC_OK);
    ck_assert_int_eq(rqueue_push(q, make(CLASS_LIVE, 4)), RC_OK);
    ck_assert_int_eq(rqueue_push(q, make(CLASS_ENERGY, 5)), RC_OK); /* 2 goes */
    ck_assert_int_eq(rqueue_push(q, make(CLASS_LIVE, 6)), RC_OK);   /* 4 goes */
    ck_assert_uint_eq(rqueue_dropped(q), 2);
    expect(q, (uint32_t[]){1, 3, 5, 6}, 4);
    rqueue_free(q);
}
END_TEST

START_TEST(without_live_ones_the_new_one_is_refused)
{
    struct rqueue *q;
    ck_assert_int_eq(rqueue_new(2, &q), RC_OK);
    ck_assert_int_eq(rqueue_push(q, make(CLASS_SETTLEMENT, 1)), RC_OK);
    ck_assert_int_eq(rqueue_push(q, make(CLASS_DEMAND, 2)), RC_OK);
    ck_assert_int_eq(rqueue_push(q, make(CLASS_ENERGY, 3)), RC_FULL);
    ck_assert_int_eq(rqueue_push(q, make(CLASS_LIVE, 4)), RC_FULL);
    ck_assert_uint_eq(rqueue_dropped(q), 2);
    expect(q, (uint32_t[]){1, 2}, 2);
    rqueue_free(q);
}
END_TEST

START_TEST(one_place)
{
    struct rqueue *q;
    ck_assert_int_eq(rqueue_new(1, &q), RC_OK);
    ck_assert_int_eq(rqueue_push(q, make(CLASS_LIVE, 1)), RC_OK);
    ck_assert_int_eq(rqueue_push(q, make(CLASS_LIVE, 2)), RC_OK);
    ck_assert_int_eq(rqueue_push(q, make(CLASS_ENERGY, 3)), RC_OK);
    ck_assert_int_eq(rqueue_push(q, make(CLASS_LIVE, 4)), RC_FULL);
    expect(q, (uint32_t[]){3}, 1);
    rqueue_free(q);
}
END_TEST

START_TEST(sizes)
{
    struct rqueue *q = NULL;
    ck_assert_int_eq(rqueue_new(0, &q), RC_RANGE);
    ck_assert_int_eq(rqueue_new(SIZE_MAX, &q), RC_RANGE);
    ck_assert_ptr_null(q);
    rqueue_free(NULL);
    ck_assert_int_eq(rqueue_new(3, &q), RC_OK);
    ck_assert_int_eq(rqueue_push(q, make(CLASS_LIVE, 1)), RC_OK);
    rqueue_free(q); /* with what is in it: the leak checker looks */
}
END_TEST

/* Against a plain list: random pushes and takes. */
START_TEST(random_traffic)
{
    enum { MOST = 7 };
    struct rqueue *q;
    ck_assert_int_eq(rqueue_new(MOST, &q), RC_OK);
    struct {
        uint32_t meter;
        bool live;
    } list[MOST + 1];
    size_t n = 0;
    uint64_t x = 88172645463325252u, dropped = 0;
    for (uint32_t i = 0; i < 20000; i++) {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        if (x % 5 < 3) {
            bool live = x % 7 < 3;
            int rc = rqueue_push(q, make(live ? CLASS_LIVE : CLASS_ENERGY, i));
            list[n].meter = i;
            list[n++].live = live;
            if (n > MOST) {
                size_t loser = 0;
                while (loser < MOST && !list[loser].live)
                    loser++;
                for (size_t j = loser + 1; j < n; j++)
                    list[j - 1] = list[j];
                n--;
                dropped++;
                ck_assert_int_eq(rc, loser == MOST ? RC_FULL : RC_OK);
            } else {
                ck_assert_int_eq(rc, RC_OK);
            }
        } else {
            struct reading *r = rqueue_take(q);
            ck_assert_int_eq(r == NULL, n == 0);
            if (r != NULL) {
                ck_assert_uint_eq(r->meter, list[0].meter);
                for (size_t j = 1; j < n; j++)
                    list[j - 1] = list[j];
                n--;
            }
            reading_free(r);
        }
        ck_assert_int_eq(event_is_set(rqueue_fd(q)), n > 0);
    }
    ck_assert_uint_eq(rqueue_dropped(q), dropped);
    rqueue_free(q);
}
END_TEST

#define PUSHES 5000

static void *pusher(void *arg)
{
    struct rqueue *q = arg;
    for (uint32_t i = 0; i < PUSHES; i++) {
        struct reading *r = reading_new(1);
        if (r == NULL)
            continue;
        r->klass = i % 2 == 0 ? CLASS_LIVE : CLASS_ENERGY;
        (void)rqueue_push(q, r);
    }
    return NULL;
}

START_TEST(four_buses_and_a_store)
{
    struct rqueue *q;
    ck_assert_int_eq(rqueue_new(16, &q), RC_OK);
    pthread_t threads[4];
    for (size_t i = 0; i < 4; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, pusher, q), 0);
    uint64_t taken = 0;
    while (taken + rqueue_dropped(q) < 4 * PUSHES) { /* a lost wake-up would end this at the test's timeout */
        struct reading *r = rqueue_take(q);
        taken += r != NULL;
        reading_free(r);
    }
    for (size_t i = 0; i < 4; i++)
        ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
    ck_assert_uint_eq(taken + rqueue_dropped(q), 4 * PUSHES);
    expect(q, NULL, 0);
    rqueue_free(q);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *s = suite_create("rqueue");
    TCase *c = tcase_create("rqueue");
    tcase_set_timeout(c, 120);
    tcase_add_test(c, first_in_first_out);
    tcase_add_test(c, a_full_queue_drops_the_oldest_live);
    tcase_add_test(c, without_live_ones_the_new_one_is_refused);
    tcase_add_test(c, one_place);
    tcase_add_test(c, sizes);
    tcase_add_test(c, random_traffic);
    tcase_add_test(c, four_buses_and_a_store);
    suite_add_tcase(s, c);
    return s;
}
