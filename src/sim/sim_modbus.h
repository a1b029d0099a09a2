/* sim_modbus.h - the slave's side of Modbus RTU: a request frame in, a reply frame out.
 *
 * FC 01, 03, 05 and 16, as the meter has them; everything else is exception 1.
 *
 * Units:   frames are whole, with address and CRC; lengths in bytes.
 * Errors:  a length of 0 means that the meter says nothing.
 * Threads: as the meter.
 * Source:  MODBUS Application Protocol V1.1b3, 6.1, 6.3, 6.5, 6.12 and 7; Modbus over Serial Line V1.02, 2.5.
 */
#ifndef METERFLEET_SIM_MODBUS_H
#define METERFLEET_SIM_MODBUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/sim_meter.h"

#define SIM_FRAME_MAX 256

uint16_t sim_modbus_crc(const uint8_t *frame, size_t n);
/* Writes the CRC behind n bytes, low byte first; returns n + 2. */
size_t sim_modbus_seal(uint8_t *frame, size_t n);
/* At least four bytes and the CRC is right. */
bool sim_modbus_sealed(const uint8_t *frame, size_t n);

/* How long a request is that begins like this: 0 if n bytes do not tell yet, SIZE_MAX if nobody knows. */
size_t sim_modbus_request_length(const uint8_t *frame, size_t n);

/* Answers a sealed request; the meter must be advanced to now. Returns the reply's length, sealed. */
size_t sim_modbus_answer(struct sim_meter *m, uint32_t resolution_u, const uint8_t *request, size_t n,
                         uint8_t reply[SIM_FRAME_MAX]);

/* An exception reply to this request, sealed. */
size_t sim_modbus_exception(const uint8_t *request, int code, uint8_t reply[SIM_FRAME_MAX]);

#endif
