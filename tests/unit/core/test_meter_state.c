#include "core/meter_state.h"
#include "unit_main.h"

#define PERIOD 61000

struct row {
    const char *says;
    const char
        *events; /* a answered, f failed, l line lost, b line back, t tick; a digit: that many minutes pass */
    enum meter_status status;
};

static const struct row rows[] = {
    {"nothing known at first", "", METER_UNKNOWN},
    {"time alone tells nothing", "9t", METER_UNKNOWN},
    {"an answer makes it online", "a", METER_ONLINE},
    {"two failures are none yet", "aff", METER_ONLINE},
    {"the third makes it stale", "afff", METER_STALE},
    {"nine leave it stale", "afffffffff", METER_STALE},
    {"the tenth makes it offline", "affffffffff", METER_OFFLINE},
    {"a meter that never answered goes the same way", "fff", METER_STALE},
    {"and offline", "ffffffffff", METER_OFFLINE},
    {"one failure and less than three periods", "af3t", METER_ONLINE},
    {"one failure and three periods make it stale", "af4t", METER_STALE},
    {"one failure and nine minutes leave it stale", "af9t", METER_STALE},
    {"one failure and ten minutes make it offline", "af91t", METER_OFFLINE},
    {"a long pause without questions is no silence", "a9999t", METER_ONLINE},
    {"an answer heals at once", "affffffffffa", METER_ONLINE},
    {"and forgets", "affaff", METER_ONLINE},
    {"a lost line makes it stale by time", "al4t", METER_STALE},
    {"and offline", "al91t", METER_OFFLINE},
    {"but not by polls", "afflfb", METER_STALE},
    {"after the line is back polls count from one", "afflbf", METER_ONLINE},
    {"the line coming back is no answer", "al91tb", METER_OFFLINE},
};

START_TEST(table)
{
    const struct row *row = &rows[_i];
    struct meter_state s = {0};
    enum meter_status before = METER_UNKNOWN;
    int64_t now = 1000;
    for (const char *e = row->events; *e != '\0'; e++) {
        static const char names[] = {'a', 'f', 'l', 'b', 't'};
        if (*e >= '0' && *e <= '9') {
            now += (*e - '0') * 60000;
            continue;
        }
        for (unsigned k = 0; k < sizeof names; k++)
            if (names[k] == *e) {
                bool changed = meter_state_step(&s, (enum meter_event)k, now, PERIOD);
                ck_assert_msg(changed == (s.status != before), "%s: change told wrongly at %s", row->says, e);
                before = s.status;
            }
    }
    ck_assert_msg(s.status == row->status, "%s: %d", row->says, (int)s.status);
}
END_TEST

START_TEST(probes_come_soon_then_ever_more_rarely)
{
    struct meter_state s = {0};
    static const uint32_t waits[10] = {4000, 4000, 4000, 4000, 4000, 4000, 4000, 4000, 4000, 30000};
    uint32_t last = 0;
    for (int i = 0; i < 10; i++) {
        meter_state_step(&s, METER_FAILED, 0, PERIOD);
        ck_assert_uint_eq(meter_state_probe_wait_ms(&s, 4000, waits[i] / 10), waits[i]);
    }
    ck_assert_int_eq(s.status, METER_OFFLINE);
    for (int i = 0; i < 70000; i++) { /* more than the counter counts */
        meter_state_step(&s, METER_FAILED, 0, PERIOD);
        uint32_t wait = meter_state_probe_wait_ms(&s, 4000, 0) * 10 / 9;
        ck_assert_uint_ge(wait, last);
        ck_assert_uint_le(wait, METER_PROBE_MOST_MS);
        last = wait;
    }
    ck_assert_uint_ge(last, METER_PROBE_MOST_MS - 1);
}
END_TEST

START_TEST(probes_are_neither_frantic_nor_lost)
{
    struct meter_state s = {.status = METER_ONLINE, .silent = true, .polls = 1};
    for (uint32_t random = 0; random < 100000; random += 17) {
        uint32_t fast = meter_state_probe_wait_ms(&s, 10, random),
                 slow = meter_state_probe_wait_ms(&s, 86400000, random);
        ck_assert(fast >= 900 && fast <= 1100);
        ck_assert(slow >= 13500 && slow <= 16500);
    }
}
END_TEST

Suite *unit_suite(void)
{
    Suite *s = suite_create("meter_state");
    TCase *t = tcase_create("meter_state");
    tcase_add_loop_test(t, table, 0, sizeof rows / sizeof rows[0]);
    tcase_add_test(t, probes_come_soon_then_ever_more_rarely);
    tcase_add_test(t, probes_are_neither_frantic_nor_lost);
    suite_add_tcase(s, t);
    return s;
}
