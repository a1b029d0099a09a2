/* sim_image.h - the register image of a KPM31: which word stands at which address.
 *
 * Built from the meter's state at the moment of the request, so all words of one reply belong together.
 *
 * Units:   addresses and counts are 16-bit registers. Floats are IEEE 754 singles, high word first (ABCD).
 * Errors:  a Modbus exception code, SIM_EXC_NONE when there is none.
 * Threads: as the meter.
 * Source:  manual 6.1.4 to 6.1.6; DOMAIN 3: month registers at 0x009C + 26 f + 2 p.
 */
#ifndef METERFLEET_SIM_IMAGE_H
#define METERFLEET_SIM_IMAGE_H

#include <stdint.h>

#include "sim/sim_meter.h"

#define SIM_MAX_REGISTERS 125
#define SIM_COIL_RELAY    0x0001

enum { SIM_EXC_NONE = 0, SIM_EXC_FUNCTION = 1, SIM_EXC_ADDRESS = 2, SIM_EXC_VALUE = 3, SIM_EXC_GATEWAY = 11 };

/* Reads `count` words from `address`. resolution_u: the step of energy registers in 10⁻⁶ kWh, values are cut
 * to it; 0: every pulse shows. */
int sim_image_read(const struct sim_meter *m, uint32_t resolution_u, uint16_t address, uint16_t count,
                   uint16_t *out);

/* Writes words: password, bus address, speed, and the clear command. All of them or none. */
int sim_image_write(struct sim_meter *m, uint16_t address, uint16_t count, const uint16_t *words);

#endif
