/* wire_time.h - how long characters, silences and frames last on an RS485 line.
 *
 * The bus worker waits by these numbers, the budget of `meterfleet check` adds them up; so a plan that fits
 * on paper fits on the wire.
 *
 * Units:   nanoseconds; characters include start, parity and stop bits. baud 0: a line without byte times.
 * Threads: pure.
 * Source:  MODBUS over Serial Line V1.02, 2.5.1.1: 3.5 characters between frames, fixed 1.75 ms above
 *          19200 bd; MODBUS Application Protocol V1.1b3, 6.1, 6.3, 6.5: lengths of the frames.
 */
#ifndef METERFLEET_CORE_WIRE_TIME_H
#define METERFLEET_CORE_WIRE_TIME_H

#include <stdint.h>

#define WIRE_REQUEST_CHARS 8 /* unit, function, address, count, CRC: functions 1, 3 and 5 alike */

/* parity 'E', 'O' or 'N'; stop_bits 1 or 2. */
int64_t wire_char_ns(uint32_t baud, char parity, uint8_t stop_bits);
int64_t wire_silence_ns(uint32_t baud, char parity, uint8_t stop_bits);

/* Characters of the reply to function 1 (count coils), 3 (count registers) or 5. */
unsigned wire_reply_chars(uint8_t function, uint16_t count);

/* How many registers nobody wants may be read along between two wanted ones: so many take the time of another
 * round trip. */
uint16_t wire_gap_regs(int64_t char_ns, int64_t silence_ns, int64_t turnaround_ns);

/* Request, turnaround, reply and the silence after it: what one answered request keeps the line busy. */
int64_t wire_exchange_ns(int64_t char_ns, int64_t silence_ns, int64_t turnaround_ns, uint8_t function,
                         uint16_t count);

#endif
