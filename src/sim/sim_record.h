/* sim_record.h - the log that proves what was asked, answered and injected, and the figures of each bus.
 *
 * A line of the log, separated by tabs:
 *   start_ns end_ns bus what meter verdict bytes
 * times are those of the wire clock (CLOCK_MONOTONIC) at which the first character began and the last one
 * ended; what is "request" (verdict heard, too_early, crc, nobody, …), "reply" (answer, or fault:KIND+KIND),
 * "event" (the fault line's kind); meter is an address or "-"; bytes are hex or "-".
 *
 * Errors:  a log that cannot be opened is RC_IO; one that cannot be written is told once.
 * Threads: one.
 */
#ifndef METERFLEET_SIM_RECORD_H
#define METERFLEET_SIM_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct sim_record {
    FILE *file; /* NULL: no log was asked for */
    bool unflushed, failed;
};

/* Since the start, or since the last SIGUSR1. */
struct sim_stats {
    uint64_t requests, heard, answered, too_early, spoiled, silent;
    int64_t credit_ns;         /* request, turnaround, reply and silence of all answered requests */
    int64_t first_ns, last_ns; /* 0: no request yet */
    bool from_signal;
};

int sim_record_open(struct sim_record *r, const char *path);
void sim_record_line(struct sim_record *r, int64_t start_ns, int64_t end_ns, const char *bus,
                     const char *what, unsigned meter, const char *verdict, const uint8_t *bytes, size_t n);
void sim_record_flush(struct sim_record *r);
void sim_record_close(struct sim_record *r);

/* "bus0: requests 10 answered 10 … wire_s 1.234 elapsed_s 1.250 efficiency 0.9872": on stdout and in the log.
 */
void sim_stats_print(const struct sim_stats *s, struct sim_record *r, const char *bus, int64_t until_ns);
/* Counts from now on. */
void sim_stats_restart(struct sim_stats *s, int64_t now_ns);

#endif
