/* scan_i.h - inside of a scan: scan.c (settings, addresses), scan_device.c (what answers at one address),
 * scan_ask.c (one question, with patience).
 *
 * Threads: the one that scans.
 */
#ifndef METERFLEET_BUS_SCAN_I_H
#define METERFLEET_BUS_SCAN_I_H

#include "bus/exchange.h"
#include "bus/scan.h"

#define SCAN_HEARD   24     /* different reads of one device: all maps together have fewer */
#define SCAN_PROBE   0x0001 /* asked where no model says where its address stands */
#define SCAN_DAMAGES 4      /* damaged replies in a row until we give up */

struct scan_heard { /* a read of the device at hand, for the next map that wants the same */
    struct span span;
    int rc;
    uint16_t regs[SPAN_MOST_REGS];
};

struct scan {
    const struct scan_order *order;
    struct scan_result *result;
    struct line *line; /* NULL: lost */
    struct settings_bus bus;
    int stop_fd;
    size_t setting;
    int64_t left_ns; /* at this setting, if nobody else answers */
    unsigned lost, noisy_row;
    struct address_set asked, late; /* at this setting: asked; heard after its time was over */
    struct scan_find *device;       /* the one at hand */
    uint8_t before;                 /* the address asked before it */
    struct scan_heard heard[SCAN_HEARD];
    size_t n_heard;
};

/* scan_ask.c: asks until an answer, `silences` silences or SCAN_DAMAGES damaged replies. Damaged or silent,
 * it waits for what may still come before it asks again. rc as exchange_run(); a line that is lost is opened
 * again. */
int scan_ask(struct scan *s, const struct exchange_request *q, unsigned silences, struct exchange_reply *r);
/* Leaves the device alone until a late answer can no longer come: RC_OK, RC_STOPPED. */
int scan_rest(struct scan *s);

/* scan_device.c: asks one address and adds what it is to the result. RC_OK also when nobody is there;
 * RC_STOPPED, RC_LINK, RC_NOMEM. */
int scan_device(struct scan *s, uint8_t address);

/* scan.c */
int scan_add(struct scan *s, const struct scan_find *f);

#endif
