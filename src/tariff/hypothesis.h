/* hypothesis.h - one explanation tried on all the evidence: a tariff, a shift of its clock, a drift.
 *
 * It fits when every movement was possible under it with a clock within +-S (T1), and one clock within the
 * same bounds explains all of them together where that is asked.
 *
 * Units:   milliseconds.
 * Threads: pure.
 */
#ifndef METERFLEET_TARIFF_HYPOTHESIS_H
#define METERFLEET_TARIFF_HYPOTHESIS_H

#include <stdbool.h>
#include "tariff/evidence.h"
#include "tariff/skew.h"
#include "tariff/tariff.h"

struct hypothesis {
    const struct tariff *tariff;
    int64_t shift_ms; /* the meter's clock minus the true one, besides s within +-S: whole days for a wrong
                         date */
    int64_t drift_ms_day; /* the meter's clock gains this much a day, from the first evidence on */
};

/* A summary of what contradicts the configured tariff, tried first: most explanations fail on it at once. */
struct hypothesis_test {
    const struct evidence_list *evidence;
    const size_t *suspects; /* indices of evidence with forbidden rates, spread over the record */
    size_t n_suspects;
};

/* True when nothing contradicts it. */
bool hypothesis_fits(const struct hypothesis *h, const struct hypothesis_test *t);
/* The skew that remains under it; *s is as skew_moved() leaves it after the whole record. */
void hypothesis_skew(const struct hypothesis *h, const struct evidence_list *evidence, struct skew *s);
/* The same of the pieces from `first` on, up to the one that one clock cannot explain besides those before
 * it: returns its index (n: none), and *s is without it. */
size_t hypothesis_skew_while(const struct hypothesis *h, const struct evidence_list *evidence, size_t first,
                             struct skew *s);

#endif
