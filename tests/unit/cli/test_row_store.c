/* test_row_store.c - rows in, the same rows out, in order of time. */
#include "cli/row_store.h"

#include <stdlib.h>
#include <string.h>
#include "core/rc.h"
#include "unit_main.h"

#define COUNT 400

struct kept {
    struct verify_row row;
    int64_t settlement[VERIFY_SETTLEMENTS];
    bool rejected;
};

static uint64_t next(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return *state >> 33;
}

/* Rows of all kinds: few and many registers, great jumps, negative values, frozen blocks with holes. */
static void draw(struct kept *k, uint64_t *state, int64_t time_utc_ms)
{
    memset(k, 0, sizeof *k);
    k->row.time_utc_ms = time_utc_ms;
    k->rejected = next(state) % 10 == 0;
    if (k->rejected)
        return;
    k->row.window_ms = (uint32_t)(next(state) % 3 * 40000000);
    k->row.has = (uint16_t)(next(state) % 2 == 0 ? 0x3FFF : next(state) % 0x4000);
    for (unsigned e = 0; e < VERIFY_REGISTERS; e++)
        if (verify_has(&k->row, e))
            k->row.v[e] = (int64_t)(next(state) % 200000001) * 1000000 - 100000000000000;
    k->row.has_power = next(state) % 2 == 0;
    if (k->row.has_power)
        k->row.power_cw = (int64_t)next(state) - 1000000000;
    if (next(state) % 4 != 0)
        return;
    for (unsigned i = 0; i < VERIFY_SETTLEMENTS; i++)
        k->settlement[i] = next(state) % 5 == 0 ? VERIFY_ABSENT : (int64_t)(next(state) % 3) * 1000;
    k->row.settlement = k->settlement;
}

static void must_be(const struct kept *k, const struct verify_row *row, bool rejected)
{
    ck_assert_int_eq(row->time_utc_ms, k->row.time_utc_ms);
    ck_assert(rejected == k->rejected);
    if (rejected)
        return;
    ck_assert_uint_eq(row->window_ms, k->row.window_ms);
    ck_assert_uint_eq(row->has, k->row.has);
    for (unsigned e = 0; e < VERIFY_REGISTERS; e++)
        if (verify_has(row, e))
            ck_assert_int_eq(row->v[e], k->row.v[e]);
    ck_assert(row->has_power == k->row.has_power);
    if (row->has_power)
        ck_assert_int_eq(row->power_cw, k->row.power_cw);
    ck_assert((row->settlement != NULL) == (k->row.settlement != NULL));
    if (row->settlement != NULL)
        ck_assert_mem_eq(row->settlement, k->settlement, sizeof k->settlement);
}

static int by_time(const void *a, const void *b)
{
    const struct kept *x = a, *y = b;
    if (x->row.time_utc_ms != y->row.time_utc_ms)
        return x->row.time_utc_ms < y->row.time_utc_ms ? -1 : 1;
    return x < y ? -1 : x > y; /* glibc's qsort of few elements is stable */
}

static void keep_and_compare(struct kept *rows, bool sorted)
{
    struct row_store s = {0};
    for (int i = 0; i < COUNT; i++) {
        if (rows[i].row.settlement != NULL)
            rows[i].row.settlement = rows[i].settlement;
        ck_assert_int_eq(row_store_add(&s, &rows[i].row, rows[i].rejected), RC_OK);
    }
    ck_assert(s.unsorted == !sorted);
    ck_assert_int_eq(row_store_sort(&s), RC_OK);
    ck_assert(!s.unsorted);
    if (!sorted)
        qsort(rows, COUNT, sizeof rows[0], by_time);
    struct row_cursor *c = calloc(1, sizeof *c);
    struct verify_row row;
    bool rejected;
    for (int i = 0; i < COUNT; i++) {
        ck_assert(row_store_next(&s, c, &row, &rejected));
        must_be(&rows[i], &row, rejected);
    }
    ck_assert(!row_store_next(&s, c, &row, &rejected));
    free(c);
    row_store_done(&s);
    ck_assert_ptr_null(s.data);
}

START_TEST(rows_come_back)
{
    struct kept *rows = calloc(COUNT, sizeof *rows);
    uint64_t state = (uint64_t)_i;
    int64_t time = -100000;
    for (int i = 0; i < COUNT; i++) {
        draw(&rows[i], &state, time);
        time += (int64_t)(next(&state) % 3) * 61000;
    }
    keep_and_compare(rows, true);
    free(rows);
}
END_TEST

START_TEST(in_order_of_time)
{
    struct kept *rows = calloc(COUNT, sizeof *rows);
    uint64_t state = (uint64_t)_i;
    for (int i = 0; i < COUNT; i++)
        draw(&rows[i], &state, (int64_t)(next(&state) % 500) * 61000);
    keep_and_compare(rows, false);
    free(rows);
}
END_TEST

/* 14 registers of which a few move a little: what a real file is like. */
START_TEST(a_usual_row_is_small)
{
    struct row_store s = {0};
    struct verify_row row = {.has = 0x3FFF, .time_utc_ms = 1790784000000, .window_ms = 85};
    for (unsigned e = 0; e < VERIFY_REGISTERS; e++)
        row.v[e] = 12345670000 + e;
    for (int i = 0; i < 10000; i++) {
        row.time_utc_ms += 61000;
        row.window_ms ^= 3;
        row.v[0] += 10000;
        row.v[8] += 10000;
        ck_assert_int_eq(row_store_add(&s, &row, false), RC_OK);
    }
    ck_assert_uint_le(s.used, 10000 * 25);
    row_store_done(&s);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *s = suite_create("row_store");
    TCase *t = tcase_create("rows");
    tcase_add_loop_test(t, rows_come_back, 0, 20);
    tcase_add_loop_test(t, in_order_of_time, 0, 20);
    tcase_add_test(t, a_usual_row_is_small);
    suite_add_tcase(s, t);
    return s;
}
