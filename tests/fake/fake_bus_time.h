/* fake_bus_time.h - a bus on a simulated clock: what the plan asks for takes its time and is answered by
 * meters that are there, so that days of polling pass in a moment.
 *
 * Threads: one; its state is below, for tests to look at.
 */
#ifndef METERFLEET_TESTS_FAKE_BUS_TIME_H
#define METERFLEET_TESTS_FAKE_BUS_TIME_H

#include "core/poll_plan.h"

#define MOST     2000
#define COST_MS  65  /* an answered request */
#define SWEEP_MS 250 /* each of the three of a sweep */
#define DEAD_MS  325 /* an unanswered one */

extern struct poll_plan *plan;
extern struct poll_now now;
extern struct poll_setup setup;
extern bool dead[MOST];
extern uint64_t done[MOST][CLASS_COUNT], total[CLASS_COUNT], probes, missed, requests;
extern int64_t last_ms[MOST][CLASS_COUNT], widest_ms[MOST][CLASS_COUNT]; /* when read; the widest gap */
extern int64_t dead_ms, busy_ms;                                         /* wire time */
extern struct poll_job order[64]; /* the first jobs done; set order_n to 0 to begin again */
extern size_t order_n;
extern size_t n_asked; /* meters whose energy was asked for: no sweep may come before that is all */

extern const uint32_t shipped[CLASS_COUNT], greedy[CLASS_COUNT]; /* periods */

void begin(size_t n, const uint32_t period_ms[CLASS_COUNT]);
void teardown(void);
void pass(int64_t ms);
void run_ms(int64_t ms);

#endif
