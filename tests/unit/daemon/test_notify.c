/* test_notify.c - a notice reaches the socket that systemd names. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include "daemon/notify.h"
#include "unit_main.h"

static int listen_at(const char *name)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    size_t n = strlen(name);
    memcpy(at.sun_path, name, n);
    if (name[0] == '@')
        at.sun_path[0] = '\0';
    int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
    ck_assert_int_eq(
        bind(fd, (struct sockaddr *)&at, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n)), 0);
    return fd;
}

static void heard(int fd, const char *wanted)
{
    char text[256];
    ssize_t n = recv(fd, text, sizeof text - 1, MSG_DONTWAIT);
    ck_assert_int_eq(n, (ssize_t)strlen(wanted));
    text[n] = '\0';
    ck_assert_str_eq(text, wanted);
}

START_TEST(by_path_and_by_abstract_name)
{
    char directory[] = "/tmp/meterfleet-notify-XXXXXX", path[64], name[64];
    ck_assert_ptr_nonnull(mkdtemp(directory));
    snprintf(path, sizeof path, "%s/socket", directory);
    snprintf(name, sizeof name, "@meterfleet/notify/%ld", (long)getpid());
    int at_path = listen_at(path), at_name = listen_at(name);
    setenv("NOTIFY_SOCKET", path, 1);
    ck_assert(notify_send("READY=1\nSTATUS=well"));
    heard(at_path, "READY=1\nSTATUS=well");
    setenv("NOTIFY_SOCKET", name, 1);
    ck_assert(notify_send("WATCHDOG=1"));
    heard(at_name, "WATCHDOG=1");
    close(at_path);
    close(at_name);
    unlink(path);
    rmdir(directory);
}
END_TEST

START_TEST(nobody_listens)
{
    static const char *const names[] = {"", "/", "relative", "/nowhere/at/all", "@nobody-is-there"};
    char endless[200];
    unsetenv("NOTIFY_SOCKET");
    ck_assert(!notify_send("READY=1"));
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        setenv("NOTIFY_SOCKET", names[i], 1);
        ck_assert(!notify_send("READY=1"));
    }
    memset(endless, 'a', sizeof endless - 1);
    endless[0] = '/';
    endless[sizeof endless - 1] = '\0';
    setenv("NOTIFY_SOCKET", endless, 1);
    ck_assert(!notify_send("READY=1"));
}
END_TEST

static const struct {
    const char *us, *pid; /* "own": ours */
    uint64_t wanted;
} watchdogs[] = {
    {NULL, NULL, 0},
    {"60000000", NULL, 60000000},
    {"60000000", "own", 60000000},
    {"60000000", "1", 0},
    {"0", NULL, 0},
    {"-1", NULL, 0},
    {"soon", NULL, 0},
    {"60000000", "x", 0},
};

START_TEST(the_watchdog_waits_for_us_or_not)
{
    char own[32];
    snprintf(own, sizeof own, "%ld", (long)getpid());
    unsetenv("WATCHDOG_USEC");
    unsetenv("WATCHDOG_PID");
    if (watchdogs[_i].us != NULL)
        setenv("WATCHDOG_USEC", watchdogs[_i].us, 1);
    if (watchdogs[_i].pid != NULL)
        setenv("WATCHDOG_PID", strcmp(watchdogs[_i].pid, "own") == 0 ? own : watchdogs[_i].pid, 1);
    ck_assert_uint_eq(notify_watchdog_us(), watchdogs[_i].wanted);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *s = suite_create("notify");
    TCase *t = tcase_create("notify");
    tcase_add_test(t, by_path_and_by_abstract_name);
    tcase_add_test(t, nobody_listens);
    tcase_add_loop_test(t, the_watchdog_waits_for_us_or_not, 0, sizeof watchdogs / sizeof watchdogs[0]);
    suite_add_tcase(s, t);
    return s;
}
