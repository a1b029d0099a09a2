/* meter_checks.h - the checks of one meter that run while readings are stored, and their memory as bytes.
 *
 * Threads: plain data, one owner; pure.
 * Source:  DOMAIN 4.3 (T2), 4.6 (freeze model).
 */
#ifndef METERFLEET_STORE_METER_CHECKS_H
#define METERFLEET_STORE_METER_CHECKS_H

#include <stddef.h>
#include <stdint.h>
#include "core/reading.h"
#include "tariff/freeze_model.h"
#include "tariff/sum_check.h"

struct meter_checks {
    uint8_t off;             /* two sources: registers are not compared */
    struct sum_check sum[2]; /* active, reactive */
    int64_t finding[2];      /* id of the open T2 finding, 0: none */
    struct freeze_state freeze;
};

void meter_checks_init(struct meter_checks *c, bool off, bool net);
/* The registers of one sum check out of a reading; false when one of the five was not read. */
bool meter_checks_row(const struct reading *r, bool reactive, struct sum_row *out);
/* The quantity of register i of a sum check. */
int meter_checks_quantity(bool reactive, int i);

/* The state as bytes, and back: RC_PARSE when they are not of this version; *out is then untouched. */
#define METER_CHECKS_BYTES (16 + sizeof(struct meter_checks))
size_t meter_checks_save(const struct meter_checks *c, unsigned char out[METER_CHECKS_BYTES]);
int meter_checks_load(const void *bytes, size_t n, struct meter_checks *out);

#endif
