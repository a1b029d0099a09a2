/* The Modbus TCP gateway: its frames, its queue, its patience. */
#include <stdlib.h>
#include <string.h>

#include "sim/sim_gateway.h"
#include "sim/sim_modbus.h"
#include "unit_main.h"

static struct sim_gateway g;
static struct sim_adu refused, answer;
static char client, other;

/* Transaction 0x1234, unit 5, read 2 registers at 0x0030. */
static const uint8_t adu[] = {0x12, 0x34, 0, 0, 0, 6, 5, 3, 0, 0x30, 0, 2};

static void set_up(void)
{
    memset(&g, 0, sizeof g);
}

static void ask(void)
{
    uint8_t frame[300];
    size_t n;
    ck_assert_uint_eq(sim_gateway_take(&g, &client, adu, sizeof adu, &refused), sizeof adu);
    ck_assert(sim_gateway_next(&g, frame, &n));
    ck_assert_uint_eq(n, 8);
    ck_assert(sim_modbus_sealed(frame, n));
    ck_assert_mem_eq(frame, adu + 6, 6);
    sim_gateway_asked(&g, 1000);
}

START_TEST(an_answer_goes_back_under_its_transaction)
{
    uint8_t reply[20] = {5, 3, 4, 1, 2, 3, 4};
    ask();
    ck_assert(!sim_gateway_answer(&g, 0, &answer));
    size_t n = sim_modbus_seal(reply, 7);
    sim_gateway_hear(&g, reply, 4);
    ck_assert(!sim_gateway_answer(&g, 0, &answer));
    sim_gateway_hear(&g, reply + 4, n - 4);
    ck_assert(sim_gateway_answer(&g, 0, &answer));
    static const uint8_t wanted[] = {0x12, 0x34, 0, 0, 0, 7, 5, 3, 4, 1, 2, 3, 4};
    ck_assert(answer.client == &client && answer.n == sizeof wanted);
    ck_assert_mem_eq(answer.bytes, wanted, sizeof wanted);
    ck_assert(!g.asking && g.n == 0);
}
END_TEST

START_TEST(a_silent_meter_is_exception_11_in_time)
{
    ask();
    ck_assert(!sim_gateway_answer(&g, 999, &answer));
    ck_assert(sim_gateway_answer(&g, 1000, &answer));
    static const uint8_t wanted[] = {0x12, 0x34, 0, 0, 0, 3, 5, 0x83, 11};
    ck_assert_uint_eq(answer.n, sizeof wanted);
    ck_assert_mem_eq(answer.bytes, wanted, sizeof wanted);
}
END_TEST

START_TEST(damaged_and_foreign_frames_are_no_answer)
{
    uint8_t reply[20] = {6, 3, 4, 1, 2, 3, 4};
    ask();
    sim_gateway_hear(&g, reply, sim_modbus_seal(reply, 7));
    ck_assert(!sim_gateway_answer(&g, 0, &answer));
    uint8_t flood[400] = {0};
    sim_gateway_hear(&g, flood, sizeof flood);
    sim_gateway_hear(&g, flood, sizeof flood);
    ck_assert(!sim_gateway_answer(&g, 0, &answer));
}
END_TEST

static const struct {
    const char *sentence;
    uint8_t bytes[14];
    size_t n, used;
} inputs[] = {
    {"half a header", {0, 1, 0, 0, 0}, 5, 0},
    {"half a request", {0, 1, 0, 0, 0, 6, 5, 3}, 8, 0},
    {"another protocol", {0, 1, 0, 1, 0, 6, 5, 3, 0, 0, 0, 1}, 12, SIZE_MAX},
    {"a length of one", {0, 1, 0, 0, 0, 1, 5}, 7, SIZE_MAX},
    {"a length beyond all requests", {0, 1, 0, 0, 1, 0, 5}, 7, SIZE_MAX},
    {"the text of another service", {'G', 'E', 'T', ' ', '/', ' ', 'H', 'T'}, 8, SIZE_MAX},
};

START_TEST(what_comes_in)
{
    ck_assert_msg(sim_gateway_take(&g, &client, inputs[_i].bytes, inputs[_i].n, &refused) == inputs[_i].used,
                  "%s", inputs[_i].sentence);
    ck_assert_uint_eq(g.n, 0);
}
END_TEST

START_TEST(requests_wait_in_turn_and_too_many_are_told_busy)
{
    uint8_t many[(SIM_GATEWAY_QUEUE + 2) * sizeof adu];
    for (size_t i = 0; i < SIM_GATEWAY_QUEUE + 2; i++)
        memcpy(many + i * sizeof adu, adu, sizeof adu);
    size_t used = sim_gateway_take(&g, &client, many, sizeof many, &refused);
    ck_assert_uint_eq(used, (SIM_GATEWAY_QUEUE + 1) * sizeof adu);
    ck_assert_uint_eq(g.n, SIM_GATEWAY_QUEUE);
    ck_assert(refused.n == 9 && refused.bytes[7] == 0x83 && refused.bytes[8] == 6);
}
END_TEST

START_TEST(a_client_that_left_is_forgotten)
{
    ask();
    ck_assert_uint_eq(sim_gateway_take(&g, &client, adu, sizeof adu, &refused), sizeof adu);
    ck_assert_uint_eq(sim_gateway_take(&g, &other, adu, sizeof adu, &refused), sizeof adu);
    sim_gateway_forget(&g, &client);
    ck_assert_uint_eq(g.n, 2); /* the one on the line is waited for */
    ck_assert(sim_gateway_answer(&g, 1000, &answer));
    ck_assert_ptr_null(answer.client);
    ck_assert_ptr_eq(g.queue[0].client, &other);
}
END_TEST

/* The true answer is the last thing it says, but when it says it twice; what comes before is nobody's. */
START_TEST(a_gateway_that_lies)
{
    struct sim_adu told = {.n = 13, .bytes = {0x12, 0x34, 0, 0, 0, 7, 5, 3, 4, 0x43, 0x66, 0, 0}};
    uint8_t out[SIM_LIES_MAX];
    static const size_t frames[] = {2, 2, 2, 1, 33, 1, 2};
    for (int how = SIM_MBAP_STALE; how <= SIM_MBAP_TWICE; how++) {
        size_t n = sim_gateway_lie((enum sim_mbap)how, &told, out);
        ck_assert_uint_eq(n, frames[how] * told.n);
        const uint8_t *last = out + n - told.n;
        if (how == SIM_MBAP_LENGTH)
            ck_assert(last[4] == 0x40 && last[5] == 7);
        else
            ck_assert(memcmp(last, told.bytes, told.n) == 0);
        for (size_t k = 0; k + 1 < frames[how] && how != SIM_MBAP_TWICE; k++)
            ck_assert(memcmp(out + k * told.n, told.bytes, 7) != 0 && out[k * told.n + 10] != 0x66);
    }
}
END_TEST

Suite *unit_suite(void)
{
    Suite *suite = suite_create("sim_gateway");
    TCase *c = tcase_create("gateway");
    tcase_add_checked_fixture(c, set_up, NULL);
    tcase_add_test(c, an_answer_goes_back_under_its_transaction);
    tcase_add_test(c, a_silent_meter_is_exception_11_in_time);
    tcase_add_test(c, damaged_and_foreign_frames_are_no_answer);
    tcase_add_loop_test(c, what_comes_in, 0, (int)(sizeof inputs / sizeof inputs[0]));
    tcase_add_test(c, requests_wait_in_turn_and_too_many_are_told_busy);
    tcase_add_test(c, a_client_that_left_is_forgotten);
    tcase_add_test(c, a_gateway_that_lies);
    suite_add_tcase(suite, c);
    return suite;
}
