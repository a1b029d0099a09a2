/* info.h - P/info: what the gateway says about itself, and when it says so again.
 *
 * At connect, at every change, every 10 s while last_seq or acked_seq moves and once after they came to
 * rest, else every 60 s. After a quiet time the first movement is said a second later, so that a flush and
 * its acknowledgements are one message and not two.
 *
 * Units:   milliseconds of the wire clock: this is about the broker, not about the meters.
 * Errors:  none; a failed allocation shows in text_buf.failed.
 * Threads: pure.
 * Source:  INTERFACES 6.
 */
#ifndef METERFLEET_PUBLISH_INFO_H
#define METERFLEET_PUBLISH_INFO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "core/text.h"

#define INFO_MOVING_MS 10000
#define INFO_QUIET_MS  60000
#define INFO_SETTLE_MS 1000

struct info_bus {
    const char *name, *status;
};

struct info {
    int64_t ts_utc_ms;
    const char *version, *config_sha256;
    const struct info_bus *buses;
    size_t n_buses, meters;
    const char *clock;  /* "right" "unset" "stepped" */
    const char *ledger; /* NULL while the database is not open: then no numbers either */
    uint64_t last_seq, acked_seq, database_bytes;
};
void info_payload(struct text_buf *out, const struct info *i);

/* A number that differs when anything but the time, the two numbers and the size of the database does. */
uint64_t info_face(const struct info *i);

struct info_pace {
    bool said; /* at least once on this connection */
    uint64_t face, last_seq, acked_seq;
    int64_t said_ms;
    int64_t moved_ms; /* when movement was first seen since then, 0: none */
};
/* A connection came up: due at once. */
void info_pace_reset(struct info_pace *p);
/* True when it is time; call it at least once a second. */
bool info_due(struct info_pace *p, const struct info *i, int64_t now_ms);
void info_said(struct info_pace *p, const struct info *i, int64_t now_ms);

/* acked_seq out of a retained P/info that shows this ledger; 0 for anything else. */
uint64_t info_read_acked(const void *text, size_t len, const char *ledger);

#endif
