#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "publish/parts.h"
#include "unit_main.h"

#define X "meter/flat-1/"

static char own_topic[LEDGER_TOPIC + 10], text[64];

static struct ledger_row row(enum ledger_kind kind, const char *topic, const char *payload)
{
    snprintf(own_topic, sizeof own_topic, "%s", topic);
    snprintf(text, sizeof text, "%s", payload);
    return (struct ledger_row){.seq = 7, .kind = kind, .topic = own_topic, .payload = text};
}

static const struct {
    const char *sentence;
    enum ledger_kind kind;
    const char *topic, *payload;
    unsigned rank;
    const char *dropped;
    size_t n;
    struct {
        const char *topic;
        bool cleared, retain;
    } part[PARTS_MOST];
} fresh[] = {
    {"energy is one message, kept", LEDGER_ENERGY, X "energy", "{}", 0, "", 1, {{X "energy", false, true}}},
    {"a verdict too",
     LEDGER_VERIFICATION,
     X "verification",
     "{}",
     0,
     "",
     1,
     {{X "verification", false, true}}},
    {"a gap goes to history, not kept", LEDGER_GAP, "", "{}", 0, "", 1, {{"history", false, false}}},
    {"an open finding is kept",
     LEDGER_FINDING,
     X "finding/3",
     "{\"closed\":null}",
     0,
     "",
     1,
     {{X "finding/3", false, true}}},
    {"a closed one comes once more and is cleared",
     LEDGER_FINDING,
     X "finding/3",
     "{\"closed\":\"2026-11-01T00:00:00.000Z\"}",
     0,
     "",
     2,
     {{X "finding/3", false, true}, {X "finding/3", true, true}}},
    {"a finding that cannot be read stays",
     LEDGER_FINDING,
     X "finding/3",
     "{",
     0,
     "",
     1,
     {{X "finding/3", false, true}}},
    {"the newest settlement has two topics",
     LEDGER_SETTLEMENT,
     X "settlement/2026-11-01",
     "{}",
     0,
     "",
     2,
     {{X "settlement/2026-11-01", false, true}, {X "settlement", false, true}}},
    {"an older one has one",
     LEDGER_SETTLEMENT,
     X "settlement/2026-10-01",
     "{}",
     1,
     "",
     1,
     {{X "settlement/2026-10-01", false, true}}},
    {"the 25th period pushes out the oldest",
     LEDGER_SETTLEMENT,
     X "settlement/2026-11-01",
     "{}",
     0,
     X "settlement/2024-10-01",
     3,
     {{X "settlement/2026-11-01", false, true},
      {X "settlement", false, true},
      {X "settlement/2024-10-01", true, true}}},
    {"one that is kept by a hair",
     LEDGER_SETTLEMENT,
     X "settlement/2024-12-01",
     "{}",
     23,
     X "settlement/2024-11-01",
     2,
     {{X "settlement/2024-12-01", false, true}, {X "settlement/2024-11-01", true, true}}},
    {"one older than all that are kept is not kept",
     LEDGER_SETTLEMENT,
     X "settlement/2020-01-01",
     "{}",
     24,
     X "settlement/2020-01-01",
     1,
     {{X "settlement/2020-01-01", false, false}}},
};

static void look(size_t i, size_t n, const struct part parts[PARTS_MOST])
{
    ck_assert_msg(n == fresh[i].n, "%s: %zu parts", fresh[i].sentence, n);
    for (size_t p = 0; p < n; p++) {
        ck_assert_msg(strcmp(parts[p].topic, fresh[i].part[p].topic) == 0, "%s: topic %s", fresh[i].sentence,
                      parts[p].topic);
        ck_assert_msg((parts[p].payload[0] == '\0') == fresh[i].part[p].cleared, "%s", fresh[i].sentence);
        ck_assert_msg(parts[p].retain == fresh[i].part[p].retain, "%s", fresh[i].sentence);
    }
}

START_TEST(a_new_row)
{
    struct ledger_row r = row(fresh[_i].kind, fresh[_i].topic, fresh[_i].payload);
    struct settlement_rank rank = {.rank = fresh[_i].rank};
    struct part parts[PARTS_MOST];
    snprintf(rank.dropped, sizeof rank.dropped, "%s", fresh[_i].dropped);
    look((size_t)_i, parts_of_fresh(&r, &rank, parts), parts);
}
END_TEST

START_TEST(a_retained_settlement_clears_what_it_pushed_out)
{
    struct part parts[PARTS_MOST];
    struct settlement_rank rank = {.rank = 0};
    struct ledger_row r = row(LEDGER_SETTLEMENT, X "settlement/2026-11-01", "{}");
    snprintf(rank.dropped, sizeof rank.dropped, "%s", X "settlement/2024-10-01");
    ck_assert(parts_need_rank(&r));
    ck_assert_uint_eq(parts_of_retained(&r, &rank, parts), 2);
    ck_assert_str_eq(parts[0].topic, X "settlement/2026-11-01");
    ck_assert_str_eq(parts[1].topic, X "settlement/2024-10-01");
    ck_assert_str_eq(parts[1].payload, "");
    r = row(LEDGER_SETTLEMENT, X "settlement", "{}"); /* the reader's twin of the newest */
    ck_assert(!parts_need_rank(&r));
    ck_assert_uint_eq(parts_of_retained(&r, &rank, parts), 1);
    ck_assert_str_eq(parts[0].topic, X "settlement");
}
END_TEST

START_TEST(a_retained_gap_is_nothing)
{
    struct part parts[PARTS_MOST];
    const struct settlement_rank rank = {0};
    struct ledger_row r = row(LEDGER_GAP, "", "{}");
    ck_assert_uint_eq(parts_of_retained(&r, &rank, parts), 0);
    r = row(LEDGER_FINDING, X "finding/3", "{\"closed\":\"x\"}");
    ck_assert_uint_eq(parts_of_retained(&r, &rank, parts), 2);
    r = row(LEDGER_ENERGY, X "energy", "{}");
    ck_assert_uint_eq(parts_of_retained(&r, &rank, parts), 1);
}
END_TEST

START_TEST(a_topic_too_long_to_be_ours_is_no_message)
{
    char topic[LEDGER_TOPIC + 1];
    struct part parts[PARTS_MOST];
    const struct settlement_rank rank = {0};
    memset(topic, 'x', sizeof topic - 1);
    topic[sizeof topic - 1] = '\0';
    struct ledger_row r = row(LEDGER_ENERGY, topic, "{}");
    ck_assert_uint_eq(parts_of_fresh(&r, &rank, parts), 0);
    topic[LEDGER_TOPIC - 1] = '\0';
    r = row(LEDGER_ENERGY, topic, "{}");
    ck_assert_uint_eq(parts_of_fresh(&r, &rank, parts), 1);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *s = suite_create("parts");
    TCase *t = tcase_create("parts");
    tcase_add_loop_test(t, a_new_row, 0, sizeof fresh / sizeof fresh[0]);
    tcase_add_test(t, a_retained_settlement_clears_what_it_pushed_out);
    tcase_add_test(t, a_retained_gap_is_nothing);
    tcase_add_test(t, a_topic_too_long_to_be_ours_is_no_message);
    suite_add_tcase(s, t);
    return s;
}
