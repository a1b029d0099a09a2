/* read_classes.h - which classes of a meter must be read to answer for some quantities, and what then lacks.
 *
 * Daemon and tool share it, so that a reading through the one says the same as one straight from the line.
 *
 * Threads: pure.
 */
#ifndef METERFLEET_DAEMON_READ_CLASSES_H
#define METERFLEET_DAEMON_READ_CLASSES_H

#include <stdbool.h>
#include <stddef.h>
#include "core/reading.h"
#include "core/regmap.h"

/* A mask of 1u << enum reg_class. No quantities: what is quick to read and the model has. 0: the model lacks
 * the quantity *lacking (-1: it has nothing to read at all). */
unsigned read_classes(const struct regmap *m, const int quantities[], size_t n, int *lacking);
/* Is this quantity among those asked for? All are when none is named. */
bool read_classes_asked(const int quantities[], size_t n, int quantity);

/* Something asked for that did not come. */
#define READ_REASON 48
struct read_lack {
    int quantity; /* enum quantity_id; -1: the whole class */
    enum reg_class klass;
    bool rejected;            /* the meter answered, and what it said is not believed */
    char reason[READ_REASON]; /* "no answer"; of a rejected value "not a number" */
};
/* What of the classes read lacks; room for Q_COUNT. rcs: how reading each class ended. Of a class that did
 * not come its quantities are named when they were asked for by name. */
size_t read_lacks(const struct regmap *m, const int quantities[], size_t n,
                  struct reading *const readings[CLASS_COUNT], const int rcs[CLASS_COUNT],
                  struct read_lack out[]);

#endif
