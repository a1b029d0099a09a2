#include "store/ledger_reader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "core/rc.h"
#include "core/text.h"
#include "store/ledger_rows.h"

#define PAGE 64

struct candidate {
    uint64_t seq;
    char newest[48]; /* the meter whose newest settlement this is, else "" */
};

/* The next numbers after the cursor that a retained topic needs. */
static int candidates(struct ledger_reader *r, uint64_t after, struct candidate out[PAGE], size_t *n)
{
    sqlite3_stmt *st = r->retained;
    sqlite3_bind_int64(st, 1, r->ledger);
    sqlite3_bind_int64(st, 2, after > INT64_MAX ? INT64_MAX : (int64_t)after);
    sqlite3_bind_int64(st, 3, PAGE);
    sqlite3_bind_int64(st, 4, LEDGER_SETTLEMENTS_KEPT);
    int rc;
    *n = 0;
    while ((rc = db_row(&r->db, st)) == RC_OK && *n < PAGE) {
        const char *newest = (const char *)sqlite3_column_text(st, 1);
        out[*n].seq = (uint64_t)sqlite3_column_int64(st, 0);
        snprintf(out[*n].newest, sizeof out[*n].newest, "%s", newest != NULL ? newest : "");
        (*n)++;
    }
    sqlite3_reset(st);
    return rc == RC_NOTFOUND ? RC_OK : rc;
}

/* The row of a candidate, and for the newest settlement a second one under the topic without period. */
static int add_rows(struct ledger_reader *r, const struct candidate *c, struct ledger_row rows[], size_t *got)
{
    size_t one = 0;
    int rc = ledger_fetch(r, c->seq, c->seq, 1, &rows[*got], &one);
    if (rc != RC_OK || one == 0)
        return rc; /* not stored any more: nothing to send */
    struct ledger_row *row = &rows[(*got)++];
    if (c->newest[0] == '\0')
        return RC_OK;
    struct ledger_row *twin = row + 1;
    *twin = *row;
    twin->payload = strdup(row->payload);
    if (asprintf(&twin->topic, "meter/%s/settlement", c->newest) < 0)
        twin->topic = NULL;
    (*got)++;
    return twin->payload != NULL && twin->topic != NULL ? RC_OK : RC_NOMEM;
}

int ledger_reader_retained(struct ledger_reader *r, uint64_t *cursor, size_t most, struct ledger_row rows[],
                           size_t *n)
{
    if (most < 2)
        return RC_RANGE;
    int rc = ledger_begin(r);
    if (rc != RC_OK)
        return rc;
    struct candidate page[PAGE];
    uint64_t at = *cursor;
    size_t got = 0, found = 0;
    do {
        rc = candidates(r, at, page, &found);
        for (size_t i = 0; i < found && rc == RC_OK; i++) {
            if (got + (page[i].newest[0] != '\0' ? 2 : 1) > most)
                goto full;
            rc = add_rows(r, &page[i], rows, &got);
            at = page[i].seq;
        }
    } while (rc == RC_OK && got == 0 && found > 0);
full:
    if (rc != RC_OK) {
        ledger_rows_free(rows, got);
        return ledger_end(r, rc);
    }
    *cursor = at;
    *n = got;
    return ledger_end(r, RC_OK);
}

/* "meter/X/settlement/P" into its two names. */
static bool parse(const char *topic, char meter[48], const char **period)
{
    static const char before[] = "meter/", between[] = "/settlement/";
    if (strncmp(topic, before, sizeof before - 1) != 0)
        return false;
    const char *name = topic + sizeof before - 1, *end = strstr(name, between);
    if (end == NULL || !text_format(meter, 48, "%.*s", (int)(end - name), name))
        return false;
    *period = end + sizeof between - 1;
    return true;
}

static int rank_of(struct ledger_reader *r, const char *name, const char *period, unsigned *rank,
                   char dropped[LEDGER_TOPIC])
{
    sqlite3_bind_text(r->meter, 1, name, -1, SQLITE_TRANSIENT);
    int rc = db_row(&r->db, r->meter);
    if (rc != RC_OK)
        return rc;
    int64_t meter = sqlite3_column_int64(r->meter, 0);
    sqlite3_reset(r->meter);
    sqlite3_bind_int64(r->rank, 1, r->ledger);
    sqlite3_bind_int64(r->rank, 2, meter);
    sqlite3_bind_text(r->rank, 3, period, -1, SQLITE_TRANSIENT);
    rc = db_row(&r->db, r->rank);
    if (rc != RC_OK)
        return rc;
    unsigned found = (unsigned)sqlite3_column_int64(r->rank, 0);
    sqlite3_reset(r->rank);
    sqlite3_bind_int64(r->dropped, 1, r->ledger);
    sqlite3_bind_int64(r->dropped, 2, meter);
    sqlite3_bind_int64(r->dropped, 3, LEDGER_SETTLEMENTS_KEPT);
    sqlite3_bind_text(r->dropped, 4, period, -1, SQLITE_TRANSIENT);
    rc = db_row(&r->db, r->dropped);
    if (rc == RC_OK)
        snprintf(dropped, LEDGER_TOPIC, "meter/%s/settlement/%s", name,
                 (const char *)sqlite3_column_text(r->dropped, 0));
    else if (rc == RC_NOTFOUND)
        dropped[0] = '\0';
    else
        return rc;
    sqlite3_reset(r->dropped);
    *rank = found;
    return RC_OK;
}

int ledger_reader_settlement_rank(struct ledger_reader *r, const char *topic, unsigned *rank,
                                  char dropped[LEDGER_TOPIC])
{
    char name[48];
    const char *period;
    if (!parse(topic, name, &period))
        return RC_NOTFOUND;
    int rc = ledger_begin(r);
    return rc == RC_OK ? ledger_end(r, rank_of(r, name, period, rank, dropped)) : rc;
}

int ledger_reader_gap(struct ledger_reader *r, uint64_t seq, uint64_t *from, uint64_t *to, char reason[16])
{
    int rc = ledger_begin(r);
    if (rc != RC_OK)
        return rc;
    sqlite3_bind_int64(r->gap, 1, r->ledger);
    sqlite3_bind_int64(r->gap, 2, seq > INT64_MAX ? INT64_MAX : (int64_t)seq);
    rc = db_row(&r->db, r->gap);
    if (rc == RC_OK && (uint64_t)sqlite3_column_int64(r->gap, 1) < seq)
        rc = RC_NOTFOUND;
    else if (rc == RC_OK) {
        *from = (uint64_t)sqlite3_column_int64(r->gap, 0);
        *to = (uint64_t)sqlite3_column_int64(r->gap, 1);
        snprintf(reason, 16, "%s", (const char *)sqlite3_column_text(r->gap, 2));
    }
    sqlite3_reset(r->gap);
    return ledger_end(r, rc);
}
