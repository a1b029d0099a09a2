/* test_clock.c - three clocks: real, simulated, standing. */
#include <stdint.h>
#include <time.h>
#include "core/clock.h"
#include "core/rc.h"
#include "core/text.h"
#include "unit_main.h"

#define ROWS(table) ((int)(sizeof(table) / sizeof(table)[0]))
#define START_MS    INT64_C(1790784000000) /* 2026-10-01T00:00:00+08:00 */

static void sleep_ms(long ms)
{
    struct timespec t = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    while (nanosleep(&t, &t) != 0)
        ;
}

START_TEST(the_kernels_clocks)
{
    ck_assert(!clock_is_simulated());
    ck_assert(clock_speed() == 1.0);
    ck_assert_int_le(clock_utc_ms() / 1000 - (int64_t)time(NULL), 1);
    ck_assert_int_ge(clock_utc_ms() / 1000 - (int64_t)time(NULL), -1);
    int64_t mono = clock_mono_ms(), wire = clock_wire_ns();
    sleep_ms(20);
    ck_assert_int_ge(clock_mono_ms() - mono, 19);
    ck_assert_int_ge(clock_wire_ns() - wire, 20000000);
}
END_TEST

START_TEST(simulated_clocks_run_faster)
{
    int64_t mono = clock_mono_ms(), wire = clock_wire_ns();
    clock_simulate(START_MS, 1000.0);
    ck_assert(clock_is_simulated());
    ck_assert(clock_speed() == 1000.0);
    ck_assert_int_ge(clock_utc_ms(), START_MS);
    sleep_ms(50);
    int64_t mono_passed = clock_mono_ms() - mono, utc_passed = clock_utc_ms() - START_MS;
    int64_t wire_passed = clock_wire_ns() - wire;
    ck_assert_int_ge(utc_passed, 50000);
    ck_assert_int_ge(mono_passed, 50000); /* it went on from where it was */
    ck_assert_int_le(mono_passed, wire_passed / 1000 + 1);
    ck_assert_int_ge(wire_passed, 50000000);
    ck_assert_int_lt(wire_passed, 5000000000); /* the third stays real */
}
END_TEST

START_TEST(a_standing_clock_moves_when_told)
{
    clock_test_set(1000, START_MS);
    sleep_ms(5);
    ck_assert_int_eq(clock_mono_ms(), 1000);
    ck_assert_int_eq(clock_utc_ms(), START_MS);
    clock_test_set(1001, START_MS - 5);
    ck_assert_int_eq(clock_mono_ms(), 1001);
    ck_assert_int_eq(clock_utc_ms(), START_MS - 5);
    ck_assert(!clock_is_simulated());
}
END_TEST

START_TEST(waiting_for_a_deadline)
{
    clock_test_set(1000, START_MS);
    ck_assert_int_eq(clock_wait_ms(1000, 500), 0);
    ck_assert_int_eq(clock_wait_ms(999, 500), 0);
    ck_assert_int_eq(clock_wait_ms(1001, 500), 1);
    ck_assert_int_eq(clock_wait_ms(1500, 500), 500);
    ck_assert_int_eq(clock_wait_ms(1501, 500), 500);
    ck_assert_int_eq(clock_wait_ms(INT64_MAX, 500), 500);
    ck_assert_int_eq(clock_wait_ms(INT64_MIN, 500), 0);
    ck_assert_int_eq(clock_wait_ms(INT64_MAX, INT32_MAX), INT32_MAX);
    ck_assert_int_eq(clock_wait_ms(2000, 0), 0);
    ck_assert_int_eq(clock_wait_ms(2000, -1), 0);
}
END_TEST

START_TEST(a_simulated_wait_is_shorter_and_rounded_up)
{
    clock_simulate(START_MS, 60.0);
    int64_t now = clock_mono_ms();
    int wait = clock_wait_ms(now + 60000, 5000); /* a minute is a second */
    ck_assert_int_le(wait, 1000);
    ck_assert_int_ge(wait, 900);
    clock_simulate(START_MS, 100000.0);
    int waited = 0;
    for (int i = 0; i < 100;
         i++) { /* while a deadline lies ahead, even by less than a millisecond, no wait is 0 */
        int64_t deadline = clock_mono_ms() + 50000;
        wait = clock_wait_ms(deadline, 5000);
        if (clock_mono_ms() >= deadline)
            continue;
        ck_assert_int_eq(wait, 1);
        waited++;
    }
    ck_assert_int_gt(waited, 0);
}
END_TEST

START_TEST(a_clock_begun_again_does_not_step_mono)
{
    clock_simulate(START_MS, 100000.0);
    sleep_ms(5);
    int64_t before = clock_mono_ms();
    clock_simulate(START_MS, 2.0);
    ck_assert_int_ge(clock_mono_ms(), before);
}
END_TEST

static const struct {
    const char *sentence, *text;
    int rc;
    int64_t start;
    double speed;
} option_rows[] = {
    {"start and speed", "2026-10-01T00:00:00+08:00@600", RC_OK, START_MS, 600.0},
    {"start alone runs as fast as ever", "2026-09-30T16:00:00Z", RC_OK, START_MS, 1.0},
    {"a broken speed", "2026-09-30T16:00:00Z@1.5", RC_OK, START_MS, 1.5},
    {"the slowest", "2026-09-30T16:00:00Z@1", RC_OK, START_MS, 1.0},
    {"slower", "2026-09-30T16:00:00Z@0.99", RC_RANGE, 0, 0},
    {"standing", "2026-09-30T16:00:00Z@0", RC_RANGE, 0, 0},
    {"the fastest", "2026-09-30T16:00:00Z@100000", RC_OK, START_MS, 100000.0},
    {"faster", "2026-09-30T16:00:00Z@100000.1", RC_RANGE, 0, 0},
    {"no speed behind the @", "2026-09-30T16:00:00Z@", RC_PARSE, 0, 0},
    {"a speed that is none", "2026-09-30T16:00:00Z@fast", RC_PARSE, 0, 0},
    {"a factor sign", "2026-09-30T16:00:00Z@x60", RC_PARSE, 0, 0},
    {"backwards", "2026-09-30T16:00:00Z@-1", RC_PARSE, 0, 0},
    {"a point at the end", "2026-09-30T16:00:00Z@1.", RC_PARSE, 0, 0},
    {"a point in front", "2026-09-30T16:00:00Z@.5", RC_PARSE, 0, 0},
    {"two points", "2026-09-30T16:00:00Z@1.2.3", RC_PARSE, 0, 0},
    {"two speeds", "2026-09-30T16:00:00Z@1@2", RC_PARSE, 0, 0},
    {"an exponent", "2026-09-30T16:00:00Z@1e3", RC_PARSE, 0, 0},
    {"not a number", "2026-09-30T16:00:00Z@nan", RC_PARSE, 0, 0},
    {"no offset", "2026-09-30T16:00:00@60", RC_PARSE, 0, 0},
    {"no start", "@60", RC_PARSE, 0, 0},
    {"nothing", "", RC_PARSE, 0, 0},
    {"the first instant", "1970-01-01T00:00:00Z@60", RC_OK, 0, 60.0},
    {"before it", "1969-12-31T23:59:59Z@60", RC_RANGE, 0, 0},
    {"a month that is none", "2026-13-30T16:00:00Z@60", RC_RANGE, 0, 0},
    {"a start that goes on and on",
     "2026-09-30T16:00:00.000000000000000000000000000000000000000000000000000000Z@1", RC_PARSE, 0, 0},
};

START_TEST(the_option)
{
    int64_t start = 4711;
    double speed = 47.11;
    int rc = clock_parse_option(option_rows[_i].text, &start, &speed);
    ck_assert_msg(rc == option_rows[_i].rc, "%s: rc %d", option_rows[_i].sentence, rc);
    ck_assert_msg(start == (rc == RC_OK ? option_rows[_i].start : 4711), "%s: start",
                  option_rows[_i].sentence);
    ck_assert_msg(speed == (rc == RC_OK ? option_rows[_i].speed : 47.11), "%s: speed",
                  option_rows[_i].sentence);
}
END_TEST

START_TEST(a_speed_of_four_hundred_digits)
{
    char text[500] = "2026-09-30T16:00:00Z@";
    size_t n = 21;
    for (; n < 421; n++)
        text[n] = '9';
    text[n] = '\0';
    int64_t start;
    double speed;
    ck_assert_int_eq(clock_parse_option(text, &start, &speed), RC_RANGE);
    text[22] = '.'; /* 9.999…: both sides of its fraction overflow a double */
    ck_assert_int_eq(clock_parse_option(text, &start, &speed), RC_RANGE);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *s = suite_create("clock");
    TCase *c = tcase_create("clock");
    tcase_set_timeout(c, 30);
    tcase_add_test(c, the_kernels_clocks);
    tcase_add_test(c, simulated_clocks_run_faster);
    tcase_add_test(c, a_standing_clock_moves_when_told);
    tcase_add_test(c, waiting_for_a_deadline);
    tcase_add_test(c, a_simulated_wait_is_shorter_and_rounded_up);
    tcase_add_test(c, a_clock_begun_again_does_not_step_mono);
    tcase_add_loop_test(c, the_option, 0, ROWS(option_rows));
    tcase_add_test(c, a_speed_of_four_hundred_digits);
    suite_add_tcase(s, c);
    return s;
}
