/* A meter that has not frozen yet: its slots are never taken for periods they do not mean. Thousands of
 * meters' histories, drawn; the seed is printed where one fails. */
#include <string.h>
#include "tariff/settlement_shift.h"
#include "unit_main.h"

#define MONTHS 40

static struct settlement_values slots[SETTLEMENT_SLOTS], known[SETTLEMENT_AGES];
static uint64_t state;

static unsigned draw(unsigned below)
{
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(state >> 33) % below;
}

static void setup(void)
{
    memset(slots, 0, sizeof slots);
    memset(known, 0, sizeof known);
}

static struct settlement_values one(int64_t v)
{
    return (struct settlement_values){.has = {true}, .value = {v}};
}

/* Rows of up to 5 slots (running, previous 1 …) and up to 5 known ages; -1: nothing. */
static const struct {
    const char *sentence;
    int64_t slots[5], known[5];
    unsigned behind;
    unsigned open;
} rows[] = {
    {"nothing is known yet", {9, 50, 40, 30, 20}, {-1, -1, -1, -1, -1}, 0, 0},
    {"it has frozen", {9, 50, 40, 30, 20}, {-1, 40, 30, 20, -1}, 0, 0},
    {"it has frozen, and that was seen already", {9, 50, 40, 30, 20}, {50, 40, 30, 20, -1}, 0, 0},
    {"it has not frozen", {99, 40, 30, 20, 10}, {-1, 40, 30, 20, 10}, 1, 0},
    {"for two settlements", {99, 40, 30, 20, 10}, {-1, -1, 40, 30, 20}, 2, 0},
    {"its second month, frozen", {9, 50, 40, 0, 0}, {-1, 40, -1, -1, -1}, 0, 0},
    {"its second month, not frozen", {99, 40, 0, 0, 0}, {-1, 40, -1, -1, -1}, 1, 0},
    {"another meter", {1, 7, 6, 5, 4}, {-1, 40, 30, 20, 10}, 0, 0},
    {"another meter, which had frozen once since", {1, 8, 7, 6, 5}, {-1, 7, 30, 20, 10}, 0, 0},
    {"another meter, which had not frozen since", {1, 7, 6, 5, 4}, {-1, 7, 30, 20, 10}, 1, 0},
    {"another meter, and both were idle at times", {5, 0, 0, 60, 50}, {-1, 40, 0, 0, 30}, 0, 0},
    {"one frozen value changed", {9, 50, 40, 33, 20}, {-1, 40, 30, 20, 10}, 0, 0},
    {"idle all the time, nothing counted: either way it is the same",
     {40, 40, 40, 40, 40},
     {-1, 40, 40, 40, -1},
     0,
     false},
    {"idle all the time, and then it counted: nobody knows when",
     {41, 40, 40, 40, 40},
     {-1, 40, 40, 40, -1},
     0,
     true},
    {"idle, but it was seen to freeze", {41, 40, 40, 40, 40}, {40, 40, 40, 40, -1}, 0, 0},
};

START_TEST(what_is_known_tells_how_far_behind)
{
    for (int i = 0; i < 5; i++) {
        slots[i] = one(rows[_i].slots[i]);
        if (rows[_i].known[i] >= 0)
            known[i] = one(rows[_i].known[i]);
    }
    for (int i = 5; i < SETTLEMENT_SLOTS; i++) /* what follows fits the last of both */
        slots[i].has[0] = false;
    struct settlement_shift s = settlement_shift(slots, known);
    ck_assert_msg(s.behind == rows[_i].behind && s.open == rows[_i].open, "%s: %u behind, %u open",
                  rows[_i].sentence, s.behind, s.open);
}
END_TEST

/* Ends of months of a meter: frozen[m] is what it froze at the end of month m; month 0 is its first. */
struct life {
    bool cumulative;
    unsigned now; /* the month that runs by the calendar */
    unsigned late;
    int64_t total[MONTHS + 1], frozen[MONTHS];
};

static void draw_life(struct life *l)
{
    static const unsigned idle_of[] = {0, 10, 50, 90, 99};
    unsigned idle = idle_of[draw(5)], step = draw(2) ? 1 : 1000;
    l->cumulative = draw(2);
    l->total[0] = draw(2) ? 0 : draw(1000000);
    for (unsigned m = 0; m < MONTHS; m++) {
        unsigned used = draw(100) < idle ? 0 : draw(5) * step;
        l->total[m + 1] = l->total[m] + used;
        l->frozen[m] = l->cumulative ? l->total[m + 1] : used;
    }
    l->now = 2 + draw(MONTHS - 3);
    l->late = draw(3);
    if (l->late >= l->now)
        l->late = 0;
}

/* What it shows now: `late` settlements have not happened for it. */
static void show(const struct life *l)
{
    unsigned running = l->now - l->late; /* the month it believes to be in */
    int64_t since = l->total[l->now] + draw(2) - l->total[running];
    slots[0] = one(l->cumulative ? l->total[running] + since : since);
    for (unsigned slot = 1; slot < SETTLEMENT_SLOTS; slot++)
        slots[slot] = one(slot <= running ? l->frozen[running - slot] : 0);
}

/* We know all that ended since the first contact, as far as it had frozen. */
static void know(const struct life *l, unsigned contact, bool newest)
{
    for (unsigned age = newest && l->late == 0 ? 0 : l->late > 0 ? l->late : 1; age < SETTLEMENT_AGES; age++)
        if (age < l->now && l->now - 1 - age + SETTLEMENT_SLOTS > contact)
            known[age] = one(l->frozen[l->now - 1 - age]);
}

START_TEST(no_slot_is_taken_for_a_period_it_does_not_mean)
{
    unsigned taken = 0, late = 0, open = 0;
    for (uint64_t seed = 1; seed <= 20000; seed++) {
        struct life l;
        setup();
        state = seed;
        draw_life(&l);
        show(&l);
        know(&l, draw(l.now - l.late), draw(2));
        struct settlement_shift s = settlement_shift(slots, known);
        late += s.behind > 0;
        open += s.open > 0;
        unsigned last = SETTLEMENT_SLOTS - 1; /* zeros at the end are no data */
        while (last > 0 && slots[last].value[0] == 0)
            last--;
        for (unsigned slot = 1 + s.open; slot <= last; slot++) {
            unsigned age = slot - 1 + s.behind;
            if (age >= l.now)
                break;
            ck_assert_msg(slots[slot].value[0] == l.frozen[l.now - 1 - age],
                          "seed %llu: slot %u (%u late, %u found)", (unsigned long long)seed, slot, l.late,
                          s.behind);
            taken++;
        }
    }
    ck_assert_uint_gt(taken, 100000);
    ck_assert_uint_gt(late, 5000);
    ck_assert_uint_gt(open, 10);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *s = suite_create("settlement shift");
    TCase *t = tcase_create("shift");
    tcase_add_checked_fixture(t, setup, NULL);
    tcase_add_loop_test(t, what_is_known_tells_how_far_behind, 0, sizeof rows / sizeof rows[0]);
    tcase_add_test(t, no_slot_is_taken_for_a_period_it_does_not_mean);
    suite_add_tcase(s, t);
    return s;
}
