/* identify.h - is what answers at an address a meter of this model?
 *
 * Modbus has no name plate that all meters show, so a model is recognised by what its registers say when they
 * are read by its map: its address register holds the address it was asked by, a mains frequency lies between
 * 45 and 65 Hz, a voltage can be one, the energies are numbers that energies can be. Read by the map of
 * another model one of these is nonsense: where a KPM31 keeps its frequency, a KPM33B has 400 V between two
 * phases.
 *
 * What cannot be read of the identity (a serial number that an older meter does not have) speaks neither for
 * nor against a model; refused live or energy registers speak against it.
 *
 * Units:   scaled integers of the quantity's decimals (quantity.h).
 * Errors:  identify_new(): NULL without memory. identify_take(): RC_NOMEM never; what is wrong shows in the
 * verdict. Threads: pure. Source:  45 to 65 Hz: IEC 62053-21, 5 and the makers' ranges, as INTERFACES 7
 * (scan) has it; registers: the model files.
 */
#ifndef METERFLEET_CORE_IDENTIFY_H
#define METERFLEET_CORE_IDENTIFY_H

#include "core/reading.h"
#include "core/regmap.h"
#include "core/span.h"

/* The classes that tell models apart, in the order in which they should be asked: what is cheap and decisive
 * first. */
#define IDENTIFY_CLASSES 3
extern const enum reg_class identify_order[IDENTIFY_CLASSES];

struct identify; /* one device, read by the map of one model */

struct identify *identify_new(const struct regmap *m, uint8_t address);
void identify_free(struct identify *i); /* NULL is fine */
/* The registers of span s were read for class c; regs NULL: the device refused them. */
void identify_take(struct identify *i, enum reg_class c, const struct span *s, const uint16_t *regs);

#define IDENTIFY_WHY 96
struct identify_verdict {
    bool fits;              /* nothing of what was read speaks against the model, and enough for it */
    bool refuted;           /* something does: no more need be read */
    unsigned explained;     /* values that make sense: of two models that fit, the one that explains more */
    char why[IDENTIFY_WHY]; /* what speaks against it: "frequency 401.2 Hz"; "" if nothing */
};
struct identify_verdict identify_judge(const struct identify *i);

/* What was read: values, and the serial number in its text. */
const struct reading *identify_reading(const struct identify *i);

#endif
