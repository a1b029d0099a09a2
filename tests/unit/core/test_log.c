/* test_log.c - what arrives on stderr, and that nothing is waited for. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>
#include "core/log.h"
#include "unit_main.h"

static int kept_stderr, pipe_read, pipe_write;

static void redirect(void)
{
    int ends[2];
    ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
    pipe_read = ends[0];
    pipe_write = ends[1];
    kept_stderr = dup(STDERR_FILENO);
    ck_assert_int_ge(dup2(pipe_write, STDERR_FILENO), 0);
}

static void restore(void)
{
    (void)dup2(kept_stderr, STDERR_FILENO);
    (void)close(kept_stderr);
    (void)close(pipe_read);
    (void)close(pipe_write);
}

/* What was logged, as one text. */
static const char *logged(void)
{
    static char text[8192];
    ck_assert_int_eq(fcntl(pipe_read, F_SETFL, O_NONBLOCK), 0);
    ssize_t n = read(pipe_read, text, sizeof text - 1);
    text[n > 0 ? n : 0] = '\0';
    return text;
}

START_TEST(a_plain_line)
{
    log_open(false, LOG_LEVEL_INFO);
    log_info("bus-1: opened: %d 8E1, %d meters", 9600, 12);
    ck_assert_str_eq(logged(), "meterfleet: bus-1: opened: 9600 8E1, 12 meters\n");
}
END_TEST

START_TEST(the_journal_gets_the_level)
{
    log_open(true, LOG_LEVEL_DEBUG);
    log_error("a");
    log_warning("b");
    log_info("c");
    log_debug("d");
    ck_assert_str_eq(logged(), "<3>a\n<4>b\n<6>c\n<7>d\n");
}
END_TEST

START_TEST(what_is_less_important_is_left_out)
{
    log_open(false, LOG_LEVEL_WARNING);
    log_error("a");
    log_warning("b");
    log_info("c");
    log_debug("d");
    ck_assert_str_eq(logged(), "meterfleet: a\nmeterfleet: b\n");
}
END_TEST

START_TEST(control_characters_cannot_make_a_second_line)
{
    log_open(false, LOG_LEVEL_INFO);
    log_info("%s", "a\nb\r\x1b[2J\x7f\xC2\x9B"
                   "c caf\xC3\xA9 \xC2\xA0");
    ck_assert_str_eq(logged(), "meterfleet: a?b??[2J???c caf\xC3\xA9 \xC2\xA0\n");
}
END_TEST

START_TEST(a_long_line_is_cut_between_characters)
{
    log_open(false, LOG_LEVEL_INFO);
    char text[6001];
    for (size_t i = 0; i < sizeof text - 1; i += 3)
        memcpy(text + i, "\xE5\xB0\x96", 3);
    text[sizeof text - 1] = '\0';
    for (int shift = 0; shift < 3; shift++) { /* wherever in a character the cut would fall */
        log_info("%.*s%s", shift, "xx", text);
        const char *line = logged();
        size_t len = strlen(line);
        ck_assert_uint_gt(len, 2000);
        ck_assert_uint_le(len, 2048);
        ck_assert_str_eq(line + len - 7, "\xE5\xB0\x96...\n");
    }
}
END_TEST

START_TEST(the_longest_line_that_is_not_cut)
{
    log_open(true, LOG_LEVEL_INFO);
    char text[2049];
    memset(text, 'x', sizeof text);
    for (size_t n = 2030; n < 2049; n++) {
        log_info("%.*s", (int)n, text);
        const char *line = logged();
        size_t len = strlen(line);
        bool cut = strcmp(line + len - 4, "...\n") == 0;
        ck_assert_uint_eq(len, cut ? 2047 : n + 4);
        ck_assert_int_eq(cut, n > 2043);
    }
}
END_TEST

START_TEST(a_full_pipe_is_not_waited_for)
{
    log_open(false, LOG_LEVEL_INFO);
    uint64_t before = log_dropped();
    for (int i = 0; i < 2000; i++) /* a pipe holds 64 KiB */
        log_info("%060d", i);
    ck_assert_uint_gt(log_dropped(), before + 100);
    char rest[1 << 16];
    ck_assert_int_gt(read(pipe_read, rest, sizeof rest), 0);
    uint64_t dropped = log_dropped();
    log_info("again");
    ck_assert_uint_eq(log_dropped(), dropped);
}
END_TEST

START_TEST(errno_stays_and_a_broken_pipe_is_counted)
{
    log_open(false, LOG_LEVEL_INFO);
    (void)signal(SIGPIPE, SIG_IGN); /* as the daemon does */
    (void)close(pipe_read);
    pipe_read = -1;
    uint64_t before = log_dropped();
    errno = ENOENT;
    log_info("to nobody");
    ck_assert_int_eq(errno, ENOENT);
    ck_assert_uint_eq(log_dropped(), before + 1);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *s = suite_create("log");
    TCase *c = tcase_create("log");
    tcase_add_checked_fixture(c, redirect, restore);
    tcase_add_test(c, a_plain_line);
    tcase_add_test(c, the_journal_gets_the_level);
    tcase_add_test(c, what_is_less_important_is_left_out);
    tcase_add_test(c, control_characters_cannot_make_a_second_line);
    tcase_add_test(c, a_long_line_is_cut_between_characters);
    tcase_add_test(c, the_longest_line_that_is_not_cut);
    tcase_add_test(c, a_full_pipe_is_not_waited_for);
    tcase_add_test(c, errno_stays_and_a_broken_pipe_is_counted);
    suite_add_tcase(s, c);
    return s;
}
