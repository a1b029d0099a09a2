#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <fcntl.h>
#include <unistd.h>
#include "bus/exchange.h"
#include "bus/line.h"
#include "core/clock.h"
#include "core/rc.h"
#include "fake/fake_line.h"
#include "share/event.h"
#include "unit_main.h"

/* A resolver that is still asking when we end has its answer's buffer in hand: glibc's, not ours. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:res_context_send\nleak:getaddrinfo";
}

static char folder[200], file[256];
static char why[LINE_WHY];
static struct line *line;

static void setup(void)
{
    const char *tmp = getenv("TMPDIR");
    snprintf(folder, sizeof folder, "%.150s/line-XXXXXX", tmp != NULL ? tmp : P_tmpdir);
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(file, sizeof file, "%s/thing", folder);
    line = NULL;
}
static void teardown(void)
{
    line_close(line);
    unlink(file);
    rmdir(folder);
}

static struct settings_bus serial(char *device)
{
    return (struct settings_bus){
        .kind = BUS_SERIAL, .device = device, .baud = 9600, .parity = 'E', .stop_bits = 1, .timeout_ms = 50};
}

static int open_serial(char *device)
{
    struct settings_bus bus = serial(device);
    return line_open(&bus, -1, &line, why);
}

START_TEST(what_is_no_serial_line_is_not_touched)
{
    ck_assert_int_eq(open_serial(file), RC_LINK);
    ck_assert_str_eq(why, "cannot be opened: No such file or directory");
    ck_assert_int_eq(open_serial(folder), RC_LINK);
    ck_assert_str_eq(why, "cannot be opened: Is a directory");
    ck_assert_int_eq(mkfifo(file, 0600), 0);
    ck_assert_int_eq(open_serial(file), RC_LINK);
    ck_assert_str_eq(why, "not a serial device");
    unlink(file);
    int fd = open(file, O_CREAT | O_WRONLY, 0600);
    ck_assert_int_eq(write(fd, "keep", 4), 4);
    close(fd);
    ck_assert_int_eq(open_serial(file), RC_LINK);
    ck_assert_str_eq(why, "not a serial device");
    struct stat st;
    ck_assert_int_eq(stat(file, &st), 0);
    ck_assert_int_eq(st.st_size, 4);
    char null[] = "/dev/null";
    ck_assert_int_eq(open_serial(null), RC_LINK);
    ck_assert_str_eq(why, "not a serial device");
}
END_TEST

START_TEST(a_pseudo_terminal_takes_any_speed_and_no_parity)
{
    static const struct {
        uint32_t baud;
        char parity;
        uint8_t stop_bits;
        const char *text;
    } rows[] = {{1200, 'N', 2, "1200 8N2"},
                {9600, 'E', 1, "9600 8E1"},
                {14400, 'O', 1, "14400 8O1"},
                {250000, 'E', 1, "250000 8E1"},
                {9600, 'E', 1, "9600 8E1"}};
    struct fake_line *fake = fake_line_new(BUS_SERIAL, "");
    struct settings_bus bus = fake_line_bus(fake);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        bus.baud = rows[i].baud;
        bus.parity = rows[i].parity;
        bus.stop_bits = rows[i].stop_bits;
        ck_assert_msg(line_open(&bus, -1, &line, why) == RC_OK, "%s: %s", rows[i].text, why);
        ck_assert_str_eq(line_text(line), rows[i].text);
        line_close(line);
        line = NULL;
    }
    fake_line_free(fake);
}
END_TEST

START_TEST(a_line_is_for_one_and_a_killed_owner_leaves_no_lock)
{
    char again[LINE_WHY], self[32];
    struct line *second = NULL;
    struct fake_line *fake = fake_line_new(BUS_SERIAL, "");
    struct settings_bus bus = fake_line_bus(fake);
    ck_assert(!line_taken(&bus, why));
    ck_assert_int_eq(line_open(&bus, -1, &line, why), RC_OK);
    ck_assert_int_eq(line_open(&bus, -1, &second, again), RC_BUSY);
    snprintf(self, sizeof self, "process %d", (int)getpid());
    ck_assert_ptr_nonnull(strstr(again, self));
    ck_assert(line_taken(&bus, again));
    line_close(line);
    line = NULL;
    pid_t child = fork();
    if (child == 0) {
        struct line *theirs;
        _exit(line_open(&bus, -1, &theirs, why) == RC_OK ? 0 : 1); /* never closed */
    }
    int status = -1;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_int_eq(status, 0);
    ck_assert_int_eq(line_open(&bus, -1, &line, why), RC_OK);
    fake_line_free(fake);
}
END_TEST

static struct settings_bus tcp(char *host, uint16_t port)
{
    return (struct settings_bus){.kind = BUS_TCP, .device = host, .port = port, .timeout_ms = 50};
}

/* A port nobody listens on. */
static uint16_t closed_port(void)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof a;
    int s = socket(AF_INET, SOCK_STREAM, 0);
    ck_assert_int_eq(bind(s, (struct sockaddr *)&a, size), 0);
    getsockname(s, (struct sockaddr *)&a, &size);
    close(s);
    return ntohs(a.sin_port);
}

START_TEST(a_peer_that_refuses_is_told_at_once)
{
    char host[] = "127.0.0.1";
    struct settings_bus bus = tcp(host, closed_port());
    ck_assert_int_eq(line_open(&bus, -1, &line, why), RC_LINK);
    ck_assert_str_eq(why, "cannot connect: Connection refused");
    ck_assert(!line_taken(&bus, why));
}
END_TEST

START_TEST(a_name_that_is_none_is_no_line)
{
    char host[] = "no.such.host.invalid";
    struct settings_bus bus = tcp(host, 502);
    ck_assert_int_eq(line_open(&bus, -1, &line, why), RC_LINK);
    ck_assert_msg(strncmp(why, "name not found: ", 16) == 0, "%s", why);
}
END_TEST

START_TEST(the_stop_ends_a_look_up_and_a_connect)
{
    int stop = event_new();
    event_set(stop);
    char name[] = "no.such.host.invalid", silent[] = "192.0.2.1"; /* TEST-NET-1: nobody answers */
    struct settings_bus by_name = tcp(name, 502), by_number = tcp(silent, 502);
    int64_t before_ns = clock_wire_ns();
    ck_assert_int_eq(line_open(&by_name, stop, &line, why), RC_STOPPED);
    int rc = line_open(&by_number, stop, &line, why);
    ck_assert(rc == RC_STOPPED ||
              rc == RC_LINK); /* no network at all: refused before the stop is looked at */
    ck_assert_int_lt(clock_wire_ns() - before_ns, 500000000);
    close(stop);
}
END_TEST

/* Whatever a peer sends in answer, it is taken for the answer only when it is that, byte by byte. */
START_TEST(random_bytes_are_no_answer)
{
    static const char digits[] = "0123456789abcdef";
    char script[4096];
    unsigned seed = 20261 + (unsigned)_i;
    size_t n = 0;
    for (int round = 0; round < 30; round++) {
        n += (size_t)snprintf(script + n, sizeof script - n, "? 01 03 0030 0002; = 01 03 ");
        unsigned bytes = (unsigned)rand_r(&seed) % 20;
        for (unsigned k = 0; k < 2 * bytes; k++)
            script[n++] = digits[(unsigned)rand_r(&seed) % 16];
        n += (size_t)snprintf(script + n, sizeof script - n, ";");
    }
    struct fake_line *fake = fake_line_new(BUS_SERIAL, script);
    struct settings_bus bus = fake_line_bus(fake);
    bus.timeout_ms = 20;
    ck_assert_int_eq(line_open(&bus, -1, &line, why), RC_OK);
    struct exchange_request q = {.unit = 1, .function = 3, .address = 0x30, .count = 2};
    struct exchange_reply reply;
    for (int sent = 0; sent < 30;) {
        int rc = exchange_run(line, &q, &reply);
        ck_assert_msg(rc == RC_NOANSWER || rc == RC_BADFRAME, "seed %u: %d", 20261 + (unsigned)_i, rc);
        sent += reply.sent_ns != 0;
    }
    ck_assert_str_eq(fake_line_failure(fake), "");
    fake_line_free(fake);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *s = suite_create("line");
    TCase *t = tcase_create("line");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_set_timeout(t, 30);
    tcase_add_test(t, what_is_no_serial_line_is_not_touched);
    tcase_add_test(t, a_pseudo_terminal_takes_any_speed_and_no_parity);
    tcase_add_test(t, a_line_is_for_one_and_a_killed_owner_leaves_no_lock);
    tcase_add_test(t, a_peer_that_refuses_is_told_at_once);
    tcase_add_test(t, a_name_that_is_none_is_no_line);
    tcase_add_test(t, the_stop_ends_a_look_up_and_a_connect);
    tcase_add_loop_test(t, random_bytes_are_no_answer, 0, 10);
    suite_add_tcase(s, t);
    return s;
}
