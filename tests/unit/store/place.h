/* place.h - a site for store tests: two meters on one bus with a tariff, a database in a scratch directory,
 * readings. */
#ifndef METERFLEET_TESTS_STORE_PLACE_H
#define METERFLEET_TESTS_STORE_PLACE_H

#include "config/settings.h"
#include "core/reading.h"
#include "store/store.h"

#define PLACE_METERS 2
#define PLACE_T0     1793491200000 /* 2026-11-01T00:00:00Z: 08:00 of the meters */

struct place {
    struct settings settings;
    struct settings_bus bus;
    struct settings_meter meter[PLACE_METERS];
    struct settings_dated_tariff dated;
    struct tariff tariff;
    char *tariff_text;
    char path[128], prefix[16];
};

/* With its database at this path. */
void place_init(struct place *p, const char *path);
void place_done(struct place *p);

/* Readings; the caller frees them. total is split over the four rates as given, in 10^-6 kWh. */
struct reading *place_energy(size_t meter, int64_t utc_ms, int64_t sharp, int64_t peak, int64_t flat,
                             int64_t valley);
struct reading *place_live(size_t meter, int64_t utc_ms, int64_t voltage_mv);
/* A sweep whose family f, slot s has the value base + 1000 * f + s, slots after `slots` are zero. */
struct reading *place_sweep(size_t meter, int64_t utc_ms, int64_t base, unsigned slots);

/* Opens, or fails the test. */
struct store *place_open(struct place *p, int64_t now_utc_ms);
/* Flushes these readings (and frees them); returns the rc. */
int place_flush(struct store *s, int64_t now_utc_ms, struct reading **readings, size_t n);
/* One number or one text (static) out of the database, through a connection of its own. */
int64_t place_int(const struct place *p, const char *sql);
const char *place_text(const struct place *p, const char *sql);

#endif
