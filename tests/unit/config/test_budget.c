#include <math.h>
#include <stdio.h>
#include "config/budget.h"
#include "conf_fixture.h"
#include "core/rc.h"
#include "unit_main.h"

/* The budget against sums done by hand. At 9600 8E1 a character of 11 bits lasts 1145.83 us, the silence 3.5
 * of them. */

#define CHAR_NS    1145833
#define SILENCE_NS (CHAR_NS * 7 / 2)
#define EXCHANGE(n)                                                                                          \
    ((8 + 5 + 2 * (n)) * (double)CHAR_NS + 5e6 + SILENCE_NS) /* n registers, 5 ms turnaround */

static struct conf_fixture f;

static void set_up(void)
{
    conf_fixture_init(&f);
}

static void tear_down(void)
{
    conf_fixture_done(&f);
}

static struct budget of(const char *text)
{
    struct budget b;

    conf_fixture_try(&f, text);
    ck_assert_msg(f.rc == RC_OK, "%s", conf_fixture_all(&f));
    ck_assert_int_eq(budget_of_bus(f.s, 0, BUDGET_TURNAROUND_NS, &b), RC_OK);
    return b;
}

static void near(double is, double should)
{
    ck_assert_msg(fabs(is - should) <= 1e-4 * fabs(should) + 1e-9, "%.9f is not %.9f", is, should);
}

START_TEST(one_kpm31_costs_what_its_frames_cost)
{
    struct budget b = of(SITE BUS METER);

    ck_assert_uint_eq(b.class[CLASS_LIVE].requests, 1); /* 0x30 … 0x3D */
    near((double)b.class[CLASS_LIVE].round_ns, EXCHANGE(14));
    ck_assert_uint_eq(b.class[CLASS_ENERGY].requests, 1); /* the snapshot */
    near((double)b.class[CLASS_ENERGY].round_ns, EXCHANGE(28));
    ck_assert_uint_eq(b.class[CLASS_SETTLEMENT].requests, 3); /* 106 + 104 + 78 */
    near((double)b.class[CLASS_SETTLEMENT].round_ns, EXCHANGE(106) + EXCHANGE(104) + EXCHANGE(78));
    ck_assert_uint_eq(b.class[CLASS_RELAY].requests, 1); /* one coil: 6 characters */
    near((double)b.class[CLASS_RELAY].round_ns, 14 * (double)CHAR_NS + 5e6 + SILENCE_NS);
    near(b.class[CLASS_LIVE].share, EXCHANGE(14) / 15e9);
    near(b.class[CLASS_ENERGY].share, EXCHANGE(28) / 61e9);
    near(b.dead_share, 0.03);
    ck_assert(b.fits);
    double others = b.load - b.class[CLASS_LIVE].share;
    near((double)b.class[CLASS_LIVE].shortest_ms, ceil(EXCHANGE(14) / 1e6 / (1 - 0.03 - others)));
}
END_TEST

#define MANY_BEGIN                                                                                           \
    SITE "[bus b]\ndevice = /dev/a\ndead_share = 1 %\nenergy = 0\ndemand = 0\nsettlement = 0\nidentity = "   \
         "0\nrelay = 0\n"
#define MANY_END   "[meters m]\nbus = b\naddresses = 1-32\nmodel = kpm31\n"
#define MANY(keys) MANY_BEGIN keys MANY_END

START_TEST(thirty_two_meters_cost_thirty_two_times_as_much)
{
    struct budget b = of(MANY("live = 5s\n"));
    double round = 32 * EXCHANGE(14);

    ck_assert_uint_eq(b.class[CLASS_LIVE].meters, 32);
    near((double)b.class[CLASS_LIVE].round_ns, round);
    near(b.load, round / 5e9);
    near((double)b.class[CLASS_LIVE].shortest_ms, ceil(round / 1e6 / 0.99));
    ck_assert_int_eq(b.class[CLASS_ENERGY].requests, 0); /* off */
    ck_assert_int_eq(b.class[CLASS_ENERGY].shortest_ms, 0);
}
END_TEST

START_TEST(it_fits_at_its_shortest_period_and_one_millisecond_less_does_not)
{
    char text[1000], live[32];
    struct budget b = of(MANY("live = 5s\n"));
    int shortest = (int)b.class[CLASS_LIVE].shortest_ms;

    snprintf(live, sizeof live, "live = %dms\n", shortest);
    snprintf(text, sizeof text, "%s%s%s", MANY_BEGIN, live, MANY_END);
    ck_assert(of(text).fits);
    snprintf(live, sizeof live, "live = %dms\n", shortest - 1);
    snprintf(text, sizeof text, "%s%s%s", MANY_BEGIN, live, MANY_END);
    ck_assert(!of(text).fits);
}
END_TEST

START_TEST(where_the_others_fill_the_line_no_period_fits)
{
    struct budget b = of(SITE "[bus b]\ndevice = /dev/a\nbaud = 300\nlive = 1s\n"
                              "[meters m]\nbus = b\naddresses = 1-10\nmodel = kpm31\n");

    ck_assert(!b.fits);
    ck_assert(b.load > 1);
    ck_assert_int_eq(b.class[CLASS_ENERGY].shortest_ms, -1);
    ck_assert_int_gt(b.class[CLASS_LIVE].shortest_ms, 1000);
}
END_TEST

START_TEST(characters_without_parity_are_shorter_and_fast_lines_keep_1750_us_of_silence)
{
    struct budget b = of(SITE "[bus b]\ndevice = /dev/a\nbaud = 115200\nparity = none\n" METER);

    near((double)b.class[CLASS_LIVE].round_ns, (8 + 5 + 28) * 10e9 / 115200 + 5e6 + 1.75e6);
}
END_TEST

START_TEST(only_the_meters_of_the_bus_count)
{
    struct budget b;

    of(SITE BUS METER "[bus c]\ndevice = /dev/c\n[meter n]\nbus = c\naddress = 1\nmodel = kpm33b\n[bus "
                      "d]\ndevice = /dev/d\n");
    ck_assert_int_eq(budget_of_bus(f.s, 2, BUDGET_TURNAROUND_NS, &b), RC_OK);
    ck_assert(b.load == 0.0 && b.fits);
    ck_assert_int_eq(budget_of_bus(f.s, 1, BUDGET_TURNAROUND_NS, &b), RC_OK);
    near((double)b.class[CLASS_ENERGY].round_ns, EXCHANGE(52));
}
END_TEST

Suite *unit_suite(void)
{
    Suite *s = suite_create("config");
    TCase *c = tcase_create("budget");

    tcase_add_checked_fixture(c, set_up, tear_down);
    tcase_add_test(c, one_kpm31_costs_what_its_frames_cost);
    tcase_add_test(c, thirty_two_meters_cost_thirty_two_times_as_much);
    tcase_add_test(c, it_fits_at_its_shortest_period_and_one_millisecond_less_does_not);
    tcase_add_test(c, where_the_others_fill_the_line_no_period_fits);
    tcase_add_test(c, characters_without_parity_are_shorter_and_fast_lines_keep_1750_us_of_silence);
    tcase_add_test(c, only_the_meters_of_the_bus_count);
    suite_add_tcase(s, c);
    return s;
}
