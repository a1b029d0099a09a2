/* sim_rng.h - numbers that look random and are the same in every run with the same seed.
 *
 * The simulator must be repeatable: a test that failed fails again with the printed seed. One state per
 * meter and per bus, so that what happens on one bus does not change the dice of another.
 *
 * Errors:  none.
 * Threads: a state belongs to its owner.
 * Source:  splitmix64, public domain (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators).
 */
#ifndef METERFLEET_SIM_RNG_H
#define METERFLEET_SIM_RNG_H

#include <stdbool.h>
#include <stdint.h>

struct sim_rng {
    uint64_t state;
};

/* A number from a number: for noise that depends on the time and not on how often somebody asked. */
static inline uint64_t sim_hash(uint64_t x)
{
    x += 0x9E3779B97F4A7C15u;
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
    return x ^ (x >> 31);
}

static inline uint64_t sim_rng_next(struct sim_rng *r)
{
    uint64_t value = sim_hash(r->state);
    r->state += 0x9E3779B97F4A7C15u;
    return value;
}

/* lo..hi, both included. */
static inline int64_t sim_rng_between(struct sim_rng *r, int64_t lo, int64_t hi)
{
    return lo + (int64_t)(sim_rng_next(r) % (uint64_t)(hi - lo + 1));
}

/* True in `ppm` of a million cases. */
static inline bool sim_rng_hits(struct sim_rng *r, uint32_t ppm)
{
    return ppm >= 1000000 || sim_rng_next(r) % 1000000 < ppm;
}

#endif
