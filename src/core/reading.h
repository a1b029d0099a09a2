/* reading.h - what one meter said in one class at one time: the thing that travels through the house.
 *
 * A bus worker makes it, the queue carries it, the store keeps it, the publisher shows it. A reading of class
 * energy comes from one reply (a snapshot); a sweep (settlement) from several, and its window covers them
 * all.
 *
 * Units:   values are scaled integers (quantity.h); taken_utc_ms is the arrival of the last character of the
 *          last reply, window_ms the time since the first character of the first request.
 * Threads: owned by whoever holds it; handing it over hands over ownership.
 */
#ifndef METERFLEET_CORE_READING_H
#define METERFLEET_CORE_READING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "core/quantity.h"

/* Why a value of a reply is not believed. */
enum reject { REJECT_NOT_A_NUMBER, REJECT_RANGE, REJECT_ZERO };
const char *reject_text(enum reject r); /* "not a number" … */

enum quality { QUALITY_OK, QUALITY_SUSPECT, QUALITY_ESTIMATED };
const char *quality_name(enum quality q); /* "ok" "suspect" "estimated" */

struct reading_value {
    uint16_t quantity; /* enum quantity_id */
    int64_t value;     /* scaled; Q_RELAY_DO1: 1 closed, 0 open; Q_CLOCK: utc-less civil seconds since 1970 */
};

/* Does a relay's state follow from a command of ours? */
enum reading_command {
    READING_UNASKED, /* no: if it is another than before, somebody else switched */
    READING_BACK,    /* it is the read-back of one; whoever gave the command tells */
    READING_LATE     /* the first one after a command whose outcome was unknown, and as that one wanted */
};

#define READING_TEXT 24
struct reading {
    uint32_t meter; /* index into settings->meters */
    enum reg_class klass;
    enum quality quality;
    int64_t taken_utc_ms;
    int64_t taken_mono_ms;
    uint32_t window_ms;
    uint8_t command; /* enum reading_command; class relay only */
    uint16_t count, room;
    uint16_t rejected;             /* how many values of the reply are not believed: reading_rejected() */
    char text[READING_TEXT];       /* the serial number of an identity reading, else "" */
    struct reading_value values[]; /* ascending by quantity, each at most once; what was rejected lies at the
                                    * end of the room: each value of a reply is the one or the other */
};

/* Room for n values; NULL without memory. Freed with reading_free(NULL is fine). */
struct reading *reading_new(size_t n);
void reading_free(struct reading *r);
/* A copy with room for just its values, without what was rejected, or NULL without memory. */
struct reading *reading_copy(const struct reading *r);
/* A copy with what was rejected, for whoever asked for it. */
struct reading *reading_copy_whole(const struct reading *r);
/* Adds a value; RC_FULL when there is no room, RC_RANGE when the quantity is there already. Keeps the order.
 */
int reading_add(struct reading *r, int quantity, int64_t value);
/* Notes a value that is not believed; RC_FULL when there is no room. */
int reading_reject(struct reading *r, int quantity, enum reject why);
/* Takes a value back as one that is not believed. */
void reading_retract(struct reading *r, uint16_t at, enum reject why);
/* The quantity of rejected value i < r->rejected, and why. */
int reading_rejected(const struct reading *r, uint16_t i, enum reject *why);
/* The value of a quantity, or NULL when it was not read. */
const int64_t *reading_get(const struct reading *r, int quantity);

#endif
