/* relay_audit.h - who switched which relay, when, and what came of it: rows that stand before the coil moves.
 *
 * A command is known by meter, source and the id its sender gave it, and is carried out once, for ever: the
 * first row with an id stays, a second one is told what the first came to.
 *
 * Units:   Unix milliseconds.
 * Errors:  those of db.h.
 * Threads: the store's owner; the structures travel.
 * Source:  FAULTS, "Nothing lost, nothing twice, nobody in": relay command.
 */
#ifndef METERFLEET_STORE_RELAY_AUDIT_H
#define METERFLEET_STORE_RELAY_AUDIT_H

#include <stdbool.h>
#include <stdint.h>
#include "share/relay_box.h"

#define RELAY_WHO 80

struct relay_intent {
    char meter[41];
    char who[RELAY_WHO];
    char command[RELAY_COMMAND];
    bool mqtt; /* source: else the control socket */
    bool close;
    /* out: */
    bool seen;                  /* another command with this id was there before */
    bool pending;               /* … and its outcome is not known */
    struct relay_result before; /* … or this is it */
    /* in: */
    uint64_t token;                    /* of this attempt: any number that no other has */
    int64_t ts_utc_ms, expires_utc_ms; /* 0: never */
};

/* One row to write: an intent, or (result) the outcome of one. */
struct relay_record {
    struct relay_intent intent;
    bool is_result;
    struct relay_result result;
};

struct store;
/* Inside the flush's transaction. Writing the same record again is harmless. */
int store_relay_record(struct store *s, struct relay_record *r);
/* Rows that another run left without an outcome: nobody will ever know it. */
int store_relay_orphans(struct store *s, int64_t now_utc_ms);

#endif
