#include "publish/feed.h"
#include <string.h>
#include "core/rc.h"

void feed_init(struct feed *f)
{
    memset(f, 0, sizeof *f);
    f->from = 1;
}

void feed_done(struct feed *f)
{
    ledger_rows_free(f->rows, f->n);
    feed_init(f);
}

static bool load(struct feed *f, struct ledger_reader *r, uint64_t from, uint64_t to)
{
    feed_done(f);
    size_t n = 0;
    f->rc = ledger_reader_range(r, from, to, FEED_ROWS, f->rows, &n);
    if (f->rc != RC_OK)
        return false;
    f->n = n;
    f->from = from;
    f->to = n == FEED_ROWS ? f->rows[n - 1].seq : to; /* a full batch says nothing about what follows it */
    return true;
}

enum feed_found feed_look(struct feed *f, struct ledger_reader *r, uint64_t from, uint64_t to,
                          const struct ledger_row **row, uint64_t *hole_to)
{
    if ((from < f->from || from > f->to) && !load(f, r, from, to))
        return FEED_LATER;
    while (f->at < f->n && f->rows[f->at].seq < from)
        f->at++;
    if (f->at < f->n && f->rows[f->at].seq == from) {
        *row = &f->rows[f->at];
        return FEED_ROW;
    }
    const uint64_t known_to = f->at < f->n ? f->rows[f->at].seq - 1 : f->to;
    *hole_to = known_to < to ? known_to : to;
    return FEED_HOLE;
}

void retained_feed_begin(struct retained_feed *f, uint64_t after)
{
    memset(f, 0, sizeof *f);
    f->cursor = after;
}

void retained_feed_done(struct retained_feed *f)
{
    ledger_rows_free(f->rows, f->n);
    memset(f, 0, sizeof *f);
    f->ended = true;
}

static bool load_retained(struct retained_feed *f, struct ledger_reader *r)
{
    ledger_rows_free(f->rows, f->n);
    f->n = f->at = 0;
    memset(f->overtaken, 0, sizeof f->overtaken);
    size_t n = 0;
    f->rc = ledger_reader_retained(r, &f->cursor, FEED_ROWS, f->rows, &n);
    if (f->rc != RC_OK)
        return false;
    f->n = n;
    f->ended = n == 0;
    return n > 0;
}

const struct ledger_row *retained_feed_look(struct retained_feed *f, struct ledger_reader *r, uint64_t top)
{
    while (!f->ended) {
        /* What was stored after the connection came up goes to its topic by itself. */
        while (f->at < f->n && (f->overtaken[f->at] || f->rows[f->at].seq > top))
            f->at++;
        if (f->at < f->n)
            return &f->rows[f->at];
        if (!load_retained(f, r))
            return NULL;
    }
    return NULL;
}

void retained_feed_next(struct retained_feed *f)
{
    if (f->at < f->n)
        f->at++;
}

void retained_feed_overtake(struct retained_feed *f, const char *topic)
{
    for (size_t i = f->at; i < f->n; i++)
        if (strcmp(f->rows[i].topic, topic) == 0)
            f->overtaken[i] = true;
}
