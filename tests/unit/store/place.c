#include "place.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "core/rc.h"
#include "store/db.h"

void place_init(struct place *p, const char *path)
{
    memset(p, 0, sizeof *p);
    strcpy(p->bus.name, "north");
    for (int i = 0; i < PLACE_METERS; i++) {
        struct settings_meter *m = &p->meter[i];
        snprintf(m->name, sizeof m->name, "flat-%d", i + 1);
        m->address = (uint8_t)(i + 1);
        m->period_ms[CLASS_ENERGY] = 61000;
        m->tariffs = &p->dated;
        m->n_tariffs = 1;
    }
    tariff_init(&p->tariff, "residential");
    p->tariff.utc_offset_s = 8 * 3600;
    p->dated.from_local_s = INT64_MIN;
    p->tariff_text = strdup("utc_offset = +08:00\n");
    strcpy(p->prefix, "meterfleet");
    snprintf(p->path, sizeof p->path, "%s", path);
    struct settings *s = &p->settings;
    strcpy(s->gateway.id, "site-a");
    s->gateway.clock = CLOCK_SYSTEM;
    s->database.path = p->path;
    s->database.flush_ms = 30000;
    s->database.keep_live_ms = 30 * 86400000LL;
    s->database.keep_energy_ms = 62 * 86400000LL;
    s->mqtt.prefix = p->prefix;
    s->buses = &p->bus;
    s->n_buses = 1;
    s->meters = p->meter;
    s->n_meters = PLACE_METERS;
    s->tariffs = &p->tariff;
    s->tariff_texts = &p->tariff_text;
    s->n_tariffs = 1;
}

void place_done(struct place *p)
{
    tariff_done(&p->tariff);
    free(p->tariff_text);
}

static struct reading *fresh(size_t meter, enum reg_class klass, int64_t utc_ms, size_t n)
{
    struct reading *r = reading_new(n);
    ck_assert_ptr_nonnull(r);
    r->meter = (uint32_t)meter;
    r->klass = klass;
    r->quality = QUALITY_OK;
    r->taken_utc_ms = utc_ms;
    r->taken_mono_ms = utc_ms - PLACE_T0;
    r->window_ms = 90;
    return r;
}

struct reading *place_energy(size_t meter, int64_t utc_ms, int64_t sharp, int64_t peak, int64_t flat,
                             int64_t valley)
{
    struct reading *r = fresh(meter, CLASS_ENERGY, utc_ms, 5);
    reading_add(r, Q_ACTIVE_ENERGY_TOTAL, sharp + peak + flat + valley);
    reading_add(r, Q_ACTIVE_ENERGY_SHARP, sharp);
    reading_add(r, Q_ACTIVE_ENERGY_PEAK, peak);
    reading_add(r, Q_ACTIVE_ENERGY_FLAT, flat);
    reading_add(r, Q_ACTIVE_ENERGY_VALLEY, valley);
    return r;
}

struct reading *place_live(size_t meter, int64_t utc_ms, int64_t voltage_mv)
{
    struct reading *r = fresh(meter, CLASS_LIVE, utc_ms, 1);
    reading_add(r, Q_VOLTAGE, voltage_mv);
    return r;
}

struct reading *place_sweep(size_t meter, int64_t utc_ms, int64_t base, unsigned slots)
{
    struct reading *r = fresh(meter, CLASS_SETTLEMENT, utc_ms, SETTLEMENT_FAMILIES * SETTLEMENT_SLOTS);
    for (unsigned f = 0; f < SETTLEMENT_FAMILIES; f++)
        for (unsigned s = 0; s < SETTLEMENT_SLOTS; s++)
            reading_add(r, quantity_settlement(f, s), s <= slots ? base + 1000 * (int64_t)f + s : 0);
    return r;
}

struct store *place_open(struct place *p, int64_t now_utc_ms)
{
    struct store *s = NULL;
    char why[STORE_WHY_SIZE];
    int rc = store_open(&p->settings, now_utc_ms, &s, why);
    ck_assert_msg(rc == RC_OK, "store_open: %d: %s", rc, why);
    return s;
}

int place_flush(struct store *s, int64_t now_utc_ms, struct reading **readings, size_t n)
{
    struct store_batch b = {
        .readings = readings, .n_readings = n, .now_utc_ms = now_utc_ms, .clock_right = true};
    int rc = store_flush(s, &b);
    for (size_t i = 0; i < n; i++)
        reading_free(readings[i]);
    return rc;
}

int64_t place_int(const struct place *p, const char *sql)
{
    struct db d = {0};
    int64_t v = INT64_MIN;
    ck_assert_int_eq(db_open(p->path, DB_READ, &d), RC_OK);
    int rc = db_int(&d, sql, &v);
    ck_assert_msg(rc == RC_OK, "%s: %d %s", sql, rc, db_message(&d));
    db_close(&d);
    return v;
}

const char *place_text(const struct place *p, const char *sql)
{
    static char text[65536];
    struct db d = {0};
    sqlite3_stmt *st = NULL;
    ck_assert_int_eq(db_open(p->path, DB_READ, &d), RC_OK);
    ck_assert_msg(db_prepare(&d, sql, &st) == RC_OK, "%s: %s", sql, db_message(&d));
    ck_assert_msg(db_row(&d, st) == RC_OK, "%s: no row", sql);
    const char *v = (const char *)sqlite3_column_text(st, 0);
    snprintf(text, sizeof text, "%s", v != NULL ? v : "(null)");
    sqlite3_finalize(st);
    db_close(&d);
    return text;
}
