/* meter_state.h - is a meter there: online, stale, offline, and when to ask a silent one again.
 *
 *            answered   failed                       line lost         line back   tick
 *  unknown   online     \ stale at 3 polls or 3      silent begins,    polls 0     \ stale and offline
 *  online    -           | energy periods; offline   polls go on       polls 0      | by time, once
 *  stale     online      | at 10 polls or 10 min     as they were      polls 0      | silent
 *  offline   online     /                                              polls 0     /
 *
 * A poll is one question with its repetitions. Time counts from the first question without an answer, so a
 * meter that is asked once an hour is not called stale in between. A lost line is not the meter's fault: time
 * runs (its values do grow old), but its polls do not, and when the line is back it is asked as any other.
 *
 * Units:   milliseconds of the monotonic clock, passed in.
 * Threads: pure; the state belongs to the meter's bus worker.
 * Source:  INTERFACES 6 (status); FAULTS W1 and the dead meters of issue threads in FIELD 3.
 */
#ifndef METERFLEET_CORE_METER_STATE_H
#define METERFLEET_CORE_METER_STATE_H

#include <stdbool.h>
#include <stdint.h>

enum meter_status { METER_UNKNOWN, METER_ONLINE, METER_STALE, METER_OFFLINE };

enum meter_event { METER_ANSWERED, METER_FAILED, METER_LINE_LOST, METER_LINE_BACK, METER_TICK };

struct meter_state {
    enum meter_status status;
    bool silent;    /* something went unanswered since the last answer */
    uint16_t polls; /* polls without an answer, in a row */
    int64_t silent_since_mono_ms;
};

#define METER_STALE_POLLS    3
#define METER_STALE_PERIODS  3
#define METER_OFFLINE_POLLS  10
#define METER_OFFLINE_MS     600000
/* A silent meter is asked again after its fastest period, but not sooner than FIRST nor later than SOON; once
 * it is offline at doubling intervals from SOON up to MOST: a meter that returns is read within a minute. */
#define METER_PROBE_FIRST_MS 1000
#define METER_PROBE_SOON_MS  15000
#define METER_PROBE_MOST_MS  45000

/* True when the status changed. energy_period_ms: the meter's period of class energy, or the one that stands
 * for it. Zero-initialised state: unknown. */
bool meter_state_step(struct meter_state *s, enum meter_event event, int64_t now_mono_ms,
                      uint32_t energy_period_ms);

/* How long to leave a silent meter alone before the next probe. base_ms: its fastest period; random: any
 * number, for a jitter of ±10 %. */
uint32_t meter_state_probe_wait_ms(const struct meter_state *s, uint32_t base_ms, uint32_t random);

#endif
