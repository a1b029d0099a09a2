/* board.h - the notice board: how each bus and meter is doing, for status, broker and database.
 *
 * The bus workers write it, everybody else reads copies. Nothing waits for it longer than a memcpy.
 *
 * Units:   counters since start; times as their suffix says, 0 = never.
 * Threads: one mutex inside; a reader gets a copy. A subscriber's descriptor becomes readable with every
 * change of a state (status, relay, serial, why a bus is lost), not of a counter or a time.
 */
#ifndef METERFLEET_SHARE_BOARD_H
#define METERFLEET_SHARE_BOARD_H

#include <stddef.h>
#include <stdint.h>
#include "core/meter_state.h"
#include "core/quantity.h"
#include "core/reading.h"

const char *meter_status_name(enum meter_status s); /* "unknown" "online" "stale" "offline" */
enum bus_status { BUS_CLOSED, BUS_OPEN, BUS_LOST, BUS_NOISY };
const char *bus_status_name(enum bus_status s); /* "closed" "open" "lost" "noisy" */

#define EXCEPTION_CODES 12 /* index 0: codes above 11 */
struct wire_counters {
    uint64_t ok, timeout, crc, shortened, foreign, exception, late, retried, missed;
    uint64_t by_exception[EXCEPTION_CODES];
};
/* Rejected by plausibility (DOMAIN 4.2), never stored. */
struct reject_counters {
    uint64_t not_a_number, range, zero;
};

struct board_meter {
    enum meter_status status;
    int64_t first_seen_utc_ms, last_seen_utc_ms, status_since_utc_ms;
    struct wire_counters wire;
    struct reject_counters rejected;
    uint32_t rtt_p50_ms, rtt_p99_ms;
    uint64_t wire_ns;       /* time on the wire for this meter, with turnaround, silence and failures */
    uint32_t turnaround_us; /* smoothed: from the end of the request to the first character of the reply */
    char serial[READING_TEXT];
    int8_t relay; /* -1 unknown or none, 0 open, 1 closed */
    int64_t relay_utc_ms;
    /* the newest live and energy values, for status and the screen; count 0 = none yet */
    int64_t energy_utc_ms, live_utc_ms;
};
struct board_bus {
    enum bus_status status;
    char detail[128]; /* why it is lost, in words */
    int64_t since_utc_ms;
    struct wire_counters wire;
    uint32_t rtt_p50_ms, rtt_p99_ms;
    uint64_t wire_ns[CLASS_COUNT]; /* time on the wire by class, with turnaround and silence */
    uint64_t dead_ns;              /* spent on meters that are not online */
    uint64_t elapsed_ns;           /* since the worker started */
    int64_t counted_utc_ms;        /* when that was: all counters of the bus and its meters began then */
    uint64_t requests;
    int64_t progress_wire_ns; /* last time the worker moved: for the watchdog */
};

struct board;
int board_new(size_t n_buses, size_t n_meters, struct board **out);
void board_free(struct board *b);
void board_set_meter(struct board *b, size_t meter, const struct board_meter *m);
void board_set_bus(struct board *b, size_t bus, const struct board_bus *v);
void board_get_meter(struct board *b, size_t meter, struct board_meter *out);
void board_get_bus(struct board *b, size_t bus, struct board_bus *out);
size_t board_meters(const struct board *b);
size_t board_buses(const struct board *b);
/* An eventfd (share/event.h) that becomes readable when a state changed; the subscriber owns it, clears it
 * and closes it. At most 8 over the life of the board; -1 with errno. */
int board_subscribe(struct board *b);

#endif
