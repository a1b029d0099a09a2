/* decimal.h - one number everywhere: the shortest decimal of a float32, as a scaled integer.
 *
 * A meter's float32 becomes, once, the shortest decimal that reads back as the same float32, rounded half away
 * from zero to the quantity's decimals. From there on it is an integer, so database, broker, CSV and
 * screen show the same digits, and "did it move" is a comparison of integers.
 *
 * Units:   10^-decimals of the quantity's unit; decimals 0 to 9.
 * Errors:  RC_RANGE for NaN, infinities and what does not fit; RC_PARSE for text that is no decimal.
 * Threads: pure; independent of locale and rounding mode.
 * Source:  INTERFACES 3 "One number everywhere"; IEEE 754-2019 5.12.2 (shortest round-trip decimal).
 */
#ifndef METERFLEET_CORE_DECIMAL_H
#define METERFLEET_CORE_DECIMAL_H

#include <stddef.h>
#include <stdint.h>

int decimal_from_float(float f, unsigned decimals, int64_t *out);
/* "-12.5" -> -12500000 at 6 decimals; also "+1", ".5", "5.", "1e-05". Digits beyond `decimals` are rounded half away
 * from zero. No blanks, no "nan", nothing behind the number. */
int decimal_from_text(const char *s, unsigned decimals, int64_t *out);
/* Shortest text: no exponent, no trailing zeros, no idle point, "-0" is "0". `out` holds DECIMAL_SIZE bytes. */
#define DECIMAL_SIZE 24
void decimal_to_text(int64_t value, unsigned decimals, char out[DECIMAL_SIZE]);
/* The double nearest to the decimal. */
double decimal_to_double(int64_t value, unsigned decimals);

#endif
