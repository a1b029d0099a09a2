#include <stdlib.h>
#include "publish/backoff.h"
#include "unit_main.h"

#define S_NS INT64_C(1000000000)

/* An attempt that fails at second `at`, and what is waited before jitter. */
START_TEST(waits_double_to_30_s_after_the_first_30_s)
{
    static const struct {
        int64_t at_s;
        uint32_t base_ms;
    } rows[] = {{0, 1000},  {1, 1000},   {29, 1000},  {30, 2000},  {33, 4000},
                {38, 8000}, {47, 16000}, {65, 30000}, {99, 30000}, {1000, 30000}};
    struct backoff b;
    for (uint64_t seed = 1; seed <= 200; seed++) {
        backoff_init(&b, 5 * S_NS, seed);
        for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
            const uint32_t wait = backoff_next_ms(&b, (5 + rows[i].at_s) * S_NS, 0);
            const uint32_t most = rows[i].base_ms == 30000 ? 30000 : rows[i].base_ms / 10 * 12;
            ck_assert_uint_ge(wait, rows[i].base_ms / 10 * 8);
            ck_assert_uint_le(wait, most);
        }
    }
}
END_TEST

START_TEST(a_connection_that_held_30_s_begins_again_at_1_s)
{
    struct backoff b;
    backoff_init(&b, 0, 7);
    for (int i = 0; i < 10; i++)
        (void)backoff_next_ms(&b, 100 * S_NS, 0);
    ck_assert_uint_ge(backoff_next_ms(&b, 200 * S_NS, 29999), 24000);
    ck_assert_uint_le(backoff_next_ms(&b, 300 * S_NS, 30000), 1200);
    ck_assert_uint_ge(backoff_next_ms(&b, 301 * S_NS, 0), 1600);
}
END_TEST

START_TEST(chance_spreads_a_thousand_gateways)
{
    struct backoff b;
    uint32_t least = UINT32_MAX, most = 0;
    for (uint64_t seed = 1; seed <= 1000; seed++) {
        backoff_init(&b, 0, seed * UINT64_C(0x9E3779B97F4A7C15));
        const uint32_t wait = backoff_next_ms(&b, 0, 0);
        least = wait < least ? wait : least;
        most = wait > most ? wait : most;
    }
    ck_assert_uint_le(least, 820);
    ck_assert_uint_ge(most, 1180);
}
END_TEST

START_TEST(a_seed_of_nothing_still_has_chance)
{
    struct backoff b;
    backoff_init(&b, 0, 0);
    const uint32_t first = backoff_next_ms(&b, 0, 0);
    uint32_t other = first;
    for (int i = 0; i < 10 && other == first; i++)
        other = backoff_next_ms(&b, 0, 0);
    ck_assert_uint_ne(first, other);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *s = suite_create("backoff");
    TCase *t = tcase_create("waits");
    tcase_add_test(t, waits_double_to_30_s_after_the_first_30_s);
    tcase_add_test(t, a_connection_that_held_30_s_begins_again_at_1_s);
    tcase_add_test(t, chance_spreads_a_thousand_gateways);
    tcase_add_test(t, a_seed_of_nothing_still_has_chance);
    suite_add_tcase(s, t);
    return s;
}
