/* clock.h - the three clocks of the house, and nobody else asks the kernel for the time.
 *
 * mono:  for deadlines. Starts anywhere, never steps. Milliseconds, names end in _mono_ms.
 * utc:   for records. Unix milliseconds, may be wrong or step. Names end in _utc_ms.
 * wire:  always real, also under --clock: line, sockets, broker, watchdog. Nanoseconds, _wire_ns.
 *
 * With clock_simulate() utc begins at a chosen instant, mono goes on from where it was, and both run `speed`
 * times as fast as the third (--clock START@SPEED, INTERFACES 1). A wait for a mono deadline is a wait of
 * (deadline - now) / speed real milliseconds: clock_wait_ms() does that sum.
 *
 * Errors:  none; a kernel without these clocks does not run this program.
 * Threads: any; clock_simulate() and clock_test_set() before threads start.
 */
#ifndef METERFLEET_CORE_CLOCK_H
#define METERFLEET_CORE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

int64_t clock_mono_ms(void);
int64_t clock_utc_ms(void);
int64_t clock_wire_ns(void);

/* From now on mono and utc begin at start_utc_ms and run `speed` (1 to 100000) times as fast as wire. */
void clock_simulate(int64_t start_utc_ms, double speed);
bool clock_is_simulated(void);
double clock_speed(void); /* 1.0 unless simulated */

/* For tests: mono and utc stand at these values until set again; wire stays real. */
void clock_test_set(int64_t mono_ms, int64_t utc_ms);

/* Real milliseconds, rounded up, at least 0 and at most `most_ms`, until a mono deadline; for poll(2). */
int clock_wait_ms(int64_t deadline_mono_ms, int most_ms);

/* Parses "START@SPEED" or "START" (speed 1): START is ISO 8601 with Z or an offset, not before 1970; SPEED is a
 * decimal, 1 to 100000. RC_OK, RC_PARSE, RC_RANGE. */
int clock_parse_option(const char *text, int64_t *start_utc_ms, double *speed);

#endif
