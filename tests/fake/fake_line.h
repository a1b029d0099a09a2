/* fake_line.h - the other end of a line: a pseudo-terminal or a TCP peer that plays a script, or a few
 * meters.
 *
 * A script is one text, its steps divided by ';':
 *   ? 01 03 0030 0002   waits for this request (CRC, or MBAP header, added); anything else is a failure
 *   ! 01 03 04 43660000 sends this frame (CRC, or MBAP header with the id of the request, added)
 *   & 01 03 04 43660000 the frame twice in one piece
 *   > 01 03 04 43660000 the frame and three bytes more, in one piece
 *   s 01 03 04 43660000 the same with the id of the request before (TCP)
 *   = 00 FF             sends bytes as they are
 *   ~ 20                waits 20 ms
 *   . 3                 from now on sends byte by byte, 3 ms apart; 0: at once
 *   x                   hangs up
 *
 * Threads: one of its own; fake_line_free() ends it. fake_line_failure() after that, or when the script is
 *          over.
 */
#ifndef METERFLEET_TESTS_FAKE_LINE_H
#define METERFLEET_TESTS_FAKE_LINE_H

#include "config/settings.h"

struct fake_line;

/* kind as in settings; script NULL: meters, see below. */
struct fake_line *fake_line_new(enum bus_kind kind, const char *script);
/* Waits for the end of the script (2 s at most) and stops. "" or what went wrong. */
const char *fake_line_failure(struct fake_line *f);
void fake_line_free(struct fake_line *f);
/* A bus that leads to it: 115200 8N1, timeout 200 ms, late 100 ms, 1 retry; free nothing. */
struct settings_bus fake_line_bus(const struct fake_line *f);

enum fake_relay {
    FAKE_RELAY_WORKS,
    FAKE_RELAY_LOCAL,  /* confirmed, and nothing moves */
    FAKE_RELAY_SLOW,   /* moves after the coil was read once more */
    FAKE_RELAY_SILENT, /* moves, and says nothing */
    FAKE_RELAY_LOST,   /* neither */
    FAKE_RELAY_DEAF,   /* neither, and the meter says nothing any more */
    FAKE_RELAY_REFUSES /* exception 4 */
};

/* Without a script: meters 1 … n of the KPM31 map answer; register r of meter m holds what regs says. */
struct fake_meters {
    unsigned n;
    _Atomic bool dead[248];
    _Atomic bool no_relay;      /* function 1 is not answered */
    _Atomic bool zeros;         /* all registers are 0 */
    _Atomic unsigned dup, late; /* every dup-th reply twice; every late-th reply late_ms late (0: none) */
    _Atomic unsigned late_ms;
    _Atomic unsigned
        soonest_ms; /* after a doubled reply: until the same meter was asked again; begin with a lot */
    _Atomic unsigned noise;      /* every noise-th reply with a wrong CRC */
    _Atomic unsigned asked[248]; /* requests heard, by unit */
    _Atomic unsigned asked_coil[248];
    _Atomic bool relay_open[248];
    _Atomic unsigned writes[248];  /* function 5 on the relay's coil, by unit */
    _Atomic enum fake_relay relay; /* what function 5 meets */
    _Atomic unsigned others;                         /* requests of other functions, or of denied registers */
    float (*value)(unsigned unit, unsigned address); /* of the float at an even address */
};
struct fake_line *fake_line_meters(enum bus_kind kind, struct fake_meters *meters);
/* Hangs up and comes back as a new pseudo-terminal under the same link. */
void fake_line_replug(struct fake_line *f);

#endif
