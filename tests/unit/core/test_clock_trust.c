/* When the gateway's own time counts as right: INTERFACES 2 "Clock", a row a sentence. */
#include "core/clock_trust.h"
#include "unit_main.h"

#define BUILT  1790000000000
#define MINUTE 60000LL

static struct clock_trust trust;
static int64_t step_ms;

static enum clock_word look(int64_t utc, int64_t mono, bool sync, bool seen, int64_t newest)
{
    struct clock_look in = {.utc_ms = utc,
                            .mono_ms = mono,
                            .synchronised = sync,
                            .seen_synchronised = seen,
                            .newest_utc_ms = newest};
    return clock_trust_look(&trust, &in, &step_ms);
}

static const struct {
    const char *sentence;
    enum clock_trust_mode mode;
    bool rtc, sync, seen;
    enum clock_word word;
} rows[] = {
    {"ntp: synchronised is right", CLOCK_TRUST_NTP, false, true, true, CLOCK_RIGHT},
    {"ntp: an RTC is not enough", CLOCK_TRUST_NTP, true, false, false, CLOCK_UNSET},
    {"system: always", CLOCK_TRUST_SYSTEM, false, false, true, CLOCK_RIGHT},
    {"auto: synchronised is right", CLOCK_TRUST_AUTO, false, true, true, CLOCK_RIGHT},
    {"auto: an RTC is right", CLOCK_TRUST_AUTO, true, false, true, CLOCK_RIGHT},
    {"auto: never seen synchronised is right", CLOCK_TRUST_AUTO, false, false, false, CLOCK_RIGHT},
    {"auto: NTP is known to serve it, and does not yet", CLOCK_TRUST_AUTO, false, false, true, CLOCK_UNSET},
};

START_TEST(modes)
{
    clock_trust_init(&trust, rows[_i].mode, false, rows[_i].rtc, BUILT);
    ck_assert_msg(look(BUILT + 1, 5, rows[_i].sync, rows[_i].seen, 0) == rows[_i].word, "%s",
                  rows[_i].sentence);
}
END_TEST

START_TEST(never_before_the_build_or_the_newest_row)
{
    clock_trust_init(&trust, CLOCK_TRUST_SYSTEM, false, true, BUILT);
    ck_assert_int_eq(look(BUILT - 1, 0, true, true, 0), CLOCK_UNSET);
    ck_assert_int_eq(look(BUILT, 1, true, true, 0), CLOCK_RIGHT);
    ck_assert_int_eq(look(BUILT + 99, 100, true, true, BUILT + 100), CLOCK_UNSET);
    ck_assert_int_eq(look(BUILT + 100, 101, true, true, BUILT + 100), CLOCK_RIGHT);
}
END_TEST

START_TEST(ten_minutes_after_a_step_it_is_right_again)
{
    clock_trust_init(&trust, CLOCK_TRUST_AUTO, false, true, BUILT);
    ck_assert_int_eq(look(BUILT, 0, true, true, 0), CLOCK_RIGHT);
    int64_t by = _i == 0 ? 2001 : -2001, at = BUILT + 60 * MINUTE + by;
    look(BUILT + 60 * MINUTE, 60 * MINUTE, true, true, 0);
    ck_assert_int_eq(look(at, 60 * MINUTE, true, true, 0), CLOCK_STEPPED);
    ck_assert_int_eq(step_ms, by);
    ck_assert_int_eq(look(at + 10 * MINUTE - 1, 70 * MINUTE - 1, true, true, 0), CLOCK_STEPPED);
    ck_assert_int_eq(step_ms, 0);
    ck_assert_int_eq(look(at + 10 * MINUTE, 70 * MINUTE, true, true, 0), CLOCK_RIGHT);
}
END_TEST

START_TEST(two_seconds_are_no_step)
{
    clock_trust_init(&trust, CLOCK_TRUST_SYSTEM, false, true, BUILT);
    look(BUILT, 0, true, true, 0);
    ck_assert_int_eq(look(BUILT + 3000, 1000, true, true, 0), CLOCK_RIGHT);
    ck_assert_int_eq(step_ms, 0);
}
END_TEST

START_TEST(an_rtc_that_was_stepped_no_longer_vouches)
{
    clock_trust_init(&trust, CLOCK_TRUST_AUTO, false, true, BUILT);
    look(BUILT, 0, false, true, 0);
    look(BUILT + 60 * MINUTE, 1, false, true, 0);
    ck_assert_int_eq(look(BUILT + 80 * MINUTE, 20 * MINUTE, false, true, 0), CLOCK_UNSET);
    ck_assert_int_eq(look(BUILT + 81 * MINUTE, 21 * MINUTE, true, true, 0), CLOCK_RIGHT);
}
END_TEST

START_TEST(boot_in_1970_then_ntp)
{
    clock_trust_init(&trust, CLOCK_TRUST_AUTO, false, false, BUILT);
    ck_assert_int_eq(look(1000, 1000, false, false, 0), CLOCK_UNSET);
    ck_assert_int_eq(look(BUILT + 5, 60000, true, false, 0), CLOCK_STEPPED);
    ck_assert_int_eq(look(BUILT + 5 + 10 * MINUTE, 60000 + 10 * MINUTE, true, true, 0), CLOCK_RIGHT);
}
END_TEST

START_TEST(a_step_back_below_the_newest_row_also_takes_its_ten_minutes)
{
    clock_trust_init(&trust, CLOCK_TRUST_SYSTEM, false, true, BUILT);
    look(BUILT + 100 * MINUTE, 0, true, true, 0);
    ck_assert_int_eq(look(BUILT + 97 * MINUTE, 0, true, true, BUILT + 100 * MINUTE), CLOCK_UNSET);
    ck_assert_int_eq(look(BUILT + 100 * MINUTE, 3 * MINUTE, true, true, BUILT + 100 * MINUTE), CLOCK_STEPPED);
    ck_assert_int_eq(look(BUILT + 107 * MINUTE, 10 * MINUTE, true, true, BUILT + 100 * MINUTE), CLOCK_RIGHT);
}
END_TEST

START_TEST(a_simulated_clock_is_right_unless_before_the_newest_row)
{
    clock_trust_init(&trust, CLOCK_TRUST_NTP, true, false, BUILT);
    ck_assert_int_eq(look(1000, 0, false, true, 0), CLOCK_RIGHT);
    ck_assert_int_eq(look(900000, 1, false, true, 0), CLOCK_RIGHT);
    ck_assert_int_eq(look(900001, 2, false, true, 900002), CLOCK_UNSET);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *s = suite_create("clock_trust");
    TCase *t = tcase_create("clock");
    tcase_add_loop_test(t, modes, 0, (int)(sizeof rows / sizeof rows[0]));
    tcase_add_test(t, never_before_the_build_or_the_newest_row);
    tcase_add_loop_test(t, ten_minutes_after_a_step_it_is_right_again, 0, 2);
    tcase_add_test(t, two_seconds_are_no_step);
    tcase_add_test(t, an_rtc_that_was_stepped_no_longer_vouches);
    tcase_add_test(t, boot_in_1970_then_ntp);
    tcase_add_test(t, a_step_back_below_the_newest_row_also_takes_its_ten_minutes);
    tcase_add_test(t, a_simulated_clock_is_right_unless_before_the_newest_row);
    suite_add_tcase(s, t);
    return s;
}
