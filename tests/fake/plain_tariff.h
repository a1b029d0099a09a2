/* plain_tariff.h - an oracle for the calendar: the published tables read again, looked up the slow and
 * obvious way.
 *
 * It shares nothing with src/tariff but struct tariff, which it also fills: dates come from libc's gmtime_r,
 * rates from a scan of the lists at every minute.
 */
#ifndef METERFLEET_TESTS_PLAIN_TARIFF_H
#define METERFLEET_TESTS_PLAIN_TARIFF_H

#include <stdbool.h>
#include <stdint.h>
#include "tariff/tariff.h"

/* One tariff of tests/data/tariffs.tsv. Rate 5 (deep valley), which four registers cannot hold, becomes
 * `deep`. False: there is no such tariff; *has_deep tells whether it uses rate 5. */
bool plain_tariff_read(const char *name, enum rate deep, struct tariff *out, bool *has_deep);
extern const char *const plain_tariff_names[];
extern const int plain_tariff_count;

/* The rate at a local instant (seconds since 1970 of the meter's clock). */
enum rate plain_tariff_rate(const struct tariff *t, int64_t local_s);

#endif
