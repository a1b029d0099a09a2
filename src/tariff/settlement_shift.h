/* settlement_shift.h - how many settlements a meter is behind the calendar.
 *
 * A slot "previous n" means the n-th settlement instant before now only when the meter has frozen at the
 * newest one. A meter whose clock is later than its tariff allows has not yet: its slots still hold the
 * periods before. Taken by the calendar, September's energy would be billed as October's. What is known of
 * earlier periods tells.
 *
 * Units:   as given; values are only compared.
 * Errors:  none. Without anything known, or when nothing fits (another meter, a cleared one), it is not
 * behind. Threads: pure. Source:  DOMAIN 4.3 (roll-over), 4.6; manual of the KPM31, registers 0x009C to
 * 0x019F (this month, previous 1-12).
 */
#ifndef METERFLEET_TARIFF_SETTLEMENT_SHIFT_H
#define METERFLEET_TARIFF_SETTLEMENT_SHIFT_H

#include <stdbool.h>
#include <stdint.h>
#include "core/quantity.h"

#define SETTLEMENT_AGES (2 * (SETTLEMENT_SLOTS - 1)) /* periods worth knowing: all that slots can mean */

/* What the families of one slot, or of one period, hold. */
struct settlement_values {
    bool has[SETTLEMENT_FAMILIES];
    int64_t value[SETTLEMENT_FAMILIES];
};

struct settlement_shift {
    unsigned behind; /* 0: the slot "previous 1" is the period that ended at the newest instant */
    unsigned open; /* so many of the newest slots may mean an older period as well: they repeat what is known,
                    * and something was counted since */
};

/* slots[0] is the running period. known[a]: the period that ended a instants before the newest one, if it has
 * any family. */
struct settlement_shift settlement_shift(const struct settlement_values slots[SETTLEMENT_SLOTS],
                                         const struct settlement_values known[SETTLEMENT_AGES]);

#endif
