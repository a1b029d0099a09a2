/* store_coverage.c - rows of the view `coverage`: a finished day when it is over, the running one once in a
 * while. */
#include "core/coverage.h"
#include "core/rc.h"
#include "core/text.h"
#include "store/store_inside.h"

#define DAY_MS  INT64_C(86400000)
#define LATE_MS 600000 /* a reading that waited in memory may still come for the day before */

static struct coverage_clock clock_of(const struct store *s, size_t meter, int64_t utc_ms)
{
    return (struct coverage_clock){store_tariff_at(s, meter, utc_ms)->utc_offset_s,
                                   s->settings->meters[meter].period_ms[CLASS_ENERGY]};
}

static int put(struct store *s, size_t meter, const struct coverage_day *d)
{
    char day[24];
    int64_t year;
    unsigned month, of_month;
    text_civil_from_days(d->day, &year, &month, &of_month);
    text_format(day, sizeof day, "%04lld-%02u-%02u", (long long)year, month, of_month);
    sqlite3_stmt *st = s->st.coverage;
    sqlite3_bind_text(st, 1, day, -1, SQLITE_TRANSIENT);
    sqlite3_bind_int64(st, 2, s->meters[meter].id);
    sqlite3_bind_int64(st, 3, d->expected);
    sqlite3_bind_int64(st, 4, d->got);
    sqlite3_bind_int64(st, 5, d->longest_gap_ms);
    return db_run(&s->db, st);
}

static int close_days(struct store *s, size_t meter, int64_t utc_ms)
{
    struct coverage_clock k = clock_of(s, meter, utc_ms);
    struct coverage_day d;
    int rc = RC_OK;
    while (rc == RC_OK && coverage_close(&s->meters[meter].coverage, utc_ms, &k, &d))
        rc = put(s, meter, &d);
    return rc;
}

int store_cover(struct store *s, size_t meter, int64_t utc_ms)
{
    struct coverage_clock k = clock_of(s, meter, utc_ms);
    int rc = close_days(s, meter, utc_ms);
    if (rc != RC_OK)
        return rc;
    struct coverage *c = &s->meters[meter].coverage;
    coverage_count(c, utc_ms, &k);
    if (c->got != 1)
        return RC_OK;
    struct coverage_day d; /* the first of its day: the day is there from now on */
    coverage_so_far(c, utc_ms, &k, &d);
    return put(s, meter, &d);
}

int store_save_coverage(struct store *s, size_t meter, int64_t now_utc_ms)
{
    struct store_meter *m = store_touch(s, meter);
    if (m == NULL)
        return RC_NOMEM;
    int rc = close_days(s, meter, now_utc_ms - LATE_MS); /* also of a meter that is silent */
    if (rc != RC_OK || !m->coverage.begun)
        return rc;
    struct coverage_clock k = clock_of(s, meter, now_utc_ms);
    struct coverage_day d;
    coverage_so_far(&m->coverage, now_utc_ms, &k, &d);
    return put(s, meter, &d);
}

/* The newest day that was written is counted again from its readings; of a meter without one, what is there
 * of two days. A meter's very first day begins with its first reading. */
int store_resume_coverage(struct store *s, size_t meter, int64_t *from_ms)
{
    static const char newest[] = "SELECT max(day), count(*) FROM coverage_data WHERE meter = ?1";
    struct store_meter *m = &s->meters[meter];
    sqlite3_stmt *st = NULL;
    int64_t day = 0;
    m->coverage = (struct coverage){0};
    *from_ms = m->energy_ms == 0 ? INT64_MAX : m->energy_ms - 2 * DAY_MS;
    int rc = db_prepare(&s->db, newest, &st);
    if (rc == RC_OK) {
        sqlite3_bind_int64(st, 1, m->id);
        rc = db_row(&s->db, st);
    }
    int64_t days = rc == RC_OK ? sqlite3_column_int64(st, 1) : 0;
    if (days > 0 && text_to_date((const char *)sqlite3_column_text(st, 0), &day) == RC_OK) {
        struct coverage_clock k = clock_of(s, meter, m->energy_ms);
        coverage_resume(&m->coverage, day, &k);
        *from_ms = m->coverage.from_ms;
        if (days == 1)
            m->coverage = (struct coverage){0};
    }
    sqlite3_finalize(st);
    return rc;
}
