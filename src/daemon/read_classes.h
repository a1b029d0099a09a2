/* read_classes.h - which classes of a meter must be read to answer for some quantities.
 *
 * Threads: pure.
 */
#ifndef METERFLEET_DAEMON_READ_CLASSES_H
#define METERFLEET_DAEMON_READ_CLASSES_H

#include <stdbool.h>
#include <stddef.h>
#include "core/regmap.h"

/* A mask of 1u << enum reg_class. No quantities: what is quick to read and the model has. 0: the model lacks
 * the quantity *lacking (-1: it has nothing to read at all). */
unsigned read_classes(const struct regmap *m, const int quantities[], size_t n, int *lacking);
/* Is this quantity among those asked for? All are when none is named. */
bool read_classes_asked(const int quantities[], size_t n, int quantity);

#endif
