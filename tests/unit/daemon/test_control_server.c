/* test_control_server.c - a real socket, honest clients and others. */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include "core/rc.h"
#include "daemon/control_server.h"
#include "share/event.h"
#include "unit_main.h"

static char directory[] = "/tmp/meterfleet-control-XXXXXX", path[64];
static struct control_server *server;
static int hold_fd = -1; /* a read request waits for it, as for a slow meter */
static atomic_int held;  /* read requests that wait */

static void answer(void *arg, const struct control_request *q, struct text_buf *out)
{
    (void)arg;
    if (q->kind == CONTROL_READ) {
        struct pollfd p = {.fd = hold_fd, .events = POLLIN};
        atomic_fetch_add(&held, 1);
        poll(&p, 1, 10000);
    }
    text_buf_addf(out, "{\"kind\":%d}\n", (int)q->kind);
}

static void start(void)
{
    char why[CONTROL_WHY] = "";
    strcpy(directory + strlen(directory) - 6, "XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(directory));
    snprintf(path, sizeof path, "%s/c.sock", directory);
    hold_fd = event_new();
    ck_assert_msg(control_server_open(path, &server, why) == RC_OK, "%s", why);
    ck_assert_int_eq(control_server_start(server, answer, NULL, NULL), RC_OK);
}

static void stop(void)
{
    control_server_stop(server);
    control_server_join(server);
    close(hold_fd);
    unlink(path);
    rmdir(directory);
}

static int client(void)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    strcpy(at.sun_path, path);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    ck_assert_int_eq(connect(fd, (struct sockaddr *)&at, sizeof at), 0);
    const struct timeval patience = {.tv_sec = 15};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    return fd;
}

static void say(int fd, const char *text)
{
    ck_assert_int_eq(send(fd, text, strlen(text), MSG_NOSIGNAL), (ssize_t)strlen(text));
}

/* The next line without newline, "" at the end. */
static void hear(int fd, char *line, size_t size)
{
    size_t n = 0;
    while (n + 1 < size && recv(fd, line + n, 1, 0) == 1 && line[n] != '\n')
        n++;
    line[n] = '\0';
}

static void hear_equal(int fd, const char *wanted)
{
    char line[512];
    hear(fd, line, sizeof line);
    ck_assert_str_eq(line, wanted);
}

#define STATUS "{\"version\":1,\"request\":\"status\"}\n"
#define READ   "{\"version\":1,\"request\":\"read\",\"meter\":\"a\"}\n"

START_TEST(a_request_is_answered_and_the_next_too)
{
    int fd = client();
    say(fd, STATUS);
    hear_equal(fd, "{\"kind\":0}");
    say(fd, "{\"version\":1,\"request\":\"reload\"}\n");
    hear_equal(fd, "{\"kind\":2}");
    close(fd);
}
END_TEST

START_TEST(two_requests_in_one_piece_and_one_in_two)
{
    int fd = client();
    say(fd, STATUS STATUS "{\"version\":1,");
    hear_equal(fd, "{\"kind\":0}");
    hear_equal(fd, "{\"kind\":0}");
    say(fd, "\"request\":\"status\"}\n");
    hear_equal(fd, "{\"kind\":0}");
    close(fd);
}
END_TEST

START_TEST(nonsense_is_told_and_the_client_may_go_on)
{
    int fd = client();
    char line[512];
    say(fd, "hello\n");
    hear(fd, line, sizeof line);
    ck_assert_ptr_nonnull(strstr(line, "\"error\":\"malformed\""));
    say(fd, STATUS);
    hear_equal(fd, "{\"kind\":0}");
    close(fd);
}
END_TEST

START_TEST(an_endless_line_ends_the_client)
{
    int fd = client();
    char line[512], flood[CONTROL_REQUEST_MAX];
    memset(flood, 'x', sizeof flood);
    ck_assert_int_eq(send(fd, flood, sizeof flood, MSG_NOSIGNAL), (ssize_t)sizeof flood);
    hear(fd, line, sizeof line);
    ck_assert_ptr_nonnull(strstr(line, "too long"));
    hear_equal(fd, "");
    close(fd);
}
END_TEST

START_TEST(a_slow_meter_holds_up_nobody_else)
{
    int waits = client(), asks = client();
    say(waits, READ);
    say(asks, STATUS);
    hear_equal(asks, "{\"kind\":0}");
    event_set(hold_fd);
    hear_equal(waits, "{\"kind\":1}");
    close(waits);
    close(asks);
}
END_TEST

/* Many that say nothing: the oldest of them makes room, a new one is answered. */
START_TEST(idle_clients_make_room)
{
    int idle[64];
    for (size_t i = 0; i < 64; i++)
        idle[i] = client();
    int fd = client();
    say(fd, STATUS);
    hear_equal(fd, "{\"kind\":0}");
    hear_equal(idle[0], "");
    close(fd);
    for (size_t i = 0; i < 64; i++)
        close(idle[i]);
}
END_TEST

START_TEST(clients_under_way_are_not_put_out)
{
    int waits[CONTROL_CLIENTS];
    char line[512];
    for (int i = 0; i < CONTROL_CLIENTS; i++) {
        waits[i] = client();
        say(waits[i], READ);
        for (int ms = 0; atomic_load(&held) <= i && ms < 10000; ms++) /* served, not idle */
            poll(NULL, 0, 1);
    }
    int fd = client();
    hear(fd, line, sizeof line);
    ck_assert_ptr_nonnull(strstr(line, "\"error\":\"busy\""));
    event_set(hold_fd);
    for (size_t i = 0; i < CONTROL_CLIENTS; i++) {
        hear_equal(waits[i], "{\"kind\":1}");
        close(waits[i]);
    }
    close(fd);
}
END_TEST

START_TEST(the_socket_is_for_its_group_and_goes_with_the_server)
{
    struct stat st;
    ck_assert_int_eq(stat(path, &st), 0);
    ck_assert_int_eq(st.st_mode & 07777, 0660);
    int idle = client();
    control_server_stop(server);
    control_server_join(server);
    hear_equal(idle, "");
    close(idle);
    ck_assert_int_eq(stat(path, &st), -1);
    server = NULL;
    char why[CONTROL_WHY] = "";
    ck_assert_int_eq(control_server_open(path, &server, why), RC_OK); /* for stop() */
}
END_TEST

START_TEST(a_second_daemon_is_told_who_is_there)
{
    struct control_server *second = NULL;
    char why[CONTROL_WHY] = "", pid[32];
    ck_assert_int_eq(control_server_open(path, &second, why), RC_BUSY);
    snprintf(pid, sizeof pid, "pid %ld", (long)getpid());
    ck_assert_ptr_nonnull(strstr(why, pid));
    ck_assert_int_eq(access(path, F_OK), 0);
}
END_TEST

START_TEST(a_name_left_behind_is_taken_over)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    char why[CONTROL_WHY] = "";
    struct control_server *next;
    snprintf(at.sun_path, sizeof at.sun_path, "%s/left.sock", directory);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    ck_assert_int_eq(bind(fd, (struct sockaddr *)&at, sizeof at), 0);
    close(fd);
    ck_assert_msg(control_server_open(at.sun_path, &next, why) == RC_OK, "%s", why);
    control_server_join(next);
    ck_assert_int_eq(access(at.sun_path, F_OK), -1);
}
END_TEST

START_TEST(a_file_that_is_no_socket_stays)
{
    char file[80], why[CONTROL_WHY] = "";
    struct control_server *next;
    snprintf(file, sizeof file, "%s/file", directory);
    FILE *f = fopen(file, "w");
    fclose(f);
    ck_assert_int_eq(control_server_open(file, &next, why), RC_IO);
    ck_assert_int_eq(unlink(file), 0);
}
END_TEST

START_TEST(a_path_too_long_for_a_socket)
{
    char file[200], why[CONTROL_WHY] = "";
    struct control_server *next;
    memset(file, 'a', sizeof file - 1);
    file[0] = '/';
    file[sizeof file - 1] = '\0';
    ck_assert_int_eq(control_server_open(file, &next, why), RC_RANGE);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *s = suite_create("control_server");
    TCase *t = tcase_create("control_server");
    tcase_add_checked_fixture(t, start, stop);
    tcase_set_timeout(t, 60);
    tcase_add_test(t, a_request_is_answered_and_the_next_too);
    tcase_add_test(t, two_requests_in_one_piece_and_one_in_two);
    tcase_add_test(t, nonsense_is_told_and_the_client_may_go_on);
    tcase_add_test(t, an_endless_line_ends_the_client);
    tcase_add_test(t, a_slow_meter_holds_up_nobody_else);
    tcase_add_test(t, idle_clients_make_room);
    tcase_add_test(t, clients_under_way_are_not_put_out);
    tcase_add_test(t, the_socket_is_for_its_group_and_goes_with_the_server);
    tcase_add_test(t, a_second_daemon_is_told_who_is_there);
    tcase_add_test(t, a_name_left_behind_is_taken_over);
    tcase_add_test(t, a_file_that_is_no_socket_stays);
    tcase_add_test(t, a_path_too_long_for_a_socket);
    suite_add_tcase(s, t);
    return s;
}
