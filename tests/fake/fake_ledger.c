#include "fake/fake_ledger.h"
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "core/rc.h"

struct row {
    enum ledger_kind kind;
    char *topic, *payload; /* NULL payload: no longer stored */
};
struct gap {
    uint64_t from, to;
    char reason[16];
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct row *rows;
static size_t n_rows, room;
static struct gap gaps[16];
static size_t n_gaps;
static bool failing;

struct ledger_reader {
    int unused;
};

uint64_t fake_ledger_add(enum ledger_kind kind, const char *topic, const char *payload)
{
    pthread_mutex_lock(&lock);
    if (n_rows == room) {
        room = room == 0 ? 64 : room * 2;
        rows = realloc(rows, room * sizeof rows[0]);
        if (rows == NULL)
            abort();
    }
    rows[n_rows++] = (struct row){.kind = kind, .topic = strdup(topic), .payload = strdup(payload)};
    const uint64_t seq = n_rows;
    pthread_mutex_unlock(&lock);
    return seq;
}

uint64_t fake_ledger_last(void)
{
    pthread_mutex_lock(&lock);
    const uint64_t last = n_rows;
    pthread_mutex_unlock(&lock);
    return last;
}

static void drop(struct row *row)
{
    free(row->topic);
    free(row->payload);
    row->topic = row->payload = NULL;
}

void fake_ledger_forget(uint64_t from, uint64_t to, const char *reason)
{
    pthread_mutex_lock(&lock);
    for (uint64_t seq = from; seq <= to && seq <= n_rows; seq++)
        drop(&rows[seq - 1]);
    if (reason != NULL && n_gaps < sizeof gaps / sizeof gaps[0]) {
        gaps[n_gaps].from = from;
        gaps[n_gaps].to = to;
        snprintf(gaps[n_gaps].reason, sizeof gaps[0].reason, "%s", reason);
        n_gaps++;
    }
    pthread_mutex_unlock(&lock);
}

void fake_ledger_fail(bool on)
{
    pthread_mutex_lock(&lock);
    failing = on;
    pthread_mutex_unlock(&lock);
}

void fake_ledger_clear(void)
{
    pthread_mutex_lock(&lock);
    for (size_t i = 0; i < n_rows; i++)
        drop(&rows[i]);
    free(rows);
    rows = NULL;
    n_rows = room = n_gaps = 0;
    pthread_mutex_unlock(&lock);
}

int ledger_reader_open(const char *database_path, struct ledger_reader **out)
{
    (void)database_path;
    *out = calloc(1, sizeof **out);
    return *out == NULL ? RC_NOMEM : RC_OK;
}

void ledger_reader_close(struct ledger_reader *r)
{
    free(r);
}

void ledger_rows_free(struct ledger_row out[], size_t n)
{
    for (size_t i = 0; i < n; i++) {
        free(out[i].topic);
        free(out[i].payload);
        out[i].topic = out[i].payload = NULL;
    }
}

static struct ledger_row copy(uint64_t seq, const char *topic)
{
    const struct row *row = &rows[seq - 1];
    return (struct ledger_row){
        .seq = seq, .kind = row->kind, .topic = strdup(topic), .payload = strdup(row->payload)};
}

int ledger_reader_range(struct ledger_reader *r, uint64_t from, uint64_t to, size_t most,
                        struct ledger_row out[], size_t *n)
{
    (void)r;
    pthread_mutex_lock(&lock);
    size_t got = 0;
    for (uint64_t seq = from; seq <= to && seq <= n_rows && got < most && !failing; seq++)
        if (rows[seq - 1].payload != NULL)
            out[got++] = copy(seq, rows[seq - 1].topic);
    *n = got;
    const int rc = failing ? RC_IO : RC_OK;
    pthread_mutex_unlock(&lock);
    return rc;
}

/* "meter/X/settlement/" of a settlement topic: what is before its period. */
static size_t stem(const char *topic)
{
    return (size_t)(strrchr(topic, '/') - topic) + 1;
}

static bool same_stem(const char *a, const char *b)
{
    return stem(a) == stem(b) && strncmp(a, b, stem(a)) == 0;
}

/* How many of the first n settlements have a later period than this one of the same meter. */
static unsigned rank_of(const char *topic, size_t n)
{
    unsigned rank = 0;
    for (size_t i = 0; i < n; i++)
        if (rows[i].payload != NULL && rows[i].kind == LEDGER_SETTLEMENT && same_stem(rows[i].topic, topic) &&
            strcmp(rows[i].topic, topic) > 0)
            rank++;
    return rank;
}

static bool superseded(uint64_t seq)
{
    for (size_t i = seq; i < n_rows; i++)
        if (rows[i].payload != NULL && strcmp(rows[i].topic, rows[seq - 1].topic) == 0)
            return true;
    return false;
}

int ledger_reader_retained(struct ledger_reader *r, uint64_t *cursor, size_t most, struct ledger_row out[],
                           size_t *n)
{
    (void)r;
    pthread_mutex_lock(&lock);
    size_t got = 0;
    for (uint64_t seq = *cursor + 1; seq <= n_rows && got + 2 <= most && !failing; seq++) {
        const struct row *row = &rows[seq - 1];
        if (row->payload == NULL || row->kind == LEDGER_GAP || superseded(seq))
            continue;
        if (row->kind == LEDGER_SETTLEMENT && rank_of(row->topic, n_rows) >= LEDGER_SETTLEMENTS_KEPT)
            continue;
        out[got++] = copy(seq, row->topic);
        *cursor = seq;
        if (row->kind == LEDGER_SETTLEMENT && rank_of(row->topic, n_rows) == 0) {
            out[got] = copy(seq, row->topic);
            out[got++].topic[stem(row->topic) - 1] = '\0';
        }
    }
    *n = got;
    const int rc = failing ? RC_IO : RC_OK;
    pthread_mutex_unlock(&lock);
    return rc;
}

int ledger_reader_settlement_rank(struct ledger_reader *r, const char *topic, unsigned *rank,
                                  char dropped[LEDGER_TOPIC])
{
    (void)r;
    pthread_mutex_lock(&lock);
    size_t n = n_rows; /* the rows up to this one */
    while (n > 0 && (rows[n - 1].payload == NULL || strcmp(rows[n - 1].topic, topic) != 0))
        n--;
    *rank = rank_of(topic, n);
    dropped[0] = '\0';
    for (size_t i = 0; i < n; i++)
        if (rows[i].payload != NULL && rows[i].kind == LEDGER_SETTLEMENT && same_stem(rows[i].topic, topic) &&
            rank_of(rows[i].topic, n) == LEDGER_SETTLEMENTS_KEPT)
            snprintf(dropped, LEDGER_TOPIC, "%s", rows[i].topic);
    const int rc = failing ? RC_IO : RC_OK;
    pthread_mutex_unlock(&lock);
    return rc;
}

int ledger_reader_gap(struct ledger_reader *r, uint64_t seq, uint64_t *from, uint64_t *to, char reason[16])
{
    (void)r;
    int rc = RC_NOTFOUND;
    pthread_mutex_lock(&lock);
    for (size_t i = 0; i < n_gaps && rc != RC_OK; i++) {
        if (seq < gaps[i].from || seq > gaps[i].to)
            continue;
        *from = gaps[i].from;
        *to = gaps[i].to;
        memcpy(reason, gaps[i].reason, sizeof gaps[i].reason);
        rc = RC_OK;
    }
    pthread_mutex_unlock(&lock);
    return rc;
}
