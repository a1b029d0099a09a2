/* fuzz_mutate.h - changes bytes at random, for runs without a fuzzer's own engine.
 *
 * Blind, but it knows what our inputs are made of: numbers at their edges, names, separators, pieces of other
 * inputs. One seed gives the same changes everywhere.
 *
 * Threads: pure; the caller keeps the random state.
 */
#ifndef METERFLEET_FUZZ_MUTATE_H
#define METERFLEET_FUZZ_MUTATE_H

#include <stddef.h>
#include <stdint.h>

/* Changes data[0..size) of room `most`, one to eight times; other: a second input to take pieces from, or
 * NULL. Gives the new size. */
size_t fuzz_mutate(uint64_t *random, uint8_t *data, size_t size, size_t most, const uint8_t *other,
                   size_t other_size);
uint64_t fuzz_random(uint64_t *state);

#endif
