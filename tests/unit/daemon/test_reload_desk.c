/* test_reload_desk.c - who asks for a reload gets the answer of one that began after he asked. */
#include <poll.h>
#include <pthread.h>
#include "daemon/reload_desk.h"
#include "share/event.h"
#include "unit_main.h"

static struct reload_desk *desk;

static void start(void)
{
    desk = reload_desk_new();
    ck_assert_ptr_nonnull(desk);
}

static void stop(void)
{
    reload_desk_free(desk);
}

struct client {
    pthread_t thread;
    bool ok;
    enum control_error error;
    char detail[RELOAD_DETAIL];
};

static void *ask(void *arg)
{
    struct client *c = arg;
    c->ok = reload_desk_ask(desk, &c->error, c->detail);
    return NULL;
}

static void sit_down(struct client *c)
{
    struct pollfd p = {.fd = reload_desk_fd(desk), .events = POLLIN};
    ck_assert_int_eq(pthread_create(&c->thread, NULL, ask, c), 0);
    ck_assert_int_eq(poll(&p, 1, 10000), 1);
}

START_TEST(all_who_wait_get_one_answer)
{
    struct client a, b;
    sit_down(&a);
    uint64_t first = reload_desk_take(desk);
    sit_down(&b); /* in the middle of the first: gets the second */
    reload_desk_done(desk, first, false, CONTROL_CONFIG, "site.ini:3: wrong");
    pthread_join(a.thread, NULL);
    ck_assert(!a.ok);
    ck_assert_int_eq(a.error, CONTROL_CONFIG);
    ck_assert_str_eq(a.detail, "site.ini:3: wrong");
    ck_assert(event_is_set(reload_desk_fd(desk)));
    uint64_t second = reload_desk_take(desk);
    ck_assert_uint_eq(second, first + 1);
    ck_assert(!event_is_set(reload_desk_fd(desk)));
    reload_desk_done(desk, second, true, CONTROL_FAILED, "1 bus, 2 meters");
    pthread_join(b.thread, NULL);
    ck_assert(b.ok);
    ck_assert_str_eq(b.detail, "1 bus, 2 meters");
}
END_TEST

START_TEST(a_stop_lets_nobody_wait)
{
    struct client a;
    enum control_error error;
    char detail[RELOAD_DETAIL];
    sit_down(&a);
    reload_desk_close(desk);
    pthread_join(a.thread, NULL);
    ck_assert(!a.ok);
    ck_assert_int_eq(a.error, CONTROL_BUSY);
    ck_assert(!reload_desk_ask(desk, &error, detail));
    ck_assert_int_eq(error, CONTROL_BUSY);
}
END_TEST

START_TEST(a_reload_by_signal_has_no_ticket_to_answer)
{
    reload_desk_done(desk, reload_desk_take(desk), true, CONTROL_FAILED, "");
    ck_assert(!event_is_set(reload_desk_fd(desk)));
}
END_TEST

Suite *unit_suite(void)
{
    Suite *s = suite_create("reload_desk");
    TCase *t = tcase_create("reload_desk");
    tcase_add_checked_fixture(t, start, stop);
    tcase_set_timeout(t, 30);
    tcase_add_test(t, all_who_wait_get_one_answer);
    tcase_add_test(t, a_stop_lets_nobody_wait);
    tcase_add_test(t, a_reload_by_signal_has_no_ticket_to_answer);
    suite_add_tcase(s, t);
    return s;
}
