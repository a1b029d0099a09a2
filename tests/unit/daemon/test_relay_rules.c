/* test_relay_rules.c - how often a relay may be switched, and what outcomes are called. */
#include <string.h>
#include "core/rc.h"
#include "daemon/relay_rules.h"
#include "unit_main.h"

#define S INT64_C(1000000000)

START_TEST(six_at_once_then_one_in_ten_seconds)
{
    struct relay_rate r = {0};
    int64_t t = 12345 * S;
    for (int i = 0; i < RELAY_BURST; i++)
        ck_assert(relay_rate_take(&r, t));
    ck_assert(!relay_rate_take(&r, t));
    ck_assert(!relay_rate_take(&r, t + RELAY_REFILL_NS - 1));
    ck_assert(relay_rate_take(&r, t + RELAY_REFILL_NS));
    ck_assert(!relay_rate_take(&r, t + RELAY_REFILL_NS));
    t += 100000 * S; /* however long it was left alone: no more than six */
    for (int i = 0; i < RELAY_BURST; i++)
        ck_assert(relay_rate_take(&r, t));
    ck_assert(!relay_rate_take(&r, t));
}
END_TEST

static const struct {
    const char *says;
    struct relay_report report;
    bool ok;
    int8_t state;
    const char *error, *in_detail;
    int exit;
} rows[] = {
    {"switched", {RELAY_SWITCHED, 0, 77, 0, RC_OK}, true, 0, "", "", EXIT_DONE},
    {"as before", {RELAY_NOT_SWITCHED, 1, 77, 0, RC_OK}, false, 1, "not_switched", "Local", EXIT_FAILED},
    {"no answer, and as before",
     {RELAY_NOT_SWITCHED, 1, 77, 0, RC_NOANSWER},
     false,
     1,
     "not_switched",
     "read back closed",
     EXIT_FAILED},
    {"refused",
     {RELAY_FAILED, 1, 77, 4, RC_REFUSED},
     false,
     1,
     "failed",
     "exception 4, read back closed",
     EXIT_FAILED},
    {"refused, and no coil to be read",
     {RELAY_FAILED, -1, 0, 1, RC_NOREG},
     false,
     -1,
     "failed",
     "exception 1",
     EXIT_FAILED},
    {"silence",
     {RELAY_UNKNOWN, -1, 0, 0, RC_NOANSWER},
     false,
     -1,
     "unknown",
     "look before",
     EXIT_UNAVAILABLE},
    {"too late", {RELAY_EXPIRED, -1, 0, 0, RC_OK}, false, -1, "expired", "nothing was sent", EXIT_FAILED},
    {"no line",
     {RELAY_UNREACHED, -1, 0, 0, RC_LINK},
     false,
     -1,
     "unreachable",
     "nothing was sent",
     EXIT_UNAVAILABLE},
    {"a stop",
     {RELAY_UNREACHED, -1, 0, 0, RC_STOPPED},
     false,
     -1,
     "unreachable",
     "stopping",
     EXIT_UNAVAILABLE},
    {"not in time",
     {RELAY_UNREACHED, -1, 0, 0, RC_NOANSWER},
     false,
     -1,
     "unreachable",
     "in time",
     EXIT_UNAVAILABLE},
    {"a crowd",
     {RELAY_UNREACHED, -1, 0, 0, RC_FULL},
     false,
     -1,
     "busy",
     "nothing was sent",
     EXIT_UNAVAILABLE},
    {"no permission",
     {RELAY_UNREACHED, -1, 0, 0, RC_DENIED},
     false,
     -1,
     "not_allowed",
     "relay = yes",
     EXIT_NOPERM},
};

START_TEST(an_outcome_has_a_name_words_and_an_exit_code)
{
    struct relay_result r;
    relay_result_of(&rows[_i].report, false, 99, &r);
    ck_assert_msg(r.ok == rows[_i].ok && r.state == rows[_i].state, "%s", rows[_i].says);
    ck_assert_str_eq(r.error, rows[_i].error);
    ck_assert_msg(strstr(r.detail, rows[_i].in_detail) != NULL, "%s: %s", rows[_i].says, r.detail);
    ck_assert_int_eq(relay_error_exit(r.error), rows[_i].exit);
    ck_assert_int_eq(r.ts_utc_ms, r.state >= 0 ? 77 : 99);
    ck_assert((r.detail[0] == '\0') == r.ok);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *s = suite_create("relay_rules");
    TCase *t = tcase_create("relay_rules");
    tcase_add_test(t, six_at_once_then_one_in_ten_seconds);
    tcase_add_loop_test(t, an_outcome_has_a_name_words_and_an_exit_code, 0, sizeof rows / sizeof rows[0]);
    suite_add_tcase(s, t);
    return s;
}
