/* judge_fixture.h - a meter of fourteen registers that does what a test says, row by row, and what the engine
 * says to it.
 *
 * The tariff is the manual's (06:00 sharp, 10:00 peak, 12:00 sharp, 15:00 flat, 23:00 valley) with the
 * default assumptions, the meter's time is UTC, the registers begin below 1 kWh and count in steps of 0.01:
 * so float32 plays no part and Q is 10002 everywhere.
 *
 * Units:   10^-6 kWh, milliseconds UTC.
 * Threads: one fixture a process.
 */
#ifndef METERFLEET_TESTS_JUDGE_FIXTURE_H
#define METERFLEET_TESTS_JUDGE_FIXTURE_H

#include "tariff/verify.h"

#define Q    10002 /* of a register once its step is known */
#define MOST 64

struct fixture {
    struct tariff tariff;
    struct verify_options options;
    struct verify *v;
    struct verify_row row; /* what the next read() shows */
    int64_t settlement[VERIFY_SETTLEMENTS];
    bool sweep; /* the next read carries the settlement block, too */
    struct verify_event event[MOST];
    size_t n; /* events since the last look */
    struct verify_result result;
};
extern struct fixture fx;

/* All registers, the manual's tariff, no model. Change fx.tariff and fx.options after it, before the first
 * read. */
void fixture_init(void);
void fixture_done(void);
/* "2026-03-10 05:00:00.000" as milliseconds. */
int64_t instant(const char *text);
/* The rate's register, the total and import move. */
void flow(enum rate rate, int64_t amount);
/* A read whose reply is complete at an instant, its request sent window_ms before. */
enum verify_accept read_at(int64_t at_ms, uint32_t window_ms);
/* The same after a while, in no time. */
enum verify_accept read_after(int64_t ms);
/* Twenty reads of a night, 0.01 kWh each, until `end`: every valley step is known then. */
void warm_up(const char *end);
/* Two more reads without movement, so that all before has been judged; the events so far as "T1 valley, T2
 * -". */
const char *told(void);
/* The same without further reads. */
const char *told_so_far(void);
/* The only event of a rule since the last told(); fails the test when there is none. */
const struct verify_event *event_of(enum verify_rule rule);
/* Asks for the result. */
const struct verify_result *result_now(void);

#endif
