/* payload.h - the JSON texts of INTERFACES 6, written from exact integers.
 *
 * Pure: the same call gives the same text, so a ledger message asked for again is the one first published.
 * What was not read is absent; the keys of a finding are always there, null where there is nothing.
 *
 * Units:   as in reading.h; numbers are written by their digits (decimal.h), shares with 4 decimals.
 * Errors:  none; a failed allocation shows in text_buf.failed.
 * Threads: pure.
 * Source:  INTERFACES 5, 6 and 8 (findings).
 */
#ifndef METERFLEET_PUBLISH_PAYLOAD_H
#define METERFLEET_PUBLISH_PAYLOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "core/quantity.h"
#include "core/reading.h"
#include "core/text.h"

/* {"ts","ts_ms","quality","voltage":229.8,…}: a live or demand reading. */
void payload_live(struct text_buf *out, const struct reading *r);
/* {"ledger","seq","ts","ts_ms","window_ms","quality","active_energy_total":…,…} */
void payload_energy(struct text_buf *out, const char *ledger, uint64_t seq, const struct reading *r);
/* {"state":"closed","ts":…} */
void payload_relay(struct text_buf *out, bool closed, int64_t read_utc_ms);

/* {"id","ok","state","error","detail","ts"}: what came of a relay command. NULL: absent. */
struct payload_relay_result {
    const char *id, *state, *error, *detail;
    bool ok;
    int64_t ts_utc_ms;
};
void payload_relay_result(struct text_buf *out, const struct payload_relay_result *r);

/* One settlement period of a meter: all its rows in one message. value NULL-able by has[]. */
struct payload_settlement {
    const char *period_end; /* "2026-11-01" or "2026-11-01T08" */
    const char *meaning;    /* "period" "cumulative" "undetermined" */
    const char *origin;     /* "observed" "backfill" */
    const char *status;     /* "confirmed" */
    bool has[SETTLEMENT_FAMILIES];
    int64_t value[SETTLEMENT_FAMILIES]; /* by family, 10^-6 */
};
/* {"ledger","seq","ts","period_end","meaning","origin","status","active_energy_combined":…,…} */
void payload_settlement(struct text_buf *out, const char *ledger, uint64_t seq, int64_t ts_utc_ms,
                        const struct payload_settlement *p);

/* {"ledger","seq","ts","gap":{"from","to","reason"}}; seq 0: a gap said in an answer, without seq. */
void payload_gap(struct text_buf *out, const char *ledger, uint64_t seq, int64_t ts_utc_ms, uint64_t from,
                 uint64_t to, const char *reason);

/* A finding as in INTERFACES 8 with id, meter, opened and closed (0: still open). Strings are NULL for null.
 */
struct payload_finding {
    uint64_t id;
    const char *meter, *rule, *severity, *register_name, *summary;
    int64_t opened_utc_ms, closed_utc_ms;
    int64_t ts_utc_ms, last_ts_utc_ms;
    uint64_t count;
    bool has_excess;
    bool reactive;  /* excess_kvarh instead of excess_kwh */
    int64_t excess; /* 10^-6 */
    int64_t window_utc_ms[2];
    const char *possible_rates; /* JSON text, or NULL */
    const char *before, *after; /* JSON objects as text */
};
void payload_finding(struct text_buf *out, const char *ledger, uint64_t seq, const struct payload_finding *f);

/* {"topic":…,"payload":{…}} for P/history; `payload` is JSON text and goes in as it is. */
void payload_history(struct text_buf *out, const char *topic, const char *payload);

/* The last message of an answer to P/history/get:
 * {"ledger","ts","get":{"from","to"},"rows":n}, or "error":… instead of rows when `error` is not NULL.
 * has_range false: "get":{} (malformed). from and to are what was asked for, so they may be anything. */
struct payload_answer {
    const char *ledger;
    int64_t ts_utc_ms;
    bool has_range;
    int64_t from, to;
    uint64_t rows;
    const char *error; /* "range" "busy" "malformed" */
};
void payload_answer(struct text_buf *out, const struct payload_answer *a);

#endif
