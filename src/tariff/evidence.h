/* evidence.h - what the readings prove about clock and tables, compactly: which rates moved in which window.
 *
 * The engine gives one piece for each accepted reading in which a rate register moved; diagnosis and learning
 * try other explanations on the list without judging the readings again.
 *
 * Units:   milliseconds UTC; a piece says that each rate of the mask was in force somewhere in [lo, hi].
 * Errors:  evidence_add(): false without memory (the list stays as it is).
 * Threads: plain data, one owner.
 */
#ifndef METERFLEET_TARIFF_EVIDENCE_H
#define METERFLEET_TARIFF_EVIDENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct evidence {
    int64_t lo_utc_ms;
    uint32_t length_ms; /* hi - lo; windows over 24 days prove nothing and are left out */
    uint8_t rates;      /* mask of 1u << enum rate */
    uint8_t forbidden;  /* those of them that the tariff as configured does not allow (T1) */
};

struct evidence_list {
    struct evidence *piece; /* ascending by time */
    size_t n, room;
};

bool evidence_add(struct evidence_list *l, int64_t lo_utc_ms, int64_t hi_utc_ms, unsigned rates,
                  unsigned forbidden);
void evidence_done(struct evidence_list *l);

#endif
