/* The fault file: every kind, every way to get it wrong, and what the changes of a tariff do. */
#include <stdlib.h>
#include <string.h>

#include "core/rc.h"
#include "core/text.h"
#include "sim/sim_unit.h"
#include "unit_main.h"

static struct sim_event parsed(const char *line)
{
    char wrong[160] = "";
    struct sim_event e;
    ck_assert_msg(sim_fault_parse(line, &e, wrong) == RC_OK, "%s: %s", line, wrong);
    return e;
}

static const struct {
    const char *line;
    enum sim_kind kind;
    unsigned choice;
    int64_t n0, n1;
} good[] = {
    {"+30s bus0/5 dead", SIM_DEAD, 0, 0, 0},
    {"+60s bus0/5 alive", SIM_ALIVE, 0, 0, 0},
    {"2026-12-01T00:00 * freeze_reversed", SIM_FREEZE_REVERSED, 0, 0, 0},
    {"+0 bus0/* slow 270ms", SIM_SLOW, 0, 270000000, 270000000},
    {"+0 bus0/1-4 late 300ms 2s", SIM_LATE, 0, 300000000, 2000000000},
    {"+0 bus0 dup", SIM_DUP, 0, 4000000, 0},
    {"+0 bus0 dup 20ms 5%", SIM_DUP, 0, 20000000, 0},
    {"+0 * echo x3", SIM_ECHO, 0, 0, 0},
    {"+0 * drip", SIM_DRIP, 0, 100000000, 0},
    {"+0 * short 7", SIM_SHORT, 0, 7, 0},
    {"+0 * crc 1% x10", SIM_CRC, 0, 0, 0},
    {"+0 * noise", SIM_NOISE, SIM_NOISE_BEFORE, 3, 0},
    {"+0 * noise before 1 0x00", SIM_NOISE, SIM_NOISE_BEFORE, 1, 0},
    {"+0 * noise inside 128", SIM_NOISE, SIM_NOISE_INSIDE, 128, 0},
    {"+0 * foreign function", SIM_FOREIGN, SIM_FOREIGN_FUNCTION, 0, 0},
    {"+0 * exc 0x55", SIM_EXC, 0, 0x55, 0},
    {"+0 * zero", SIM_ZERO, 0, 0, 0},
    {"+0 * nan -inf", SIM_NAN, SIM_ABSURD_MINUS_INF, 0, 0},
    {"+0 * forge 0x0080 -1.5e3", SIM_FORGE, 0, 0x80, 0},
    {"+0 * twin", SIM_TWIN, 0, 0, 0},
    {"+0 * relay exc 6", SIM_RELAY, SIM_RELAY_EXC, 6, 0},
    {"+0 * relay stuck", SIM_RELAY, SIM_RELAY_STUCK, 4, 0},
    {"+0 * repaired", SIM_REPAIRED, 0, 0, 0},
    {"+0 * stuck", SIM_STUCK, 0, 0, 0},
    {"+0 * clear", SIM_CLEAR, 0, 0, 0},
    {"+0 * replace 12.5", SIM_REPLACE, 0, 20000, 0},
    {"+0 * clock -12m", SIM_CLOCK, SIM_CLOCK_BY, -720000, 0},
    {"+0 * clock drift +20s", SIM_CLOCK, SIM_CLOCK_DRIFT, 20000, 0},
    {"+0 * clock 1970-01-02T00:00", SIM_CLOCK, SIM_CLOCK_AT, 86400000, 0},
    {"+0 * table relabel 23:00 flat", SIM_TABLE, SIM_TABLE_RELABEL, 1380, 2},
    {"+0 * table move 18:00 19:30", SIM_TABLE, SIM_TABLE_MOVE, 1080, 1170},
    {"+0 * table drop 11:00", SIM_TABLE, SIM_TABLE_DROP, 660, 0},
    {"+0 * table swap flat valley", SIM_TABLE, SIM_TABLE_SWAP, 2, 3},
    {"+0 * table one sharp", SIM_TABLE, SIM_TABLE_ONE, 0, 0},
    {"+0 * table set 2", SIM_TABLE, SIM_TABLE_SET, 2, 0},
    {"+0 * table rest", SIM_TABLE, SIM_TABLE_REST, 0, 0},
    {"+0 * mbap stale", SIM_MBAP, SIM_MBAP_STALE, 0, 0},
    {"+0 * mbap twice 5%", SIM_MBAP, SIM_MBAP_TWICE, 0, 0},
    {"+0 * switching_lag 30s", SIM_SWITCHING_LAG, 0, 30000, 0},
    {"+0 * register_lag 2s", SIM_REGISTER_LAG, 0, 2000, 0},
    {"+5m bus3 reset", SIM_RESET, SIM_RESET_NOW, 0, 0},
    {"+5m bus3 reset frame", SIM_RESET, SIM_RESET_FRAME, 0, 0},
    {"+5m bus3 refuse", SIM_REFUSE, 0, 0, 0},
    {"+5m bus3 half_open", SIM_HALF_OPEN, 0, 0, 0},
    {"+5m bus3 mute", SIM_MUTE, 0, 0, 0},
    {"+0 * babble", SIM_BABBLE, 0, 0, 0},
    {"+0 bus0 unplug", SIM_UNPLUG, 0, 0, 0},
    {"+0 bus0 plug", SIM_PLUG, 0, 0, 0},
    {"+0 bus0 reset", SIM_RESET, 0, 0, 0},
};

START_TEST(every_kind_can_be_written)
{
    struct sim_event e = parsed(good[_i].line);
    ck_assert_msg(e.kind == good[_i].kind && e.args.choice == good[_i].choice, "%s", good[_i].line);
    ck_assert_msg(e.args.n[0] == good[_i].n0 && e.args.n[1] == good[_i].n1, "%s: %lld %lld", good[_i].line,
                  (long long)e.args.n[0], (long long)e.args.n[1]);
}
END_TEST

START_TEST(no_kind_is_missing_in_the_rows_above_or_in_the_help)
{
    bool seen[SIM_KINDS] = {false};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        seen[good[i].kind] = true;
    for (int k = 0; k < SIM_KINDS; k++) {
        const char *name = sim_fault_name((enum sim_kind)k);
        ck_assert_msg(seen[k], "%s", name);
        ck_assert_msg(strncmp(sim_fault_help((size_t)k), name, strlen(name)) == 0, "%s", name);
    }
    ck_assert_ptr_null(sim_fault_help(SIM_KINDS));
}
END_TEST

START_TEST(when_whom_how_often)
{
    struct sim_event e = parsed("+1h bus12/3-9 crc 0.25% x4");
    ck_assert(e.real && e.at_ms == 3600000 && e.bus == 12 && e.first == 3 && e.last == 9);
    ck_assert(!e.all_buses && !e.all_meters && !e.whole_bus && e.share_ppm == 2500 && e.times == 4);
    e = parsed("1970-01-02T00:00 bus0/* dead");
    ck_assert(!e.real && e.at_ms == 86400000 && e.all_meters && !e.whole_bus);
    ck_assert(e.share_ppm == 1000000 && e.times == -1);
    e = parsed("+1s bus0/7 dead");
    ck_assert(e.first == 7 && e.last == 7);
    e = parsed("+1s * dead");
    ck_assert(e.all_buses && e.all_meters);
}
END_TEST

static const char *const bad[] = {
    "+30s bus0/5",
    "30s bus0/5 dead",
    "+30 bus0/5 dead",
    "tomorrow bus0/5 dead",
    "+1s meter5 dead",
    "+1s bus dead",
    "+1s bus0/0 dead",
    "+1s bus0/248 dead",
    "+1s bus0/5-4 dead",
    "+1s bus0/5 deaf",
    "+1s bus0/5 dead now",
    "+1s bus0/5 mute",
    "+1s bus0/5 slow",
    "+1s bus0/5 slow 2",
    "+1s bus0/5 slow 2s 1s",
    "+1s bus0/5 short 256",
    "+1s bus0/5 noise 0",
    "+1s bus0/5 noise 129",
    "+1s bus0/5 noise 3 256",
    "+1s bus0/5 foreign word",
    "+1s bus0/5 exc",
    "+1s bus0/5 exc 0",
    "+1s bus0/5 nan zero",
    "+1s bus0/5 forge 0x80",
    "+1s bus0/5 forge 0x80 inf",
    "+1s bus0/5 forge 0x1ffff 1",
    "+1s bus0/5 relay",
    "+1s bus0/5 relay open",
    "+1s bus0/5 replace -1",
    "+1s bus0/5 clock",
    "+1s bus0/5 clock 5m",
    "+1s bus0/5 clock drift +1h",
    "+1s bus0/5 table",
    "+1s bus0/5 table move 18:00",
    "+1s bus0/5 table drop 24:00",
    "+1s bus0/5 table relabel 18:00 deep",
    "+1s bus0/5 table set 3",
    "+1s bus0/5 crc 101%",
    "+1s bus0/5 crc x0",
};

START_TEST(what_cannot_be_understood_is_an_error_with_words)
{
    char wrong[160] = "";
    struct sim_event e = {.line = 77};
    ck_assert_msg(sim_fault_parse(bad[_i], &e, wrong) == RC_PARSE, "%s: taken", bad[_i]);
    ck_assert_uint_eq(e.line, 77);
    ck_assert_msg(strlen(wrong) > 5, "%s: no words", bad[_i]);
}
END_TEST

START_TEST(a_misspelt_kind_is_told_with_the_right_one)
{
    char wrong[160] = "";
    struct sim_event e;
    ck_assert_int_eq(sim_fault_parse("+1s * freeze_revesed", &e, wrong), RC_PARSE);
    ck_assert_ptr_nonnull(strstr(wrong, "did you mean \"freeze_reversed\"?"));
}
END_TEST

static const struct {
    const char *sentence, *change;
    const char *after; /* the periods of table 1, hour and the rate's first letter */
} changes[] = {
    {"a period gets another rate", "table relabel 23:00 flat", "06s 10p 12s 15f 23f"},
    {"a period begins later", "table move 10:00 11:00", "06s 11p 12s 15f 23v"},
    {"a period begins before its neighbour", "table move 15:00 09:00", "06s 09f 10p 12s 23v"},
    {"a period takes another's place", "table move 10:00 12:00", "06s 12p 15f 23v"},
    {"a period that is not there", "table move 10:01 12:00", "06s 10p 12s 15f 23v"},
    {"a period is left out", "table drop 12:00", "06s 10p 15f 23v"},
    {"two rates change places", "table swap sharp valley", "06v 10p 12v 15f 23s"},
    {"all energy goes to one rate", "table one peak", "06p 10p 12p 15p 23p"},
};

START_TEST(a_tariff_programmed_wrong)
{
    struct sim_tariff t;
    char line[100], got[100] = "";
    sim_tariff_default(&t);
    ck_assert(text_format(line, sizeof line, "+0 * %s", changes[_i].change));
    struct sim_event e = parsed(line);
    sim_table_change(&t, &e.args);
    for (int i = 0; i < t.table[0][0].n; i++) {
        size_t used = strlen(got);
        ck_assert(text_format(got + used, sizeof got - used, "%s%02u%c", i > 0 ? " " : "",
                              t.table[0][0].period[i].minute / 60u, "spfv"[t.table[0][0].period[i].rate]));
    }
    ck_assert_msg(strcmp(got, changes[_i].after) == 0, "%s: %s", changes[_i].sentence, got);
}
END_TEST

START_TEST(the_other_changes_of_a_tariff)
{
    struct sim_tariff t;
    sim_tariff_default(&t);
    struct sim_event set = parsed("+0 * table set 2"), rest = parsed("+0 * table rest");
    sim_table_change(&t, &set.args);
    ck_assert(t.switch_days_s == INT64_MIN && t.switch_zones_s == INT64_MIN);
    t.rest_mask = 1 << 0 | 1 << 6;
    sim_table_change(&t, &rest.args);
    ck_assert_uint_eq(t.rest_mask, 0x3E);
}
END_TEST

START_TEST(a_file_is_read_whole_or_not_at_all)
{
    struct sim_schedule s = {NULL, 77};
    ck_assert_int_eq(sim_fault_read("there-is-no-such-file", &s), RC_PARSE);
    ck_assert_int_eq(sim_fault_read(".", &s), RC_PARSE);
    ck_assert_uint_eq(s.n, 77);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *suite = suite_create("sim_fault");
    TCase *c = tcase_create("schedule");
    tcase_add_loop_test(c, every_kind_can_be_written, 0, (int)(sizeof good / sizeof good[0]));
    tcase_add_test(c, no_kind_is_missing_in_the_rows_above_or_in_the_help);
    tcase_add_test(c, when_whom_how_often);
    tcase_add_loop_test(c, what_cannot_be_understood_is_an_error_with_words, 0,
                        (int)(sizeof bad / sizeof bad[0]));
    tcase_add_test(c, a_misspelt_kind_is_told_with_the_right_one);
    tcase_add_loop_test(c, a_tariff_programmed_wrong, 0, (int)(sizeof changes / sizeof changes[0]));
    tcase_add_test(c, the_other_changes_of_a_tariff);
    tcase_add_test(c, a_file_is_read_whole_or_not_at_all);
    suite_add_tcase(suite, c);
    return suite;
}
