/* sim_fault.h - what can go wrong on purpose: the kinds, and the file that says when.
 *
 * A fault file has lines "WHEN TARGET KIND [ARG…] [SHARE%] [xN]":
 *   WHEN    +30s (real time since the start) or 2026-12-01T00:00 (true local time of the meters)
 *   TARGET  bus0/5, bus0/1-4, bus0 (all of it), * (everything)
 *   KIND    a row of the table below; SHARE% hits only so many of the replies, xN ends it after N of them
 *
 * Units:   durations in ns in the arguments, shares in parts per million.
 * Errors:  sim_fault_read() logs every bad line with FILE:LINE and returns RC_PARSE.
 * Threads: constant once read.
 * Source:  FAULTS W1 to W20, K7; the names are those of FAULTS.
 */
#ifndef METERFLEET_SIM_FAULT_H
#define METERFLEET_SIM_FAULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/sim_tariff.h"

/* The first ones stay on until alive, repaired, or their xN are used up; SIM_STATES counts them. */
enum sim_kind {
    SIM_DEAD,
    SIM_SLOW,
    SIM_LATE,
    SIM_DUP,
    SIM_ECHO,
    SIM_DRIP,
    SIM_SHORT,
    SIM_CRC,
    SIM_NOISE,
    SIM_FOREIGN,
    SIM_EXC,
    SIM_ZERO,
    SIM_NAN,
    SIM_FORGE,
    SIM_TWIN,
    SIM_RELAY,
    SIM_MBAP,
    SIM_STATES,
    /* these happen to the meter itself */
    SIM_ALIVE = SIM_STATES,
    SIM_REPAIRED,
    SIM_STUCK,
    SIM_CLEAR,
    SIM_REPLACE,
    SIM_CLOCK,
    SIM_TABLE,
    SIM_FREEZE_REVERSED,
    SIM_SWITCHING_LAG,
    SIM_REGISTER_LAG,
    /* and these to a bus */
    SIM_MUTE,
    SIM_BABBLE,
    SIM_UNPLUG,
    SIM_PLUG,
    SIM_RESET,
    SIM_REFUSE,
    SIM_HALF_OPEN,
    SIM_KINDS
};

enum sim_noise { SIM_NOISE_BEFORE, SIM_NOISE_AFTER, SIM_NOISE_INSIDE };
enum sim_foreign { SIM_FOREIGN_ADDRESS, SIM_FOREIGN_FUNCTION, SIM_FOREIGN_ONLY };
enum sim_absurd {
    SIM_ABSURD_NAN,
    SIM_ABSURD_INF,
    SIM_ABSURD_MINUS_INF,
    SIM_ABSURD_NEGATIVE,
    SIM_ABSURD_HUGE
};
enum sim_relay { SIM_RELAY_STUCK, SIM_RELAY_SILENT, SIM_RELAY_LOST, SIM_RELAY_EXC };
/* What a Modbus TCP gateway may say besides, or instead of, the answer. */
enum sim_mbap {
    SIM_MBAP_STALE,
    SIM_MBAP_UNKNOWN,
    SIM_MBAP_UNIT,
    SIM_MBAP_LENGTH,
    SIM_MBAP_FLOOD,
    SIM_MBAP_SPLIT,
    SIM_MBAP_TWICE
};
enum sim_reset { SIM_RESET_NOW, SIM_RESET_FRAME };
enum sim_clock_change { SIM_CLOCK_BY, SIM_CLOCK_AT, SIM_CLOCK_DRIFT };
enum sim_table_change {
    SIM_TABLE_RELABEL,
    SIM_TABLE_MOVE,
    SIM_TABLE_DROP,
    SIM_TABLE_SWAP,
    SIM_TABLE_ONE,
    SIM_TABLE_SET,
    SIM_TABLE_REST
};

/* What stands behind the kind, as that kind has it: see the table in sim_fault.c. */
struct sim_args {
    unsigned choice;
    int64_t n[3];
    double value;
    bool given[3];
};

struct sim_event {
    bool real; /* at_ms counts from the start in real time; else true local civil ms */
    int64_t at_ms;
    bool all_buses, all_meters, whole_bus; /* whole_bus: no meter was named */
    unsigned bus, first, last;
    enum sim_kind kind;
    struct sim_args args;
    uint32_t share_ppm;
    int64_t times; /* -1: no end */
    unsigned line;
};

struct sim_schedule {
    struct sim_event *event; /* owned, in the file's order */
    size_t n;
};

int sim_fault_read(const char *path, struct sim_schedule *out);
void sim_fault_done(struct sim_schedule *s);

/* One line; on error *out is untouched and `wrong` says why. */
int sim_fault_parse(const char *line, struct sim_event *out, char wrong[160]);

const char *sim_fault_name(enum sim_kind kind);
bool sim_fault_is_of_bus(enum sim_kind kind);

/* The table of kinds for --help: name, arguments, what it does. NULL behind the last. */
const char *sim_fault_help(size_t i);

#endif
