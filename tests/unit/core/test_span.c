#include <stdlib.h>
#include "core/rc.h"
#include "core/span.h"
#include "core/wire_time.h"
#include "fake/fake_model.h"
#include "unit_main.h"

#define LIVE       SPAN_CLASS(CLASS_LIVE)
#define ENERGY     SPAN_CLASS(CLASS_ENERGY)
#define DEMAND     SPAN_CLASS(CLASS_DEMAND)
#define SETTLEMENT SPAN_CLASS(CLASS_SETTLEMENT)
#define IDENTITY   SPAN_CLASS(CLASS_IDENTITY)
#define RELAY      SPAN_CLASS(CLASS_RELAY)
#define MOST       6

struct row {
    const char *says;
    unsigned classes;
    struct span_limits limits;
    struct span want[MOST];
    size_t n;
    int rc;
};

static const struct row kpm31_rows[] = {
    {"live values are one request", LIVE, {0, 0}, {{0x30, 14}}, 1, RC_OK},
    {"total and four rates come from one reply", ENERGY, {0, 0}, {{0x80, 28}}, 1, RC_OK},
    {"a sweep is three requests, cut at family edges",
     SPAN_SWEEP,
     {0, 0},
     {{0x80, 106}, {0xEA, 104}, {0x152, 78}},
     3,
     RC_OK},
    {"slots alone: requests of one length are kept apart",
     SETTLEMENT,
     {0, 0},
     {{0x9C, 104}, {0x16C, 52}, {0x104, 104}},
     3,
     RC_OK},
    {"halved requests cut at families too", SPAN_SWEEP, {62, 0}, {{0x80, 54}, {0xB6, 52}, {0, 0}}, 0, RC_OK},
    {"a snapshot longer than a request is refused", ENERGY, {27, 0}, {{0, 0}}, 0, RC_RANGE},
    {"a snapshot just fits", ENERGY, {28, 0}, {{0x80, 28}}, 1, RC_OK},
    {"far neighbours are two requests", LIVE | DEMAND, {0, 0}, {{0x30, 14}, {0x70, 2}}, 2, RC_OK},
    {"a gap of 50 is read along when 50 are allowed", LIVE | DEMAND, {0, 50}, {{0x30, 66}}, 1, RC_OK},
    {"but not when 49 are", LIVE | DEMAND, {0, 49}, {{0x30, 14}, {0x70, 2}}, 2, RC_OK},
    {"a denied register is never read along", IDENTITY | LIVE, {0, 100}, {{0x01, 2}, {0x30, 14}}, 2, RC_OK},
    {"a relay is no register", RELAY, {0, 0}, {{0, 0}}, 0, RC_OK},
};

START_TEST(plans_of_a_kpm31)
{
    const struct row *row = &kpm31_rows[_i];
    struct regmap *m = fake_kpm31();
    struct span_plan *plan = NULL;
    int rc = span_plan_new(m, row->classes, &row->limits, &plan);
    ck_assert_msg(rc == row->rc, "%s: rc %d", row->says, rc);
    if (rc == RC_OK && (row->n > 0 || row->want[0].len_regs == 0))
        ck_assert_msg(plan->n == row->n, "%s: %zu requests", row->says, plan->n);
    for (size_t i = 0; rc == RC_OK && i < MOST && row->want[i].len_regs != 0; i++) {
        ck_assert_msg(plan->spans[i].address == row->want[i].address &&
                          plan->spans[i].len_regs == row->want[i].len_regs,
                      "%s: request %zu is 0x%04X x%u", row->says, i, plan->spans[i].address,
                      plan->spans[i].len_regs);
    }
    span_plan_free(plan);
    regmap_free(m);
}
END_TEST

/* Whatever the limits: every value wanted is read exactly once, none is cut, no request is too long. */
START_TEST(every_value_is_read_whole)
{
    struct regmap *m = fake_kpm31();
    for (uint16_t most = 28; most <= 125; most++) {
        struct span_limits limits = {most, (uint16_t)(most % 7)};
        struct span_plan *plan = NULL;
        ck_assert_int_eq(span_plan_new(m, SPAN_SWEEP | LIVE | IDENTITY, &limits, &plan), RC_OK);
        for (size_t i = 0; i < m->n_regs; i++) {
            const struct reg *r = &m->regs[i];
            unsigned whole = 0, touched = 0;
            for (size_t k = 0; k < plan->n; k++) {
                unsigned from = plan->spans[k].address, to = from + plan->spans[k].len_regs;
                ck_assert_uint_le(plan->spans[k].len_regs, most);
                whole += r->address >= from && r->address + r->len_regs <= to;
                touched += r->address < to && r->address + r->len_regs > from;
            }
            ck_assert_uint_eq(whole, r->klass == CLASS_DEMAND ? 0 : 1);
            ck_assert_uint_eq(touched, whole);
        }
        span_plan_free(plan);
    }
    regmap_free(m);
}
END_TEST

START_TEST(edges_of_125_registers)
{
    static const struct {
        const char *says;
        unsigned n_regs;
        size_t requests;
    } rows[] = {{"62 floats fit one request", 62, 1}, {"63 do not: no float is cut", 63, 2}};
    for (size_t k = 0; k < 2; k++) {
        struct regmap *m = fake_empty(64);
        for (unsigned i = 0; i < rows[k].n_regs; i++)
            fake_reg(m, (uint16_t)(2 * i), REG_F32, 2, CLASS_LIVE, Q_VOLTAGE, 0);
        struct span_plan *plan;
        ck_assert_int_eq(span_plan_new(m, LIVE, NULL, &plan), RC_OK);
        ck_assert_msg(plan->n == rows[k].requests, "%s", rows[k].says);
        span_plan_free(plan);
        regmap_free(m);
    }
}
END_TEST

START_TEST(the_last_address_is_no_edge)
{
    struct regmap *m = fake_empty(2);
    fake_reg(m, 0xFFFE, REG_F32, 2, CLASS_LIVE, Q_VOLTAGE, 0);
    struct span_plan *plan;
    ck_assert_int_eq(span_plan_new(m, LIVE, NULL, &plan), RC_OK);
    ck_assert_uint_eq(plan->n, 1);
    span_plan_free(plan);
    m->regs[0].address = 0xFFFF;
    ck_assert_int_eq(span_plan_new(m, LIVE, NULL, &plan), RC_RANGE);
    regmap_free(m);
}
END_TEST

START_TEST(probes_differ_in_length)
{
    struct regmap *m = fake_kpm31(), *none = fake_empty(1);
    ck_assert_uint_eq(span_probe(m, false).len_regs, 2);
    ck_assert_uint_eq(span_probe(m, true).len_regs, 4);
    ck_assert_uint_eq(span_probe(m, true).address, 0x30);
    ck_assert_uint_eq(span_probe(none, false).len_regs, 0);
    regmap_free(m);
    regmap_free(none);
}
END_TEST

START_TEST(a_refused_request_is_cut_where_it_costs_least)
{
    struct regmap *m = fake_empty(8);
    const struct span_limits limits = {.gap_regs = 20};
    struct span_plan *plan, *cut;
    for (uint16_t i = 0; i < 4; i++)
        fake_reg(m, (uint16_t)(0x30 + 2 * i), REG_F32, 2, CLASS_LIVE, (enum quantity_id)(Q_VOLTAGE + i), 0);
    fake_reg(m, 0x48, REG_F32, 2, CLASS_LIVE, Q_FREQUENCY, 0);
    ck_assert_int_eq(span_plan_new(m, LIVE, &limits, &plan), RC_OK);
    ck_assert_uint_eq(plan->n, 1);
    ck_assert_int_eq(span_plan_split(m, plan, 0, &cut), RC_OK); /* at the gap, which is the likely reason */
    ck_assert(cut->n == 2 && cut->spans[0].address == 0x30 && cut->spans[0].len_regs == 8);
    ck_assert(cut->spans[1].address == 0x48 && cut->spans[1].len_regs == 2);
    span_plan_free(plan);
    ck_assert_int_eq(span_plan_split(m, cut, 0, &plan), RC_OK); /* then in the middle */
    ck_assert_uint_eq(plan->n, 3);
    for (size_t i = 0; i < plan->n; i++)
        ck_assert(plan->spans[i].len_regs <= 4);
    size_t alone = plan->spans[0].address == 0x48 ? 0 : plan->spans[1].address == 0x48 ? 1 : 2;
    span_plan_free(cut);
    ck_assert_int_eq(span_plan_split(m, plan, alone, &cut), RC_RANGE); /* a value is never cut */
    span_plan_drop(plan, alone);
    ck_assert_uint_eq(plan->n, 2);
    ck_assert(plan->spans[0].address + plan->spans[1].address == 0x30 + 0x34);
    span_plan_free(plan);
    regmap_free(m);
}
END_TEST

START_TEST(a_gap_is_worth_as_much_as_a_round_trip)
{
    int64_t c = wire_char_ns(9600, 'E', 1), silence = wire_silence_ns(9600, 'E', 1);
    uint16_t quick = wire_gap_regs(c, silence, 5000000), slow = wire_gap_regs(c, silence, 50000000);
    ck_assert_uint_eq(quick, 10);
    ck_assert_uint_eq(slow, 30);
    int64_t apart = wire_exchange_ns(c, silence, 5000000, 3, 4) + wire_exchange_ns(c, silence, 5000000, 3, 6);
    ck_assert_int_le(wire_exchange_ns(c, silence, 5000000, 3, (uint16_t)(10 + quick)), apart);
    ck_assert_int_gt(wire_exchange_ns(c, silence, 5000000, 3, (uint16_t)(11 + quick)), apart);
    ck_assert_uint_eq(wire_gap_regs(0, 0, 0), 40); /* no byte times: whatever lies near */
}
END_TEST

START_TEST(times_on_the_wire)
{
    int64_t c = wire_char_ns(9600, 'E', 1);
    ck_assert_int_eq(c, 1145833);
    ck_assert_int_eq(wire_char_ns(9600, 'N', 1), 1041666);
    ck_assert_int_eq(wire_char_ns(9600, 'N', 2), c);
    ck_assert_int_eq(wire_silence_ns(9600, 'E', 1), 4010415);
    ck_assert_int_eq(wire_silence_ns(19200, 'E', 1), 2005206);
    ck_assert_int_eq(wire_silence_ns(38400, 'E', 1), 1750000);
    ck_assert_int_eq(wire_char_ns(0, 'E', 1), 0);
    ck_assert_uint_eq(wire_reply_chars(3, 28), 61);
    ck_assert_uint_eq(wire_reply_chars(1, 1), 6);
    ck_assert_uint_eq(wire_reply_chars(1, 9), 7);
    ck_assert_uint_eq(wire_reply_chars(5, 1), 8);
    /* DOMAIN 3: 8 + 61 characters are 79 ms */
    ck_assert_int_eq(wire_exchange_ns(c, 0, 0, 3, 28) / 1000000, 79);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *s = suite_create("span");
    TCase *t = tcase_create("span");
    tcase_add_loop_test(t, plans_of_a_kpm31, 0, sizeof kpm31_rows / sizeof kpm31_rows[0]);
    tcase_add_test(t, every_value_is_read_whole);
    tcase_add_test(t, edges_of_125_registers);
    tcase_add_test(t, the_last_address_is_no_edge);
    tcase_add_test(t, probes_differ_in_length);
    tcase_add_test(t, a_refused_request_is_cut_where_it_costs_least);
    tcase_add_test(t, a_gap_is_worth_as_much_as_a_round_trip);
    tcase_add_test(t, times_on_the_wire);
    suite_add_tcase(s, t);
    return s;
}
