/* rtu_frame.h - where an RTU frame ends, and whether it is whole.
 *
 * Why our own: libmodbus reads a frame in three parts, which costs six system calls of thirteen for an
 * answer, does not say how much came of a damaged one, and has no place for what came behind it. Its lengths
 * are kept: a reply says by its function, or by its third byte, how long it is.
 *
 * Threads: pure.
 * Source:  Modbus over Serial Line V1.02, 2.5.1 (frame, CRC); Modbus Application Protocol V1.1b3, 6
 * (replies).
 */
#ifndef METERFLEET_BUS_RTU_FRAME_H
#define METERFLEET_BUS_RTU_FRAME_H

#include <stdbool.h>
#include <stdint.h>

#define RTU_FRAME_MOST  256
#define RTU_FRAME_LEAST 5 /* an exception: unit, function, code, CRC */

/* How many bytes the reply that begins so is long; while too little of it is here to say, the least it can
 * be. More than RTU_FRAME_MOST: no reply begins so. */
unsigned rtu_frame_length(const uint8_t *bytes, unsigned n);
/* The CRC of a frame, as it stands on the wire: low byte first. */
void rtu_frame_crc(const uint8_t *bytes, unsigned len, uint8_t crc[2]);
/* Does it end with its CRC? */
bool rtu_frame_whole(const uint8_t *frame, unsigned len);

#endif
