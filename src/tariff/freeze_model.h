/* freeze_model.h - what a meter's settlement registers mean: consumption of a period, or the reading at its
 * end.
 *
 * The manual does not say, and both exist. The two models differ in the month registers: a cumulative one
 * equals the live register of its rate, a period one starts again at each settlement. Decided only where they
 * differ, never guessed: a meter in its first month is undetermined.
 *
 * Units:   10^-6 kWh, W, milliseconds.
 * Errors:  none.
 * Threads: pure; the state is plain data.
 * Source:  DOMAIN 4.6.
 */
#ifndef METERFLEET_TARIFF_FREEZE_MODEL_H
#define METERFLEET_TARIFF_FREEZE_MODEL_H

#include <stdbool.h>
#include <stdint.h>
#include "core/quantity.h"
#include "tariff/rules.h"

enum freeze_meaning { FREEZE_UNDETERMINED, FREEZE_MEANS_PERIOD, FREEZE_MEANS_CUMULATIVE };
const char *freeze_meaning_name(enum freeze_meaning m); /* "undetermined" "period" "cumulative" */

/* What one sweep shows of the four active rates. */
struct freeze_look {
    bool has[RATE_COUNT]; /* month, previous and cumulative were all read */
    int64_t month[RATE_COUNT], previous[RATE_COUNT], cumulative[RATE_COUNT];
    int64_t step;       /* learned resolution of the cumulative registers */
    int64_t max_w;      /* what the meter can carry */
    int64_t between_ms; /* between the far ends of the replies compared */
};

struct freeze_state {
    uint8_t meaning;    /* enum freeze_meaning as decided so far */
    uint8_t cumulative; /* sweeps in a row that looked cumulative */
};

/* Takes a sweep into account and says what is known now. */
enum freeze_meaning freeze_model_look(struct freeze_state *s, const struct freeze_look *look);
/* What the site says goes before what was learned. */
enum freeze_meaning freeze_model_meaning(enum freeze_model configured, const struct freeze_state *s);

#endif
