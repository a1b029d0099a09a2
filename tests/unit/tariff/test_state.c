/* A saved state comes back whole, or not at all: every field that is used is judged before. */
#include <stddef.h>
#include <string.h>
#include "core/rc.h"
#include "judge_fixture.h"
#include "tariff/verify_state.h"
#include "unit_main.h"

#define HEAD   16 /* magic, size, sum */
#define ABSENT VERIFY_ABSENT

static uint8_t blob[VERIFY_STATE_MAX];
static size_t size;

static void seal(void)
{
    uint64_t sum = 14695981039346656037u;
    for (size_t i = HEAD; i < size; i++)
        sum = (sum ^ blob[i]) * 1099511628211u;
    memcpy(blob + 8, &sum, sizeof sum);
}

static void begin(void)
{
    fixture_init();
    warm_up("2026-03-10 03:00:00");
    size = verify_save(fx.v, blob);
    ck_assert_uint_le(size, VERIFY_STATE_MAX);
}

/* A fresh engine of the same options; what it says of the blob. */
static int load(void)
{
    struct verify *v;
    uint8_t fresh[VERIFY_STATE_MAX], after[VERIFY_STATE_MAX];
    ck_assert_int_eq(verify_new(&fx.options, NULL, NULL, &v), RC_OK);
    size_t n = verify_save(v, fresh);
    int rc = verify_load(v, blob, size);
    ck_assert_uint_eq(verify_save(v, after), n);
    /* refused: as if nothing had been saved; taken: the same bytes */
    ck_assert_mem_eq(after, rc == RC_OK ? blob : fresh, n);
    verify_free(v);
    return rc;
}

START_TEST(what_was_saved_is_taken)
{
    begin();
    ck_assert_int_eq(load(), RC_OK);
    fixture_done();
}
END_TEST

START_TEST(another_form_is_refused)
{
    begin();
    size--;
    ck_assert_int_eq(load(), RC_PARSE);
    size++;
    for (size_t i = 0; i < size; i += i < HEAD ? 1 : 487) { /* magic, size, sum, and here and there */
        blob[i] ^= 1;
        ck_assert_int_eq(load(), RC_PARSE);
        blob[i] ^= 1;
    }
    ck_assert_int_eq(load(), RC_OK);
    fixture_done();
}
END_TEST

#define FIELD(name) offsetof(struct verify_memory, name), sizeof(((struct verify_memory *)NULL)->name)
#define NAN_BITS    0x7ff8000000000000
static const struct {
    const char *what;
    size_t offset, size;
    int64_t value;
} refused[] = {
    {"a flag is 0 or 1", FIELD(has_base), 2},
    {"also that of the pending row", FIELD(has_pending), 255},
    {"and of the newest", FIELD(has_incoming), 2},
    {"a conflict", FIELD(conflict), 2},
    {"exact", FIELD(exact), 2},
    {"T2 checked", FIELD(t2_checked), 2},
    {"moved alone", FIELD(moved_single), 2},
    {"moved", FIELD(moved), 2},
    {"told of stillness", FIELD(still_told), 2},
    {"a block of the pending row", FIELD(has_settlement[0]), 2},
    {"a block of the newest", FIELD(has_settlement[1]), 2},
    {"power of a row", FIELD(base.has_power), 2},
    {"export moved", FIELD(kind[1].export_moved), 2},
    {"sums given", FIELD(kind[0].last.given), 2},
    {"sums given as a run", FIELD(kind[1].run.given), 2},
    {"a row has fourteen registers", FIELD(base.has), 0x4000},
    {"its power", FIELD(pending.power_cw), INT64_MAX},
    {"a register", FIELD(base.v[13]), ABSENT},
    {"a register of the newest row", FIELD(incoming.v[0]), (int64_t)1 << 50},
    {"a pointer of another life", FIELD(pending.settlement), 8},
    {"a time", FIELD(base.time_utc_ms), ABSENT},
    {"a time beyond the year 9999", FIELD(incoming.time_utc_ms), 253402300800000},
    {"rows in order of time", FIELD(pending.time_utc_ms), 0},
    {"none newer than the newest", FIELD(to_utc_ms), 0},
    {"the first time", FIELD(from_utc_ms), INT64_MAX},
    {"a register's window", FIELD(reg_lo_utc_ms[3]), INT64_MAX},
    {"the base's window", FIELD(base_lo_utc_ms), INT64_MAX},
    {"a step below a pulse", FIELD(res[2].step), 624},
    {"a step above 10 kWh", FIELD(res[2].step), 10000001},
    {"a total", FIELD(kind[0].first.total), ABSENT},
    {"a rate", FIELD(kind[0].day.rate[3]), ABSENT},
    {"a slack", FIELD(kind[0].last.slack), INT64_MAX},
    {"a rate's slack", FIELD(kind[0].last.rate_slack[1]), INT64_MAX},
    {"a drift", FIELD(kind[0].last.pulse_drift), INT64_MAX},
    {"noise that is no number", FIELD(kind[0].last.noise), NAN_BITS},
    {"negative noise of a rate", FIELD(kind[1].run.rate_noise[2]), INT64_MIN + 1},
    {"possible rates of a reference", FIELD(kind[0].first.possible), 16},
    {"a reference's time", FIELD(kind[0].first.time_utc_ms), INT64_MAX},
    {"a reference's window", FIELD(kind[0].first.lo_utc_ms), INT64_MAX},
    {"what may have gone to a rate", FIELD(kind[0].bound[0].high), ABSENT},
    {"what must have", FIELD(kind[0].bound[0].low), ABSENT},
    {"where a run began", FIELD(kind[0].bound[1].high_from), INT64_MAX},
    {"where a run of one began", FIELD(kind[0].bound[1].low_from), INT64_MAX},
    {"the least without the most", FIELD(kind[0].bound[3].least), ABSENT},
    {"the most", FIELD(kind[0].bound[3].most), INT64_MAX},
    {"a bound's noise", FIELD(kind[0].bound[3].noise_from), NAN_BITS},
    {"the rate of a run", FIELD(kind[0].run_rate), RATE_COUNT},
    {"no combined rule left", FIELD(kind[0].rules), 0},
    {"a fourth combined rule", FIELD(kind[0].rules), 8},
    {"where the rule's comparison began", FIELD(kind[0].combined_from[0]), INT64_MAX},
    {"and its export", FIELD(kind[0].combined_from[2]), ABSENT},
    {"a frozen value", FIELD(settlement[1][5]), INT64_MAX},
    {"energy so far", FIELD(energy_total), INT64_MAX},
    {"more equal rows than rows", FIELD(incoming_again), 1},
    {"the skew's spans", FIELD(skew.n), 0},
    {"a sweep given", FIELD(freeze.given), 2},
    {"a freeze model", FIELD(freeze.model), 3},
    {"a value of the sweep", FIELD(freeze.value[100]), INT64_MAX},
    {"registers at the sweep", FIELD(freeze.live_lo[9]), ABSENT},
    {"registers before a settlement", FIELD(freeze.before[0]), INT64_MAX},
    {"a mark", FIELD(freeze.mark[1].after[3]), INT64_MIN + 1},
    {"the next settlement", FIELD(freeze.next_utc_ms), INT64_MAX},
};

START_TEST(every_field_is_judged)
{
    begin();
    ck_assert_uint_le(refused[_i].offset + refused[_i].size, size - HEAD);
    ck_assert_uint_le(refused[_i].size, 8);
    memcpy(blob + HEAD + refused[_i].offset, &refused[_i].value, refused[_i].size);
    seal();
    ck_assert_msg(load() == RC_PARSE, "%s", refused[_i].what);
    fixture_done();
}
END_TEST

/* A record cut in two by a restart gives the same verdict, the pending row and its block included. */
START_TEST(a_restart_changes_nothing)
{
    begin();
    flow(RATE_FLAT, 10000); /* forbidden at night, and still waiting for its next row */
    fx.settlement[0] = 5;
    fx.sweep = true;
    read_after(10000);
    read_after(10000);
    size = verify_save(fx.v, blob);
    ck_assert_int_eq(verify_load(fx.v, blob, size), RC_OK);
    ck_assert_str_eq(told(), "T1 active_energy_flat");
    ck_assert_uint_eq(result_now()->readings, 24);
    fixture_done();
}
END_TEST

Suite *unit_suite(void)
{
    Suite *s = suite_create("state");
    TCase *c = tcase_create("state");
    tcase_add_test(c, what_was_saved_is_taken);
    tcase_add_test(c, another_form_is_refused);
    tcase_add_loop_test(c, every_field_is_judged, 0, (int)(sizeof refused / sizeof refused[0]));
    tcase_add_test(c, a_restart_changes_nothing);
    suite_add_tcase(s, c);
    return s;
}
