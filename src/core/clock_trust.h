/* clock_trust.h - when the gateway's own time counts as right.
 *
 * A gateway without an RTC boots with the last saved hour; a reading dated with that would be billed to the
 * wrong period. So readings wait until the time is right, and are dated then by their monotonic time.
 *
 *   mode    right while
 *   ntp     the kernel calls its clock synchronised
 *   system  always
 *   auto    synchronised; or an RTC set it at boot and it has not stepped since; or this database has never
 * seen it synchronised
 *
 * Exceptions, in every mode: never before the build date of the program or the newest stored row (unset), nor
 * within 10 minutes after a step of more than 2 s (stepped). A simulated clock (--clock) is right unless it
 * is before the newest stored row.
 *
 * Units:   milliseconds. A step is a change of (utc - mono) between two looks; a slew below 2 s a look is
 * none. Errors:  none. Threads: plain data, one owner; pure. Source:  INTERFACES 2 "Clock"; adjtimex(2),
 * Documentation/ABI/testing/sysfs-class-rtc (hctosys).
 */
#ifndef METERFLEET_CORE_CLOCK_TRUST_H
#define METERFLEET_CORE_CLOCK_TRUST_H

#include <stdbool.h>
#include <stdint.h>

#define CLOCK_TRUST_STEP_MS   2000
#define CLOCK_TRUST_SETTLE_MS (10 * 60 * 1000)

enum clock_trust_mode { CLOCK_TRUST_AUTO, CLOCK_TRUST_SYSTEM, CLOCK_TRUST_NTP };
enum clock_word { CLOCK_RIGHT, CLOCK_UNSET, CLOCK_STEPPED };
const char *clock_word_name(enum clock_word w); /* "right" "unset" "stepped" */

struct clock_trust {
    enum clock_trust_mode mode;
    bool simulated;
    bool rtc_at_boot; /* and not stepped since */
    int64_t built_utc_ms;
    bool looked;             /* offset_ms and the rest are from an earlier look */
    int64_t offset_ms;       /* utc - mono at the last look */
    bool settling;           /* a step is less than 10 minutes ago */
    int64_t stepped_mono_ms; /* when it was noticed */
};

struct clock_look {
    int64_t utc_ms, mono_ms;
    bool synchronised;      /* what the kernel says now */
    bool seen_synchronised; /* this database has seen it so before */
    int64_t newest_utc_ms;  /* newest stored row, 0: none */
};

void clock_trust_init(struct clock_trust *t, enum clock_trust_mode mode, bool simulated, bool rtc_at_boot,
                      int64_t built_utc_ms);
/* Takes a look; *step_ms is how far the clock stepped since the last one, 0 when it did not. */
enum clock_word clock_trust_look(struct clock_trust *t, const struct clock_look *in, int64_t *step_ms);

#endif
