/* The wire: byte times, silence and collisions on a clock that the test moves. */
#include <stdlib.h>
#include <string.h>

#include "sim/sim_line.h"
#include "sim/sim_modbus.h"
#include "unit_main.h"

#define US INT64_C(1000)
#define MS INT64_C(1000000)

static struct sim_line line;
static uint8_t request[8];
static char master, other_master;

/* What happened, in order. */
static struct {
    struct {
        size_t n;
        int64_t start_ns, end_ns, now_ns;
        const char *spoiled;
    } heard[20];
    struct {
        size_t n;
        int64_t now_ns;
    } piece[200];
    struct {
        char verdict[SIM_VERDICT];
        int64_t now_ns;
    } said[20];
    size_t n_heard, n_pieces, n_said;
    uint8_t bytes[1000];
    size_t n_bytes;
    int64_t now_ns;
} seen;

static void on_heard(void *user, const struct sim_heard *what, int64_t now_ns)
{
    (void)user;
    seen.heard[seen.n_heard].n = what->n;
    seen.heard[seen.n_heard].start_ns = what->start_ns;
    seen.heard[seen.n_heard].end_ns = what->end_ns;
    seen.heard[seen.n_heard].spoiled = what->spoiled;
    seen.heard[seen.n_heard++].now_ns = now_ns;
}

static void on_emit(void *user, void *to, const uint8_t *bytes, size_t n)
{
    (void)user;
    (void)to;
    seen.piece[seen.n_pieces].n = n;
    seen.piece[seen.n_pieces++].now_ns = seen.now_ns;
    memcpy(seen.bytes + seen.n_bytes, bytes, n);
    seen.n_bytes += n;
}

static void on_said(void *user, const struct sim_out *what, int64_t now_ns)
{
    (void)user;
    memcpy(seen.said[seen.n_said].verdict, what->verdict, SIM_VERDICT);
    seen.said[seen.n_said++].now_ns = now_ns;
}

static const struct sim_line_calls calls = {on_heard, on_emit, on_said};

static void start(uint32_t baud, bool strict)
{
    sim_line_done(&line);
    memset(&seen, 0, sizeof seen);
    ck_assert_int_eq(sim_line_init(&line, &calls, NULL, baud, 11, strict), 0);
}

/* Lets time pass as the program does: from one due moment to the next. */
static void run_until(int64_t ns)
{
    for (int64_t due; (due = sim_line_due(&line)) <= ns;) {
        ck_assert(due >= seen.now_ns);
        seen.now_ns = due;
        sim_line_run(&line, due);
    }
    seen.now_ns = ns;
    sim_line_run(&line, ns);
}

static void hear(int64_t ns, const uint8_t *bytes, size_t n)
{
    run_until(ns);
    sim_line_hear(&line, &master, bytes, n, ns);
}

static void say(int64_t start_ns, size_t n, int64_t byte_ns, const char *verdict)
{
    struct sim_out out = {.n = n,
                          .start_ns = start_ns,
                          .byte_ns = byte_ns,
                          .piece = SIM_PIECE_BYTES,
                          .to = &master,
                          .answers = true,
                          .wired = true};
    memset(out.bytes, 0xA5, n);
    memcpy(out.verdict, verdict, strlen(verdict) + 1);
    ck_assert(sim_line_say(&line, &out));
}

static void set_up(void)
{
    memcpy(request, "\1\3\0\x30\0\x0e", 6);
    sim_modbus_seal(request, 6);
}

static void tear_down(void)
{
    sim_line_done(&line);
}

static const struct {
    uint32_t baud;
    unsigned bits;
    int64_t char_ns, silence_ns;
} speeds[] = {{1200, 11, 9166666, 32083331}, {9600, 11, 1145833, 4010415}, {9600, 10, 1041666, 3645831},
              {19200, 11, 572916, 2005206},  {38400, 11, 286458, 1750000}, {0, 11, 0, 0}};

START_TEST(times_of_a_character_and_of_the_silence)
{
    ck_assert_int_eq(sim_line_char_ns(speeds[_i].baud, speeds[_i].bits), speeds[_i].char_ns);
    ck_assert_int_eq(sim_line_silence_ns(speeds[_i].baud, speeds[_i].bits), speeds[_i].silence_ns);
}
END_TEST

START_TEST(a_request_lasts_its_characters_and_the_silence_behind_it)
{
    start(9600, true);
    hear(10 * MS, request, 8);
    ck_assert_uint_eq(seen.n_heard, 0);
    run_until(30 * MS);
    ck_assert_uint_eq(seen.n_heard, 1);
    ck_assert_int_eq(seen.heard[0].start_ns, 10 * MS);
    ck_assert_int_eq(seen.heard[0].end_ns, 10 * MS + 8 * 1145833);
    ck_assert_int_eq(seen.heard[0].now_ns, 10 * MS + 8 * 1145833 + 4010415);
    ck_assert_ptr_null(seen.heard[0].spoiled);
}
END_TEST

START_TEST(a_request_in_pieces_is_one_while_the_gaps_are_short)
{
    start(9600, true);
    hear(0, request, 3);
    hear(3 * MS + 5 * 1000 * US / 2, request + 3, 5); /* 2 ms after its third character */
    run_until(100 * MS);
    ck_assert_uint_eq(seen.n_heard, 1);
    ck_assert_uint_eq(seen.heard[0].n, 8);
    hear(200 * MS, request, 3);
    hear(208 * MS, request + 3, 5); /* 4.6 ms after its third character */
    run_until(300 * MS);
    ck_assert_uint_eq(seen.n_heard, 3);
    ck_assert_uint_eq(seen.heard[1].n, 3);
    ck_assert_uint_eq(seen.heard[2].n, 5);
}
END_TEST

START_TEST(a_reply_comes_in_pieces_as_a_uart_hands_them_over)
{
    start(9600, true);
    say(5 * MS, 20, line.char_ns, "answer");
    run_until(100 * MS);
    ck_assert_uint_eq(seen.n_pieces, 3);
    ck_assert_uint_eq(seen.piece[0].n, 8);
    ck_assert_int_eq(seen.piece[0].now_ns, 5 * MS + 8 * 1145833);
    ck_assert_int_eq(seen.piece[1].now_ns, 5 * MS + 16 * 1145833);
    ck_assert_uint_eq(seen.piece[2].n, 4);
    ck_assert_int_eq(seen.piece[2].now_ns, 5 * MS + 20 * 1145833);
    ck_assert_uint_eq(seen.n_said, 1);
    ck_assert_str_eq(seen.said[0].verdict, "answer");
}
END_TEST

static const struct {
    const char *sentence;
    int64_t after_ns; /* the end of the reply */
    bool strict;
    const char *verdict;
} silences[] = {
    {"3.5 characters after a reply are enough", 4010415, true, NULL},
    {"a nanosecond less is not", 4010414, true, "too_early"},
    {"into the reply", -5 * MS, true, "too_early"},
    {"a lenient meter hears it at once", 0, false, NULL},
};

START_TEST(the_silence_after_a_reply)
{
    start(9600, silences[_i].strict);
    say(0, 16, line.char_ns, "answer");
    hear(16 * line.char_ns + silences[_i].after_ns, request, 8);
    run_until(200 * MS);
    ck_assert_uint_eq(seen.n_heard, 1);
    if (silences[_i].verdict == NULL)
        ck_assert_msg(seen.heard[0].spoiled == NULL, "%s: %s", silences[_i].sentence, seen.heard[0].spoiled);
    else
        ck_assert_msg(seen.heard[0].spoiled != NULL &&
                          strcmp(seen.heard[0].spoiled, silences[_i].verdict) == 0,
                      "%s", silences[_i].sentence);
}
END_TEST

START_TEST(the_silence_also_follows_a_request_that_nobody_answered)
{
    start(9600, true);
    hear(0, request, 8);
    int64_t end = 8 * line.char_ns;
    hear(end + line.silence_ns, request, 8);
    run_until(100 * MS);
    ck_assert_uint_eq(seen.n_heard, 2);
    ck_assert_ptr_null(seen.heard[1].spoiled);
    hear(200 * MS, request, 8);
    hear(200 * MS + end + line.silence_ns - 1, request,
         8); /* one frame of 16 characters to whoever listens */
    run_until(300 * MS);
    ck_assert_uint_eq(seen.n_heard, 3);
    ck_assert_uint_eq(seen.heard[2].n, 16);
}
END_TEST

START_TEST(a_request_too_early_makes_the_line_busy_again)
{
    start(9600, true);
    say(0, 8, line.char_ns, "answer");
    hear(8 * line.char_ns + MS, request, 8);
    hear(16 * line.char_ns + 2 * MS, request, 8); /* still no silence */
    run_until(30 * MS);
    hear(60 * MS, request, 8);
    run_until(100 * MS);
    ck_assert_uint_eq(seen.n_heard, 2);
    ck_assert_str_eq(seen.heard[0].spoiled, "too_early");
    ck_assert_uint_eq(seen.heard[0].n, 16);
    ck_assert_ptr_null(seen.heard[1].spoiled);
}
END_TEST

START_TEST(a_late_answer_spoils_the_request_it_falls_into)
{
    start(9600, true);
    say(5 * MS, 8, line.char_ns, "fault:late");
    hear(2 * MS, request, 8);
    run_until(100 * MS);
    ck_assert_uint_eq(seen.n_heard, 1);
    ck_assert_str_eq(seen.heard[0].spoiled, "collision");
    ck_assert_str_eq(seen.said[0].verdict, "fault:late");
}
END_TEST

START_TEST(two_answers_at_once_are_no_answer)
{
    start(9600, true);
    say(0, 24, line.char_ns, "answer");
    say(10 * MS, 24, line.char_ns, "answer"); /* when 8 bytes of the first are through */
    run_until(100 * MS);
    ck_assert_uint_eq(seen.n_said, 2);
    ck_assert_str_eq(seen.said[0].verdict, "collision");
    ck_assert_str_eq(seen.said[1].verdict, "collision");
    ck_assert_uint_eq(seen.n_bytes, 32);
    ck_assert_uint_eq(seen.bytes[7], 0xA5);
    ck_assert_uint_ne(seen.bytes[8], 0xA5);
    ck_assert_uint_ne(seen.bytes[31], 0xA5);
}
END_TEST

START_TEST(two_masters_at_once_are_not_understood)
{
    start(9600, true);
    hear(0, request, 8);
    sim_line_hear(&line, &other_master, request, 8, 5 * MS);
    run_until(100 * MS);
    ck_assert_uint_eq(seen.n_heard, 1);
    ck_assert_str_eq(seen.heard[0].spoiled, "collision");
}
END_TEST

START_TEST(without_byte_times_everything_is_at_once)
{
    start(0, true);
    uint8_t two[16];
    memcpy(two, request, 8);
    memcpy(two + 8, request, 8);
    hear(MS, two, 16);
    ck_assert_uint_eq(seen.n_heard, 2);
    ck_assert_ptr_null(seen.heard[1].spoiled);
    say(MS, 200, 0, "answer");
    line.out[0].piece = SIM_OUT_MAX;
    run_until(MS);
    ck_assert_uint_eq(seen.n_pieces, 1);
    ck_assert_uint_eq(seen.piece[0].n, 200);
    hear(MS, request, 8);
    ck_assert_uint_eq(seen.n_heard, 3);
}
END_TEST

START_TEST(without_byte_times_what_makes_no_sense_ends_after_a_pause)
{
    start(0, true);
    hear(MS, (const uint8_t *)"\1\3\0", 3);
    run_until(20 * MS);
    ck_assert_uint_eq(seen.n_heard, 0);
    run_until(21 * MS);
    ck_assert_uint_eq(seen.n_heard, 1);
    ck_assert_uint_eq(seen.heard[0].n, 3);
}
END_TEST

START_TEST(a_flood_is_one_long_frame_that_nobody_hears)
{
    uint8_t flood[700];
    memset(flood, 0x55, sizeof flood);
    start(9600, true);
    for (int i = 0; i < 10; i++)
        hear(i * MS, flood, sizeof flood);
    run_until(20000 * MS);
    ck_assert_uint_eq(seen.n_heard, 1);
    ck_assert_str_eq(seen.heard[0].spoiled, "too_long");
    ck_assert_int_eq(seen.heard[0].end_ns, 7000 * line.char_ns);
}
END_TEST

START_TEST(a_line_that_is_asked_to_say_too_much_says_so)
{
    start(9600, true);
    struct sim_out out = {.n = 1, .start_ns = MS, .piece = 1, .to = &master};
    for (int i = 0; i < SIM_OUT_MOST; i++)
        ck_assert(sim_line_say(&line, &out));
    ck_assert(!sim_line_say(&line, &out));
    sim_line_forget(&line, &master);
    ck_assert(sim_line_say(&line, &out));
}
END_TEST

Suite *unit_suite(void)
{
    Suite *suite = suite_create("sim_line");
    TCase *c = tcase_create("wire");
    tcase_add_checked_fixture(c, set_up, tear_down);
    tcase_add_loop_test(c, times_of_a_character_and_of_the_silence, 0,
                        (int)(sizeof speeds / sizeof speeds[0]));
    tcase_add_test(c, a_request_lasts_its_characters_and_the_silence_behind_it);
    tcase_add_test(c, a_request_in_pieces_is_one_while_the_gaps_are_short);
    tcase_add_test(c, a_reply_comes_in_pieces_as_a_uart_hands_them_over);
    tcase_add_loop_test(c, the_silence_after_a_reply, 0, (int)(sizeof silences / sizeof silences[0]));
    tcase_add_test(c, the_silence_also_follows_a_request_that_nobody_answered);
    tcase_add_test(c, a_request_too_early_makes_the_line_busy_again);
    tcase_add_test(c, a_late_answer_spoils_the_request_it_falls_into);
    tcase_add_test(c, two_answers_at_once_are_no_answer);
    tcase_add_test(c, two_masters_at_once_are_not_understood);
    tcase_add_test(c, without_byte_times_everything_is_at_once);
    tcase_add_test(c, without_byte_times_what_makes_no_sense_ends_after_a_pause);
    tcase_add_test(c, a_flood_is_one_long_frame_that_nobody_hears);
    tcase_add_test(c, a_line_that_is_asked_to_say_too_much_says_so);
    suite_add_tcase(suite, c);
    return suite;
}
