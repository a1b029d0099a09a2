/* fake_wire.h - a serial line with meters inside of this process, on a simulated clock: millions of
 * transactions of the real bus worker in the time of thousands.
 *
 * A program that links fake_wire.c has the line's system calls (read, write, select, ppoll, ioctl) answered
 * here when they are about the line, and its clock: a wait takes no time but moves the clock on to the next
 * byte, or to its end. The device is a real pseudo-terminal, so that opening, locking and setting it up are
 * the kernel's.
 *
 * 32 meters answer at 9600 8E1 after some milliseconds, in pieces as a UART hands them over. Each float they
 * show says whose it is, which register it was and in which answer of this meter, so that a value that is
 * booked to anybody or any time else is found out: fake_wire_wrong().
 *
 * Units:   nanoseconds of the simulated monotonic clock. Shares of faults in parts per 100 000 answers.
 * Threads: the worker's thread is the wire; fake_wire_wrong() from one other thread.
 */
#ifndef METERFLEET_TESTS_FAKE_WIRE_H
#define METERFLEET_TESTS_FAKE_WIRE_H

#include <stdbool.h>
#include <stdint.h>
#include "core/reading.h"
#include "core/regmap.h"

#define WIRE_METERS 32

enum wire_fault {
    WIRE_BEFORE,   /* noise directly before the answer */
    WIRE_BEHIND,   /* directly behind it */
    WIRE_INSIDE,   /* bytes more in the middle */
    WIRE_REPLACED, /* bytes that are others */
    WIRE_FLIPPED,  /* a bit or two */
    WIRE_LOST,     /* a byte is missing */
    WIRE_CUT,      /* the rest is missing */
    WIRE_TWICE,    /* the answer again, at once or up to 50 ms later */
    WIRE_LATE,     /* 1 ms to 2 s after the timeout */
    WIRE_FOREIGN,  /* first the frame of another meter */
    WIRE_ECHO,     /* first the request */
    WIRE_DRIP,     /* a byte every 20 to 120 ms */
    WIRE_SILENT,
    WIRE_FAULTS
};
extern const char *const wire_fault_name[WIRE_FAULTS];

struct fake_wire {
    uint64_t seed;
    uint32_t share[WIRE_FAULTS];
    uint32_t timeout_ms;
    _Atomic uint64_t requests, answers, collisions, injected[WIRE_FAULTS];
    uint64_t passed_crc; /* replaced or flipped so that the checksum fits: nobody could tell; drawn again */
    _Atomic bool stop;
};

/* From here on `device` (a path) is the line. */
void fake_wire_begin(struct fake_wire *w, char device[64]);
void fake_wire_end(void);
int64_t fake_wire_now_ns(void);
/* How many values of this reading were not said by this meter, of this register, within the reading's window.
 */
unsigned fake_wire_wrong(const struct reading *r, const struct regmap *map);

#endif
