/* relay_order.h - where relay commands wait for the worker of a bus, and their outcomes for who gave them.
 *
 * A command is written once at most: what became of it is found out by reading the coil back, never by
 * writing again. A command that still waits can be taken back; one that was taken up cannot, and its outcome
 * comes.
 *
 * Units:   expiry in Unix milliseconds.
 * Errors:  relay_tray_put(): RC_FULL, or why the tray is closed (RC_LINK, RC_STOPPED).
 * Threads: put, collect, withdraw from one thread (whoever gives the commands); the rest by the worker. One
 *          mutex inside.
 * Source:  FAULTS W20; INTERFACES 3 (writes), 6 (relay).
 */
#ifndef METERFLEET_BUS_RELAY_ORDER_H
#define METERFLEET_BUS_RELAY_ORDER_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum relay_outcome {
    RELAY_SWITCHED,     /* read back as wanted */
    RELAY_NOT_SWITCHED, /* read back as it was: the meter's control mode may be Local */
    RELAY_FAILED,       /* the meter refused: an exception */
    RELAY_UNKNOWN,      /* sent, and nothing could be read back */
    RELAY_EXPIRED,      /* too late: nothing was sent */
    RELAY_UNREACHED     /* nothing was sent: the line is away, we stop, or it is not allowed (rc) */
};

struct relay_order {
    size_t meter; /* index into settings->meters */
    bool close;
    int64_t expires_utc_ms; /* 0: never */
};

struct relay_report {
    enum relay_outcome outcome;
    int8_t state; /* as read back: 1 closed, 0 open, -1 unknown */
    int64_t state_utc_ms;
    uint8_t exception;
    int rc; /* of what went wrong */
};

#define RELAY_TRAY 32 /* commands on one bus at once: more meters than it can have are no honest site */

enum relay_slot_state { RELAY_FREE, RELAY_WAITING, RELAY_TAKEN, RELAY_DONE };
struct relay_slot {
    enum relay_slot_state state;
    uint64_t number; /* the lowest came first */
    int done_fd;     /* set when the outcome is there */
    struct relay_order order;
    struct relay_report report;
};

struct relay_tray {
    pthread_mutex_t lock;
    uint64_t number;
    int wake_fd; /* the worker's */
    bool closed;
    int closed_rc;
    struct relay_slot slots[RELAY_TRAY];
};

void relay_tray_init(struct relay_tray *t, int wake_fd);
void relay_tray_done(struct relay_tray *t);

/* done_fd: an event (share/event.h) that outlives the command. */
int relay_tray_put(struct relay_tray *t, const struct relay_order *o, int done_fd, unsigned *slot);
/* True: the outcome is there, and the slot free again. */
bool relay_tray_collect(struct relay_tray *t, unsigned slot, struct relay_report *out);
/* True: it was not taken up and never will be; the slot is free. */
bool relay_tray_withdraw(struct relay_tray *t, unsigned slot);

/* Worker: the oldest waiting command that came after `after` (0: of all). */
bool relay_tray_look(struct relay_tray *t, uint64_t after, uint64_t *number, unsigned *slot,
                     struct relay_order *out);
/* Worker: takes it up; false: it was withdrawn. From then on the outcome is owed. */
bool relay_tray_take(struct relay_tray *t, unsigned slot, uint64_t number);
/* Worker: back to waiting: it was not sent after all. */
void relay_tray_put_back(struct relay_tray *t, unsigned slot);
void relay_tray_settle(struct relay_tray *t, unsigned slot, const struct relay_report *r);
/* Worker: what waits is answered with RELAY_UNREACHED and rc, and what comes is refused; RC_OK opens again.
 */
void relay_tray_close(struct relay_tray *t, int rc);

#endif
