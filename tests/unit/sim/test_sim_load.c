/* What --load takes, and how the meters tap it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/rc.h"
#include "sim/sim_load.h"
#include "unit_main.h"

static int read_text(const char *text, struct sim_load *out)
{
    char path[] = "load.XXXXXX";
    int fd = mkstemp(path);
    ck_assert(fd >= 0);
    ck_assert(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
    close(fd);
    int rc = sim_load_read(path, out);
    unlink(path);
    return rc;
}

START_TEST(rows_with_and_without_the_other_columns)
{
    struct sim_load l;
    ck_assert_int_eq(
        read_text(
            "# a house\np_kw,q_kvar,u_v\r\n1.5,0.25,239.47\n\n0.4\n-2,,\n.5,-0.1\n1.23456\n100,100,400\n-100",
            &l),
        RC_OK);
    ck_assert_uint_eq(l.n, 7);
    ck_assert(l.rows[0].p_w == 1500 && l.rows[0].q_var == 250 && l.rows[0].u_dv == 2394);
    ck_assert(l.rows[1].p_w == 400 && l.rows[1].q_var == SIM_LOAD_UNKNOWN &&
              l.rows[1].u_dv == SIM_LOAD_UNKNOWN);
    ck_assert(l.rows[2].p_w == -2000 && l.rows[2].u_dv == SIM_LOAD_UNKNOWN);
    ck_assert(l.rows[3].p_w == 500 && l.rows[3].q_var == -100);
    ck_assert(l.rows[4].p_w == 1234);
    ck_assert(l.rows[5].p_w == 100000 && l.rows[5].u_dv == 4000 && l.rows[6].p_w == -100000);
    sim_load_done(&l);
}
END_TEST

static const struct {
    const char *sentence, *text;
} refused[] = {
    {"nothing", ""},
    {"only a header", "p_kw\n"},
    {"a word", "p_kw\nmuch\n"},
    {"a header in the middle", "1\np_kw\n"},
    {"an empty first cell", ",1,230\n"},
    {"two points", "1.2.3\n"},
    {"only a sign", "-\n"},
    {"an exponent", "1e3\n"},
    {"a blank", "1, 0.2\n"},
    {"more than 100 kW", "100.001\n"},
    {"a number beyond all integers", "99999999999999999999999\n"},
    {"a voltage that is none", "1,0,-230\n"},
    {"four cells", "1,0,230,5\n"},
};

START_TEST(what_is_no_load_is_refused)
{
    struct sim_load l = {NULL, 77};
    ck_assert_msg(read_text(refused[_i].text, &l) == RC_PARSE, "%s: taken", refused[_i].sentence);
    ck_assert_uint_eq(l.n, 77);
}
END_TEST

START_TEST(a_line_without_end_is_refused)
{
    struct sim_load l;
    char text[1001];
    memset(text, '1', 1000);
    text[1000] = '\0';
    ck_assert_int_eq(read_text(text, &l), RC_PARSE);
    ck_assert_int_eq(sim_load_read(".", &l), RC_PARSE);
}
END_TEST

START_TEST(the_house_of_the_project_is_two_weeks_with_evening_peaks)
{
    struct sim_load l;
    ck_assert_int_eq(sim_load_read(TEST_DATA "/house_load.csv", &l), RC_OK);
    ck_assert_uint_eq(l.n, 14 * 1440);
    int64_t night = 0, evening = 0;
    for (size_t i = 0; i < l.n; i++) {
        ck_assert_int_le(l.rows[i].p_w * 6 / 5, 13200); /* at the largest scale still 60 A at 220 V */
        size_t hour = i / 60 % 24;
        night += hour >= 1 && hour < 5 ? l.rows[i].p_w : 0;
        evening += hour >= 18 && hour < 22 ? l.rows[i].p_w : 0;
    }
    ck_assert_int_gt(evening, 2 * night);
    sim_load_done(&l);
}
END_TEST

START_TEST(the_load_is_a_ring_and_a_tap_scales_and_shifts_it)
{
    struct sim_load_row rows[3] = {
        {100, 10, 2200}, {200, SIM_LOAD_UNKNOWN, SIM_LOAD_UNKNOWN}, {300, 30, 2300}};
    struct sim_load l = {rows, 3};
    struct sim_tap tap = {500, 1};
    struct sim_power p = sim_load_at(&l, &tap, 0);
    ck_assert(p.p_mw == 100000 && p.q_mvar == 20000 && p.u_dv == SIM_LOAD_UNKNOWN);
    ck_assert_int_eq(sim_load_at(&l, &tap, 2).p_mw, 50000);
    ck_assert_int_eq(sim_load_at(&l, &tap, -1).p_mw, 50000);
    ck_assert_int_eq(sim_load_at(&l, &tap, -2).p_mw, 150000);
    ck_assert_int_eq(sim_load_at(&l, &tap, -3000000).p_mw, 100000);
}
END_TEST

START_TEST(meters_differ_and_the_same_seed_is_the_same_meter)
{
    struct sim_load l;
    ck_assert_int_eq(sim_load_default(&l), RC_OK);
    ck_assert_uint_eq(l.n, 7 * 1440);
    struct sim_tap a = sim_load_tap(&l, 1), again = sim_load_tap(&l, 1);
    ck_assert(a.scale == again.scale && a.shift == again.shift);
    int same = 0;
    for (uint64_t seed = 2; seed < 300; seed++) {
        struct sim_tap b = sim_load_tap(&l, seed);
        ck_assert(b.scale >= 150 && b.scale <= 1200);
        same += a.scale == b.scale && a.shift == b.shift;
    }
    ck_assert_int_eq(same, 0);
    sim_load_done(&l);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *suite = suite_create("sim_load");
    TCase *c = tcase_create("load");
    tcase_add_test(c, rows_with_and_without_the_other_columns);
    tcase_add_loop_test(c, what_is_no_load_is_refused, 0, (int)(sizeof refused / sizeof refused[0]));
    tcase_add_test(c, a_line_without_end_is_refused);
    tcase_add_test(c, the_house_of_the_project_is_two_weeks_with_evening_peaks);
    tcase_add_test(c, the_load_is_a_ring_and_a_tap_scales_and_shifts_it);
    tcase_add_test(c, meters_differ_and_the_same_seed_is_the_same_meter);
    suite_add_tcase(suite, c);
    return suite;
}
