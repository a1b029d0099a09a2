/* verify_speed.h - how many readings a second the verdict judges: the engine alone, and from CSV text.
 *
 * Units:   readings per second of CPU time, printed.
 */
#ifndef METERFLEET_BENCH_VERIFY_SPEED_H
#define METERFLEET_BENCH_VERIFY_SPEED_H

void bench_speed(void);
void bench_csv(void);

#endif
