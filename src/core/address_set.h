/* address_set.h - Modbus addresses 1 to 247 as people write them: "2-20, 25, 27-32", and back.
 *
 * Units:   addresses.
 * Errors:  RC_PARSE: neither an address nor a rising range; outputs untouched.
 * Threads: pure.
 * Source:  INTERFACES 2 ([meters] addresses); MODBUS over Serial Line V1.02, 2.2 (1 to 247 are single
 * devices).
 */
#ifndef METERFLEET_CORE_ADDRESS_SET_H
#define METERFLEET_CORE_ADDRESS_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "core/text.h"

#define ADDRESS_MOST 247

/* "7" or "2-20", blanks around the dash allowed. */
int address_range_parse(const char *item, uint16_t *first, uint16_t *last);

struct address_set {
    uint8_t bits[32];
};
/* A list divided by commas; what stands there twice counts once. `bad` gets the item that is none, cut. */
#define ADDRESS_ITEM 24
int address_set_parse(const char *list, struct address_set *out, char bad[ADDRESS_ITEM]);
/* "2-20, 25": ascending, runs of three and more as ranges. */
void address_set_text(const struct address_set *s, struct text_buf *out);
size_t address_set_count(const struct address_set *s);

static inline bool address_set_has(const struct address_set *s, unsigned address)
{
    return (s->bits[address / 8] >> (address % 8) & 1) != 0;
}
static inline void address_set_add(struct address_set *s, unsigned address)
{
    s->bits[address / 8] = (uint8_t)(s->bits[address / 8] | 1u << (address % 8));
}

#endif
